"""Where the bars of a chart stand, computed; the template `nurse/_chart.html` draws them as SVG.

Bars of one row are stacked, or laid end to end where they lie. Lengths are in the units of the
picture's own box. Nothing is drawn by a script, so a chart is there in print and without scripts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from desk.sheets import Row, Sheet

__all__ = ["Bar", "Chart", "Slot", "Tick", "chart_of"]

_WIDTH: Final = 720
_STANDING: Final = 240  # height of a chart whose bars stand
_TOP, _BOTTOM, _LEFT, _RIGHT = 12, 34, 48, 8
_NAMES: Final = 232  # room for the names of lying bars
_LYING: Final = 34  # height of one lying bar with its gap
_NUMBERS: Final = 56  # room for the number behind a lying bar
_MOST_NAMES: Final = 12  # under standing bars
_FILLED: Final = 0.72  # of a slot; the rest is the gap to the next
_TICKS: Final = 4


@dataclass(frozen=True)
class Bar:
    """One count: its box, and which series it is of."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Slot:
    """A row of the sheet: its bars, what it is called and where that is written.

    `name` is empty where there is no room for it; `says` tells all of it in words. `number`, for
    lying bars, is the sum behind them and where it begins.
    """

    name: str
    says: str
    bars: tuple[Bar, ...]
    x: float
    y: float
    number: tuple[int, float] | None = None


@dataclass(frozen=True)
class Tick:
    """A line across at a round number."""

    at: float
    value: int


@dataclass(frozen=True)
class Chart:
    """A picture of `width` by `height`; `left` and `right` are where its lines begin and end."""

    width: int
    height: int
    left: int
    right: int
    slots: tuple[Slot, ...]
    ticks: tuple[Tick, ...] = ()


def chart_of(sheet: Sheet) -> Chart:
    """The chart of a sheet; the highest row reaches nearly to the edge."""
    highest = max((sum(row.counts) for row in sheet.rows), default=0)
    return _lying(sheet, highest) if sheet.lying else _standing(sheet, highest)


def round_ticks(highest: int) -> tuple[int, ...]:
    """Round numbers from 0 upwards, at most five, the last one at or above `highest`."""
    step = 1
    for power in range(12):
        for factor in (1, 2, 5):
            step = factor * 10**power
            if step * _TICKS >= highest:
                return tuple(range(0, step * max(math.ceil(highest / step), 1) + 1, step))
    return (0, highest)


def _standing(sheet: Sheet, highest: int) -> Chart:
    ticks = round_ticks(highest)
    floor, room = _STANDING - _BOTTOM, _STANDING - _BOTTOM - _TOP
    unit = room / ticks[-1]
    slot_width = (_WIDTH - _LEFT - _RIGHT) / max(len(sheet.rows), 1)
    every = math.ceil(len(sheet.rows) / _MOST_NAMES)
    slots = []
    for place, row in enumerate(sheet.rows):
        left = _LEFT + place * slot_width
        bars, top = [], float(floor)
        for series, count in enumerate(row.counts):
            if count:
                top -= count * unit
                x = left + slot_width * (1 - _FILLED) / 2
                bars.append(Bar(x, top, slot_width * _FILLED, count * unit, series))
        name = row.short if place % every == 0 else ""
        middle = left + slot_width / 2
        slots.append(Slot(name, _words(sheet, row), tuple(bars), middle, floor + 20))
    return Chart(
        width=_WIDTH,
        height=_STANDING,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        slots=tuple(slots),
        ticks=tuple(Tick(floor - value * unit, value) for value in ticks),
    )


def _lying(sheet: Sheet, highest: int) -> Chart:
    unit = (_WIDTH - _NAMES - _NUMBERS) / max(highest, 1)
    slots = []
    for place, row in enumerate(sheet.rows):
        top = place * _LYING + _LYING * (1 - _FILLED) / 2
        bars, right = [], float(_NAMES)
        for series, count in enumerate(row.counts):
            if count:
                bars.append(Bar(right, top, count * unit, _LYING * _FILLED, series))
                right += count * unit
        middle = (place + 0.5) * _LYING + 5
        number = (sum(row.counts), right + 8)
        slots.append(Slot(row.short, _words(sheet, row), tuple(bars), _NAMES - 12, middle, number))
    height = _LYING * len(sheet.rows)
    return Chart(_WIDTH, height, _NAMES, _WIDTH - _RIGHT, tuple(slots))


def _words(sheet: Sheet, row: Row) -> str:
    if len(sheet.series) == 1:
        return f"{row.name}: {row.counts[0]}"
    counted = zip(sheet.series, row.counts, strict=True)
    return f"{row.name}: " + ", ".join(f"{name} {count}" for name, count in counted)
