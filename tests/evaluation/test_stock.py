"""Rasa's stock pipeline beside ours: trained once a content, read in its favour."""

from pathlib import Path

import pytest
from rasa.shared.importers.utils import training_data_from_paths

from benchmarks import stock as benchmark
from benchmarks.stock import stock_pipeline
from evaluation.figures import Figures
from evaluation.public_data import Split
from evaluation.stock import Parsed, ahead_lines, examples_of, turn_for
from tools.interpreters import SetupError

SECTIONS = {"does-it-hurt"}


class Rasa:
    """Stands in for `rasa train`, which takes hours: it writes the model it was asked for."""

    def __init__(self) -> None:
        self.trained: list[str] = []
        self.fails = False

    def __call__(self, *arguments: str, log: Path) -> int:
        config = Path(arguments[arguments.index("--config") + 1])
        self.trained.append(config.read_text(encoding="utf-8"))
        log.write_text("Rasa's complaint", encoding="utf-8")
        name = arguments[arguments.index("--fixed-model-name") + 1]
        (Path(arguments[arguments.index("--out") + 1]) / f"{name}.tar.gz").write_bytes(b"model")
        return int(self.fails)


@pytest.fixture
def rasa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Rasa:
    fake = Rasa()
    monkeypatch.setenv("CLINIC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(benchmark, "run_rasa", fake)
    return fake


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "nlu.yml").write_text("version: '3.1'", encoding="utf-8")
    (folder / "rules.yml").write_text("version: '3.1'", encoding="utf-8")
    return folder


def test_a_pipeline_is_trained_once_for_each_content_of_the_examples(
    rasa: Rasa, data: Path, tmp_path: Path
) -> None:
    first = stock_pipeline(data)
    assert first.is_relative_to(tmp_path / "cache")
    assert first.read_bytes() == b"model"
    (data / "rules.yml").write_text("# another", encoding="utf-8")
    assert stock_pipeline(data) == first
    assert len(rasa.trained) == 1
    (data / "nlu.yml").write_text("# another", encoding="utf-8")
    assert stock_pipeline(data) != first


def test_the_rounds_of_training_can_be_chosen(rasa: Rasa, data: Path) -> None:
    assert stock_pipeline(data) != stock_pipeline(data, epochs=2)
    assert "epochs: 100" in rasa.trained[0]
    assert "epochs: 100" not in rasa.trained[1]
    assert "epochs: 2\n" in rasa.trained[1]


def test_each_seed_is_another_training(rasa: Rasa, data: Path) -> None:
    assert len({stock_pipeline(data, seed=seed) for seed in (1, 2, 1)}) == 2
    assert [config.count("random_seed: 2") for config in rasa.trained] == [0, 4]


def test_a_failed_training_leaves_no_model_and_names_the_log(rasa: Rasa, data: Path) -> None:
    rasa.fails = True
    with pytest.raises(SetupError, match=r"stock-\w+-1\.log says why"):
        stock_pipeline(data)
    rasa.fails = False
    assert stock_pipeline(data).exists()
    assert len(rasa.trained) == 2


def test_a_public_sets_examples_survive_rasas_own_format(tmp_path: Path) -> None:
    training = (
        ("is it 100% cotton?", "material"),
        ("- a list: 'quoted' # no comment", "other"),
        ("two\nlines", "other"),
    )
    examples = examples_of(Split("any", training, test=()))
    path = tmp_path / "nlu.yml"
    examples.persist_nlu(str(path))
    read = training_data_from_paths([str(path)], "en")
    found = {(one.get("text"), one.get("intent")) for one in read.intent_examples}
    assert found == {(" ".join(text.split()), intent) for text, intent in training}


def test_both_are_compared_where_both_were_measured() -> None:
    ours = [Figures("HINT3 a", 8, 0.875, 0, None, 1.0), Figures("CLINC150", 8, 0.5, 0, None, 1.0)]
    stock = [Figures("HINT3 a", 8, 0.8, 0, None, 1.0)]
    assert ahead_lines(ours, stock) == ["HINT3 a: 87.5% against 80.0% of stock Rasa, +7.5 points"]


@pytest.mark.parametrize(
    ("intent", "kind", "sections"),
    [
        ("does-it-hurt", "answer", ["does-it-hurt"]),
        ("near_topic", "decline", []),
        ("nlu_fallback", "decline", []),
        ("crisis", "emergency", []),
        ("thanks", "chitchat", []),
    ],
)
def test_an_intent_is_read_as_the_reply_it_leads_to(
    intent: str, kind: str, sections: list[str]
) -> None:
    turn = turn_for(Parsed(intent, intent, 0.4), SECTIONS)
    assert turn == {"kind": kind, "sections": sections, "confidence": 0.4}
