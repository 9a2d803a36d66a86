"""Whatever /openapi.json allows and forbids is answered, and never by a failure of ours.

Schemathesis makes the requests from the schema itself, so a new route is asked too: as a stranger,
as the patient of a chat, and as an admin, who may do everything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.desk.asking import callback
from tests.desk.cast import Account
from tests.desk.running import RunningDesk

# Of each address, allowed and forbidden requests, as each person. For a deep look raise it.
EXAMPLES = 5
CHECKS = (not_a_server_error, content_type_conformance, response_schema_conformance)
# The first ends the asking, the second is a stream without an end.
NOT_ASKED = {"DELETE /api/nurse/session", "GET /api/nurse/events"}


def ask_everything(
    desk: RunningDesk, headers: dict[str, str], names: dict[str, str], *, leave_out: set[str]
) -> set[int]:
    """Every address, with these names in half of the paths; the statuses that came back."""
    schema = schemathesis.openapi.from_dict(desk.http.get("/openapi.json").json())
    statuses: set[int] = set()
    asked = 0

    def one(case: Case, *, known: bool) -> None:
        if known and case.path_parameters:
            case.path_parameters.update(
                {name: value for name, value in names.items() if name in case.path_parameters}
            )
        answer = case.call(base_url=desk.url, headers=headers, timeout=20)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, (case.operation.label, answer.status_code, answer.text)
        case.validate_response(answer, checks=CHECKS)

    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label in leave_out:
            continue
        asked += 1
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            hypothesis_runs(operation.as_strategy(generation_mode=mode), one)
    assert asked >= 30
    return statuses


def hypothesis_runs(cases: st.SearchStrategy[Any], one: Callable[..., None]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, known=st.booleans())
    def run(case: Case, known: bool) -> None:
        one(case, known=known)

    with suppress(Unsatisfiable):  # an address that takes nothing cannot be asked wrongly
        run()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_stranger_gets_refusals_and_never_a_failure(desk: RunningDesk) -> None:
    statuses = ask_everything(desk, {}, {"conversation_id": desk.chat().id}, leave_out=NOT_ASKED)
    assert statuses >= {401, 422}


def test_a_patient_gets_answers_and_never_a_failure(desk: RunningDesk) -> None:
    chat = desk.chat()
    chat.send("hello")
    statuses = ask_everything(
        desk,
        chat.headers,
        {"conversation_id": chat.id, "document": "dry-needling"},
        leave_out=NOT_ASKED,
    )
    assert statuses >= {200, 202, 401, 404, 422}


def test_an_admin_gets_answers_and_never_a_failure(
    desk: RunningDesk, internal: dict[str, str], amy: Account
) -> None:
    chat = desk.chat()
    chat.send("hello")
    callback(desk, internal, chat.id)
    statuses = ask_everything(
        desk,
        {"Authorization": f"Bearer {amy.token}"},
        {"conversation_id": chat.id, "handoff_id": "1"},
        leave_out=NOT_ASKED,
    )
    assert statuses >= {200, 401, 404, 409, 422}
