"""The encoder's ONNX graph, made of its weights: one message in, one unit vector out.

There is no batch axis: dynamic quantisation picks its scale from everything in the input, so a
message in a batch would get another vector than alone. Messages are run one by one instead, on
several threads in training.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

__all__ = ["HEADS", "LAYERS", "WIDTH", "encoder_graph"]

LAYERS, WIDTH, HEADS = 6, 384, 12
_EPSILON = 1e-12  # of the layer norms, config.json
_OPSET = 17
_IR_VERSION = 8


class _Graph:
    """Nodes and constants, each named as it is added."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def numbers(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))

    def add(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        names = [f"n{len(self.nodes)}_{place}" for place in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names


def encoder_graph(weights: Mapping[str, NDArray[np.float32]]) -> ModelProto:
    """Input `ids`: int64 (pieces,). Output `vector`: float32 (384,), unit length."""
    graph = _Graph()
    hidden = _embedding(graph, weights)
    for layer in range(LAYERS):
        hidden = _layer(graph, weights, f"encoder.layer.{layer}.", hidden)
    mean = graph.add("ReduceMean", hidden, axes=[0], keepdims=0)
    length = graph.add("ReduceL2", mean, axes=[0], keepdims=1)
    graph.nodes.append(helper.make_node("Div", [mean, length], ["vector"]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["pieces"])],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )
    checker.check_model(model)
    return model


def _embedding(graph: _Graph, weights: Mapping[str, NDArray[np.float32]]) -> str:
    words = graph.constant(weights["embeddings.word_embeddings.weight"])
    # Every message is one text: the type embedding is the same for all places.
    places = graph.constant(
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    count = graph.add("Shape", "ids")
    used = graph.add("Slice", places, graph.numbers(0), count, graph.numbers(0))
    summed = graph.add("Add", graph.add("Gather", words, "ids"), used)
    return _norm(graph, weights, "embeddings.LayerNorm.", summed)


def _layer(
    graph: _Graph, weights: Mapping[str, NDArray[np.float32]], prefix: str, hidden: str
) -> str:
    attended = _attention(graph, weights, prefix + "attention.", hidden)
    inner = _dense(graph, weights, prefix + "intermediate.dense.", attended)
    outer = _dense(graph, weights, prefix + "output.dense.", _gelu(graph, inner))
    return _norm(graph, weights, prefix + "output.LayerNorm.", graph.add("Add", outer, attended))


def _attention(
    graph: _Graph, weights: Mapping[str, NDArray[np.float32]], prefix: str, hidden: str
) -> str:
    size = WIDTH // HEADS
    # One product for queries, keys and values; the scale of the scores is put into the queries.
    scale = 1 / np.sqrt(size)
    parts = [(f"{prefix}self.{name}.", factor) for name, factor in _factors(scale)]
    matrix = np.concatenate([weights[name + "weight"].T * by for name, by in parts], axis=1)
    bias = np.concatenate([weights[name + "bias"] * by for name, by in parts])
    product = graph.add("MatMul", hidden, graph.constant(matrix.astype(np.float32)))
    together = graph.add("Add", product, graph.constant(bias.astype(np.float32)))
    split = graph.add("Reshape", together, graph.numbers(-1, 3, HEADS, size))
    by_part = graph.add("Transpose", split, perm=[1, 2, 0, 3])
    queries, keys, values = (
        graph.add("Gather", by_part, graph.constant(np.array(part, np.int64)), axis=0)
        for part in range(3)
    )
    scores = graph.add("MatMul", queries, graph.add("Transpose", keys, perm=[0, 2, 1]))
    mixed = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), values)
    joined = graph.add(
        "Reshape", graph.add("Transpose", mixed, perm=[1, 0, 2]), graph.numbers(-1, WIDTH)
    )
    dense = _dense(graph, weights, prefix + "output.dense.", joined)
    return _norm(graph, weights, prefix + "output.LayerNorm.", graph.add("Add", dense, hidden))


def _factors(scale: float) -> tuple[tuple[str, float], ...]:
    return (("query", scale), ("key", 1.0), ("value", 1.0))


def _dense(
    graph: _Graph, weights: Mapping[str, NDArray[np.float32]], prefix: str, value: str
) -> str:
    product = graph.add("MatMul", value, graph.constant(weights[prefix + "weight"].T))
    return str(graph.add("Add", product, graph.constant(weights[prefix + "bias"])))


def _gelu(graph: _Graph, value: str) -> str:
    """The exact form, x/2 (1 + erf(x/sqrt 2)), in the order that onnxruntime fuses."""
    root = graph.constant(np.array(np.sqrt(2), dtype=np.float32))
    error = graph.add("Erf", graph.add("Div", value, root))
    raised = graph.add("Add", error, graph.constant(np.array(1, dtype=np.float32)))
    half = graph.constant(np.array(0.5, dtype=np.float32))
    return str(graph.add("Mul", graph.add("Mul", value, raised), half))


def _norm(
    graph: _Graph, weights: Mapping[str, NDArray[np.float32]], prefix: str, value: str
) -> str:
    scale, bias = (graph.constant(weights[prefix + part]) for part in ("weight", "bias"))
    return str(graph.add("LayerNormalization", value, scale, bias, axis=-1, epsilon=_EPSILON))
