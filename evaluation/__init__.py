"""Scores the assistant on labelled patient messages, over its REST channel."""
