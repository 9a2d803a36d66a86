"""Checks of what a patient gives for a call-back: reason, name, phone number, time."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

import phonenumbers
from phonenumbers import Leniency, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

from desk.errors import Unprocessable

__all__ = ["Checked", "Field", "check_field"]

Field = Literal["phone", "name", "reason", "time"]

_LONGEST: Final[dict[Field, int]] = {"name": 80, "time": 200, "reason": 2000, "phone": 200}
_ASKS: Final[dict[Field, str]] = {
    "name": "Please tell us your name, in up to 80 letters.",
    "time": "Please say in a few words when a nurse can reach you, for example: after 3 p.m.",
    "reason": "Please say in a few words what the nurse should call about.",
    "phone": "Please give a phone number.",
}


@dataclass(frozen=True)
class Checked:
    """`value` is what is stored (a number as E.164), `shown` how to show it to people."""

    value: str
    shown: str


def check_field(field: Field, value: str, *, country: str) -> Checked:
    """The value made regular. Raises `Unprocessable` with a sentence for the patient.

    `country` (ISO 3166) says how numbers without "+" are read.
    """
    text = _visible(value, keep_lines=field == "reason")
    if field == "phone":
        return _check_phone(text, country)
    if not any(char.isalnum() for char in text):
        raise Unprocessable(_ASKS[field])
    if len(text) > _LONGEST[field]:
        raise Unprocessable(f"{_ASKS[field]} What you wrote is too long.")
    return Checked(value=text, shown=text)


def _visible(value: str, *, keep_lines: bool) -> str:
    # Control and format characters (bidirectional overrides among them) can hide what is meant.
    kept = "".join(
        " " if char.isspace() and not (keep_lines and char == "\n") else char
        for char in unicodedata.normalize("NFC", value)
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    lines = [" ".join(line.split()) for line in kept.split("\n")]
    return "\n".join(line for line in lines if line)


def _check_phone(text: str, country: str) -> Checked:
    found = list(
        {
            phonenumbers.format_number(match.number, PhoneNumberFormat.E164): match.number
            for match in PhoneNumberMatcher(text, country, leniency=Leniency.VALID)
        }.values()
    )
    if len(found) > 1:
        raise Unprocessable("That looks like more than one phone number. Please give just one.")
    number = found[0] if found else _parse(text, country)
    if number is None:
        raise Unprocessable(
            "That does not look like a phone number we can call. Please write it with the area "
            f"code, for example {_example(country)}."
        )
    home = phonenumbers.region_code_for_number(number) == country
    form = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    plain = PhoneNumber(
        country_code=number.country_code,
        national_number=number.national_number,
        italian_leading_zero=number.italian_leading_zero,
        number_of_leading_zeros=number.number_of_leading_zeros,
    )
    return Checked(
        value=phonenumbers.format_number(plain, PhoneNumberFormat.E164),
        shown=phonenumbers.format_number(plain, form),
    )


def _parse(text: str, country: str) -> PhoneNumber | None:
    digits = "".join(char for char in text if char.isdigit() or char == "+")
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _example(country: str) -> str:
    number = phonenumbers.example_number(country)
    if number is None:
        return "+1 608 555 0134"
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
