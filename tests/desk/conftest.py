"""The stage: a migrated SQLite file, a Rasa by hand, a running desk, and its cast."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desk.settings import Settings, Timing
from desk.storage.database import Database
from desk.storage.migrate import upgrade
from tests.desk.cast import Account, hire, signed_in
from tests.desk.fake_rasa import SECRET, FakeRasa, serve
from tests.desk.running import Clock, RunningDesk, running

FAST = Timing(
    rasa_timeout=timedelta(seconds=0.4),
    patience=timedelta(seconds=30),
    first_wait=timedelta(seconds=0.05),
    longest_wait=timedelta(seconds=0.2),
    poll=timedelta(seconds=0.1),
    sweep=timedelta(seconds=0.1),
    heartbeat=timedelta(seconds=0.3),
    stream_life=timedelta(seconds=20),
)


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    """A Rasa that answers until the test says otherwise."""
    with serve() as served:
        yield served


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database as the migrations leave it, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "desk.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def settings(tmp_path: Path, rasa: FakeRasa, migrated: Path) -> Settings:
    """Settings of a desk of its own, on a database that is migrated."""
    shutil.copy(migrated, tmp_path)
    return Settings(
        var=tmp_path,
        database_url=f"sqlite:///{tmp_path / migrated.name}",
        internal_secret=SECRET,
        rasa_url=rasa.url,
        timing=FAST,
    )


@pytest.fixture
def clock() -> Clock:
    """The clock of the desk, which a test may put forward."""
    return Clock()


@pytest.fixture
def desk(settings: Settings, clock: Clock) -> Iterator[RunningDesk]:
    """A desk that runs."""
    with running(settings, clock=clock) as served:
        yield served


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The migrated database alone."""
    opened = Database(settings.database_url)
    yield opened
    opened.close()


@pytest.fixture
def ada(desk: RunningDesk) -> Iterator[Account]:
    """A nurse on shift."""
    with signed_in(desk, hire(desk.database, "Ada", clock=desk.clock)) as account:
        yield account


@pytest.fixture
def bea(desk: RunningDesk) -> Iterator[Account]:
    """Another nurse on shift."""
    with signed_in(desk, hire(desk.database, "Bea", clock=desk.clock)) as account:
        yield account


@pytest.fixture
def lea(desk: RunningDesk) -> Iterator[Account]:
    """The nurses' lead."""
    with signed_in(desk, hire(desk.database, "Lea", role="lead", clock=desk.clock)) as account:
        yield account


@pytest.fixture
def amy(desk: RunningDesk) -> Iterator[Account]:
    """An admin."""
    with signed_in(desk, hire(desk.database, "Amy", role="admin", clock=desk.clock)) as account:
        yield account


@pytest.fixture
def internal(desk: RunningDesk) -> dict[str, str]:
    """The headers with which the actions call."""
    return {"Authorization": f"Bearer {SECRET}"}
