"""Server-sent events: the encoder, the hub that wakes readers, one conversation's stream."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from desk.conversations import Event
from desk.settings import Timing

__all__ = ["Hub", "Load", "comment", "encode", "stream"]

# Loads the events after a number; None when the conversation is no more.
Load = Callable[[int], tuple[Event, ...] | None]

_LINE_BREAKS = re.compile(r"[\r\n\0]")


def encode(data: Any, *, event_id: str | int) -> bytes:
    """One event on the wire; JSON has no raw line breaks, an id loses its own."""
    clean = _LINE_BREAKS.sub("", str(event_id))
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {clean}\ndata: {text}\n\n".encode()


def comment(text: str) -> bytes:
    """A line that clients skip and routers take as a sign of life."""
    return f": {_LINE_BREAKS.sub('', text)}\n\n".encode()


class Hub:
    """Wakes those who wait for a conversation. Only a hint: the events stand in the database."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closed = False

    def open(self) -> None:
        """Bind to the running loop; before that, `wake` does nothing."""
        self._loop = asyncio.get_running_loop()

    def wake(self, conversation_ids: Iterable[str]) -> None:
        """Wake the readers of these conversations; callable from any thread."""
        loop, ids = self._loop, tuple(conversation_ids)
        if loop is not None and ids and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, ids)

    def close(self) -> None:
        """End every stream soon, so that the server can stop."""
        self.closed = True
        self._wake(tuple(self._waiting))

    def register(self, conversation_id: str) -> asyncio.Event:
        """An event that is set whenever the conversation may have something new."""
        flag = asyncio.Event()
        self._waiting.setdefault(conversation_id, set()).add(flag)
        return flag

    def unregister(self, conversation_id: str, flag: asyncio.Event) -> None:
        """The reader has gone."""
        flags = self._waiting.get(conversation_id, set())
        flags.discard(flag)
        if not flags:
            self._waiting.pop(conversation_id, None)

    def _wake(self, conversation_ids: tuple[str, ...]) -> None:
        for conversation_id in conversation_ids:
            for flag in self._waiting.get(conversation_id, ()):
                flag.set()


async def stream(
    hub: Hub, conversation_id: str, *, after: int, load: Load, timing: Timing
) -> AsyncIterator[bytes]:
    """The conversation's events after `after`, as they come, each once and in order.

    Ends when the conversation was erased, when the hub closes, or after `timing.stream_life`; the
    client then comes back with the last number it has.
    """
    flag = hub.register(conversation_id)  # before the first load: nothing falls in between
    try:
        end = time.monotonic() + timing.stream_life.total_seconds()
        beat = timing.heartbeat.total_seconds()
        next_beat = time.monotonic() + beat
        yield comment("open")
        while not hub.closed and time.monotonic() < end:
            flag.clear()
            events = await asyncio.to_thread(load, after)
            if events is None:
                return
            for event in events:
                yield encode(event.to_json(), event_id=event.seq)
                after = event.seq
            if events or time.monotonic() >= next_beat:
                if not events:
                    yield comment("still here")
                next_beat = time.monotonic() + beat
            try:
                async with asyncio.timeout(timing.poll.total_seconds()):
                    await flag.wait()
            except TimeoutError:
                pass
    finally:
        hub.unregister(conversation_id, flag)
