"""The window on a conversation is as good as the whole of it, at a cost that does not grow."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.tracker_store import WINDOW_TURNS, WindowedTrackerStore

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = Domain.load(str(ROOT / "domain.yml"))

turn_events = st.lists(
    st.one_of(
        st.builds(SlotSet, st.sampled_from(["reason", "name"]), st.none() | st.text(max_size=5)),
        st.builds(SlotSet, st.just("consent"), st.none() | st.booleans()),
        st.builds(ActiveLoop, st.none() | st.just("callback_form")),
        st.builds(BotUttered, st.text(max_size=5)),
        st.sampled_from([ConversationPaused, ConversationResumed]).map(lambda event: event()),
    ),
    max_size=4,
)


@pytest.fixture
def store(tmp_path: Path) -> WindowedTrackerStore:
    return WindowedTrackerStore(domain=DOMAIN, db=str(tmp_path / "a" / "tracker.sqlite3"))


def run(coroutine):
    return asyncio.run(coroutine)


async def take_turn(store: WindowedTrackerStore, sender: str, events: list[Event]) -> None:
    """One turn as the processor does it: fetch, add, save."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    tracker.update_with_events(
        [UserUttered("hm", {"name": "greet"}), *events, ActionExecuted("action_listen")], DOMAIN
    )
    await store.save(tracker)


def state(tracker: DialogueStateTracker) -> tuple[object, ...]:
    return (
        tracker.current_slot_values(),
        tracker.active_loop_name,
        tracker.is_paused(),
        tracker.latest_action_name,
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(turns=st.lists(turn_events, min_size=1, max_size=3 * WINDOW_TURNS))
def test_a_window_restores_the_state_that_the_whole_conversation_gives(
    store: WindowedTrackerStore, turns: list[list[Event]]
) -> None:
    run(store.delete("p"))
    for events in turns:
        run(take_turn(store, "p", events))
    window, whole = run(store.retrieve("p")), run(store.retrieve_full_tracker("p"))
    assert state(window) == state(whole)
    said = [event for event in whole.events if isinstance(event, UserUttered)]
    assert len(said) == len(turns)


def test_a_long_conversation_is_restored_from_its_last_turns_alone(
    store: WindowedTrackerStore,
) -> None:
    for _ in range(5 * WINDOW_TURNS):
        run(take_turn(store, "p", [BotUttered("words")]))
    window = run(store.retrieve("p"))
    said = [event for event in window.events if isinstance(event, UserUttered)]
    assert len(said) == WINDOW_TURNS - 1
    with store.engine.connect() as connection:
        kept = connection.execute(sa.text("select count(*) from checkpoints")).scalar()
    assert kept == WINDOW_TURNS


def test_a_form_and_its_details_outlive_the_window(store: WindowedTrackerStore) -> None:
    form = [ActiveLoop("callback_form"), SlotSet("requested_slot", "phone"), SlotSet("name", "Jo")]
    run(take_turn(store, "p", form))
    for _ in range(2 * WINDOW_TURNS):
        run(take_turn(store, "p", [BotUttered("aside")]))
    tracker = run(store.retrieve("p"))
    assert tracker.active_loop_name == "callback_form"
    assert tracker.get_slot("requested_slot") == "phone"
    assert tracker.get_slot("name") == "Jo"


def test_undoing_a_turn_leaves_the_turn_before_it(store: WindowedTrackerStore) -> None:
    run(take_turn(store, "p", [SlotSet("name", "Jo")]))
    before = run(store.retrieve("p"))
    run(take_turn(store, "p", [SlotSet("name", "wrong"), ConversationPaused()]))
    run(store.undo_last_turn("p"))
    after = run(store.retrieve("p"))
    assert [e.as_dict() for e in after.events] == [e.as_dict() for e in before.events]


def test_undoing_the_only_turn_leaves_a_new_conversation(store: WindowedTrackerStore) -> None:
    run(take_turn(store, "p", []))
    run(store.undo_last_turn("p"))
    assert run(store.retrieve("p")) is None


def test_an_erased_conversation_leaves_nothing_and_no_other_is_touched(
    store: WindowedTrackerStore, tmp_path: Path
) -> None:
    run(take_turn(store, "p", [SlotSet("name", "ZQX-CANARY-771")]))
    run(take_turn(store, "q", []))
    run(store.delete("p"))
    assert run(store.retrieve("p")) is None
    assert run(store.retrieve("q")) is not None
    for file in (tmp_path / "a").iterdir():
        assert b"ZQX-CANARY-771" not in file.read_bytes(), file.name


def test_what_is_stored_survives_a_power_cut_and_what_is_erased_is_overwritten(
    store: WindowedTrackerStore,
) -> None:
    for _ in range(3):
        with store.engine.connect() as connection:
            values = {
                name: connection.execute(sa.text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "secure_delete")
            }
            connection.invalidate()
        assert values == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_an_error_of_the_database_does_not_quote_what_was_written(
    store: WindowedTrackerStore,
) -> None:
    run(take_turn(store, "p", []))
    with store.engine.connect() as connection:
        connection.execute(sa.text("drop table events"))
    with pytest.raises(sa.exc.OperationalError) as failed:
        run(store.save(DialogueStateTracker.from_events("p", [SlotSet("name", "ZQX-CANARY-771")])))
    assert "ZQX-CANARY-771" not in str(failed.value)
