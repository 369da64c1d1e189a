"""The script that makes the 8-bit forms of the models: exact weights, sums that cannot overflow."""

import importlib
import sys

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the extra `build` is not installed")
import onnxruntime  # noqa: E402 - after what may skip the module
from onnx import TensorProto, helper, numpy_helper  # noqa: E402 - needs the extra


@pytest.fixture(scope="module")
def script(repository):
    sys.path.insert(0, str(repository / "packaging"))
    yield importlib.import_module("quantise")
    sys.path.pop(0)
    for name in ("quantise", "equalise", "graph"):
        sys.modules.pop(name)


@pytest.fixture(scope="module")
def equalise(script):
    return sys.modules["equalise"]


def pair_sums(weights):
    """The largest sum of two weights of one sign that stand side by side, in either order."""
    flat = [weights.reshape(len(weights), -1)]
    if weights.ndim == 4:
        flat.append(np.moveaxis(weights, 1, -1).reshape(len(weights), -1))
    largest = 0
    for rows in flat:
        for row in rows.astype(int):
            for first, second in zip(row[::2], row[1::2], strict=False):
                largest = max(largest, abs(first + second) if first * second > 0 else 0)
    return largest


def test_weights_on_a_grid_stay_exact_where_they_fit(script):
    whole = np.random.default_rng(0).integers(-60, 61, (8, 4, 3, 3))
    stored, scales = script.integer_weights((whole * 0.25).astype(np.float32), 0.25)
    np.testing.assert_array_equal(stored, whole)
    np.testing.assert_array_equal(scales, np.float32(0.25))


@pytest.mark.parametrize("shape", [(5, 3, 3, 3), (6, 7), (4, 16, 1, 7), (3, 1)])
@pytest.mark.parametrize("step", [None, 0.01])
def test_no_two_products_can_overflow_16_bits(script, shape, step):
    rng = np.random.default_rng(1)
    weights = (rng.integers(-160, 161, shape) * 0.01).astype(np.float32)
    stored, scales = script.integer_weights(weights, step)
    assert 255 * pair_sums(stored) <= 2**15 - 1
    assert np.abs(stored.astype(int)).max() <= 127
    # Rounded, no more: half a step at most.
    real = stored * scales.reshape(-1, *[1] * (len(shape) - 1))
    error = np.abs(real - weights).reshape(len(weights), -1).max(axis=1)
    assert (error <= scales / 2 + 1e-6).all()
    assert (scales <= 2.6 * np.abs(weights).max() / 127).all()


def test_what_is_no_matrix_product_keeps_all_eight_bits(script):
    weights = np.full((2, 1, 3, 3), 127.0, np.float32)
    assert script.integer_weights(weights, 1.0, paired=False)[0].max() == 127
    assert script.integer_weights(weights, 1.0)[0].max() == 64


def test_a_channel_of_nothing_is_nothing(script):
    stored, scales = script.integer_weights(np.zeros((2, 3), np.float32))
    assert not stored.any()
    assert np.isfinite(scales).all()


@pytest.mark.parametrize(
    ("values", "zero"), [((-1.0, 1.0), 128), ((0.5, 2.0), 0), ((-3.0, -1.0), 255), ((0.0, 0.0), 0)]
)
def test_zero_is_a_level_of_every_range(script, values, zero):
    scale, found = script.levels(values)
    assert found == zero
    assert scale > 0
    assert scale * (255 - int(zero)) >= min(max(values), 1.0) * 0.99


def network():
    """Two convolutions with a ReLU between them, their sum with the input of the second, a pool."""
    rng = np.random.default_rng(3)

    def weights(name, *shape):
        return numpy_helper.from_array(rng.normal(0, 0.2, shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Conv", ["in", "w1", "b1"], ["c1"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["c2", "r1"], ["sum"]),
        helper.make_node("MaxPool", ["sum"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["pooled"], ["out"]),
    ]
    shape = ["N", 3, 8, 8]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["N", 6, 1, 1])],
        [weights("w1", 6, 3, 3, 3), weights("b1", 6), weights("w2", 6, 6, 3, 3), weights("b2", 6)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    return made


RANGES = {"in": (-4.0, 4.0), "r1": (0.0, 6.0), "c2": (-5.0, 5.0), "sum": (-5.0, 8.0)}


def run(model, inputs, names=None):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(names, {"in": inputs})


def test_a_network_in_integers_gives_what_it_gave(script):
    inputs = np.random.default_rng(4).normal(size=(5, 3, 8, 8)).astype(np.float32)
    made = script.quantised(network(), RANGES, lambda _: False)
    (expected,), (found,) = run(network(), inputs), run(made, inputs)
    assert np.abs(found - expected).max() < 0.05 * np.abs(expected).max()
    assert np.abs(found - expected).max() > 0, "something was rounded"


def test_onnxruntime_makes_integer_operators_of_it(script, tmp_path):
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    made = script.quantised(network(), RANGES, lambda _: False)
    onnxruntime.InferenceSession(
        made.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    kinds = [node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node]
    assert kinds.count("QLinearConv") == 2
    assert kinds.count("QLinearAdd") == 1
    assert not {"Conv", "Add", "Relu"} & set(kinds)


def test_what_is_to_stay_float_stays_exact(script):
    inputs = np.random.default_rng(4).normal(size=(2, 3, 8, 8)).astype(np.float32)
    made = script.quantised(network(), {}, lambda _: True)
    np.testing.assert_array_equal(run(network(), inputs)[0], run(made, inputs)[0])


def test_the_same_network_gives_the_same_bytes(script):
    one, other = (
        script.quantised(network(), RANGES, lambda _: False).SerializeToString(deterministic=True)
        for _ in range(2)
    )
    assert one == other


def test_a_missing_range_and_a_whole_output_are_refused(script):
    with pytest.raises(KeyError, match="r1"):
        script.quantised(network(), {"in": (-4.0, 4.0)}, lambda _: False)
    made = network()
    made.graph.output[0].name = "pooled"
    with pytest.raises(ValueError, match="an output must be float: \\['pooled'\\]"):
        script.quantised(made, RANGES, lambda _: False)


def depthwise():
    """A convolution, a ReLU, a depthwise convolution, and one more that reads it."""
    rng = np.random.default_rng(5)
    spread = np.array([8.0, 1.0, 0.1, 0.001], np.float32)

    def stored(name, values):
        return numpy_helper.from_array(values.astype(np.float32), name)

    nodes = [
        helper.make_node("Conv", ["in", "w1", "b1"], ["c1"]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], group=4),
        helper.make_node("Conv", ["c2", "w3", "b3"], ["out"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["N", 2, 6, 6])],
        [
            stored("w1", rng.normal(size=(4, 3, 1, 1)) * spread[:, None, None, None]),
            stored("b1", rng.normal(size=4) * spread),
            stored("w2", rng.normal(size=(4, 1, 3, 3)) / spread[:, None, None, None]),
            stored("b2", rng.normal(size=4)),
            stored("w3", rng.normal(size=(2, 4, 1, 1))),
            stored("b3", rng.normal(size=2)),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    return made


def reach_of(model, inputs):
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.append(helper.make_tensor_value_info("r1", TensorProto.FLOAT, None))
    return run(watched, inputs, ["r1"])[0].max(axis=(0, 2, 3))


def test_channels_before_a_depthwise_convolution_reach_equally_far(equalise):
    inputs = np.random.default_rng(6).normal(size=(4, 3, 8, 8)).astype(np.float32)
    source = depthwise()
    before = reach_of(source, inputs)
    made = equalise.equalised(source, {"r1": before.tolist()})
    after = reach_of(made, inputs)
    assert before.max() / before.min() > 100
    # A channel that hardly speaks is made larger up to a limit.
    np.testing.assert_allclose(after, np.minimum(before.max(), before * equalise.MOST), rtol=1e-5)
    np.testing.assert_allclose(run(made, inputs)[0], run(source, inputs)[0], rtol=1e-4, atol=1e-4)


def test_only_what_a_depthwise_convolution_alone_reads_is_equalised(equalise):
    source = depthwise()
    assert [name for _, name, _ in equalise.between(source)] == ["r1"]
    source.graph.node[3].input[0] = "r1"
    assert list(equalise.between(source)) == []
    assert list(equalise.between(network())) == []


def test_equalised_channels_are_nearer_to_float_in_8_bits(script, equalise):
    inputs = np.random.default_rng(7).normal(size=(16, 3, 8, 8)).astype(np.float32)
    source = depthwise()
    reach = {"r1": reach_of(source, inputs).tolist()}
    (expected,) = run(source, inputs)
    ranges = {"in": (-5.0, 5.0), "r1": (0.0, max(reach["r1"])), "c2": (-40.0, 40.0)}

    def error(model):
        found = run(script.quantised(model, ranges, lambda node: "out" in node.output), inputs)[0]
        return np.abs(found - expected).mean()

    assert error(equalise.equalised(source, reach)) < 0.7 * error(source)
