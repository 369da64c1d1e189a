"""Writing a trained network as ONNX, so that it runs where torch is not installed.

Every file maps `crops` [N, 3, side, side] float32 to unit `vectors` [N, dimension], as the bundled
one does, and holds its own weights. The same network gives the same bytes.
"""

import copy
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch

from photoclust.core.errors import UserError
from photoclust.core.types import ModelFile
from photoclust.training import graph_edits
from photoclust.training.backbones.stages import Backbone, Preprocessing
from photoclust.training.bundled import INPUT, OUTPUT, read_graph
from photoclust.training.graph_edits import LinearHead

_OPSET = 18
_BUNDLED_SIDE = 160


@dataclass(frozen=True, slots=True)
class Exported:
    """What a record of the list of models says about a file: see `core.types.ModelSpec`."""

    file: ModelFile
    dimension: int
    input_size: int
    mean: float
    std: float
    channel_order: str


def export_head(head: LinearHead, path: Path) -> Exported:
    """Write the bundled network with `head` behind it, its weights in 8 bits as they are.

    Raises UserError when `head` holds what is no number, or `path` cannot be written.
    """
    if not (np.isfinite(head.weights).all() and np.isfinite(head.bias).all()):
        raise _failed_training("the head")
    model = read_graph()
    graph_edits.add_head(model, head)
    return _write(model, path, len(head.bias), Preprocessing(_BUNDLED_SIDE))


def export_backbone(backbone: Backbone, path: Path) -> Exported:
    """Write `backbone` as it is in evaluation mode, whatever mode it is in.

    An Inception-ResNet-v1 keeps 8 bits a weight in the layers that are still the bundled ones; all
    else is float32. Raises UserError when a weight is no number, or `path` cannot be written.
    """
    for name, tensor in backbone.state_dict().items():
        if not bool(torch.isfinite(tensor).all()):
            raise _failed_training(name)
    if backbone.name == "inception_resnet_v1":
        model = read_graph()
        graph_edits.replace_weights(model, backbone.stages.state_dict())
    else:
        model = _traced(backbone)
    return _write(model, path, backbone.dimension, backbone.preprocessing)


def _failed_training(what: str) -> UserError:
    return UserError(
        f"{what} of the trained network holds values that are no numbers; train again with a "
        "lower learning rate"
    )


def _traced(backbone: Backbone) -> onnx.ModelProto:
    """The graph that torch makes of `backbone`, without what it tells about where it ran."""
    side = backbone.preprocessing.side
    program = torch.onnx.export(
        # A copy, as parts of a network may train while others do not.
        copy.deepcopy(backbone).cpu().eval(),
        # A batch of one would be taken for a constant.
        (torch.zeros(2, 3, side, side),),
        input_names=[INPUT],
        output_names=[OUTPUT],
        opset_version=_OPSET,
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("N")},),
        external_data=False,
        verbose=False,
    )
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    graph = model.graph
    del graph.value_info[:]
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return model


def _write(
    model: onnx.ModelProto, path: Path, dimension: int, preprocessing: Preprocessing
) -> Exported:
    """Check `model` and write it; a file that is there stays whole until the new one is."""
    model.producer_name, model.producer_version = "photoclust", ""
    model.graph.name = "trained"
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot write the model {path} ({error.strerror}); check the folder's permissions and "
            "the free space"
        ) from error
    return Exported(
        ModelFile(path.name, hashlib.sha256(data).hexdigest(), len(data)),
        dimension,
        preprocessing.side,
        preprocessing.mean,
        preprocessing.std,
        preprocessing.channel_order,
    )
