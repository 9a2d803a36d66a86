"""`DangerPolicy`: in the middle of a form danger gets its reply without asking anybody first.

Rasa's rules let a form speak first: its validation, a call to the action server, has to reject the
message before a rule may reply to it. A patient in danger must not go without the number because
the action server is down. Outranks `RulePolicy` by its priority (`config.yml`).
"""

from __future__ import annotations

from typing import Any

from rasa.core.constants import POLICY_PRIORITY
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_DEACTIVATE_LOOP_NAME, ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY

from clinic.understanding import CRISIS, EMERGENCY

__all__ = ["DangerPolicy"]

_REPLIES = {EMERGENCY: "utter_emergency", CRISIS: "utter_crisis"}


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class DangerPolicy(Policy):
    """Says the number and ends the form; everything else it leaves to the rules."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above `RulePolicy`, whose priority Rasa sets to 6."""
        return {POLICY_PRIORITY: 7}

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],  # noqa: ARG002 - the parameters are Rasa's
        domain: Domain,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Resource:
        """There is nothing to learn."""
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ARG003
    ) -> DangerPolicy:
        """The policy, which keeps nothing in the model."""
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> PolicyPrediction:
        """Certain of the next step where a form is open and there is danger, else of none."""
        probabilities = self._default_predictions(domain)
        action = _next_action(tracker)
        if action is not None:
            probabilities[domain.index_for_action(action)] = 1.0
        # Such as a form's own prediction is, or it would be passed over in favour of that.
        return self._prediction(probabilities, is_no_user_prediction=action is not None)


def _next_action(tracker: DialogueStateTracker) -> str | None:
    if tracker.active_loop_name is None or tracker.latest_message is None:
        return None
    reply = _REPLIES.get((tracker.latest_message.intent or {}).get(INTENT_NAME_KEY) or "")
    if reply is None:
        return None
    after = {ACTION_LISTEN_NAME: reply, reply: ACTION_DEACTIVATE_LOOP_NAME}
    return after.get(tracker.latest_action_name or "")
