"""Public data sets: read in their own formats, learnt and asked by the product's own parts."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from assistant.encoder_session import Encoder
from evaluation import public
from evaluation.figures import kept_figures
from evaluation.public_data import PublicDataError, banking77, clinc150, hint3
from evaluation.rejection import Rejection

TRAINING = [
    *[(text, "hours") for text in ("when do you open", "opening times?", "are you open sunday")],
    *[(text, "price") for text in ("what does it cost", "how much is it", "price list please")],
    *[(text, "parking") for text in ("where can I park", "is there parking", "parking garage?")],
]
TEST = [
    ("when are you open", "hours"),
    ("how much does it cost", "price"),
    ("where do I park", "parking"),
]
OUTSIDE = ["who won the cup in 1998", "write me a poem about rain"]


def write_rows(path: Path, head: tuple[str, str], rows: list[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All three sets, each with the same few questions."""
    parts = {
        "train": TRAINING,
        "val": TEST,
        "test": TEST,
        "oos_test": [(t, "oos") for t in OUTSIDE],
    }
    (tmp_path / "clinc150").mkdir()
    (tmp_path / "clinc150" / "data_full.json").write_text(json.dumps(parts), encoding="utf-8")
    for name, rows in (("train.csv", TRAINING), ("test.csv", TEST)):
        write_rows(tmp_path / "banking77" / name, ("text", "category"), rows)
    asked = [*TEST, *((text, "NO_NODES_DETECTED") for text in OUTSIDE)]
    for bot in ("sofmattress", "curekart", "powerplay11"):
        write_rows(tmp_path / "hint3/train" / f"{bot}.csv", ("sentence", "label"), TRAINING)
        write_rows(tmp_path / "hint3/test" / f"{bot}.csv", ("sentence", "label"), asked)
    return tmp_path


def test_the_formats_are_read_with_their_official_splits(folder: Path) -> None:
    for split in (clinc150(folder), hint3(folder, "curekart")):
        assert list(split.training) == TRAINING
        assert list(split.test) == TEST
        assert list(split.outside) == OUTSIDE
    assert banking77(folder).outside == ()


def test_a_text_over_two_lines_stays_one(folder: Path) -> None:
    write_rows(folder / "banking77/test.csv", ("text", "category"), [("two\nlines", "hours")])
    assert banking77(folder).test == (("two\nlines", "hours"),)


def test_held_out_intents_are_never_learnt_and_asked_as_outside(folder: Path) -> None:
    split = banking77(folder).holding_out({"parking"})
    assert split.intents == ("hours", "price")
    assert split.outside == ("where do I park",)
    assert {intent for _, intent in split.test} == {"hours", "price"}


def test_what_is_missing_or_in_another_format_is_named(folder: Path) -> None:
    (folder / "clinc150/data_full.json").write_text('{"train": []}', encoding="utf-8")
    with pytest.raises(PublicDataError, match="is not CLINC150"):
        clinc150(folder)
    write_rows(folder / "banking77/train.csv", ("question", "answer"), [])
    with pytest.raises(PublicDataError, match="has no columns 'text' and 'category'"):
        banking77(folder)
    with pytest.raises(PublicDataError, match="is missing"):
        hint3(folder, "another")


def test_ours_understands_the_questions_and_tells_them_from_others(folder: Path) -> None:
    figures = public.measure(clinc150(folder), Encoder.shared())
    assert figures.accuracy == 1
    assert figures.rejection == Rejection(auroc=1.0, let_through=0.0)


def test_near_topics_are_the_same_draws_in_every_run(folder: Path) -> None:
    one, two = (
        public.near_topics(banking77(folder), Encoder.shared(), held_out=1, draws=2)
        for _ in range(2)
    )
    assert (one.accuracy, one.rejection, one.outside) == (two.accuracy, two.rejection, 2)


def test_all_sets_of_a_folder_are_measured_and_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "hint3/test/curekart.csv").unlink()
    monkeypatch.setattr(public, "FIGURES", folder / "public.json")
    monkeypatch.setattr(public, "_HELD_OUT", 1)
    monkeypatch.setattr("sys.argv", ["evaluation.public", str(folder)])
    assert public.main() == 0
    names = [one.name for one in kept_figures(folder / "public.json")]
    assert names == [
        "HINT3 sofmattress",
        "HINT3 powerplay11",
        "CLINC150",
        "BANKING77",
        "BANKING77, 1 of 3 held out, mean of 5 draws",
    ]
    assert "left out" in capsys.readouterr().err


def test_a_folder_without_data_sets_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["evaluation.public", str(tmp_path)])
    assert public.main() == 1
    assert "name the folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("inside", "outside", "auroc", "let_through"),
    [
        ([2, 3], [0, 1], 1.0, 0.0),
        ([0, 1], [2, 3], 0.0, 1.0),
        ([1, 1], [1, 1], 0.5, 1.0),
        ([1, 3], [0, 2], 0.75, 0.5),
    ],
)
def test_rejection_is_measured_by_pairs(
    inside: list[float], outside: list[float], auroc: float, let_through: float
) -> None:
    found = Rejection.of(np.array(inside, float), np.array(outside, float))
    assert (found.auroc, found.let_through) == (auroc, let_through)
