"""The bundled FaceNet as a graph of ONNX, and as the weights of facenet-pytorch's network.

In the graph, batch norm and the residual scales are folded into 8-bit weights and float32 biases;
here they are unfolded to weights that `facenet_pytorch.InceptionResnetV1` computes the same with,
and folded again. ONNX Runtime is not needed to read it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from photoclust.core.errors import ModelError
from photoclust.core.paths import resource

FILE = "facenet-vggface2.onnx"
INPUT, OUTPUT = "crops", "vectors"
RAW_OUTPUT = "embeddings"
"""The vectors before they are divided by their length."""
_ROOT = "InceptionResnetV1"
_EPSILON = 0.001
"""Of batch norm, from TensorFlow."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer under its names in both: tensors of the graph, modules of facenet-pytorch.

    `norm` is the batch norm behind `linear`, None where `linear` has a bias instead. What comes
    out is multiplied by `scale` before it is added to what the block got.
    """

    weights: str
    bias: str
    linear: str
    norm: str | None
    scale: float = 1.0

    @property
    def keys(self) -> tuple[str, ...]:
        """The entries of a state dict that this layer computes with."""
        if self.norm is None:
            return f"{self.linear}.weight", f"{self.linear}.bias"
        parts = ("weight", "bias", "running_mean", "running_var")
        return f"{self.linear}.weight", *(f"{self.norm}.{part}" for part in parts)


_STEM = {
    "Conv2d_1a_3x3": "conv2d_1a",
    "Conv2d_2a_3x3": "conv2d_2a",
    "Conv2d_2b_3x3": "conv2d_2b",
    "Conv2d_3b_1x1": "conv2d_3b",
    "Conv2d_4a_3x3": "conv2d_4a",
    "Conv2d_4b_3x3": "conv2d_4b",
}
_BLOCK35 = {
    "Branch_0/Conv2d_1x1": "branch0",
    "Branch_1/Conv2d_0a_1x1": "branch1.0",
    "Branch_1/Conv2d_0b_3x3": "branch1.1",
    "Branch_2/Conv2d_0a_1x1": "branch2.0",
    "Branch_2/Conv2d_0b_3x3": "branch2.1",
    "Branch_2/Conv2d_0c_3x3": "branch2.2",
}
_BLOCK17 = {
    "Branch_0/Conv2d_1x1": "branch0",
    "Branch_1/Conv2d_0a_1x1": "branch1.0",
    "Branch_1/Conv2d_0b_1x7": "branch1.1",
    "Branch_1/Conv2d_0c_7x1": "branch1.2",
}
_BLOCK8 = {
    "Branch_0/Conv2d_1x1": "branch0",
    "Branch_1/Conv2d_0a_1x1": "branch1.0",
    "Branch_1/Conv2d_0b_1x3": "branch1.1",
    "Branch_1/Conv2d_0c_3x1": "branch1.2",
}
_MIXED_6A = {
    "Branch_0/Conv2d_1a_3x3": "branch0",
    "Branch_1/Conv2d_0a_1x1": "branch1.0",
    "Branch_1/Conv2d_0b_3x3": "branch1.1",
    "Branch_1/Conv2d_1a_3x3": "branch1.2",
}
_MIXED_7A = {
    "Branch_0/Conv2d_0a_1x1": "branch0.0",
    "Branch_0/Conv2d_1a_3x3": "branch0.1",
    "Branch_1/Conv2d_0a_1x1": "branch1.0",
    "Branch_1/Conv2d_1a_3x3": "branch1.1",
    "Branch_2/Conv2d_0a_1x1": "branch2.0",
    "Branch_2/Conv2d_0b_3x3": "branch2.1",
    "Branch_2/Conv2d_1a_3x3": "branch2.2",
}


def _convolutions(names: Mapping[str, str], theirs: str = "", ours: str = "") -> Iterator[Layer]:
    for source, target in names.items():
        name = f"{_ROOT}/{theirs}{source}"
        module = f"{ours}{target}"
        yield Layer(f"{name}/weights", f"{name}/Conv2D_bias", f"{module}.conv", f"{module}.bn")


def _residual(names: Mapping[str, str], theirs: str, ours: str, scale: float) -> Iterator[Layer]:
    yield from _convolutions(names, f"{theirs}/", f"{ours}.")
    up = f"{_ROOT}/{theirs}/Conv2d_1x1"
    yield Layer(f"{up}/weights", f"{up}/Conv2D_bias", f"{ours}.conv2d", None, scale)


def _layers() -> Iterator[Layer]:
    yield from _convolutions(_STEM)
    for place in range(5):
        yield from _residual(_BLOCK35, f"Repeat/block35_{place + 1}", f"repeat_1.{place}", 0.17)
    yield from _convolutions(_MIXED_6A, "Mixed_6a/", "mixed_6a.")
    for place in range(10):
        yield from _residual(_BLOCK17, f"Repeat_1/block17_{place + 1}", f"repeat_2.{place}", 0.10)
    yield from _convolutions(_MIXED_7A, "Mixed_7a/", "mixed_7a.")
    for place in range(5):
        yield from _residual(_BLOCK8, f"Repeat_2/block8_{place + 1}", f"repeat_3.{place}", 0.20)
    yield from _residual(_BLOCK8, "Block8", "block8", 1.0)
    last = f"{_ROOT}/Bottleneck"
    yield Layer(f"{last}/weights/transpose", f"{last}/MatMul_bias", "last_linear", "last_bn")


LAYERS = tuple(_layers())


def read_graph(path: Path | None = None) -> onnx.ModelProto:
    """The graph at `path`, by default the bundled one. Raises ModelError when it cannot be read."""
    path = resource("models", FILE) if path is None else path
    try:
        return onnx.load(path, load_external_data=False)
    except Exception as error:  # onnx names no error of its own for a damaged file
        raise ModelError(
            f"the model file {path} cannot be read ({error}); install photoclust again"
        ) from error


def unfolded(graph: onnx.ModelProto) -> dict[str, torch.Tensor]:
    """State dict of `facenet_pytorch.InceptionResnetV1` that computes as `graph` does.

    Batch norm keeps the folded bias alone: weight 1, mean 0, and a variance that makes 1 with its
    ε. Raises ModelError when a layer is missing.
    """
    tensors = {tensor.name: tensor for tensor in graph.graph.initializer}
    state: dict[str, torch.Tensor] = {}
    try:
        for layer in LAYERS:
            parts = (tensors[f"{layer.weights}:{part}"] for part in ("q", "scale", "zero"))
            stored, step, zero = (onnx.numpy_helper.to_array(part) for part in parts)
            weights = (stored.astype(np.int32) - zero.astype(np.int32)).astype(np.float32) * step
            bias = onnx.numpy_helper.to_array(tensors[layer.bias])
            state |= _unfolded_layer(layer, weights / layer.scale, bias / layer.scale)
    except KeyError as error:
        raise ModelError(
            f"the bundled FaceNet lacks the tensor {error.args[0]}; install photoclust again"
        ) from error
    return state


def _unfolded_layer(
    layer: Layer, weights: NDArray[np.floating], bias: NDArray[np.floating]
) -> dict[str, torch.Tensor]:
    numbers = [torch.tensor(weights, dtype=torch.float32), torch.tensor(bias, dtype=torch.float32)]
    if layer.norm is not None:
        (width,) = bias.shape
        numbers.insert(1, torch.ones(width))
        numbers += [torch.zeros(width), torch.full((width,), 1 - _EPSILON)]
    state = dict(zip(layer.keys, numbers, strict=True))
    if layer.norm is not None:
        state[f"{layer.norm}.num_batches_tracked"] = torch.tensor(0)
    return state


def folded(
    layer: Layer, state: Mapping[str, torch.Tensor]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and bias of `layer` with batch norm and residual scale in them, rounded once."""
    weights, *rest = (state[key].cpu().double().numpy() for key in layer.keys)
    if layer.norm is None:
        (bias,) = rest
        factor = np.full(len(bias), layer.scale)
        bias = bias * layer.scale
    else:
        gain, offset, mean, variance = rest
        factor = gain / np.sqrt(variance + _EPSILON)
        bias = offset - mean * factor
    across = factor.reshape(-1, *(1 for _ in weights.shape[1:]))
    return (weights * across).astype(np.float32), bias.astype(np.float32)
