"""Channels: a real mail server by Apprise, a real HTTPS receiver by signed webhook."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from clinic.escalation import Cause, Notifications
from clinic.turn import Urgency
from desk.notice_channels import GONE, WebhookChannel, open_channels
from desk.notice_words import message_of
from desk.outbox import Told
from desk.settings import SettingsError
from tests.desk.receivers import (
    CONSOLE,
    DUTY,
    NOTIFICATIONS,
    SECRET,
    SYSTEM,
    HookReceiver,
    MailServer,
    text_of,
)
from tests.desk.test_notices import CLINIC

NOW = datetime(2026, 12, 2, 5, 30, tzinfo=timezone.utc)  # 11:30 p.m. on Tuesday in Chicago
TOLD = Told(
    cause=Cause.WAITS,
    urgency=Urgency.URGENT,
    reference="K7F-3RM",
    at=NOW,
    waiting_since=NOW,
    due_at=NOW + timedelta(hours=9),
)
MESSAGE = message_of(CLINIC, TOLD)
OTHER = "whsec_" + "QUFB" * 8


def webhook(hooks: HookReceiver, *, secret: str = SECRET, url: str = "") -> WebhookChannel:
    return WebhookChannel(url or hooks.url, secret, named=SYSTEM)


def send(channel: WebhookChannel, *, now: datetime) -> str:
    return channel.send(MESSAGE, message_id="msg_1", now=now)


def test_a_mail_says_reference_urgency_time_and_where_to_go(mails: MailServer) -> None:
    only = Notifications(console=CONSOLE, addresses={"duty-mail": DUTY})
    channel = open_channels(only, {"DUTY_URL": mails.url("duty")})["duty-mail"]
    assert channel.send(MESSAGE, message_id="msg_1", now=NOW) == ""
    (mail,) = mails.to("duty")
    assert mail["Subject"] == "Urgent: a patient waits for a nurse (K7F-3RM)"
    assert text_of(mail).splitlines()[:3] == [
        "Waiting since 11:30 p.m. on Tuesday, December 1 (clinic time).",
        "A nurse is due by 8:30 a.m. on Wednesday, December 2 (clinic time).",
        f"Please claim K7F-3RM at {CONSOLE}",
    ]


def test_what_the_service_does_not_take_is_told_by_a_code_and_logs_nothing(
    mails: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mails.refuses = True
    only = Notifications(console=CONSOLE, addresses={"duty-mail": DUTY})
    channel = open_channels(only, {"DUTY_URL": mails.url("duty")})["duty-mail"]
    assert channel.send(MESSAGE, message_id="msg_1", now=NOW) == "not_taken"
    logged = [record for record in caplog.records if record.name != "mail.log"]  # the server's own
    assert "duty@" not in " ".join(record.getMessage() for record in logged)


def test_the_signature_is_the_one_that_the_specification_publishes() -> None:
    """The example of www.standardwebhooks.com, as its libraries test it."""
    signed_at = datetime.fromtimestamp(1614265330, timezone.utc)
    signature = Webhook(SECRET).sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", signed_at, '{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_verifies_with_the_official_library_and_holds_ids_and_codes_alone(
    hooks: HookReceiver,
) -> None:
    now = datetime.now(timezone.utc)
    assert send(webhook(hooks), now=now) == ""
    (hook,) = hooks.hooks
    data = Webhook(SECRET).verify(hook.body, hook.headers)
    assert data == {
        "type": "patient.waits",
        "timestamp": "2026-12-02T05:30:00+00:00",
        "data": {
            "reference": "K7F-3RM",
            "urgency": "urgent",
            "waiting_since": "2026-12-02T05:30:00+00:00",
            "due_at": "2026-12-02T14:30:00+00:00",
            "console": CONSOLE,
        },
    }
    assert hook.headers["webhook-id"] == "msg_1"
    assert hook.headers["content-type"] == "application/json"
    assert len(hook.body) < 20_000


def test_tampered_old_and_foreign_ones_are_refused_by_the_receiver(hooks: HookReceiver) -> None:
    now = datetime.now(timezone.utc)
    send(webhook(hooks), now=now)
    send(webhook(hooks), now=now - timedelta(minutes=6))
    fresh, old = hooks.hooks
    for body, headers, secret in (
        (fresh.body.replace(b"urgent", b"routine"), fresh.headers, SECRET),
        (fresh.body, {**fresh.headers, "webhook-id": "msg_2"}, SECRET),
        (fresh.body, fresh.headers, OTHER),
        (old.body, old.headers, SECRET),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, headers)


def test_while_a_secret_changes_both_sign(hooks: HookReceiver) -> None:
    assert send(webhook(hooks, secret=f"{SECRET} {OTHER}"), now=datetime.now(timezone.utc)) == ""
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(hooks.hooks[0].body, hooks.hooks[0].headers)


def test_every_try_has_the_same_body(hooks: HookReceiver) -> None:
    channel = webhook(hooks)
    for second in range(3):
        send(channel, now=NOW + timedelta(seconds=second))
    assert len({hook.body for hook in hooks.hooks}) == 1
    assert hooks.ids == ["msg_1"] * 3
    assert json.loads(hooks.hooks[0].body)["timestamp"] == NOW.isoformat()


@pytest.mark.parametrize(
    ("status", "problem"),
    [(200, ""), (204, ""), (400, "http_400"), (410, GONE), (500, "http_500"), (302, "http_302")],
)
def test_only_a_success_takes_it(hooks: HookReceiver, status: int, problem: str) -> None:
    hooks.status = status
    assert send(webhook(hooks), now=NOW) == problem


def test_it_goes_nowhere_but_where_the_clinic_said(hooks: HookReceiver) -> None:
    hooks.status, hooks.location = 307, hooks.url.replace("/hook", "/elsewhere")
    assert send(webhook(hooks), now=NOW) == "http_307"
    assert len(hooks.hooks) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(
    hooks: HookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert send(webhook(hooks), now=NOW) == "ConnectError"
    assert hooks.hooks == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hook",
        "http://hooks.clinic.example/",
        "https://",
        "https://me:pass@hooks.clinic.example/",
        "https://hooks.clinic.example/#x",
        "ftp://hooks.clinic.example/",
        "file:///etc/passwd",
        "hooks.clinic.example",
    ],
)
def test_a_webhook_without_tls_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^SYSTEM_URL: expected an address that begins"
    ) as said:
        WebhookChannel(url, SECRET, named=SYSTEM)
    assert "pass" not in str(said.value).replace("password", "")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "hush!", f"{SECRET} hush"])
def test_a_secret_that_is_none_is_refused_at_the_start(secret: str) -> None:
    secrets = {"SYSTEM_URL": "https://hooks.clinic.example/", "SYSTEM_SECRET": secret}
    only = Notifications(console=CONSOLE, addresses={"system": SYSTEM})
    with pytest.raises(SettingsError, match=r"^SYSTEM_SECRET: (not set|expected)") as said:
        open_channels(only, secrets)
    assert "hush" not in str(said.value)


@pytest.mark.parametrize("url", ["", "nonsense", "mailto://", "msteams://hush"])
def test_an_address_that_apprise_does_not_know_is_refused_at_the_start(url: str) -> None:
    only = Notifications(console=CONSOLE, addresses={"duty-mail": DUTY})
    with pytest.raises(SettingsError, match=r"^DUTY_URL: not") as said:
        open_channels(only, {"DUTY_URL": url})
    assert "hush" not in str(said.value)


def test_every_cause_and_urgency_has_its_words() -> None:
    titles = {
        message_of(CLINIC, replace(TOLD, cause=cause, urgency=urgency)).title
        for cause in Cause
        for urgency in Urgency
    }
    assert len(titles) == len(Cause) * len(Urgency)
    assert max(len(title) for title in titles) < 80, "a pager shows one line"
    assert NOTIFICATIONS.console == CONSOLE
