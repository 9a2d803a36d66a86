"""Bars are as long as their counts, and everything stays inside the picture."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.charts import Chart, chart_of, round_ticks
from desk.sheets import Row, Sheet

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
COUNTS = st.lists(
    st.lists(st.integers(0, 100_000), min_size=3, max_size=3).map(tuple), min_size=1, max_size=92
)


def drawn(counts: list[tuple[int, ...]], *, lying: bool) -> tuple[Sheet, Chart]:
    rows = tuple(Row(f"row {place}", str(place), row) for place, row in enumerate(counts))
    sheet = Sheet("s", "Title", "Text.", "Row", ("a", "b", "c"), rows, lying=lying)
    return sheet, chart_of(sheet)


@ANY_SPEED
@given(COUNTS, st.booleans())
def test_each_bar_is_as_long_as_its_count_and_inside(
    counts: list[tuple[int, ...]], lying: bool
) -> None:
    sheet, chart = drawn(counts, lying=lying)
    assert len(chart.slots) == len(sheet.rows)
    units = set()
    for slot, row in zip(chart.slots, sheet.rows, strict=True):
        assert [bar.series for bar in slot.bars] == [i for i, n in enumerate(row.counts) if n]
        for bar in slot.bars:
            length = bar.width if lying else bar.height
            units.add(round(length / row.counts[bar.series], 6))
            assert bar.x >= 0
            assert bar.y >= 0
            assert bar.x + bar.width <= chart.width + 1e-6
            assert bar.y + bar.height <= chart.height + 1e-6
    assert len(units) <= 1, "one unit for all"


@ANY_SPEED
@given(COUNTS)
def test_the_words_of_a_bar_say_every_count(counts: list[tuple[int, ...]]) -> None:
    sheet, chart = drawn(counts, lying=False)
    for slot, row in zip(chart.slots, sheet.rows, strict=True):
        assert slot.says == (f"{row.name}: a {row.counts[0]}, b {row.counts[1]}, c {row.counts[2]}")


@ANY_SPEED
@given(st.integers(0, 10**9))
def test_ticks_are_round_few_and_reach_the_highest(highest: int) -> None:
    ticks = round_ticks(highest)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 5
    assert ticks[-1] >= highest
    assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}


@pytest.mark.parametrize("rows", [1, 7, 24, 31, 92])
def test_names_under_bars_have_room(rows: int) -> None:
    _, chart = drawn([(1, 0, 0)] * rows, lying=False)
    assert 1 <= len([slot for slot in chart.slots if slot.name]) <= 12
