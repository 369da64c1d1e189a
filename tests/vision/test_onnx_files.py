import numpy as np
import pytest

from photoclust.vision.onnx_files import refers_outside

onnx = pytest.importorskip("onnx", reason="needs onnx: install the extra `build`")
helper, numpy_helper = onnx.helper, onnx.numpy_helper


def tensor(outside=False):
    made = numpy_helper.from_array(np.arange(300, dtype=np.float32), "weights")
    if outside:
        made.ClearField("raw_data")
        made.data_location = onnx.TensorProto.EXTERNAL
        made.external_data.add(key="location", value="weights.bin")
    return made


def graph(initializers=(), nodes=(), sparse=()):
    return helper.make_graph(
        list(nodes), "test", [], [], list(initializers), sparse_initializer=list(sparse)
    )


def sparse(values):
    indices = numpy_helper.from_array(np.arange(300, dtype=np.int64), "at")
    return helper.make_sparse_tensor(values, indices, [1000])


def in_initializer(part):
    return helper.make_model(graph([tensor(), part]))


def in_sparse_initializer(part):
    return helper.make_model(graph(sparse=[sparse(part)]))


def in_constant(part):
    return helper.make_model(graph(nodes=[helper.make_node("Constant", [], ["x"], value=part)]))


def in_list_of_tensors(part):
    node = helper.make_node("Odd", [], ["x"])
    node.attribute.append(helper.make_attribute("parts", [tensor(), part]))
    return helper.make_model(graph(nodes=[node]))


def in_branch(part):
    node = helper.make_node("If", ["c"], ["x"], then_branch=graph(), else_branch=graph([part]))
    return helper.make_model(graph(nodes=[node]))


def in_branches_within_branches(part):
    inner = graph([part])
    for _ in range(20):
        inner = graph(nodes=[helper.make_node("If", ["c"], ["x"], then_branch=inner)])
    return helper.make_model(inner)


def in_function(part):
    model = helper.make_model(graph())
    node = helper.make_node("Constant", [], ["x"], value=part)
    function = helper.make_function("own", "F", [], ["x"], [node], [helper.make_opsetid("", 18)])
    model.functions.append(function)
    return model


def in_training(part):
    model = helper.make_model(graph())
    model.training_info.add().initialization.CopyFrom(graph([part]))
    return model


PLACES = [
    in_initializer,
    in_sparse_initializer,
    in_constant,
    in_list_of_tensors,
    in_branch,
    in_branches_within_branches,
    in_function,
    in_training,
]


@pytest.mark.parametrize("place", PLACES)
def test_weights_in_another_file_are_found_wherever_they_are_named(place):
    assert not refers_outside(place(tensor()).SerializeToString())
    assert refers_outside(place(tensor(outside=True)).SerializeToString())


def test_one_of_both_marks_is_enough():
    for field in ("data_location", "external_data"):
        part = tensor(outside=True)
        part.ClearField(field)
        assert refers_outside(in_initializer(part).SerializeToString())


def test_a_tensor_that_says_that_it_is_here_is_here():
    part = tensor()
    part.data_location = onnx.TensorProto.DEFAULT
    assert not refers_outside(in_initializer(part).SerializeToString())


def test_every_bundled_network_is_complete(repository):
    for path in (repository / "resources" / "models").glob("*.onnx"):
        assert not refers_outside(path.read_bytes())


@pytest.mark.parametrize("data", [b"\xff" * 20, b"\x3a\xff\x7f", b"\x0b", b"\x09\x00", b"\x80"])
def test_what_is_no_onnx_file_is_not_taken_for_a_complete_one(data):
    assert refers_outside(data)


def test_a_cut_file_is_not_taken_for_a_complete_one():
    data = in_initializer(tensor()).SerializeToString()
    assert refers_outside(data[:-1])
