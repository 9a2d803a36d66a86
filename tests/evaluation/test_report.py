"""The report page: its pictures have words and figures, and no question is quoted."""

import re
from pathlib import Path

import pytest

from evaluation import report
from evaluation.figures import Figures, keep_figures
from evaluation.rejection import Rejection
from evaluation.results import keep
from tests.evaluation.asked import SECRET, row


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(report, "STOCK_RESULTS", tmp_path / "stock")
    monkeypatch.setattr(report, "FIGURES", tmp_path / "public.json")
    monkeypatch.setattr(report, "PAGE", tmp_path / "report.html")
    return tmp_path


def page(folder: Path) -> str:
    assert report.main() == 0
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_shows_tables_pictures_and_what_changed(folder: Path) -> None:
    keep(folder / "asked.jsonl", [row(SECRET, "a", "a"), row("2", "b", "decline", line=2)])
    keep(folder / "asked.jsonl", [row(SECRET, "a", "b"), row("2", "b", "b", line=2)])
    shown = page(folder)
    for caption in ("By kind", "By section", "Newly right", "Newly not right"):
        assert f"<caption>{caption}</caption>" in shown
    assert "asked.jsonl:2" in shown
    assert "John" not in shown
    pictures = re.findall(r'<figure>.*?<img alt="([^"]+)".*?<table.*?</figure>', shown, re.DOTALL)
    assert len(pictures) == shown.count("<img") == 3
    assert "1 of 2 are on the diagonal" in pictures[0]


def test_stock_rasa_stands_beside_ours(folder: Path) -> None:
    keep(folder / "asked.jsonl", [row("1", "a", "a")])
    assert "right, stock Rasa" not in page(folder)
    keep(folder / "stock" / "asked.jsonl", [row("1", "a", "b")])
    assert "right, stock Rasa" in page(folder)


def test_public_data_sets_are_shown_with_both(folder: Path) -> None:
    ours = Figures("HINT3 <bot>", 10, 0.875, 20, Rejection(0.91, 0.4), 3.0)
    alone = Figures("BANKING77", 10, 0.9435, 0, None, 3.0)
    keep_figures(folder / "public.json", [ours, alone])
    keep_figures(
        folder / "stock" / "public.json",
        [Figures("HINT3 <bot>", 10, 0.8, 20, Rejection(0.7, 0.8), 90.0)],
    )
    shown = page(folder)
    assert "HINT3 &lt;bot&gt;" in shown
    for figure in ("87.50%", "0.910", "80.00%", "0.700", "94.35%"):
        assert f"<td>{figure}</td>" in shown


def test_without_results_it_says_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report.main() == 1
    assert "make evaluate" in capsys.readouterr().err
