"""How often a peer may begin a chat, and write: generous, and never at a stored message's cost.

Each key has a bucket that fills evenly over its period and from which every call takes one. The
buckets live in this process; a restart fills them.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from clinic.settings import Clinic
from desk.errors import TooManyTries
from desk.settings import Limits

__all__ = ["RateLimits"]

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_MOST_KEYS: Final = 10_000  # then those that are full again are forgotten
_HOME_NETWORK: Final = 64  # bits of an IPv6 address; one household has all those below


@dataclass
class _Bucket:
    left: float
    at: datetime
    size: int
    period: timedelta

    def fill(self, now: datetime) -> None:
        passed = max(now - self.at, timedelta())
        self.left = min(self.size, self.left + self.size * (passed / self.period))
        self.at = now


class RateLimits:
    """Counts for one app; safe to use from several threads."""

    def __init__(self, limits: Limits, clinic: Clinic) -> None:
        self._limits = limits
        self._number = clinic.emergency_number
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def begin_conversation(self, *, peer: str, now: datetime) -> None:
        """Count a new conversation; raises `TooManyTries`."""
        self._take(
            {f"chats {_network(peer)}": (self._limits.conversations_an_hour, _HOUR)},
            now=now,
            what="Too many chats were begun from your connection.",
        )

    def write_message(self, *, conversation_id: str, peer: str, now: datetime) -> None:
        """Count a new message, of the conversation and of the peer; raises `TooManyTries`."""
        self._take(
            {
                f"talk {conversation_id}": (self._limits.messages_a_minute, _MINUTE),
                f"words {_network(peer)}": (self._limits.messages_a_minute_of_a_peer, _MINUTE),
            },
            now=now,
            what="Too many messages came at once, so this one was not taken.",
        )

    def _take(self, wanted: dict[str, tuple[int, timedelta]], *, now: datetime, what: str) -> None:
        with self._lock:
            if len(self._buckets) > _MOST_KEYS:
                self._forget_full(now)
            buckets = [self._bucket(key, *limit, now=now) for key, limit in wanted.items()]
            wait = max((1 - one.left) * (one.period / one.size).total_seconds() for one in buckets)
            if wait <= 0:
                for one in buckets:
                    one.left -= 1
                return
        seconds = math.ceil(wait)
        raise TooManyTries(
            f"In an emergency call {self._number} now. {what} "
            f"Please try again in {seconds} second{'' if seconds == 1 else 's'}.",
            retry_after_seconds=seconds,
        )

    def _bucket(self, key: str, size: int, period: timedelta, *, now: datetime) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(size, now, size, period))
        bucket.fill(now)
        return bucket

    def _forget_full(self, now: datetime) -> None:
        for bucket in self._buckets.values():
            bucket.fill(now)
        self._buckets = {key: one for key, one in self._buckets.items() if one.left < one.size}


def _network(peer: str) -> str:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if address.version == 4:  # noqa: PLR2004 (the protocol's number)
        return str(address)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or ipaddress.ip_network((address, _HOME_NETWORK), strict=False))
