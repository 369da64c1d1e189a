"""Convert the three networks of MTCNN from PyTorch state dicts to ONNX, without PyTorch.

A `.pt` file is a pickle, and a pickle can run anything. The reader below allows the handful of
names that a state dict of float tensors needs and refuses every other one.
"""

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np
from graph import constant, floats, model
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper

# First number in a file of PyTorch's format before 1.6, and the version of that format.
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001

Weights = dict[str, NDArray[np.float32]]


class _Pending(NamedTuple):
    """A tensor whose numbers come later in the file."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def _pending_tensor(
    storage: str, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> _Pending:
    return _Pending(storage, offset, shape, stride)


class _StateDictUnpickler(pickle.Unpickler):
    """Reads float tensors in an ordered dict, and nothing else."""

    allowed: ClassVar[dict[tuple[str, str], Callable[..., Any] | str]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _pending_tensor,
        ("torch", "FloatStorage"): "float32",
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a state dict of floats")
        return self.allowed[module, name]

    def persistent_load(self, reference: Any) -> str:
        kind, _type, key, _location, _size, view = reference
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("a state dict holds whole storages only")
        return str(key)


def read_state_dict(data: bytes) -> Weights:
    """The float32 tensors, by name, of a `.pt` file in PyTorch's format before 1.6.

    Raises ValueError or pickle.UnpicklingError when it holds anything else.
    """
    file = io.BytesIO(data)

    def load() -> Any:
        return _StateDictUnpickler(file).load()

    magic, protocol, system = load(), load(), load()
    if magic != _MAGIC or protocol != _PROTOCOL or not system["little_endian"]:
        raise ValueError("this is not a state dict in PyTorch's old format")
    pending, order = load(), load()
    storages: dict[str, bytes] = {}
    for key in order:
        count = int.from_bytes(file.read(8), "little")
        storages[key] = file.read(4 * count)
    # Made from a buffer, an array whose shape and strides leave it is refused.
    return {
        name: np.ndarray(
            tensor.shape,
            "<f4",
            storages[tensor.storage],
            4 * tensor.offset,
            [4 * step for step in tensor.stride],
        )
        for name, tensor in pending.items()
    }


class _Network:
    """A chain of layers named as in the state dict."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self.initialisers: list[TensorProto] = []
        self.last = "crops"

    def _parameter(self, name: str, shape: tuple[int, ...] | None = None) -> str:
        values = self.weights[name]
        self.initialisers.append(constant(name, values if shape is None else values.reshape(shape)))
        return name

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def convolution(self, name: str) -> str:
        """A VALID convolution at stride 1; the result's name is the layer's."""
        parts = [self.last, self._parameter(f"{name}.weight"), self._parameter(f"{name}.bias")]
        return self._add("Conv", parts, name)

    def dense(self, name: str) -> str:
        """A fully connected layer; the result's name is the layer's."""
        parts = [self.last, self._parameter(f"{name}.weight"), self._parameter(f"{name}.bias")]
        return self._add("Gemm", parts, name, transB=1)

    def rectified(self, layer: str, index: int) -> None:
        """PReLU number `index` after `layer`."""
        name = f"prelu{index}"
        spatial = (-1, 1, 1) if layer.startswith("conv") else (-1,)
        self.last = self._add(
            "PRelu", [layer, self._parameter(f"{name}.weight", spatial)], f"{layer}:prelu"
        )

    def pooled(self, size: int) -> None:
        """Max pooling at stride 2; a window that sticks out of the picture still counts."""
        self.last = self._add(
            "MaxPool",
            [self.last],
            f"{self.last}:pool",
            kernel_shape=[size, size],
            strides=[2, 2],
            ceil_mode=1,
        )

    def flattened(self) -> None:
        """To one row a crop, in the order width, height, channel of the first (Matlab) weights."""
        turned = self._add("Transpose", [self.last], "turned", perm=[0, 3, 2, 1])
        self.last = self._add("Flatten", [turned], "flat", axis=1)

    def output(self, layer: str, name: str) -> None:
        """Publish `layer` as it is."""
        self._add("Identity", [layer], name)

    def face_probability(self, layer: str) -> None:
        """Publish the second of two softmax classes as `faces`."""
        both = self._add("Softmax", [layer], f"{layer}:softmax", axis=1)
        self.initialisers.append(constant("face", np.array(1, np.int64)))
        self._add("Gather", [both, "face"], "faces", axis=1)


def proposal_network(weights: Weights) -> ModelProto:
    """P-Net: crops [N, 3, H, W] to boxes [N, 4, h, w] and faces [N, h, w]."""
    net = _Network(weights)
    for index in (1, 2, 3):
        net.rectified(net.convolution(f"conv{index}"), index)
        if index == 1:
            net.pooled(2)
    net.face_probability(net.convolution("conv4_1"))
    net.output(net.convolution("conv4_2"), "boxes")
    return model(
        "mtcnn-pnet",
        net.nodes,
        [floats("crops", ["N", 3, "H", "W"])],
        [floats("boxes", ["N", 4, "h", "w"]), floats("faces", ["N", "h", "w"])],
        net.initialisers,
    )


def refinement_network(weights: Weights) -> ModelProto:
    """R-Net: crops [N, 3, 24, 24] to boxes [N, 4] and faces [N]."""
    net = _Network(weights)
    for index, pool in ((1, 3), (2, 3), (3, None)):
        net.rectified(net.convolution(f"conv{index}"), index)
        if pool is not None:
            net.pooled(pool)
    net.flattened()
    net.rectified(net.dense("dense4"), 4)
    net.face_probability(net.dense("dense5_1"))
    net.output(net.dense("dense5_2"), "boxes")
    return model(
        "mtcnn-rnet",
        net.nodes,
        [floats("crops", ["N", 3, 24, 24])],
        [floats("boxes", ["N", 4]), floats("faces", ["N"])],
        net.initialisers,
    )


def output_network(weights: Weights) -> ModelProto:
    """O-Net: crops [N, 3, 48, 48] to boxes [N, 4], landmarks [N, 10] and faces [N]."""
    net = _Network(weights)
    for index, pool in ((1, 3), (2, 3), (3, 2), (4, None)):
        net.rectified(net.convolution(f"conv{index}"), index)
        if pool is not None:
            net.pooled(pool)
    net.flattened()
    net.rectified(net.dense("dense5"), 5)
    net.face_probability(net.dense("dense6_1"))
    net.output(net.dense("dense6_2"), "boxes")
    net.output(net.dense("dense6_3"), "landmarks")
    return model(
        "mtcnn-onet",
        net.nodes,
        [floats("crops", ["N", 3, 48, 48])],
        [floats("boxes", ["N", 4]), floats("landmarks", ["N", 10]), floats("faces", ["N"])],
        net.initialisers,
    )
