"""The browser's tests and the stage they play on."""
