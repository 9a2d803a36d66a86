"""Finding a patient again: what fits, what nobody may find, and what is kept of a search."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from sqlalchemy import select

from desk.storage.tables import AuditRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Chat, RunningDesk

pytestmark = pytest.mark.every_database

KIM = {"name": "Kim O'Hara", "phone": "+16085550134", "reason": "50% sore since Monday_"}


def search(desk: RunningDesk, nurse: Account, words: str) -> httpx.Response:
    return desk.http.post("/nurse/search", data={"words": words}, headers=nurse.page)


def hits(answer: httpx.Response) -> list[str]:
    """The references found, in their order."""
    assert answer.status_code == 200
    return re.findall(r'class="hit">\s*<h3>.*?class="code">(.*?)<', answer.text, re.DOTALL)


@pytest.fixture
def asked(desk: RunningDesk, internal: dict[str, str]) -> tuple[Chat, str]:
    """Kim's chat, and the reference of her call-back."""
    chat = desk.chat()
    chat.send("The Shoulder clicks when I swim")
    chat.wait_for(2)
    return chat, callback(desk, internal, chat.id, **KIM).json()["reference"]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("o'hara", "the name"),
        ("(608) 555-0134", "its number"),
        ("0134", "its number"),
        ("50% sore", "the reason"),
        ("monday_", "the reason"),
        ("shoulder  CLICKS", "a message"),
    ],
)
def test_it_finds_by_what_a_nurse_has_in_hand(
    desk: RunningDesk, ada: Account, asked: tuple[Chat, str], words: str, place: str
) -> None:
    answer = search(desk, ada, words)
    assert hits(answer) == [asked[1]]
    assert f"found by {place}" in answer.text


def test_a_reference_is_found_with_and_without_its_hyphen_or_half_of_it(
    desk: RunningDesk, ada: Account, asked: tuple[Chat, str]
) -> None:
    reference = asked[1]
    for words in (reference, reference.lower().replace("-", ""), reference[:3]):
        assert hits(search(desk, ada, words)) == [reference]


@pytest.mark.parametrize("words", ["50_ sore", "%%%", "___", "nobody at all", "You may have"])
def test_a_wildcard_is_a_letter_and_the_handouts_words_are_nobodys(
    desk: RunningDesk, ada: Account, asked: tuple[Chat, str], words: str
) -> None:
    assert asked
    assert hits(search(desk, ada, words)) == []


def test_a_note_of_a_nurse_is_found_with_its_words(
    desk: RunningDesk, ada: Account, asked: tuple[Chat, str]
) -> None:
    chat, reference = asked
    noted = ada.http.post(
        f"/api/nurse/conversations/{chat.id}/notes", json={"text": "prefers <b>mornings</b>"}
    )
    assert noted.status_code == 201
    answer = search(desk, ada, "<B>mornings")
    assert hits(answer) == [reference]
    assert f"<strong>{html.escape('<b>mornings')}</strong>" in answer.text


def test_a_chat_that_was_never_handed_over_is_found_by_nobody(
    desk: RunningDesk, ada: Account, asked: tuple[Chat, str]
) -> None:
    other = desk.chat()
    other.send("The shoulder clicks in private")
    assert hits(search(desk, ada, "clicks in private")) == []
    assert hits(search(desk, ada, "shoulder clicks")) == [asked[1]]


def test_what_was_erased_is_found_no_more(
    desk: RunningDesk, ada: Account, asked: tuple[Chat, str]
) -> None:
    assert asked[0].erase().status_code < 300
    assert hits(search(desk, ada, "shoulder clicks")) == []
    assert hits(search(desk, ada, "o'hara")) == [asked[1]], "the open call-back keeps its own"


def test_open_ones_stand_first_then_the_newest(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    references = []
    for number in range(3):
        more = {"name": "Lee Doe", "phone": f"+1608555020{number}"}
        references.append(callback(desk, internal, desk.chat().id, **more).json()["reference"])
    closed = ada.http.post("/api/nurse/handoffs/3/resolve", json={"outcome": "reached"})
    assert closed.status_code == 200
    assert hits(search(desk, ada, "lee doe")) == [references[1], references[0], references[2]]


@pytest.mark.parametrize("words", ["", "ab", " a ", "x" * 101])
def test_too_little_and_too_much_are_refused_in_words(
    desk: RunningDesk, ada: Account, words: str
) -> None:
    answer = search(desk, ada, words)
    assert answer.status_code == 422
    assert "Please write 3 to 100 characters." in answer.text


def test_a_search_and_what_it_showed_are_audited_without_a_word_of_it(
    desk: RunningDesk, ada: Account, asked: tuple[Chat, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert hits(search(desk, ada, "o'hara")) == [asked[1]]
    with desk.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.actor == f"nurse:{ada.id}").order_by(AuditRow.id)
        ).all()
    told = [(row.action, row.object_id, row.detail) for row in rows][-2:]
    assert told == [("queue.searched", "all", "1"), ("handoff.found", "1", "name")]
    assert "hara" not in caplog.text.lower()


def test_what_is_searched_for_stands_in_no_address(desk: RunningDesk, ada: Account) -> None:
    answer = desk.http.get("/nurse/search?words=quillfeather", headers=ada.page)
    assert answer.status_code == 200
    assert "quillfeather" not in answer.text
    assert 'method="post"' in answer.text
