"""Nurses sign in and out; a refusal tells nothing; presence lapses; other sites cannot act."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from desk import passwords, sessions, throttle
from desk.errors import NotSignedIn, TooManyTries
from desk.signing_in import sign_in as sign_in_at
from desk.staff import make_nurse
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow, NurseSessionRow
from desk.throttle import FREE_TRIES
from tests.desk.asking import callback
from tests.desk.cast import Account, hire
from tests.desk.running import Clock, RunningDesk


def sign_in(
    desk: RunningDesk, email: str, password: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    body = {"email": email, "password": password}
    return desk.http.post("/api/nurse/session", json=body, headers=headers)


def available(desk: RunningDesk) -> bool:
    answer = desk.http.get("/api/availability").json()
    present: bool = answer["nurse_present"]
    assert answer["live_chat"] is (present and answer["schedule_open"])
    return present


def test_a_session_opens_the_api_for_cookie_and_bearer(desk: RunningDesk, ada: Account) -> None:
    answer = sign_in(desk, " ADA@clinic.example ", ada.password)
    token = answer.json()["token"]
    cookie = answer.headers["set-cookie"].lower()
    for part in ("clinic_nurse=", "httponly", "samesite=strict", "path=/"):
        assert part in cookie
    assert "secure" not in cookie
    assert "password" not in answer.text
    desk.http.cookies.clear()
    url = "/api/nurse/handoffs"
    assert desk.http.get(url).status_code == 401
    assert desk.http.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert desk.http.get(url, headers={"Cookie": f"clinic_nurse={token}"}).status_code == 200


def test_behind_a_tls_proxy_of_this_machine_the_cookie_is_secure(
    desk: RunningDesk, ada: Account
) -> None:
    answer = sign_in(desk, ada.email, ada.password, {"X-Forwarded-Proto": "https"})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_passwords_and_tokens_are_stored_as_hashes(desk: RunningDesk, ada: Account) -> None:
    with desk.database.read() as session:
        stored = session.get_one(NurseRow, ada.id).password_hash
        digests = [row.token_hash for row in session.query(NurseSessionRow)]
    parameters = extract_parameters(stored)
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost) >= (19_456, 2)
    token = ada.http.headers["Authorization"].removeprefix("Bearer ")
    assert ada.password not in stored
    assert token not in digests
    assert len(token) >= 43, "256 bits"


def test_a_refusal_does_not_say_what_was_wrong(desk: RunningDesk, ada: Account) -> None:
    with desk.database.write() as session:
        session.get_one(NurseRow, ada.id).active = False
    answers = [
        sign_in(desk, "nobody@clinic.example", "x"),
        sign_in(desk, "bea@clinic.example", ada.password),
        sign_in(desk, ada.email, ada.password),  # right, but put out of service
        sign_in(desk, "no address", "x" * 1024),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    detail = answers[0].json()["detail"]
    assert detail == (
        "The e-mail, the password or the code is not right. Please check them and try again."
    )
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_an_unknown_e_mail_costs_the_same_work_as_a_wrong_password(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each does one Argon2 check of equal cost; a stopwatch would only measure the machine."""
    checked: list[object] = []
    hasher = passwords._HASHER

    class Watched:
        def verify(self, stored: str, password: str) -> bool:
            checked.append(extract_parameters(stored))
            return hasher.verify(stored, password)

    ada = hire(database, "Ada", clock=clock)
    with database.write() as session:
        make_nurse(session, email="invited@b.example", role="nurse", now=clock())
    monkeypatch.setattr(passwords, "_HASHER", Watched())
    for email in (ada.email, "invited@b.example", "no@b.example", ""):
        with pytest.raises(NotSignedIn):
            sign_in_at(database, email=email, password="x", peer="p", now=clock())
    assert len(checked) == 4
    assert len(set(map(repr, checked))) == 1


@pytest.mark.parametrize("email", ["ada@clinic.example", "nobody@clinic.example"])
def test_repeated_failures_have_to_wait_whether_the_account_exists_or_not(
    desk: RunningDesk, ada: Account, clock: Clock, email: str
) -> None:
    statuses = [sign_in(desk, email, "wrong").status_code for _ in range(FREE_TRIES + 3)]
    assert statuses == [401] * FREE_TRIES + [429] * 3
    refused = sign_in(desk, email, "wrong")
    assert refused.headers["content-type"] == "application/problem+json"
    wait = int(refused.headers["retry-after"])
    assert 0 < wait <= 31
    clock.ahead += timedelta(seconds=wait)
    assert sign_in(desk, email, "wrong").status_code == 401
    assert sign_in(desk, email, "wrong").status_code == 429


def test_a_right_password_is_refused_while_one_has_to_wait(
    desk: RunningDesk, ada: Account, clock: Clock
) -> None:
    for _ in range(FREE_TRIES):
        sign_in(desk, ada.email, "wrong")
    assert sign_in(desk, ada.email, ada.password).status_code == 429
    clock.ahead += timedelta(minutes=1)
    assert sign_in(desk, ada.email, ada.password).status_code == 200
    assert [sign_in(desk, ada.email, "wrong").status_code for _ in range(3)] == [401] * 3


def test_nobody_can_lock_a_nurse_out_from_elsewhere(desk: RunningDesk, ada: Account) -> None:
    elsewhere = {"X-Forwarded-For": "10.9.9.9, 203.0.113.9"}
    for _ in range(FREE_TRIES + 2):
        sign_in(desk, ada.email, "wrong", elsewhere)
    assert sign_in(desk, ada.email, "wrong", elsewhere).status_code == 429
    spoofed = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}  # only the last hop is the proxy's
    assert sign_in(desk, ada.email, "wrong", spoofed).status_code == 429
    assert sign_in(desk, ada.email, ada.password).status_code == 200


def test_a_thousand_guesses_in_an_hour_get_few_tries(database: Database, clock: Clock) -> None:
    tried = 0
    for _ in range(1000):
        clock.ahead += timedelta(seconds=3.6)
        with database.write() as session:
            try:
                throttle.take(session, throttle.keys(account="a", peer="p"), now=clock())
            except TooManyTries:
                continue
        tried += 1
    assert tried <= 20


def test_signing_out_ends_the_session_at_once(desk: RunningDesk, ada: Account) -> None:
    assert ada.http.delete("/api/nurse/session").status_code == 204
    assert ada.http.get("/api/nurse/handoffs").status_code == 401
    assert ada.http.delete("/api/nurse/session").status_code == 204


@pytest.mark.parametrize(
    ("step", "times", "alive"),
    [
        (timedelta(minutes=14), 1, True),
        (timedelta(minutes=16), 1, False),
        (timedelta(minutes=10), 47, True),
        (timedelta(minutes=10), 48, False),
    ],
    ids=["pause", "idle", "shift", "after the shift"],
)
def test_a_session_ends_by_idleness_and_after_a_shift(
    ada: Account, clock: Clock, step: timedelta, *, times: int, alive: bool
) -> None:
    status = 0
    for _ in range(times):
        clock.ahead += step
        status = ada.http.get("/api/nurse/handoffs").status_code
    assert status == (200 if alive else 401)


def test_a_page_that_asks_by_itself_keeps_presence_but_not_the_session(
    desk: RunningDesk, ada: Account, clock: Clock
) -> None:
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    token = ada.http.headers["Authorization"].removeprefix("Bearer ")
    for _ in range(14):
        clock.ahead += timedelta(minutes=1)
        sessions.authenticate(desk.database, token, now=clock(), acting=False)
        assert available(desk)
    clock.ahead += timedelta(minutes=1)
    with pytest.raises(NotSignedIn):
        sessions.authenticate(desk.database, token, now=clock(), acting=False)


def test_a_nurse_put_out_of_service_is_out_at_once(desk: RunningDesk, ada: Account) -> None:
    with desk.database.write() as session:
        session.get_one(NurseRow, ada.id).active = False
    assert ada.http.get("/api/nurse/handoffs").status_code == 401


def test_presence_lapses_ninety_seconds_after_the_last_sign_of_life(
    desk: RunningDesk, ada: Account, clock: Clock
) -> None:
    assert not available(desk)
    answer = ada.http.put("/api/nurse/presence", json={"state": "available"})
    assert answer.json()["available"] is True
    clock.ahead += timedelta(seconds=80)
    assert available(desk)
    ada.http.get("/api/nurse/handoffs")
    clock.ahead += timedelta(seconds=80)
    assert available(desk)
    clock.ahead += timedelta(seconds=11)
    assert not available(desk)
    ada.http.get("/api/nurse/handoffs")
    assert not available(desk), "who was gone is away until she says otherwise"


def test_presence_ends_with_a_word_and_with_the_session(desk: RunningDesk, ada: Account) -> None:
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    ada.http.put("/api/nurse/presence", json={"state": "away"})
    assert not available(desk)
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    ada.http.delete("/api/nurse/session")
    assert not available(desk)
    assert ada.http.put("/api/nurse/presence", json={"state": "busy"}).status_code in {401, 422}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
    ids=str,
)
def test_another_site_cannot_act_with_the_cookie_of_a_nurse(
    desk: RunningDesk, ada: Account, headers: dict[str, str], status: int
) -> None:
    token = ada.http.headers["Authorization"].removeprefix("Bearer ")
    answer = desk.http.put(
        "/api/nurse/presence",
        json={"state": "available"},
        headers={"Cookie": f"clinic_nurse={token}", **headers},
    )
    assert answer.status_code == status


def test_every_route_of_the_nurses_asks_who_it_is(desk: RunningDesk) -> None:
    """Generated from the schema, so that a new route cannot forget to."""
    paths = desk.http.get("/openapi.json").json()["paths"]
    calls = [
        (method, path.replace("{handoff_id}", "1").replace("{conversation_id}", "x"))
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/api/nurse/") and path != "/api/nurse/session"
    ]
    assert len(calls) >= 6
    bodies = {"state": "away"}, {"outcome": "reached"}
    for method, path in calls:
        for body in bodies:
            json = None if method == "get" else body
            for token in ("", "wrong"):
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                headers["Sec-Fetch-Site"] = "same-origin"
                answer = desk.http.request(method, path, json=json, headers=headers)
                assert answer.status_code == 401, (method, path)


CONSOLE_CALLS = [
    ("GET", "/nurse/still-there", False),
    ("GET", "/nurse?watching=1", False),
    ("GET", "/nurse/handoffs/1?watching=1", False),
    ("GET", "/nurse/handoffs/1/log", False),
    ("GET", "/nurse/handoffs/1", True),
    ("GET", "/nurse", True),
    ("POST", "/nurse/in-use", True),
]


@pytest.mark.parametrize(("method", "path", "keeps"), CONSOLE_CALLS, ids=str)
def test_only_a_nurse_who_acts_keeps_her_session_of_the_console(
    desk: RunningDesk,
    internal: dict[str, str],
    ada: Account,
    clock: Clock,
    *,
    method: str,
    path: str,
    keeps: bool,
) -> None:
    """What the page asks by itself shows that she is there, for as long as the session lasts."""
    assert callback(desk, internal, desk.chat().id).status_code == 201
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    token = ada.http.headers["Authorization"].removeprefix("Bearer ")
    headers = {"Cookie": f"clinic_nurse={token}", "Sec-Fetch-Site": "same-origin"}
    for _ in range(14):
        clock.ahead += timedelta(minutes=1)
        assert desk.http.request(method, path, headers=headers).status_code in {200, 204}
        assert available(desk)
    clock.ahead += timedelta(minutes=1)
    status = desk.http.request(method, path, headers=headers).status_code
    assert (status in {200, 204}) is keeps
