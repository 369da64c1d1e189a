"""A tail as nodes of ONNX, against torch; what becomes of whole files is in `test_export`."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

torch = pytest.importorskip("torch")

from photoclust.core.errors import InternalError
from photoclust.training.adapter import ResidualAdapter
from photoclust.training.heads import ProjectionHead
from photoclust.training.tail_graph import add_tail, tail_alone

pytestmark = pytest.mark.train


def adapter(size=6, units=3, seed=1):
    made = ResidualAdapter(units, size, slack=0.4)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(0, 0.6, generator=generator)
    return made


def projection(size, to):
    return ProjectionHead(size, to, generator=torch.Generator().manual_seed(2))


TAILS = {
    "adapter": lambda: [adapter()],
    "projection": lambda: [projection(6, 4)],
    "both": lambda: [adapter(), projection(6, 4)],
    "two of each": lambda: [adapter(), adapter(seed=3), projection(6, 4), projection(4, 9)],
    "nothing": list,
}


def network():
    """Gives what it is given, under the names of the bundled one's input and output."""
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 6])
        for name in ("crops", "vectors")
    ]
    node = helper.make_node("Identity", ["crops"], ["vectors"])
    graph = helper.make_graph([node], "network", ends[:1], ends[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def computed(model, name, vectors):
    onnx.checker.check_model(model, full_check=True)
    (found,) = ReferenceEvaluator(model).run(["vectors"], {name: vectors})
    size = model.graph.output[0].type.tensor_type.shape.dim[1].dim_value
    assert found.shape == (len(vectors), size)
    return found


@pytest.mark.parametrize("name", TAILS)
@pytest.mark.parametrize("training", [False, True])
def test_a_tail_behind_a_network_and_alone(make_faces, name, training):
    tail = torch.nn.Sequential(*TAILS[name]())
    vectors = make_faces(0, [4] * 5, dimension=6)[0]
    with torch.no_grad():
        expected = tail.eval()(torch.from_numpy(vectors)).numpy()
        early = tail.train()(torch.from_numpy(vectors)).numpy()
    assert np.allclose(expected, early) == (name in ("projection", "nothing"))
    tail.train(training)  # a file is of evaluation mode all the same
    behind = network()
    add_tail(behind, list(tail))
    np.testing.assert_allclose(computed(behind, "crops", vectors), expected, atol=1e-6)
    if name != "nothing":
        alone = tail_alone(list(tail), 6, 18)
        np.testing.assert_allclose(computed(alone, "of", vectors), expected, atol=1e-6)


def test_a_network_with_nothing_behind_it_stays_as_it_is():
    model = network()
    add_tail(model, [])
    assert model == network()


@pytest.mark.parametrize(
    ("tail", "told"),
    [
        (lambda: [projection(6, 4), adapter()], "a layer for 6 numbers cannot follow 4"),
        (lambda: [adapter(size=5)], "a layer for 5 numbers cannot follow 6"),
        (lambda: [adapter(units=0)], "without units"),
        (lambda: [torch.nn.Linear(6, 6)], "Linear cannot be written"),
    ],
)
def test_what_cannot_be_written_is_a_bug(tail, told):
    for write in (lambda: add_tail(network(), tail()), lambda: tail_alone(tail(), 6, 18)):
        with pytest.raises(InternalError, match=told):
            write()
