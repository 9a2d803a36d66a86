"""One message understood, with all that helps: its parts, the conversation, several handouts.

Where the pure decisions of `clinic/` meet the trained machine: it reads what they need read. No
Rasa here; `assistant.classifier` wraps it, `evaluation/` calls it directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from assistant.body_parts import BodyParts
from assistant.follow_up import SURE_SECTION, FollowUp
from assistant.further_handout import FurtherHandout, Meant
from assistant.meaning import Meaning
from assistant.passages import Passages, Understood
from assistant.pieces import Pieces
from assistant.profile import Profile
from assistant.reader import Read, Reader, Vector, heard
from assistant.splitter import Part
from assistant.training import HeldOut
from assistant.understanding import Understanding
from clinic.context import Context
from clinic.decision import UNCLEAR, Decision, Weights, decide
from clinic.follow_up import leans_on_before
from clinic.left_number import leaves_a_number
from clinic.library import Library
from clinic.understanding import HANDOFF, MOST_OPTIONS, NEAR_TOPIC, OUT_OF_SCOPE

__all__ = ["Comprehension", "Understood"]

_NOTHING_ANSWERED = (NEAR_TOPIC, OUT_OF_SCOPE, UNCLEAR)


@dataclass(frozen=True)
class Comprehension:
    """The trained machine with the handouts; `meaning` is `None` for n-grams alone."""

    understanding: Understanding
    library: Library
    body_parts: BodyParts
    sentences: Mapping[str, tuple[str, ...]]
    vectors: Mapping[str, Vector]  # of the sentences, by section; empty without an encoder
    profiles: Mapping[str, Profile] = field(default_factory=dict)  # of all but the primary
    weights: Weights = field(default_factory=Weights)
    meaning: Meaning | None = None

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.understanding, self.library, self.meaning, self.profiles)

    @cached_property
    def _follow_up(self) -> FollowUp:
        return FollowUp(self._reader, self.body_parts)

    @cached_property
    def _further_handout(self) -> FurtherHandout:
        return FurtherHandout(self._reader)

    @cached_property
    def _passages(self) -> Passages:
        return Passages(
            library=self.library,
            body_parts=self.body_parts,
            sentences=self.sentences,
            vectors=self.vectors,
            meaning=self.meaning,
        )

    def understand(
        self, text: str, vector: Vector | None, parts: Sequence[Part], context: Context
    ) -> Understood:
        """Decide on one message; `vector` is the encoder's of the whole.

        Raises `ValueError` when it is missing though training had vectors.
        """
        if self.meaning is not None and vector is None:
            raise ValueError(
                "trained with sentence vectors, but the message has none; keep SentenceEncoder "
                "before PassageClassifier in config.yml"
            )
        whole = self._reader.read(text, vector)
        picked = self._follow_up.picked(whole, context)
        if picked:
            return self._passages.finish(picked, whole, ())
        meant = self._further_handout.meant(whole, context)
        reader = self._reader.within(meant.document if meant.surely else None)
        if reader.document is not None:
            whole = reader.read(text, vector)
        parts_read = Pieces(reader).of(whole, parts)
        pieces = [piece.read for piece in parts_read]
        decision = decide(
            heard(whole.reading, text),
            [
                heard(piece.read.reading, piece.part.text, asks=piece.part.asks, alone=piece.alone)
                for piece in parts_read
            ],
            sections=reader.sections,
            weights=self.weights,
        )
        resolved = self._follow_up.leaning(text, decision, context) or self._resolve(
            decision, text, pieces, context
        )
        resolved = (
            self._bare_part(text, resolved)
            or _wish_to_be_called(text, resolved, context)
            or _ask_whether(meant, resolved)
            or resolved
        )
        return self._passages.finish(resolved, whole, pieces)

    def understand_held_out(self, message: HeldOut) -> Understood:
        """The same for a message that training left out, as a whole and without its vector."""
        whole = Read(message.text, None, self.understanding.reading(message))
        decision = decide(
            heard(whole.reading, message.text),
            (),
            sections=self.understanding.sections,
            weights=self.weights,
        )
        resolved = self._resolve(decision, message.text, (), Context())
        return self._passages.finish(resolved, whole, (), lead=False)

    def _resolve(
        self, decision: Decision, text: str, pieces: Sequence[Read], context: Context
    ) -> Decision:
        """Sections in place of topics: which handout is meant, or among which to ask."""
        sections: list[str] = []
        places: list[int] = []
        options: list[str] = []
        for topic, place in zip(decision.sections, decision.places, strict=True):
            # A part that names no handout means the one that the message names, if any: "My knee
            # replacement is a week old. Will the feeling come back?"
            part = pieces[place].text if place >= 0 else text
            asked = part if self.library.named(part) else text
            found = self.library.resolve(topic, asked, document=context.document)
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
            most = tuple(dict.fromkeys(options))[:MOST_OPTIONS]
            reason = decision.reason if decision.options else "which_handout"
            return Decision(UNCLEAR, decision.confidence, reason, options=most)
        if decision.sections or decision.options:
            return Decision(NEAR_TOPIC, decision.confidence, "not_in_that_handout")
        return decision

    def _bare_part(self, text: str, resolved: Decision) -> Decision | None:
        """The list that names the part of the body which is all that the message says: "TMJ?"."""
        if resolved.intent not in _NOTHING_ANSWERED:
            return None
        named = set(self.body_parts.find(text))
        lists = [name for name, parts in self.library.listed.items() if named <= set(parts)]
        known = self.body_parts.single_words()
        if not named or len(lists) != 1 or not leans_on_before(text, known=known):
            return None
        return Decision(lists[0], SURE_SECTION, "bare_part", (lists[0],), (-1,))


def _ask_whether(meant: Meant, resolved: Decision) -> Decision | None:
    """Whether that section of a further handout is meant, where nothing else answers."""
    if meant.section is None or resolved.intent not in _NOTHING_ANSWERED or resolved.options:
        return None
    return Decision(UNCLEAR, meant.probability, "which_handout", options=(meant.section,))


def _wish_to_be_called(text: str, resolved: Decision, context: Context) -> Decision | None:
    """The wish of a patient who leaves a phone number, but where a form has just asked for one."""
    unasked = context.asked is None and resolved.intent in _NOTHING_ANSWERED
    if not unasked or not leaves_a_number(text):
        return None
    return Decision(HANDOFF, SURE_SECTION, "number_left")
