import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import ModelError
from photoclust.training import bundled

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def graph():
    return bundled.read_graph()


def test_every_tensor_of_the_graph_belongs_to_one_layer(graph):
    names = [tensor.name for tensor in graph.graph.initializer]
    ours = [
        name
        for layer in bundled.LAYERS
        for name in (*(f"{layer.weights}:{part}" for part in ("q", "scale", "zero")), layer.bias)
    ]
    assert sorted(ours) == sorted(names)


def test_folding_gives_back_what_was_unfolded(graph):
    tensors = {
        tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.graph.initializer
    }
    state = bundled.unfolded(graph)
    for layer in bundled.LAYERS:
        stored, step, zero = (tensors[f"{layer.weights}:{part}"] for part in ("q", "scale", "zero"))
        weights, bias = bundled.folded(layer, state)
        real = step * (stored.astype(np.float64) - zero)
        np.testing.assert_allclose(weights, real, rtol=3e-7, atol=0)
        np.testing.assert_allclose(bias, tensors[layer.bias], rtol=3e-7, atol=0)
        assert weights.dtype == bias.dtype == np.float32


@pytest.mark.parametrize("shape", [(6, 4, 3, 3), (6, 4)])
def test_folding_batch_norm_is_batch_norm_behind_the_layer(shape):
    generator = torch.Generator().manual_seed(0)
    layer = bundled.Layer("w", "b", "linear", "norm")
    weights = torch.randn(shape, generator=generator)
    state = {"linear.weight": weights}
    norm = {
        part: torch.rand(6, generator=generator) + 0.1
        for part in ("weight", "bias", "running_mean", "running_var")
    }
    state |= {f"norm.{part}": value for part, value in norm.items()}
    folded, bias = map(torch.tensor, bundled.folded(layer, state))
    apply = torch.nn.functional.conv2d if len(shape) == 4 else torch.nn.functional.linear
    given = torch.randn(5, 4, *shape[2:], generator=generator)
    expected = torch.nn.functional.batch_norm(
        apply(given, weights),
        norm["running_mean"],
        norm["running_var"],
        norm["weight"],
        norm["bias"],
        eps=0.001,
    )
    assert torch.allclose(apply(given, folded, bias), expected, atol=1e-5)


def test_a_residual_scale_is_folded_into_weights_and_bias():
    layer = bundled.Layer("w", "b", "up", None, 0.2)
    weights, bias = bundled.folded(
        layer, {"up.weight": torch.ones(2, 3, 1, 1), "up.bias": torch.tensor([5.0, 10.0])}
    )
    np.testing.assert_allclose(weights, np.full((2, 3, 1, 1), 0.2), rtol=1e-6)
    np.testing.assert_allclose(bias, [1, 2])


def test_a_damaged_or_missing_file_is_told(tmp_path):
    file = tmp_path / "cut.onnx"
    with pytest.raises(ModelError, match=r"cut\.onnx cannot be read .*install photoclust again"):
        bundled.read_graph(file)
    file.write_bytes(b"\xff" * 100)
    with pytest.raises(ModelError, match=r"cut\.onnx cannot be read .*install photoclust again"):
        bundled.read_graph(file)


def test_a_graph_without_one_of_the_layers_is_told():
    graph = bundled.read_graph()
    del graph.graph.initializer[7]
    with pytest.raises(ModelError, match="lacks the tensor InceptionResnetV1/Conv2d_2a_3x3"):
        bundled.unfolded(graph)
