"""Parts of the body in a message, by the words patients have for them (`data/nlu_body_parts.yml`).

Called by the classifier, which compares them with the parts that a section of a handout lists.
"""

from __future__ import annotations

from collections.abc import Mapping

from spacy.lang.en import English
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

__all__ = ["NO_PART", "BodyParts"]

NO_PART = "no part"  # the value of turns of speech, such as "on the other hand"


class BodyParts:
    """A phrase matcher over the lay words."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` maps each lay word or phrase to the part it belongs to."""
        self.words = dict(words)
        self._nlp = English()
        self._single_words = frozenset(
            phrase.lower()
            for phrase, part in words.items()
            if " " not in phrase and part != NO_PART
        )
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        for phrase, part in self.words.items():
            self._matcher.add(part, [self._nlp.make_doc(phrase)])

    def find(self, text: str) -> tuple[str, ...]:
        """The parts named, in order, each once; of overlapping phrases the longest counts."""
        doc = self._nlp.make_doc(text)
        spans = filter_spans(self._matcher(doc, as_spans=True))
        return tuple(dict.fromkeys(span.label_ for span in spans if span.label_ != NO_PART))

    def single_words(self) -> frozenset[str]:
        """The lay words that are one word, small letters."""
        return self._single_words
