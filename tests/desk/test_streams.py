"""Server-sent events: nothing lost, doubled or out of order, wherever the connection breaks."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from desk.settings import Settings, Timing
from desk.web.events import Hub, Loaded, comment, encode, stream
from tests.desk.fake_rasa import FakeRasa
from tests.desk.running import Chat, RunningDesk, read_events, running, wait_until

MESSAGES = 4
EVENTS = 2 * MESSAGES


def full_chat(desk: RunningDesk) -> Chat:
    chat = desk.chat()
    for number in range(MESSAGES):
        chat.send(f"number {number}")
        chat.wait_for(2 * number + 2)
    return chat


def test_a_stream_can_be_cut_anywhere_and_resumed(desk: RunningDesk) -> None:
    chat = full_chat(desk)
    expected = chat.events()
    for cut in range(EVENTS):
        with chat.stream() as lines:
            first = read_events(lines, cut) if cut else []
        with chat.stream(last_event_id=str(cut)) as lines:
            rest = read_events(lines, EVENTS - cut)
        assert first + rest == expected, f"cut after {cut}"


@hypothesis_settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pieces=st.lists(st.integers(min_value=1, max_value=3), min_size=1, max_size=6))
def test_a_chat_read_in_pieces_while_it_goes_on_is_the_whole_chat(
    desk: RunningDesk, pieces: list[int]
) -> None:
    chat = desk.chat()
    got: list[dict[str, object]] = []
    for index, piece in enumerate(pieces):
        chat.send(f"piece {piece}")  # its reply arrives while the stream is open, or between two
        with chat.stream(last_event_id=str(len(got))) as lines:
            available = 2 * (index + 1) - len(got)
            got += read_events(lines, min(piece, max(available, 1)))
    wait_until(lambda: len(chat.events()) == 2 * len(pieces))
    if len(got) < 2 * len(pieces):
        with chat.stream(last_event_id=str(len(got))) as lines:
            got += read_events(lines, 2 * len(pieces) - len(got))
    assert got == chat.events()


def test_new_events_arrive_at_once_in_every_open_stream(desk: RunningDesk) -> None:
    chat = desk.chat()
    with chat.stream() as one, chat.stream(after=0) as two:
        next(one), next(two)  # both are open
        begun = time.monotonic()
        chat.send("hello")
        assert [event["seq"] for event in read_events(one, 2)] == [1, 2]
        assert [event["seq"] for event in read_events(two, 2)] == [1, 2]
        assert time.monotonic() - begun < 2


def test_a_lost_wake_up_costs_a_poll_and_no_event(
    desk: RunningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.app.state.desk.hub, "wake", lambda _ids: None)
    chat = desk.chat()
    with chat.stream() as lines:
        chat.send("hello")
        assert [event["seq"] for event in read_events(lines, 2)] == [1, 2]


def test_a_stream_that_rests_shows_a_sign_of_life_on_time() -> None:
    timing = Timing(heartbeat=timedelta(seconds=0.05), quiet_poll=timedelta(minutes=1))

    async def signs() -> list[bytes]:
        said = stream(Hub(), "c", after=0, load=lambda _: Loaded(()), timing=timing)
        async with asyncio.timeout(10):
            return [await anext(said) for _ in range(3)]

    assert asyncio.run(signs()) == [comment("open"), comment("still here"), comment("still here")]


@pytest.mark.parametrize(
    ("last_event_id", "after", "expected"),
    [
        ("6", None, [7, 8]),
        ("6", 2, [7, 8]),
        (None, 6, [7, 8]),
        ("", 6, [7, 8]),
        ("rubbish", 6, [7, 8]),
        ("-3", 6, [7, 8]),
        ("9" * 5000, 6, [7, 8]),
        ("8", None, [9, 10]),
        ("999999999999999999999", None, [9, 10]),
    ],
)
def test_where_a_stream_begins(
    desk: RunningDesk, last_event_id: str | None, after: int | None, expected: list[int]
) -> None:
    chat = full_chat(desk)
    with chat.stream(last_event_id=last_event_id, after=after) as lines:
        next(lines)
        if expected[0] > EVENTS:
            chat.send("one more")
        assert [event["seq"] for event in read_events(lines, 2)] == expected


def test_a_quiet_stream_shows_signs_of_life(desk: RunningDesk) -> None:
    with desk.chat().stream() as lines:
        beats = [line for _, line in zip(range(6), lines, strict=False) if line.startswith(":")]
    assert beats[0] == ": open"
    assert ": still here" in beats


def test_a_stream_ends_in_time_and_the_client_comes_back(
    settings: Settings, rasa: FakeRasa
) -> None:
    brief = replace(settings, timing=replace(settings.timing, stream_life=timedelta(seconds=0.3)))
    with running(brief) as desk:
        chat = desk.chat()
        with chat.stream() as lines:
            begun = time.monotonic()
            assert all(line.startswith(":") or not line for line in lines)
            assert time.monotonic() - begun < 3
        chat.send("hello")
        with chat.stream(last_event_id="0") as lines:
            assert len(read_events(lines, 2)) == 2


def test_an_erased_chat_ends_its_streams(desk: RunningDesk) -> None:
    chat = desk.chat()
    with chat.stream() as lines:
        next(lines)
        chat.erase()
        begun = time.monotonic()
        assert read_events(lines, 1) == []
        assert time.monotonic() - begun < 2
    headers = {**chat.headers, "Accept": "text/event-stream"}
    assert desk.http.get(f"{chat.path}/events", headers=headers).status_code == 410


def test_the_desk_stops_with_open_streams_and_goes_on_after_a_restart(settings: Settings) -> None:
    with running(settings) as desk:
        chat = desk.chat()
        with chat.stream() as lines:
            next(lines)
            chat.send("hello")
            first = read_events(lines, 1)
    with running(settings) as desk:
        chat = Chat(desk.http, chat.id, chat.token)
        with chat.stream(last_event_id="1") as lines:
            assert [event["seq"] for event in [*first, *read_events(lines, 1)]] == [1, 2]


def test_proxies_neither_keep_nor_hold_back_a_stream(desk: RunningDesk) -> None:
    chat = desk.chat()
    headers = {**chat.headers, "Accept": "text/event-stream"}
    with desk.http.stream("GET", f"{chat.path}/events", headers=headers) as answer:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"


def test_line_breaks_cannot_forge_an_event() -> None:
    raw = encode({"text": "a\n\ndata: {}\r\nid: 9"}, event_id="1\n2\r3")
    assert raw == b'id: 123\ndata: {"text":"a\\n\\ndata: {}\\r\\nid: 9"}\n\n'
    assert comment("a\nid: 3") == b": aid: 3\n\n"


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999"])
def test_a_malformed_number_is_refused(desk: RunningDesk, after: str) -> None:
    chat = desk.chat()
    answer = desk.http.get(f"{chat.path}/events?after={after}", headers=chat.headers)
    assert answer.status_code == 422


def test_a_list_holds_the_events_after_a_number(desk: RunningDesk) -> None:
    chat = full_chat(desk)
    assert [event["seq"] for event in chat.events(after=5)] == [6, 7, 8]
    assert chat.events(after=8) == chat.events(after=100) == []
