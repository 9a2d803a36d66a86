"""When the assistant asks back whether somebody is in danger now, instead of deciding it alone.

Doubt has two signs: the rules found a grave flag and its silence was not earned beyond doubt
(`clinic.red_flags.Assessment.ask`), or the classifier's share of danger lies just under its alarm.
Where it has a likely reply, both must be there. Called by the assistant on each message that
raised no alarm. See docs/decisions, "In doubt the assistant asks, and the number stands in the
question".
"""

from __future__ import annotations

from clinic.decision import UNCLEAR
from clinic.understanding import NEAR_TOPIC, OUT_OF_SCOPE, URGENT

__all__ = ["LEAST_SHARE", "is_doubtful"]

LEAST_SHARE = 0.15
"""Share of emergency and crisis together from which on silence is in doubt; 0.25 is an alarm.

Measured 2026-11 on 8,903 held-out training messages with the encoder: of the 50 grave ones that
neither rules nor classifier caught, 11 are asked; of the 7,489 harmless ones 1.2 %, most of which
would have been declined.
"""

_LEAST_BESIDE_RULES = 0.05
"""The share from which on the rules' doubt outweighs a reply that is likely right.

"My ex had seizures, do you take my insurance?" is answered; of the 7,489 harmless messages above
nine in ten lie below it.
"""

_NOTHING_BETTER = frozenset({NEAR_TOPIC, OUT_OF_SCOPE, UNCLEAR, URGENT})


def is_doubtful(intent: str, *, grave_share: float, asks: bool, explained: bool) -> bool:
    """Whether to ask, of a message whose `intent` is no emergency.

    `grave_share` is the classifier's probability of emergency and crisis together; `asks` and
    `explained` are the rules' (`clinic.red_flags.Assessment`).
    """
    if intent in _NOTHING_BETTER:
        return asks or (grave_share >= LEAST_SHARE and not explained)
    return asks and grave_share >= _LEAST_BESIDE_RULES
