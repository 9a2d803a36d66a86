"""Which further handout a message is about that names none, if any.

Most messages that name no treatment are about the primary one. That one is about another shows in
words that only its handout uses, in how near its texts are, and in what was talked about.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.reader import Read, Reader
from clinic.context import Context
from clinic.understanding import DANGERS

__all__ = ["FurtherHandout", "Meant"]

# From here on a message that names no handout is read by this one; the second, where the primary
# handout would answer it. Of 1,029 questions about the primary handout, each laid beside eight
# others, 0.4 % reach the first and 0.2 % the second.
_SURELY = 0.8
_THOUGH_ANSWERED = 0.9
# From here on it is asked whether the likeliest section is meant, where nothing else answers.
_PERHAPS = 0.4
_SECTION = 0.5
# So much of the doubt about a handout goes where it has just been talked about.
_TALKED_ABOUT = 0.65


@dataclass(frozen=True)
class Meant:
    """A further handout, how likely it is meant, and its section that may be asked about."""

    document: str | None = None
    probability: float = 0.0
    surely: bool = False
    section: str | None = None


@dataclass(frozen=True)
class FurtherHandout:
    """Looks for it."""

    reader: Reader

    def meant(self, read: Read, context: Context) -> Meant:
        """The likeliest further handout; none where one is named, or somebody is in danger."""
        intent = read.reading.choice.intent
        if not self.reader.profiles or self.reader.library.named(read.text) or intent in DANGERS:
            return Meant()
        found = [self._with_profile(document, read, context) for document in self.reader.profiles]
        return max(found, key=lambda meant: meant.probability)

    def _with_profile(self, document: str, read: Read, context: Context) -> Meant:
        profile, intent = self.reader.profiles[document], read.reading.choice.intent
        # Where both handouts speak of it, `Library.resolve` says which is meant, or it is asked.
        if intent in profile.topics:
            return Meant()
        asked, settings = self.reader.asked(profile, read), self.reader.settings
        probability = profile.meant(asked, settings)
        if document == context.document:
            probability += _TALKED_ABOUT * (1 - probability)
        answered = intent in self.reader.understanding.sections
        surely = probability >= (_THOUGH_ANSWERED if answered else _SURELY)
        section = None
        if probability >= _PERHAPS and not surely:
            shares = profile.shares(asked, settings)
            likeliest = max(shares, key=lambda name: shares[name])
            section = likeliest if shares[likeliest] >= _SECTION else None
        return Meant(document, probability, surely, section)
