import numpy as np
import pytest
from PIL import Image

from photoclust.vision import models, mtcnn


@pytest.fixture(scope="module")
def detector():
    return models.load_detector("mtcnn")


def slow_area_resize(pixels, height, width):
    """Each new pixel is the mean over all old ones that it touches."""
    rows, columns = pixels.shape[:2]
    made = np.empty((height, width, 3))
    for y in range(height):
        for x in range(width):
            top, bottom = y * rows // height, -(-(y + 1) * rows // height)
            left, right = x * columns // width, -(-(x + 1) * columns // width)
            made[y, x] = pixels[top:bottom, left:right].mean(axis=(0, 1))
    return made


def noise(height, width):
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture(scope="module")
def photos(demo_album):
    """Real photos with one face, one, two and none, at most 480 px."""
    names = (
        "2012 Oval Office/portrait sitting.jpg",
        "Space/astronaut.png",
        "2010 Blue Room/side by side.jpg",
        "coffee break.webp",
    )
    images = []
    for name in names:
        image = Image.open(demo_album / name).convert("RGB")
        image.thumbnail((480, 480))
        images.append(np.asarray(image))
    return images


@pytest.mark.parametrize("shape", [(7, 11), (37, 53), (13, 60), (80, 90)])
def test_resizing_by_area_agrees_with_the_obvious_way(shape):
    image = noise(37, 53)
    resized = mtcnn._AreaSums(image).resized(shape)
    np.testing.assert_allclose(resized, slow_area_resize(image, *shape), rtol=1e-6)


def test_crops_by_area_agree_with_the_obvious_way():
    image = noise(60, 70)
    low, high = np.array([[0, 0], [10, 3], [50, 40]]), np.array([[70, 60], [31, 58], [70, 45]])
    crops = mtcnn._AreaSums(image).crops(low, high, 24)
    for crop, (x0, y0), (x1, y1) in zip(crops, low, high, strict=True):
        np.testing.assert_allclose(crop, slow_area_resize(image[y0:y1, x0:x1], 24, 24), rtol=1e-6)


def test_sums_stay_right_when_they_wrap_around():
    white = np.full((4200, 4200, 3), 255, np.uint8)
    corner = np.array([[4100, 4100]]), np.array([[4200, 4200]])
    np.testing.assert_array_equal(mtcnn._AreaSums(white).crops(*corner, 24), 255)


def test_the_pyramid_ends_where_the_shorter_side_is_one_cell():
    scales = list(mtcnn._scales(100, 300, 20))
    assert scales[0] == 0.6
    assert 100 * scales[-1] >= 12 > 100 * scales[-1] * mtcnn.PYRAMID_FACTOR
    assert list(mtcnn._scales(19, 300, 20)) == []


@pytest.mark.parametrize("shape", [(0, 0, 3), (1, 1, 3), (15, 400, 3), (64, 64, 3)])
def test_a_picture_without_a_face_holds_none(detector, shape):
    assert detector.detect([np.full(shape, 128, np.uint8)]) == [[]]


def test_no_images(detector):
    assert detector.detect([]) == []


def test_faces_are_found_where_centerface_finds_them(detector, photos):
    other = models.load_detector("centerface")
    for faces, expected in zip(detector.detect(photos), other.detect(photos), strict=True):
        assert len(faces) == len(expected)
        for face in expected:
            assert max(found.box.iou(face.box) for found in faces) > 0.6
            twin = max(faces, key=lambda found: found.box.iou(face.box))
            np.testing.assert_allclose(twin.landmarks, face.landmarks, atol=0.12 * face.box.w)


def test_the_best_face_comes_first_and_none_is_below_the_limit(detector, photos):
    (faces,) = detector.detect([photos[2]], min_score=0)
    scores = [face.score for face in faces]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > detector.spec.thresholds["onet"]
    (first,) = detector.detect([photos[2]], min_score=scores[0])[0]
    assert first == faces[0]


def test_faces_below_the_smallest_size_are_not_found(photos):
    spec = models.model_spec("mtcnn")
    assert mtcnn.MTCNN(spec, 1, min_face_px=40).detect([photos[1]])[0]
    assert mtcnn.MTCNN(spec, 1, min_face_px=300).detect([photos[1]]) == [[]]


def test_many_candidates_in_small_batches_give_the_same(detector, photos, monkeypatch):
    expected = detector.detect(photos)
    monkeypatch.setattr(mtcnn, "BATCH_SIZE", 5)
    for faces, others in zip(detector.detect(photos), expected, strict=True):
        assert len(faces) == len(others)
        for one, other in zip(faces, others, strict=True):
            np.testing.assert_allclose(one.landmarks, other.landmarks, atol=1e-3)


@pytest.mark.train
def test_the_boxes_are_those_of_facenet_pytorch(detector, photos):
    facenet_pytorch = pytest.importorskip("facenet_pytorch", reason="compares with facenet-pytorch")
    reference = facenet_pytorch.MTCNN(keep_all=True, select_largest=False, device="cpu")
    for image, faces in zip(photos, detector.detect(photos, min_score=0), strict=True):
        boxes, scores, landmarks = reference.detect(np.array(image), landmarks=True)
        if boxes is None:
            assert faces == []
            continue
        found = np.array([[f.box.x, f.box.y, f.box.x + f.box.w, f.box.y + f.box.h] for f in faces])
        np.testing.assert_allclose(found, boxes.astype(float), atol=0.01)
        np.testing.assert_allclose([f.score for f in faces], scores.astype(float), atol=1e-4)
        marks = [face.landmarks for face in faces]
        np.testing.assert_allclose(marks, landmarks.astype(float), atol=0.01)
