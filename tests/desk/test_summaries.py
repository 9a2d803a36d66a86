"""What a nurse reads first: SBAR in four lines, the patient's words with their danger marked."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.handout import load_handout
from desk.flag_marks import marks_in, pieces
from desk.settings import CHECKOUT
from tests.desk.asking import callback
from tests.desk.cast import Account, hire, signed_in
from tests.desk.running import Clock, RunningDesk
from tests.desk.test_attempts import set_clock

HANDOUT = load_handout(CHECKOUT / "documents" / "dry-needling.md")
ANSWERS = {"breathing": "yes, fine", "worse": "skipped", "treated": "two days ago", "part": "neck"}


def entry(nurse: Account) -> dict[str, Any]:
    (found,) = nurse.http.get("/api/nurse/handoffs").json()
    return dict(found)


def lines(summary: str) -> dict[str, str]:
    """The summary's lines by their names."""
    return dict(line.split(": ", 1) for line in summary.split("\n"))


def test_found_and_denied_signs_stand_in_the_assessment(desk: RunningDesk, ada: Account) -> None:
    chat = desk.chat()
    chat.send("no fever, but I have chest pain since I was needled yesterday")
    chat.wait_for(2)
    told = lines(entry(ada)["summary"])
    assert list(told) == ["Situation", "Background", "Assessment", "Request"]
    assert told["Situation"].startswith("emergency, reference ")
    assert "“no fever, but I have chest pain since I was needled yesterday”" in told["Situation"]
    assert "told of the treatment: “needled yesterday” (message 1, " in told["Background"]
    assert "signs found: " in told["Assessment"]
    assert "Chest pain or a sign of the heart (emergency)" in told["Assessment"]
    assert "denied: Signs of infection" in told["Assessment"]


def test_the_words_that_raised_the_flag_are_marked_by_their_places(
    desk: RunningDesk, ada: Account
) -> None:
    chat = desk.chat()
    text = "Hello 🙂 no fever, but I have chest pain"
    chat.send(text)
    chat.wait_for(2)
    (quote,) = entry(ada)["quotes"]
    assert (quote["seq"], quote["text"]) == (1, text)
    senses = {mark["flag"]: mark["sense"] for mark in quote["marks"]}
    assert senses == {"chest_pain": "found", "infection": "denied"}
    (found,) = [mark for mark in quote["marks"] if mark["flag"] == "chest_pain"]
    assert text[found["start"] : found["end"]] == "chest pain"
    assert (found["title"], found["acuity"]) == (
        "Chest pain or a sign of the heart",
        "emergency",
    )


def test_the_answers_to_the_safety_questions_are_quoted(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    callback(desk, internal, desk.chat().id, urgency="urgent", triage=ANSWERS)
    told = lines(entry(ada)["summary"])
    assert "treated: “two days ago”; part of the body: “neck”" in told["Background"]
    assert "breathing and chest all right: “yes, fine”" in told["Assessment"]
    assert "getting worse: not answered" in told["Assessment"]


def test_a_worry_that_is_only_in_the_reason_is_marked_there(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    callback(desk, internal, desk.chat().id, reason="the spot is red, hot and full of pus")
    (quote,) = entry(ada)["quotes"]
    assert (quote["seq"], quote["text"]) == (None, "the spot is red, hot and full of pus")
    assert [mark["flag"] for mark in quote["marks"]] == ["infection"]


def test_a_later_request_adds_its_answers(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    callback(desk, internal, chat.id, triage={"part": "neck"})
    callback(desk, internal, chat.id, key="other", triage={"treated": "today"})
    assert "treated: “today”; part of the body: “neck”" in entry(ada)["summary"]


def test_a_nurse_reads_the_clinics_time_and_the_titles_of_the_handout(
    desk: RunningDesk, internal: dict[str, str], clock: Clock
) -> None:
    """No section id, and no other clock than the one on her wall."""
    set_clock(clock, "2026-12-01T20:00")  # in Chicago; in UTC it is Wednesday
    chat = desk.chat()
    chat.send("Does it hurt? I was needled yesterday")
    chat.wait_for(2)
    callback(desk, internal, chat.id)
    with signed_in(desk, hire(desk.database, "Ada", clock=clock)) as ada:
        told = lines(entry(ada)["summary"])
        page = desk.http.get("/nurse/handoffs/1", headers=ada.page).text
    assert re.search(r"since 8:\d\d p\.m\. on Tuesday, December 1 \(clinic", told["Situation"])
    assert re.search(r"message 1, 8:\d\d p\.m\. on Tuesday, December 1\)", told["Background"])
    title = HANDOUT.section("does-it-hurt").title
    assert f"was shown “{title}”" in told["Background"]
    summary = page.partition('id="summary"')[2].partition("</section>")[0]
    assert title in html.unescape(summary)
    assert "does-it-hurt" not in summary
    assert "UTC" not in summary


@pytest.mark.parametrize("answers", [{"pain": "much"}, {"part": "x" * 501}])
def test_an_answer_to_another_question_is_refused(
    desk: RunningDesk, internal: dict[str, str], answers: dict[str, str]
) -> None:
    assert callback(desk, internal, desk.chat().id, triage=answers).status_code == 422


def test_an_erased_chat_leaves_no_quote(
    desk: RunningDesk, internal: dict[str, str], ada: Account
) -> None:
    chat = desk.chat()
    chat.send("I have chest pain")
    chat.wait_for(2)
    chat.erase()
    assert entry(ada)["quotes"] == []
    assert "chest pain" not in str(entry(ada)).lower()


@given(text=st.text(max_size=120) | st.just("no chest pain but I can't breathe, fever"))
def test_pieces_joined_are_the_text(text: str) -> None:
    marks = marks_in(text)
    found = pieces(text, marks)
    assert "".join(piece.text for piece in found) == text
    assert sum(len(piece.named) for piece in found) == len(marks)
