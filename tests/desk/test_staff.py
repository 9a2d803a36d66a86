"""Admins invite people, change roles, close accounts; each act ends what it should."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from desk import audit_log, staff
from desk.audit_log import Line
from desk.errors import Conflict
from desk.invitations import accept
from desk.storage.database import Database
from desk.storage.tables import AuditRow
from tests.desk.cast import PASSWORD, Account, hire
from tests.desk.running import Clock, RunningDesk


def post(desk: RunningDesk, who: Account, path: str, **data: str) -> httpx.Response:
    return desk.http.post(f"/nurse/accounts{path}", data=data, headers=who.page)


def link_on(page: str) -> str:
    found = re.search(r"/nurse/welcome#([\w-]{43})", page)
    assert found, page
    return found[1]


def test_an_admin_invites_somebody_who_then_gets_in(desk: RunningDesk, amy: Account) -> None:
    form = {"email": "ida@clinic.example", "name": "Ida", "role": "nurse"}
    shown = post(desk, amy, "", **form)
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    assert f"{desk.url}/nurse/welcome#" in shown.text
    accepted = accept(
        desk.database,
        link_on(shown.text),
        password=PASSWORD,
        clinic="x",
        peer="p",
        now=desk.clock(),
    )
    assert accepted.signed_in
    again = post(desk, amy, "", **form)
    assert again.status_code == 409
    assert "already an account" in again.text
    with desk.database.read() as session:
        made = session.scalars(
            select(AuditRow).where(AuditRow.action == "nurse.made", AuditRow.object_id == "2")
        ).one()
    assert (made.actor, made.detail) == (f"nurse:{amy.id}", "nurse")


def test_behind_a_tls_proxy_the_link_says_so(desk: RunningDesk, amy: Account) -> None:
    headers = {
        **amy.page,
        "X-Forwarded-Proto": "https",
        "Host": "chat.clinic.example",
        "Cookie": f"__Host-clinic_nurse={amy.token}",
    }
    form = {"email": "ida@clinic.example", "name": "Ida"}
    shown = desk.http.post("/nurse/accounts", data=form, headers=headers)
    assert "https://chat.clinic.example/nurse/welcome#" in shown.text


def test_another_role_signs_out_and_needs_a_second_factor(
    desk: RunningDesk, amy: Account, ada: Account, clock: Clock
) -> None:
    refused = post(desk, amy, f"/{ada.id}/role", role="lead")
    assert refused.status_code == 409
    assert "second factor first" in refused.text
    assert ada.http.get("/api/nurse/handoffs").status_code == 200
    bob = hire(desk.database, "Bob", factor=True, clock=clock)
    assert post(desk, amy, f"/{bob.id}/role", role="lead").status_code == 303
    with desk.database.read() as session:
        assert staff.find(session, bob.id, now=clock()).role == "lead"


def test_a_closed_account_is_out_at_once_and_back_when_opened(
    desk: RunningDesk, amy: Account, ada: Account
) -> None:
    assert post(desk, amy, f"/{ada.id}/active", active="false").status_code == 303
    assert ada.http.get("/api/nurse/handoffs").status_code == 401
    body = {"email": ada.email, "password": ada.password}
    assert desk.http.post("/api/nurse/session", json=body).status_code == 401
    assert post(desk, amy, f"/{ada.id}/link", purpose="password").status_code == 409
    assert post(desk, amy, f"/{ada.id}/active", active="true").status_code == 303
    assert desk.http.post("/api/nurse/session", json=body).status_code == 200


@pytest.mark.parametrize("purpose", ["password", "second_factor"])
def test_a_new_link_ends_the_old_ways_in(
    desk: RunningDesk, amy: Account, lea: Account, purpose: str
) -> None:
    shown = post(desk, amy, f"/{lea.id}/link", purpose=purpose)
    assert link_on(shown.text)
    assert "24 hours" in shown.text
    assert lea.http.get("/api/nurse/handoffs").status_code == 401
    body = {"email": lea.email, "password": lea.password, "code": lea.hired.code()}
    assert desk.http.post("/api/nurse/session", json=body).status_code == 401


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/active", {"active": "false"}),
        ("/role", {"role": "nurse"}),
        ("/link", {"purpose": "second_factor"}),
    ],
)
def test_nobody_changes_her_own_rights(
    desk: RunningDesk, amy: Account, path: str, data: dict[str, str]
) -> None:
    assert post(desk, amy, f"/{amy.id}{path}", **data).status_code == 403
    assert desk.http.get("/nurse/accounts", headers=amy.page).status_code == 200


def test_the_last_admin_stays(database: Database, clock: Clock) -> None:
    amy = hire(database, "Amy", role="admin", clock=clock)
    with database.write() as session:
        staff.make_nurse(session, email="i@x.example", role="admin", name="Invited", now=clock())
    with database.write() as session:
        with pytest.raises(Conflict, match="last admin"):
            staff.set_active(session, amy.id, active=False, now=clock(), by="system")
        with pytest.raises(Conflict, match="last admin"):
            staff.change_role(session, amy.id, "lead", now=clock(), by="system")


@pytest.mark.parametrize("path", ["/99", "/99/role", "/99/active", "/99/link"])
def test_an_account_that_is_not_there_is_not_found(
    desk: RunningDesk, amy: Account, path: str
) -> None:
    method = "GET" if path == "/99" else "POST"
    data = {"role": "nurse", "active": "false", "purpose": "password"}
    answer = desk.http.request(
        method, f"/nurse/accounts{path}", data=data if method == "POST" else None, headers=amy.page
    )
    assert answer.status_code == 404


def audit_page(desk: RunningDesk, who: Account, path: str = "", **query: str) -> httpx.Response:
    return desk.http.get(f"/nurse/audit{path}", params=query, headers=who.page)


def test_the_audit_page_filters_and_is_itself_audited(
    desk: RunningDesk, amy: Account, ada: Account, clock: Clock
) -> None:
    ada.http.get("/api/nurse/handoffs")
    everything = audit_page(desk, amy).text
    assert "queue.read" in everything
    assert "session.begun" in everything
    hers = audit_page(desk, amy, actor=f"nurse:{ada.id}", kind="queue").text
    assert "queue.read" in hers
    assert "session.begun" not in hers
    tomorrow = (clock() + timedelta(days=2)).date().isoformat()
    assert "Nothing matches" in audit_page(desk, amy, since=tomorrow).text
    assert "queue.read" in audit_page(desk, amy, until=tomorrow, since="no day").text
    with desk.database.read() as session:
        reads = session.scalars(select(AuditRow).where(AuditRow.action == "audit.read")).all()
    assert {row.actor for row in reads} == {f"nurse:{amy.id}"}
    assert len(reads) == 4


def test_the_audit_page_leads_to_the_older_ones(desk: RunningDesk, amy: Account) -> None:
    for _ in range(audit_log.PAGE):
        amy.http.get("/api/nurse/handoffs")
    first = audit_page(desk, amy).text
    found = re.search(r'href="(/nurse/audit\?before=(\d+))">Older', first)
    assert found
    older = desk.http.get(found[1], headers=amy.page).text
    assert "nurse.made" in older
    assert f"<td>{found[2]}</td>" not in older


def test_the_export_is_the_whole_filter_as_csv(
    desk: RunningDesk, amy: Account, ada: Account
) -> None:
    ada.http.get("/api/nurse/handoffs")
    answer = audit_page(desk, amy, ".csv", actor=f"nurse:{ada.id}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert {line["actor"] for line in lines} == {f"nurse:{ada.id}"}
    assert lines[0]["action"] == "queue.read"
    assert lines[0]["name"] == "Ada"
    with desk.database.read() as session:
        last = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert last
    assert last.action == "audit.exported"


@pytest.mark.parametrize("cell", ["=cmd()", "+1", "-1", "@x", "\t=1"])
def test_no_cell_of_the_export_is_a_formula(clock: Clock, cell: str) -> None:
    line = Line(1, clock(), "patient", "", "x", "conversation", cell, "")
    (_, row) = csv.reader(io.StringIO("".join(audit_log.as_csv([line]))))
    assert row[6] == f"'{cell}"
