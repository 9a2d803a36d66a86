"""What Rasa's action server runs: handoff steps translated into calls of the desk.

Started by `python -m rasa_sdk --actions actions` (or `rasa run actions`).
"""
