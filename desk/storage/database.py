"""The database: one engine, safe settings on every connection, and two ways to use a session.

`read()` sees one consistent state. `write()` takes the database's one write lock at its start,
commits at its end, and only then wakes whoever waits for the conversations that were touched. Use
cases take the session and never commit. Never hold one open while waiting for Rasa or a reader.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from desk.storage import postgresql
from desk.storage.errors import DatabaseError

__all__ = ["Database", "DatabaseError", "touch"]

_WRITES: Final = "desk_writes"
_TOUCHED: Final = "desk_touched"
_BUSY_TIMEOUT_MS: Final = 10_000
_LONGEST_WAIT_SECONDS: Final = 20.0
# name → (what to set, what SQLite must then answer). FULL: a 202 survives a power cut.
# secure_delete: erased words are overwritten (research/safety-security.md, 3c).
_PRAGMAS: Final[dict[str, tuple[str, str]]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", "2"),
    "foreign_keys": ("ON", "1"),
    "secure_delete": ("ON", "1"),
    "busy_timeout": (str(_BUSY_TIMEOUT_MS), str(_BUSY_TIMEOUT_MS)),
}


def touch(session: Session, conversation_id: str) -> None:
    """Have the readers of the conversation woken once the session's transaction is committed."""
    session.info.setdefault(_TOUCHED, set()).add(conversation_id)


class Database:
    """Opens sessions on `url`. `after_commit` is called with the conversations that changed."""

    def __init__(self, url: str) -> None:
        """Raises `DatabaseError` for an address of neither SQLite nor PostgreSQL."""
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        arguments = {} if self.is_sqlite else postgresql.connect_arguments(parsed)
        if self.is_sqlite and parsed.database and parsed.database != ":memory:":
            folder = Path(parsed.database).parent
            folder.mkdir(parents=True, exist_ok=True)
        # hide_parameters: neither logs nor errors show bound values, which are patients' words.
        self.engine: Engine = create_engine(
            parsed if self.is_sqlite else postgresql.with_driver(parsed),
            connect_args=arguments,
            hide_parameters=True,
            pool_size=20,
            max_overflow=30,
            pool_pre_ping=not self.is_sqlite,
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        else:
            postgresql.install(self.engine)
        event.listen(self.engine, "before_cursor_execute", _leave_out_nul, retval=True)
        event.listen(self.engine, "begin", _begin_sqlite if self.is_sqlite else _begin_postgresql)
        _silence_rows()
        self._writing = self.engine.execution_options(**{_WRITES: True})
        self._writer = threading.Lock()
        self.after_commit: list[Callable[[frozenset[str]], None]] = []

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing written in it is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends, and rolls back when it raises."""
        with (
            self._turn_to_write(),
            Session(self._writing, expire_on_commit=False) as session,
        ):
            with session.begin():
                yield session
            touched: frozenset[str] = frozenset(session.info.pop(_TOUCHED, ()))
        for wake in self.after_commit:
            wake(touched)

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        # SQLite lets waiting writers guess when to try again: under load some starve until the
        # busy timeout. On PostgreSQL each would hold a connection while it waits, and readers would
        # find none. Within this process they queue here instead.
        if not self._writer.acquire(timeout=_LONGEST_WAIT_SECONDS):
            raise DatabaseError("another writer keeps the database for too long")
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def connect_for_migration(self) -> Iterator[Connection]:
        """A writing connection in a transaction, for Alembic."""
        with self._writing.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Raises when the database does not answer."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it; whether that was possible now.

        Erased words stay in the log until this has succeeded. On PostgreSQL there is nothing to do.
        """
        if not self.is_sqlite:
            return True
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
            cursor.close()
        finally:
            raw.close()
        return row is not None and row[0] == 0

    def close(self) -> None:
        """Give every connection back to the system."""
        self.engine.dispose()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise DatabaseError(
            "DATABASE_URL: expected sqlite:///… or postgresql://user:password@host/database"
        )
    return parsed


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin by itself: `_begin_sqlite` decides which sort of transaction.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for name, (wanted, expected) in _PRAGMAS.items():
            cursor.execute(f"PRAGMA {name} = {wanted}")
            cursor.execute(f"PRAGMA {name}")
            found = str(cursor.fetchone()[0]).lower()
            if found != expected:
                raise DatabaseError(
                    f"SQLite keeps {name} at {found}, expected {expected}; "
                    "move the database to a local disk that supports it"
                )
    finally:
        cursor.close()


def _leave_out_nul(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
) -> tuple[str, Any]:
    # PostgreSQL takes no text with this letter, which people cannot see and programs can send.
    return statement, _without_nul(parameters)


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "")
        case dict():
            return {name: _without_nul(one) for name, one in value.items()}
        case list():
            return [_without_nul(one) for one in value]
        case tuple():
            return tuple(_without_nul(one) for one in value)
        case _:
            return value


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once with SQLITE_BUSY_SNAPSHOT when
    # another wrote in between, whatever the timeout; so writers take the lock at their start.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if _writes(connection):
        postgresql.begin_writing(connection)
    else:
        postgresql.begin_reading(connection)


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_WRITES, False))


def _drop_rows(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Row ")


def _silence_rows() -> None:
    # SQLAlchemy's DEBUG log prints every row it fetches, `hide_parameters` or not.
    logger = logging.getLogger("sqlalchemy.engine.Engine")
    if _drop_rows not in logger.filters:
        logger.addFilter(_drop_rows)
