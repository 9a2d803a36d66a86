"""Backups: a consistent copy while the desk runs, and putting one back where nothing is yet.

A backup is a folder: the databases as single files, and a manifest with their check sums, how many
rows each table has, and the head of the audit chain. SQLite's own online backup makes the copy in
one step, so it is the state of one instant, and nobody has to wait. A copy counts once it was read
back and found whole; until then its folder has another name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from alembic.util import CommandError
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from desk import audit
from desk.settings import Settings
from desk.storage.database import Database
from desk.storage.migrate import upgrade

__all__ = ["BackupError", "Manifest", "make_backup", "prune", "restore_backup"]

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_NAME: Final = "clinic-chat-%Y%m%dT%H%M%SZ"
_PARTIAL: Final = ".partial"
_DESK: Final = "desk.sqlite3"
_RASA: Final = "rasa.sqlite3"
_NOT_SQLITE: Final = (
    "DATABASE_URL is no SQLite file. Use the database's own tools, such as pg_dump and pg_restore; "
    "docs/postgresql.md says how."
)


class BackupError(RuntimeError):
    """A backup cannot be made or used; the message says why, and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `files` are check sums (SHA-256), `rows` counts of the desk's tables."""

    format: int
    made_at: str
    revision: str
    files: dict[str, str]
    rows: dict[str, int]
    audit_head: str


def make_backup(settings: Settings, into: Path, *, now: datetime) -> Path:
    """The folder of a new backup in `into`, checked. Raises `BackupError`.

    That it was made is audited afterwards, so its own row is not in it.
    """
    desk_file = _desk_file(settings)
    if not desk_file.exists():
        raise BackupError(f"There is no database at {desk_file}: nothing to back up.")
    made = into / now.strftime(_NAME)
    partial = made.with_name(made.name + _PARTIAL)
    with _explained(f"cannot write the backup to {into}"):
        into.mkdir(parents=True, exist_ok=True)
        if made.exists():
            raise BackupError(f"{made} is there already; wait a second and try again.")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        copies = {_DESK: desk_file, _RASA: settings.var / _RASA}
        for name, source in copies.items():
            if source.exists():
                _copy(source, partial / name)
        manifest = _describe(partial, now=now)
        _write(partial / _MANIFEST, json.dumps(asdict(manifest), indent=2) + "\n")
        partial.rename(made)
    _record(settings.database_url, "backup.made", made.name, now=now)
    return made


def restore_backup(folder: Path, settings: Settings, *, now: datetime) -> Manifest:
    """Put the backup where no database is, check it there, and bring it up to date.

    Raises `BackupError`; then the place is as it was.
    """
    manifest = _read_manifest(folder)
    desk_file = _desk_file(settings)
    targets = {_DESK: desk_file, _RASA: settings.var / _RASA}
    for target in targets.values():
        taken = next((path for path in _with_companions(target) if path.exists()), None)
        if taken:
            raise BackupError(
                f"{taken} is there already. Stop Clinic Chat and move it away; a backup is only "
                "put where nothing is."
            )
    for name, expected in manifest.files.items():
        if name not in targets or _digest(folder / name) != expected:
            raise BackupError(f"{folder / name} is not the file that was backed up.")
    placed: list[Path] = []
    try:
        with _explained(f"cannot write to {desk_file.parent}"):
            for name in manifest.files:
                target = targets[name]
                target.parent.mkdir(parents=True, exist_ok=True)
                placed.append(target)
                shutil.copyfile(folder / name, target)
                target.chmod(0o600)
                _check_whole(target)
        _expect(manifest, desk_file)
        _bring_up_to_date(settings.database_url)
        _record(settings.database_url, "backup.restored", folder.name, now=now)
    except BaseException:
        for target in placed:
            for path in _with_companions(target):
                path.unlink(missing_ok=True)
        raise
    return manifest


def prune(into: Path, *, keep: timedelta, now: datetime) -> tuple[Path, ...]:
    """Delete the backups in `into` that are older than `keep`, by their names; those deleted.

    Backups keep what patients erase later, so they must not be kept for ever.
    """
    oldest = (now - keep).strftime(_NAME)
    old = tuple(
        path
        for path in sorted(into.glob("clinic-chat-*Z"))
        if path.name < oldest and (path / _MANIFEST).is_file()
    )
    for path in old:
        with _explained(f"cannot delete {path}"):
            shutil.rmtree(path)
    return old


def _desk_file(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupError(_NOT_SQLITE)
    return Path(url.database)


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)  # all pages in one step: one instant, and writers go on beside it
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    target.chmod(0o600)
    _sync(target)
    _check_whole(target)


def _check_whole(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        try:
            said = [row[0] for row in raw.execute("PRAGMA integrity_check")]
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            raise BackupError(f"{path} cannot be read as a database: {error}") from error
    if said != ["ok"] or broken:
        raise BackupError(f"{path} is damaged: SQLite's own check of it fails.")


def _describe(folder: Path, *, now: datetime) -> Manifest:
    revision, rows, head = _describe_desk(folder / _DESK)
    files = {path.name: _digest(path) for path in sorted(folder.glob("*.sqlite3"))}
    return Manifest(_FORMAT, now.isoformat(), revision, files, rows, head)


def _expect(manifest: Manifest, desk_file: Path) -> None:
    found = _describe_desk(desk_file)
    if found != (manifest.revision, manifest.rows, manifest.audit_head):
        raise BackupError("The backup does not hold what its manifest says.")


def _bring_up_to_date(url: str) -> None:
    try:
        upgrade(url)
    except CommandError as error:
        raise BackupError(
            "The backup was made by a newer version of Clinic Chat. Bring the checkout to that "
            "version first."
        ) from error


def _describe_desk(path: Path) -> tuple[str, dict[str, int], str]:
    """Schema, number of rows of each table, and head of the audit chain, which must be whole."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as raw:
        (revision,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        tables = [
            row[0]
            for row in raw.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                "ORDER BY name"
            )
        ]
        rows = {
            table: raw.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 (its own name)
            for table in tables
        }
    return revision, rows, _audit_head(path)


def _audit_head(path: Path) -> str:
    # Not by `Database`, whose settings would change the file.
    engine = create_engine(f"sqlite:///{path.resolve().as_uri()}?mode=ro&uri=true")
    try:
        with Session(engine) as session:
            verdict = audit.verify(session)
    finally:
        engine.dispose()
    if verdict.breaks:
        raise BackupError(
            f"The audit trail in {path} breaks at entry {verdict.breaks[0].id}; `make audit` says "
            "more. Keep the database as it is until that is understood."
        )
    return str(verdict.end)


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _record(url: str, action: str, name: str, *, now: datetime) -> None:
    with _opened(url) as database, database.write() as session:
        audit.record(
            session,
            actor="system",
            action=action,
            object_kind="backup",
            object_id=name,
            now=now,
        )


def _read_manifest(folder: Path) -> Manifest:
    path = folder / _MANIFEST
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**read)
    except OSError as error:
        raise BackupError(f"{folder} is no backup: {path.name} cannot be read.") from error
    except (TypeError, ValueError) as error:
        raise BackupError(f"{path} is not the manifest of a backup.") from error
    if manifest.format != _FORMAT or _DESK not in manifest.files:
        raise BackupError(f"{folder} is of another version of Clinic Chat.")
    return manifest


def _with_companions(path: Path) -> tuple[Path, ...]:
    return (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal")))


def _digest(path: Path) -> str:
    with _explained(f"cannot read {path}"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    _sync(path)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{what[0].upper()}{what[1:]}: {error}") from error
