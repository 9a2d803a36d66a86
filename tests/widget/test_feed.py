"""feed.js: the reading of server-sent events and the waits between tries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widget.conftest import Call

CUTS = """(module, chunks) => {
  const found = [];
  let rest = '';
  for (const chunk of chunks) {
    const read = module.parseStream(rest + chunk);
    found.push(...read.events);
    rest = read.rest;
  }
  return found;
}"""
STREAM = 'retry: 1000\n\n: beat\n\nid: 1\ndata: {"a":1}\n\nid: 2\nevent: x\ndata: b\ndata:c\n\n'
EVENTS = [
    {"name": None, "id": "1", "data": '{"a":1}'},
    {"name": "x", "id": "2", "data": "b\nc"},
]


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_stream_cut_anywhere_gives_the_same_events(call: Call, ends: str) -> None:
    stream = STREAM.replace("\n", ends)
    script = f"""(module, stream, events) => {{
      const cuts = {CUTS};
      const wrong = [];
      for (let at = 0; at <= stream.length; at += 1) {{
        const found = JSON.stringify(cuts(module, [stream.slice(0, at), stream.slice(at)]));
        if (found !== JSON.stringify(events)) wrong.push([at, found]);
      }}
      return wrong;
    }}"""
    wrong: list[Any] = call("feed.js", script, stream, EVENTS)
    assert wrong == []


def test_an_unfinished_event_waits(call: Call) -> None:
    assert call("feed.js", CUTS, ["id: 1\ndata: a\n"]) == []


def test_waits_grow_to_fifteen_seconds_and_vary(call: Call) -> None:
    script = "(module, tries) => tries.map(([n, chance]) => module.backOff(n, chance))"
    waits = call("feed.js", script, [[0, 0], [0, 1], [1, 1], [4, 1], [10, 0], [10, 1]])
    assert waits == [250, 500, 1000, 8000, 7500, 15000]
