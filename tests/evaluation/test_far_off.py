"""Questions of no clinic: where they come from, and what counts as answered."""

import json
from pathlib import Path

import pytest

from evaluation.far_off import answered_line, far_off
from evaluation.question_sets import QuestionError


def folder_with(folder: Path, content: str) -> Path:
    (folder / "clinc150").mkdir()
    (folder / "clinc150" / "data_full.json").write_text(content, encoding="utf-8")
    return folder


def test_the_out_of_scope_test_part_is_asked_and_nothing_else(tmp_path: Path) -> None:
    content = {"oos_test": [["who won", "oos"], ["a b", "oos"]], "oos_train": [["x", "oos"]]}
    asked = far_off(folder_with(tmp_path, json.dumps(content)))
    assert [one.text for one in asked] == ["who won", "a b"]
    assert {one.expect["kind"] for one in asked} == {"out_of_scope"}


@pytest.mark.parametrize("content", ["{}", "no json", '{"oos_test": 3}'])
def test_another_file_is_named(content: str, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"data_full\.json is not CLINC150's"):
        far_off(folder_with(tmp_path, content))


def test_answers_are_counted() -> None:
    replies = [[{"kind": "answer"}], [{"kind": "decline"}], [{"kind": "clarify"}], []]
    assert answered_line(replies) == "answered from the handout: 1 of 4, 25.0%"
