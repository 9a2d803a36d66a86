"""From probabilities to the intent that the assistant acts on.

Called by the classifier in `assistant/`. Danger is acted on earlier than anything else, for a
false alarm costs less than a miss. Among all else the reply with the highest expected worth is
chosen: a right one is worth 1, a wrong answer costs more than an honest "not in the handout".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

__all__ = [
    "CRISIS",
    "DANGERS",
    "EMERGENCY",
    "GRAVE",
    "HANDOFF",
    "MOST_OPTIONS",
    "NEAREST",
    "NEAR_TOPIC",
    "OUT_OF_SCOPE",
    "URGENT",
    "Choice",
    "Thresholds",
    "believe",
    "choose",
]

NEAR_TOPIC = "near_topic"
OUT_OF_SCOPE = "out_of_scope"
EMERGENCY = "emergency"
CRISIS = "crisis"
URGENT = "urgent"
HANDOFF = "handoff"
GRAVE = (EMERGENCY, CRISIS)
NEAREST = "nearest"  # the reason for a section that is said as what comes nearest
DANGERS = (*GRAVE, URGENT)
_NEVER_BY_LOOK = frozenset({*DANGERS, NEAR_TOPIC, OUT_OF_SCOPE})
# Of 25 unknown words of small talk ("mmk", "yesh") 7 reach it, of 15 of gibberish none does.
_SURE_TALK = 0.7
# Who wanted a nurse and is offered one has lost a tap; who wanted none is asked for a phone number.
_LEAST_PERSON = 0.25
_LEAST_TALK = 0.15  # less of one kind of small talk is noise, however many kinds share it
MOST_OPTIONS = 3  # sections offered in one "did you mean"
_NOTHING_KNOWN = 0.1  # the most confidence a message without a known word is given


@dataclass(frozen=True)
class Thresholds:
    """`wrong` and `second` are worths of replies, all others probabilities, 0 to 1.

    Measured on held-out folds of the training messages, 2026-11.
    """

    # What a wrong answer costs, against 1 for a right one. On the folds, where neighbours are held
    # out together, 1.75 answered 80.6 % of the sections' questions rightly and 3.5 % of near topics
    # by mistake, 2.5 answered 78.4 and 3.0. At 4 the question sets lose up to 1 point of right ones
    # against 2.5, and of 13 far-off questions of CLINC150 that were answered 10 still are.
    wrong: float = 4.0
    # What it costs the patient to read a second passage, given where either may be meant. With it
    # 2 points more are right and 1 fewer wrong than with one passage alone.
    second: float = 0.12
    # What asking back is worth where the section that is meant is among those offered; each of them
    # has at least the probability `near`.
    ask: float = 0.4
    near: float = 0.15
    # Emergency and crisis together: 82 % of held-out emergencies by this alone, with 1.2 % false
    # alarms; at 0.4 it was 76 % and 0.5 %. Red-flag rules run beside it.
    now: float = 0.25
    # Urgent, emergency and crisis together: 80 % of held-out urgent ones, 1 % false.
    soon: float = 0.4
    # Out of scope; below it "not in the handout", which offers a nurse, is the safer no.
    far: float = 0.6


@dataclass(frozen=True)
class Choice:
    """The intent to act on, how likely that is right, and why it was chosen.

    `second` is another section that is answered beside it, because either may be meant; `options`
    are the sections to ask back about, likeliest first, with the reason "two_near".
    """

    intent: str
    confidence: float
    reason: str
    second: str | None = None
    options: tuple[str, ...] = ()


def choose(
    probabilities: Mapping[str, float],
    *,
    confidence: float,
    known_words: float,
    sections: Collection[str],
    thresholds: Thresholds,
    wordless: bool = False,
) -> Choice:
    """Decide on one message.

    `probabilities` are of all intents and add up to 1; `confidence` is P(the likeliest is right);
    `known_words` the share of words that training had; `wordless` says that there are none.
    """
    guess = max(probabilities, key=lambda name: probabilities[name], default=NEAR_TOPIC)
    if not probabilities or known_words <= 0:
        # A greeting or a yes is spelt in too many ways to have them all; nothing else is taken
        # for what its letters resemble.
        if confidence >= _SURE_TALK and not wordless and guess not in {*sections, *_NEVER_BY_LOOK}:
            return Choice(guess, confidence, "guess")
        return Choice(NEAR_TOPIC, min(confidence, _NOTHING_KNOWN), "nothing_known")
    danger = _danger(probabilities, thresholds)
    if danger is not None:
        intent, share = danger
        sure = max(share, confidence) if guess in DANGERS else share
        return Choice(intent, sure, "danger")
    return _worthiest(
        believe(probabilities, guess, confidence), guess, probabilities[guess], sections, thresholds
    )


def believe(probabilities: Mapping[str, float], guess: str, confidence: float) -> dict[str, float]:
    """The probabilities with `confidence` in the guess, which saw more; the others share the rest.

    They add up to 1 again.
    """
    others = sum(share for name, share in probabilities.items() if name != guess)
    rest = (1 - confidence) / others if others else 0.0
    return {
        name: confidence if name == guess else share * rest for name, share in probabilities.items()
    }


def _worthiest(
    believed: Mapping[str, float],
    guess: str,
    share: float,
    sections: Collection[str],
    thresholds: Thresholds,
) -> Choice:
    """The reply of the highest expected worth; `share` is the guess's own probability."""
    ranked = sorted(sections, key=lambda name: -believed.get(name, 0.0))
    first, second, *_ = [*ranked, "", ""]
    one, both = believed.get(first, 0.0), believed.get(first, 0.0) + believed.get(second, 0.0)
    rejected = believed.get(NEAR_TOPIC, 0.0) + believed.get(OUT_OF_SCOPE, 0.0)
    person = believed.get(HANDOFF, 0.0)
    replies = [
        (rejected, Choice(NEAR_TOPIC, 1 - believed[guess], "unsure")),
        (one - thresholds.wrong * (1 - one), Choice(first, one, "guess")),
        (
            both - thresholds.wrong * (1 - both) - thresholds.second,
            Choice(first, both, "either", second),
        ),
    ]
    if person >= _LEAST_PERSON:
        replies.append((person, Choice(HANDOFF, person, "guess")))
    near = tuple(name for name in ranked if believed.get(name, 0.0) >= thresholds.near)
    if len(near) > 1:
        offered = near[:MOST_OPTIONS]
        meant = sum(believed[name] for name in offered)
        choice = Choice(first, meant, "two_near", options=offered)
        replies.append((thresholds.ask * meant, choice))
    # Of small talk the worth is that of all its kinds: a mistake among them costs little.
    talk = {n: p for n, p in believed.items() if n not in {*sections, *_NEVER_BY_LOOK, HANDOFF}}
    likeliest = max(talk, key=lambda name: talk[name], default="")
    if talk.get(likeliest, 0.0) >= _LEAST_TALK:
        replies.append((sum(talk.values()), Choice(likeliest, talk[likeliest], "guess")))
    _, best = max(replies, key=lambda reply: reply[0])
    if best.intent == NEAR_TOPIC and (
        guess == NEAR_TOPIC or (guess == OUT_OF_SCOPE and share >= thresholds.far)
    ):
        return Choice(guess, believed[guess], "guess")
    return best


def _danger(probabilities: Mapping[str, float], thresholds: Thresholds) -> tuple[str, float] | None:
    """The danger to act on with its probability, or `None`."""
    now = {name: probabilities.get(name, 0.0) for name in GRAVE}
    share = sum(now.values())
    if share >= thresholds.now:
        return max(now, key=lambda name: now[name]), share
    share += probabilities.get(URGENT, 0.0)
    return (URGENT, share) if share >= thresholds.soon else None
