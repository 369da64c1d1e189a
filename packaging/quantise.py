"""Turn a float network into one that computes in 8-bit integers, layer by layer (static QDQ).

Activations are uint8 with one scale per tensor, weights int8 with one scale per output channel and
no zero point (Jacob et al., CVPR 2018; Krishnamoorthi, arXiv 1806.08342). ONNX Runtime fuses each
DequantizeLinear → operator → QuantizeLinear into one integer operator when it loads the file.

Two things are done otherwise than by ONNX Runtime's own quantiser:

- Weights that come from an 8-bit source stay on its grid, so that they are exact; rounded anew they
  cost more cosine than all activations together. Only channels with a weight that int8 cannot hold
  get a coarser scale.
- On processors without VNNI the product of unsigned and signed bytes is summed in pairs of 16 bits
  (`vpmaddubsw`), which saturates. The usual way out, 7-bit weights for all (`reduce_range`), halves
  their precision everywhere; here only those channels are made coarser in which two weights that
  may meet in a pair could overflow. Every processor then computes the same.
"""

from collections.abc import Callable, Mapping

import numpy as np
from equalise import is_grouped
from graph import constant, model
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

Range = tuple[float, float]
"""The lowest and the highest value of an activation."""

INTEGER_OPERATORS = frozenset(("Conv", "Add", "MaxPool", "Concat"))
"""Those whose integer form is faster than float32 and loses little."""
_SMALLEST = float(np.finfo(np.float32).tiny)
_LARGEST_ACTIVATION = 255
_LARGEST_WEIGHT = 127
_LARGEST_PAIR = (2**15 - 1) // _LARGEST_ACTIVATION
"""Two weights of one sign may add up to this much: then two products fit into 16 bits."""


def quantised(
    source: ModelProto, ranges: Mapping[str, Range], keep_float: Callable[[NodeProto], bool]
) -> ModelProto:
    """`source` with every operator of INTEGER_OPERATORS in integers, but for those that
    `keep_float`.

    Inputs and outputs stay float32. `ranges` holds the range of each activation by its name. Raises
    KeyError where one is missing.
    """
    return _Quantiser(source, ranges, keep_float).run()


def integer_weights(
    weights: NDArray[np.float32], step: float | None = None, *, paired: bool = True
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """`weights` [output channels, ...] as int8, and the scale of each output channel: real = scale
    * int. `step` is that of the grid on which the weights lie, if they do; it is kept wherever it
    can be.

    With `paired`, no two that may stand side by side in a matrix product, channels first or last,
    can overflow 16 bits (see above).
    """
    values = weights.astype(np.float64)
    largest = np.abs(values.reshape(len(values), -1)).max(axis=1)
    steps = np.maximum(largest / _LARGEST_WEIGHT, step or _SMALLEST)
    stored = np.empty(values.shape, np.int8)
    for channel, value in enumerate(values):
        # Rounding can bring a pair over the edge once more.
        while (over := _overflow(rounded := np.rint(value / steps[channel]), paired)) > 1:
            steps[channel] *= max(over, 1.001)
        stored[channel] = rounded
    return stored, steps.astype(np.float32)


def _overflow(channel: NDArray[np.float64], paired: bool) -> float:
    """By what factor the whole numbers of one output channel exceed what is allowed."""
    over = float(np.abs(channel).max(initial=0.0)) / _LARGEST_WEIGHT
    if paired:
        orders = [channel.reshape(-1)]
        if channel.ndim > 1:
            orders.append(np.moveaxis(channel, 0, -1).reshape(-1))
        over = max(over, *(_largest_pair(order) / _LARGEST_PAIR for order in orders))
    return over


def _largest_pair(weights: NDArray[np.float64]) -> float:
    pairs = np.pad(weights, (0, len(weights) % 2)).reshape(-1, 2)
    sums = [np.maximum(sign * pairs, 0).sum(axis=1).max(initial=0.0) for sign in (1, -1)]
    return float(max(sums))


class _Quantiser:
    """Walks the nodes of a graph once, in their order, and writes those of the new one.

    A value is whole when an integer operator makes it, also through a ReLU, which is then part of
    that operator. Whole values are read through Q → DQ by all; others by integer operators only.
    """

    def __init__(
        self,
        source: ModelProto,
        ranges: Mapping[str, Range],
        keep_float: Callable[[NodeProto], bool],
    ) -> None:
        self.source = source
        self.ranges = dict(ranges)
        self.keep_float = keep_float
        self.stored = {item.name: numpy_helper.to_array(item) for item in source.graph.initializer}
        self.steps: dict[str, float] = {}
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, NDArray[np.generic]] = {}
        self.whole: set[str] = set()
        self.scales: dict[str, NDArray[np.float32]] = {}

    def run(self) -> ModelProto:
        for node in self.source.graph.node:
            if node.op_type == "DequantizeLinear":  # weights that are stored in 8 bits
                ints, scale, zero = (self.stored[name] for name in node.input)
                real = (ints.astype(np.float64) - float(zero)) * float(scale)
                self.stored[node.output[0]] = real.astype(np.float32)
                self.steps[node.output[0]] = float(scale)
            elif node.op_type in INTEGER_OPERATORS and not self.keep_float(node):
                self.integer(node)
            else:
                self.float(node)
        graph = self.source.graph
        outputs = {item.name for item in graph.output}
        if outputs & self.whole:
            raise ValueError(f"an output must be float: {sorted(outputs & self.whole)}")
        return model(
            f"{graph.name}-int8",
            self.nodes,
            graph.input,
            graph.output,
            [constant(name, values) for name, values in self.constants.items()],
        )

    def integer(self, node: NodeProto) -> None:
        made = NodeProto()
        made.CopyFrom(node)
        for place, name in enumerate(node.input):
            if name not in self.stored:
                made.input[place] = self.activation(name)
            elif place == 1:
                # A depthwise convolution is no matrix product, and computed in 32 bits.
                made.input[place] = self.weight(name, paired=not is_grouped(node))
            else:
                made.input[place] = self.bias(name, node.input[0], node.input[1])
        self.nodes.append(made)
        self.whole.update(node.output)
        if node.op_type == "MaxPool":  # gives what it was given: its integers mean the same
            self.ranges[node.output[0]] = self.ranges[node.input[0]]

    def float(self, node: NodeProto) -> None:
        made = NodeProto()
        made.CopyFrom(node)
        is_part = node.op_type == "Relu" and node.input[0] in self.whole
        for place, name in enumerate(node.input):
            if name in self.stored:
                self.constants[name] = self.stored[name]
            elif name in self.whole and not is_part:
                made.input[place] = self.activation(name)
        self.nodes.append(made)
        if is_part:
            self.whole.update(node.output)

    def activation(self, name: str) -> str:
        """The name of activation `name` rounded to its 256 levels, and the nodes that do so."""
        if name not in self.scales:
            scale, zero = levels(self.ranges[name])
            self.scales[name] = scale
            self.constants[f"{name}:scale"] = scale
            self.constants[f"{name}:zero"] = zero
            parts = [f"{name}:scale", f"{name}:zero"]
            self.nodes += [
                helper.make_node("QuantizeLinear", [name, *parts], [f"{name}:q"]),
                helper.make_node("DequantizeLinear", [f"{name}:q", *parts], [f"{name}:rounded"]),
            ]
        return f"{name}:rounded"

    def weight(self, name: str, *, paired: bool) -> str:
        """Store a weight in 8 bits, and a node that turns it to float32."""
        stored, scales = integer_weights(self.stored[name], self.steps.get(name), paired=paired)
        return self.dequantised(name, stored, scales)

    def bias(self, name: str, activation: str, weight: str) -> str:
        """Store a bias in 32 bits, in the units of the sums that it is added to."""
        scales = self.scales[activation] * self.scales[weight]
        stored = np.rint(self.stored[name].astype(np.float64) / scales)
        limits = np.iinfo(np.int32)
        return self.dequantised(
            name, np.clip(stored, limits.min, limits.max).astype(np.int32), scales
        )

    def dequantised(
        self, name: str, stored: NDArray[np.generic], scales: NDArray[np.float32]
    ) -> str:
        self.scales[name] = scales
        self.constants[f"{name}:q"] = stored
        self.constants[f"{name}:scale"] = scales
        self.constants[f"{name}:zero"] = np.zeros(len(scales), stored.dtype)
        parts = [f"{name}:q", f"{name}:scale", f"{name}:zero"]
        self.nodes.append(helper.make_node("DequantizeLinear", parts, [name], axis=0))
        return name


def levels(values: Range) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Scale and zero point of uint8 levels over a range, zero being one of them."""
    low, high = min(values[0], 0.0), max(values[1], 0.0)
    scale = max(high - low, _SMALLEST) / _LARGEST_ACTIVATION
    return np.array(scale, np.float32), np.array(round(-low / scale), np.uint8)
