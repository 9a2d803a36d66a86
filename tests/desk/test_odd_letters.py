"""A letter that no database keeps (NUL) is left out of what people write, and harms nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import RunningDesk

pytestmark = pytest.mark.every_database

NUL = "\0"
FORMS: list[tuple[str, dict[str, str]]] = [
    ("/nurse/handoffs/1/attempts", {"outcome": "no_answer", "note": f"rang{NUL} long"}),
    ("/nurse/handoffs/1/notes", {"text": f"rang{NUL} long"}),
    ("/nurse/handoffs/1/resolve", {"outcome": "reached", "note": f"rang{NUL} long"}),
]


@pytest.mark.parametrize(("path", "form"), FORMS, ids=[path for path, _ in FORMS])
def test_what_a_nurse_notes_is_kept_without_it(
    desk: RunningDesk, internal: dict[str, str], ada: Account, path: str, form: dict[str, str]
) -> None:
    callback(desk, internal, desk.chat().id)
    assert desk.http.post(path, data=form, headers=ada.page).status_code == 303
    assert "rang long" in desk.http.get("/nurse/handoffs/1", headers=ada.page).text


def test_what_a_patient_gives_for_a_call_is_kept_without_it(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    details = {"reason": f"sore{NUL} arm", "name": f"Kim{NUL} Doe", "best_time": f"after{NUL} 3"}
    assert callback(desk, internal, desk.chat().id, **details).status_code == 201
    page = desk.http.get("/nurse/handoffs/1", headers=ada.page).text
    for words in ("sore arm", "Kim Doe", "after 3"):
        assert words in page


def test_a_talk_from_elsewhere_is_kept_without_it(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    said = [{"author": "patient", "text": f"it{NUL} hurts"}]
    assert callback(desk, internal, "shell-1", transcript=said).status_code == 201
    (event,) = ada.http.get("/api/nurse/conversations/shell-1/events").json()
    assert event["text"] == "it hurts"


ADDRESSES: list[Callable[[RunningDesk, Account], int]] = [
    lambda desk, _: (
        desk.http.get(
            "/api/conversations/a%00b/events", headers={"Authorization": "Bearer x%00"}
        ).status_code
    ),
    lambda _, amy: amy.http.get("/api/nurse/conversations/a%00b/events").status_code,
    lambda desk, amy: (
        desk.http.get(
            "/nurse/audit?actor=a%00b&kind=c%00d&object=e%00f", headers=amy.page
        ).status_code
    ),
    lambda desk, amy: (
        desk.http.post(
            "/nurse/search", data={"words": f"K7F{NUL}3RM"}, headers=amy.page
        ).status_code
    ),
    lambda desk, _: (
        desk.http.post(
            "/api/nurse/session", json={"email": f"a{NUL}@b.example", "password": f"x{NUL}"}
        ).status_code
    ),
    lambda desk, amy: (
        desk.http.post(
            "/nurse/accounts",
            data={"email": "zoe@clinic.example", "name": f"Zo{NUL}e", "role": "nurse"},
            headers=amy.page,
        ).status_code
    ),
]


@pytest.mark.parametrize("ask", ADDRESSES, ids=range(len(ADDRESSES)))
def test_in_an_address_or_a_field_it_is_no_fault_of_ours(
    desk: RunningDesk, amy: Account, ask: Callable[[RunningDesk, Account], int]
) -> None:
    assert ask(desk, amy) < 500


def test_a_comment_is_kept_without_it(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("Does it hurt?")
    chat.wait_for(2)
    body = {"seq": 2, "helpful": False, "comment": f"not{NUL} clear"}
    answer = desk.http.post(f"{chat.path}/feedback", json=body, headers=chat.headers)
    assert answer.status_code < 300
