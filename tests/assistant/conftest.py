"""One trained model for all tests of the assistant; a conversation talks to it in process."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.utils import AvailableEndpoints
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.utils.endpoints import EndpointConfig

from assistant.channel import Messages, _seal, handle
from assistant.red_flag_recogniser import RedFlagRecogniser
from assistant.tracker_store import WindowedTrackerStore
from tools.train import trained_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def model() -> Path:
    return trained_model()


@pytest.fixture(scope="session")
def loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


class Assistant:
    """The loaded assistant, asked as the REST channel asks it."""

    def __init__(self, agent: Agent, loop: asyncio.AbstractEventLoop) -> None:
        self.agent = agent
        self.loop = loop
        self.store: WindowedTrackerStore = agent.tracker_store

    def say(self, sender: str, text: str, message_id: str | None = None) -> Messages:
        """The channel's reply; raises what the channel raises."""
        metadata = {"message_id": message_id or str(uuid.uuid4())}
        message = UserMessage(
            text, CollectingOutputChannel(), sender, input_channel="rest", metadata=metadata
        )
        return self.loop.run_until_complete(handle(self.agent, message))

    def turn(self, sender: str, text: str) -> dict[str, Any]:
        """The turn of the reply."""
        return self.say(sender, text)[-1]["custom"]["turn"]

    def tracker(self, sender: str) -> Any:
        """The conversation as the store gives it back."""
        return self.loop.run_until_complete(self.store.retrieve(sender))


def load(model: Path, folder: Path, loop: asyncio.AbstractEventLoop, actions_url: str) -> Assistant:
    """Load the model as `rasa run` does, with a tracker database in `folder`."""
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    store = WindowedTrackerStore(db=str(folder / "rasa.sqlite3"))
    agent = Agent.load(
        str(model),
        action_endpoint=EndpointConfig(actions_url),
        generator=endpoints.nlg,
        tracker_store=store,
    )
    assert isinstance(agent.processor.nlg, NaturalLanguageGenerator)
    _seal(agent)
    return Assistant(agent, loop)


@pytest.fixture(scope="session")
def assistant(
    model: Path, tmp_path_factory: pytest.TempPathFactory, loop: asyncio.AbstractEventLoop
) -> Assistant:
    """An assistant whose action server cannot be reached."""
    return load(model, tmp_path_factory.mktemp("rasa"), loop, "http://127.0.0.1:9/webhook")


@pytest.fixture(scope="session")
def recogniser(model: Path, tmp_path_factory: pytest.TempPathFactory) -> RedFlagRecogniser:
    """The one of the trained model: what words of danger mostly mean is learnt."""
    folder = tmp_path_factory.mktemp("model")
    storage, _ = LocalModelStorage.from_model_archive(folder, model)
    (stored,) = {path.parent.name for path in folder.rglob("alarm_sense.json")}
    config = RedFlagRecogniser.get_default_config()
    context = ExecutionContext(GraphSchema({}))
    return RedFlagRecogniser.load(config, storage, Resource(stored), context)


@pytest.fixture
def sender() -> str:
    return f"test-{uuid.uuid4()}"
