"""PostgreSQL: the driver, safe settings on every connection, and errors without anybody's words.

Writers come one by one, as on SQLite: each takes the same lock at its start. So whatever is decided
on what was just read holds until the commit, on both databases, and no two can lock each other out.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.pg8000 import PGDialect_pg8000
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError, OperationalError

from desk.storage.errors import DatabaseError

__all__ = ["begin_reading", "begin_writing", "connect_arguments", "install", "with_driver"]

_DRIVER: Final = "postgresql+desk"
_SOCKET_TIMEOUT_SECONDS: Final = 60  # a server that has gone is noticed
_LOCK_TIMEOUT_MS: Final = 10_000
# Any number will do as long as every desk on the database asks for the same.
_WRITERS_LOCK: Final = int.from_bytes(b"desk", "big")
# What a server must have to be trusted with a 202 and with any language.
_EXPECTED: Final = {"fsync": "on", "server_encoding": "UTF8"}
_CHOSEN: Final = {
    "synchronous_commit": "on",  # a commit is on the disk before it is answered
    "lock_timeout": str(_LOCK_TIMEOUT_MS),
    "TimeZone": "UTC",
}
_VIOLATIONS: Final = "23"  # of SQLSTATE: integrity constraints
_RAISED_BY_A_TRIGGER: Final = "P0001"
_GONE: Final = ("08", "57P")  # the connection has ended, or the server is ending it


class Dialect(PGDialect_pg8000):
    """SQLAlchemy's own for this driver, which also notices a connection that was reset.

    The driver lets the system's own error through when the peer resets while it waits for the first
    byte of an answer; SQLAlchemy looks for the driver's errors alone (`_clean` has the other part).
    """

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Whether the connection still answers."""
        try:
            return super().do_ping(dbapi_connection)
        except OSError:
            return False

    def do_terminate(self, dbapi_connection: Any) -> None:
        """Close what is given up; that the other side has gone already is no news."""
        with contextlib.suppress(self.loaded_dbapi.InterfaceError, OSError):
            dbapi_connection.close()


registry.register(_DRIVER.replace("+", "."), __name__, Dialect.__name__)


def with_driver(url: URL) -> URL:
    """The address for the driver that is installed, without what `connect_arguments` takes."""
    return url.set(drivername=_DRIVER).difference_update_query(("sslmode", "sslrootcert"))


def connect_arguments(url: URL) -> dict[str, Any]:
    """What the driver is told beside the address: time limits, and TLS as `sslmode` says.

    Raises `DatabaseError` for another `sslmode` than disable, prefer, require and verify-full.
    """
    mode = str(url.query.get("sslmode", "prefer"))
    authorities = url.query.get("sslrootcert")
    if mode == "verify-full":
        try:
            context: Any = ssl.create_default_context(
                cafile=str(authorities) if authorities else None
            )
        except OSError as error:
            raise DatabaseError(f"DATABASE_URL: sslrootcert cannot be read: {error}") from error
    else:
        known = {"disable": False, "prefer": None, "require": True}
        if mode not in known:
            raise DatabaseError(
                "DATABASE_URL: sslmode has to be disable, prefer, require or verify-full"
            )
        context = known[mode]
    return {
        "ssl_context": context,
        "timeout": _SOCKET_TIMEOUT_SECONDS,
        "application_name": "clinic-chat",
    }


def install(engine: Engine) -> None:
    """Check and set up each connection, and clean each error."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "handle_error", _clean)


def begin_reading(connection: Connection) -> None:
    """One consistent state, however many statements follow."""
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def begin_writing(connection: Connection) -> None:
    """This writer's turn; those who come later wait until it has ended."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        for name, chosen in _CHOSEN.items():
            cursor.execute(f"SET {name} = '{chosen}'")
        for name, expected in _EXPECTED.items():
            cursor.execute(f"SHOW {name}")
            found = cursor.fetchone()[0]
            if found != expected:
                raise DatabaseError(
                    f"PostgreSQL keeps {name} at {found}, expected {expected}: "
                    "docs/postgresql.md says how to make the database"
                )
        connection.commit()
    finally:
        cursor.close()


def _clean(context: ExceptionContext) -> Exception | None:
    """The driver raises one class for everything, and its message quotes the row."""
    failed = context.original_exception
    told = failed.args[0] if failed.args else None
    kind: type[IntegrityError | OperationalError]
    if isinstance(failed, OSError):
        kind, said, context.is_disconnect = OperationalError, "the connection was lost", True
    elif isinstance(told, dict):
        state, message = str(told.get("C", "")), str(told.get("M", ""))
        violated = state.startswith(_VIOLATIONS) or state == _RAISED_BY_A_TRIGGER
        kind = IntegrityError if violated else OperationalError
        said = f"{message} (SQLSTATE {state})"
        context.is_disconnect = context.is_disconnect or state.startswith(_GONE)
    else:
        return None
    return kind(
        context.statement,
        None,
        type(failed)(said),
        hide_parameters=True,
        connection_invalidated=context.is_disconnect,
    )
