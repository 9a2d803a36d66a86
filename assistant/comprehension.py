"""One message understood, with all that helps: its parts, the conversation, several handouts.

Where the pure decisions of `clinic/` meet the trained machine: it reads what they need read. No
Rasa here; `assistant.classifier` wraps it, `evaluation/` calls it directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assistant.body_parts import BodyParts
from assistant.profile import Profile
from assistant.splitter import Part
from assistant.training import HeldOut
from assistant.understanding import Reading, Understanding
from clinic.context import Context
from clinic.decision import UNCLEAR, Decision, Heard, Weights, decide
from clinic.follow_up import asks_to_explain, leans_on_before
from clinic.library import Library
from clinic.options import pick, refuses
from clinic.understanding import CRISIS, EMERGENCY, NEAR_TOPIC, OUT_OF_SCOPE, URGENT

__all__ = ["Comprehension", "Understood"]

Vector = NDArray[np.float32]
_DANGERS = frozenset({EMERGENCY, CRISIS, URGENT})
# A press on a button, or its words: nearly as sure as the patient is.
_PICKED = 0.95
# Small talk, a wish, danger: from this confidence on never read as following up.
_SURE_ALONE = 0.6
# "How much is it?", "who does it": refused alone from this confidence on, whatever was said before.
_SURE_REFUSED = 0.7
# A section that the message alone asks for this surely needs no help from before.
_SURE_SECTION = 0.85
# From this confidence on the classifier is believed about a part of the body it has examples of
# ("behind my eyes" is a headache), and the list of words is not.
_SURE_OF_LIST = 0.9
# A declined message that names a part of the body was about the list of them if that section is
# among so many likeliest ones.
_HINT_OF_LIST = 3
# How much more one offered section must be meant than the next, for a choice by meaning.
_CLEARLY = 2.0
# The best sentence goes first where it is nearer to the question by this cosine.
_BETTER = 0.08


@dataclass(frozen=True)
class Understood:
    """What was decided; `sections` and `options` are names as turns use them."""

    decision: Decision
    reading: Reading
    lead: tuple[int, ...] = ()  # for each section the sentence that answers best
    listed: bool = False  # the part of the body that was asked about is on the list
    not_listed: bool = False  # it is not
    likely: str | None = None  # the likeliest section, said or not


@dataclass(frozen=True)
class Comprehension:
    """The trained machine with the handouts; `encode` is `None` for n-grams alone."""

    understanding: Understanding
    library: Library
    body_parts: BodyParts
    sentences: Mapping[str, tuple[str, ...]]
    vectors: Mapping[str, Vector]  # of the sentences, by section; empty without an encoder
    profiles: Mapping[str, Profile] = field(default_factory=dict)  # of all but the primary
    weights: Weights = field(default_factory=Weights)
    encode: Callable[[str], Vector] | None = None

    def understand(
        self,
        text: str,
        vector: Vector | None,
        parts: Sequence[Part],
        context: Context,
    ) -> Understood:
        """Decide on one message; `vector` is that of the whole.

        Raises `ValueError` when it is missing though training had vectors.
        """
        if self.encode is not None and vector is None:
            raise ValueError(
                "trained with sentence vectors, but the message has none; keep SentenceEncoder "
                "before PassageClassifier in config.yml"
            )
        reading = self._read(text, vector)
        picked = self._picked(text, reading, context)
        if picked:
            return self._finish(picked, reading, text, [text], vector)
        pieces = [part.text for part in parts] if len(parts) > 1 else []
        readings = [self._read(piece, None) for piece in pieces]
        decision = decide(
            _heard(reading, text),
            [
                _heard(heard, part.text, asks=part.asks)
                for heard, part in zip(readings, parts if pieces else (), strict=True)
            ],
            sections=self.understanding.sections,
            weights=self.weights,
        )
        resolved = self._follow_up(text, decision, context) or self._resolve(
            decision, text, pieces, context
        )
        resolved = (
            self._of_named_handout(text, resolved, context)
            or self._bare_part(text, resolved)
            or resolved
        )
        return self._finish(resolved, reading, text, pieces, vector)

    def understand_held_out(self, message: HeldOut) -> Understood:
        """The same for a message that training left out, as a whole and without its vector."""
        reading = self.understanding.reading(message)
        decision = decide(
            _heard(reading, message.text),
            (),
            sections=self.understanding.sections,
            weights=self.weights,
        )
        resolved = self._resolve(decision, message.text, (), Context())
        return self._finish(resolved, reading, message.text, (), None, lead=False)

    def _read(self, text: str, vector: Vector | None) -> Reading:
        neutral = self.library.neutral(text) if len(self.library.documents) > 1 else text
        if self.encode is not None and (vector is None or neutral != text):
            vector = self.encode(neutral)
        return self.understanding.read(neutral, vector)

    def _picked(self, text: str, reading: Reading, context: Context) -> Decision | None:
        """The section chosen out of "did you mean", by its words or by its meaning."""
        if not context.options or reading.choice.intent in _DANGERS:
            return None
        options = [name for name in context.options if name in self.library.titles]
        if refuses(text):
            return Decision("deny", _PICKED, "none_of_them")
        places = pick(text, [self.library.label(name) for name in options])
        if not places:
            shares = [self._share(reading, name) for name in options]
            order = sorted(range(len(options)), key=lambda place: -shares[place])
            if (
                len(order) > 1
                and self.library.topic_of(options[order[0]]) == reading.ranking[0][0]
                and shares[order[0]] >= _CLEARLY * shares[order[1]]
            ):
                places = (order[0],)
        if not places:
            return None
        sections = tuple(options[place] for place in places)
        return Decision(sections[0], _PICKED, "picked", sections, (-1,) * len(sections))

    def _share(self, reading: Reading, section: str) -> float:
        return dict(reading.ranking).get(self.library.topic_of(section), 0.0)

    def _follow_up(self, text: str, decision: Decision, context: Context) -> Decision | None:
        """The decision on a message that leans on the last answer; `None` for every other."""
        before = tuple(name for name in context.sections if name in self.library.titles)
        if not before or decision.intent in _DANGERS or len(decision.sections) > 1:
            return None
        if asks_to_explain(text):
            return Decision(before[0], _SURE_SECTION, "explain", before, (-1,) * len(before))
        sure = _SURE_SECTION if decision.sections else _SURE_ALONE
        said = decision.intent not in (NEAR_TOPIC, UNCLEAR) and decision.confidence >= sure
        if said or not leans_on_before(text, known=self.body_parts.single_words()):
            return None
        listing = [name for name in before if name in self.library.listed]
        if listing and self.body_parts.find(text):
            return Decision(listing[0], _SURE_SECTION, "follow_up", (listing[0],), (-1,))
        refused = decision.intent == NEAR_TOPIC and decision.reason == "guess"
        if refused and decision.confidence >= _SURE_REFUSED:
            return None
        return self._together(text, before[-1])

    def _together(self, text: str, last: str) -> Decision | None:
        """What the message asks for when it is read after the title of the section `last`."""
        choice = self._read(f"{self.library.titles[last]} {text}", None).choice
        if choice.intent not in self.understanding.sections:
            return None
        document = self.library.document_of(last)
        section = self.library.resolve(choice.intent, text, document=document).section
        if section is None:
            return None
        return Decision(section, choice.confidence, "follow_up", (section,), (-1,))

    def _resolve(
        self, decision: Decision, text: str, pieces: Sequence[str], context: Context
    ) -> Decision:
        """Sections in place of topics: which handout is meant, or among which to ask."""
        sections: list[str] = []
        places: list[int] = []
        options: list[str] = []
        for topic, place in zip(decision.sections, decision.places, strict=True):
            asked = pieces[place] if place >= 0 else text
            found = self.library.resolve(topic, asked, document=context.document)
            if found.options:
                found = self.library.resolve(topic, text, document=context.document)
            if found.section is not None and found.section not in sections:
                sections.append(found.section)
                places.append(place)
            options += found.options
        for topic in decision.options:
            found = self.library.resolve(topic, text, document=context.document)
            options += [found.section] if found.section else found.options
        if sections:
            return replace(
                decision,
                intent=sections[0],
                sections=tuple(sections),
                places=tuple(places),
                options=(),
            )
        if options:
            most = tuple(dict.fromkeys(options))[:3]
            reason = decision.reason if decision.options else "which_handout"
            return Decision(UNCLEAR, decision.confidence, reason, options=most)
        if decision.sections or decision.options:
            return Decision(NEAR_TOPIC, decision.confidence, "not_in_that_handout")
        return decision

    def _of_named_handout(self, text: str, resolved: Decision, context: Context) -> Decision | None:
        """The section of a further handout that the message names, or that was talked about.

        `None` where there is none, or where the decision stands as it is.
        """
        named = self.library.named(text)
        meant = named or ((context.document,) if context.document else ())
        learnt = self.understanding.machine.remembered.vectors
        profile = self.profiles.get(meant[0]) if len(meant) == 1 else None
        if profile is None or learnt is None or self.encode is None:
            return None
        open_to_it = resolved.intent in (NEAR_TOPIC, OUT_OF_SCOPE, UNCLEAR) or (
            named and resolved.sections and resolved.confidence < _SURE_SECTION
        )
        if not open_to_it:
            return None
        match = profile.match(self.encode(self.library.nameless(text)), learnt)
        if match.confidence < (self.weights.part if named else self.weights.veto):
            return None
        return Decision(match.section, match.confidence, "named", (match.section,), (-1,))

    def _bare_part(self, text: str, resolved: Decision) -> Decision | None:
        """The list that names the part of the body which is all that the message says: "TMJ?"."""
        if resolved.intent not in (NEAR_TOPIC, OUT_OF_SCOPE, UNCLEAR):
            return None
        named = set(self.body_parts.find(text))
        lists = [name for name, parts in self.library.listed.items() if named <= set(parts)]
        known = self.body_parts.single_words()
        if not named or len(lists) != 1 or not leans_on_before(text, known=known):
            return None
        return Decision(lists[0], _SURE_SECTION, "bare_part", (lists[0],), (-1,))

    def _finish(
        self,
        decision: Decision,
        reading: Reading,
        text: str,
        pieces: Sequence[str],
        vector: Vector | None,
        *,
        lead: bool = True,
    ) -> Understood:
        """Compare parts of the body with the list asked about, and find the best sentences."""
        kept: list[tuple[str, int]] = []
        listed = not_listed = False
        for section, place in zip(decision.sections, decision.places, strict=True):
            asked = pieces[place] if place >= 0 and pieces else text
            on_list = set(self.library.listed.get(section, ()))
            named = set(self.body_parts.find(asked) or self.body_parts.find(text))
            sure = reading.confidence >= _SURE_OF_LIST and reading.ranking[0][0] == section
            if on_list and named and not named & on_list and not sure:
                not_listed = True
                continue
            listed = listed or bool(on_list and named and named <= on_list)
            kept.append((section, place))
        likely = self._likely(reading, text)
        if decision.sections and not kept:
            decision = Decision(NEAR_TOPIC, decision.confidence, "not_listed")
        elif decision.sections:
            decision = replace(
                decision,
                intent=kept[0][0],
                sections=tuple(section for section, _ in kept),
                places=tuple(place for _, place in kept),
            )
        elif decision.intent == NEAR_TOPIC:
            here = set(self.body_parts.find(text))
            ranked = [name for name, _ in reading.ranking if name in self.understanding.sections]
            lists = [
                set(parts)
                for name, parts in self.library.listed.items()
                if self.library.topic_of(name) in ranked[:_HINT_OF_LIST]
            ]
            not_listed = bool(here and lists) and not any(here & parts for parts in lists)
        leads = tuple(
            self._lead(section, pieces[place] if place >= 0 and pieces else text, vector, place)
            if lead
            else 0
            for section, place in kept
        )
        return Understood(decision, reading, leads, listed, not_listed and not kept, likely)

    def _likely(self, reading: Reading, text: str) -> str | None:
        for intent, _ in reading.ranking:
            if intent in self.understanding.sections:
                found = self.library.resolve(intent, text, document=None)
                return found.section or (found.options[0] if found.options else None)
        return None

    def _lead(self, section: str, asked: str, vector: Vector | None, place: int) -> int:
        """The sentence nearest to the question, if it is clearly nearer than the first."""
        vectors = self.vectors.get(section)
        if vectors is None or self.encode is None or len(vectors) < 2:  # noqa: PLR2004
            return 0
        if vector is None or place >= 0:
            vector = self.encode(asked)
        likeness = vectors @ vector
        movable = [
            number
            for number, sentence in enumerate(self.sentences[section])
            if number and can_stand_first(sentence)
        ]
        best = max(movable, key=lambda number: likeness[number], default=0)
        return best if best and likeness[best] >= likeness[0] + _BETTER else 0


def can_stand_first(sentence: str) -> bool:
    """Whether a sentence makes sense without the one before it; a line of a list does not."""
    return not sentence.startswith(_LEANING)


_LEANING = (
    "- ", "It ", "They ", "He ", "She ", "Then ", "Next", "After that", "When this", "When it",
    "But ", "And ", "Or ", "Also ", "However", "Because of this", "That ", "Those ", "These ",
    "This is", "This helps", "This may", "This can", "This happens", "So ", "Finally", "Instead",
    "In that case", "If so", "If not", "Otherwise", "Second", "Third", "Later",
)  # fmt: skip


def _heard(reading: Reading, text: str, *, asks: bool = True) -> Heard:
    return Heard(
        choice=reading.choice,
        shares=dict(reading.ranking),
        confidence=reading.confidence,
        asks=asks,
        words=len(text.split()),
    )
