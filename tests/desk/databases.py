"""Where tests keep what the desk stores: SQLite files, or databases of a real PostgreSQL.

A test that is marked `every_database` runs on both, and every other one on SQLite;
`DESK_TEST_DATABASE=postgresql` puts all of them there.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Final, Literal, Protocol, cast

import pytest
from sqlalchemy import make_url

from desk.storage.migrate import upgrade
from tests.postgresql import NoPostgresError, PostgresServer, server

__all__ = [
    "BOTH",
    "DatabaseKind",
    "Databases",
    "PostgresDatabases",
    "SqliteDatabases",
    "databases_of",
]

DatabaseKind = Literal["sqlite", "postgresql"]
BOTH: Final[tuple[DatabaseKind, ...]] = ("sqlite", "postgresql")


class Databases(Protocol):
    """Makes databases and takes them away; each is known by its address."""

    def new(self, folder: Path, *, like: str | None = None) -> str:
        """A new one: without any table, or a copy of the one at `like`, which nobody has open."""

    def drop(self, url: str) -> None:
        """It is not needed any more."""


class SqliteDatabases:
    """Each a file in the folder that is given."""

    def new(self, folder: Path, *, like: str | None = None) -> str:
        path = folder / "desk.sqlite3"
        if like:
            shutil.copy(str(make_url(like).database), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        Path(str(make_url(url).database)).unlink(missing_ok=True)


class PostgresDatabases:
    """Each a database of the one server that this run of the tests starts."""

    def __init__(self, running: PostgresServer) -> None:
        self._server = running

    def new(self, folder: Path, *, like: str | None = None) -> str:
        del folder
        return self._server.new(like)

    def drop(self, url: str) -> None:
        self._server.drop(url)


def databases_of(kind: str) -> Databases:
    """Those of that kind; skips the test, and says why, where there is no PostgreSQL."""
    if cast("DatabaseKind", kind) == "sqlite":
        return SqliteDatabases()
    try:
        return PostgresDatabases(server())
    except NoPostgresError as error:
        pytest.skip(f"not run on PostgreSQL: {error}")


@cache
def migrated(kind: str) -> str:
    """The address of an empty one as the migrations leave it, to copy."""
    url = databases_of(kind).new(Path(tempfile.mkdtemp()))
    upgrade(url)
    return url
