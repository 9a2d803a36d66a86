"""The tables that a run prints: verdicts by kind and by section, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluation.calibration import calibration_error
from evaluation.changes import Changes
from evaluation.judge import Verdict
from evaluation.results import Scored, answers_of, counts, groups

__all__ = ["change_lines", "verdict_lines"]

_NAME = 20
_COUNT = 6
_SHARE = 9
_GAP = "   "


def verdict_lines(columns: Mapping[str, Sequence[Scored]]) -> list[str]:
    """Tables by kind and by section, side by side for each of the systems in `columns`.

    All were asked the same questions. The last line is the calibration error of each.
    """
    width = _SHARE * len(Verdict)
    lines = []
    for by in ("kind", "section"):
        grouped = [groups(rows, by) for rows in columns.values()]
        if not any(grouped[0].values()):
            continue
        if len(columns) > 1:
            lines.append(" " * (_NAME + _COUNT) + _GAP.join(f"{one:>{width}}" for one in columns))
        heads = "".join(f"{verdict.value:>{_SHARE}}" for verdict in Verdict)
        lines.append(f"{by:<{_NAME}}{'n':>{_COUNT}}" + _GAP.join([heads] * len(columns)))
        for name, asked in grouped[0].items():
            shares = _GAP.join(_shares(held.get(name, [])) for held in grouped)
            lines.append(f"{name:<{_NAME}}{len(asked):>{_COUNT}}{shares}")
        lines.append("")
    for name, rows in columns.items():
        answers = answers_of(rows)
        of = f"{name}: " if len(columns) > 1 else ""
        error = calibration_error(answers)
        lines.append(f"{of}calibration error of {len(answers)} answers: {error:.3f}")
    return lines


def change_lines(found: Changes | None) -> list[str]:
    """What became right and what ceased to be, a line each, by place and without the words."""
    if found is None:
        return ["no earlier run to compare with"]
    better, worse = found.newly_right, found.newly_not_right
    head = (
        f"since the last run: {len(better)} newly right, {len(worse)} newly not right, "
        f"{found.added} questions new, {found.dropped} gone"
    )
    return [
        head,
        *(f"  + {one}" for one in better),
        *(f"  - {one}" for one in worse),
    ]


def _shares(rows: Sequence[Scored]) -> str:
    if not rows:
        return f"{'-':>{_SHARE}}" * len(Verdict)
    return "".join(f"{share:>{_SHARE}.1%}" for share in counts(rows).values())
