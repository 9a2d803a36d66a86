"""The component: rules and classifier together, in Rasa's own message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rasa")

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from assistant.red_flag_recogniser import RED_FLAGS, RecogniserConfig, RedFlagRecogniser
from assistant.red_flag_verdict import Trust, verdict
from assistant.red_flags import CATALOGUE, Acuity, assess

NAME = "ZQX-CANARY-771"
CONTEXT = ExecutionContext(GraphSchema({}))


def read(
    recogniser: RedFlagRecogniser, text: str, intent: str = "near_topic", confidence: float = 0.8
) -> dict[str, Any]:
    ranking = [{"name": intent, "confidence": confidence}, {"name": "hours", "confidence": 0.1}]
    message = Message.build(text)
    message.set("intent", ranking[0])
    message.set("intent_ranking", ranking)
    recogniser.process([message])
    return message.as_dict(only_output_properties=True)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I can't breathe", "emergency"),
        ("I want to kill myself", "crisis"),
    ],
)
def test_the_rules_override_the_classifier(
    recogniser: RedFlagRecogniser, text: str, intent: str
) -> None:
    found = read(recogniser, text)
    assert found["intent"]["name"] == intent
    assert found["intent_ranking"][0]["name"] == intent
    assert 0 <= found["intent"]["confidence"] <= 1


def test_an_urgent_flag_outweighs_a_hint_of_the_classifier_but_not_its_certainty() -> None:
    pus = assess("the spot is red, hot and full of pus")
    hint = {"side-effects": 0.9, "urgent": 0.05}
    assert verdict(pus, "side-effects", 0.9, hint, Trust()).intent == "urgent"
    tender = assess("is it ok that the knot is already so tender?")
    assert tender.acuity is Acuity.URGENT
    certain = {"does-it-hurt": 0.99}
    assert verdict(tender, "does-it-hurt", 0.99, certain, Trust()).intent == "does-it-hurt"


def test_the_classifier_alone_may_raise_the_alarm(recogniser: RedFlagRecogniser) -> None:
    found = read(recogniser, "something is terribly off with grandpa", "emergency")
    assert found["intent"]["name"] == "emergency"
    assert found[RED_FLAGS]["reason"] == "classifier"


@pytest.mark.parametrize("text", ["no chest pain at all, when do you open", "my chest is fine"])
def test_earned_silence_outweighs_the_classifier(recogniser: RedFlagRecogniser, text: str) -> None:
    found = read(recogniser, text, "emergency", 0.99)
    assert found["intent"]["name"] == "hours"
    assert found[RED_FLAGS]["reason"] == "silenced"


def test_silence_on_one_thing_is_none_on_another(recogniser: RedFlagRecogniser) -> None:
    found = read(recogniser, "no chest pain but grandpa's gone pale and weird", "emergency", 0.7)
    assert found["intent"]["name"] == "emergency"


def test_the_classifier_never_overrules_a_grave_alarm(recogniser: RedFlagRecogniser) -> None:
    assert read(recogniser, "chest pain", "hours", 1.0)["intent"]["name"] == "emergency"


@pytest.mark.parametrize(
    ("text", "alarmed"),
    [
        ("do you breathe", False),
        ("end chat", False),
        ("everything about grandpa looks wrong to us and he just sits there staring", True),
    ],
)
def test_few_words_or_a_question_need_a_surer_classifier(text: str, alarmed: bool) -> None:
    shares = {"emergency": 0.5, "bot_challenge": 0.4}
    decided = verdict(assess(text), "emergency", 0.5, shares, Trust())
    assert (decided.intent == "emergency") is alarmed


def test_the_classifier_is_heard_where_its_own_decision_was_milder() -> None:
    text = "everything about grandpa looks wrong to us and he just sits there staring"
    shares = {"emergency": 0.2, "near_topic": 0.7}
    assert verdict(assess(text), "near_topic", 0.7, shares, Trust()).intent == "emergency"


def test_flags_are_entities_with_their_places(recogniser: RedFlagRecogniser) -> None:
    text = "hello, I have chest pain"
    entity = read(recogniser, text)["entities"][0]
    assert entity["entity"] == "red_flag"
    assert entity["value"] == "chest_pain"
    assert text[entity["start"] : entity["end"]] == "chest pain"


def test_denied_flags_are_told_to_the_nurse_and_are_no_entities(
    recogniser: RedFlagRecogniser,
) -> None:
    found = read(recogniser, "no chest pain")
    assert found["entities"] == []
    assert [flag["flag"] for flag in found[RED_FLAGS]["silenced"]] == ["chest_pain"]
    assert found[RED_FLAGS]["silenced"][0]["context"] == "denied"


def test_a_harmless_message_keeps_its_intent(recogniser: RedFlagRecogniser) -> None:
    assert read(recogniser, "how late are you open", "hours", 0.7)["intent"] == {
        "name": "hours",
        "confidence": 0.7,
    }


def test_a_message_without_intent_is_read(recogniser: RedFlagRecogniser) -> None:
    message = Message.build("I passed out")
    assert recogniser.process([message])[0].get("intent")["name"] == "emergency"


def test_what_a_patient_writes_reaches_no_log(
    recogniser: RedFlagRecogniser,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(0)
    read(recogniser, f"I am {NAME} and have chest pain")
    printed = capfd.readouterr()
    assert NAME not in caplog.text + printed.out + printed.err


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"catalog": "x"}, "unknown setting 'catalog'"),
        ({"grave": 2}, "'grave' must be a number from 0 to 1"),
        ({"urgent": True}, "'urgent' must be a number"),
        ({"alarm": -0.1}, "'alarm' must be a number from 0 to 1"),
        ({"doubt": "low"}, "'doubt' must be a number from 0 to 1"),
        ({"catalogue": ""}, "'catalogue' must name a file"),
    ],
)
def test_a_wrong_setting_is_refused(config: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidConfigException, match=complaint):
        RecogniserConfig.read(config)


def test_a_broken_catalogue_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("version: 1")
    with pytest.raises(InvalidConfigException, match=r"broken\.yml, line 1"):
        RedFlagRecogniser.create(
            {"catalogue": str(tmp_path / "broken.yml")},
            LocalModelStorage.create(tmp_path),
            Resource("red_flags"),
            CONTEXT,
        )


def test_a_changed_catalogue_is_a_reason_to_train(tmp_path: Path) -> None:
    (tmp_path / "red_flag_real_words.txt").write_text("")
    other = tmp_path / "red_flags.yml"
    other.write_text(CATALOGUE.read_text(encoding="utf-8"), encoding="utf-8")
    shipped = RedFlagRecogniser.fingerprint_addon({})
    assert RedFlagRecogniser.fingerprint_addon({"catalogue": str(other)}) != shipped


@pytest.mark.parametrize("confidence", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("intent", ["emergency", "crisis", "urgent", "hours"])
@pytest.mark.parametrize(
    "text", ["I can't breathe", "no chest pain", "the spot is hot and red", ""]
)
def test_confidence_stays_a_probability(text: str, intent: str, confidence: float) -> None:
    shares = {intent: confidence, "emergency": 0.9, "crisis": 0.9, "hours": 0.4}
    decided = verdict(assess(text), intent, confidence, shares, Trust())
    assert 0 <= decided.confidence <= 1
