"""Blacks out what could say whose question it is: numbers, addresses, links, names.

Used before a question is kept beyond its conversation (`desk.unanswered`). Short numbers stay,
because they carry the question: days, minutes, an age, a dose. It works by form, so a name that the
patient gave nowhere else than in the question itself may stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import dropwhile
from typing import Final

__all__ = ["redact"]

_EMAIL: Final = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+")
_LINK: Final = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<!\w)@\w{2,}")
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE: Final = re.compile(
    rf"\b(?:\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? \d{{4}})?)(?!\w)",
    re.IGNORECASE,
)
_STREET: Final = re.compile(
    r"\b\d+[a-z]? (?:[\w.']+ ){1,4}"
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl)\b\.?",
    re.IGNORECASE,
)
# Five digits or more, whatever stands between them: phones, records, insurance, post codes. Not a
# stroke, which stands in a blood pressure.
_NUMBER: Final = re.compile(r"\+?\(?\d(?:[ ().\-]{0,3}\d){4,}")
_INTRODUCED: Final = re.compile(
    r"(?P<lead>\bmy (?:full |first |last )?name(?: is|['’]s|:)? |\bi am called |\bi['’]m called )"
    r"(?P<name>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3})",
    re.IGNORECASE,
)
_SHORTEST_NAME: Final = 2  # letters; an initial alone names nobody


def redact(text: str, *, names: Iterable[str] = ()) -> str:
    """The text with `[e-mail]`, `[link]`, `[address]`, `[date]`, `[number]` and `[name]` in place.

    `names` are those that the patient gave; each of their words goes wherever it stands as a word,
    in capitals or not. Doing it twice changes nothing more.
    """
    text = _EMAIL.sub("[e-mail]", text)
    text = _LINK.sub("[link]", text)
    text = _HANDLE.sub("[name]", text)
    text = _INTRODUCED.sub(_introduced, text)
    text = _STREET.sub("[address]", text)
    text = _DATE.sub("[date]", text)
    text = _NUMBER.sub("[number]", text)
    for word in sorted(_words_of(names), key=lambda word: (-len(word), word)):
        given = re.compile(rf"(?<![\w\[]){re.escape(word)}(?![\w\]])", re.IGNORECASE)
        text = given.sub("[name]", text)
    return text


def _introduced(found: re.Match[str]) -> str:
    # After the first word only what is written like a name: "my name is kim and I hurt".
    after = dropwhile(_is_written_like_a_name, found["name"].split(" ")[1:])
    return " ".join([f"{found['lead']}[name]", *after])


def _is_written_like_a_name(word: str) -> bool:
    return word[0].isupper() and word != "I"


def _words_of(names: Iterable[str]) -> set[str]:
    return {
        word
        for name in names
        for word in re.split(r"[^\w'’-]+", name)
        if sum(char.isalpha() for char in word) >= _SHORTEST_NAME
    }
