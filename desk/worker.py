"""The worker: sends pending turns to the assistant and runs errands, inside the desk's process.

One try at a time for each conversation, in the order of its messages; many conversations at once.
All it needs to know stands in the database, so a restart goes on where the last run ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime, timedelta

from clinic.settings import Clinic
from desk import errands, turns
from desk.errands import DueErrand
from desk.errors import Gone
from desk.in_thread import in_thread
from desk.logs import describe
from desk.metrics import Metrics
from desk.outages import Outages
from desk.rasa_client import Assistant, AssistantError, Reply
from desk.settings import Timing
from desk.storage.database import Database
from desk.turns import DueTurn

__all__ = ["Worker"]

_log = logging.getLogger(__name__)


class Worker:
    """Runs until it is cancelled; `hint` makes it look at once."""

    def __init__(
        self,
        *,
        database: Database,
        assistant: Assistant,
        clinic: Clinic,
        outages: Outages,
        metrics: Metrics,
        timing: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._clinic = clinic
        self._outages = outages
        self._metrics = metrics
        self._timing = timing
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def hint(self, conversation_ids: Collection[str]) -> None:
        """These may have something to do; callable from any thread, and losing it costs a second.

        Those whose work is under way are looked at when that ends, anyhow.
        """
        loop = self._loop
        idle = any(name not in self._under_way for name in conversation_ids)
        if idle and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Work until cancelled; then no try is under way any more."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                self._woken.clear()
                try:
                    await self._look()
                except Exception as error:  # noqa: BLE001 (one bad moment must not end the worker)
                    _log.error("worker.look_failed %s", describe(error))
                try:
                    async with asyncio.timeout(self._timing.poll.total_seconds()):
                        await self._woken.wait()
                except TimeoutError:
                    pass
        finally:
            self._loop = None
            under_way = list(self._under_way.values())
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _look(self) -> None:
        room = self._timing.at_once - len(self._under_way)
        if room <= 0:
            return
        now, busy = self._clock(), tuple(self._under_way)

        def load() -> tuple[tuple[DueTurn, ...], tuple[DueErrand, ...]]:
            with self._database.read() as session:
                return (
                    turns.due(session, now=now, busy=busy, limit=room),
                    errands.due(session, now=now, busy=busy, limit=room),
                )

        due_turns, due_errands = await asyncio.to_thread(load)
        for turn in due_turns:
            work = self._look_at(turn) if turn.withdrawn else self._answer(turn)
            self._start(turn.conversation_id, work)
        for errand in due_errands:
            self._start(errand.object_id, self._run_errand(errand))

    def _start(self, key: str, work: Coroutine[None, None, None]) -> None:
        if key in self._under_way:  # two errands of one conversation: the other one comes next
            work.close()
            return
        task = asyncio.create_task(self._guard(key, work))
        self._under_way[key] = task

        def ended(_: asyncio.Task[None]) -> None:
            del self._under_way[key]
            self._woken.set()

        task.add_done_callback(ended)

    async def _guard(self, key: str, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 (it must not end the others, nor spin)
            # The database failed, so nothing is noted: the same work is due again after a pause.
            _log.error("worker.work_failed conversation=%s %s", key, describe(error))
            await asyncio.sleep(self._timing.longest_wait.total_seconds())

    async def _look_at(self, turn: DueTurn) -> None:
        """A nurse took the floor before it was answered: only danger in it is looked for."""

        def store() -> None:
            with self._database.write() as session:
                self._outages.watch(session, turn.conversation_id, now=self._clock())

        await in_thread(store)

    async def _answer(self, turn: DueTurn) -> None:
        impatience = asyncio.create_task(self._tell_if_late(turn))
        try:
            reply = await self._assistant.ask(
                turn.conversation_id, message_id=turn.message_id, text=turn.text
            )
        except AssistantError as error:
            await _stop(impatience)
            await self._note_failure(turn, error)
        else:
            await _stop(impatience)
            await self._note_reply(turn, reply)
        finally:
            impatience.cancel()

    async def _tell_if_late(self, turn: DueTurn) -> None:
        await asyncio.sleep(self._timing.patience.total_seconds())

        def store() -> None:
            with self._database.write() as session:
                self._outages.tell(session, turn, now=self._clock())

        await in_thread(store)

    async def _note_reply(self, turn: DueTurn, reply: Reply) -> None:
        now = self._clock()

        def store() -> bool:
            with self._database.write() as session:
                return turns.finish(session, turn, reply, self._clinic, now=now)

        if await in_thread(store):
            self._metrics.answered(reply.turn.kind, took=now - turn.created_at)

    async def _note_failure(self, turn: DueTurn, error: AssistantError) -> None:
        now = self._clock()
        self._metrics.failed(error.reason)
        _log.warning(
            "turn.failed conversation=%s seq=%d tries=%d reason=%s",
            turn.conversation_id,
            turn.seq,
            turn.tries + 1,
            error.reason,
        )
        hopeless = error.refused and turn.refusals + 1 >= self._timing.refusals

        def store() -> None:
            with self._database.write() as session:
                if hopeless:
                    self._outages.close(session, turn, now=now)
                    return
                self._outages.postpone(
                    session,
                    turn,
                    wait=self._wait(turn.tries),
                    refused=error.refused,
                    now=now,
                )

        try:
            await in_thread(store)
        except Gone:
            return
        if hopeless:
            self._metrics.given_up()

    async def _run_errand(self, errand: DueErrand) -> None:
        if errand.kind == "forget_tracker":
            succeeded = await self._assistant.forget(errand.object_id)
        else:
            succeeded = await asyncio.to_thread(self._database.checkpoint)
        now = self._clock()

        def store() -> None:
            with self._database.write() as session:
                if succeeded:
                    errands.done(session, errand)
                else:
                    errands.postpone(session, errand, wait=self._wait(errand.tries), now=now)

        await in_thread(store)
        if not succeeded:
            _log.warning("errand.failed kind=%s tries=%d", errand.kind, errand.tries + 1)

    def _wait(self, tries: int) -> timedelta:
        doubled: timedelta = self._timing.first_wait * float(2 ** min(tries, 16))
        return min(doubled, self._timing.longest_wait)


async def _stop(task: asyncio.Task[None]) -> None:
    # What it was writing is written before anything else is said in the conversation.
    task.cancel()
    await asyncio.wait([task])
    error = None if task.cancelled() else task.exception()
    if error:
        _log.error("worker.notice_failed %s", describe(error))
