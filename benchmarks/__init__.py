"""Speed, measured: the tests never look at the clock."""
