"""Sign-ins end in every way they should, nobody inherits one, and who leaves is noticed at once."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from desk import presence, sessions, staff
from desk.errors import NotFound
from desk.presence import Reason
from desk.storage.database import Database
from desk.storage.staff_tables import NurseRow, NurseSessionRow
from desk.storage.tables import AuditRow
from tests.desk.cast import Account, hire, signed_in
from tests.desk.running import Clock, RunningDesk, wait_until

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def left(desk: RunningDesk) -> list[tuple[str, str]]:
    """Who has left since she came for her shift, and why."""
    with desk.database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    begun = max(row.id for row in rows if row.action == "nurse.password_set")
    drops = [row for row in rows if row.action == "presence.dropped" and row.id > begun]
    return [(row.object_id, row.detail) for row in drops[1:]]  # the first: home after the link


def form(desk: RunningDesk, account: Account, **headers: str) -> httpx.Response:
    data = {"email": account.email, "password": account.password}
    desk.http.cookies.clear()
    return desk.http.post("/nurse/sign-in", data=data, headers={**SAME_ORIGIN, **headers})


def set_cookie(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]


def test_signing_in_never_goes_on_with_the_session_that_the_browser_brought(
    desk: RunningDesk, ada: Account, bea: Account
) -> None:
    """Fixation: who laid a cookie of hers into the browser has nothing of what comes after."""
    laid = bea.token
    answer = form(desk, ada, Cookie=f"clinic_nurse={laid}")
    assert answer.status_code == 303
    begun = set_cookie(answer)
    assert begun not in {laid, ada.token}
    with pytest.raises(Exception, match="sign in"):
        sessions.authenticate(desk.database, laid, now=desk.clock())
    assert sessions.authenticate(desk.database, begun, now=desk.clock()).id == ada.id


def test_a_token_that_nobody_began_is_never_taken_up(desk: RunningDesk, ada: Account) -> None:
    made_up = "A" * 43
    answer = form(desk, ada, Cookie=f"clinic_nurse={made_up}")
    assert set_cookie(answer) != made_up
    headers = {"Authorization": f"Bearer {made_up}"}
    assert desk.http.get("/api/nurse/handoffs", headers=headers).status_code == 401


def test_over_tls_the_cookie_is_this_hosts_alone(desk: RunningDesk, ada: Account) -> None:
    """A neighbouring site can set `clinic_nurse` for us, never a cookie with this prefix."""
    tls = {"X-Forwarded-Proto": "https"}
    answer = form(desk, ada, **tls)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-clinic_nurse=")
    for part in ("Path=/", "Secure", "HttpOnly", "SameSite=strict"):
        assert part in cookie
    assert "Domain" not in cookie
    token = set_cookie(answer)
    for name, status in (("__Host-clinic_nurse", 200), ("clinic_nurse", 401)):
        headers = {**tls, "Cookie": f"{name}={token}"}
        assert desk.http.get("/api/nurse/handoffs", headers=headers).status_code == status


def test_signing_in_again_at_the_same_place_is_no_leaving(desk: RunningDesk, ada: Account) -> None:
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    form(desk, ada, Cookie=f"clinic_nurse={ada.token}")
    assert left(desk) == []
    assert desk.http.get("/api/availability").json()["nurse_present"] is True


def test_signing_out_of_the_last_place_is_leaving(desk: RunningDesk, ada: Account) -> None:
    with signed_in(desk, ada.hired) as elsewhere:
        ada.http.put("/api/nurse/presence", json={"state": "available"})
        ada.http.delete("/api/nurse/session")
        assert left(desk) == []
        elsewhere.http.delete("/api/nurse/session")
    assert left(desk) == [(str(ada.id), "signed_out")]
    assert desk.http.get("/api/availability").json()["nurse_present"] is False


@pytest.mark.parametrize(
    ("passes", "reason"),
    [(timedelta(minutes=15), "idle"), (timedelta(hours=8), "ran_out")],
    ids=["idle", "after a shift"],
)
def test_a_sign_in_that_ends_by_the_clock_is_leaving_without_anybody_asking(
    desk: RunningDesk, ada: Account, clock: Clock, *, passes: timedelta, reason: Reason
) -> None:
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    now = clock() + passes
    with desk.database.write() as session:
        row = session.get_one(NurseRow, ada.id)
        row.seen_at = now  # her console still asks by itself whether there is news
        if reason == "ran_out":
            session.scalars(select(NurseSessionRow)).one().used_at = now
    clock.ahead += passes
    wait_until(lambda: left(desk) == [(str(ada.id), reason)])
    with desk.database.read() as session:
        assert session.scalars(select(NurseSessionRow)).all() == []
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
        assert session.get_one(NurseRow, ada.id).available is False
    assert list(actions[-2:]) == [f"session.{reason}", "presence.dropped"]


def test_a_console_that_falls_silent_is_noticed(
    desk: RunningDesk, ada: Account, clock: Clock
) -> None:
    ada.http.put("/api/nurse/presence", json={"state": "available"})
    clock.ahead += timedelta(seconds=91)
    wait_until(lambda: left(desk) == [(str(ada.id), "silent")])
    assert ada.http.get("/api/nurse/handoffs").status_code == 200, "her sign-in goes on"


def test_who_is_away_does_not_leave_by_silence(database: Database, clock: Clock) -> None:
    hire(database, "Ada", clock=clock)
    clock.ahead += timedelta(hours=1)
    with database.read() as session:
        assert not presence.anybody_silent(session, now=clock())


def test_an_account_that_is_closed_is_out_everywhere_at_once(
    desk: RunningDesk, ada: Account
) -> None:
    with desk.database.write() as session:
        staff.set_active(session, ada.id, active=False, now=desk.clock(), by="nurse:9")
    assert ada.http.get("/api/nurse/handoffs").status_code == 401
    assert left(desk) == [(str(ada.id), "closed")]


def test_she_sees_her_sign_ins_and_ends_one_or_all_others(
    desk: RunningDesk, ada: Account, bea: Account
) -> None:
    with signed_in(desk, ada.hired) as second, signed_in(desk, ada.hired) as third:
        with desk.database.read() as session:
            seen = sessions.list_open(session, ada.id, token=ada.token, now=desk.clock())
        assert [one.current for one in seen].count(True) == 1
        assert {one.network for one in seen} == {"127.0.0.0/24"}
        other = next(one for one in seen if not one.current)
        with desk.database.write() as session:
            with pytest.raises(NotFound):
                sessions.end_one(session, bea.id, other.handle, now=desk.clock())
            sessions.end_one(session, ada.id, other.handle, now=desk.clock())
        alive = [who.http.get("/api/nurse/handoffs").status_code for who in (second, third)]
        assert sorted(alive) == [200, 401]
        with desk.database.write() as session:
            sessions.end_all(session, ada.id, but=ada.token, reason="signed_out", now=desk.clock())
        for who, status in ((ada, 200), (second, 401), (third, 401), (bea, 200)):
            assert who.http.get("/api/nurse/handoffs").status_code == status
