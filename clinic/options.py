"""A typed answer to "did you mean": which of the offered titles a message picks.

"2", "the second one", "yes, the last", "both", or words of a title. Called by the classifier; what
is picked by meaning rather than words is the classifier's own matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["NONE_OF_THEM", "pick", "refuses"]

NONE_OF_THEM = "Something else"  # the button's words, in the domain's phrase as well
_REFUSES = re.compile(
    r"^\W*(?:no\W+)?(?:something else|none(?: of (?:them|these|those|the above))?|neither"
    r"(?: of (?:them|these|those))?|not (?:that|these|those|either)|no|nope|nah)"
    r"(?:\W+(?:thanks|thank you|please|one))?\W*$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z0-9']+")
_PLACES = {
    "1": 0, "1st": 0, "first": 0, "a": 0, "former": 0, "top": 0,
    "2": 1, "2nd": 1, "second": 1, "b": 1, "middle": 1,
    "3": 2, "3rd": 2, "third": 2, "c": 2,
}  # fmt: skip
_LAST = frozenset({"last", "latter", "bottom"})
_ALL = frozenset({"both", "all", "each", "everything"})
# Words around a choice that say nothing of it.
_AROUND = frozenset(
    {
        "yes", "yeah", "yep", "yup", "ya", "ok", "okay", "sure", "please", "pls", "the", "one",
        "ones", "option", "number", "no", "i", "mean", "meant", "want", "would", "like", "my",
        "question", "is", "it", "was", "that", "this", "a", "an", "choice", "answer", "to",
        "about", "of", "thing", "uh", "um", "hmm", "well", "and", "for", "me", "go", "with",
        "lets", "let's", "take", "pick", "think", "so", "them", "these", "those", "two", "three",
        "er",
    }
)  # fmt: skip
_STILL_A_CHOICE = 3  # words beside the ordinal, "the second one on your list here please"
_STILL_WORDS = 5  # words of a choice by words of the title; more are a new message
# Words that any title may have.
_COMMON = _AROUND | frozenset(
    {
        "what", "when", "where", "which", "who", "why", "how", "can", "could", "will", "would",
        "should", "do", "does", "did", "are", "am", "be", "i", "you", "we", "they", "there", "in",
        "on", "at", "from", "with", "by", "as", "or", "if", "not", "after", "before", "more",
        "much", "many", "have", "has", "get", "my", "your", "same",
    }
)  # fmt: skip


def refuses(text: str) -> bool:
    """Whether the message says that none of the options was meant."""
    return bool(_REFUSES.match(text))


def pick(text: str, titles: Sequence[str]) -> tuple[int, ...]:
    """Places in `titles` that the message chooses; empty where it chooses none or too many."""
    words = _WORD.findall(text.lower())
    if not words or not titles:
        return ()
    for place, title in enumerate(titles):
        if words == _WORD.findall(title.lower()):
            return (place,)
    rest = [word for word in words if word not in _AROUND]
    bare = [word for word in words if word in _PLACES and word != "a"] or (
        ["a"] if words == ["a"] else []
    )
    if bare and len(rest) <= _STILL_A_CHOICE + len(bare):
        place = _PLACES[bare[0]]
        return (place,) if place < len(titles) else ()
    if len(rest) == 1 and rest[0] in _LAST:
        return (len(titles) - 1,)
    if len(rest) == 1 and rest[0] in _ALL:
        return tuple(range(len(titles)))
    return _by_words(rest, titles)


def _by_words(words: Sequence[str], titles: Sequence[str]) -> tuple[int, ...]:
    """The one title that shares the most words of sense with the message."""
    if len(words) > _STILL_WORDS:
        return ()
    said = {_stem(word) for word in words if word not in _COMMON}
    shared = [
        len(said & {_stem(word) for word in _WORD.findall(title.lower()) if word not in _COMMON})
        for title in titles
    ]
    most = max(shared)
    return (shared.index(most),) if most and shared.count(most) == 1 else ()


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)]
    return word
