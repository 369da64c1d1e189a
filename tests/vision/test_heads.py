import numpy as np
import pytest

from photoclust.core.errors import InternalError, ModelError
from photoclust.vision import heads, models
from photoclust.vision import own_models as registry
from photoclust.vision.heads import Head


@pytest.fixture(scope="module")
def projection():
    return np.random.default_rng(3).standard_normal((128, 512)).astype(np.float32)


@pytest.fixture(scope="module")
def folder(own_models, tmp_path_factory, projection):
    return own_models.behind(tmp_path_factory.mktemp("models"), "short", projection)


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_head_gives_the_vectors_of_its_model_from_those_of_another(
    folder, projection, monkeypatch
):
    monkeypatch.setattr(heads, "BATCH_SIZE", 7)
    vectors = unit(np.random.default_rng(0).standard_normal((20, 512)))
    found = Head(registry.read(folder)).apply(vectors)
    assert (found.shape, found.dtype) == ((20, 128), np.float32)
    np.testing.assert_allclose(found, unit(vectors @ projection.T), atol=1e-5)


def test_no_vectors_give_none(folder):
    found = Head(registry.read(folder)).apply(np.empty((0, 512), np.float32))
    assert found.shape == (0, 128)


def test_head_and_network_agree(folder):
    crops = np.random.default_rng(1).integers(0, 256, (2, 160, 160, 3), np.uint8)
    through = Head(registry.read(folder)).apply(models.load_embedder().embed(crops))
    np.testing.assert_allclose(
        models.load_embedder("short", own=folder.parent).embed(crops), through, atol=1e-4
    )


def test_vectors_of_another_length_are_refused(folder):
    with pytest.raises(ModelError, match="cannot be run"):
        Head(registry.read(folder)).apply(unit(np.ones((1, 100))))


def test_a_model_without_a_head_has_none():
    with pytest.raises(InternalError, match="has no head"):
        Head(models.model_spec("facenet-vggface2"))
