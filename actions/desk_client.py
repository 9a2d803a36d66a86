"""The only door from the action server to the desk: its internal API on the loopback."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from clinic.internal_secret import internal_secret

_TIMEOUT_SECONDS = 5.0
"""Half of what the desk grants Rasa for a whole turn."""


class DeskRefusedError(Exception):
    """The desk answered and said no; `detail` is its plain sentence for the patient."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"the desk answered {status}")
        self.status = status
        self.detail = detail


@dataclass(frozen=True)
class Standing:
    """A patient's wish for a call: `state` is "none", "queued" or "closed"."""

    state: str
    reference: str | None
    text: str


@dataclass(frozen=True)
class DeskClient:
    """Calls the desk at `base_url`, proving itself with the shared secret.

    Every method raises `DeskRefusedError` for a no, and `httpx.HTTPError` when the desk cannot be
    reached: then the turn fails as a whole and is tried again, so nothing is lost.
    """

    base_url: str
    secret: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> DeskClient:
        """The desk that `make run` started, or the one on its usual port."""
        return cls(
            base_url=environ.get("DESK_URL", f"http://127.0.0.1:{environ.get('PORT', '8080')}"),
            secret=internal_secret(environ),
        )

    async def check(self, field: str, value: str) -> tuple[str, str]:
        """A detail as the desk will keep it, and as it is shown to people."""
        answer = await self._post("/internal/callback/check", {"field": field, "value": value})
        return answer["value"], answer["shown"]

    async def request_callback(
        self, details: Mapping[str, Any], *, idempotency_key: str
    ) -> tuple[str, str]:
        """Queue a call-back; the same key again is the same handoff.

        Returns its reference and the sentence that promises by when a nurse calls.
        """
        answer = await self._post(
            "/internal/handoffs", details, headers={"Idempotency-Key": idempotency_key}
        )
        return answer["reference"], answer["promise"]

    async def callback_status(self, conversation: str) -> Standing:
        """How this patient's wish for a call stands."""
        answer = await self._post("/internal/callback/status", {"conversation": conversation})
        return Standing(answer["state"], answer["reference"], answer["text"])

    async def cancel_callback(self, conversation: str) -> Standing:
        """Take the wish back where it is the patient's to end; once more it says the same."""
        answer = await self._post("/internal/callback/cancel", {"conversation": conversation})
        return Standing(answer["state"], answer["reference"], answer["text"])

    async def offers_chat(self, conversation: str) -> bool:
        """Whether this patient can wait for a nurse in the chat now."""
        answer = await self._post("/internal/live-chat", {"conversation": conversation})
        return bool(answer["offered"])

    async def request_chat(
        self, details: Mapping[str, Any], *, idempotency_key: str
    ) -> tuple[str, str, str]:
        """Put the patient into the line; the same key again is the same request.

        Returns "queued" or "connected", the reference, and a sentence about the place in line.
        """
        answer = await self._post(
            "/internal/chats", details, headers={"Idempotency-Key": idempotency_key}
        )
        return answer["state"], answer["reference"], answer["place"]

    async def _post(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=self.base_url, timeout=_TIMEOUT_SECONDS) as client:
            response = await client.post(
                path,
                json=dict(body),
                headers={"Authorization": f"Bearer {self.secret}", **(headers or {})},
            )
        if response.is_success:
            return dict(response.json())
        raise DeskRefusedError(response.status_code, _detail(response))


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return ""
