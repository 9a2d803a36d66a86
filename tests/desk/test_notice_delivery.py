"""Notices arrive: from a patient's message to a real mailbox and a real receiver."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from desk.settings import CHECKOUT, Settings
from desk.storage.database import Database
from tests.desk.asking import callback
from tests.desk.cast import hire, signed_in
from tests.desk.chatting import come
from tests.desk.fake_rasa import SECRET as INTERNAL_SECRET
from tests.desk.fake_rasa import FakeRasa
from tests.desk.receivers import (
    GROUPS,
    MINUTE,
    SECRET,
    HookReceiver,
    MailServer,
    text_of,
)
from tests.desk.running import Chat, Clock, RunningDesk, running, wait_until
from tests.desk.test_attempts import set_clock
from tests.desk.test_process import environment, fails, free_port, process, wait_for_answer

INTERNAL = {"Authorization": f"Bearer {INTERNAL_SECRET}"}
CANARY = ("Kim Canary", "sore canary", "85550134", "555-0134")


@pytest.fixture
def told(settings: Settings, mails: MailServer, hooks: HookReceiver, tmp_path: Path) -> Settings:
    """Settings of a clinic that tells a duty nurse, its lead and a program."""
    timing = replace(settings.timing, notice_first_wait=timedelta(seconds=0.2))
    return replace(
        settings,
        clinic_config=config(tmp_path),
        secrets=secrets(mails, hooks),
        timing=timing,
    )


def config(folder: Path) -> Path:
    path = folder / "clinic.yml"
    text = (CHECKOUT / "clinic.yml").read_text(encoding="utf-8")
    path.write_text(text.replace("notifications: []\n", GROUPS), encoding="utf-8")
    return path


def secrets(mails: MailServer, hooks: HookReceiver) -> dict[str, str]:
    return {
        "DUTY_URL": mails.url("duty"),
        "LEAD_URL": mails.url("lead"),
        "SYSTEM_URL": hooks.url,
        "SYSTEM_SECRET": SECRET,
    }


@contextmanager
def at_night(settings: Settings) -> Iterator[RunningDesk]:
    """A desk on a Tuesday night, with nobody there."""
    clock = Clock()
    set_clock(clock, "2026-12-01T23:00")
    with running(settings, clock=clock) as desk:
        yield desk


def deliveries(database: Database) -> list[tuple[Any, ...]]:
    """Address, state, tries and problem of each message, the first one first."""
    with database.read() as session:
        query = "SELECT address, state, tries, problem FROM notice_deliveries ORDER BY id"
        return [tuple(row) for row in session.connection().exec_driver_sql(query)]


def test_at_night_an_emergency_goes_up_the_steps_until_a_nurse_takes_it(
    told: Settings, mails: MailServer, hooks: HookReceiver
) -> None:
    with at_night(told) as desk:
        chat = desk.chat()
        chat.send("emergency, chest pain, sore canary")
        wait_until(lambda: len(mails.to("duty")) == 1 and len(hooks.hooks) == 1)
        desk.clock.ahead += 5 * MINUTE
        wait_until(lambda: len(mails.to("lead")) >= 1)
        # Then the promised time has gone by, too: that is told from the first step on.
        desk.clock.ahead += MINUTE
        wait_until(lambda: any("promised call is late" in m["Subject"] for m in mails.to("duty")))
        hired = hire(desk.database, "Ada", clock=desk.clock)
        with signed_in(desk, hired) as ada:
            claimed = ada.http.post("/api/nurse/handoffs/1/claim")
            assert claimed.status_code == 200
            reference = claimed.json()["reference"]
            wait_until(lambda: "" not in _ends(desk).values())
            ends = _ends(desk)
            assert (ends["waits"], ends["end"]) == ("told", "answered")
    assert len(mails.to("lead")) == 1, "the late promise went no further than its first step"
    first = mails.to("duty")[0]
    assert first["Subject"] == f"Emergency: a patient waits for a nurse ({reference})"
    assert re.search(r"Waiting since 11:0\d p\.m\. on Tuesday, December 1", text_of(first))
    assert len(set(hooks.ids)) == len(hooks.ids)


def test_a_nurse_who_is_there_is_not_disturbed_and_neither_is_anybody_else(
    told: Settings, mails: MailServer
) -> None:
    with at_night(told) as desk:
        hired = hire(desk.database, "Ada", clock=desk.clock)
        with signed_in(desk, hired) as ada:
            come(ada)
            callback(desk, INTERNAL, desk.chat().id, urgency="urgent")
            desk.clock.ahead += MINUTE
            assert ada.http.post("/api/nurse/handoffs/1/claim").status_code == 200
            wait_until(lambda: _ends(desk) == {"waits": "answered"})
    assert mails.taken == []


def test_a_lead_sees_who_is_told_next(told: Settings, mails: MailServer) -> None:
    with at_night(told) as desk:
        callback(desk, INTERNAL, desk.chat().id, urgency="urgent", name="Kim Canary")
        wait_until(lambda: len(mails.to("duty")) == 1)
        hired = hire(desk.database, "Lea", role="lead", clock=desk.clock)
        with signed_in(desk, hired) as lea:
            page = desk.http.get("/nurse/notices", headers=lea.page).text
            row = page.partition("Told next, unless a nurse takes the patient")[2]
            assert re.search(r"lead-mail<.*?11:0\d p\.m\. on Tuesday, December 1<", row, re.DOTALL)
            assert "Canary" not in page
            lea.http.post("/api/nurse/handoffs/1/claim")
            page = desk.http.get("/nurse/notices", headers=lea.page).text
    assert "Told next" not in page


def test_what_is_not_taken_is_tried_again_under_the_same_id_until_it_is(
    told: Settings, mails: MailServer, hooks: HookReceiver
) -> None:
    mails.refuses, hooks.status = True, 500
    with at_night(told) as desk:
        callback(desk, INTERNAL, desk.chat().id, urgency="urgent")
        # The duty nurse cannot be reached, so the lead is told without waiting five minutes.
        wait_until(lambda: len(deliveries(desk.database)) == 3)
        mails.refuses, hooks.status = False, 200
        wait_until(lambda: {row[1] for row in deliveries(desk.database)} == {"sent"}, seconds=20)
    assert len(set(hooks.ids)) == 1
    assert len(hooks.ids) >= 2
    assert len(mails.to("duty")) == 1
    assert len(mails.to("lead")) == 1


def test_a_receiver_that_is_down_for_an_hour_gets_everything_once_it_is_back(
    told: Settings, mails: MailServer, hooks: HookReceiver
) -> None:
    hooks.status = 500
    with at_night(told) as desk:
        for patient in range(2):
            callback(desk, INTERNAL, desk.chat().id, urgency="urgent", name=f"Kim {patient}")
        wait_until(lambda: len(set(hooks.ids)) == 2)
        for _ in range(4):
            tried = len(hooks.hooks)
            desk.clock.ahead += 15 * MINUTE
            wait_until(lambda: len(hooks.hooks) > tried)  # noqa: B023 (called before the next)
        hooks.status = 200
        desk.clock.ahead += 75 * MINUTE
        wait_until(lambda: {row[1] for row in deliveries(desk.database)} == {"sent"}, seconds=20)
    assert len(set(hooks.ids)) == 2
    assert len(mails.to("duty")) == 2
    assert len(mails.to("lead")) == 2


def test_a_receiver_that_hangs_keeps_nobody_else_waiting(
    told: Settings, mails: MailServer, hooks: HookReceiver
) -> None:
    hooks.release.clear()
    with at_night(told) as desk:
        for patient in range(3):
            callback(desk, INTERNAL, desk.chat().id, urgency="urgent", name=f"Kim {patient}")
        wait_until(lambda: len(mails.to("duty")) == 3 and len(hooks.hooks) >= 2)
        assert len(hooks.hooks) == 2, "no more than two at once to one address"
        hooks.release.set()
        wait_until(lambda: len(hooks.hooks) == 3)
    assert len(set(hooks.ids)) == 3


def test_a_receiver_that_is_gone_is_not_asked_again(told: Settings, hooks: HookReceiver) -> None:
    hooks.status = 410
    with at_night(told) as desk:
        callback(desk, INTERNAL, desk.chat().id, urgency="urgent")
        wait_until(lambda: ("system", "failed", 1, "gone") in deliveries(desk.database))
    assert len(hooks.hooks) == 1


def test_nothing_of_the_patient_leaves_the_clinic(
    told: Settings,
    mails: MailServer,
    hooks: HookReceiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    with at_night(told) as desk:
        chat = desk.chat()
        details = {"reason": "sore canary", "name": "Kim Canary", "phone": "+1 608 555 0134"}
        callback(desk, INTERNAL, chat.id, urgency="urgent", **details)
        chat.send("emergency, chest pain, sore canary")
        wait_until(lambda: len(mails.taken) >= 2 and len(hooks.hooks) >= 2)
        counted = desk.http.get("/metrics").text
    seen = [mail.as_string() for mail in mails.taken]
    seen += [f"{hook.headers} {hook.body.decode()}" for hook in hooks.hooks]
    # The server's own, and what the desk as a process leaves out (`desk.logs`).
    others = ("mail.log", "httpx", "httpcore")
    logged = [record for record in caplog.records if not record.name.startswith(others)]
    seen += [record.getMessage() for record in logged] + [counted]
    for word in (*CANARY, chat.id, chat.token):
        assert not [text for text in seen if word in text], word
    for name, value in told.secrets.items():
        assert not [r for r in logged if value in r.getMessage()], name


def test_killed_between_sending_and_marking_it_sends_again_under_the_same_id(
    tmp_path: Path, rasa: FakeRasa, mails: MailServer, hooks: HookReceiver
) -> None:
    port, var = free_port(), tmp_path / "var"
    env = environment(
        var,
        rasa,
        PORT=str(port),
        CLINIC_CONFIG=str(config(tmp_path)),
        SSL_CERT_FILE=str(hooks.authority),
        **secrets(mails, hooks),
    )
    hooks.release.clear()
    url = f"http://127.0.0.1:{port}"
    with (
        closing(Database(f"sqlite:///{var / 'desk.sqlite3'}")) as database,
        httpx.Client(base_url=url, trust_env=False) as http,
    ):
        with process(env, tmp_path / "log") as first:
            wait_for_answer(http)
            opened = http.post("/api/conversations").json()
            Chat(http, opened["id"], opened["token"]).send("emergency, chest pain, sore canary")
            wait_until(lambda: len(hooks.hooks) == 1 and len(mails.taken) == 1, seconds=20)
            wait_until(lambda: _state(database, "duty-mail") == "sent")
            first.send_signal(signal.SIGKILL)
            first.wait(timeout=10)
        assert _state(database, "system") == "sending"
        hooks.release.set()
        with process(env, tmp_path / "log") as second:
            wait_for_answer(http)
            wait_until(lambda: _state(database, "system") == "sent", seconds=20)
            # A receiver that hangs does not hold a desk that is asked to stop.
            hooks.release.clear()
            opened = http.post("/api/conversations").json()
            Chat(http, opened["id"], opened["token"]).send("emergency, chest pain, sore canary")
            wait_until(lambda: len(hooks.hooks) == 3, seconds=20)
            second.terminate()
            assert second.wait(timeout=10) in {0, -signal.SIGTERM}
    assert hooks.ids[0] == hooks.ids[1] != hooks.ids[2]
    for hook in hooks.hooks:
        Webhook(SECRET).verify(hook.body, hook.headers)
    assert len(mails.taken) == 2, "what was marked is not sent again"
    log = (tmp_path / "log").read_text()
    assert "canary" not in log
    assert "whsec" not in log


def test_an_address_that_is_not_set_stops_the_start(tmp_path: Path, rasa: FakeRasa) -> None:

    said = fails(environment(tmp_path / "var", rasa, CLINIC_CONFIG=str(config(tmp_path))))
    assert re.match(r"desk: DUTY_URL: not set, and clinic\.yml needs it for .* duty-mail; ", said)


def _ends(desk: RunningDesk) -> dict[str, str]:
    """As what each notice ended, by its cause; empty while it is open."""
    with desk.database.read() as session:
        query = "SELECT cause, ended_as FROM notices ORDER BY id"
        return dict(session.connection().exec_driver_sql(query).all())


def _state(database: Database, address: str) -> str:
    found = [row[1] for row in deliveries(database) if row[0] == address]
    return str(found[0]) if found else ""
