"""Server-sent events: the encoder, the hub that wakes readers, the streams.

A conversation's stream has the numbered events of its log. Beside them, for pages that ask for it,
it has signals: named events without a number, which tell what holds at this moment and are not
repeated. The nurses' stream has changes of a whole that every new reader gets first.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from desk.conversations import Event
from desk.settings import Timing

__all__ = [
    "STREAM_HEADERS",
    "Changes",
    "Hub",
    "Load",
    "Loaded",
    "changes_stream",
    "comment",
    "encode",
    "stream",
]

STREAM_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# What wakes whoever follows all conversations.
_EVERYTHING: Final = ""
# Changes that come one upon another are told together.
_GATHER_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Loaded:
    """The events after a number, and the signal of this moment for those who want it.

    `passing`: the signal may change by itself, without anything that wakes the stream.
    """

    events: tuple[Event, ...]
    signal: dict[str, Any] | None = None
    passing: bool = False


# Loads what is after a number; None when the conversation is no more.
Load = Callable[[int], Loaded | None]
# What changed since it was called before; None when the reader may not follow any more.
Changes = Callable[[], list[dict[str, Any]] | None]

_LINE_BREAKS = re.compile(r"[\r\n\0]")


def encode(data: Any, *, event_id: str | int | None = None, name: str | None = None) -> bytes:
    """One event on the wire; JSON has no raw line breaks, an id and a name lose their own."""
    fields = {"event": name, "id": event_id}
    lines = [
        f"{field}: {_LINE_BREAKS.sub('', str(value))}\n"
        for field, value in fields.items()
        if value is not None
    ]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{''.join(lines)}data: {text}\n\n".encode()


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

    def register(self, conversation_id: str = _EVERYTHING) -> asyncio.Event:
        """An event that is set whenever the conversation, or any, may have something new."""
        flag = asyncio.Event()
        self._waiting.setdefault(conversation_id, set()).add(flag)
        return flag

    def unregister(self, flag: asyncio.Event, conversation_id: str = _EVERYTHING) -> None:
        """The reader has gone."""
        flags = self._waiting.get(conversation_id, set())
        flags.discard(flag)
        if not flags:
            self._waiting.pop(conversation_id, None)

    def _wake(self, conversation_ids: tuple[str, ...]) -> None:
        for conversation_id in (*conversation_ids, _EVERYTHING):
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
    signal: dict[str, Any] | None = None
    try:
        pulse = _Pulse(timing)
        yield comment("open")
        while not hub.closed and not pulse.over:
            flag.clear()
            loaded = await asyncio.to_thread(load, after)
            if loaded is None:
                return
            for event in loaded.events:
                yield encode(event.to_json(), event_id=event.seq)
                after = event.seq
            news = loaded.signal is not None and loaded.signal != signal
            if news:
                signal = loaded.signal
                yield encode(signal, name="signal")
            if pulse.is_due(said=bool(loaded.events) or news):
                yield comment("still here")
            longest = timing.poll if loaded.passing else timing.quiet_poll
            await _woken(flag, min(longest, pulse.rest))
    finally:
        hub.unregister(flag, conversation_id)


async def changes_stream(hub: Hub, changes: Changes, *, timing: Timing) -> AsyncIterator[bytes]:
    """What changes anywhere, as it comes; the first is the whole. Ends as `stream` does."""
    flag = hub.register()
    try:
        pulse = _Pulse(timing)
        yield comment("open")
        while not hub.closed and not pulse.over:
            flag.clear()
            told = await asyncio.to_thread(changes)
            if told is None:
                return
            for change in told:
                yield encode(change)
            if pulse.is_due(said=bool(told)):
                yield comment("still here")
            await _woken(flag, timing.poll)
            await asyncio.sleep(_GATHER_SECONDS)
    finally:
        hub.unregister(flag)


class _Pulse:
    """When a stream has to show a sign of life, and when it has lived long enough."""

    def __init__(self, timing: Timing) -> None:
        self._end = time.monotonic() + timing.stream_life.total_seconds()
        self._beat = timing.heartbeat.total_seconds()
        self._next = time.monotonic() + self._beat

    @property
    def over(self) -> bool:
        """Whether the client should come back anew."""
        return time.monotonic() >= self._end

    @property
    def rest(self) -> timedelta:
        """How long until a sign of life is due, if nothing is said."""
        return timedelta(seconds=max(0.0, self._next - time.monotonic()))

    def is_due(self, *, said: bool) -> bool:
        """Whether a comment is due now; what was `said` is a sign of life itself."""
        now = time.monotonic()
        if not said and now < self._next:
            return False
        self._next = now + self._beat
        return not said


async def _woken(flag: asyncio.Event, longest: timedelta) -> None:
    # Losing a wake-up costs this much and nothing else.
    with suppress(TimeoutError):
        async with asyncio.timeout(longest.total_seconds()):
            await flag.wait()
