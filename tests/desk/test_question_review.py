"""Leads see what was not answered, put together, and decide; nobody else, and nothing unseen."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from desk.storage.database import Database
from desk.storage.figure_tables import UnansweredRow
from desk.storage.tables import AuditRow
from tests.desk.cast import Account
from tests.desk.running import Clock, RunningDesk

PAGE = "/nurse/unanswered"
QUESTIONS = [
    ("May I swim after needling?", "decline", None),
    ("Is swimming ok?", "decline", False),
    ("Where can I park?", "decline", None),
    ("Do you treat dogs?", "out_of_scope", True),
]


def ask(database: Database, clock: Clock, question: str, kind: str, helpful: bool | None) -> int:
    clock.ahead += timedelta(seconds=1)
    with database.write() as session:
        row = UnansweredRow(
            conversation_id=None,
            reply_seq=2,
            at=clock(),
            kind=kind,
            question=question,
            said="The handout does not say.",
            helpful=helpful,
        )
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def ids(desk: RunningDesk) -> list[int]:
    """The four questions, waiting for a decision."""
    return [ask(desk.database, desk.clock, *one) for one in QUESTIONS]


def read(desk: RunningDesk, account: Account, query: str = "") -> str:
    answer = desk.http.get(f"{PAGE}{query}", headers=account.page)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def groups(shown: str) -> list[tuple[str, list[int]]]:
    """Each open group as the page shows it: its name, and what its form is about."""
    parts = shown.split('<li class="card">')[1:]
    return [
        (
            re.findall(r"<h3[^>]*>(.*?)</h3>", part)[0],
            [int(one) for one in re.findall(r'name="question" value="(\d+)"', part)],
        )
        for part in parts
    ]


def decide(
    desk: RunningDesk, account: Account, questions: list[int], verdict: str = "add", **more: str
) -> httpx.Response:
    form = {"question": [str(one) for one in questions], "verdict": verdict, **more}
    return desk.http.post(f"{PAGE}/decisions", data=form, headers=account.page)


def acts(desk: RunningDesk) -> list[tuple[str, str, str]]:
    with desk.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.object_kind == "unanswered").order_by(AuditRow.id)
        ).all()
    return [(row.action, row.object_id, row.detail) for row in rows]


def test_what_is_alike_is_one_group_with_what_patients_said(
    desk: RunningDesk, lea: Account, ids: list[int]
) -> None:
    shown = read(desk, lea)
    assert groups(shown) == [
        ("Is swimming ok?", [ids[1], ids[0]]),
        ("Do you treat dogs?", [ids[3]]),
        ("Where can I park?", [ids[2]]),
    ]
    assert "4 questions in 3 groups" in shown
    assert "1 said the reply did not help." in shown


def test_a_reason_can_be_chosen(desk: RunningDesk, lea: Account, ids: list[int]) -> None:
    assert [name for name, _ in groups(read(desk, lea, "?kind=out_of_scope"))] == [
        "Do you treat dogs?"
    ]
    assert len(groups(read(desk, lea, "?kind=whatever"))) == 3


def test_a_decision_is_about_exactly_what_was_seen(
    desk: RunningDesk, lea: Account, amy: Account, ids: list[int]
) -> None:
    """Another patient asks the same between the look and the click: that one stays open."""
    (_, seen), *_ = groups(read(desk, lea))
    late = ask(desk.database, desk.clock, "swim?", "decline", None)
    answer = decide(desk, lea, seen, "add", note="Water, after a day", kind="decline")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?kind=decline")
    shown = read(desk, amy)
    assert "Asked again: decided before as “Add to the handout”, by Lea" in shown
    assert shown.count("Asked again") == 1
    assert [late] in [group for _, group in groups(shown)]
    for words in ("Add to the handout", "Water, after a day", "Lea"):
        assert words in shown.split("<h2>Decided</h2>")[1]


def test_two_leads_who_decide_at_once_make_one_decision(
    desk: RunningDesk, lea: Account, amy: Account, ids: list[int]
) -> None:
    assert decide(desk, lea, ids[:2]).status_code == 303
    second = decide(desk, amy, ids[:2], "not_ours")
    assert second.status_code == 409
    assert "already decided" in second.text
    assert "Not for us" not in second.text.split("<h2>Decided</h2>")[1]


def test_a_decision_can_be_taken_back(desk: RunningDesk, lea: Account, ids: list[int]) -> None:
    decide(desk, lea, ids)
    assert groups(read(desk, lea)) == []
    answer = desk.http.post(f"{PAGE}/decisions/1/reopen", headers=lea.page)
    assert answer.status_code == 303
    assert len(groups(read(desk, lea))) == 3
    again = desk.http.post(f"{PAGE}/decisions/1/reopen", headers=lea.page)
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({"question": "1", "verdict": ""}, 422, "choose what to do"),
        ({"question": "1", "verdict": "delete"}, 422, "choose what to do"),
        ({"question": "1", "verdict": "add", "note": "x" * 1001}, 422, "at most 1000"),
        ({"question": "0", "verdict": "add"}, 422, ""),
        ({"question": "99999999999", "verdict": "add"}, 422, ""),
        ({"verdict": "add"}, 422, ""),
        ({"question": "77", "verdict": "add"}, 409, "already decided"),
    ],
)
def test_what_is_no_decision_is_refused(
    desk: RunningDesk,
    lea: Account,
    ids: list[int],
    *,
    form: dict[str, str],
    status: int,
    says: str,
) -> None:
    answer = desk.http.post(f"{PAGE}/decisions", data=form, headers=lea.page)
    assert answer.status_code == status
    assert says in answer.text
    assert len(groups(read(desk, lea))) == 3


def test_everything_is_audited_without_a_word_of_a_question(
    desk: RunningDesk, lea: Account, ids: list[int]
) -> None:
    read(desk, lea, "?kind=decline")
    desk.http.get(f"{PAGE}.csv", headers=lea.page)
    decide(desk, lea, ids, "handled", note="told them")
    desk.http.post(f"{PAGE}/decisions/1/reopen", headers=lea.page)
    assert acts(desk) == [
        ("unanswered.read", "decline", ""),
        ("unanswered.exported", "all", ""),
        ("unanswered.decided", "1", "handled"),
        ("unanswered.reopened", "1", ""),
    ]


def test_the_csv_has_each_question_and_no_formula(
    desk: RunningDesk, lea: Account, ids: list[int]
) -> None:
    ask(desk.database, desk.clock, '=HYPERLINK("https://evil.example")', "decline", None)
    answer = desk.http.get(f"{PAGE}.csv", headers=lea.page)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(one["group"], one["in_group"]) for one in lines] == [
        *(("1", "2"), ("1", "2"), ("2", "1"), ("3", "1"), ("4", "1")),
    ]
    assert '\'=HYPERLINK("https://evil.example")' in {one["question"] for one in lines}


def test_more_groups_than_a_page_are_turned_over(desk: RunningDesk, lea: Account) -> None:
    words = [f"{first}{second}zz" for first in "bcdfg" for second in "klmnpr"]
    for word in words:
        ask(desk.database, desk.clock, word, "decline", None)
    first = read(desk, lea)
    found = re.search(r'href="([^"]*page=2)"', first)
    assert found
    second = read(desk, lea, found[1].removeprefix(PAGE))
    assert len(groups(first)) + len(groups(second)) == len(words)
    assert "Smaller groups" not in second


def test_what_patients_write_is_shown_as_text(desk: RunningDesk, lea: Account) -> None:
    ask(desk.database, desk.clock, "<script>alert(1)</script>", "decline", None)
    assert "<script>alert" not in read(desk, lea)
