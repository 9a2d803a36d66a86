"""What has to be done by the clock, nobody asking: idle sign-ins end, and what is too old goes.

Runs beside the worker in the desk's process. All it needs to know stands in the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from clinic.settings import Clinic
from desk import presence, retention, sessions
from desk.in_thread import in_thread
from desk.logs import describe
from desk.settings import Timing
from desk.storage.database import Database

__all__ = ["Housekeeper"]

_log = logging.getLogger(__name__)


class Housekeeper:
    """Runs until it is cancelled."""

    def __init__(
        self,
        *,
        database: Database,
        clinic: Clinic,
        timing: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._clinic = clinic
        self._timing = timing
        self._clock = clock
        self._next_retention: datetime | None = None

    async def run(self) -> None:
        """Look every `timing.sweep`; one bad moment does not end it."""
        while True:
            try:
                await in_thread(self.sweep)
                await in_thread(self.tidy)
            except Exception as error:  # noqa: BLE001 (the next look may succeed)
                _log.error("housekeeping.failed %s", describe(error))
            await asyncio.sleep(self._timing.sweep.total_seconds())

    def sweep(self) -> None:
        """End the sign-ins that stand idle and the presence of those who have gone silent."""
        now = self._clock()
        with self._database.read() as session:
            due = sessions.is_sweep_due(session, now=now) or presence.anybody_silent(
                session, now=now
            )
        if due:
            with self._database.write() as session:
                sessions.sweep(session, now=now)
                presence.drop_silent(session, now=now)

    def tidy(self) -> None:
        """Remove what the clinic keeps no longer: at the start, then every `timing.retention`."""
        now = self._clock()
        if self._next_retention is None or now >= self._next_retention:
            retention.apply(self._database, self._clinic.retention, now=now)
            self._next_retention = now + self._timing.retention
