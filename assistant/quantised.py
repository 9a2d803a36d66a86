"""Dot products of one vector with many, in whole numbers of eight bits.

The training messages' vectors are a quarter of the size so, and what such a product costs is
fetching them from memory. A product is off by 0.005 at most, a hundredth of what makes two messages
alike (`KernelSettings.reach`).
"""

from __future__ import annotations

import numpy as np
import onnxruntime
from numpy.typing import NDArray

__all__ = ["Quantised"]

_MOST = 127  # of a signed byte
# Processors without VNNI add products of bytes two by two into sixteen bits: 2 * 128 * 127 fits,
# with all 256 steps it would not, and another machine would understand a message differently.
_STEPS = 64
_OPSET, _IR_VERSION = 13, 8


class Quantised:
    """Vectors, (count, width), kept as bytes."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        """`vectors` are of finite numbers; a row of zeros stays zeros."""
        greatest = np.abs(vectors).max(axis=1)
        self._scales = np.where(greatest > 0, greatest / _MOST, 1).astype(np.float32)
        rows = np.round(vectors / self._scales[:, None]).astype(np.int8)
        self._offsets = _STEPS * rows.sum(axis=1, dtype=np.int32)
        self._session = _product(np.ascontiguousarray(rows.T))

    def dot(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The product of `vector`, (width,), with each, (count,)."""
        scale = float(np.abs(vector).max()) / _STEPS or 1.0
        steps = (np.round(vector / scale) + _STEPS).astype(np.uint8)[None]
        found = self._session.run(None, {"one": steps})[0][0] - self._offsets
        return np.asarray(found * (self._scales * scale), dtype=np.float32)


def _product(many: NDArray[np.int8]) -> onnxruntime.InferenceSession:
    """A session that multiplies a row of bytes with the columns of `many`, on one thread."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 - for building alone

    width, count = many.shape
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["one", "many"], ["products"])],
        "products",
        [helper.make_tensor_value_info("one", TensorProto.UINT8, [1, width])],
        [helper.make_tensor_value_info("products", TensorProto.INT32, [1, count])],
        [numpy_helper.from_array(many, "many")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR_VERSION
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
