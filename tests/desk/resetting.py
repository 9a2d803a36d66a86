"""A way to a server that can be cut the hard way, as a fail-over or a firewall does it."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL

__all__ = ["Resetting", "resetting"]

_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: what closes is reset


class Resetting:
    """Passes bytes on between clients and `target` until it is told to reset."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.port = 0
        self.resets = 0
        self._target = target
        self._armed = False

    def instead_of(self, address: URL) -> str:
        """The address of the database by this way."""
        return address.set(port=self.port).render_as_string(hide_password=False)

    def reset_when_asked(self) -> None:
        """Whoever sends something next is reset instead of answered."""
        self._armed = True

    async def serve(self, started: threading.Event, ended: asyncio.Event) -> None:
        """Relay until `ended`."""
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await ended.wait()

    async def _relay(self, asks: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        answers, beyond = await asyncio.open_connection(*self._target)
        back = asyncio.create_task(_pass_on(answers, client))
        while said := await asks.read(65536):
            if self._armed:
                self._armed, self.resets = False, self.resets + 1
                back.cancel()
                wire: socket.socket = client.get_extra_info("socket")
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                client.transport.abort()
                break
            beyond.write(said)
            await beyond.drain()
        beyond.close()


async def _pass_on(answers: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    while said := await answers.read(65536):
        client.write(said)
        await client.drain()
    client.close()


@contextmanager
def resetting(target: tuple[str, int]) -> Iterator[Resetting]:
    """A relay to `target` in a thread of its own."""
    way, started = Resetting(target), threading.Event()
    loop, ended = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(way.serve(started, ended),))
    thread.start()
    assert started.wait(30)
    yield way
    loop.call_soon_threadsafe(ended.set)
    thread.join(30)
    loop.close()
