"""Changing the bundled graph: other weights in its layers, or a linear head behind it.

What was not trained keeps its 8 bits a weight. The graphs given are changed, not copied.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from photoclust.core.errors import InternalError
from photoclust.training.bundled import LAYERS, OUTPUT, RAW_OUTPUT, Layer, folded, unfolded


@dataclass(frozen=True, slots=True)
class LinearHead:
    """A linear map behind the bundled network: unit vector of `weights` · v + `bias`.

    `weights` [dimension, 512] and `bias` [dimension], float32. v is the network's unit vector, the
    one that libraries keep, or with `before_length` the one before it is divided by its length.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    before_length: bool = False


def add_head(model: onnx.ModelProto, head: LinearHead) -> None:
    """Put `head` between the network's vector and the output. Raises InternalError where the
    shapes do not fit.
    """
    dimension, width = _dimension(model), len(head.bias)
    if head.weights.shape != (width, dimension) or head.bias.shape != (width,):
        raise InternalError(
            f"a head on {dimension} numbers has weights [d, {dimension}] and bias [d], not "
            f"{list(head.weights.shape)} and {list(head.bias.shape)}"
        )
    nodes = model.graph.node
    source = RAW_OUTPUT
    last = nodes.pop()
    if not head.before_length:
        source = "head:input"
        last.output[0] = source
        nodes.append(last)
    nodes.append(
        helper.make_node("Gemm", [source, "head:weights", "head:bias"], ["head:output"], transB=1)
    )
    nodes.append(helper.make_node("LpNormalization", ["head:output"], [OUTPUT], axis=1, p=2))
    _add(model, "head:weights", head.weights)
    _add(model, "head:bias", head.bias)
    _set_dimension(model, width)


def replace_weights(model: onnx.ModelProto, state: Mapping[str, torch.Tensor]) -> None:
    """Let `model` compute with the weights of `state`, of a facenet-pytorch InceptionResnetV1.

    Layers whose weights are exactly those of `model` stay as they are; those of others become
    float32, batch norm and residual scale folded in.
    """
    before = unfolded(model)
    changed = [
        layer
        for layer in LAYERS
        if not all(torch.equal(state[key].cpu(), before[key]) for key in layer.keys)
    ]
    _remove(model, changed)
    for layer in changed:
        weights, bias = folded(layer, state)
        _add(model, layer.weights, weights)
        _add(model, layer.bias, bias)
    _set_dimension(model, len(state["last_linear.weight"]))


def _remove(model: onnx.ModelProto, layers: list[Layer]) -> None:
    weights = {layer.weights for layer in layers}
    parts = {f"{name}:{part}" for name in weights for part in ("q", "scale", "zero")}
    parts |= {layer.bias for layer in layers}
    graph = model.graph
    tensors = [tensor for tensor in graph.initializer if tensor.name not in parts]
    nodes = [node for node in graph.node if node.output[0] not in weights]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(tensors)
    graph.node.extend(nodes)


def _add(model: onnx.ModelProto, name: str, values: NDArray[np.float32]) -> None:
    contiguous = np.ascontiguousarray(values, np.float32)
    model.graph.initializer.append(numpy_helper.from_array(contiguous, name))


def _dimension(model: onnx.ModelProto) -> int:
    (output,) = model.graph.output
    return int(output.type.tensor_type.shape.dim[1].dim_value)


def _set_dimension(model: onnx.ModelProto, dimension: int) -> None:
    (output,) = model.graph.output
    output.type.tensor_type.shape.dim[1].dim_value = dimension
