"""The desk: the web service that patients, nurses and the assistant's actions speak to."""
