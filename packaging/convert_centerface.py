"""Make the published CenterFace graph ready for pictures of any size and number.

The source was exported for ten pictures of 32 px. Its operators (convolutions, transposed
convolutions, additions) hard-code no size, so only the declared shapes change. The initialisers
are also declared as inputs there, which keeps ONNX Runtime from folding them; and the batch norms
after the three transposed convolutions, which ONNX Runtime does not fold, are folded here.
"""

import numpy as np
import onnx
from graph import constant, floats, model
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

INPUT = "images"
END_OF_FIRST_BLOCK = 369
LAST_OF_BACKBONE = 507
OUTPUTS = {"537": ("heat", 1), "538": ("size", 2), "539": ("offset", 2), "540": ("landmarks", 10)}


def convert(data: bytes) -> ModelProto:
    """ONNX model of `data` with symbolic batch, height and width.

    Input: images [N, 3, H, W] float32 RGB 0..255, H and W multiples of 32. Outputs at a quarter of
    that size: heat [N, 1, h, w], size [N, 2, h, w], offset [N, 2, h, w], landmarks [N, 10, h, w].
    Raises ValueError when the file holds anything but the expected network.
    """
    source = onnx.load_model_from_string(data)
    constants = {item.name: numpy_helper.to_array(item) for item in source.graph.initializer}
    inputs = [item.name for item in source.graph.input if item.name not in constants]
    if inputs != ["input.1"] or [item.name for item in source.graph.output] != list(OUTPUTS):
        raise ValueError("this is not the expected CenterFace graph")
    nodes = _fold_batch_norms(list(source.graph.node), constants)
    renamed = {"input.1": INPUT} | {old: new for old, (new, _) in OUTPUTS.items()}
    made = []
    for node in nodes:
        copy = NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [renamed.get(name, name) for name in node.input]
        copy.output[:] = [renamed.get(name, name) for name in node.output]
        made.append(copy)
    used = {name for node in made for name in node.input}
    return model(
        "centerface",
        made,
        [floats(INPUT, ["N", 3, "H", "W"])],
        [floats(name, ["N", channels, "h", "w"]) for name, channels in OUTPUTS.values()],
        [constant(name, values) for name, values in constants.items() if name in used],
    )


def _fold_batch_norms(
    nodes: list[NodeProto], constants: dict[str, NDArray[np.generic]]
) -> list[NodeProto]:
    """Move each batch norm that follows a transposed convolution into its weights and a bias."""
    made: list[NodeProto] = []
    producers: dict[str, NodeProto] = {}
    for node in nodes:
        if node.op_type != "BatchNormalization":
            made.append(node)
            producers[node.output[0]] = node
            continue
        before = producers[node.input[0]]
        if before.op_type != "ConvTranspose" or len(before.input) != 2:
            raise ValueError(f"{before.op_type} before a batch norm is not expected here")
        gamma, beta, mean, variance = (
            constants[name].astype(np.float64) for name in node.input[1:5]
        )
        epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
        factor = gamma / np.sqrt(variance + epsilon)
        weights = before.input[1]
        # A transposed convolution keeps its output channels on the second axis.
        folded = constants[weights].astype(np.float64) * factor[None, :, None, None]
        constants[weights] = folded.astype(np.float32)
        bias = f"{weights}:bias"
        constants[bias] = (beta - mean * factor).astype(np.float32)
        attributes = {a.name: helper.get_attribute_value(a) for a in before.attribute}
        made[made.index(before)] = helper.make_node(
            "ConvTranspose", [before.input[0], weights, bias], [node.output[0]], **attributes
        )
    return made


def is_at_an_end(node: NodeProto) -> bool:
    """Whether `node` is of the first three convolutions, which are no faster in 8 bits, or of the
    neck or the heads: rounded, these ends move boxes and landmarks most.
    """
    name = node.output[0]
    return not name.isdecimal() or not END_OF_FIRST_BLOCK < int(name) < LAST_OF_BACKBONE
