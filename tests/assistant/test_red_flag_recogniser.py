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

from assistant.classifier import UNDERSTANDING
from assistant.red_flag_recogniser import RED_FLAGS, RecogniserConfig, RedFlagRecogniser
from assistant.red_flag_verdict import Trust, verdict
from assistant.red_flags import CATALOGUE, Acuity, assess

NAME = "ZQX-CANARY-771"


CONTEXT = ExecutionContext(GraphSchema({}))


@pytest.fixture(scope="module")
def recogniser(model: Path, tmp_path_factory: pytest.TempPathFactory) -> RedFlagRecogniser:
    """The one of the trained model: what words of danger mostly mean is learnt."""
    folder = tmp_path_factory.mktemp("model")
    storage, _ = LocalModelStorage.from_model_archive(folder, model)
    (stored,) = {path.parent.name for path in folder.rglob("alarm_sense.json")}
    config = RedFlagRecogniser.get_default_config()
    return RedFlagRecogniser.load(config, storage, Resource(stored), CONTEXT)


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


def weighed(recogniser: RedFlagRecogniser, text: str, danger: float) -> Message:
    """The message where the classifier gives an emergency the share `danger`."""
    message = Message.build(text)
    message.set("intent", {"name": "near_topic", "confidence": 0.9})
    message.set("intent_ranking", [{"name": "near_topic", "confidence": 0.9}])
    message.set(UNDERSTANDING, {"danger": {"emergency": danger, "crisis": 0.0, "urgent": 0.0}})
    recogniser.process([message])
    return message


@pytest.mark.parametrize(
    "text",
    [
        "sleep apnea, i stop breathing at night, can i lie on my stomach for it",
        "claustrophobic and can't breathe through face holes in tables, got another position?",
        "someone fainted at the parade on sunday so the whole band had to stop playing",
        "would you rather die by shark or by bear, office debate",
    ],
)
def test_an_alarm_that_is_hardly_right_is_asked_about(
    recogniser: RedFlagRecogniser, text: str
) -> None:
    assert assess(text).acuity in (Acuity.EMERGENCY, Acuity.CRISIS)
    asked = weighed(recogniser, text, 0.001)
    assert asked.get(RED_FLAGS)["ask"]
    assert asked.get("intent")["name"] == "near_topic"
    assert asked.get("entities") == []
    raised = weighed(recogniser, text, 0.6)
    assert raised.get("intent")["name"] in ("emergency", "crisis")


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("convulsions", 0.0),  # too few words to judge by
        ("he has collapsed right now, somebody help us please", 0.0),  # says now
        ("can you help, he stopped breathing", 0.0),  # calls
        (
            "i want to kill myself, nobody in the choir would notice",
            0.0,
        ),  # nothing stands against it
        ("what happens if i swallow all my gabapentin at once, i dont care anymore", 0.01),
        ("can it collapse a lung, because I can't breathe", 0.003),
    ],
)
def test_no_doubt_where_it_may_be_meant(
    recogniser: RedFlagRecogniser, text: str, danger: float
) -> None:
    found = weighed(recogniser, text, danger)
    assert found.get("intent")["name"] in ("emergency", "crisis")


@pytest.mark.parametrize("before", ["", "Do you take Medicare? ", "Hello. Are you open late? "])
@pytest.mark.parametrize("after", ["", ". Does it hurt?", ". Also, is it covered by insurance?"])
@pytest.mark.parametrize(
    "text", ["Since yesterday evening I have this chest pain", "swallowed all my tramadol"]
)
def test_a_question_beside_an_emergency_is_no_reason_for_doubt(
    recogniser: RedFlagRecogniser, before: str, text: str, after: str
) -> None:
    found = weighed(recogniser, before + text + after, 0.001)
    assert found.get("intent")["name"] in ("emergency", "crisis")


def test_an_alarm_that_the_classifier_shares_is_never_asked_about(
    recogniser: RedFlagRecogniser,
) -> None:
    text = "would you rather die by shark or by bear, office debate"
    assert weighed(recogniser, text, 0.0).get(RED_FLAGS)["ask"]
    message = Message.build(text)
    message.set("intent", {"name": "emergency", "confidence": 0.95})
    message.set(UNDERSTANDING, {"danger": {"emergency": 0.0, "crisis": 0.0, "urgent": 0.0}})
    recogniser.process([message])
    assert message.get("intent")["name"] == "crisis"


def test_without_a_classifier_every_alarm_of_the_rules_is_believed(
    recogniser: RedFlagRecogniser,
) -> None:
    text = "claustrophobic and can't breathe through face holes in tables, got another position?"
    message = Message.build(text)
    recogniser.process([message])
    assert message.get("intent")["name"] == "emergency"


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
