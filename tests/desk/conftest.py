"""The stage: a migrated database, a Rasa by hand, a running desk, and its cast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desk.settings import Settings, Timing
from desk.storage.database import Database
from tests.desk.cast import Account, hire, signed_in
from tests.desk.databases import BOTH, Databases, databases_of, migrated
from tests.desk.fake_rasa import SECRET, FakeRasa, serve
from tests.desk.receivers import hooks, mails  # noqa: F401 (fixtures of every test here)
from tests.desk.running import Clock, RunningDesk, running

FAST = Timing(
    rasa_timeout=timedelta(seconds=1),  # less than `FakeRasa.hang_seconds`, more than a busy pause
    patience=timedelta(seconds=30),
    first_wait=timedelta(seconds=0.05),
    longest_wait=timedelta(seconds=0.2),
    poll=timedelta(seconds=0.1),
    quiet_poll=timedelta(seconds=0.1),
    sweep=timedelta(seconds=0.1),
    heartbeat=timedelta(seconds=0.3),
    stream_life=timedelta(seconds=20),
)


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    """A Rasa that answers until the test says otherwise."""
    with serve() as served:
        yield served


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask for both kinds of database where that is marked (`tests.desk.databases`)."""
    marked = metafunc.definition.get_closest_marker
    if "kind" not in metafunc.fixturenames or marked("sqlite"):
        return
    if chosen := os.environ.get("DESK_TEST_DATABASE"):
        metafunc.parametrize("kind", [chosen], indirect=True)
    elif marked("every_database"):
        metafunc.parametrize("kind", BOTH, indirect=True)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """Which kind of database this test runs on."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def databases(kind: str) -> Databases:
    """Makes databases of that kind."""
    return databases_of(kind)


@pytest.fixture
def database_url(tmp_path: Path, kind: str, databases: Databases) -> Iterator[str]:
    """The address of a migrated database of the test's own."""
    url = databases.new(tmp_path, like=migrated(kind))
    yield url
    databases.drop(url)


@pytest.fixture
def settings(tmp_path: Path, rasa: FakeRasa, database_url: str) -> Settings:
    """Settings of a desk of its own, on a database that is migrated."""
    return Settings(
        var=tmp_path,
        database_url=database_url,
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
