"""Where in a message its grave alarms stand, with what is said beside them.

Called where an alarm of the rules may be wrong (`assistant.red_flag_verdict`) and where the sense
of words of danger is learnt (`assistant.alarm_sense`). A question before or after an emergency
makes it no likelier to be none: what speaks against an alarm must stand in its own clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from clinic.red_flags import Assessment, Finding

__all__ = ["Place", "places"]

Span = tuple[int, int]

_BESIDE = 3  # words before and after the flag's own; with 4 it is as good
_MARKS = ".!?;\n"
_SENTENCE = re.compile(rf"[{_MARKS}]+(?=\s|$)")
_CLAUSE = re.compile(rf"{_SENTENCE.pattern}|\s(?=(?:because|cuz|coz|but)\b)", re.IGNORECASE)
_MOST_CLAUSES = 40  # a hostile text has thousands; beyond so many the rest is one


@dataclass(frozen=True)
class Place:
    """One of them: `phrase` is its words with the few beside them in its sentence.

    `seen` is the message, but with the length and the signs of the alarm's clause by itself.
    """

    phrase: str
    seen: Assessment


def places(text: str, assessment: Assessment, assess: Callable[[str], Assessment]) -> list[Place]:
    """Those of the alarms in `assessment`, and of clauses that raise one by themselves.

    A flag keeps one place of a message, of "would you rather die by shark? I want to die" the
    first: the others have to be looked for.
    """
    around = [(_around(alarm, text, _CLAUSE), alarm) for alarm in assessment.grave]
    alone = {span: _alone(text, span, assessment, assess) for span, _ in around}
    found = [Place(_phrase(text, alarm), _seen(assessment, alone[span])) for span, alarm in around]
    for span in _clauses(text) if around else ():
        if span not in alone:
            clause = _alone(text, span, assessment, assess)
            found += [
                Place(_phrase(text[slice(*span)], alarm), _seen(assessment, clause))
                for alarm in clause.grave
            ]
    return list(dict.fromkeys(found))


def _alone(
    text: str, span: Span, whole: Assessment, assess: Callable[[str], Assessment]
) -> Assessment:
    """What the rules make of a part of the message by itself."""
    return whole if span == (0, len(text)) else assess(text[slice(*span)])


def _phrase(text: str, alarm: Finding) -> str:
    start, end = _around(alarm, text, _SENTENCE)
    before = text[start : alarm.start].split()[-_BESIDE:]
    after = text[alarm.end : end].rstrip(_MARKS).split()[:_BESIDE]
    return " ".join([*before, alarm.words, *after])


def _seen(whole: Assessment, clause: Assessment) -> Assessment:
    return replace(whole, words=clause.words, signs=clause.signs)


def _around(alarm: Finding, text: str, border: re.Pattern[str]) -> Span:
    """From the border before an alarm to the one after it; the alarm itself may reach beyond."""
    before = [mark.end() for mark in border.finditer(text, 0, alarm.start)]
    after = border.search(text, alarm.end)
    return before[-1] if before else 0, after.end() if after else len(text)


def _clauses(text: str) -> list[Span]:
    ends = [mark.end() for mark in _CLAUSE.finditer(text)][: _MOST_CLAUSES - 1]
    return list(zip([0, *ends], [*ends, len(text)], strict=True))
