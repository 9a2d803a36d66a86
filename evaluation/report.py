"""The report page: tables and pictures of the last runs, in one file that opens in any browser.

    <assistant's python> -m evaluation.report

Reads what `python3 -m evaluation` left in evaluation/results and writes report.html beside it.
Started by it; needs matplotlib, which comes with Rasa. The page names questions by where they stand
and never quotes them.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from evaluation.changes import Change, changes
from evaluation.figures import FIGURES, Figures, kept_figures
from evaluation.judge import Verdict
from evaluation.pictures import Picture, calibration, confusion, coverage
from evaluation.results import (
    RESULTS,
    STOCK_RESULTS,
    Scored,
    answers_of,
    before,
    counts,
    groups,
    kept,
)

PAGE = RESULTS / "report.html"
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1a1d21;max-width:80rem;margin:2rem auto;
padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;font-weight:600}
td,th{padding:.2rem .7rem;text-align:right;font-variant-numeric:tabular-nums}
td:first-child,th:first-child,.words td,.words th{text-align:left}thead th{border-bottom:1px solid}
tbody th{font-weight:400}tbody tr:nth-child(even){background:#f2f4f7}
figure{display:flex;flex-wrap:wrap;gap:1rem 2rem;align-items:start;margin:1rem 0}
figure img{flex:0 1 44rem;min-width:0;max-width:100%;height:auto}
figcaption{flex-basis:100%;font-weight:600}
.beside{max-height:36rem;overflow:auto}
"""


def main() -> int:
    """Write the page and print its path; 1 where there is nothing to report."""
    parts = {
        path.stem: section
        for path in sorted(RESULTS.glob("*.jsonl"))
        if (section := _set_section(path))
    }
    if kept_figures(FIGURES):
        parts["public data sets"] = _public_section()
    if not parts:
        print("No results yet: run `make evaluate` first.", file=sys.stderr)
        return 1
    PAGE.write_text(_page(parts), encoding="utf-8")
    print(PAGE)
    return 0


def _page(parts: Mapping[str, str]) -> str:
    links = "".join(
        f'<li><a href="#part-{number}">{html.escape(name)}</a></li>'
        for number, name in enumerate(parts)
    )
    body = "".join(
        f'<section id="part-{number}"><h2>{html.escape(name)}</h2>{part}</section>'
        for number, (name, part) in enumerate(parts.items())
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Evaluation</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>Evaluation</h1>"
        f"<nav><ul>{links}</ul></nav>{body}</main></body></html>"
    )


def _set_section(path: Path) -> str:
    """All about one set of questions; empty where another version left the file."""
    rows, stock = kept(path), kept(STOCK_RESULTS / path.name)
    if not rows:
        return ""
    columns = {"Clinic Chat": rows, **({"stock Rasa": stock} if stock else {})}
    answers = answers_of(rows)
    pictures = [confusion(rows)]
    if answers:
        pictures += [calibration(answers), coverage(answers, len(rows))]
    return "".join([
        f"<p>{len(rows)} questions, asked {_when(path)}.</p>",
        _changes(before(path), rows),
        _verdicts(columns, "kind"),
        _verdicts(columns, "section"),
        *(_figure(picture, of=path.stem) for picture in pictures),
    ])  # fmt: skip


def _changes(earlier: Path, rows: Sequence[Scored]) -> str:
    found = changes(kept(earlier), rows)
    if found is None:
        return "<p>No earlier run to compare with.</p>"
    return (
        f"<p>Since the run of {_when(earlier)}: {len(found.newly_right)} newly right, "
        f"{len(found.newly_not_right)} newly not right, {found.added} questions new, "
        f"{found.dropped} gone.</p>"
        + _changed("Newly right", found.newly_right)
        + _changed("Newly not right", found.newly_not_right)
    )


def _changed(caption: str, found: Iterable[Change]) -> str:
    rows = [
        (
            one.now.place,
            one.now.asked,
            f"{one.before.replied} ({one.before.verdict.value})",
            f"{one.now.replied} ({one.now.verdict.value})",
        )
        for one in found
    ]
    return _table(caption, ("question", "asked", "before", "now"), rows, of="words") if rows else ""


def _verdicts(columns: Mapping[str, Sequence[Scored]], by: str) -> str:
    """The verdicts by kind or by section, of each system side by side."""
    grouped = [groups(rows, by) for rows in columns.values()]
    names = {name: len(rows) for name, rows in grouped[0].items() if rows}
    if not names:
        return ""
    heads = [f"{verdict.value}, {one}" for one in columns for verdict in Verdict]
    if len(columns) == 1:
        heads = [verdict.value for verdict in Verdict]
    rows = [
        (name, str(number), *(share for held in grouped for share in _shares(held.get(name, []))))
        for name, number in names.items()
    ]
    return _table(f"By {by}", (by, "questions", *heads), rows)


def _shares(rows: Sequence[Scored]) -> list[str]:
    return [f"{share:.1%}" for share in counts(rows).values()] if rows else ["-"] * len(Verdict)


def _public_section() -> str:
    stock = {one.name: one for one in kept_figures(STOCK_RESULTS / FIGURES.name)}
    rows = [
        (
            one.name,
            str(one.questions),
            f"{one.accuracy:.2%}",
            *_rejection(one),
            *(
                (f"{stock[one.name].accuracy:.2%}", _rejection(stock[one.name])[1])
                if one.name in stock
                else ("-", "-")
            ),
        )
        for one in kept_figures(FIGURES)
    ]
    head = (
        "data set", "questions", "accuracy", "out of scope", "AUROC", "FPR95",
        "accuracy, stock Rasa", "AUROC, stock Rasa",
    )  # fmt: skip
    return f"<p>Measured {_when(FIGURES)}.</p>" + _table("Encoder and classifier", head, rows)


def _rejection(one: Figures) -> tuple[str, str, str]:
    if one.rejection is None:
        return ("-", "-", "-")
    auroc, let_through = one.rejection.auroc, one.rejection.let_through
    return (str(one.outside), f"{auroc:.3f}", f"{let_through:.3f}")


def _figure(picture: Picture, *, of: str) -> str:
    title, text = html.escape(f"{of}: {picture.title}"), html.escape(picture.text)
    table = _table(picture.text, picture.head, picture.rows)
    return (
        f"<figure><figcaption>{title}</figcaption>"
        f'<img alt="{title}. {text} The table after it has the figures." '
        f'src="data:image/png;base64,{picture.png}">'
        f'<div class="beside" tabindex="0" role="region" aria-label="{title}, figures">'
        f"{table}</div></figure>"
    )


def _table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, of: str = "figures"
) -> str:
    heads = "".join(f'<th scope="col">{html.escape(one)}</th>' for one in head)
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="{of}"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _when(path: Path) -> str:
    moment = datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.utc).astimezone()
    return f"{moment:%Y-%m-%d %H:%M}"


if __name__ == "__main__":
    sys.exit(main())
