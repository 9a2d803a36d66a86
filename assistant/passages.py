"""The sections of a decision as they will be said: parts of the body compared, best sentence first.

A section that lists parts of the body answers only for those it names; and of each section the
sentence that is nearest to the question goes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.body_parts import BodyParts
from assistant.meaning import Meaning
from assistant.reader import Read, Vector
from assistant.understanding import Reading
from clinic.decision import Decision
from clinic.library import Library
from clinic.understanding import NEAR_TOPIC

__all__ = ["Passages", "Understood", "can_stand_first"]

# From this confidence on the classifier is believed about a part of the body it has examples of
# ("behind my eyes" is a headache), and the list of words is not.
_SURE_OF_LIST = 0.9
# A declined message that names a part of the body was about the list of them if that section is
# among so many likeliest ones.
_HINT_OF_LIST = 3
# The best sentence goes first where it is nearer to the question by this cosine.
_BETTER = 0.08
_LEANING = (
    "- ", "It ", "They ", "He ", "She ", "Then ", "Next", "After that", "When this", "When it",
    "But ", "And ", "Or ", "Also ", "However", "Because of this", "That ", "Those ", "These ",
    "This is", "This helps", "This may", "This can", "This happens", "So ", "Finally", "Instead",
    "In that case", "If so", "If not", "If that", "If this", "If it ", "If they ", "After this",
    "Otherwise", "Second", "Third", "Later",
)  # fmt: skip


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
class Passages:
    """`vectors` are those of the sentences, by section; empty without an encoder."""

    library: Library
    body_parts: BodyParts
    sentences: Mapping[str, tuple[str, ...]]
    vectors: Mapping[str, Vector]
    meaning: Meaning | None

    def finish(
        self, decision: Decision, whole: Read, pieces: Sequence[Read], *, lead: bool = True
    ) -> Understood:
        """Compare parts of the body with the list asked about, and find the best sentences.

        `pieces` are the parts that the decision's places count.
        """
        kept: list[tuple[str, int]] = []
        listed = not_listed = False
        for section, place in zip(decision.sections, decision.places, strict=True):
            on_list = set(self.library.listed.get(section, ()))
            asked = pieces[place].text if place >= 0 else whole.text
            named = set(self.body_parts.find(asked) or self.body_parts.find(whole.text))
            first = whole.reading.ranking[0][0]
            sure = whole.reading.confidence >= _SURE_OF_LIST and first == section
            if on_list and named and not named & on_list and not sure:
                not_listed = True
                continue
            listed = listed or bool(on_list and named and named <= on_list)
            kept.append((section, place))
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
            not_listed = self._names_unlisted_part(whole)
        leads = tuple(
            self._lead(section, pieces[place] if place >= 0 else whole) if lead else 0
            for section, place in kept
        )
        return Understood(
            decision, whole.reading, leads, listed, not_listed and not kept, self._likely(whole)
        )

    def _names_unlisted_part(self, whole: Read) -> bool:
        """Whether a declined message was about the list, with a part that is not on it."""
        here = set(self.body_parts.find(whole.text))
        ranked = [name for name, _ in whole.reading.ranking if name in self.library.titles]
        lists = [
            set(parts)
            for name, parts in self.library.listed.items()
            if {name, self.library.topic_of(name)} & set(ranked[:_HINT_OF_LIST])
        ]
        return bool(here and lists) and not any(here & parts for parts in lists)

    def _likely(self, whole: Read) -> str | None:
        for intent, _ in whole.reading.ranking:
            if intent in self.library.titles:
                found = self.library.resolve(intent, whole.text, document=None)
                return found.section or (found.options[0] if found.options else None)
        return None

    def _lead(self, section: str, asked: Read) -> int:
        """The sentence nearest to the question, if it is clearly nearer than the first."""
        vectors = self.vectors.get(section)
        if vectors is None or self.meaning is None or len(vectors) < 2:  # noqa: PLR2004
            return 0
        likeness = vectors @ (self.meaning.of(asked.text) if asked.vector is None else asked.vector)
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
