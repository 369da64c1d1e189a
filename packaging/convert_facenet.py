"""Convert David Sandberg's FaceNet from 8-bit TensorFlow Lite to ONNX, the weights as they are.

The TensorFlow Lite graph quantises activations too, with dummy ranges (0 to 6) that were never
calibrated: only its weights, its biases and its topology are used, and the result computes in
float32. Batch norm and the residual scales are already folded into the source's weights.

In a quantised graph a ReLU is nothing but a lower bound of the output's range, so it has no
operator of its own: the name of the output tensor (`…/Relu`) tells where one belongs.
"""

from typing import Any

import numpy as np
import tflite
from graph import constant, floats, model
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper

INPUT, OUTPUT = "crops", "vectors"
_OPTIONS = {
    tflite.BuiltinOperator.CONV_2D: tflite.Conv2DOptions,
    tflite.BuiltinOperator.MAX_POOL_2D: tflite.Pool2DOptions,
    tflite.BuiltinOperator.AVERAGE_POOL_2D: tflite.Pool2DOptions,
    tflite.BuiltinOperator.CONCATENATION: tflite.ConcatenationOptions,
}


class _Converter:
    """Walks the operators of a TensorFlow Lite graph once and collects ONNX nodes for them."""

    def __init__(self, data: bytes) -> None:
        self.source = tflite.Model.GetRootAs(data, 0)
        self.graph = self.source.Subgraphs(0)
        self.nodes: list[NodeProto] = []
        self.initialisers: list[TensorProto] = []
        self.inputs = [int(i) for i in self.graph.InputsAsNumpy()]
        self.outputs = [int(i) for i in self.graph.OutputsAsNumpy()]

    def name(self, tensor: int) -> str:
        if tensor in self.inputs:
            return INPUT
        return str(self.graph.Tensors(tensor).Name().decode())

    def values(self, tensor: int) -> tuple[NDArray[np.generic], float, int]:
        """A constant tensor in its stored integers, its scale and its zero point."""
        meta = self.graph.Tensors(tensor)
        raw = self.source.Buffers(meta.Buffer()).DataAsNumpy()
        types = {tflite.TensorType.UINT8: np.uint8, tflite.TensorType.INT32: np.int32}
        quantisation = meta.Quantization()
        if quantisation.ScaleLength() != 1 or quantisation.ZeroPointLength() != 1:
            raise ValueError(f"{self.name(tensor)}: expected one scale for the whole tensor")
        stored = np.frombuffer(raw.tobytes(), dtype=types[meta.Type()])
        shaped = stored.reshape(meta.ShapeAsNumpy())
        return shaped, float(quantisation.Scale(0)), int(quantisation.ZeroPoint(0))

    def weights(self, tensor: int, layout: tuple[int, ...]) -> str:
        """Store 8-bit weights, axes permuted to `layout`, and a node that turns them to float32."""
        name = self.name(tensor)
        stored, scale, zero = self.values(tensor)
        if stored.dtype != np.uint8:
            raise ValueError(f"{name}: expected 8-bit weights")
        self.initialisers += [
            constant(f"{name}:q", stored.transpose(layout)),
            constant(f"{name}:scale", np.array(scale, np.float32)),
            constant(f"{name}:zero", np.array(zero, np.uint8)),
        ]
        parts = [f"{name}:q", f"{name}:scale", f"{name}:zero"]
        self.nodes.append(helper.make_node("DequantizeLinear", parts, [name]))
        return name

    def bias(self, tensor: int) -> str:
        """Store a bias as float32: real = scale * (q - zero), rounded once."""
        name = self.name(tensor)
        stored, scale, zero = self.values(tensor)
        real = scale * (stored.astype(np.float64) - zero)
        self.initialisers.append(constant(name, real.astype(np.float32)))
        return name

    def emit(self, kind: str, inputs: list[str], output: int, **attributes: Any) -> None:
        """Add a node, followed by a ReLU where the output's name asks for one."""
        name = self.name(output)
        rectified = name.endswith("/Relu")
        raw = f"{name}:linear" if rectified else name
        self.nodes.append(helper.make_node(kind, inputs, [raw], **attributes))
        if rectified:
            self.nodes.append(helper.make_node("Relu", [raw], [name]))

    def convolution(self, inputs: list[int], output: int, options: Any) -> None:
        kernel = [int(side) for side in self.graph.Tensors(inputs[1]).ShapeAsNumpy()[1:3]]
        if options.DilationHFactor() != 1 or options.DilationWFactor() != 1:
            raise ValueError(f"{self.name(output)}: dilation is not expected")
        strides = [options.StrideH(), options.StrideW()]
        parts = [self.name(inputs[0]), self.weights(inputs[1], (0, 3, 1, 2)), self.bias(inputs[2])]
        pads = _padding(options.Padding(), kernel, strides)
        self.emit("Conv", parts, output, kernel_shape=kernel, strides=strides, pads=pads)

    def pool(self, kind: str, inputs: list[int], output: int, options: Any) -> None:
        kernel = [options.FilterHeight(), options.FilterWidth()]
        strides = [options.StrideH(), options.StrideW()]
        pads = _padding(options.Padding(), kernel, strides)
        parts = [self.name(inputs[0])]
        self.emit(kind, parts, output, kernel_shape=kernel, strides=strides, pads=pads)

    def concatenation(self, inputs: list[int], output: int, options: Any) -> None:
        if options.Axis() != 3:
            raise ValueError(f"{self.name(output)}: expected to join channels")
        self.emit("Concat", [self.name(i) for i in inputs], output, axis=1)

    def dense(self, inputs: list[int], output: int) -> None:
        flat = f"{self.name(inputs[0])}:flat"
        self.nodes.append(helper.make_node("Flatten", [self.name(inputs[0])], [flat], axis=1))
        parts = [flat, self.weights(inputs[1], (0, 1)), self.bias(inputs[2])]
        self.emit("Gemm", parts, output, transB=1)

    def convert(self) -> None:
        operators = tflite.BuiltinOperator
        for index in range(self.graph.OperatorsLength()):
            operator = self.graph.Operators(index)
            record = self.source.OperatorCodes(operator.OpcodeIndex())
            code = max(record.BuiltinCode(), record.DeprecatedBuiltinCode())
            inputs = [int(i) for i in operator.InputsAsNumpy()]
            output = int(operator.OutputsAsNumpy()[0])
            options = None
            if code in _OPTIONS:
                table = operator.BuiltinOptions()
                options = _OPTIONS[code]()
                options.Init(table.Bytes, table.Pos)
            if code == operators.CONV_2D:
                self.convolution(inputs, output, options)
            elif code == operators.MAX_POOL_2D:
                self.pool("MaxPool", inputs, output, options)
            elif code == operators.AVERAGE_POOL_2D:
                self.pool("AveragePool", inputs, output, options)
            elif code == operators.CONCATENATION:
                self.concatenation(inputs, output, options)
            elif code == operators.ADD:
                self.emit("Add", [self.name(i) for i in inputs], output)
            elif code == operators.FULLY_CONNECTED:
                self.dense(inputs, output)
            elif code == operators.RESHAPE:
                # [1, 512] to [1, 1, 1, 512] and back: leftovers of the folded batch norm.
                self.emit("Identity", [self.name(inputs[0])], output)
            else:
                raise ValueError(f"operator {code} is not expected in this network")


def _padding(kind: int, kernel: list[int], strides: list[int]) -> list[int]:
    """ONNX pads (top, left, bottom, right) of a TensorFlow padding mode."""
    if kind == tflite.Padding.VALID:
        return [0, 0, 0, 0]
    if strides != [1, 1] or any(side % 2 == 0 for side in kernel):
        raise ValueError("SAME padding is symmetric, and known here, only at stride 1, odd kernel")
    return [kernel[0] // 2, kernel[1] // 2] * 2


def convert(data: bytes) -> ModelProto:
    """ONNX model of `data`: crops [N, 3, 160, 160] float32 to unit vectors [N, 512] float32.

    Raises ValueError when the file holds anything but the expected network.
    """
    converter = _Converter(data)
    converter.convert()
    last = converter.name(converter.outputs[0])
    nodes = [*converter.nodes, helper.make_node("LpNormalization", [last], [OUTPUT], axis=1, p=2)]
    return model(
        "facenet-vggface2",
        nodes,
        [floats(INPUT, ["N", 3, 160, 160])],
        [floats(OUTPUT, ["N", 512])],
        converter.initialisers,
    )


def is_sensitive(node: NodeProto) -> bool:
    """Whether `node` is of the first two convolutions or a residual sum.

    Rounded to 8 bits, what the first convolutions hand on costs more cosine than all other
    activations together, and the sums as much as the rest; both are a small part of the work.
    """
    layers = ("InceptionResnetV1/Conv2d_1a_3x3/", "InceptionResnetV1/Conv2d_2a_3x3/")
    return node.op_type == "Add" or bool(node.output[0].startswith(layers))
