"""The page about notices: leads see what does not get through, and send it again; audited."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from clinic.turn import Urgency
from desk import outbox
from desk.settings import CHECKOUT
from desk.storage.notice_tables import NoticeRow
from desk.try_notices import main
from tests.desk.cast import Account
from tests.desk.receivers import (
    MINUTE,
    NOTIFICATIONS,
    HookReceiver,
    MailServer,
)
from tests.desk.running import RunningDesk
from tests.desk.test_notice_delivery import config, secrets
from tests.desk.test_notices import ask
from tests.desk.test_outbox import ADDRESSES


@pytest.fixture
def unsent(desk: RunningDesk) -> str:
    """A message that was given up and one that waits, for a patient with this reference.

    The desk itself has no addresses, and its clock lies before what is due.
    """
    now = desk.clock() + timedelta(hours=9)
    # All in one transaction: the desk would end a notice of which it knows no step.
    with desk.database.write() as session:
        reference = ask(session, urgency=Urgency.URGENT, now=now).reference
        notice = session.get_one(NoticeRow, 1)
        outbox.put(session, notice, NOTIFICATIONS.steps[Urgency.URGENT][0], now=now)
        notice.told, notice.told_at = 1, now
        session.flush()
        claimed = outbox.claim(session, ADDRESSES, lease=MINUTE, under_way={}, at_once=9, now=now)
        session.flush()
        for one, wait in zip(claimed, (None, MINUTE), strict=True):
            assert outbox.mark_failed(session, one, problem="http_503", wait=wait, now=now)
    return reference


def states(desk: RunningDesk) -> list[str]:
    with desk.database.read() as session:
        query = "SELECT state FROM notice_deliveries ORDER BY id"
        return [row[0] for row in session.connection().exec_driver_sql(query)]


def test_a_lead_sees_what_was_not_sent_and_why(
    desk: RunningDesk, lea: Account, unsent: str
) -> None:
    page = desk.http.get("/nurse/notices", headers=lea.page)
    assert page.status_code == 200
    rows = [_words(row) for row in re.findall(r"<tr>.*?</tr>", page.text, re.DOTALL)]
    given_up = next(row for row in rows if row.startswith("duty-mail"))
    assert unsent in given_up
    assert "Urgent: a patient waits for a nurse" in given_up
    assert "Given up" in given_up
    assert "the receiver answered with HTTP 503" in given_up
    assert any("Next try" in row for row in rows if row.startswith("system"))
    for word in ("Kim", "Canary", "canary", "0134"):
        assert word not in page.text


def test_she_sends_one_again_and_it_is_audited(
    desk: RunningDesk, lea: Account, amy: Account, unsent: str
) -> None:
    sent = desk.http.post("/nurse/notices/1/again", headers=lea.page)
    assert (sent.status_code, sent.headers["location"]) == (303, "/nurse/notices")
    assert states(desk)[0] in {"waiting", "sending", "failed"}
    trail = desk.http.get("/nurse/audit", headers=amy.page).text
    assert "notice.tried_again" in trail
    assert desk.http.post("/nurse/notices/99/again", headers=lea.page).status_code == 404


def test_one_that_has_left_is_not_sent_again(desk: RunningDesk, lea: Account, unsent: str) -> None:
    with desk.database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE notice_deliveries SET state = 'sent', ended_at = created_at"
        )
    refused = desk.http.post("/nurse/notices/1/again", headers=lea.page)
    assert refused.status_code == 409
    assert "has left, or is being sent now" in refused.text
    assert states(desk) == ["sent", "sent"]


def test_reading_is_audited_and_not_for_every_nurse(
    desk: RunningDesk, ada: Account, lea: Account, amy: Account
) -> None:
    assert desk.http.get("/nurse/notices", headers=ada.page).status_code == 403
    assert desk.http.post("/nurse/notices/1/again", headers=ada.page).status_code == 403
    page = desk.http.get("/nurse/notices", headers=lea.page).text
    assert "Nobody is told when no nurse looks at the queue." in page
    assert "notices.read" in desk.http.get("/nurse/audit", headers=amy.page).text


def test_every_nurse_sees_in_the_queue_that_notices_do_not_get_through(
    desk: RunningDesk, ada: Account, unsent: str
) -> None:
    page = _words(desk.http.get("/nurse", headers=ada.page).text)
    assert "Notices do not reach duty-mail." in page
    with desk.database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE notice_deliveries SET state = 'sent', ended_at = created_at"
        )
    page = _words(desk.http.get("/nurse", headers=ada.page).text)
    assert "Notices do not reach" not in page


def test_the_metrics_count_them(desk: RunningDesk, unsent: str) -> None:
    counted = desk.http.get("/metrics").text
    assert 'clinic_notices{state="failed"} 1.0' in counted
    assert 'clinic_notices{state="waiting"} 1.0' in counted


@pytest.fixture
def tried(
    tmp_path: Path,
    mails: MailServer,
    hooks: HookReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The environment of a clinic that has set addresses, in the file of secrets."""
    monkeypatch.setenv("CLINIC_VAR", str(tmp_path))
    monkeypatch.setenv("CLINIC_CONFIG", str(config(tmp_path)))
    path = tmp_path / "secrets.env"
    lines = [f"{name}={value}" for name, value in secrets(mails, hooks).items()]
    path.write_text("# addresses\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_the_command_sends_a_test_to_each_and_says_what_came_of_it(
    tried: Path, mails: MailServer, hooks: HookReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    assert [mail["Subject"] for mail in mails.taken] == ["Test: nobody waits"] * 2
    assert b'"type":"test"' in hooks.hooks[0].body
    assert "system: sent" in capsys.readouterr().out
    hooks.status, mails.refuses = 500, True
    assert main(["--to", "system"]) == 1
    assert capsys.readouterr().out == "system: not sent, the receiver answered with HTTP 500\n"
    assert main(["--to", "duty-mail"]) == 1
    assert "duty-mail: not sent, the service did not take it" in capsys.readouterr().out


def test_the_command_says_what_it_cannot_do(
    tried: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["--to", "nobody"]) == 2
    said = "no such address: nobody. In clinic.yml are: duty-mail, lead-mail, system"
    assert said in capsys.readouterr().err
    monkeypatch.setenv("CLINIC_CONFIG", str(CHECKOUT / "clinic.yml"))
    assert main([]) == 2
    assert "nobody to tell" in capsys.readouterr().err


def test_secrets_that_others_can_read_or_that_are_none_are_refused(
    tried: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried.chmod(0o644)
    assert main([]) == 2
    assert f"others can read it; run: chmod 600 {tried}" in capsys.readouterr().err
    tried.chmod(0o600)
    tried.write_text("DUTY_URL hush\n", encoding="utf-8")
    assert main([]) == 2
    said = capsys.readouterr().err
    assert "line 1: expected NAME=value" in said
    assert "hush" not in said


def test_a_desk_without_such_addresses_does_not_load_apprise() -> None:
    """It lengthens the start."""
    code = "import sys, desk.__main__, desk.app; print('apprise' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
