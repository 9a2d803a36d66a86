"""`python -m desk`: bring the database up to date, then serve until SIGINT or SIGTERM."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from clinic.handout import HandoutError
from clinic.settings import ClinicError
from desk import logs
from desk.app import create_app
from desk.settings import Settings, SettingsError, read_settings
from desk.storage.database import DatabaseError
from desk.storage.migrate import upgrade

_log = logging.getLogger("desk")
_GRACE_SECONDS = 8


class _Server(uvicorn.Server):
    """Ends the open streams as soon as a stop is asked for, so that it need not wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.desk.hub.close()
        super().handle_exit(sig, frame)


def main() -> int:
    """Serve; the exit status is 2, with one sentence, when the start is impossible."""
    logs.configure()
    os.umask(0o077)  # patients' data: for this user alone
    try:
        settings = read_settings()
        upgrade(settings.database_url)
        app = create_app(settings)
        listener = _listen(settings)
    except (ClinicError, DatabaseError, HandoutError, SettingsError) as error:
        sys.stderr.write(f"desk: {error}\n")
        return 2
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or type(error).__name__
        sys.stderr.write(f"desk: the database cannot be used: {cause}\n")
        return 2
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # internal routes must see the peer itself; see web/access.py
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    _log.info("desk.serving address=http://%s:%d", settings.host, settings.port)
    _Server(config).run(sockets=[listener])
    return 0


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"PORT: {where} is taken by another program; stop it or set another PORT"
            ) from error
        raise SettingsError(f"HOST, PORT: cannot listen on {where}: {error.strerror}") from error
    return listener


if __name__ == "__main__":
    sys.exit(main())
