"""Finds the signs of danger in one message: which, where, and in which sense they are meant.

`Assessor` is pure and safe to share between threads. The assistant's component asks it on every
turn (`assistant.red_flags`); the desk may ask it when the assistant is down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from clinic.red_flag_catalogue import Acuity, Catalogue, RedFlag
from clinic.red_flag_context import Context, ContextReader, Judgement
from clinic.red_flag_patterns import Passage, Span, find, whole
from clinic.red_flag_words import Token, tokens

__all__ = ["Assessment", "Assessor", "Finding"]


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
    doubt. `explained`: grave words were found and every one of them was silenced beyond doubt, so
    that nothing is left that a classifier could rightly take for an emergency.
    """

    findings: tuple[Finding, ...] = ()
    acuity: Acuity | None = None
    ask: bool = False
    explained: bool = False
    treated: bool = False

    @property
    def found(self) -> tuple[Finding, ...]:
        """Flags meant now."""
        return tuple(f for f in self.findings if f.context is Context.NOW)

    @property
    def silenced(self) -> tuple[Finding, ...]:
        """Flags denied, past, supposed, somebody else's, or figures of speech."""
        return tuple(f for f in self.findings if f.context is not Context.NOW)


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
            id(pattern): (flag, pattern)
            for word in passage.words & catalogue.complaints
            for flag, pattern in catalogue.anchors[word]
        }
        reader: ContextReader | None = None
        judged: dict[str, _Judged] = {}
        covered: set[int] = set()
        for flag, pattern in candidates.values():
            known = judged.get(flag.name)
            if known is not None and known.judgement.context is Context.NOW:
                continue
            matches = find(pattern, passage)
            if not matches:
                continue
            reader = reader or ContextReader(catalogue, passage)
            for match, idiom in reader.readings(pattern, matches):
                judgement = Judgement(Context.IDIOM) if idiom else reader.judge(flag, match, pattern)
                known = judged.get(flag.name)
                if known is None or _rank(judgement) > _rank(known.judgement):
                    judged[flag.name] = _Judged(flag, whole(match), judgement)
                if flag.acuity is not Acuity.URGENT:
                    covered |= set(range(*whole(match)))
        if reader is None:
            return Assessment()
        findings = tuple(_finding(text, words, one) for one in judged.values())
        covered |= {place for span in reader.idioms for place in range(*span)}
        rest = any(
            not atoms.isdisjoint(catalogue.grave_words)
            for place, atoms in enumerate(passage.atoms)
            if place not in covered
        )
        return _conclude(findings, unexplained=rest, treated=reader.treated)


class _Judged(NamedTuple):
    flag: RedFlag
    span: Span
    judgement: Judgement


def _finding(text: str, words: list[Token], judged: _Judged) -> Finding:
    start, end = words[judged.span[0]].start, words[judged.span[1] - 1].end
    return Finding(
        flag=judged.flag.name,
        acuity=judged.flag.acuity,
        context=judged.judgement.context,
        start=start,
        end=end,
        words=text[start:end],
        sure=judged.judgement.sure,
    )


def _conclude(findings: tuple[Finding, ...], *, unexplained: bool, treated: bool) -> Assessment:
    now = [finding for finding in findings if finding.context is Context.NOW]
    grave = [finding for finding in findings if finding.acuity is not Acuity.URGENT]
    grave_now = [finding for finding in grave if finding.context is Context.NOW]
    ask = not grave_now and any(not finding.sure for finding in grave)
    return Assessment(
        findings=findings,
        acuity=max((f.acuity for f in now), key=lambda acuity: acuity.gravity, default=None),
        ask=ask,
        explained=bool(grave) and not grave_now and not ask and not unexplained,
        treated=treated,
    )


def _rank(judgement: Judgement) -> int:
    """The graver reading of the same flag is the higher: now, then doubtful, then silent."""
    if judgement.context is Context.NOW:
        return 2
    return 0 if judgement.sure else 1
