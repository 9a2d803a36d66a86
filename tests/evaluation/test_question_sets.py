"""A wrong line of a question set is named, with what was expected."""

import json
from pathlib import Path

import pytest

from evaluation.question_sets import QuestionError, own_sets, read

ANSWER = {"text": "does it hurt?", "expect": {"kind": "answer", "sections": ["does-it-hurt"]}}


def written(folder: Path, *lines: str) -> Path:
    path = folder / "asked.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_question_knows_its_line(tmp_path: Path) -> None:
    decline = {"text": "a \u2028 b", "expect": {"kind": "decline"}}
    raw = json.dumps(decline, ensure_ascii=False)
    questions = read(written(tmp_path, json.dumps(ANSWER), "", raw, ""))
    assert [question.place for question in questions] == ["asked.jsonl:1", "asked.jsonl:3"]
    assert questions[1].text == decline["text"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("not JSON", "expected"),
        ('"a text"', "expected"),
        ('{"text": "hello"}', "expected"),
        ('{"text": "hello", "expect": "answer"}', "expected"),
        ('{"text": "hello", "expect": {"kind": "greeting"}}', "'kind' must be one of"),
        ('{"text": "hello", "expect": {"kind": "answer"}}', "needs the 'sections'"),
    ],
)
def test_a_wrong_line_is_named(line: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=complaint) as error:
        read(written(tmp_path, json.dumps(ANSWER), line))
    assert "asked.jsonl:2" in str(error.value)


def test_a_file_without_questions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="holds no questions"):
        read(written(tmp_path))
    with pytest.raises(QuestionError, match="cannot be read"):
        read(tmp_path / "missing.jsonl")


@pytest.mark.parametrize("path", own_sets(), ids=lambda path: path.name)
def test_the_projects_own_sets_can_be_read(path: Path) -> None:
    assert read(path)
