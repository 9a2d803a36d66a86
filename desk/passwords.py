"""Passwords: which are good enough, how they are kept, and checking one.

Kept as Argon2id. A check for somebody who has no password takes as long as one for somebody who
has, so that its time tells nothing.
"""

from __future__ import annotations

import secrets
import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.errors import Unprocessable

__all__ = ["LONGEST", "SHORTEST", "check_new", "keep", "verify"]

# NIST SP 800-63B and OWASP ASVS 5.0, 6.2: length counts, no rules about sorts of characters.
SHORTEST: Final = 12
LONGEST: Final = 1024
_FEWEST_DIFFERENT: Final = 5
_SHORTEST_PART: Final = 4
# OWASP's floor: m=19 MiB, t=2, p=1.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked where there is no password; nobody knows this one.
_DECOY: Final = _HASHER.hash(secrets.token_urlsafe(32))
# Each check takes 19 MiB and a core; a flood of them must not stall the chat.
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def check_new(password: str, *, about: tuple[str, ...]) -> None:
    """Raises `Unprocessable`, saying what to do, for a password that is easy to guess.

    `about` are words that a guesser would try first: the person's name, her e-mail, the clinic's.
    """
    if len(password) < SHORTEST:
        raise Unprocessable(
            f"Please choose a password of {SHORTEST} characters or more; a few words in a row do."
        )
    if len(password) > LONGEST:
        raise Unprocessable(f"Please choose a password of at most {LONGEST} characters.")
    small = password.casefold()
    if len(set(small)) < _FEWEST_DIFFERENT or _is_row_of_keys(small):
        raise Unprocessable("This password is easy to guess. Please choose another one.")
    known = {part for text in about for part in _parts(text)}
    rest = small
    for part in sorted(known, key=len, reverse=True):
        rest = rest.replace(part, "")
    # What is left once everything known is taken out has to be long enough by itself.
    if len(rest) < SHORTEST - _SHORTEST_PART and rest != small:
        raise Unprocessable(
            "This password is made of your name, your e-mail or the clinic's name. Please choose "
            "another one."
        )


def keep(password: str) -> str:
    """The form in which it is stored. Takes 19 MiB and a moment: never within a transaction."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify(stored: str, password: str) -> bool:
    """Whether it is the stored one; an empty `stored` is nobody's. Never within a transaction."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _DECOY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored != ""


def _parts(text: str) -> set[str]:
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    return {word for word in words if len(word) >= _SHORTEST_PART}


def _is_row_of_keys(small: str) -> bool:
    return any(small in row * 3 or small in row[::-1] * 3 for row in _ROWS)
