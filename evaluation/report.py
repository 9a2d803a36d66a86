"""The report page: tables and pictures of the last run, in one file that opens in any browser.

    <assistant's python> -m evaluation.report

Reads the verdicts that `python3 -m evaluation` left in evaluation/results and writes report.html
beside them. Started by it with `--report`; needs matplotlib, which the assistant's tools have.
"""

from __future__ import annotations

import base64
import html
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-untyped]

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure  # type: ignore[import-untyped]

from evaluation.calibration import bins_of, calibration_error, trade

RESULTS = Path(__file__).resolve().parent / "results"
_VERDICTS = ("right", "miss", "clarify", "wrong")
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:right}
td:first-child,th:first-child{text-align:left}tr:nth-child(even){background:#f2f4f7}
img{max-width:100%}figure{margin:1rem 0}
"""
Row = dict[str, Any]


def main() -> int:
    """Write the page and print its path; 1 where there is nothing to report."""
    sets = {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        for path in sorted(RESULTS.glob("*.jsonl"))
    }
    if not sets:
        print("No results yet: run `make evaluate` first.", file=sys.stderr)
        return 1
    body = "".join(_section(name, rows) for name, rows in sets.items() if rows)
    page = RESULTS / "report.html"
    page.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Evaluation</title>'
        f"<style>{_STYLE}</style></head><body><h1>Evaluation</h1>{body}</body></html>",
        encoding="utf-8",
    )
    print(page)
    return 0


def _section(name: str, rows: Sequence[Row]) -> str:
    answers = answers_of(rows)
    parts = [
        f"<h2>{html.escape(name)}: {len(rows)} questions</h2>",
        _table(rows, "kind", [row["expect"]["kind"] for row in rows]),
        _table(rows, "section", ["/".join(row["expect"].get("sections", [])) for row in rows]),
        _figure(_confusion(rows), f"{name}: what was asked (rows) and what was replied"),
    ]
    if answers:
        error = calibration_error(answers)
        parts += [
            f"<p>Calibration error of answers: {error:.3f}</p>",
            _figure(_calibration(answers), f"{name}: confidence and part right of answers"),
            _figure(_coverage(answers, len(rows)), f"{name}: answers given and answers wrong"),
        ]
    return "".join(parts)


def answers_of(rows: Sequence[Row]) -> list[tuple[float, bool]]:
    """Confidence, and whether it was right, of replies of kind answer to a single question."""
    return [
        (float(row["turn"]["confidence"]), row["verdict"] == "right")
        for row in rows
        if row["turn"] and row["turn"]["kind"] == "answer" and row["expect"]["kind"] != "answer_all"
    ]


def _table(rows: Sequence[Row], title: str, groups: Sequence[str]) -> str:
    lines = []
    for group in [*sorted(set(groups) - {""}), "all"]:
        held = [row for row, one in zip(rows, groups, strict=True) if group in (one, "all")]
        counts = Counter(row["verdict"] for row in held)
        shares = "".join(f"<td>{counts[one] / len(held):.1%}</td>" for one in _VERDICTS)
        lines.append(f"<tr><td>{html.escape(group)}</td><td>{len(held)}</td>{shares}</tr>")
    head = "".join(f"<th>{one}</th>" for one in _VERDICTS)
    return f"<table><tr><th>{title}</th><th>n</th>{head}</tr>{''.join(lines)}</table>"


def _confusion(rows: Sequence[Row]) -> Figure:
    pairs = Counter((_wanted(row), _given(row)) for row in rows)
    wanted = sorted({one for one, _ in pairs})
    given = sorted({one for _, one in pairs})
    figure, axes = plt.subplots(figsize=(3 + 0.35 * len(given), 2 + 0.3 * len(wanted)))
    axes.imshow([[pairs[w, g] for g in given] for w in wanted], cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(given)), given, rotation=60, ha="right")
    axes.set_yticks(range(len(wanted)), wanted)
    for (one, other), count in pairs.items():
        axes.text(given.index(other), wanted.index(one), str(count), ha="center", va="center")
    axes.set_xlabel("replied")
    axes.set_ylabel("asked")
    return figure


def _wanted(row: Row) -> str:
    sections = row["expect"].get("sections", [])
    return str(sections[0]) if row["expect"]["kind"] == "answer" else str(row["expect"]["kind"])


def _given(row: Row) -> str:
    turn = row["turn"]
    if not turn:
        return "no single turn"
    if turn["kind"] != "answer":
        return str(turn["kind"])
    return "several" if len(turn["sections"]) > 1 else str(turn["sections"][0])


def _calibration(answers: Sequence[tuple[float, bool]]) -> Figure:
    figure, axes = plt.subplots(figsize=(5, 5))
    bins = bins_of(answers)
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    axes.plot([one.confidence for one in bins], [one.right for one in bins], marker="o")
    for one in bins:
        axes.annotate(f" {one.count}", (one.confidence, one.right))
    axes.set_xlabel("confidence")
    axes.set_ylabel("part right")
    return figure


def _coverage(answers: Sequence[tuple[float, bool]], questions: int) -> Figure:
    figure, axes = plt.subplots(figsize=(6, 4))
    points = trade(answers, questions)
    axes.plot([x for x, _ in points], [y for _, y in points])
    axes.set_xlabel("part of all questions answered, the surest first")
    axes.set_ylabel("part of all questions answered wrongly")
    return figure


def _figure(figure: Figure, caption: str) -> str:
    output = io.BytesIO()
    figure.savefig(output, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    picture = base64.b64encode(output.getvalue()).decode()
    text = html.escape(caption)
    return (
        f'<figure><img alt="{text}" src="data:image/png;base64,{picture}">'
        f"<figcaption>{text}</figcaption></figure>"
    )


if __name__ == "__main__":
    sys.exit(main())
