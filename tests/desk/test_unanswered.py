"""A question without an answer is kept until somebody decides, and never says whose it was."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text

from clinic.settings import Retention
from clinic.turn import Ask, Handoff, HandoffState, Kind, Turn
from desk import conversations, unanswered
from desk.retention import apply
from desk.settings import Settings
from desk.storage.database import Database
from desk.storage.figure_tables import QuestionDecisionRow, UnansweredRow
from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import Clock, RunningDesk, wait_until

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
KEPT = Retention(conversations=90 * DAY, handoffs=365 * DAY, audit=2190 * DAY)
DECLINE = "decline: Can I swim? I am Kim Doe, 608-555-0134"


def kept(database: Database) -> list[UnansweredRow]:
    with database.read() as session:
        return list(session.scalars(select(UnansweredRow).order_by(UnansweredRow.id)))


def feedback(desk: RunningDesk, chat_path: str, headers: dict[str, str], **body: object) -> int:
    return desk.http.post(f"{chat_path}/feedback", json=body, headers=headers).status_code


def test_what_the_handout_does_not_answer_is_kept_without_numbers(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("Does it hurt?")
    chat.wait_for(2)
    chat.send(DECLINE)
    chat.wait_for(4)
    (row,) = kept(desk.database)
    assert row.question == "decline: Can I swim? I am Kim Doe, [number]"
    assert (row.kind, row.reply_seq, row.helpful) == ("decline", 4, None)
    assert row.said.startswith("You said: ")


@pytest.mark.parametrize("helpful", [True, False])
def test_a_non_answer_can_be_judged_and_the_comment_is_kept_safe(
    desk: RunningDesk, helpful: bool
) -> None:
    chat = desk.chat()
    chat.send(DECLINE)
    chat.wait_for(2)
    body = {"seq": 2, "helpful": helpful, "comment": "mail me: kim@doe.example"}
    assert feedback(desk, chat.path, chat.headers, **body) == 204
    (row,) = kept(desk.database)
    assert (row.helpful, row.comment) == (helpful, "mail me: [e-mail]")


def test_an_answer_that_did_not_help_is_kept_until_the_patient_thinks_better_of_it(
    desk: RunningDesk,
) -> None:
    chat = desk.chat()
    chat.send("Will it hurt my dog?")
    chat.wait_for(2)
    assert feedback(desk, chat.path, chat.headers, seq=2, helpful=False) == 204
    (row,) = kept(desk.database)
    assert (row.kind, row.question, row.helpful) == ("answer", "Will it hurt my dog?", False)
    assert feedback(desk, chat.path, chat.headers, seq=2, helpful=True) == 204
    assert kept(desk.database) == []


def test_a_name_goes_as_soon_as_the_patient_gives_it_and_stays_away(
    desk: RunningDesk, internal: dict[str, str]
) -> None:
    chat = desk.chat()
    chat.send(DECLINE)
    chat.wait_for(2)
    assert callback(desk, internal, chat.id, name="Kim Doe").status_code == 201
    chat.send("decline: doe again")
    chat.wait_for(1, author="assistant")
    wait_until(lambda: len(kept(desk.database)) == 2)
    assert [row.question for row in kept(desk.database)] == [
        "decline: Can I swim? I am [name] [name], [number]",
        "decline: [name] again",
    ]


def test_who_erases_the_chat_takes_the_question_along(
    desk: RunningDesk, settings: Settings, ada: Account
) -> None:
    chat = desk.chat()
    chat.send("decline: zebra-canary-7391")
    chat.wait_for(2)
    with desk.database.write() as session:
        decision = QuestionDecisionRow(verdict="handled", note="", nurse_id=ada.id, at=NOW)
        session.add(decision)
        session.flush()
        session.execute(text("UPDATE unanswered SET decision_id = 1"))
    assert chat.erase().status_code == 200
    assert kept(desk.database) == []
    wait_until(
        lambda: (
            not any(
                b"zebra-canary-7391" in path.read_bytes()
                for path in settings.var.iterdir()
                if path.is_file()
            )
        )
    )


def add(database: Database, name: str, *, at: datetime) -> None:
    with database.write() as session:
        conversations.create(session, now=at, conversation_id=name)
        conversations.append(session, name, author="patient", text="Can I swim?", now=at)
        unanswered.keep(
            session,
            name,
            question="Can I swim?",
            reply_seq=2,
            said="Not in the handout.",
            turn=Turn(kind=Kind.DECLINE),
            now=at,
        )


def test_it_outlives_its_conversation_and_nothing_leads_back(database: Database) -> None:
    add(database, "old", at=NOW - 91 * DAY)
    add(database, "young", at=NOW - DAY)
    assert apply(database, KEPT, now=NOW).conversations == 1
    assert [(row.question, row.conversation_id) for row in kept(database)] == [
        ("Can I swim?", None),
        ("Can I swim?", "young"),
    ]
    apply(database, KEPT, now=NOW + 5000 * DAY)
    assert len(kept(database)) == 2, "undecided ones stay however old"


def test_a_decided_one_goes_as_long_after_the_decision_as_a_call_back_does(
    desk: RunningDesk, ada: Account, clock: Clock
) -> None:
    add(desk.database, "c", at=clock())
    with desk.database.write() as session:
        session.add(QuestionDecisionRow(verdict="handled", note="", nurse_id=ada.id, at=clock()))
        session.flush()
        session.execute(text("UPDATE unanswered SET decision_id = 1"))
    assert apply(desk.database, KEPT, now=clock() + 364 * DAY).questions == 0
    assert apply(desk.database, KEPT, now=clock() + 366 * DAY).questions == 1
    assert kept(desk.database) == []


def test_what_is_written_where_a_name_is_asked_for_is_not_kept(database: Database) -> None:
    asking = Handoff(HandoffState.COLLECTING, asks_for=Ask.NAME)
    with database.write() as session:
        conversations.create(session, now=NOW, conversation_id="c")
        for handoff in (asking, Handoff(HandoffState.COLLECTING, asks_for=Ask.REASON)):
            unanswered.keep(
                session,
                "c",
                question="Kim Doe",
                reply_seq=2,
                said="",
                turn=Turn(kind=Kind.DECLINE, handoff=handoff),
                now=NOW,
            )
    assert len(kept(database)) == 1
