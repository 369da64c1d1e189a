"""Changing the bundled graph: other weights in its layers, instead of them or beside them.

What was not trained keeps its 8 bits a weight. The graphs given are changed, not copied.
"""

from collections.abc import Mapping

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from photoclust.training.bundled import LAYERS, Layer, folded, unfolded

BRANCH = "trained:"
"""How the names begin of what is there a second time."""


def replace_weights(model: onnx.ModelProto, state: Mapping[str, torch.Tensor]) -> None:
    """Let `model` compute with the weights of `state`, of a facenet-pytorch InceptionResnetV1.

    Layers whose weights are exactly those of `model` stay as they are; those of others become
    float32, batch norm and residual scale folded in.
    """
    changed = _changed(model, state)
    _remove(model, changed)
    for layer in changed:
        weights, bias = folded(layer, state)
        _add(model, layer.weights, weights)
        _add(model, layer.bias, bias)
    _set_dimension(model, len(state["last_linear.weight"]))


def add_branch(model: onnx.ModelProto, state: Mapping[str, torch.Tensor]) -> None:
    """Let `model` also compute what it gives with the weights of `state`, as BRANCH + OUTPUT.

    Everything behind the first layer whose weights are others is there twice then; where all are
    those of `model`, nothing is.
    """
    ours: dict[str, str] = {}
    for layer in _changed(model, state):
        for name, values in zip((layer.weights, layer.bias), folded(layer, state), strict=True):
            ours[name] = f"{BRANCH}{name}"
            _add(model, ours[name], values)
    for node in list(model.graph.node):
        if not ours.keys().isdisjoint(node.input):
            twin = model.graph.node.add()
            twin.CopyFrom(node)
            twin.name = f"{BRANCH}{node.name}" if node.name else ""
            ours |= {name: f"{BRANCH}{name}" for name in node.output}
            del twin.input[:], twin.output[:]
            twin.input.extend(ours.get(name, name) for name in node.input)
            twin.output.extend(ours[name] for name in node.output)


def _changed(model: onnx.ModelProto, state: Mapping[str, torch.Tensor]) -> list[Layer]:
    """The layers whose weights in `state` are not exactly those of `model`."""
    before = unfolded(model)
    return [
        layer
        for layer in LAYERS
        if not all(torch.equal(state[key].cpu(), before[key]) for key in layer.keys)
    ]


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


def _set_dimension(model: onnx.ModelProto, dimension: int) -> None:
    (output,) = model.graph.output
    output.type.tensor_type.shape.dim[1].dim_value = dimension
