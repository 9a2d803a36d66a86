"""The pure parts of the console's scripts: the queue as the stream tells of it, and its words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Page

from desk.web.rendering import _since
from tests.browser.desk_process import DeskProcess

Call = Callable[..., Any]
BOARD = """(module, items, ...changes) => {
  let board = module.applied(new Map(), { type: 'queue', handoffs: items });
  for (const change of changes) board = module.applied(board, change);
"""
ITEM = {
    "id": 1,
    "state": "waiting",
    "urgency": "routine",
    "assigned_to": None,
    "due_at": None,
    "overdue": False,
    "alarmed_at": None,
    "floor": "assistant",
    "last_seq": 4,
    "seen_by_nurse": 4,
    "nurses_typing": [],
    "looking": [],
    "patient_typing": False,
}


@pytest.fixture
def call(page: Page, desk: DeskProcess) -> Call:
    """Runs JavaScript with a module of the console."""
    page.goto(f"{desk.url}/callback")

    def run(module: str, script: str, *values: Any) -> Any:
        return page.evaluate(
            f"async (values) => ({script})(await import('/static/console/{module}'), ...values)",
            list(values),
        )

    return run


def test_the_board_follows_each_message_of_the_stream(call: Call) -> None:
    ids = BOARD + "return [...board.keys()]; }"
    items = [ITEM, {**ITEM, "id": 2}]
    assert call("board.js", ids, items) == [1, 2]
    assert call("board.js", ids, items, {"type": "gone", "id": 1}) == [2]
    new = {**ITEM, "type": "handoff", "id": 3}
    order = {"type": "order", "ids": [3, 1, 2]}
    assert call("board.js", ids, items, new) == [1, 2, 3]
    assert call("board.js", ids, items, new, order) == [3, 1, 2]
    assert call("board.js", ids, items, new, order, {"type": "queue", "handoffs": []}) == []


@pytest.mark.parametrize(
    ("item", "called"),
    [
        ({}, None),
        ({"urgency": "urgent"}, "waiting"),
        ({"overdue": True}, "waiting"),
        ({"floor": "waiting"}, "waiting"),
        ({"urgency": "emergency"}, "emergency"),
        ({"urgency": "emergency", "state": "claimed"}, None),
    ],
)
def test_a_nurse_is_called_until_somebody_takes_the_patient(
    call: Call, item: dict[str, Any], called: str | None
) -> None:
    told = BOARD + "return module.callFor(board); }"
    assert call("board.js", told, [{**ITEM, **item}]) == called


@pytest.mark.parametrize(
    ("item", "is_unseen"),
    [
        ({}, False),
        ({"last_seq": 5}, True),
        ({"last_seq": 5, "assigned_to": "Bea"}, False),
        ({"last_seq": 5, "floor": "assistant"}, False),
    ],
)
def test_a_nurse_is_told_of_her_own_chats_that_she_has_not_read(
    call: Call, item: dict[str, Any], *, is_unseen: bool
) -> None:
    own = {**ITEM, "state": "claimed", "assigned_to": "Ada", "floor": "nurse", **item}
    told = BOARD + "return module.unseen(board, 'Ada').length; }"
    assert call("board.js", told, [own]) == int(is_unseen)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({}, ""),
        ({"looking": ["Ada"]}, ""),
        ({"looking": ["Ada", "Bea"]}, "Bea is looking"),
        ({"looking": ["Bea", "Cem"], "nurses_typing": ["Cem"]}, "Cem is typing · Bea is looking"),
        ({"looking": ["Bea", "Cem"]}, "Bea and Cem are looking"),
        ({"patient_typing": True}, "The patient is typing…"),
    ],
)
def test_a_nurse_is_told_of_the_others_and_not_of_herself(
    call: Call, item: dict[str, Any], words: str
) -> None:
    assert call("board.js", "(m, item) => m.presence(item, 'Ada')", {**ITEM, **item}) == words


def test_the_page_counts_time_as_the_server_does(call: Call) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
    for minutes in (0, 0.9, 1, 59, 60, 61, 1439, 1440, 1441, 1500, 4321):
        spent = timedelta(minutes=minutes)
        said = call("due.js", "(m, ms) => m.lasting(ms)", spent.total_seconds() * 1000)
        assert said == _since(now, now - spent)
