"""The bundled FaceNet in torch against the same in ONNX Runtime."""

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from facenet_pytorch import InceptionResnetV1

from photoclust.training.backbones import build
from photoclust.vision import models
from photoclust.vision.crop import crop_face

pytestmark = pytest.mark.train
AGREE = 1e-5


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def facenet():
    return build("inception_resnet_v1", generator=generator())


def faces(paths, longer_side):
    detector = models.load_detector()
    crops = []
    for path in paths:
        image = Image.open(path).convert("RGB")
        image.thumbnail((longer_side, longer_side))
        pixels = np.asarray(image)
        crops += [crop_face(pixels, found.box) for found in detector.detect([pixels])[0]]
    return np.stack(crops)


def standardised(crops):
    return (torch.tensor(crops).permute(0, 3, 1, 2).float() - 127.5) / 128


def embedded(model, crops):
    with torch.no_grad():
        return np.concatenate([model(part).numpy() for part in standardised(crops).split(16)])


def test_torch_and_onnx_runtime_agree_on_the_demo_album(facenet, demo_album):
    crops = faces(sorted(demo_album.rglob("*.jpg"))[:4], 640)
    assert len(crops) >= 4
    expected = models.load_embedder().embed(crops)
    assert np.abs(embedded(facenet, crops) - expected).max() < AGREE


@pytest.mark.shared_data
def test_torch_and_onnx_runtime_agree_on_photos(facenet, shared_data):
    people = sorted((shared_data / "lfw").iterdir())[::5]
    paths = [photo for person in people for photo in sorted(person.glob("*.jpg"))[:2]]
    crops = faces(paths, 250)
    assert len(crops) >= 40
    expected = models.load_embedder().embed(crops)
    assert np.abs(embedded(facenet, crops) - expected).max() < AGREE


def test_the_stages_hold_a_state_dict_of_facenet_pytorch(facenet):
    theirs = InceptionResnetV1(pretrained=None).eval()
    theirs.load_state_dict(facenet.stages.state_dict())
    crops = torch.randn(2, 3, 160, 160, generator=generator())
    with torch.no_grad():
        assert torch.allclose(facenet(crops), theirs(crops), atol=1e-6)


@pytest.mark.parametrize(("dimension", "tolerance"), [(1024, 1e-5), (128, 0.25)])
def test_a_last_layer_of_another_size_keeps_the_cosines(facenet, dimension, tolerance):
    other = build("inception_resnet_v1", dimension, generator=generator())
    # What enters the head is never negative.
    features = torch.rand(20, 1792, generator=generator()).square()
    vectors = {}
    for model in (facenet, other):
        start = model.stages.names.index(model.head)
        with torch.no_grad():
            vectors[model] = model.stages[start:](features)
    assert vectors[other].shape == (20, dimension)
    before, after = (given @ given.T for given in vectors.values())
    assert (before - after).abs().max() < tolerance


def test_dropout_acts_in_training_alone(facenet):
    dropout = facenet.stages.dropout
    assert dropout.p == 0.6
    assert not dropout.training
    start = facenet.stages.names.index(facenet.head)
    assert facenet.stages.names[start] == "dropout"
