"""The stage: a migrated SQLite file, a Rasa by hand, a running desk, and its cast."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from desk.accounts import make_nurse
from desk.settings import Settings, Timing
from desk.storage.database import Database
from desk.storage.migrate import upgrade
from tests.desk.fake_rasa import SECRET, FakeRasa, serve
from tests.desk.running import Clock, RunningDesk, running

FAST = Timing(
    rasa_timeout=timedelta(seconds=0.4),
    patience=timedelta(seconds=30),
    first_wait=timedelta(seconds=0.05),
    longest_wait=timedelta(seconds=0.2),
    poll=timedelta(seconds=0.1),
    heartbeat=timedelta(seconds=0.3),
    stream_life=timedelta(seconds=20),
)


@dataclass(frozen=True)
class Account:
    """A nurse's account and a client that is signed in with it."""

    id: int
    email: str
    password: str
    name: str
    http: httpx.Client


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
    yield from _account(desk, "Ada")


@pytest.fixture
def bea(desk: RunningDesk) -> Iterator[Account]:
    """Another nurse on shift."""
    yield from _account(desk, "Bea")


@pytest.fixture
def internal(desk: RunningDesk) -> dict[str, str]:
    """The headers with which the actions call."""
    return {"Authorization": f"Bearer {SECRET}"}


def _account(desk: RunningDesk, name: str) -> Iterator[Account]:
    email = f"{name.lower()}@clinic.example"
    with desk.database.write() as session:
        made = make_nurse(session, email=email, role="nurse", name=name, now=desk.clock())
    with httpx.Client(base_url=desk.url, trust_env=False, timeout=15, verify=False) as http:
        answer = http.post("/api/nurse/session", json={"email": email, "password": made.password})
        assert answer.status_code == 200, answer.text
        http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        http.cookies.clear()
        yield Account(made.nurse.id, email, made.password, name, http)
