"""What is trained behind a network, as nodes of ONNX: behind its graph, or as a graph alone."""

from collections.abc import Sequence

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from photoclust.core.errors import InternalError
from photoclust.training.adapter import ResidualAdapter
from photoclust.training.bundled import OUTPUT
from photoclust.training.graph_edits import BRANCH
from photoclust.training.guarded import REACH, GuardedBlocks
from photoclust.training.heads import ProjectionHead

Tail = Sequence[torch.nn.Module]
"""Adapters and projections, in the order in which they are applied: unit vectors to unit vectors.
GuardedBlocks also take those that the branch of the graph gives.
"""
INPUT = "of"
"""The input of a tail alone: unit vectors of the network that it belongs behind."""
_WITHOUT = "tail:input"


def add_tail(model: onnx.ModelProto, tail: Tail) -> None:
    """Put `tail` between the unit vectors of `model` and its output; `model` is changed."""
    if not tail:
        return
    graph = model.graph
    (last,) = (node for node in graph.node if OUTPUT in node.output)
    last.output[list(last.output).index(OUTPUT)] = _WITHOUT
    (output,) = graph.output
    size = output.type.tensor_type.shape.dim[1].dim_value
    output.type.tensor_type.shape.dim[1].dim_value = _add(graph, tail, _WITHOUT, int(size))


def tail_alone(tail: Tail, size: int, opset: int) -> onnx.ModelProto:
    """`tail` as a model of its own, from INPUT [N, size] to OUTPUT."""
    graph = helper.make_graph(
        [],
        "tail",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", size])],
        [],
    )
    wide = _add(graph, tail, INPUT, size)
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", wide]))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def _add(graph: onnx.GraphProto, tail: Tail, source: str, size: int) -> int:
    """Add the nodes of `tail` from `source` [N, size] to OUTPUT; the size of that."""
    for number, part in enumerate(tail):
        target = OUTPUT if number == len(tail) - 1 else f"tail{number}:output"
        match part:
            case ResidualAdapter():
                _add_adapter(graph, part, (source, target), f"tail{number}")
                wide, fits = size, part.detectors.shape[1]
            case GuardedBlocks():
                _add_guarded(graph, part, (source, target), f"tail{number}")
                wide, fits = size, part.adapter.detectors.shape[1]
            case ProjectionHead():
                _add_projection(graph, part, (source, target), f"tail{number}")
                wide, fits = part.projection.weight.shape
            case _:
                raise InternalError(f"{type(part).__name__} cannot be written as ONNX")
        if fits != size:
            raise InternalError(f"a layer for {fits} numbers cannot follow {size} of them")
        source, size = target, wide
    return size


def _add_adapter(
    graph: onnx.GraphProto, adapter: ResidualAdapter, ends: tuple[str, str], name: str
) -> None:
    source, target = ends
    longer = f"{name}:longer"
    _, pushed = _add_answers(graph, adapter, source, name)
    graph.node.extend(
        [
            helper.make_node("Add", [source, pushed], [longer]),
            helper.make_node("LpNormalization", [longer], [target], axis=1, p=2),
        ]
    )


def _add_guarded(
    graph: onnx.GraphProto, blocks: GuardedBlocks, ends: tuple[str, str], name: str
) -> None:
    """From the vectors of the end as it was and those of `graph_edits.add_branch`."""
    source, target = ends
    trained = f"{BRANCH}{OUTPUT}"
    if not any(trained in node.output for node in graph.node):
        trained = source
    answers, pushed = _add_answers(graph, blocks.adapter, source, name)
    # Each node takes what is named, and gives what stands first.
    steps = [
        ("total", "ReduceSum", (answers, f"{name}:axes")),
        ("open", "Mul", (f"{name}:total", f"{name}:slope")),
        ("weight", "Min", (f"{name}:open", f"{name}:one")),
        ("apart", "Sub", (trained, source)),
        ("taken", "Mul", (f"{name}:weight", f"{name}:apart")),
        ("moved", "Add", (f"{name}:taken", pushed)),
        ("longer", "Add", (source, f"{name}:moved")),
        ("unit", "LpNormalization", (f"{name}:longer",)),
        ("answered", "Greater", (f"{name}:weight", f"{name}:zero")),
    ]
    for output, operator, inputs in steps:
        graph.node.append(helper.make_node(operator, inputs, [f"{name}:{output}"]))
    graph.node.append(
        helper.make_node("Where", [f"{name}:answered", f"{name}:unit", source], [target])
    )
    graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), f"{name}:axes"))
    for constant, value in (("slope", 1 / REACH), ("one", 1.0), ("zero", 0.0)):
        _add_tensor(graph, f"{name}:{constant}", torch.tensor(value))


def _add_answers(
    graph: onnx.GraphProto, adapter: ResidualAdapter, source: str, name: str
) -> tuple[str, str]:
    """Add what the units of `adapter` say to `source`, and how far they push it; their names."""
    if not len(adapter.thresholds):
        raise InternalError("an adapter without units changes nothing")
    detectors, bias, pushes = (f"{name}:{part}" for part in ("detectors", "bias", "pushes"))
    above, answers, pushed = (f"{name}:{part}" for part in ("above", "answers", "pushed"))
    graph.node.extend(
        [
            helper.make_node("Gemm", [source, detectors, bias], [above], transB=1),
            helper.make_node("Relu", [above], [answers]),
            helper.make_node("MatMul", [answers, pushes], [pushed]),
        ]
    )
    _add_tensor(graph, detectors, adapter.detectors)
    _add_tensor(graph, bias, -adapter.thresholds)
    _add_tensor(graph, pushes, adapter.pushes)
    return answers, pushed


def _add_projection(
    graph: onnx.GraphProto, head: ProjectionHead, ends: tuple[str, str], name: str
) -> None:
    source, target = ends
    weights, projected = f"{name}:weights", f"{name}:projected"
    graph.node.extend(
        [
            helper.make_node("Gemm", [source, weights], [projected], transB=1),
            helper.make_node("LpNormalization", [projected], [target], axis=1, p=2),
        ]
    )
    _add_tensor(graph, weights, head.projection.weight)


def _add_tensor(graph: onnx.GraphProto, name: str, tensor: torch.Tensor) -> None:
    values = np.ascontiguousarray(tensor.detach().cpu().numpy(), np.float32)
    graph.initializer.append(numpy_helper.from_array(values, name))
