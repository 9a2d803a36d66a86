"""Logging: lines of key=value with ids and names of things, never a patient's words."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

__all__ = ["configure", "describe"]


def configure() -> None:
    """Log to standard error from INFO on; requests are not logged one by one."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter('time=%(asctime)s level=%(levelname)s logger=%(name)s msg="%(message)s"')
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Their INFO lines say what ours say already, once a request.
    for name in ("httpx", "httpcore", "alembic", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


def describe(error: BaseException) -> str:
    """The error's type and where it came from. Its message may hold a patient's words: left out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in frames[-6:]]
    return f"error={type(error).__name__} at={' < '.join(reversed(places))}"
