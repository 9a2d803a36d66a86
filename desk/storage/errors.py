"""What the storage raises by itself."""

from __future__ import annotations

__all__ = ["DatabaseError"]


class DatabaseError(RuntimeError):
    """The database cannot be used safely; the message says why."""
