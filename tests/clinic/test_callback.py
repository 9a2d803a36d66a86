import pytest

from clinic.callback import Reading, read
from clinic.turn import Ask

# ask, text, intent, confidence -> reading
CASES = [
    (Ask.REASON, "my neck hurts since monday", "what-it-treats", 0.9, Reading.DETAIL),
    (Ask.REASON, "is it safe with a pacemaker?", "near_topic", 0.9, Reading.DETAIL),
    (Ask.REASON, "does it hurt?", "does-it-hurt", 0.9, Reading.DETAIL),
    (Ask.REASON, "i said get me a nurse", "handoff", 0.9, Reading.ASIDE),
    (Ask.REASON, "thanks", "thanks", 0.9, Reading.ASIDE),
    (Ask.REASON, "the spot is hot and red", "urgent", 0.8, Reading.DETAIL),
    (Ask.NAME, "my arm went numb", "urgent", 0.8, Reading.ASIDE),
    (Ask.TIME, "the spot is hot and i have a fever", "urgent", 0.8, Reading.ASIDE),
    (Ask.NAME, "Maria de la Cruz", "near_topic", 0.2, Reading.DETAIL),
    (Ask.NAME, "this is Bob Hours", "hours", 0.7, Reading.DETAIL),
    (Ask.NAME, "what are the side effects?", "side-effects", 0.9, Reading.ASIDE),
    (
        Ask.NAME,
        "before that tell me how long the soreness stays",
        "side-effects",
        0.9,
        Reading.ASIDE,
    ),
    (Ask.PHONE, "my number is 608 555 0142 thanks", "thanks", 0.9, Reading.DETAIL),
    (Ask.PHONE, "608", "near_topic", 0.9, Reading.DETAIL),
    (Ask.PHONE, "does it take 2 weeks", "side-effects", 0.9, Reading.ASIDE),
    (Ask.PHONE, "six oh eight", "near_topic", 0.2, Reading.DETAIL),
    (Ask.PHONE, "does it hurt", "does-it-hurt", 0.95, Reading.ASIDE),
    (Ask.PHONE, "will insurance cover it?", "insurance", 0.95, Reading.ASIDE),
    (Ask.TIME, "thursday evening", "hours", 0.9, Reading.DETAIL),
    (Ask.TIME, "whenever", "near_topic", 0.3, Reading.DETAIL),
    (Ask.TIME, "when are you open?", "hours", 0.9, Reading.ASIDE),
    (Ask.CONSENT, "yes", "affirm", 0.9, Reading.YES),
    (Ask.CONSENT, "Yes, please do", "near_topic", 0.3, Reading.YES),
    (Ask.CONSENT, "go ahead", "affirm", 0.9, Reading.YES),
    (Ask.CONSENT, "no", "deny", 0.9, Reading.NO),
    (Ask.CONSENT, "no thats not ok", "affirm", 0.5, Reading.NO),
    (Ask.CONSENT, "what do you keep?", "near_topic", 0.9, Reading.ASIDE),
]


@pytest.mark.parametrize(("ask", "text", "intent", "confidence", "reading"), CASES)
def test_a_message_in_the_form_is_taken_for_what_it_is(
    ask: Ask, text: str, intent: str, confidence: float, reading: Reading
) -> None:
    assert read(ask, text, intent=intent, confidence=confidence) is reading


@pytest.mark.parametrize("ask", Ask)
@pytest.mark.parametrize("intent", ["emergency", "crisis", "stop", "repeat"])
def test_danger_and_the_wish_to_stop_are_never_taken_as_a_detail(ask: Ask, intent: str) -> None:
    assert read(ask, "yes 608 555 0142", intent=intent, confidence=0.5) is Reading.ASIDE
