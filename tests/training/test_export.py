"""Exported files in ONNX Runtime, as the program opens them, against torch and numpy."""

import copy
import dataclasses
import sys

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")

from torch import nn

from photoclust.core.errors import InternalError, UserError
from photoclust.training import bundled
from photoclust.training.adapter import ResidualAdapter
from photoclust.training.backbones import build
from photoclust.training.backbones.layers import (
    Concat,
    L2Pool,
    Maxout,
    UnitLength,
    convolution,
    initialise,
    max_pool,
    response_norm,
)
from photoclust.training.backbones.stages import Backbone, Preprocessing, Stages
from photoclust.training.export import export_backbone, export_network, export_tail
from photoclust.training.heads import ProjectionHead
from photoclust.vision import models

pytestmark = pytest.mark.train
AGREE = 1e-5


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(count, side):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)


def standardised(crops, exported):
    pixels = (crops.astype(np.float32) - exported.mean) / exported.std
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def run(exported, folder, crops):
    """The vectors that ONNX Runtime gives, the file being opened by its record alone."""
    spec = dataclasses.replace(
        models.model_spec(models.DEFAULT_EMBEDDER), id="own", files=(exported.file,)
    )
    session = models.open_session(spec, threads=1, folder=folder)
    (vectors,) = session.run(["vectors"], {"crops": standardised(crops, exported)})
    return vectors


def in_torch(model, exported, crops):
    with torch.no_grad():
        return model(torch.tensor(standardised(crops, exported))).numpy()


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def weights_in(path):
    graph = onnx.load(path).graph
    return {tensor.name: tensor.SerializeToString() for tensor in graph.initializer}


@pytest.fixture(scope="module")
def facenet():
    return build("inception_resnet_v1", generator=generator())


@pytest.fixture(scope="module")
def crops():
    return noise(2, 160)


@pytest.fixture(scope="module")
def bundled_vectors(crops):
    return models.load_embedder().embed(crops)


def adapter(units=3):
    """An adapter that answers to about half of all faces."""
    made = ResidualAdapter(units, 512)
    with torch.no_grad():
        made.detectors.normal_(generator=generator(1))
        made.thresholds.normal_(generator=generator(2))
        made.pushes.normal_(generator=generator(3))
    return made


def projection(size):
    return ProjectionHead(512, size, generator=generator(4))


@pytest.mark.parametrize("make", [list, lambda: [adapter(), projection(128)]])
def test_a_tail_comes_behind_the_bundled_unit_vector(tmp_path, crops, bundled_vectors, make):
    tail = torch.nn.Sequential(*make()).eval()
    exported = export_network(None, list(tail), tmp_path / "own.onnx")
    with torch.no_grad():
        expected = tail(torch.from_numpy(bundled_vectors)).numpy()
    assert len(tail) == 0 or not np.allclose(expected[:, :8], bundled_vectors[:, :8], atol=0.01)
    vectors = run(exported, tmp_path, crops)
    assert vectors.shape == expected.shape == (2, exported.dimension)
    np.testing.assert_allclose(vectors, expected, atol=AGREE)


@pytest.mark.parametrize("make", [lambda: [adapter()], lambda: [projection(64)]])
def test_a_tail_alone_takes_the_vectors_that_a_library_keeps(tmp_path, make):
    tail = torch.nn.Sequential(*make()).eval()
    exported = export_tail(list(tail), 512, tmp_path / "head.onnx")
    vectors = unit(np.random.default_rng(5).normal(size=(40, 512))).astype(np.float32)
    session = onnxruntime.InferenceSession(tmp_path / "head.onnx")
    (found,) = session.run(["vectors"], {"of": vectors})
    with torch.no_grad():
        expected = tail(torch.from_numpy(vectors)).numpy()
    assert found.shape == (40, exported.dimension)
    np.testing.assert_allclose(found, expected, atol=AGREE)


def test_a_tail_keeps_the_weights_of_the_network_in_8_bits(tmp_path):
    exported = export_network(None, [adapter()], tmp_path / "own.onnx")
    before, after = (
        weights_in(bundled.resource("models", bundled.FILE)),
        weights_in(tmp_path / "own.onnx"),
    )
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {
        f"tail0:{part}" for part in ("detectors", "bias", "pushes")
    }
    assert exported.file.size < 25.5e6


@pytest.mark.parametrize(
    "make",
    [
        lambda: [projection(64), adapter()],
        lambda: [torch.nn.Linear(512, 512)],
        lambda: [adapter(units=0)],
    ],
)
def test_a_tail_that_cannot_be_written_is_a_bug(tmp_path, make):
    with pytest.raises(InternalError):
        export_tail(make(), 512, tmp_path / "own.onnx")
    assert not any(tmp_path.iterdir())


def test_an_untrained_facenet_has_the_bundled_weights(tmp_path, facenet, crops, bundled_vectors):
    exported = export_backbone(facenet, tmp_path / "own.onnx")
    assert weights_in(tmp_path / "own.onnx") == weights_in(bundled.resource("models", bundled.FILE))
    np.testing.assert_allclose(run(exported, tmp_path, crops), bundled_vectors, atol=1e-6)


def shaken(model, stages):
    """`model` with every number of some stages a little off, batch norm's statistics too."""
    model = copy.deepcopy(model)
    for stage in stages:
        for value in model.stages.get_submodule(stage).state_dict().values():
            if value.is_floating_point():
                factor = 1 + 0.2 * torch.rand(value.shape, generator=generator(1))
                value.mul_(factor).add_(0.003)
    return model


def test_trained_layers_alone_become_float32(tmp_path, facenet, crops, bundled_vectors):
    trained = shaken(facenet, ["block8", "last_linear", "last_bn"])
    exported = export_backbone(trained, tmp_path / "own.onnx")
    vectors = run(exported, tmp_path, crops)
    np.testing.assert_allclose(vectors, in_torch(trained, exported, crops), atol=AGREE)
    assert (vectors * bundled_vectors).sum(axis=1).max() < 0.999
    kept = [name for name in weights_in(tmp_path / "own.onnx") if name.endswith(":q")]
    gone = [layer for layer in bundled.LAYERS if f"{layer.weights}:q" not in kept]
    assert {layer.linear.split(".")[0] for layer in gone} == {"block8", "last_linear"}
    assert len(gone) == 6


def test_a_facenet_of_which_everything_was_trained(tmp_path, facenet, crops):
    trained = shaken(facenet, facenet.stages.names)
    exported = export_backbone(trained, tmp_path / "own.onnx")
    vectors = run(exported, tmp_path, crops)
    np.testing.assert_allclose(vectors, in_torch(trained, exported, crops), atol=AGREE)
    assert not any(name.endswith(":q") for name in weights_in(tmp_path / "own.onnx"))


def test_a_facenet_with_a_last_layer_of_another_size(tmp_path, crops):
    model = build("inception_resnet_v1", 128, generator=generator())
    exported = export_backbone(model, tmp_path / "own.onnx")
    assert exported.dimension == 128
    vectors = run(exported, tmp_path, crops)
    np.testing.assert_allclose(vectors, in_torch(model, exported, crops), atol=AGREE)


@pytest.fixture(scope="module")
def small():
    model = build("small", 32, side=48, generator=generator())
    model.train()(torch.randn(8, 3, 48, 48, generator=generator()))
    model.stages.block1.eval()
    return model


@pytest.fixture(scope="module")
def small_modes(small):
    return [module.training for module in small.modules()]


@pytest.fixture(scope="module")
def small_exported(small, small_modes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    return export_backbone(small, folder / "own.onnx"), folder


@pytest.mark.parametrize("count", [1, 5])
def test_another_network_gives_what_it_gives_in_torch(small, small_exported, count):
    exported, folder = small_exported
    vectors = run(exported, folder, noise(count, 48))
    model = copy.deepcopy(small).eval()
    expected = in_torch(model, exported, noise(count, 48))
    np.testing.assert_allclose(vectors, expected, atol=AGREE)


def test_the_layers_of_nn1_and_nn2(tmp_path):
    stages = {
        "conv": convolution(3, 6, 7, 2),
        "norm": response_norm(),
        "pool": max_pool(),
        "inception": Concat([L2Pool(), convolution(6, 2, 5), convolution(6, 4, 1)]),
        "flat": nn.Flatten(),
        "fc1": Maxout(8 * 8 * 12, 20),
        "fc2": nn.Linear(20, 8),
        "l2": UnitLength(),
    }
    model = Backbone(
        "made up", Stages(stages), head="fc2", dimension=8, preprocessing=Preprocessing(32)
    )
    initialise(model, generator())
    exported = export_backbone(model, tmp_path / "own.onnx")
    vectors = run(exported, tmp_path, noise(3, 32))
    np.testing.assert_allclose(vectors, in_torch(model, exported, noise(3, 32)), atol=AGREE)


def test_a_record_says_how_to_feed_the_network(small_exported):
    exported, folder = small_exported
    assert (exported.dimension, exported.input_size) == (32, 48)
    assert (exported.mean, exported.std, exported.channel_order) == (127.5, 128.0, "RGB")
    assert [file.name for file in folder.iterdir()] == [exported.file.name] == ["own.onnx"]


def test_every_part_of_a_network_stays_in_its_mode(small, small_modes, small_exported):
    assert [module.training for module in small.modules()] == small_modes
    assert 0 < sum(small_modes) < len(small_modes)


def test_the_same_network_gives_the_same_bytes(small, small_exported, facenet, tmp_path):
    again = export_backbone(small, tmp_path / "own.onnx")
    assert again == small_exported[0]
    trained = shaken(facenet, ["block8"])
    one, same = (export_backbone(trained, tmp_path / "own.onnx") for _ in range(2))
    assert one == same
    one, same = (export_tail([adapter()], 512, tmp_path / "own.onnx") for _ in range(2))
    assert one == same


def test_a_file_tells_nothing_of_where_it_was_made(small_exported, repository):
    exported, folder = small_exported
    data = (folder / exported.file.name).read_bytes()
    for word in (str(repository), sys.prefix, ".py", "torch"):
        assert word.encode() not in data


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(tmp_path, small, value):
    path = tmp_path / "own.onnx"
    broken = copy.deepcopy(small)
    with torch.no_grad():
        broken.stages.linear.weight[1, 2] = value
    with pytest.raises(UserError, match=r"stages\.linear\.weight of the trained network"):
        export_backbone(broken, path)
    made = adapter()
    with torch.no_grad():
        made.pushes[1, 2] = value
    with pytest.raises(UserError, match="pushes of the trained network"):
        export_tail([made], 512, path)
    assert not path.exists()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match=r"cannot write the model .*No such file"):
        export_tail([adapter()], 512, tmp_path / "none" / "own.onnx")


def test_a_file_that_was_there_stays_whole_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "own.onnx"
    path.write_bytes(b"an older model")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="No space left on device"):
        export_tail([adapter()], 512, path)
    assert path.read_bytes() == b"an older model"
    assert [file.name for file in tmp_path.iterdir()] == ["own.onnx"]
