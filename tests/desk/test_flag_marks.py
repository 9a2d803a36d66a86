"""The marks on a patient's words are the same in every process that shows them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Each holds several wordings of one flag, found by different words.
MESSAGES = [
    "my chest is tight, it hurts to breathe, I am short of breath and my lungs feel squeezed",
    "no chest pain at all, chest tight in 2010, what if my heart is racing or my ribs hurt",
    "I fainted, nearly passed out twice, and my husband collapsed on the floor and won't wake up",
    "her mouth droops, her speech is slurred, one arm went limp and she makes no sense",
]
SHOWN = f"""
from desk.flag_marks import marks_in
for message in {MESSAGES!r}:
    print(*marks_in(message), sep="\\n")
"""


def marks_with(seed: int) -> str:
    """What a new process shows whose sets are ordered by `seed`."""
    done = subprocess.run(
        [sys.executable, "-c", SHOWN],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_two_processes_mark_the_same_words() -> None:
    shown = {marks_with(seed) for seed in (1, 2, 3, 4)}
    assert len(shown) == 1
    assert shown.pop().count("Mark(") >= len(MESSAGES)
