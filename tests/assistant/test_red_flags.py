"""The rules: each flag, each context, the cost, and what no added word may lower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.red_flags import Acuity, Context, assess, assessor

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = yaml.safe_load(Path(__file__).with_name("red_flag_pairs.yml").read_text())
PAIRS = MESSAGES["pairs"]
FLAGS = {flag.name: flag for flag in assessor().catalogue.flags}
GRAVE = {Acuity.EMERGENCY, Acuity.CRISIS}
# Issue 5: of the twins at most 10 % may be alarmed; of the alarms none may be silenced.
MOST_TWINS_ALARMED = 0.10


def grave(text: str) -> bool:
    return assess(text).acuity in GRAVE


def context(text: str, flag: str) -> Context:
    return next(found.context for found in assess(text).findings if found.flag == flag)


@pytest.mark.parametrize("name", FLAGS)
def test_the_example_of_a_flag_fires_it(name: str) -> None:
    found = {finding.flag for finding in assess(FLAGS[name].fires).found}
    assert name in found


@pytest.mark.parametrize("name", FLAGS)
def test_the_counter_example_of_a_flag_raises_nothing(name: str) -> None:
    assert assess(FLAGS[name].silent).found == ()


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_says_who_set_it_and_where_that_stands(name: str) -> None:
    assert FLAGS[name].set_by
    assert FLAGS[name].source.startswith(("https://", "documents/"))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["alarm"][:40])
def test_no_emergency_of_the_pairs_is_silenced(pair: dict[str, str]) -> None:
    assert grave(pair["alarm"])


def test_few_twins_of_the_pairs_are_alarmed() -> None:
    assert len(PAIRS) >= 150
    alarmed = [pair["calm"] for pair in PAIRS if grave(pair["calm"])]
    assert len(alarmed) <= MOST_TWINS_ALARMED * len(PAIRS), alarmed


@pytest.mark.parametrize("text", MESSAGES["alarms"])
def test_no_emergency_without_a_twin_is_missed(text: str) -> None:
    assert grave(text)


def test_few_calm_messages_are_alarmed() -> None:
    alarmed = [text for text in MESSAGES["calms"] if grave(text)]
    assert len(alarmed) <= MOST_TWINS_ALARMED * len(MESSAGES["calms"]), alarmed


@pytest.mark.parametrize(
    ("text", "flag", "meant"),
    [
        ("no chest pain, just sore", "chest_pain", Context.DENIED),
        ("heart attack in 2010", "chest_pain", Context.PAST),
        ("what if it causes a stroke", "stroke", Context.HYPOTHETICAL),
        ("what if I faint", "unresponsive", Context.HYPOTHETICAL),
        ("my mother had a stroke", "stroke", Context.OTHER_HISTORY),
        ("heart attack when I saw the bill", "chest_pain", Context.IDIOM),
        ("my mother passed out just now", "unresponsive", Context.NOW),
        ("heart attack in 2010 and now chest pain again", "chest_pain", Context.NOW),
    ],
)
def test_the_context_is_told_apart(text: str, flag: str, meant: Context) -> None:
    assert context(text, flag) is meant


@pytest.mark.parametrize(
    "text",
    [
        # Silenced by ready-made negation packages in the research's probe.
        "no one is answering and i have chest pain",
        "i have not slept, suicidal",
        "i have no doubt this is a heart attack",
        "bleeding won't stop",
        "nobody would care if i kill myself",
        "I can't yawn without a stab in my chest",
        # Double negation, "but", a denial of something else.
        "it's not that I don't have chest pain",
        "no fever but I can't breathe",
        "I don't want to bother anyone, my chest is tight",
        "I can't take it any more and want to kill myself",
    ],
)
def test_a_no_that_governs_something_else_silences_nothing(text: str) -> None:
    assert grave(text)


@pytest.mark.parametrize("method", ["", " with my pills", " with the gun", " off the bridge"])
def test_naming_a_method_never_lowers_a_crisis(method: str) -> None:
    assert grave(f"I am going to kill myself{method}")


@pytest.mark.parametrize(
    "soothing",
    [
        "my wife says it is nothing",
        "mum says I worry too much",
        "he says he is fine",
        "probably gas",
    ],
)
@pytest.mark.parametrize("alarm", ["crushing pain in my chest", "I can't breathe", "I passed out"])
def test_a_relative_who_plays_it_down_never_lowers(alarm: str, soothing: str) -> None:
    assert grave(f"{alarm}, {soothing}")
    assert grave(f"{soothing}. {alarm}")


@pytest.mark.parametrize(
    "text",
    [
        "bit short of breath since my shoulder was needled",
        "slight twinge in my chest since yesterday's session",
        "a dry cough since the treatment on my back",
    ],
)
def test_mild_chest_or_breath_words_after_a_treatment_are_an_emergency(text: str) -> None:
    assert assess(text).acuity is Acuity.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "Nothing to write home about, I just notice I pant since you did my shoulder",
        "it's hard to blow up balloons. I was treated between the shoulders the day before",
        "me sofoco un poco, y apenas el lunes me pusieron las agujas en el hombro",
    ],
)
def test_breath_words_are_enough_from_somebody_just_treated(text: str) -> None:
    assert assess(text).acuity is Acuity.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "had the needles this morning, breathing fine, only sore",
        "can I take deep breaths after my session yesterday",
        "deep breaths calm me down, do you needle calves",
    ],
)
def test_breath_words_alone_are_no_emergency(text: str) -> None:
    assert not grave(text)


def test_doubt_asks() -> None:
    found = assess("my husband had a seizure")
    assert found.acuity is None
    assert found.ask


def test_silence_is_explained_only_when_nothing_grave_is_left() -> None:
    assert assess("no chest pain at all").explained
    assert not assess("does it hurt").explained
    assert not assess("I have chest pain").explained


def test_a_finding_shows_the_patients_own_words() -> None:
    text = "Hello — my CHEST  hurts a lot"
    finding = assess(text).found[0]
    assert text[finding.start : finding.end] == finding.words
    assert "CHEST" in finding.words


@pytest.mark.parametrize("text", ["", " ", "?!", "\x00", "🙂" * 50, "’" * 2000, "\n" * 2000])
def test_nothing_breaks_it(text: str) -> None:
    assert assess(text).acuity is None


# --- what no addition may lower

ALARMS = [pair["alarm"] for pair in PAIRS] + MESSAGES["alarms"]
BESIDE = [
    "no one answers",
    "I'm not sure",
    "I can't sleep",
    "how much does it cost?",
    "what are your hours on Thursday?",
    "does insurance cover it?",
    "is it like acupuncture?",
]


@given(alarm=st.sampled_from(ALARMS), other=st.sampled_from(BESIDE), first=st.booleans())
@settings(max_examples=400, deadline=None)
def test_words_beside_an_emergency_never_lower_it(alarm: str, other: str, first: bool) -> None:
    assert grave(f"{other} {alarm}" if first and other.endswith("?") else f"{alarm}. {other}")
    assert grave(f"{other}. {alarm}")


@given(alarm=st.sampled_from(ALARMS))
@settings(max_examples=200, deadline=None)
def test_capitals_never_lower_it(alarm: str) -> None:
    assert grave(alarm.upper())
    assert grave(alarm.title())


@given(alarm=st.sampled_from(ALARMS))
@settings(max_examples=200, deadline=None)
def test_lost_apostrophes_never_lower_it(alarm: str) -> None:
    assert grave(alarm.replace("'", ""))
    assert grave(alarm.replace("'", "’"))


# "No, my chest hurts" without its comma is "no chest …": only there the comma carries the meaning.
COMMA_FREE = [alarm for alarm in ALARMS if not alarm.lower().startswith("no,")]


@given(alarm=st.sampled_from(COMMA_FREE))
@settings(max_examples=200, deadline=None)
def test_lost_commas_never_lower_it(alarm: str) -> None:
    assert grave(alarm.replace(",", ""))


@given(alarm=st.sampled_from(ALARMS), data=st.data())
@settings(max_examples=300, deadline=None)
def test_doubled_letters_never_lower_it(alarm: str, data: Any) -> None:
    places = [place for place, sign in enumerate(alarm) if sign.isalpha()]
    place = data.draw(st.sampled_from(places))
    assert grave(alarm[:place] + alarm[place] * data.draw(st.integers(1, 6)) + alarm[place:])


@given(text=st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for finding in assess(text).findings:
        assert text[finding.start : finding.end] == finding.words
