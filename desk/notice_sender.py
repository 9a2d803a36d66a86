"""The sender: takes what is due out of the outbox and sends it, inside the desk's process.

Several at once, each in a thread of its own that nobody waits for at the end: a mail server that
hangs neither stops the others nor the desk. What is under way then is sent again after its lease.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from clinic.retrying import next_wait
from clinic.settings import Clinic
from desk import outbox
from desk.in_thread import in_thread
from desk.logs import describe
from desk.notice_channels import GONE, Channel
from desk.notice_words import message_of
from desk.outbox import Claimed
from desk.settings import Timing
from desk.storage.database import Database

__all__ = ["NoticeSender"]

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 2  # to one address
_FAREWELL: Final = timedelta(seconds=2)  # for what is under way when the desk stops
_NO_ADDRESS: Final = "no_such_address"


class NoticeSender:
    """Runs until it is cancelled."""

    def __init__(
        self,
        *,
        database: Database,
        clinic: Clinic,
        channels: Mapping[str, Channel],
        timing: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._clinic = clinic
        self._channels = channels
        self._timing = timing
        self._clock = clock
        self._under_way: dict[asyncio.Task[None], str] = {}  # to which address

    async def run(self) -> None:
        """Look every `timing.poll`; one bad moment does not end it."""
        try:
            await in_thread(self._free)
            while True:
                await self._look()
                await asyncio.sleep(self._timing.poll.total_seconds())
        finally:
            # What leaves in time is marked, and so not sent again after a mere restart.
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=_FAREWELL.total_seconds())
            for task in tuple(self._under_way):
                task.cancel()

    async def _look(self) -> None:
        under_way = Counter(self._under_way.values())
        try:
            found = await in_thread(lambda: self._claim(under_way))
        except Exception as error:  # noqa: BLE001 (the next look may succeed)
            _log.error("notice.claim_failed %s", describe(error))
            return
        for claimed in found:
            task = asyncio.create_task(self._deliver(claimed))
            self._under_way[task] = claimed.address
            task.add_done_callback(self._under_way.pop)

    def _free(self) -> None:
        # SQLite has one desk: who held a message before this start is no more.
        if self._database.is_sqlite:
            with self._database.write() as session:
                outbox.free(session, now=self._clock())

    def _claim(self, under_way: Mapping[str, int]) -> tuple[Claimed, ...]:
        now = self._clock()
        with self._database.read() as session:
            if not outbox.is_due(session, now=now):
                return ()
        with self._database.write() as session:
            return outbox.claim(
                session,
                self._clinic.notifications.addresses.values(),
                lease=self._timing.notice_lease,
                under_way=under_way,
                at_once=_AT_ONCE,
                now=now,
            )

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            problem = await _in_a_thread_of_its_own(lambda: self._send(claimed))
            await in_thread(lambda: self._mark(claimed, problem))
        except Exception as error:  # noqa: BLE001 (its lease ends, and it is tried again)
            _log.error("notice.failed %s", describe(error))

    def _send(self, claimed: Claimed) -> str:
        channel = self._channels.get(claimed.address)
        if channel is None:
            return _NO_ADDRESS
        message = message_of(self._clinic, claimed.told)
        return channel.send(message, message_id=claimed.message_id, now=self._clock())

    def _mark(self, claimed: Claimed, problem: str) -> None:
        now = self._clock()
        with self._database.write() as session:
            if not problem:
                outbox.mark_sent(session, claimed, now=now)
                return
            channel = self._channels.get(claimed.address)
            wait = None
            if channel is not None and problem != GONE:
                wait = next_wait(
                    claimed.tries,
                    first=self._timing.notice_first_wait,
                    trying_for=now - claimed.created_at,
                    longest=channel.keeps_trying,
                    chance=secrets.randbelow(1000) / 1000,
                )
            outbox.mark_failed(session, claimed, problem=problem, wait=wait, now=now)
        _log.warning(
            "notice.not_sent address=%s tries=%d problem=%s given_up=%s",
            claimed.address,
            claimed.tries,
            problem,
            "yes" if wait is None else "no",
        )


async def _in_a_thread_of_its_own(work: Callable[[], str]) -> str:
    """What the work gives back. A thread of a pool would hold the process until it is done."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[str] = loop.create_future()

    def finish(result: str, error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = "", None
        try:
            result = work()
        except Exception as raised:  # noqa: BLE001 (handed to the one who waits)
            error = raised
        with suppress(RuntimeError):  # the desk has stopped meanwhile
            loop.call_soon_threadsafe(finish, result, error)

    threading.Thread(target=run, name="notice", daemon=True).start()
    return await done
