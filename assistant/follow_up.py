"""A message that goes on from the last reply: picks an option, or leans on what was answered.

The words are tested in `clinic.options` and `clinic.follow_up`; here the message is read together
with the title of the section that was answered last.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.body_parts import BodyParts
from assistant.reader import Read, Reader
from clinic.context import Context
from clinic.decision import UNCLEAR, Decision
from clinic.follow_up import asks_to_explain, leans_on_before
from clinic.options import pick, refuses
from clinic.understanding import DANGERS, NEAR_TOPIC

__all__ = ["SURE_SECTION", "FollowUp"]

# As sure as a section is that follows from the message or from what was said before it.
SURE_SECTION = 0.85
# A message without a word of a topic stands alone only from here on: "how long for?" is likelier
# about what was answered last than about whatever its words were used for most.
_SURE_THOUGH_LEANING = 0.95
# A press on a button, or its words: nearly as sure as the patient is.
_PICKED = 0.95
# Small talk, a wish, danger: from this confidence on never read as following up.
_SURE_ALONE = 0.6
# "How much is it?", "who does it": refused alone from this confidence on, whatever was said before.
_SURE_REFUSED = 0.45
# How much more one offered section must be meant than the next, for a choice by meaning.
_CLEARLY = 2.0


@dataclass(frozen=True)
class FollowUp:
    """Decides on messages that need the conversation; `None` leaves a message to itself."""

    reader: Reader
    body_parts: BodyParts

    def picked(self, read: Read, context: Context) -> Decision | None:
        """The section chosen out of "did you mean", by its words or by its meaning."""
        if not context.options or read.reading.choice.intent in DANGERS:
            return None
        library = self.reader.library
        options = [name for name in context.options if name in library.titles]
        if refuses(read.text):
            return Decision("deny", _PICKED, "none_of_them")
        places = pick(read.text, [library.label(name) for name in options])
        if not places:
            shares = self.reader.shares(read, options)
            order = sorted(range(len(options)), key=lambda place: -shares[place])
            if (
                len(order) > 1
                and self._likeliest(options[order[0]], shares[order[0]], read)
                and shares[order[0]] >= _CLEARLY * shares[order[1]]
            ):
                places = (order[0],)
        if not places:
            return None
        sections = tuple(options[place] for place in places)
        return Decision(sections[0], _PICKED, "picked", sections, (-1,) * len(sections))

    def _likeliest(self, section: str, share: float, read: Read) -> bool:
        """Whether a section is likelier than all that was not offered."""
        library = self.reader.library
        if library.document_of(section) in self.reader.profiles:
            return share > 1 / 2
        return library.topic_of(section) == read.reading.ranking[0][0]

    def leaning(self, text: str, decision: Decision, context: Context) -> Decision | None:
        """The decision on a message that leans on the last answer."""
        before = tuple(name for name in context.sections if name in self.reader.library.titles)
        several = len(decision.sections) > 1 and decision.reason != "either"
        if not before or decision.intent in DANGERS or several:
            return None
        if asks_to_explain(text):
            return Decision(before[0], SURE_SECTION, "explain", before, (-1,) * len(before))
        sure = _SURE_THOUGH_LEANING if decision.sections else _SURE_ALONE
        said = decision.intent not in (NEAR_TOPIC, UNCLEAR) and decision.confidence >= sure
        if said or not leans_on_before(text, known=self.body_parts.single_words()):
            return None
        listing = [name for name in before if name in self.reader.library.listed]
        if listing and self.body_parts.find(text):
            return Decision(listing[0], SURE_SECTION, "follow_up", (listing[0],), (-1,))
        refused = decision.intent == NEAR_TOPIC and decision.reason == "guess"
        if refused and decision.confidence >= _SURE_REFUSED:
            return None
        return self._together(text, before[-1])

    def _together(self, text: str, last: str) -> Decision | None:
        """What the message asks for when it is read after the title of the section `last`."""
        library = self.reader.library
        document = library.document_of(last)
        reader = self.reader.within(document)
        choice = reader.read(f"{library.titles[last]} {text}").reading.choice
        if choice.intent not in reader.sections:
            return None
        section = library.resolve(choice.intent, text, document=document).section
        if section is None:
            return None
        return Decision(section, choice.confidence, "follow_up", (section,), (-1,))
