"""The chain of the audit trail: whatever is done to it afterwards, the place is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit_chain import NOTHING, Entry, Link, find_breaks, hash_of

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def chain(length: int, *, start: Link = NOTHING) -> list[Entry]:
    entries: list[Entry] = []
    last = start
    for number in range(start.id + 1, start.id + length + 1):
        values = {
            "id": number,
            "at": NOW + timedelta(seconds=number),
            "actor": f"nurse:{number}",
            "action": "handoff.claimed",
            "object_kind": "handoff",
            "object_id": str(number * 7),
            "detail": "",
            "previous": last.hash,
        }
        sealed = hash_of(**values)
        entries.append(Entry(**values, hash=sealed))
        last = Link(number, sealed)
    return entries


def end(entries: list[Entry], start: Link = NOTHING) -> Link:
    return Link(entries[-1].id, entries[-1].hash) if entries else start


@given(st.integers(0, 30), st.integers(0, 10**9))
def test_a_chain_is_whole_from_wherever_it_begins(length: int, first: int) -> None:
    start = Link(first, "a" * 64) if first else NOTHING
    entries = chain(length, start=start)
    assert list(find_breaks(entries, start=start, end=end(entries, start))) == []


@given(
    st.data(),
    st.integers(1, 30),
    st.sampled_from(["actor", "action", "object_kind", "object_id", "detail", "previous", "hash"]),
)
def test_one_changed_character_is_found_where_it_is(
    data: st.DataObject, length: int, field: str
) -> None:
    entries = chain(length)
    last = end(entries)
    at = data.draw(st.integers(0, length - 1))
    value = getattr(entries[at], field)
    place = data.draw(st.integers(0, len(value)))
    other = value[:place] + data.draw(st.characters()) + value[place + 1 :]
    entries[at] = replace(entries[at], **{field: other})
    found = list(find_breaks(entries, start=NOTHING, end=last))
    assert bool(found) is (other != value)
    if found:
        assert found[0].id == entries[at].id


@given(st.data(), st.integers(1, 30))
def test_removed_entries_are_found_also_at_the_end(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    last = end(entries)
    gone = data.draw(st.sets(st.integers(0, length - 1), min_size=1))
    left = [entry for number, entry in enumerate(entries) if number not in gone]
    assert list(find_breaks(left, start=NOTHING, end=last))


@given(st.data(), st.integers(2, 20))
def test_two_entries_that_changed_places_are_found(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    last = end(entries)
    one = data.draw(st.integers(0, length - 2))
    entries[one : one + 2] = reversed(entries[one : one + 2])
    assert list(find_breaks(entries, start=NOTHING, end=last))


def test_an_entry_that_was_put_in_is_found_even_with_a_hash_of_its_own() -> None:
    entries = chain(3)
    last = end(entries)
    forged = replace(entries[1], id=99, actor="nurse:9", previous=entries[2].hash)
    content = {
        name: getattr(forged, name)
        for name in (
            *("id", "at", "actor", "action", "object_kind"),
            *("object_id", "detail", "previous"),
        )
    }
    forged = replace(forged, hash=hash_of(**content))
    (found,) = find_breaks([*entries, forged], start=NOTHING, end=last)
    assert "should be the last entry" in found.what


@pytest.mark.parametrize("hours", [-11, 0, 9])
def test_an_instant_hashes_the_same_in_every_time_zone(hours: int) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=hours)))
    values = {
        "id": 1,
        "actor": "a",
        "action": "b",
        "object_kind": "c",
        "object_id": "d",
        "detail": "",
        "previous": NOTHING.hash,
    }
    assert hash_of(at=local, **values) == hash_of(at=NOW, **values)
