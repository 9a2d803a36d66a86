"""Finds the signs of danger in one message: which, where, and in which sense they are meant.

`Assessor` is pure and safe to share between threads. The assistant's component asks it on every
turn (`assistant.red_flags`); the desk may ask it when the assistant is down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from clinic.red_flag_catalogue import Acuity, Catalogue, RedFlag
from clinic.red_flag_context import Context, ContextReader, Judgement
from clinic.red_flag_cues import Cues
from clinic.red_flag_passage import Passage, Span
from clinic.red_flag_patterns import find, whole
from clinic.red_flag_signs import Sign, hedged, signs
from clinic.red_flag_words import Token, tokens

__all__ = ["Assessment", "Assessor", "Finding"]

_LOW_MOOD = "low_mood"


@dataclass(frozen=True)
class Finding:
    """One flag in the message; `start` and `end` are places in the text as it was written."""

    flag: str
    acuity: Acuity
    context: Context
    start: int
    end: int
    words: str
    sure: bool = True
    hedged: bool = False  # half a sign of silence stands in its sentence

    def to_json(self) -> dict[str, Any]:
        """What the nurse's summary is made from."""
        return {
            "flag": self.flag,
            "acuity": self.acuity.value,
            "context": self.context.value,
            "start": self.start,
            "end": self.end,
            "words": self.words,
        }


@dataclass(frozen=True)
class Assessment:
    """What the rules make of one message.

    `acuity` is that of the gravest flag meant now. `ask`: a grave flag was silenced, but not beyond
    doubt. `explained`: grave words were found, every one was silenced beyond doubt, and no alarming
    word is left that a classifier could rightly take for an emergency. The same holds of a plain
    Spanish question without an alarming word: the classifier learned Spanish from danger alone.
    `signs` is what the message shows as a whole, and silences nothing by itself.
    """

    findings: tuple[Finding, ...] = ()
    acuity: Acuity | None = None
    ask: bool = False
    explained: bool = False
    treated: bool = False
    signs: frozenset[Sign] = frozenset()
    words: int = 0

    @property
    def found(self) -> tuple[Finding, ...]:
        """Flags meant now."""
        return tuple(f for f in self.findings if f.context is Context.NOW)

    @property
    def grave(self) -> tuple[Finding, ...]:
        """Flags meant now that are more than urgent."""
        return tuple(f for f in self.found if f.acuity is not Acuity.URGENT)

    @property
    def stays_urgent(self) -> bool:
        """Whether somebody in low spirits denies wanting to die: a nurse should always ask."""
        low = any(finding.flag == _LOW_MOOD for finding in self.found)
        return low and any(finding.acuity is Acuity.CRISIS for finding in self.silenced)

    @property
    def silenced(self) -> tuple[Finding, ...]:
        """Flags denied, past, supposed, somebody else's, or figures of speech."""
        return tuple(f for f in self.findings if f.context is not Context.NOW)

    def doubted(self) -> Assessment:
        """The same with no grave flag believed: one short question is asked instead."""
        findings = tuple(
            replace(found, context=Context.UNCERTAIN, sure=False)
            if found.context is Context.NOW and found.acuity is not Acuity.URGENT
            else found
            for found in self.findings
        )
        return replace(self, findings=findings, acuity=_gravest(findings), ask=True)


class Assessor:
    """Reads messages by one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def assess(self, text: str) -> Assessment:
        """Every flag in `text`, each once, and the resulting acuity."""
        catalogue = self.catalogue
        words = tokens(text, catalogue.speller)
        if not words:
            return Assessment()
        passage = Passage(words, catalogue.stems)
        candidates = {
            place
            for word in passage.words & catalogue.complaints
            for place in catalogue.anchors[word]
        }
        reader = ContextReader(catalogue, passage)
        judged: dict[str, _Judged] = {}
        covered: set[int] = set()
        # In the catalogue's order: of two readings alike the first stands, in every process.
        for flag, pattern, mild in (catalogue.wordings[place] for place in sorted(candidates)):
            if mild and not reader.cues.treated_now:
                continue
            known = judged.get(flag.name)
            if known is not None and known.judgement.context is Context.NOW:
                continue
            matches = find(pattern, passage)
            if not matches:
                continue
            for match, idiom in reader.readings(pattern, matches):
                if (mild and reader.says_well(whole(match))) or reader.no_sign(flag, match):
                    continue
                judgement = (
                    Judgement(Context.IDIOM) if idiom else reader.judge(flag, match, pattern)
                )
                known = judged.get(flag.name)
                if known is None or _rank(judgement) > _rank(known.judgement):
                    judged[flag.name] = _Judged(flag, whole(match), judgement)
                if flag.acuity is not Acuity.URGENT:
                    covered |= set(range(*whole(match)))
        findings = tuple(_finding(text, words, one, reader.cues) for one in judged.values())
        left = reader.cues.leaves_alarm(covered)
        return _conclude(findings, reader, unexplained=left)


class _Judged(NamedTuple):
    flag: RedFlag
    span: Span
    judgement: Judgement


def _finding(text: str, words: list[Token], judged: _Judged, cues: Cues) -> Finding:
    start, end = words[judged.span[0]].start, words[judged.span[1] - 1].end
    return Finding(
        flag=judged.flag.name,
        acuity=judged.flag.acuity,
        context=judged.judgement.context,
        start=start,
        end=end,
        words=text[start:end],
        sure=judged.judgement.sure,
        hedged=hedged(cues, judged.span),
    )


def _conclude(
    findings: tuple[Finding, ...], reader: ContextReader, *, unexplained: bool
) -> Assessment:
    grave = [finding for finding in findings if finding.acuity is not Acuity.URGENT]
    grave_now = [finding for finding in grave if finding.context is Context.NOW]
    ask = not grave_now and any(not finding.sure for finding in grave)
    cues = reader.cues
    silenced = bool(grave) or cues.alarms_in_idiom or cues.says_well or cues.likens_soreness
    return Assessment(
        findings=findings,
        acuity=_gravest(findings),
        ask=ask,
        explained=not (unexplained or grave_now or ask) and (silenced or cues.asks_in_spanish),
        treated=cues.treated,
        signs=signs(cues),
        words=len(cues.segments),
    )


def _gravest(findings: Iterable[Finding]) -> Acuity | None:
    now = (finding.acuity for finding in findings if finding.context is Context.NOW)
    return max(now, key=lambda acuity: acuity.gravity, default=None)


def _rank(judgement: Judgement) -> int:
    """The graver reading of the same flag is the higher: now, then doubtful, then silent."""
    if judgement.context is Context.NOW:
        return 2
    return 0 if judgement.sure else 1
