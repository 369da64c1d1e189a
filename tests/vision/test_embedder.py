import numpy as np
import pytest
from PIL import Image

from photoclust.core.errors import InternalError
from photoclust.vision import models
from photoclust.vision.embedder import BATCH_SIZE


@pytest.fixture(scope="module")
def embedder():
    return models.load_embedder()


def noise(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 160, 160, 3), np.uint8)


def test_vectors_are_unit_float32_of_the_spec_s_dimension(embedder):
    vectors = embedder.embed(noise(3))
    assert vectors.shape == (3, embedder.spec.dimension) == (3, 512)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_crops_give_no_vectors(embedder):
    assert embedder.embed(noise(0)).shape == (0, 512)


def test_a_vector_does_not_depend_on_its_place_or_its_batch(embedder):
    crops = noise(BATCH_SIZE + 2)
    together = embedder.embed(crops)
    for place in (0, BATCH_SIZE - 1, BATCH_SIZE, BATCH_SIZE + 1):
        alone = embedder.embed(crops[place : place + 1])[0]
        np.testing.assert_allclose(together[place], alone, atol=1e-4)


def test_the_network_gets_pixels_as_it_was_trained_on(embedder):
    crops = noise(1)
    session = models.open_session(embedder.spec, threads=1)
    pixels = (crops.astype(np.float32) - 127.5) / 128
    (expected,) = session.run(["vectors"], {"crops": pixels.transpose(0, 3, 1, 2)})
    np.testing.assert_allclose(embedder.embed(crops), expected, atol=1e-6)


def test_photos_of_one_person_lie_closer_than_those_of_two(embedder, demo_album):
    names = (
        "2012 Oval Office/portrait sitting.jpg",
        "2009 Capitol/address to Congress.jpg",
        "Space/astronaut.png",
    )
    detector = models.load_detector()
    crops = []
    for name in names:
        image = Image.open(demo_album / name).convert("RGB")
        image.thumbnail((640, 640))
        box = detector.detect([np.asarray(image)])[0][0].box
        (x, y), half = box.centre, 0.6 * max(box.w, box.h)
        square = image.crop((x - half, y - half, x + half, y + half)).resize((160, 160))
        crops.append(np.asarray(square))
    one, same, other = embedder.embed(np.stack(crops))
    assert one @ same > embedder.spec.thresholds["far_1e-4"]
    assert max(one @ other, same @ other) < 0.3


def test_the_order_of_the_channels_matters(embedder):
    crops = np.zeros((1, 160, 160, 3), np.uint8)
    crops[..., 0] = np.linspace(0, 255, 160).astype(np.uint8)
    cosine = embedder.embed(crops)[0] @ embedder.embed(crops[..., ::-1])[0]
    assert cosine < 0.999


def test_one_and_two_threads_agree(embedder):
    crops = noise(2)
    other = models.load_embedder(threads=2)
    np.testing.assert_allclose(embedder.embed(crops), other.embed(crops), atol=1e-4)


@pytest.mark.parametrize(
    "crops",
    [
        np.zeros((2, 112, 112, 3), np.uint8),
        np.zeros((2, 160, 160, 3), np.float32),
        np.zeros((160, 160, 3), np.uint8),
        np.zeros((2, 3, 160, 160), np.uint8),
    ],
)
def test_crops_of_another_form_are_refused(embedder, crops):
    with pytest.raises(InternalError, match=r"crops are uint8 \[N, 160, 160, 3\]"):
        embedder.embed(crops)


@pytest.mark.shared_data
def test_faces_of_one_person_lie_closer_than_those_of_two(embedder, shared_data):
    people = sorted(path for path in (shared_data / "lfw").iterdir() if path.is_dir())[:6]
    files = [file for person in people for file in sorted(person.glob("*.jpg"))[:4]]
    crops = [Image.open(file).convert("RGB").crop((45, 45, 205, 205)) for file in files]
    vectors = embedder.embed(np.stack([np.asarray(crop) for crop in crops]))
    cosines = vectors @ vectors.T
    person = np.repeat(np.arange(6), 4)
    same = person[:, None] == person
    np.fill_diagonal(same, val=False)
    different = person[:, None] != person
    assert cosines[same].mean() > 0.6
    assert cosines[different].mean() < 0.15
    threshold = embedder.spec.thresholds["far_1e-3"]
    assert (cosines[different] >= threshold).mean() < 0.01
