"""transcript.js: events and unsent messages in, what the patient sees out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widget.conftest import Call

VIEW = """(module, steps) => {
  let transcript = module.emptyTranscript;
  for (const [name, ...values] of steps) transcript = module[name](transcript, ...values);
  return module.view(transcript);
}"""


def event(seq: int, author: str, text: str, **values: Any) -> dict[str, Any]:
    """An event of the contract."""
    return {
        "seq": seq,
        "at": "2026-11-24T09:00:00+00:00",
        "author": author,
        "text": text,
        "buttons": [],
        "turn": None,
        **values,
    }


def turn(kind: str, **values: Any) -> dict[str, Any]:
    """A turn of the contract."""
    given: dict[str, Any] = {
        "document": "d",
        "sections": [],
        "urgency": None,
        "handoff": None,
        "confidence": 1,
    }
    return {"kind": kind, **given, **values}


def look(call: Call, *steps: list[Any]) -> dict[str, Any]:
    """The view after the steps."""
    seen: dict[str, Any] = call("transcript.js", VIEW, list(steps))
    return seen


def texts(view: dict[str, Any]) -> list[str]:
    """What is said, in its order."""
    return [message["text"] for message in view["messages"]]


def test_events_are_shown_in_order_and_once(call: Call) -> None:
    one, two, three = (event(n, "assistant", str(n)) for n in (1, 2, 3))
    view = look(call, ["withEvents", [three, one]], ["withEvents", [two, one, three]])
    assert texts(view) == ["1", "2", "3"]


@pytest.mark.parametrize("order", ["202 first", "event first", "202 lost"])
def test_a_message_and_its_event_are_one(call: Call, order: str) -> None:
    write: list[Any] = ["withOutgoing", {"id": "a", "text": "Hello"}]
    told: list[Any] = ["withSent", "a", 1]
    heard: list[Any] = ["withEvents", [event(1, "patient", "Hello")]]
    steps: list[list[Any]] = {
        "202 first": [write, told, heard],
        "event first": [write, heard, told],
        "202 lost": [write, heard, ["withFailed", "a"]],
    }[order]
    (message,) = look(call, *steps)["messages"]
    assert (message["key"], message["state"], message["seq"]) == ("a", "sent", 1)


def test_the_same_words_written_twice_are_two_messages(call: Call) -> None:
    view = look(
        call,
        ["withOutgoing", {"id": "a", "text": "Hi"}],
        ["withOutgoing", {"id": "b", "text": "Hi"}],
        ["withEvents", [event(1, "patient", "Hi")]],
    )
    assert [message["state"] for message in view["messages"]] == ["sent", "sending"]


def test_an_older_event_does_not_stand_for_a_new_message(call: Call) -> None:
    view = look(
        call,
        ["withEvents", [event(1, "patient", "Hi"), event(2, "assistant", "Hello")]],
        ["withOutgoing", {"id": "a", "text": "Hi"}],
        ["withFailed", "a"],
    )
    assert [message["state"] for message in view["messages"]] == ["sent", "sent", "failed"]


ASKED = event(1, "patient", "x")
TOLD = event(2, "system", "y")


@pytest.mark.parametrize(
    ("steps", "waiting"),
    [
        ([["withOutgoing", {"id": "a", "text": "x"}]], None),
        ([["withOutgoing", {"id": "a", "text": "x"}], ["withSent", "a", 1]], "reply"),
        ([["withOutgoing", {"id": "a", "text": "x"}], ["withFailed", "a"]], None),
        ([["withEvents", [ASKED]]], "reply"),
        ([["withEvents", [ASKED, event(2, "assistant", "y")]]], None),
        ([["withEvents", [ASKED, TOLD]]], None),
        ([["withEvents", [ASKED, TOLD, event(3, "patient", "z")]]], "outage"),
        ([["withEvents", [ASKED, TOLD, event(3, "assistant", "z")]]], None),
    ],
)
def test_waiting_ends_with_any_reply(call: Call, steps: list[Any], waiting: str | None) -> None:
    assert look(call, *steps)["waiting"] == waiting


def test_nobody_waits_for_the_assistant_while_a_nurse_has_the_floor(call: Call) -> None:
    connected = turn("handoff", handoff={"state": "connected", "asks_for": None, "reference": None})
    events = [event(1, "system", "Nurse Ann is here.", turn=connected), event(2, "patient", "Hi")]
    assert look(call, ["withEvents", events])["waiting"] is None


ALARM = event(2, "assistant", "Call 911", turn=turn("emergency"))
CLOSED = {"state": "closed", "asks_for": None, "reference": "AAA-AAA"}


@pytest.mark.parametrize(
    ("events", "alarm"),
    [
        ([ASKED], None),
        ([ASKED, ALARM], {"seq": 2, "text": "Call 911"}),
        ([ALARM, event(3, "assistant", "x", turn=turn("answer"))], {"seq": 2, "text": "Call 911"}),
        (
            [ALARM, event(3, "system", "Call 988", turn=turn("emergency"))],
            {"seq": 3, "text": "Call 911\nCall 988"},
        ),
        ([ALARM, event(3, "system", "done", turn=turn("handoff", handoff=CLOSED))], None),
        (
            [ALARM, event(3, "assistant", "no call", turn=turn("handoff", handoff=CLOSED))],
            {"seq": 2, "text": "Call 911"},
        ),
        (
            [
                event(1, "system", "done", turn=turn("handoff", handoff=CLOSED)),
                ALARM,
            ],
            {"seq": 2, "text": "Call 911"},
        ),
    ],
)
def test_an_alarm_lasts_until_a_nurse_closes_it(
    call: Call, events: list[dict[str, Any]], alarm: dict[str, Any] | None
) -> None:
    assert look(call, ["withEvents", events])["alarm"] == alarm


def test_after_a_nurse_has_closed_it_a_new_message_waits_for_the_assistant(call: Call) -> None:
    closed = event(1, "system", "done", turn=turn("handoff", handoff=CLOSED))
    assert look(call, ["withEvents", [closed, event(2, "patient", "x")]])["waiting"] == "reply"


def test_choices_are_locked_by_the_next_message_and_the_chosen_one_is_known(call: Call) -> None:
    buttons = [{"title": "Yes", "payload": "yes"}, {"title": "No", "payload": "no"}]
    asked = event(1, "assistant", "Well?", buttons=buttons, turn=turn("clarify"))
    free = look(call, ["withEvents", [asked]])["messages"][0]["buttons"]
    used = look(call, ["withEvents", [asked]], ["withOutgoing", {"id": "a", "text": "no"}])
    assert [(one["locked"], one["chosen"]) for one in free] == [(False, False)] * 2
    locked = used["messages"][0]["buttons"]
    assert [(one["locked"], one["chosen"]) for one in locked] == [(True, False), (True, True)]


def test_sections_of_another_document_are_told_apart(call: Call) -> None:
    said = turn("answer", sections=["one", "other#two"])
    (message,) = look(call, ["withEvents", [event(1, "assistant", "x", turn=said)]])["messages"]
    assert message["sections"] == [
        {"document": "d", "section": "one"},
        {"document": "other", "section": "two"},
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One.\nTwo.", [{"kind": "paragraph", "text": "One. Two."}]),
        (
            "One.\n\nTwo.",
            [{"kind": "paragraph", "text": "One."}, {"kind": "paragraph", "text": "Two."}],
        ),
        (
            "For:\n\n- Neck\n- Back",
            [{"kind": "paragraph", "text": "For:"}, {"kind": "list", "items": ["Neck", "Back"]}],
        ),
        ("- A\nThen", [{"kind": "list", "items": ["A"]}, {"kind": "paragraph", "text": "Then"}]),
        ("-5 is a number", [{"kind": "paragraph", "text": "-5 is a number"}]),
        ("  \n ", []),
    ],
)
def test_blocks(call: Call, text: str, found: list[Any]) -> None:
    assert call("transcript.js", "(module, text) => module.blocks(text)", text) == found


@pytest.mark.parametrize(
    ("text", "hrefs"),
    [
        ("Call 911 now.", ["tel:911"]),
        ("Call or text 988.", ["tel:988"]),
        ("You can text 988.", ["sms:988"]),
        ("It costs 9110 or 1911.", []),
        ("Ring +1 608 555 0100 please", ["tel:+16085550100"]),
        ("911-988", ["tel:988"]),
        ("", []),
    ],
)
def test_numbers_become_links(call: Call, text: str, hrefs: list[str]) -> None:
    numbers = ["911", "988", "+1 608 555 0100", None]
    pieces = call(
        "transcript.js", "(m, text, numbers) => m.linkNumbers(text, numbers)", text, numbers
    )
    assert [piece["href"] for piece in pieces if piece["href"]] == hrefs
    assert "".join(piece["text"] for piece in pieces) == text


def test_what_is_read_out_is_the_whole_message_with_its_choices(call: Call) -> None:
    asked = event(
        1, "assistant", "Which?\n\n- A\n- B", buttons=[{"title": "First", "payload": "1"}]
    )
    script = """(module, events) => module.view(module.withEvents(module.emptyTranscript, events))
      .messages.map(module.announcement)"""
    heard = call("transcript.js", script, [asked, event(2, "patient", "A")])
    assert heard == ["Clinic assistant says: Which? A B Choices: First.", ""]


def test_an_event_without_text_lends_its_turn_to_the_one_before(call: Call) -> None:
    said = turn("answer", sections=["one"])
    view = look(
        call,
        ["withEvents", [event(1, "assistant", "Words"), event(2, "assistant", "", turn=said)]],
    )
    (message,) = view["messages"]
    assert (message["text"], message["rated"], len(message["sections"])) == ("Words", True, 1)


@pytest.mark.parametrize(
    ("kind", "rated"),
    [
        *(("answer", True), ("decline", True), ("out_of_scope", True)),
        *(("clarify", False), ("handoff", False), ("emergency", False), ("chitchat", False)),
    ],
)
def test_answers_and_non_answers_can_be_judged_and_nothing_else(
    call: Call, kind: str, rated: bool
) -> None:
    view = look(call, ["withEvents", [event(1, "assistant", "Words", turn=turn(kind))]])
    assert view["messages"][0]["rated"] is rated


# A nurse in the chat.


STATUS: dict[str, Any] = {
    "floor": "nurse", "nurse": "Ada", "position": None, "wait_minutes": None,
    "typing": False, "seen": 0,
}  # fmt: skip
WITH_STATUS = """(module, events, status) =>
  module.view(module.withEvents(module.emptyTranscript, events), status)"""


def queue_line(seq: int, state: str, **values: Any) -> dict[str, Any]:
    """What the desk says on the way to a nurse and back."""
    handoff = {"state": state, "asks_for": None, "reference": "K7F-3RM"}
    return event(seq, "system", "line", turn=turn("handoff", handoff=handoff), **values)


def test_a_nurses_message_has_her_name(call: Call) -> None:
    view = look(call, ["withEvents", [event(1, "nurse", "Hello", name="Ada")]])
    assert view["messages"][0]["speaker"] == "Ada, nurse"


@pytest.mark.parametrize(
    ("floor", "typing", "expected"),
    [
        ("assistant", False, "reply"),
        ("waiting", False, None),
        ("nurse", False, None),
        ("nurse", True, "nurse"),
    ],
)
def test_the_assistant_owes_a_reply_only_while_it_answers(
    call: Call, floor: str, typing: bool, expected: str | None
) -> None:
    status = {**STATUS, "floor": floor, "typing": typing}
    events = [queue_line(1, "connected"), queue_line(2, "closed"), event(3, "patient", "hello")]
    assert call("transcript.js", WITH_STATUS, events, status)["waiting"] == expected


@pytest.mark.parametrize("state", ["queued", "offered", "closed"])
def test_a_line_of_the_queue_is_no_outage(call: Call, state: str) -> None:
    view = look(call, ["withEvents", [queue_line(1, state), event(2, "patient", "hello")]])
    assert view["waiting"] == "reply"


def test_the_last_own_message_says_whether_the_nurse_has_seen_it(call: Call) -> None:
    events = [event(1, "patient", "a"), event(2, "patient", "b"), event(3, "nurse", "c")]
    for seen, expected in ((1, "delivered"), (2, "seen")):
        view = call("transcript.js", WITH_STATUS, events, {**STATUS, "seen": seen})
        assert [one.get("delivery") for one in view["messages"]] == [None, expected, None]


def test_an_offer_with_a_button_needs_no_link(call: Call) -> None:
    button = [{"title": "Ask for a call", "payload": "I want a nurse to call me"}]
    view = look(call, ["withEvents", [queue_line(1, "offered", buttons=button)]])
    assert (view["messages"][0]["callback"], len(view["messages"][0]["buttons"])) == (False, 1)


@pytest.mark.parametrize(
    ("position", "minutes", "words"),
    [
        (1, 1, "Waiting for a nurse: you are next in line, about 1 minute."),
        (3, 12, "Waiting for a nurse: you are number 3 in line, about 12 minutes."),
        (2, None, "Waiting for a nurse: you are number 2 in line."),
    ],
)
def test_the_place_in_line_in_words(
    call: Call, position: int, minutes: int | None, words: str
) -> None:
    script = "(module, status) => module.waitWords(status)"
    status = {"position": position, "wait_minutes": minutes}
    assert call("transcript.js", script, status) == words
