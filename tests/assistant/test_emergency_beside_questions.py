"""The whole understanding: an everyday question beside an emergency does not hide it.

The rules by themselves are held to more in `test_red_flags.py`; here the classifier, which hears
mostly the question, has its say.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.assistant.conftest import Assistant

MESSAGES = yaml.safe_load(Path(__file__).with_name("red_flag_pairs.yml").read_text())
ALARMS = [pair["alarm"] for pair in MESSAGES["pairs"]] + MESSAGES["alarms"]
QUESTIONS = [
    "how much does it cost?",
    "does insurance cover it?",
    "what are your hours on Thursday?",
]
EVERY = 8
# Measured on all 496 with the first two questions before and after: 73 of 1,984 are asked about.
MOST_ASKED = 0.06


def test_it_is_an_emergency_or_at_the_least_asked_about(assistant: Assistant) -> None:
    asked, lost, count = [], [], 0
    for number, alarm in enumerate(ALARMS[::EVERY]):
        question = QUESTIONS[number % len(QUESTIONS)]
        for text in (f"{question} {alarm}", f"{alarm}. {question}"):
            parse = assistant.loop.run_until_complete(assistant.agent.parse_message(text))
            count += 1
            if parse["intent"]["name"] in ("emergency", "crisis"):
                continue
            (asked if parse["red_flags"]["ask"] else lost).append(text)
    assert lost == []
    assert len(asked) <= MOST_ASKED * count, asked
