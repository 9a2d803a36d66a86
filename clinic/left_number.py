"""A phone number left in the chat, unasked: who leaves one wants to be called.

Called by the classifier in `assistant/` for messages that nothing in a handout answers.
"""

from __future__ import annotations

import re

from clinic.callback import is_question

__all__ = ["leaves_a_number"]

_GAP = r"[ ().\-/]{0,3}"
# Ten digits with or without the country's 1, seven where a gap stands after the third, or a number
# of another country, which a plus begins. In all between 7 and 15 digits (ITU-T E.164).
_PHONE = re.compile(
    rf"(?<![\w.])(?:\+(?:{_GAP}\d){{8,15}}|(?:1{_GAP})?(?:\(?\d{{3}}\)?{_GAP}\d{{3}}{_GAP}\d{{4}})"
    r"|\d{3}[ .\-]{1,3}\d{4})(?!\w)"
)
# Numbers of the same length that nobody can be called on.
_OTHER_NUMBER = re.compile(
    r"\b(?:id|member(?:ship)?|policy|group|claim|mrn|record|account|acct|reference|ref|order|fax)\b",
    re.IGNORECASE,
)


def leaves_a_number(text: str) -> bool:
    """Whether the message tells a phone number, and neither asks anything nor says what else it is.

    "608 555 0142 call anytime" does; "is 608 555 0142 your fax?" and "member id 6085550142" do not.
    """
    return bool(_PHONE.search(text)) and not is_question(text) and not _OTHER_NUMBER.search(text)
