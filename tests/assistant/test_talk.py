"""What a patient gets over a whole conversation, from the trained assistant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from clinic.handout import load_handouts
from tests.assistant.conftest import Assistant
from tests.assistant.test_generator import sentences
from tests.unclear import UNCLEAR

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text())["responses"]
TEXTS = {section.id: section.text for section in load_handouts(ROOT / "documents")[0].sections}


def phrase(name: str) -> str:
    return str(DOMAIN[name][0]["text"])


def words(reply: list[dict[str, Any]]) -> str:
    return "\n".join(element["text"] for element in reply[:-1])


def check_grounding(reply: list[dict[str, Any]]) -> None:
    """Each sentence is the domain's, or stands in a section that the turn names."""
    turn = reply[-1]["custom"]["turn"]
    fixed = " ".join(phrase(name) for name in DOMAIN if name.startswith("utter_lead"))
    passages = " ".join(TEXTS[section] for section in turn["sections"])
    for sentence in sentences(words(reply)):
        assert sentence in passages or sentence in fixed, sentence


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("does dry needling hurt?", "does-it-hurt"),
        ("Does dry needling hurt", "does-it-hurt"),
        ("is dry needling safe?", "side-effects"),
        ("does insurance cover dry needling", "insurance"),
        ("is dry needling the same as acupuncture?", "acupuncture"),
        ("how is dry needling done?", "how-performed"),
        ("what is dry needling?", "what-is-it"),
        ("dry needling", "what-is-it"),
    ],
)
def test_the_name_of_the_treatment_does_not_blur_a_question(
    assistant: Assistant, sender: str, text: str, section: str
) -> None:
    reply = assistant.say(sender, text)
    assert reply[-1]["custom"]["turn"]["sections"] == [section]


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("does it hurt and will my insurance pay for it?", ["does-it-hurt", "insurance"]),
        ("Is it acupuncture? And are the needles clean?", ["acupuncture", "needle-safety"]),
        ("what is a trigger point, how is it done, and will I be sore",
         ["trigger-points", "how-performed", "side-effects"]),
        ("hi there! my daughter set this up. what are the side effects? thanks",
         ["side-effects"]),
        ("can it help my neck and back pain?", ["what-it-treats"]),
    ],
)  # fmt: skip
def test_everything_that_was_asked_is_answered_in_order_once_each(
    assistant: Assistant, sender: str, text: str, sections: list[str]
) -> None:
    reply = assistant.say(sender, text)
    assert reply[-1]["custom"]["turn"]["sections"] == sections
    check_grounding(reply)
    for section in sections:
        for sentence in sentences(TEXTS[section]):
            assert words(reply).count(sentence) == 1


def test_the_sentence_that_answers_comes_first(assistant: Assistant, sender: str) -> None:
    reply = assistant.say(sender, "how many days does the soreness stay?")
    assert words(reply).startswith("This soreness may be gone")
    check_grounding(reply)
    reply = assistant.say(sender, "is it the same as acupuncture?")
    assert words(reply).startswith("No, ")


@pytest.mark.parametrize("text", ["2025550173", "202-555-0173 after five works best for me"])
def test_who_leaves_a_phone_number_wants_a_call(assistant: Assistant, text: str) -> None:
    understood = assistant.loop.run_until_complete(assistant.agent.parse_message(text))
    assert understood["intent"]["name"] == "handoff"


@pytest.mark.parametrize("text", ["can you treat my jaw?", "do you do shoulders", "TMJ?"])
def test_a_part_of_the_body_on_the_list_is_said_to_be_on_it(
    assistant: Assistant, sender: str, text: str
) -> None:
    reply = assistant.say(sender, text)
    assert reply[-1]["custom"]["turn"]["sections"] == ["what-it-treats"]
    assert words(reply).startswith(phrase("utter_lead_listed"))
    check_grounding(reply)


@pytest.mark.parametrize("text", ["can you treat my knee?", "can you treat my feet?", "hips?"])
def test_a_part_that_is_not_on_the_list_is_declined_and_a_nurse_offered(
    assistant: Assistant, sender: str, text: str
) -> None:
    reply = assistant.say(sender, text)
    turn = reply[-1]["custom"]["turn"]
    assert (turn["kind"], turn["handoff"]["state"]) == ("decline", "offered")
    assert words(reply) == phrase("utter_decline_part")


@pytest.mark.parametrize(
    ("first", "then", "section"),
    [
        ("what are the side effects?", "how long for?", "side-effects"),
        ("what are the side effects?", "what can I do about it?", "aftercare"),
        ("does it hurt?", "why?", "does-it-hurt"),
        ("does it hurt?", "simpler please", "does-it-hurt"),
        ("is it acupuncture?", "what do you mean", "acupuncture"),
        ("can it help my neck?", "and my jaw?", "what-it-treats"),
        ("can it help my neck?", "what about headaches", "what-it-treats"),
    ],
)
def test_a_follow_up_is_understood_from_what_was_answered(
    assistant: Assistant, sender: str, first: str, then: str, section: str
) -> None:
    assistant.say(sender, first)
    reply = assistant.say(sender, then)
    assert reply[-1]["custom"]["turn"]["sections"] == [section]
    check_grounding(reply)


@pytest.mark.parametrize("then", ["how much is it?", "who does it?"])
def test_a_new_question_is_not_taken_for_a_follow_up(
    assistant: Assistant, sender: str, then: str
) -> None:
    assistant.say(sender, "does it hurt?")
    assert assistant.turn(sender, then)["kind"] == "decline"


def test_a_follow_up_about_a_part_not_on_the_list_is_declined(
    assistant: Assistant, sender: str
) -> None:
    assistant.say(sender, "can it help my neck?")
    assert words(assistant.say(sender, "and my knee?")) == phrase("utter_decline_part")


def test_the_same_answer_again_is_introduced_and_a_nurse_offered(
    assistant: Assistant, sender: str
) -> None:
    first = assistant.say(sender, "does it hurt?")
    again = assistant.say(sender, "will it hurt")
    assert words(again) == f"{phrase('utter_lead_again')}\n\n{words(first)}"
    assert again[-1]["custom"]["turn"]["handoff"]["state"] == "offered"
    check_grounding(again)


def test_after_a_second_miss_a_person_is_offered_first(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "how much does it cost?")
    reply = assistant.say(sender, "can I park there?")
    assert words(reply) == phrase("utter_decline_again")
    assert reply[-1]["custom"]["turn"]["kind"] == "decline"
    assistant.say(sender, "does it hurt?")
    assert words(assistant.say(sender, "can I park there?")) == phrase("utter_decline")


def unclear(assistant: Assistant, sender: str) -> list[str]:
    """Ask something that may mean two things; gives back the buttons."""
    for number, text in enumerate(UNCLEAR):
        reply = assistant.say(f"{sender}-{number}", text)
        if reply[-1]["custom"]["turn"]["kind"] == "clarify":
            reply = assistant.say(sender, text)
            check_options(reply)
            return [button["title"] for button in reply[-2]["buttons"]]
    pytest.fail("none of the messages is unclear; choose others")


def check_options(reply: list[dict[str, Any]]) -> None:
    buttons = reply[-2]["buttons"]
    assert 2 <= len(buttons) <= 3
    offered = [button for button in buttons if button["title"] != "Ask for a nurse"]
    assert all(button["title"] == button["payload"] for button in offered)
    assert reply[-1]["custom"]["turn"]["sections"] == []
    assert set(reply[-1]["custom"]) == {"turn"}


@pytest.mark.parametrize("typed", ["press", "the second one", "2", "yes, the second"])
def test_a_typed_choice_works_like_the_press(assistant: Assistant, sender: str, typed: str) -> None:
    buttons = unclear(assistant, sender)
    titles = {s.title: s.id for s in load_handouts(ROOT / "documents")[0].sections}
    turn = assistant.turn(sender, buttons[1] if typed == "press" else typed)
    assert (turn["kind"], turn["sections"]) == ("answer", [titles[buttons[1]]])


def test_something_else_is_taken_as_that(assistant: Assistant, sender: str) -> None:
    buttons = unclear(assistant, sender)
    if "Something else" in buttons:
        assert assistant.turn(sender, "Something else")["kind"] == "chitchat"


def test_asked_back_twice_the_person_comes_first(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "how much does it cost?")
    buttons = unclear(assistant, sender)
    assert buttons[0] == "Ask for a nurse"


def test_a_greeting_or_thanks_alone_stays_one(assistant: Assistant, sender: str) -> None:
    assert assistant.turn(sender, "good morning! how are you?")["kind"] == "chitchat"
    assert assistant.turn(sender, "ok thank you. bye")["kind"] == "chitchat"


def test_no_lead_in_states_a_fact() -> None:
    for name in DOMAIN:
        if name.startswith("utter_lead"):
            assert not re.search(r"needl|muscle|sore|pain|\d", phrase(name).lower())
