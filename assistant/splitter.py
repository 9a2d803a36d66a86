"""Where one message asks several things: cuts it into parts, each with at most one question.

By rules on spaCy's tokens: at the ends of sentences, and before a question that follows a comma or
a joining word ("… and does it hurt"). "Neck and back pain" stays whole, for no question follows.
Whether the parts really ask for different passages is not decided here; `halves` offers further
cuts, for who can read both sides to choose from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from spacy.lang.en import English
from spacy.tokens import Token

__all__ = ["Part", "halves", "split"]

# A message of more sentences is a letter; its last ones ask. Each part costs an encoding.
_MOST_PARTS = 10
_STOPS = frozenset({".", "!", "?", "…", ";", "...", "?!", "!?"})
# Where a message of one part may hold two questions all the same; each costs two encodings.
_MOST_HALVES = 4
_SEAMS = frozenset({",", ":", "-", "–", "—", "/", "(", "...", "…"})
_JOINING = frozenset(
    {"and", "also", "plus", "btw", "n", "nd", "&", "or", "then", "but", "so", "oh", "&amp;", "+"}
)
_WH = frozenset(
    {
        "what", "wat", "wut", "whats", "what's", "how", "hows", "when", "whens", "where", "wheres",
        "why", "whys", "who", "whos", "which", "whose", "hw", "wht", "y",
    }
)  # fmt: skip
# With these any word may follow: "n does humana pay".
_DOES = frozenset(
    {
        "do", "does", "did", "can", "could", "will", "would", "should", "shall", "may", "might",
        "must", "ought", "cn", "shud", "wud", "wil", "duz", "dose", "ca", "wo",
    }
)  # fmt: skip
# After a joining word these may go on with what was said ("it hurts and is swollen"), so a subject
# must follow, or the clause before must have been a question itself.
_IS = frozenset({"is", "are", "am", "was", "were", "has", "have", "had", "r", "ar", "iz"})
_SUBJECT = frozenset(
    {
        "i", "you", "u", "ya", "he", "she", "it", "we", "they", "there", "this", "that", "these",
        "those", "the", "my", "your", "ur", "our", "his", "her", "their", "a", "an", "any", "one",
        "someone", "somebody", "anyone", "everyone", "everybody", "people", "folks", "some", "all",
    }
)  # fmt: skip
_PRONOUNS = frozenset(
    {"i", "you", "u", "ya", "he", "she", "it", "we", "they", "there", "this", "that"}
)
_ASKING = frozenset({"tell", "explain", "describe", "let", "give", "show"})
_COUNTING = frozenset(
    {"first", "second", "third", "1st", "2nd", "3rd", "firstly", "secondly", "thirdly", "finally",
     "lastly", "another"}
)  # fmt: skip
_WISHES = (
    "wonder", "want to know", "wanna know", "like to know", "tell me", "explain", "let me know",
    "my question", "need to know", "curious", "not sure if", "dont know if", "don't know if",
    "any idea", "wish to know", "asking if", "ask if", "find out",
)  # fmt: skip


# "is it clean.does it hurt": no space is typed after a sentence.
_RUN_TOGETHER = re.compile(r"(?<=[a-z]{2})([.?!,]+)(?=[A-Za-z]{2})")


@dataclass(frozen=True)
class Part:
    """One piece of a message; `asks` marks what is put as a question."""

    text: str
    asks: bool


def split(text: str) -> tuple[Part, ...]:
    """The parts in their order, without the words that join them; one for an undivided message."""
    spaced = _RUN_TOGETHER.sub(r"\1 ", text)
    tokens = [token for token in _tokenizer()(spaced) if not token.is_space or "\n" in token.text]
    parts: list[Part] = []
    start = 0
    for place in range(1, len(tokens) + 1):
        if place == len(tokens) or _begins(tokens, start, place):
            part = _part(tokens[start:place])
            if part is not None:
                parts.append(part)
            start = place
    return tuple(parts[-_MOST_PARTS:])


def halves(text: str) -> tuple[tuple[Part, Part], ...]:
    """Each way to cut an undivided part in two where a second question may begin.

    Looser than `split`: at any comma, joining word, question word or verb before its subject.
    """
    tokens = [token for token in _tokenizer()(text) if not token.is_space]
    found: list[tuple[Part, Part]] = []
    for place in range(1, len(tokens) - 1):
        if len(found) == _MOST_HALVES:
            break
        if _may_begin(tokens, place):
            before, after = _part(tokens[:place]), _part(tokens[place:])
            if before is not None and after is not None:
                found.append((before, after))
    return tuple(found)


def _may_begin(tokens: list[Token], place: int) -> bool:
    """Whether a second question may begin at `place`, with the word that joins it."""
    here, following = tokens[place].lower_, _lower(tokens, place + 1)
    before = tokens[place - 1].lower_
    if before in _SEAMS or before in _JOINING:
        return False  # the cut, if any, is before it
    if here in _SEAMS or here in _JOINING or here in _WH:
        return True
    led = any(token.lower_ in _WH for token in tokens[max(0, place - 3) : place])
    return not led and here in _DOES | _IS and following in _PRONOUNS


@lru_cache(maxsize=1)
def _tokenizer() -> English:
    return English()


def _begins(tokens: list[Token], start: int, place: int) -> bool:
    """Whether a new part begins at `place`; the present one began at `start`."""
    before, here = tokens[place - 1].lower_, tokens[place].lower_
    if before in _STOPS or "\n" in before:
        return here not in _STOPS
    if here.isdigit() and _lower(tokens, place + 1) in {".", ")"}:
        return True
    after_comma = before in {",", ":", "-", "–", "—", ")"}
    if here in _JOINING:
        return _joins_a_question(tokens, start, place)
    if here in _COUNTING and (after_comma or before in _JOINING):
        return True
    return after_comma and _opens_question(tokens, place, after_question=_asks(tokens[start:place]))


def _joins_a_question(tokens: list[Token], start: int, place: int) -> bool:
    """Whether only joining words and commas stand between `place` and a question."""
    if tokens[place - 1].lower_ in _JOINING:
        return False  # the cut, if any, was before the first of them
    ahead = place
    while ahead < len(tokens) and (tokens[ahead].lower_ in _JOINING or tokens[ahead].text == ","):
        ahead += 1
    counted = ahead < len(tokens) and (
        tokens[ahead].lower_ in _COUNTING
        or (tokens[ahead].lower_ == "the" and _lower(tokens, ahead + 1) in _COUNTING)
    )
    return counted or _opens_question(
        tokens, ahead, after_question=_asks(tokens[start:place]), joined=True
    )


def _opens_question(
    tokens: list[Token], place: int, *, after_question: bool, joined: bool = False
) -> bool:
    here, following = _lower(tokens, place), _lower(tokens, place + 1)
    if here in _WH or (here in _DOES and following):
        # "… or what": nothing is asked of it.
        return bool(following) and following not in _STOPS
    if here in _IS:
        return following in _SUBJECT or (after_question and joined and bool(following))
    return here in _ASKING and following in {"me", "us", "what", "how", "why", "if"}


def _lower(tokens: list[Token], place: int) -> str:
    return tokens[place].lower_ if place < len(tokens) else ""


def _part(tokens: list[Token]) -> Part | None:
    first = 0
    while first < len(tokens) and not tokens[first].is_alpha and not tokens[first].like_num:
        first += 1
    while first < len(tokens) - 1 and (
        tokens[first].lower_ in _JOINING or tokens[first].text in {",", ":", "-"}
    ):
        first += 1
    rest = tokens[first:]
    if all(not token.is_alpha or token.lower_ in _COUNTING | _JOINING for token in rest):
        return None  # "2." or "second,": the question itself comes after it
    text = "".join(token.text_with_ws for token in rest).strip().rstrip(",:;- ")
    return Part(text, _asks(rest))


def _asks(tokens: list[Token]) -> bool:
    words = [token.lower_ for token in tokens if not token.is_space]
    while words and (words[0] in _JOINING or not words[0][0].isalnum()):
        words = words[1:]
    if not words:
        return False
    if "?" in words or any(word.endswith("?") for word in words):
        return True
    if words[0] in _WH or words[0] in _ASKING:
        return True
    if words[0] in _DOES or words[0] in _IS:
        return len(words) > 1
    if any(_turned(words, place) for place in range(1, len(words) - 1)):
        return True
    plain = " ".join(words)
    return any(wish in plain for wish in _WISHES)


def _turned(words: list[str], place: int) -> bool:
    """Whether a question follows what leads to it: "the second one is what are", "so um do I"."""
    before, here, after = words[place - 1 : place + 2]
    if here in _WH:
        return before in _IS and after in _DOES | _IS
    return here in _DOES | _IS and after in _PRONOUNS and before not in _PRONOUNS | _WH
