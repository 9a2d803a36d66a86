"""The widget's pure modules, tested in the browser they run in."""
