"""The console's forms of one handoff, as they work without scripts."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import select

from desk.storage.tables import AuditRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.chatting import come
from tests.desk.running import Chat, RunningDesk


@pytest.fixture
def asked(desk: RunningDesk, internal: dict[str, str]) -> Chat:
    """A patient who was answered once, and asks for a call: handoff 1."""
    chat = desk.chat()
    chat.send("Does it hurt?")
    chat.wait_for(2)
    assert callback(desk, internal, chat.id).status_code == 201
    return chat


def post(desk: RunningDesk, who: Account, what: str, **form: str) -> httpx.Response:
    return desk.http.post(f"/nurse/handoffs/1/{what}", data=form, headers=who.page)


def get(desk: RunningDesk, who: Account, path: str) -> httpx.Response:
    return desk.http.get(path, headers=who.page)


def test_a_note_is_for_nurses_alone(
    desk: RunningDesk, asked: Chat, ada: Account, bea: Account
) -> None:
    assert post(desk, ada, "notes", text=" prefers mornings ").status_code == 303
    assert "prefers mornings" in get(desk, bea, "/nurse/handoffs/1").text
    assert not any("mornings" in event["text"] for event in asked.events())
    for text, said in {"  ": "The note is empty", "x" * 2001: "shorten the note"}.items():
        refused = post(desk, ada, "notes", text=text)
        assert refused.status_code == 422
        assert said in refused.text


def test_a_patient_is_passed_on_to_whom_is_there_with_a_note(
    desk: RunningDesk, asked: Chat, ada: Account, bea: Account
) -> None:
    assert asked
    come(bea)
    assert post(desk, ada, "claim").status_code == 303
    shown = get(desk, ada, "/nurse/handoffs/1").text
    assert re.search(rf'<option value="{bea.id}">Bea</option>', shown)
    for wrong in ("", "bea", "-1", "9" * 30):
        assert post(desk, ada, "transfer", to=wrong).status_code == 422
    assert post(desk, ada, "transfer", to=str(bea.id), note="see the note").status_code == 303
    shown = get(desk, bea, "/nurse/handoffs/1").text
    assert "with Bea" in shown
    assert "see the note" in shown
    refused = post(desk, ada, "transfer", to=str(bea.id))
    assert refused.status_code == 409
    assert "Bea already has this patient." in refused.text


def test_the_log_gives_what_is_new_as_the_page_shows_it(
    desk: RunningDesk, asked: Chat, ada: Account
) -> None:
    whole = get(desk, ada, "/nurse/handoffs/1/log").text
    numbers = [int(found) for found in re.findall(r'data-seq="(\d+)"', whole)]
    assert numbers == [event["seq"] for event in asked.events()]
    assert "% sure" in whole
    asked.send("<script>alert(1)</script>")
    fresh = get(desk, ada, f"/nurse/handoffs/1/log?after={numbers[-1]}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in fresh
    assert f'data-seq="{numbers[-1]}"' not in fresh
    with desk.database.read() as session:
        read = select(AuditRow.object_id).where(AuditRow.action == "conversation.read")
        assert session.scalars(read).all() == [asked.id, asked.id]
    assert get(desk, ada, "/nurse/handoffs/2/log").status_code == 404


def test_next_is_whom_nobody_has_taken(
    desk: RunningDesk, internal: dict[str, str], asked: Chat, ada: Account
) -> None:
    assert asked
    assert callback(desk, internal, desk.chat().id).status_code == 201

    def leads_to(after: int) -> str:
        return str(get(desk, ada, f"/nurse/next?after={after}").headers["location"])

    assert leads_to(0) == "/nurse/handoffs/1"
    assert leads_to(1) == "/nurse/handoffs/2"
    assert post(desk, ada, "claim").status_code == 303
    assert leads_to(1) == "/nurse/handoffs/2"
    assert leads_to(2) == "/nurse"


def test_another_call_from_the_same_number_is_listed_and_that_is_audited(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    for name in ("Kim Doe", "Lee Doe"):
        details = {"name": name, "phone": "+16085550199"}
        assert callback(desk, internal, desk.chat().id, **details).status_code == 201
    assert callback(desk, internal, desk.chat().id).status_code == 201
    shown = get(desk, ada, "/nurse/handoffs/2").text
    listed = re.search(r'class="earlier".*?</ul>', shown, re.DOTALL)
    assert listed is not None
    assert "Kim Doe" in listed[0]
    assert "Lee Doe" not in listed[0]
    assert "Also from this number" not in get(desk, ada, "/nurse/handoffs/3").text
    with desk.database.read() as session:
        told = select(AuditRow.object_id).where(AuditRow.action == "handoff.earlier_listed")
        assert session.scalars(told).all() == ["2"]
