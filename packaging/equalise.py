"""Give the channels of an activation like ranges, so that 256 levels serve all of them.

Cross-layer equalisation (Nagel et al., ICCV 2019) where it costs nothing: from a convolution with
ReLU to a depthwise convolution. A channel that the first makes larger, the second makes smaller by
as much, which ReLU lets through; each output channel of either has a scale of its own in 8 bits, so
no weight loses a digit.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from graph import constant, model
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, numpy_helper

MOST = 16.0
"""By how much a channel is made larger at most: one that hardly ever speaks may speak up once."""


def between(source: ModelProto) -> Iterator[tuple[NodeProto, str, NodeProto]]:
    """Each convolution of `source` whose output goes through a ReLU to a depthwise convolution and
    nowhere else, the name of that ReLU's output, and the depthwise convolution.
    """
    readers: dict[str, list[NodeProto]] = {}
    for node in source.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for first in source.graph.node:
        if first.op_type != "Conv":
            continue
        relus = readers.get(first.output[0], [])
        if [node.op_type for node in relus] != ["Relu"]:
            continue
        name = relus[0].output[0]
        second = readers.get(name, [])
        if len(second) == 1 and is_grouped(second[0]):
            yield first, name, second[0]


def equalised(source: ModelProto, reach: Mapping[str, Sequence[float]]) -> ModelProto:
    """`source`, computing the same, with every channel of the activations that `between` names
    reaching as far as the farthest of them. `reach` is the highest value of each channel.
    """
    stored = {item.name: numpy_helper.to_array(item) for item in source.graph.initializer}
    for first, name, second in between(source):
        highest = np.asarray(reach[name], np.float64)
        up = highest.max() / np.maximum(highest, highest.max() / MOST)
        for place in (1, 2):
            stored[first.input[place]] = _times(stored[first.input[place]], up)
        stored[second.input[1]] = _times(stored[second.input[1]], 1 / up)
    graph = source.graph
    return model(
        graph.name,
        graph.node,
        graph.input,
        graph.output,
        [constant(name, values) for name, values in stored.items()],
    )


def is_grouped(node: NodeProto) -> bool:
    """Whether each output channel of a convolution sees some input channels only."""
    return node.op_type == "Conv" and any(
        item.name == "group" and item.i > 1 for item in node.attribute
    )


def _times(weights: NDArray[np.generic], factors: NDArray[np.float64]) -> NDArray[np.float32]:
    shaped = factors.reshape(-1, *[1] * (weights.ndim - 1))
    return (weights.astype(np.float64) * shaped).astype(np.float32)
