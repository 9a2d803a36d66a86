"""In which sense words of danger are meant, learnt from messages like them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("rasa")

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.alarm_places import places
from assistant.alarm_sense import Alarm, AlarmSense, alarms_in, score_of
from assistant.encoder_session import Encoder
from assistant.red_flag_evidence import alarm_likelihood
from assistant.red_flag_recogniser import RecogniserConfig, RedFlagRecogniser
from assistant.red_flag_verdict import Trust
from assistant.red_flags import assess
from assistant.training import Settings

MEANT = [
    "help my dad is having a stroke right now",
    "i think mom has a stroke, her face hangs",
    "she is having a seizure on the floor",
    "my son has a seizure and does not wake up",
    "he is unconscious and does not answer",
    "grandma lies unconscious in the kitchen",
]
OTHERWISE = [
    "we learned about stroke last week at school",
    "i work in a stroke lab on the third floor",
    "the twitch looked like a seizure in that clip",
    "i teach first aid, seizures and such",
    "knock me unconscious please before the needle",
    "i was unconscious on the couch by halftime, who won",
]
MESSAGES = [(text, "emergency") for text in MEANT] + [(text, "near_topic") for text in OTHERWISE]


def learnt(encoder: Encoder | None) -> AlarmSense:
    alarms = alarms_in(MESSAGES, assess)
    sense, _ = AlarmSense.train(alarms, encoder=encoder, settings=Settings(folds=2))
    return sense


@pytest.fixture(scope="module", params=[True, False], ids=["encoder", "wording"])
def sense(request: pytest.FixtureRequest) -> AlarmSense:
    return learnt(Encoder.shared() if request.param else None)


def of(sense: AlarmSense, text: str) -> float:
    """The gravest sense of its alarms."""
    found = places(text, assess(text), assess)
    assert found, text
    return max(sense.of(place.phrase) for place in found)


@pytest.mark.parametrize(
    ("meant", "otherwise"),
    [
        ("my wife is having a stroke, please", "they taught us stroke last week in class"),
        ("our boy has a seizure on the kitchen floor", "my leg jumped, it looked like a seizure"),
    ],
)
def test_words_are_meant_as_those_like_them_were(
    sense: AlarmSense, meant: str, otherwise: str
) -> None:
    assert of(sense, meant) > of(sense, otherwise)
    assert alarm_likelihood(assess(meant), {}, 1.0) > alarm_likelihood(assess(meant), {}, -1.0)


def test_each_alarm_of_a_training_message_is_learnt_but_not_of_urgent_ones() -> None:
    found = alarms_in(
        [
            ("dad passed out", "emergency"),
            ("i passed out laughing at the prices yesterday", "insurance"),
            ("he passed out last week", "urgent"),
            ("when are you open", "hours"),
        ],
        assess,
    )
    assert Alarm("dad passed out", meant=True) in found
    assert all("week" not in alarm.phrase for alarm in found)


def test_held_out_scores_are_of_every_alarm() -> None:
    alarms = alarms_in(MESSAGES, assess)
    settings = Settings(folds=3, judged=3)
    _, held_out = AlarmSense.train(alarms, encoder=None, settings=settings)
    assert sorted(one.text for one in held_out) == sorted(alarm.phrase for alarm in alarms)
    assert all(-2 < score_of(one.scores) < 2 for one in held_out)


def test_it_is_read_back_as_it_was_written(sense: AlarmSense, tmp_path: Path) -> None:
    sense.save(tmp_path)
    again = AlarmSense.load(tmp_path)
    assert again is not None
    for text in (*MEANT, *OTHERWISE):
        assert of(again, text) == pytest.approx(of(sense, text), abs=1e-6)


class TestTraining:
    """The component learns it, stores it and reads it back."""

    @staticmethod
    def trained(folder: Path, messages: list[tuple[str, str]]) -> RedFlagRecogniser:
        storage, resource = LocalModelStorage.create(folder), Resource("red_flags")
        examples = [Message.build(text, intent=intent) for text, intent in messages]
        config = RedFlagRecogniser.get_default_config()
        context = ExecutionContext(GraphSchema({}))
        RedFlagRecogniser.create(config, storage, resource, context).train(TrainingData(examples))
        return RedFlagRecogniser.load(config, storage, resource, context)

    @pytest.mark.parametrize("harmless", [True, False])
    def test_what_was_learnt_decides_on_a_doubt(self, tmp_path: Path, *, harmless: bool) -> None:
        text = "they taught us stroke last week in class, are you open late on friday"
        assert assess(text).grave
        intents = {"emergency": "near_topic", "near_topic": "emergency"}
        swapped = [(words, intents[intent]) for words, intent in MESSAGES]
        recogniser = self.trained(tmp_path, MESSAGES if harmless else swapped)
        message = Message.build(text)
        message.set("intent", {"name": "hours", "confidence": 0.9})
        message.set("intent_ranking", [{"name": "hours", "confidence": 0.9}])
        message.set("understanding", {"danger": dict.fromkeys(("emergency", "crisis"), 0.1)})
        recogniser.process([message])
        assert message.get("red_flags")["ask"] is harmless
        assert (message.get("intent")["name"] == "emergency") is not harmless

    def test_where_nothing_alarms_nothing_is_learnt(self, tmp_path: Path) -> None:
        recogniser = self.trained(tmp_path, [("does it hurt", "does-it-hurt")])
        message = recogniser.process([Message.build("I have chest pain")])[0]
        assert message.get("intent")["name"] == "emergency"


def test_the_settings_are_those_of_the_verdict() -> None:
    assert RecogniserConfig().trust == Trust()
    assert Trust.doubt_of_suicide < Trust.doubt
