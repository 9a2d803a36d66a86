"""Tests; a package, so that those of the browser can share their stage."""
