"""What a run keeps, and what it says of the run before."""

from pathlib import Path

import pytest

from evaluation.changes import changes
from evaluation.judge import Verdict
from evaluation.results import answers_of, before, counts, groups, keep, kept, score
from evaluation.tables import change_lines, verdict_lines
from tests.evaluation.asked import SECRET, row


def test_kept_rows_come_back_and_hold_no_words(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    rows = [row(SECRET, "a", "a"), row("and?", "a", "decline", line=2)]
    keep(path, rows)
    assert kept(path) == rows
    for word in ("John", "husband", "hurts"):
        assert word not in path.read_text(encoding="utf-8")


def test_the_run_before_is_kept_too(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    first, second = [row("why?", "a", "decline")], [row("why?", "a", "a")]
    assert kept(path) == []
    keep(path, first)
    assert kept(before(path)) == []
    keep(path, second)
    assert (kept(before(path)), kept(path)) == (first, second)


@pytest.mark.parametrize("content", ["{}", "no JSON", '{"text": "of an older version"}'])
def test_another_versions_file_counts_as_no_run(content: str, tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text(content, encoding="utf-8")
    assert kept(path) == []


def test_changes_are_found_by_the_question_wherever_it_stands() -> None:
    earlier = [row("1", "a", "decline"), row("2", "a", "a"), row("3", "a", "b"), row("4", "a", "a")]
    now = [
        row("2", "a", "b", line=1),
        row("1", "a", "a", line=2),
        row("3", "a", "decline", line=3),
        row("5", "a", "a", line=4),
    ]
    found = changes(earlier, now)
    assert found is not None
    assert [one.now.place for one in found.newly_right] == ["asked.jsonl:2"]
    assert [one.now.place for one in found.newly_not_right] == ["asked.jsonl:1"]
    assert (found.added, found.dropped) == (1, 1)
    assert change_lines(found) == [
        "since the last run: 1 newly right, 1 newly not right, 1 questions new, 1 gone",
        "  + asked.jsonl:2: a <- a (right), before decline (miss)",
        "  - asked.jsonl:1: a <- b (wrong), before a (right)",
    ]


def test_without_an_earlier_run_nothing_changed() -> None:
    assert changes([], [row("1", "a", "a")]) is None
    assert change_lines(None) == ["no earlier run to compare with"]


def test_a_question_counts_in_each_of_its_sections() -> None:
    both = score("two", {"kind": "answer_all", "sections": ["a", "b"]}, [], place="asked.jsonl:1")
    rows = [both, row("one", "a", "a")]
    by_section = groups(rows, "section")
    assert {name: len(held) for name, held in by_section.items()} == {"a": 2, "b": 1, "all": 2}
    assert list(groups(rows, "kind")) == ["answer", "answer_all", "all"]
    assert counts(by_section["a"])[Verdict.RIGHT] == 0.5


def test_only_answers_to_single_questions_have_a_confidence() -> None:
    turn = {"kind": "answer", "sections": ["a", "b"], "confidence": 0.8}
    both = score("two", {"kind": "answer_all", "sections": ["a", "b"]}, [turn], place="1")
    rows = [both, row("1", "a", "a", confidence=0.7), row("2", "a", "decline")]
    assert answers_of(rows) == [(0.7, True)]


def test_two_systems_stand_side_by_side() -> None:
    ours = [row("1", "a", "a"), row("2", "b", "b")]
    stock = [row("1", "a", "b"), row("2", "b", "b")]
    lines = verdict_lines({"ours": ours, "stock": stock})
    [line] = [line for line in lines if line.startswith("a ")]
    assert line.split() == [
        "a", "1", "100.0%", "0.0%", "0.0%", "0.0%", "0.0%", "0.0%", "0.0%", "100.0%",
    ]  # fmt: skip
    assert lines[-2:] == [
        "ours: calibration error of 2 answers: 0.100",
        "stock: calibration error of 2 answers: 0.400",
    ]
