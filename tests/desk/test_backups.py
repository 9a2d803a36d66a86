"""A backup made while everybody writes is the state of one instant, and comes back to life."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from desk import audit, conversations
from desk.backups import BackupError, make_backup, prune, restore_backup
from desk.make_backup import main as make_main
from desk.restore_backup import main as restore_main
from desk.settings import Settings
from desk.storage.database import Database
from tests.desk.running import Chat, RunningDesk, running

pytestmark = pytest.mark.sqlite
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def elsewhere(settings: Settings, folder: Path) -> Settings:
    """The same desk on a bare machine."""
    return replace(settings, var=folder, database_url=f"sqlite:///{folder / 'desk.sqlite3'}")


def filled(database: Database, count: int = 3) -> None:
    with database.write() as session:
        opened = conversations.create(session, now=NOW, conversation_id="c")
        for number in range(count):
            conversations.append(
                session, opened.id, author="patient", text=f"message {number}", now=NOW
            )
        audit.record(
            session,
            actor="system",
            action="queue.read",
            object_kind="queue",
            object_id="open",
            now=NOW,
        )


def test_what_was_accepted_before_is_in_it_and_nothing_is_half_there(
    desk: RunningDesk, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Eight patients write without a pause while three backups are made; each is restored."""
    stop, accepted = threading.Event(), [list[int]() for _ in range(8)]
    chats = [desk.chat() for _ in accepted]

    def write(chat: Chat, seqs: list[int]) -> None:
        while not stop.is_set():
            answer = chat.post("a message of some length " * 10)
            if answer.status_code == 202:
                seqs.append(answer.json()["seq"])

    writers = [
        threading.Thread(target=write, args=pair) for pair in zip(chats, accepted, strict=True)
    ]
    for writer in writers:
        writer.start()
    into = tmp_path_factory.mktemp("backups")
    made: list[tuple[Path, list[int]]] = []
    for number in range(3):
        while sum(map(len, accepted)) < 40 * (number + 1):
            stop.wait(0.01)
        before = [max(seqs, default=0) for seqs in accepted]
        made.append((make_backup(settings, into, now=NOW + timedelta(seconds=number)), before))
    stop.set()
    for writer in writers:
        writer.join()
    assert sum(map(len, accepted)) > 40, "they wrote on beside it"
    for folder, before in made:
        place = elsewhere(settings, tmp_path_factory.mktemp("bare") / "var")
        restore_backup(folder, place, now=NOW)
        database = Database(place.database_url)
        with database.read() as session:
            for chat, seq in zip(chats, before, strict=True):
                events = conversations.events_after(session, chat.id)
                assert [event.seq for event in events] == list(range(1, len(events) + 1))
                assert len(events) >= seq, "what was answered with 202 before is there"
            assert audit.verify(session).breaks == ()
        database.close()
    with running(place) as again:  # it comes back to life, and the patient goes on
        chat = Chat(again.http, chats[0].id, chats[0].token)
        last = len(chat.events())
        assert chat.send("still here") > last - 1


def test_a_backup_is_one_file_for_each_database_and_readable_by_its_user_alone(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    filled(database)
    with sqlite3.connect(settings.var / "rasa.sqlite3") as raw:
        raw.execute("CREATE TABLE events (id INTEGER)")
    raw.close()
    made = make_backup(settings, tmp_path / "to", now=NOW)
    assert made.name == "clinic-chat-20261124T120000Z"
    assert {path.name for path in made.iterdir()} == {
        "desk.sqlite3",
        "rasa.sqlite3",
        "manifest.json",
    }
    for path in (made, *made.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["rows"]["events"] == 3
    assert manifest["audit_head"].startswith("1:")
    with database.read() as session:
        assert audit.verify(session).end.id == 2, "that it was made is on record"


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("place", [20, 4096 * 2 + 50, -1])
def test_a_backup_of_which_one_byte_has_changed_is_not_restored(
    database: Database, settings: Settings, tmp_path: Path, place: int
) -> None:
    filled(database)
    made = make_backup(settings, tmp_path / "to", now=NOW)
    flip(made / "desk.sqlite3", place)
    bare = elsewhere(settings, tmp_path / "bare")
    with pytest.raises(BackupError, match="not the file that was backed up"):
        restore_backup(made, bare, now=NOW)
    assert not bare.var.exists() or list(bare.var.iterdir()) == []


def test_a_manifest_that_was_adjusted_to_a_forged_file_is_found_out(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    filled(database)
    made = make_backup(settings, tmp_path / "to", now=NOW)
    with sqlite3.connect(made / "desk.sqlite3") as raw:
        raw.execute("DROP TRIGGER audit_is_append_only")
        raw.execute("UPDATE audit SET actor = 'nurse:9'")
    raw.close()
    import hashlib  # noqa: PLC0415

    manifest = json.loads((made / "manifest.json").read_text())
    digest = hashlib.sha256((made / "desk.sqlite3").read_bytes()).hexdigest()
    manifest["files"]["desk.sqlite3"] = digest
    (made / "manifest.json").write_text(json.dumps(manifest))
    bare = elsewhere(settings, tmp_path / "bare")
    with pytest.raises(BackupError, match="audit trail"):
        restore_backup(made, bare, now=NOW)
    assert list(bare.var.iterdir()) == [], "the place is as it was"


@pytest.mark.parametrize("name", ["desk.sqlite3", "desk.sqlite3-wal", "rasa.sqlite3"])
def test_a_backup_is_only_put_where_nothing_is(
    database: Database, settings: Settings, tmp_path: Path, name: str
) -> None:
    filled(database)
    made = make_backup(settings, tmp_path / "to", now=NOW)
    bare = elsewhere(settings, tmp_path / "bare")
    bare.var.mkdir()
    (bare.var / name).write_bytes(b"of somebody")
    with pytest.raises(BackupError, match="is there already"):
        restore_backup(made, bare, now=NOW)
    assert (bare.var / name).read_bytes() == b"of somebody"


@pytest.mark.parametrize("text", [None, "", "[]", '{"format": 1}', '{"files": {}}'])
def test_a_folder_that_is_no_backup_is_refused(
    settings: Settings, tmp_path: Path, text: str | None
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if text is not None:
        (folder / "manifest.json").write_text(text)
    with pytest.raises(BackupError):
        restore_backup(folder, elsewhere(settings, tmp_path / "bare"), now=NOW)


def test_a_database_whose_trail_is_broken_is_not_backed_up_in_silence(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    filled(database)
    with sqlite3.connect(settings.var / "desk.sqlite3") as raw:
        raw.execute("DROP TRIGGER audit_is_append_only")
        raw.execute("UPDATE audit SET actor = 'nurse:9'")
    raw.close()
    with pytest.raises(BackupError, match="breaks at entry 1"):
        make_backup(settings, tmp_path / "to", now=NOW)
    assert not list((tmp_path / "to").glob("*Z"))


def test_a_backup_of_a_newer_version_says_so(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(database)
    with sqlite3.connect(settings.var / "desk.sqlite3") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    monkeypatch.setattr("desk.backups._record", lambda *_, **__: None)
    made = make_backup(settings, tmp_path / "to", now=NOW)
    bare = elsewhere(settings, tmp_path / "bare")
    with pytest.raises(BackupError, match="newer version"):
        restore_backup(made, bare, now=NOW)
    assert list(bare.var.iterdir()) == []


def test_backups_are_not_kept_for_ever(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    filled(database)
    into = tmp_path / "to"
    for days in (0, 20, 40):
        make_backup(settings, into, now=NOW + timedelta(days=days))
    (into / "clinic-chat-19990101T000000Z").mkdir()  # no manifest: not one of ours
    gone = prune(into, keep=timedelta(days=35), now=NOW + timedelta(days=40))
    assert [path.name for path in gone] == ["clinic-chat-20261124T120000Z"]
    assert len(list(into.iterdir())) == 3


def test_another_database_than_sqlite_is_told_its_own_tools(
    settings: Settings, tmp_path: Path
) -> None:
    other = replace(settings, database_url="postgresql://localhost/desk")
    with pytest.raises(BackupError, match="pg_dump"):
        make_backup(other, tmp_path, now=NOW)


def test_the_commands_make_and_restore(
    database: Database,
    settings: Settings,
    tmp_path: Path,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled(database)
    monkeypatch.setenv("CLINIC_VAR", str(settings.var))
    assert make_main(["--to", str(tmp_path / "to"), "--keep", "35"]) == 0
    printed = capsys.readouterr().out
    folder = printed.split("Backup:")[1].split()[0]
    assert restore_main(["--from", folder]) == 2
    assert "is there already" in capsys.readouterr().err
    monkeypatch.setenv("CLINIC_VAR", str(tmp_path / "bare"))
    assert restore_main(["--from", folder]) == 0
    assert "Restored: the state of" in capsys.readouterr().out
    assert (tmp_path / "bare" / "desk.sqlite3").stat().st_mode & 0o077 == 0
    with pytest.raises(SystemExit):
        make_main(["--to", "x", "--keep", "0"])
