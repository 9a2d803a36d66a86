"""What the machine decides: addresses, files, secrets, limits. Read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from clinic.internal_secret import internal_secret

__all__ = ["Limits", "Settings", "SettingsError", "Timing", "read_settings"]

CHECKOUT: Final = Path(__file__).resolve().parent.parent
_SHORTEST_SECRET: Final = 16
_HIGHEST_PORT: Final = 65_535


class SettingsError(ValueError):
    """A setting cannot be used; the message names it, what was found and what was expected."""


@dataclass(frozen=True)
class Timing:
    """How long things may take. The defaults are meant for a clinic; tests pass shorter ones."""

    rasa_timeout: timedelta = timedelta(seconds=10)  # of one try
    patience: timedelta = timedelta(seconds=4)  # then the patient is told, while the try goes on
    first_wait: timedelta = timedelta(seconds=1)  # before a failed turn is tried again; doubles
    longest_wait: timedelta = timedelta(seconds=8)  # service is back within 10 s of Rasa
    refusals: int = 5  # so many answers that are no reply, and the turn is closed
    at_once: int = 16  # conversations that wait for Rasa at the same time
    poll: timedelta = timedelta(seconds=1)  # for what changes with time alone
    quiet_poll: timedelta = timedelta(seconds=10)  # of a stream where only a lost wake-up could be
    notice_lease: timedelta = timedelta(minutes=1)  # of one message; sending one takes 40 s at most
    notice_first_wait: timedelta = timedelta(seconds=5)  # before it is tried again; doubles
    sweep: timedelta = timedelta(seconds=2)  # how often idle sign-ins are looked for
    retention: timedelta = timedelta(hours=1)  # how often what is too old is looked for
    heartbeat: timedelta = timedelta(seconds=15)  # routers cut silent connections at 60 s
    stream_life: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Limits:
    """How much one patient's side may ask for before it has to wait.

    [opinion] Far above what people do: a clinic's waiting room, or a proxy that does not say whom
    it speaks for, is one peer.
    """

    conversations_an_hour: int = 600  # of one peer, by the chat and the call-back form together
    messages_a_minute: int = 60  # in one conversation
    messages_a_minute_of_a_peer: int = 600  # in all its conversations


@dataclass(frozen=True)
class Settings:
    """Everything that `create_app` needs to know about where it runs."""

    var: Path
    database_url: str = field(repr=False)  # may hold a password
    internal_secret: str = field(repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # by name
    host: str = "127.0.0.1"
    port: int = 8080
    rasa_url: str = "http://127.0.0.1:5005"
    clinic_config: Path = CHECKOUT / "clinic.yml"
    documents: Path = CHECKOUT / "documents"
    red_flags: Path = CHECKOUT / "assistant" / "red_flags.yml"
    domain: Path = CHECKOUT / "domain.yml"
    timing: Timing = Timing()
    limits: Limits = Limits()


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; makes the data folder and the secret's file if missing.

    Raises `SettingsError`.
    """
    env = os.environ if environment is None else environment
    var = Path(env.get("CLINIC_VAR") or CHECKOUT / "var").resolve()
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"CLINIC_VAR: cannot make the folder {var}: {error.strerror}"
        ) from error
    return Settings(
        var=var,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{var / 'desk.sqlite3'}",
        internal_secret=_internal_secret(env, var),
        secrets={**_secrets_file(var / "secrets.env"), **env},
        host=env.get("HOST") or "127.0.0.1",
        port=_port(env.get("PORT") or "8080"),
        rasa_url=(env.get("RASA_URL") or "http://127.0.0.1:5005").rstrip("/"),
        clinic_config=Path(env.get("CLINIC_CONFIG") or CHECKOUT / "clinic.yml"),
    )


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) <= _HIGHEST_PORT:
        raise SettingsError(f'PORT: expected a number from 1 to 65535, found "{value}"')
    return int(value)


def _internal_secret(env: Mapping[str, str], var: Path) -> str:
    try:
        secret = internal_secret({**env, "CLINIC_VAR": str(var)}).strip()
    except OSError as error:
        raise SettingsError(f"CLINIC_VAR: cannot keep a secret in {var}: {error}") from error
    if len(secret) < _SHORTEST_SECRET:
        raise SettingsError(
            "CLINIC_INTERNAL_SECRET, or the file internal-secret: expected at least "
            f"{_SHORTEST_SECRET} characters"
        )
    return secret


def _secrets_file(path: Path) -> dict[str, str]:
    """What the file says line by line, `NAME=value`; nothing where there is none."""
    if not path.exists():
        return {}
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{path}: others can read it; run: chmod 600 {path}")
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        name, equals, value = written.partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingsError(f"{path}, line {number}: expected NAME=value")
        found[name.strip()] = value.strip()
    return found
