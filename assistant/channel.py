"""The REST channel, made fit for a desk that must not lose or double a message.

Same address and same JSON as Rasa's own (`POST /webhooks/rest/webhook`), but: a failed turn is an
HTTP 500 and leaves no trace in the tracker instead of `200 []`; no error carries what the patient
wrote; every reply has exactly one `turn`; and a message sent again under the same
`metadata.message_id` gets the reply it got before. Named in `credentials.yml`.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from assistant.recollection import recollect
from assistant.tracker_store import WindowedTrackerStore
from clinic.context import CONTEXT
from clinic.internal_secret import internal_secret
from clinic.turn import Turn, TurnError, merge

logger = logging.getLogger(__name__)

Messages = list[dict[str, Any]]

# The failed calls of the turn at hand; True: the action server could not be reached at all.
_failures: ContextVar[list[bool] | None] = ContextVar("failures", default=None)


_REJECTED = 400


class TurnFailedError(Exception):
    """The message could not be handled; the tracker is as it was before."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        """`passing`: something is down that will come back, so trying again will help."""
        super().__init__(reason)
        self.passing = passing


class ObservedEndpoint(EndpointConfig):
    """The action server's address, noting a failed call.

    Rasa logs a failing action and talks on as if it had done nothing; for a form that means a
    lost answer, so the channel has to know.
    """

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Call the action server; a failure is noted for this turn, then raised as before.

        Except for a rejection (400), which is no failure, the error loses its body: the server
        sends the whole conversation back in it, and Rasa writes errors into its log.
        """
        try:
            return await super().request(*args, **kwargs)
        except ClientResponseError as error:
            if error.status == _REJECTED:
                raise
            _note_failure(unreachable=False)
            raise ClientResponseError(error.status, error.message, "") from None
        except Exception:
            _note_failure(unreachable=True)
            raise


def _note_failure(*, unreachable: bool) -> None:
    noted = _failures.get()
    if noted is not None:
        noted.append(unreachable)


class ClinicRest(RestInput):
    """`POST webhook`, `GET ready`, `DELETE conversations/<id>`."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's routes; `on_new_message` is not used, see `handle`."""
        del on_new_message
        routes = Blueprint("clinic_rest", __name__)

        @routes.route("/", methods=["GET"])
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _problem(503, "The model is not loaded.")
            agent.tracker_store.ping()
            return response.json({"status": "ready"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            return await _receive(request)

        @routes.route("/conversations/<conversation_id:str>", methods=["DELETE"])
        async def forget(request: Request, conversation_id: str) -> HTTPResponse:
            expected = f"Bearer {internal_secret(os.environ)}"
            if not hmac.compare_digest(request.headers.get("authorization", ""), expected):
                return _problem(401, "Send the internal secret as a bearer token.")
            agent = _agent(request)
            if agent is None:
                return _problem(503, "The model is not loaded.")
            async with agent.lock_store.lock(conversation_id):
                await agent.tracker_store.delete(conversation_id)
            return response.empty()

        return routes


async def _receive(request: Request) -> HTTPResponse:
    body = request.json
    if not isinstance(body, dict):
        return _problem(400, "Send a JSON object with 'sender' and 'message'.")
    sender, text, metadata = body.get("sender"), body.get("message"), body.get("metadata")
    if not isinstance(sender, str) or not sender or not isinstance(text, str):
        return _problem(400, "'sender' and 'message' must be strings, and 'sender' not empty.")
    if not isinstance(metadata, (dict, type(None))):
        return _problem(400, "'metadata' must be an object.")
    agent = _agent(request)
    if agent is None:
        return _problem(503, "The model is not loaded.")
    message = UserMessage(
        text,
        CollectingOutputChannel(),
        sender,
        input_channel=body.get("input_channel") or ClinicRest.name(),
        metadata=metadata or {},
    )
    try:
        return response.json(await handle(agent, message))
    except TurnFailedError as error:
        logger.error("turn.failed reason=%s", error)  # noqa: TRY400 (a trace could quote the text)
        status = 503 if error.passing else 500
        return _problem(status, "The turn failed and was undone. Send the message again.")


async def handle(agent: Agent, message: UserMessage) -> Messages:
    """The reply to one message: its text elements, then one `custom` element with the turn.

    Raises `TurnFailedError`, in which case the tracker is as it was before.
    """
    store = agent.tracker_store
    async with agent.lock_store.lock(message.sender_id):
        tracker = await store.retrieve(message.sender_id)
        if "message_id" in message.metadata and tracker is not None:
            earlier = await _earlier_reply(store, tracker, message)
            if earlier is not None:
                return earlier
        if tracker is not None:
            message.metadata = {**message.metadata, CONTEXT: recollect(tracker).to_json()}
        failures: list[bool] = []
        token = _failures.set(failures)
        try:
            # Past the agent, whose lock is already held. The processor stores the turn as its
            # last act, so an exception leaves nothing to undo.
            await agent.processor.handle_message(message)
        except Exception as error:  # noqa: BLE001 (whatever breaks in a turn is one failed turn)
            raise TurnFailedError(type(error).__name__) from None
        finally:
            _failures.reset(token)
        try:
            return _with_one_turn([] if failures else message.output_channel.messages)
        except TurnError:
            await store.undo_last_turn(message.sender_id)
            reason = "the action server did not do its part" if failures else "nothing was said"
            raise TurnFailedError(reason, passing=any(failures)) from None


def _agent(request: Request) -> Agent | None:
    """The loaded agent, sealed; None while there is no model or no store to rely on."""
    agent = request.app.ctx.agent
    if agent is None or not agent.is_ready():
        return None
    _seal(agent)
    return agent if isinstance(agent.tracker_store, WindowedTrackerStore) else None


def _seal(agent: Agent) -> None:
    """Take away what Rasa does about failures, so that this channel sees them.

    Its fail-safe wrapper answers a failed read with a new conversation, and logs what could not
    be written; a failed action is passed over.
    """
    processor = agent.processor
    if isinstance(agent.tracker_store, FailSafeTrackerStore):
        agent.tracker_store = agent.tracker_store._tracker_store  # noqa: SLF001 (no other way)
        processor.tracker_store = agent.tracker_store
    endpoint = processor.action_endpoint
    if endpoint is not None and not isinstance(endpoint, ObservedEndpoint):
        processor.action_endpoint = ObservedEndpoint(
            endpoint.url,
            endpoint.params,
            endpoint.headers,
            endpoint.basic_auth,
            endpoint.token,
            endpoint.token_name,
            endpoint.cafile,
            **endpoint.kwargs,
        )


async def _earlier_reply(
    store: WindowedTrackerStore, tracker: DialogueStateTracker, message: UserMessage
) -> Messages | None:
    """What was said to this very message, if it was handled before.

    A turn that was stored without a whole reply is taken back, so that it can be tried again.
    """
    said: Messages = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            if event.metadata.get("message_id") != message.metadata["message_id"]:
                return None
            break
        if isinstance(event, BotUttered):
            said[:0] = _elements(event, message.sender_id)
    else:
        return None
    try:
        return _with_one_turn(said)
    except TurnError:
        await store.undo_last_turn(message.sender_id)
        return None


def _elements(event: BotUttered, recipient: str) -> Messages:
    """One stored utterance in the channel's JSON, as `CollectingOutputChannel` writes it."""
    elements: Messages = []
    if event.text:
        element = {"recipient_id": recipient, "text": event.text}
        if event.data.get("buttons"):
            element["buttons"] = event.data["buttons"]
        elements.append(element)
    if event.data.get("custom"):
        elements.append({"recipient_id": recipient, "custom": event.data["custom"]})
    return elements


def _with_one_turn(messages: Messages) -> Messages:
    """The texts in their order, then the one turn of all; raises `TurnError` without any."""
    turns = [m["custom"]["turn"] for m in messages if "turn" in m.get("custom", {})]
    turn = merge(Turn.from_json(data) for data in turns)
    texts = [m for m in messages if "turn" not in m.get("custom", {})]
    if not texts:
        raise TurnError("a reply needs words")
    custom = {"recipient_id": texts[0]["recipient_id"], "custom": {"turn": turn.to_json()}}
    return [*texts, custom]


def _problem(status: int, detail: str) -> HTTPResponse:
    return response.json(
        {"status": status, "title": "The message was not handled", "detail": detail},
        status=status,
        content_type="application/problem+json",
    )
