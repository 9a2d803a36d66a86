"""The only door to the assistant: Rasa's REST channel on the loopback address.

A patient's text never acts as a command of Rasa, see `neutralise`; `sender` and `message_id` are
always ours. Every answer that is not one whole reply is an error.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, Protocol, Self
from urllib.parse import quote

import httpx

from clinic.turn import Turn, TurnError

__all__ = [
    "Assistant",
    "AssistantError",
    "FailureReason",
    "RasaClient",
    "Reply",
    "neutralise",
]

FailureReason = Literal["connection", "timeout", "not_ready", "status", "empty", "malformed"]

_WORD_JOINER: Final = "\u2060"
_READY_TIMEOUT: Final = timedelta(seconds=2)
_FORGET_TIMEOUT: Final = timedelta(seconds=10)


class AssistantError(Exception):
    """There is no reply.

    `refused` is true when the assistant was there and gave something that is no reply: the same
    message may well meet the same end again. Otherwise it was not reached or not ready.
    """

    def __init__(self, reason: FailureReason, *, refused: bool) -> None:
        super().__init__(reason)
        self.reason: FailureReason = reason
        self.refused = refused


@dataclass(frozen=True)
class Reply:
    """What the assistant says to one message: paragraphs in `text`, never empty."""

    text: str
    buttons: tuple[dict[str, str], ...]
    turn: Turn


class Assistant(Protocol):
    """What the desk needs of an assistant."""

    async def ask(self, conversation_id: str, *, message_id: str, text: str) -> Reply:
        """The reply to one message; the same `message_id` again gives the same reply.

        Raises `AssistantError`.
        """

    async def ready(self) -> bool:
        """Whether it can answer now."""

    async def forget(self, conversation_id: str) -> bool:
        """Erase what it remembers of the conversation; whether that was done."""


def neutralise(text: str) -> str:
    """The text as Rasa may read it: one that begins with "/" stays text.

    Rasa strips a message (`UserMessage`, rasa/core/channels/channel.py) and reads what then begins
    with "/" as a command that sets intent, confidence and slots (`RegexMessageHandler`, by way of
    `YAMLStoryReader.unpack_regex_message`). A word joiner in front is invisible, is no white space
    to `str.strip`, and so keeps the slash from being first.
    """
    return f"{_WORD_JOINER}{text}" if text.strip().startswith("/") else text


class RasaClient:
    """Talks to Rasa over HTTP, never through a proxy of the environment."""

    def __init__(self, base_url: str, *, secret: str, timeout: timedelta) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            trust_env=False,
            timeout=timeout.total_seconds(),  # of one step; `asyncio.timeout` limits the whole
            limits=httpx.Limits(max_connections=64),
        )
        self._secret = secret
        self._timeout = timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def ask(self, conversation_id: str, *, message_id: str, text: str) -> Reply:
        """See `Assistant.ask`."""
        message = {
            "sender": conversation_id,
            "message": neutralise(text),
            "metadata": {"message_id": message_id},
        }
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                answer = await self._http.post("/webhooks/rest/webhook", json=message)
        except TimeoutError as error:
            raise AssistantError("timeout", refused=False) from error
        except httpx.HTTPError as error:
            raise AssistantError("connection", refused=False) from error
        try:
            return _read(answer)
        except AssistantError as error:
            # Rasa answers such things while it starts, too; then the message is not to blame.
            if error.refused and not await self.ready():
                raise AssistantError("not_ready", refused=False) from error
            raise

    async def ready(self) -> bool:
        """See `Assistant.ready`."""
        try:
            async with asyncio.timeout(_READY_TIMEOUT.total_seconds()):
                answer = await self._http.get("/webhooks/rest/ready")
        except (TimeoutError, httpx.HTTPError):
            return False
        return answer.status_code == httpx.codes.OK

    async def forget(self, conversation_id: str) -> bool:
        """See `Assistant.forget`."""
        try:
            async with asyncio.timeout(_FORGET_TIMEOUT.total_seconds()):
                answer = await self._http.delete(
                    f"/webhooks/rest/conversations/{quote(conversation_id, safe='')}",
                    headers={"Authorization": f"Bearer {self._secret}"},
                )
        except (TimeoutError, httpx.HTTPError):
            return False
        return answer.status_code == httpx.codes.NO_CONTENT


def _read(answer: httpx.Response) -> Reply:
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        raise AssistantError("not_ready", refused=False)
    if answer.status_code != httpx.codes.OK:
        raise AssistantError("status", refused=True)
    try:
        elements: Any = answer.json()
    except ValueError as error:
        raise AssistantError("malformed", refused=True) from error
    if not isinstance(elements, list) or not all(isinstance(item, dict) for item in elements):
        raise AssistantError("malformed", refused=True)
    if not elements:
        # Rasa's REST channel swallows its exceptions and answers `200 []`.
        raise AssistantError("empty", refused=True)
    return _reply(elements)


def _reply(elements: list[dict[str, Any]]) -> Reply:
    customs = [item["custom"] for item in elements if isinstance(item.get("custom"), dict)]
    turns = [custom["turn"] for custom in customs if "turn" in custom]
    texts = [item["text"] for item in elements if isinstance(item.get("text"), str)]
    text = "\n\n".join(text.strip() for text in texts if text.strip())
    if len(turns) != 1 or not text:
        raise AssistantError("malformed", refused=True)
    try:
        turn = Turn.from_json(turns[0])
        buttons = tuple(
            {"title": str(button["title"]), "payload": str(button["payload"])}
            for item in elements
            for button in item.get("buttons") or ()
        )
    except (TurnError, KeyError, TypeError) as error:
        raise AssistantError("malformed", refused=True) from error
    return Reply(text=text, buttons=buttons, turn=turn)
