"""Every word of an answer stands in the handout, in the section that the turn names."""

import re
from pathlib import Path

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from assistant.generator import HandoutGenerator
from clinic.handout import HandoutError, load_handouts
from clinic.turn import HandoffState, Kind, Turn
from clinic.understanding import NEAREST
from tests.assistant.conftest import Assistant

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = Domain.load(str(ROOT / "domain.yml"))
HANDOUT = load_handouts(ROOT / "documents")[0]
SECTIONS = [section.id for section in HANDOUT.sections]
PHRASES = [name for name in DOMAIN.responses if name != "utter_answer"]


@pytest.fixture(scope="module")
def generator() -> HandoutGenerator:
    config = yaml.safe_load((ROOT / "endpoints.yml").read_text())["nlg"]
    return HandoutGenerator(EndpointConfig.from_dict(config), DOMAIN)


def asked(intent: str, confidence: float = 0.9) -> DialogueStateTracker:
    message = UserUttered("…", {"name": intent, "confidence": confidence})
    return DialogueStateTracker.from_events("p", [message], DOMAIN.slots, domain=DOMAIN)


def sentences(text: str) -> list[str]:
    """Sentences and list lines; a capital after a stop begins a new one ("Sept. 5" does not)."""
    return [
        part.strip()
        for line in text.splitlines()
        for part in re.split(r"(?<=[.!?])\s+(?=[A-Z])", line)
        if part.strip()
    ]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_sentence_of_an_answer_stands_in_the_section_it_names(
    generator: HandoutGenerator, loop, section: str
) -> None:
    reply = loop.run_until_complete(generator.generate("utter_answer", asked(section), "rest"))
    turn = Turn.from_json(reply["custom"]["turn"])
    assert (turn.kind, turn.document, turn.sections) == (Kind.ANSWER, HANDOUT.id, (section,))
    source = (ROOT / "documents" / f"{HANDOUT.id}.md").read_text(encoding="utf-8")
    passage = re.search(rf"\{{#{section}\}}\n(.*?)(?=\n## |\Z)", source, re.DOTALL)
    said = sentences(reply["text"])
    assert said
    for sentence in said:
        assert sentence in " ".join(passage[1].split()) or sentence in passage[1]


def test_an_answer_carries_the_confidence_of_the_guess(generator: HandoutGenerator, loop) -> None:
    reply = loop.run_until_complete(
        generator.generate("utter_answer", asked("hours", 0.7314), "rest")
    )
    assert reply["custom"]["turn"]["confidence"] == 0.7314


def test_a_passage_that_may_not_answer_is_said_as_the_nearest_and_a_nurse_is_offered(
    generator: HandoutGenerator, loop
) -> None:
    intent = {"name": "hours", "confidence": 0.5}
    understood = {"sections": ["hours"], "reason": NEAREST}
    message = UserUttered("…", intent, parse_data={"intent": intent, "understanding": understood})
    tracker = DialogueStateTracker.from_events("p", [message], DOMAIN.slots, domain=DOMAIN)
    reply = loop.run_until_complete(generator.generate("utter_answer", tracker, "rest"))
    [lead] = DOMAIN.responses["utter_lead_nearest"]
    assert reply["text"] == f"{lead['text']}\n\n{HANDOUT.section('hours').text}"
    turn = Turn.from_json(reply["custom"]["turn"])
    assert (turn.kind, turn.sections) == (Kind.ANSWER, ("hours",))
    assert turn.handoff is not None
    assert turn.handoff.state is HandoffState.OFFERED
    assert reply["buttons"]


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_fixed_phrase_has_words_and_a_turn(
    generator: HandoutGenerator, loop, phrase: str
) -> None:
    reply = loop.run_until_complete(
        generator.generate(
            phrase,
            asked("greet"),
            "rest",
            promise="Soon.",
            told="A nurse will call you.",
            reference="R",
            problem="No.",
            due="",
            place="",
        )
    )
    assert reply["text"].strip()
    assert "{" not in reply["text"]
    assert Turn.from_json(reply["custom"]["turn"]).kind is not Kind.ANSWER


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_fixed_phrase_states_what_only_the_handout_may_say(phrase: str) -> None:
    [response] = DOMAIN.responses[phrase]
    words = set(re.findall(r"[a-z]+", response["text"].lower()))
    medical = {"needle", "needling", "muscle", "sore", "soreness", "trigger", "ice", "heat"}
    assert not words & medical


@pytest.mark.parametrize("phrase", ["utter_emergency", "utter_crisis"])
def test_an_emergency_text_is_short_and_begins_with_the_number(
    generator: HandoutGenerator, loop, phrase: str
) -> None:
    reply = loop.run_until_complete(generator.generate(phrase, asked("emergency"), "rest"))
    assert len(reply["text"].split()) <= 60
    assert re.search(r"\b(911|988)\b", sentences(reply["text"])[0])
    assert reply["custom"]["turn"]["kind"] == "emergency"
    assert reply["custom"]["turn"]["urgency"] == "emergency"


def test_saying_again_says_the_last_answer_not_the_small_talk_after_it(
    assistant: Assistant, sender: str
) -> None:
    first = assistant.say(sender, "does it hurt?")
    assistant.say(sender, "thank you")
    assert assistant.say(sender, "can you say that again please") == first


def test_with_nothing_said_there_is_nothing_to_say_again(generator: HandoutGenerator, loop) -> None:
    tracker = asked("repeat")
    tracker.update(BotUttered("words without a turn"))
    reply = loop.run_until_complete(generator.generate("utter_repeat", tracker, "rest"))
    assert reply["custom"]["turn"]["kind"] == "chitchat"


def test_a_broken_handout_stops_the_start_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("no front matter")
    config = EndpointConfig(documents=str(tmp_path), document="x")
    with pytest.raises(HandoutError, match=r"x\.md: line 1"):
        HandoutGenerator(config, DOMAIN)
