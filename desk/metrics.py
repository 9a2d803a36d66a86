"""What `/metrics` counts. Labels are kinds of things, never a patient's or a nurse's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from clinic.turn import Kind, Urgency

__all__ = ["Metrics"]


class Metrics:
    """The counters of one app, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = Counter(
            "clinic_turns",
            "Replies of the assistant, by their kind",
            ["kind"],
            registry=self._registry,
        )
        self._failures = Counter(
            "clinic_turn_failures",
            "Tries that brought no reply, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._closed = Counter(
            "clinic_turns_given_up",
            "Messages that the assistant could not answer at all",
            registry=self._registry,
        )
        self._seconds = Histogram(
            "clinic_turn_seconds",
            "From the stored message to the stored reply",
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120),
            registry=self._registry,
        )
        self._open = Gauge(
            "clinic_open_handoffs",
            "Patients who wait for a nurse, by urgency",
            ["urgency"],
            registry=self._registry,
        )
        self._notices = Gauge(
            "clinic_notices",
            "Messages to people who do not look at the console, by what became of them",
            ["state"],
            registry=self._registry,
        )
        for kind in Kind:
            self._turns.labels(kind.value)

    def answered(self, kind: Kind, *, took: timedelta) -> None:
        """Count one reply."""
        self._turns.labels(kind.value).inc()
        self._seconds.observe(took.total_seconds())

    def failed(self, reason: str) -> None:
        """Count one try without a reply."""
        self._failures.labels(reason).inc()

    def given_up(self) -> None:
        """Count one message that stays without a reply."""
        self._closed.inc()

    def render(self, *, open_handoffs: Mapping[Urgency, int], notices: Mapping[str, int]) -> bytes:
        """The text for Prometheus."""
        for urgency, count in open_handoffs.items():
            self._open.labels(urgency.value).set(count)
        for state, count in notices.items():
            self._notices.labels(state).set(count)
        return generate_latest(self._registry)
