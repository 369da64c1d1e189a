"""Small helpers that the three converters share: constant tensors, and one way to write a graph.

The same graph always gives the same bytes: names come from the source, nothing carries a date.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)

OPSET = 17
IR_VERSION = 8


def constant(name: str, values: NDArray[np.generic]) -> TensorProto:
    """An initialiser called `name`, stored as little-endian raw bytes."""
    return numpy_helper.from_array(np.asarray(values, order="C"), name)


def floats(name: str, shape: Sequence[int | str]) -> ValueInfoProto:
    """A float32 input or output; a word in `shape` is a symbolic dimension."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def model(
    name: str,
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto],
    initialisers: Sequence[TensorProto],
) -> ModelProto:
    """A checked model of one graph."""
    graph: GraphProto = helper.make_graph(nodes, name, inputs, outputs, initialisers)
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="photoclust"
    )
    made.ir_version = IR_VERSION
    onnx.checker.check_model(made, full_check=True)
    return made


def serialised(made: ModelProto) -> bytes:
    """The bytes of `made`, the same at every run."""
    data: bytes = made.SerializeToString(deterministic=True)
    return data
