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

import onnx
import torch

from photoclust.core.errors import UserError
from photoclust.core.types import ModelFile
from photoclust.training import graph_edits
from photoclust.training.backbones.stages import Backbone, Preprocessing
from photoclust.training.bundled import INPUT, OUTPUT, read_graph
from photoclust.training.guarded import GuardedBlocks
from photoclust.training.options import IN_USE
from photoclust.training.tail_graph import Tail, add_tail, tail_alone

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


def export_network(backbone: Backbone | None, tail: Tail, path: Path) -> Exported:
    """Write `backbone` with `tail` behind it, as they are in evaluation mode whatever mode they are
    in; None is the bundled network as it is.

    GuardedBlocks in `tail` choose between the bundled network's end and that of `backbone`.
    An Inception-ResNet-v1 keeps 8 bits a weight in the layers that are still the bundled ones; all
    else is float32. Raises UserError when a weight is no number, or `path` cannot be written.
    """
    _require_finite(backbone, *tail)
    if backbone is None:
        model, preprocessing = read_graph(), Preprocessing(_BUNDLED_SIDE)
    elif backbone.name == IN_USE:
        model, preprocessing = read_graph(), backbone.preprocessing
        if any(isinstance(part, GuardedBlocks) for part in tail):
            graph_edits.add_branch(model, backbone.stages.state_dict())
        else:
            graph_edits.replace_weights(model, backbone.stages.state_dict())
    else:
        model, preprocessing = _traced(backbone), backbone.preprocessing
    add_tail(model, tail)
    return _write(model, path, preprocessing)


def export_backbone(backbone: Backbone, path: Path) -> Exported:
    """As `export_network`, with nothing behind it."""
    return export_network(backbone, (), path)


def export_tail(tail: Tail, size: int, path: Path) -> Exported:
    """Write `tail` alone, from the bundled network's unit vectors [N, size], which libraries keep,
    to new ones. Raises as `export_network` does.
    """
    _require_finite(*tail)
    return _write(tail_alone(tail, size, _OPSET), path, Preprocessing(_BUNDLED_SIDE))


def _require_finite(*modules: torch.nn.Module | None) -> None:
    for module in modules:
        for name, tensor in ({} if module is None else module.state_dict()).items():
            if not bool(torch.isfinite(tensor).all()):
                raise UserError(
                    f"{name} of the trained network holds values that are no numbers; train again "
                    "with a lower learning rate"
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


def _write(model: onnx.ModelProto, path: Path, preprocessing: Preprocessing) -> Exported:
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
        int(model.graph.output[0].type.tensor_type.shape.dim[1].dim_value),
        preprocessing.side,
        preprocessing.mean,
        preprocessing.std,
        preprocessing.channel_order,
    )
