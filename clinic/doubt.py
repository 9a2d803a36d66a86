"""When the assistant asks back whether somebody is in danger now, instead of deciding it alone.

Called by the assistant on each message that raised no alarm. See docs/decisions, "In doubt the
assistant asks, and the number stands in the question".
"""

from __future__ import annotations

from clinic.decision import UNCLEAR
from clinic.understanding import NEAR_TOPIC, OUT_OF_SCOPE, URGENT

__all__ = ["LEAST", "is_doubtful"]

LEAST = 0.05
"""The likelihood of an emergency from which on silence is in doubt; 0.12 is an alarm.

Measured 2026-11 on 8,903 held-out training messages with the encoder: of the 38 grave ones that
raised no alarm 18 are asked, of the 7,346 harmless ones 1.4 %, nearly all declined anyhow.
"""

_NOTHING_BETTER = frozenset({NEAR_TOPIC, OUT_OF_SCOPE, UNCLEAR, URGENT})


def is_doubtful(
    intent: str, *, uncertain: bool, asks: bool, explained: bool, likelihood: float
) -> bool:
    """Whether to ask, of a message whose `intent` is no emergency.

    `uncertain`: the rules did raise an alarm, and it was set aside to be asked about. `asks`: they
    found a grave flag and its silence was not earned beyond doubt. `explained`: it was, and no
    alarming word is left (`clinic.red_flags.Assessment`). `likelihood` is what classifier and signs
    say together. One of the last is enough where the reply would be "not in the handout" or urgent;
    where there is a likely reply both must be there.
    """
    near = likelihood >= LEAST and not explained
    if intent in _NOTHING_BETTER:
        return uncertain or asks or near
    return uncertain or (asks and near)
