"""Canned replies: the clinic's, which leads keep, and everybody's own."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from desk.storage.console_tables import CannedReplyRow
from desk.storage.tables import AuditRow
from tests.desk.cast import Account
from tests.desk.running import RunningDesk


def post(desk: RunningDesk, who: Account, path: str = "", **form: str) -> httpx.Response:
    return desk.http.post(f"/nurse/replies{path}", data=form, headers=who.page)


def shown(desk: RunningDesk, who: Account) -> str:
    return desk.http.get("/nurse/replies", headers=who.page).text


def audited(desk: RunningDesk) -> list[tuple[str, str, str]]:
    with desk.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.object_kind == "canned_reply"))
        return [(row.actor, row.action, row.detail) for row in rows]


def number_of(desk: RunningDesk, shortcut: str) -> int:
    with desk.database.read() as session:
        found = session.scalar(select(CannedReplyRow.id).where(CannedReplyRow.shortcut == shortcut))
        assert found is not None
        return found


def test_a_nurse_keeps_her_own_and_nobody_else_sees_it(
    desk: RunningDesk, ada: Account, bea: Account
) -> None:
    assert (
        post(desk, ada, shortcut="/Ice", text="Cold packs help, says {nurse}.").status_code == 303
    )
    assert "Cold packs help, says {nurse}." in shown(desk, ada)
    assert "Cold packs" not in shown(desk, bea)
    reply = number_of(desk, "ice")
    for path in (f"/{reply}", f"/{reply}/remove"):
        assert post(desk, bea, path, shortcut="ice", text="mine now").status_code == 404
    assert post(desk, ada, f"/{reply}", shortcut="cold", text="Cold packs.").status_code == 303
    assert post(desk, ada, f"/{reply}/remove").status_code == 303
    assert "Cold packs" not in shown(desk, ada)
    own = [("canned_reply.added", "own"), ("canned_reply.changed", "own")]
    assert audited(desk) == [
        (f"nurse:{ada.id}", *what) for what in [*own, ("canned_reply.removed", "own")]
    ]


def test_leads_keep_those_of_everybody(desk: RunningDesk, ada: Account, lea: Account) -> None:
    refused = post(desk, ada, shortcut="ice", text="Cold packs.", shared="true")
    assert refused.status_code == 403
    assert post(desk, lea, shortcut="ice", text="Cold packs.", shared="true").status_code == 303
    assert "Cold packs." in shown(desk, ada)
    path = f"/{number_of(desk, 'ice')}"
    assert post(desk, ada, path, shortcut="ice", text="Other").status_code == 403
    assert post(desk, ada, f"{path}/remove").status_code == 403
    assert post(desk, lea, path, shortcut="ice", text="Warm packs.").status_code == 303
    assert "Warm packs." in shown(desk, ada)


@pytest.mark.parametrize("shared", ["", "true"])
def test_a_name_is_given_once(desk: RunningDesk, lea: Account, shared: str) -> None:
    more = {"shared": shared} if shared else {}
    assert post(desk, lea, shortcut="ice", text="One.", **more).status_code == 303
    again = post(desk, lea, shortcut="ICE", text="Two.", **more)
    assert again.status_code == 409
    assert "There is a reply of the name ice already." in again.text
    assert "Two." in again.text, "what was written is not lost"


@pytest.mark.parametrize(
    ("shortcut", "text", "said"),
    [
        ("two words", "Hello", "small letters, digits and hyphens"),
        ("ice", "  ", "has to have 1 to"),
        ("ice", "Hello {name}", "{name} is not known"),
    ],
)
def test_what_no_patient_should_read_is_refused(
    desk: RunningDesk, ada: Account, shortcut: str, text: str, said: str
) -> None:
    answer = post(desk, ada, shortcut=shortcut, text=text)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_message_is_offered_them_with_the_names_in_their_places(
    desk: RunningDesk, internal: dict[str, str], ada: Account, lea: Account
) -> None:
    post(desk, lea, shortcut="hello", text="I am {nurse} of {clinic}.", shared="true")
    assert ada.http.put("/api/nurse/presence", json={"state": "available"}).status_code == 200
    chat = desk.chat()
    chat.send("hello")
    asked = desk.http.post(
        "/internal/handoffs",
        headers={**internal, "Idempotency-Key": "k"},
        json={
            "conversation": chat.id, "reason": "sore", "name": "Kim", "phone": "+16085550134",
            "best_time": "noon", "consent": True, "urgency": "routine", "transcript": [],
        },
    )  # fmt: skip
    assert asked.status_code == 201
    page = desk.http.get("/nurse/handoffs/1", headers=ada.page).text
    assert 'data-text="I am Ada of ' in page
