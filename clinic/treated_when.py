"""When a patient was treated, out of lay words: "this morning", "two days ago", "last Tuesday".

Called by the assistant on every message and by the desk when the assistant is down: chest or
breath words from somebody treated lately are an emergency even when mild (`clinic.mild_words`).
Where words leave room, the latest day that they may mean counts, for that is the safe side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

__all__ = ["LATELY", "SaidTime", "Treatment", "is_lately", "said_time", "treated"]

LATELY = timedelta(days=3)
"""Pneumothorax after needling shows within hours to three days.

Source: `set_by` and `source` of the flag "breathing" in assistant/red_flags.yml.
"""

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4,
    "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
}  # fmt: skip
_DAYS = (
    "mon(?:day)?|lunes", "tue(?:s(?:day)?)?|martes", "wed(?:nesday|s)?|mi[eé]rcoles",
    "thu(?:rs(?:day)?|r)?|jueves", "fri(?:day)?|viernes", "sat(?:urday)?|s[aá]bado",
    "sun(?:day)?|domingo",
)  # fmt: skip
_MONTHS = (
    "jan(?:uary)?|enero", "feb(?:ruary)?|febrero", "mar(?:ch)?|marzo", "apr(?:il)?|abril",
    "may|mayo", "june?|junio", "july?|julio", "aug(?:ust)?|agosto", "sept?(?:ember)?|septiembre",
    "oct(?:ober)?|octubre", "nov(?:ember)?|noviembre", "dec(?:ember)?|diciembre",
)  # fmt: skip
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_FEW = r"(?P<few>(?:a\ )?(?:couple|cpl)(?:\ of)?|(?:a\ )?few|several|unos|varios|algunos)"
_UNIT = (
    r"(?P<unit>min(?:ute)?s?|minutos?|h(?:ou)?rs?|horas?|days?|d[ií]as?|nights?|noches?|"
    r"w(?:ee)?ks?|semanas?|months?|mes(?:es)?|y(?:ea)?rs?|a[ñn]os?)"
)
_SPANISH_UNIT = _UNIT.replace("unit", "es_unit")
_SPANISH_COUNT = rf"(?P<es_count>\d{{1,3}}|{'|'.join(_NUMBERS)}|unos|varios)"
_WEEKDAY = "|".join(f"(?P<d{number}>{day})" for number, day in enumerate(_DAYS))
_MONTH = "|".join(f"(?P<m{number}>{name})" for number, name in enumerate(_MONTHS, 1))
_SAID = re.compile(
    rf"""(?<![\w/])(?:
    (?P<before_yesterday>(?:the\ )?day\ before\ (?:yesterday|last)|antier|anteayer|antes\ de\ ayer)
    |(?P<today>(?:earlier\ )?today|this\ (?:morning|afternoon|evening)|tonight|just\ now
      |(?:half\ )?an\ hour\ ago|hoy|esta\ (?:ma[ñn]ana|tarde|noche))
    |(?P<yesterday>yester?day|yday|last\ (?:night|evening)|ayer|anoche)
    |(?:{_COUNT}|{_FEW})\ {_UNIT}(?:\ (?:ago|back|now|later|after|since|earlier))?
    |hace\ {_SPANISH_COUNT}\ {_SPANISH_UNIT}
    |(?P<other_day>the\ other\ day|(?:(?:the|last)\ )?weekend|el\ otro\ d[ií]a)
    |(?P<last_week>last\ week|la\ semana\ pasada)
    |(?P<long_ago>last\ (?:month|year|spring|summer|fall|autumn|winter)|(?:months|years)\ ago
      |el\ (?:mes|a[ñn]o)\ pasado)
    |(?P<gone>last\ |this\ past\ |el\ pasado\ )?(?P<weekday>{_WEEKDAY})
    |(?P<month>{_MONTH})\.?\ (?:the\ )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?
    |(?P<numeric_month>1[0-2]|0?[1-9])/(?P<numeric_day>[12]\d|3[01]|0?[1-9])
    )(?![\w/])""",
    re.IGNORECASE | re.VERBOSE,
)
# Words that say of a time that it is gone, or of a treatment that it has been.
_PAST = re.compile(
    r"\b(?:was|were|had|got|did|done|been|since|after|came|saw|went|needled|treated|poked|ago|"
    r"me hicieron|me pusieron|tuve|desde|despu[eé]s|pincharon)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:tomorrow|next|upcoming|scheduled|before|will|going to|gonna|have an? (?:appointment|"
    r"session|visit)|ma[ñn]ana tengo|antes de)\b",
    re.IGNORECASE,
)
_TREATMENT = re.compile(
    r"\b(?:dry.?needl\w*|needl(?:ed|ing|es?)|treated|treatments?|sessions?|appointments?|appt|"
    r"visits?|poked|pricked|stuck me|procedure|worked on (?:me|my|him|her|his)|"
    r"(?:had|got) (?:it|this|that|mine|my \w+) done|"
    r"(?:you|they|she|he|u)(?: guys)? did (?:me|my|his|her)|"
    r"saw (?:you|the pt|your)|was (?:in|there)|came in|imt|acupuncture|therapy|"
    r"sesi[oó]n|tratamiento|cita|agujas?|punci[oó]n|pincharon|terapia)\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\b(?:ever since|since|right after|straight after|desde|despu[eé]s de)\b"
    r"(?: (?:my|the|our|that|this|his|her|last|first|second|getting|being|i (?:was|got|had)|you|"
    r"mi|la|el|que me)){0,3} (?=(?P<what>[^.?!]{0,24}))",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"[.?!;\n]|,|\b(?:but|does|do|would|will|can|could|should|pero|puede)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"[^.?!\n]+")
_OF_ANY_TENSE = ("today", "weekday", "month", "numeric_day")
_MOST = 20  # times and treatments read in one sentence; a hostile text holds more
_NEAR = 48  # characters between a treatment and its time: "needled my neck and shoulder on Tuesday"
_FEW_DAYS = (2, 5)
_OTHER_DAY = (1, 9)
_LONG_AGO = 365
_WEEK = 7


@dataclass(frozen=True)
class SaidTime:
    """A time as it was said: its place in the text, and the days it may mean."""

    start: int
    end: int
    first: date
    last: date
    past: bool  # its words alone say that it is gone


@dataclass(frozen=True)
class Treatment:
    """That the patient was treated; `last` is the latest day it may have been.

    `dated`: a time was named, and not only "since my session".
    """

    start: int
    end: int
    last: date
    dated: bool = True


def said_time(text: str, *, now: datetime) -> SaidTime | None:
    """The first time that `text` names; `now` is on the clinic's clock."""
    return next(_times(text, now=now), None)


def treated(text: str, *, now: datetime) -> Treatment | None:
    """The latest treatment that `text` tells of as past; `now` is on the clinic's clock.

    "since my session" names no time; where no other words do, it may have been today.
    """
    found = [
        treatment
        for sentence in _SENTENCE.finditer(text)
        for treatment in _in_sentence(sentence.group(), sentence.start(), now)
    ]
    return max(found, key=lambda treatment: (treatment.dated, treatment.last), default=None)


def is_lately(day: date, *, today: date) -> bool:
    """Whether a treatment on `day` is within the last three days."""
    return today - day <= LATELY


def _in_sentence(sentence: str, offset: int, now: datetime) -> Iterator[Treatment]:
    since = _SINCE.search(sentence)
    if not since and not _TREATMENT.search(sentence):
        return
    ahead, past = _AHEAD.search(sentence), _PAST.search(sentence)
    dated = False
    times = list(islice(_times(sentence, now=now), _MOST))
    for mention in islice(_TREATMENT.finditer(sentence), _MOST):
        for time in times:
            start, end = min(mention.start(), time.start), max(mention.end(), time.end)
            between = sentence[min(mention.end(), time.end) : max(mention.start(), time.start)]
            if len(between) > _NEAR or _BREAK.search(between):
                continue
            dated = True
            if time.past or (past and not ahead):
                yield Treatment(offset + start, offset + end, time.last)
    if since and not dated and _TREATMENT.match(since["what"]):
        end = offset + len(sentence.rstrip())
        yield Treatment(offset + since.start(), end, now.date(), dated=False)


def _times(text: str, *, now: datetime) -> Iterator[SaidTime]:
    for found in _SAID.finditer(text):
        days = _days(found, now)
        if days is not None:
            nearest, farthest = days
            today = now.date()
            yield SaidTime(
                found.start(),
                found.end(),
                today - timedelta(days=farthest),
                today - timedelta(days=nearest),
                past=bool(found["gone"]) or not any(found[name] for name in _OF_ANY_TENSE),
            )


def _days(found: re.Match[str], now: datetime) -> tuple[int, int] | None:
    """How many days ago it was: at least and at most; None where the date is none."""
    fixed = {
        "today": (0, 0), "yesterday": (1, 1), "before_yesterday": (2, 2), "other_day": _OTHER_DAY,
        "long_ago": (_LONG_AGO // 12, _LONG_AGO),
    }  # fmt: skip
    for name, days in fixed.items():
        if found[name]:
            return days
    unit = found["unit"] or found["es_unit"]
    if unit:
        return _counted(found["count"] or found["es_count"], unit.lower(), now)
    if found["last_week"]:
        return now.weekday() + 1, now.weekday() + _WEEK
    if found["weekday"]:
        wanted = next(number for number in range(_WEEK) if found[f"d{number}"])
        ago = (now.weekday() - wanted) % _WEEK
        return ago, ago + _WEEK
    return _dated(found, now.date())


def _counted(count: str | None, unit: str, now: datetime) -> tuple[int, int]:
    number = _NUMBERS.get((count or "").lower()) or (
        int(count) if count and count.isdecimal() else 0
    )
    least, most = (number, number) if number else _FEW_DAYS
    if unit.startswith("min"):
        return 0, 0
    if unit.startswith("h"):
        hours = timedelta(hours=most)
        days = (now.date() - (now - hours).date()).days
        return (days, days) if number else (0, days)
    length = {"d": 1, "n": 1, "w": _WEEK, "s": _WEEK, "m": 30}.get(unit[0], _LONG_AGO)
    return least * length, most * length


def _dated(found: re.Match[str], today: date) -> tuple[int, int] | None:
    month = next((n for n in range(1, 13) if found[f"m{n}"]), None) or int(
        found["numeric_month"] or 0
    )
    day = int(found["day"] or found["numeric_day"] or 0)
    for year in (today.year, today.year - 1):
        try:
            ago = (today - date(year, month, day)).days
        except ValueError:
            return None
        if ago >= 0:
            return ago, ago
    return None
