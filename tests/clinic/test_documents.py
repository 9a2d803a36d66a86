"""The handout of this clinic: every fact of its source, no more, in plain words."""

import re
from pathlib import Path

import pytest
import textstat

from clinic.handout import Handout, load_handout

ROOT = Path(__file__).resolve().parents[2]

SECTIONS = [
    "what-is-it", "trigger-points", "how-performed", "needle-safety", "does-it-hurt",
    "what-it-treats", "acupuncture", "side-effects", "aftercare", "lasting-results", "insurance",
    "nurse-advisor", "hours", "resources",
]  # fmt: skip

# Fact by fact, what the section must say. Each pattern is the fact's meaning, not the section's
# sentence: `.` may be any words in between.
FACTS = [
    ("F01", "what-is-it", r"called intramuscular manual therapy"),
    ("F02", "what-is-it", r"without (using )?any drugs|drug-free"),
    ("F03", "what-is-it", r"help stop muscle pain.*turning off.*myofascial trigger point"),
    ("F04", "what-is-it", r"eas\w* the aches and pains that (these )?trigger points cause"),
    ("F05", "trigger-points", r"tiny knot.*in a muscle after.*injury.*too much work"),
    ("F06", "trigger-points", r"hurts in the place where it sits"),
    ("F07", "trigger-points", r"pain in other areas.*referred pain"),
    ("F08", "how-performed", r"healthcare provider.*alcohol.*clean.*skin"),
    ("F09", "how-performed", r"thin, sterile needle.*through your skin.*muscle.*trigger point"),
    ("F10", "how-performed", r"muscle may twitch"),
    ("F11", "needle-safety", r"always thrown away once your treatment.*never used a second time"),
    ("F12", "does-it-hurt", r"moment of pain when the needle reaches the right spot"),
    ("F13", "does-it-hurt", r"over within a couple of seconds"),
    ("F14", "does-it-hurt", r"most people do not notice the needle going in"),
    *(
        ("F15", "what-it-treats", rf"^- .*{place}")
        for place in (
            "neck", "back", "jaw", "headaches and migraines", "arm", "shoulder", "buttock", "leg"
        )
    ),
    ("F16", "acupuncture", r"^no, .*different.*than acupuncture"),
    ("F17", "acupuncture", r"principles and the research of western medicine"),
    ("F18", "acupuncture", r"needle in a trigger point can.*biochemical changes.*reduce aches"),
    ("F19", "side-effects", r"treated may be sore.*so may.*referred pain"),
    ("F20", "side-effects", r"a few hours.*up to two days"),
    ("F21", "side-effects", r"not the same for every person"),
    ("F22", "aftercare", r"provider may ask you to put ice or heat on the area that was treated"),
    ("F23", "aftercare", r"provider may also tell you which movements.*avoid, after"),
    ("F24", "lasting-results", r"may need.*more than one treatment.*results become lasting"),
    ("F25", "lasting-results", r"one part of your whole rehab plan"),
    ("F26", "lasting-results", r"other options may be added to keep up your relief"),
    ("F27", "insurance", r"elective procedure"),
    ("F28", "insurance", r"insurance may decide not to cover"),
    ("F29", "insurance", r"call your health plan and ask what is covered"),
    ("F30", "nurse-advisor", r"website offers a nurse advisor"),
    ("F31", "hours", r"starting sept\. 5.*thursdays.*until 7:30 p\.m\..*not state.*other day"),
    *(
        ("F32", "resources", rf"^- {name}$")
        for name in (
            "online health information", "gundersen magazine", "know your risk", "balance your 7"
        )
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def handout() -> Handout:
    return load_handout(ROOT / "documents" / "dry-needling.md")


def test_the_sections_are_those_of_the_contract(handout: Handout) -> None:
    assert [section.id for section in handout.sections] == SECTIONS


def test_every_fact_has_its_check() -> None:
    assert sorted({fact for fact, _, _ in FACTS}) == [f"F{n:02}" for n in range(1, 33)]


@pytest.mark.parametrize(("fact", "section", "meaning"), FACTS)
def test_the_section_states_the_fact(
    handout: Handout, fact: str, section: str, meaning: str
) -> None:
    text = handout.section(section).text.lower()
    flags = re.MULTILINE if meaning.startswith("^-") else re.DOTALL
    assert re.search(meaning, text, flags), fact


def test_the_handout_adds_no_figure_of_its_own(handout: Handout) -> None:
    words = " ".join(section.text for section in handout.sections)
    assert re.findall(r"\d[\d:.]*", words) == ["5", "7:30", "7"]  # F31, and F32's name


def test_the_handout_reads_at_grade_six_to_eight(handout: Handout) -> None:
    words = "\n".join(section.text for section in handout.sections)
    assert 6 <= textstat.flesch_kincaid_grade(words) <= 8
    assert 6 <= textstat.text_standard(words, float_output=True) <= 8
