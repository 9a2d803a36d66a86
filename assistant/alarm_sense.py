"""In which sense words of danger are meant: "a stroke" of the pen, of luck, of somebody now.

Learnt from the training messages in which the rules raise a grave alarm: for each such place the
flag's words with the few before and after in its sentence, and whether the message was an
emergency. What is said elsewhere in the message (a question, a plan for Saturday) is left to the
classifier; `assistant.red_flag_evidence` weighs both. Measured on five folds (1,640 right alarms
and 464 false ones, 2026-11): where one right alarm in a hundred is doubted, 100 false ones are left
instead of 135.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.alarm_places import places
from assistant.encoder_session import Encoder
from assistant.machine_store import machine_of, numbers_of, words_of
from assistant.training import Examples, HeldOut, Machine, Settings, train_machine
from clinic.red_flags import Assessment
from clinic.understanding import GRAVE, URGENT

__all__ = ["Alarm", "AlarmSense", "alarms_in", "score_of"]

_KINDS = ("otherwise", "meant")
_MAIN = "alarm_sense.json"
_ARRAYS = "alarm_sense.npz"


@dataclass(frozen=True)
class Alarm:
    """A flag's words in a training message, and whether the message was grave."""

    phrase: str
    meant: bool


@dataclass(frozen=True)
class AlarmSense:
    """What was learnt; without `encoder` by wording alone."""

    machine: Machine
    encoder: Encoder | None

    @classmethod
    def train(
        cls,
        alarms: Sequence[Alarm],
        *,
        encoder: Encoder | None,
        settings: Settings,
    ) -> tuple[AlarmSense, list[HeldOut]]:
        """Learn from some of either kind; the second value is held out, for `score_of`."""
        texts = tuple(alarm.phrase for alarm in alarms)
        examples = Examples(
            texts=texts,
            labels=np.array([alarm.meant for alarm in alarms], dtype=np.int64),
            intents=_KINDS,
            vectors=encoder.encode_all(texts) if encoder else None,
            scored=np.ones(len(alarms), dtype=np.bool_),
        )
        machine, held_out = train_machine(examples, settings)
        return cls(machine, encoder), held_out

    def of(self, phrase: str) -> float:
        """From about -1, said otherwise, to about 1, meant; `phrase` as of `Place`."""
        vector = self.encoder.encode(phrase) if self.encoder else None
        return score_of(self.machine.judge(phrase, vector)[0])

    def save(self, folder: Path) -> None:
        """Write two files into an existing folder."""
        (folder / _MAIN).write_text(json.dumps(words_of(self.machine)), encoding="utf-8")
        np.savez(folder / _ARRAYS, **numbers_of(self.machine))

    @classmethod
    def load(cls, folder: Path) -> AlarmSense | None:
        """Read what `save` wrote, `None` if it wrote nothing."""
        if not (folder / _MAIN).is_file():
            return None
        words = json.loads((folder / _MAIN).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS, allow_pickle=False) as file:
            machine = machine_of(words, {name: file[name] for name in file.files})
        return cls(machine, None if machine.remembered.vectors is None else Encoder.shared())


def score_of(scores: NDArray[np.float32]) -> float:
    """One number of the machine's two."""
    otherwise, meant = scores
    return float(meant - otherwise)


def alarms_in(
    messages: Iterable[tuple[str, str]], assess: Callable[[str], Assessment]
) -> list[Alarm]:
    """Of training messages, (text, intent), each place where the rules raise a grave alarm.

    Urgent messages are left out: there an alarm is neither right nor quite wrong.
    """
    return [
        Alarm(place.phrase, meant=intent in GRAVE)
        for text, intent in messages
        if intent != URGENT
        for place in places(text, assess(text), assess)
    ]
