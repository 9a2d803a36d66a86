"""What to do with a message: from the readings of the whole and of its parts to one decision.

Called by the classifier in `assistant/`. `clinic.understanding.choose` has read each text by
itself; here they are weighed against each other and against the conversation so far.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clinic.understanding import CRISIS, EMERGENCY, HANDOFF, NEAR_TOPIC, URGENT, Choice

__all__ = ["UNCLEAR", "Decision", "Heard", "Weights", "decide"]

UNCLEAR = "nlu_fallback"  # Rasa's own name for "not sure enough"
_GRAVEST = (CRISIS, EMERGENCY, URGENT)
_WHOLE = -1
_SOME = 0.01  # no hint at all is no proof against


@dataclass(frozen=True)
class Heard:
    """One text as it was read; `shares` are the probabilities of the intents.

    `weak` are those of a question that by itself means little ("and can that be helped?"), read
    alone; a text that needs no other has none.
    """

    choice: Choice
    shares: Mapping[str, float]
    confidence: float  # P(the likeliest intent is right)
    asks: bool = True  # put as a question
    words: int = 1
    weak: Mapping[str, float] = field(default_factory=dict)

    @property
    def guess(self) -> str:
        """The likeliest intent."""
        return max(self.shares, key=lambda name: self.shares[name], default=NEAR_TOPIC)


@dataclass(frozen=True)
class Weights:
    """Thresholds of the decision, all probabilities but `fragment`.

    Measured 2026-11 on held-out training messages, put together at random into several questions,
    greetings and stories.
    """

    part: float = 0.5  # a part that asks is answered from this confidence on
    also: float = 0.4  # and another one beside it from this on
    told: float = 0.7  # a part that only tells something
    hinted: float = 0.2  # share in the whole message that makes a told part count
    fragment: int = 7  # a told part of so few words is a question put short
    veto: float = 0.6  # of "not in the handout" above which it outweighs what was only told
    firm_veto: float = 0.8  # and from which it outweighs one question: "a pacemaker. is it safe?"
    ahead: float = 0.1  # how much surer than the whole a part must be to overrule its section
    wish: float = 0.85  # for a person, in a part; one turn has one kind, and the person can answer
    rival: float = 0.3  # share of a section beside a wish that is not so sure
    danger: float = 0.9  # of danger in a part of a message that as a whole shows little
    beside: float = 0.06  # of a second section that a weak question and the whole both hint at
    backed: float = 0.05  # and of danger in the whole, below which its parts are not believed


@dataclass(frozen=True)
class Decision:
    """The intent to act on, what to answer or offer, and why.

    `sections` are in the order in which they were asked for; `places` says for each which part
    asked, -1 for the whole message.
    """

    intent: str
    confidence: float
    reason: str
    sections: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    options: tuple[str, ...] = ()


def decide(
    whole: Heard, parts: Sequence[Heard], *, sections: Collection[str], weights: Weights
) -> Decision:
    """Weigh the whole message against its parts; the gravest of either wins."""
    graver = _danger(whole, parts, weights) or _wish(parts, weights)
    if graver is not None:
        return graver
    decision = _answer(whole, parts, sections, weights)
    return _with_weak(decision, whole, parts, sections, weights)


def _answer(
    whole: Heard, parts: Sequence[Heard], sections: Collection[str], weights: Weights
) -> Decision:
    asked = _asked(whole, parts, sections, weights)
    if len(asked) > 1:
        sure = min(parts[place].confidence for place in asked.values())
        return Decision(next(iter(asked)), sure, "several", tuple(asked), tuple(asked.values()))
    if asked:
        [(section, place)] = asked.items()
        if _outweighs(parts, place, whole, sections, weights):
            part = parts[place]
            sure = max(part.confidence, whole.confidence if whole.guess == section else 0.0)
            return Decision(section, sure, "part", (section,), (place,))
    choice = whole.choice
    if choice.options:
        return Decision(UNCLEAR, choice.confidence, choice.reason, options=choice.options)
    if choice.intent in sections:
        answers = tuple(name for name in (choice.intent, choice.second) if name)
        places = (_WHOLE,) * len(answers)
        return Decision(choice.intent, choice.confidence, choice.reason, answers, places)
    return Decision(choice.intent, choice.confidence, choice.reason)


def _with_weak(
    decision: Decision,
    whole: Heard,
    parts: Sequence[Heard],
    sections: Collection[str],
    weights: Weights,
) -> Decision:
    """The decision, with a section beside its only one that a weak question asks for.

    What the question hints at and what the whole message hints at are taken together, as their
    product, against the same of all else that either may mean.
    """
    if len(decision.sections) != 1:
        return decision
    for place, part in enumerate(parts):
        if not part.weak or place in decision.places:
            continue
        both = {
            name: (share + _SOME) * (whole.shares.get(name, 0.0) + _SOME)
            for name, share in part.weak.items()
        }
        others = [name for name in both if name in sections and name not in decision.sections]
        best = max(others, key=lambda name: both[name], default="")
        if best and both[best] >= weights.beside * sum(both.values()):
            pairs = sorted(
                [(decision.places[0], decision.sections[0]), (place, best)],
                key=lambda pair: pair[0],
            )
            return replace(
                decision,
                intent=pairs[0][1],
                reason="several",
                sections=tuple(name for _, name in pairs),
                places=tuple(number for number, _ in pairs),
            )
    return decision


def _danger(whole: Heard, parts: Sequence[Heard], weights: Weights) -> Decision | None:
    backed = sum(whole.shares.get(grave, 0.0) for grave in _GRAVEST) >= weights.backed
    heard = [(whole.choice.intent, whole.choice.confidence)] + [
        (part.choice.intent, part.choice.confidence)
        for part in parts
        if backed and part.choice.confidence >= weights.danger
    ]
    for grave in _GRAVEST:
        sure = [confidence for intent, confidence in heard if intent == grave]
        if sure:
            return Decision(grave, max(sure), "danger")
    return None


def _wish(parts: Sequence[Heard], weights: Weights) -> Decision | None:
    """The wish for a person, said in one part beside whatever else was asked."""
    sure = [part.confidence for part in parts if part.guess == HANDOFF]
    return Decision(HANDOFF, max(sure), "part") if max(sure, default=0.0) >= weights.wish else None


def _asked(
    whole: Heard, parts: Sequence[Heard], sections: Collection[str], weights: Weights
) -> dict[str, int]:
    """The sections that parts ask for, in order, each with the part that asks for it first."""
    if len(parts) < 2:  # noqa: PLR2004 - the only part is the message
        return {}
    topics = [_topic(part, sections, weights) for part in parts]
    asking = [
        place
        for place, (part, (topic, _)) in enumerate(zip(parts, topics, strict=True))
        if part.asks and topic in sections
    ]
    firm = [place for place in asking if topics[place][1] >= weights.part]
    if firm:
        firm = [place for place in asking if topics[place][1] >= weights.also]
    told = [
        place
        for place, part in enumerate(parts)
        if not part.asks
        and part.guess in sections
        and part.confidence >= weights.told
        and (part.words <= weights.fragment or whole.shares.get(part.guess, 0.0) >= weights.hinted)
    ]
    asked: dict[str, int] = {}
    for place in sorted([*firm, *told]):
        asked.setdefault(topics[place][0], place)
    return asked


def _topic(part: Heard, sections: Collection[str], weights: Weights) -> tuple[str, float]:
    """What a part is about, and how sure that is.

    "Can I get hold of a nurse there?" may ask for a nurse or about nurses. Where the wish is not
    sure and a section is nearly as likely, that section is the topic: its answer offers the nurse.
    """
    section = max(sections, key=lambda name: part.shares.get(name, 0.0), default=part.guess)
    share = part.shares.get(section, 0.0)
    if part.guess == HANDOFF and part.confidence < weights.wish and share >= weights.rival:
        return section, share + part.shares[HANDOFF]
    return part.guess, part.confidence


def _outweighs(
    parts: Sequence[Heard],
    place: int,
    whole: Heard,
    sections: Collection[str],
    weights: Weights,
) -> bool:
    """Whether the one answerable part is a better guide than the whole message."""
    part = parts[place]
    if whole.choice.intent in sections and whole.guess != part.guess:
        return part.asks and part.confidence > whole.confidence + weights.ahead
    if whole.guess != NEAR_TOPIC and whole.choice.reason == "guess":
        return part.asks or whole.choice.intent in sections
    if whole.guess == NEAR_TOPIC and whole.confidence >= weights.firm_veto:
        return False
    declined = [
        one.confidence
        for one in (whole, *(other for other in parts if other.asks and other is not part))
        if one.guess == NEAR_TOPIC
    ]
    return part.asks or max(declined, default=0.0) < weights.veto
