import math

import numpy as np
import pytest
from PIL import Image

from photoclust.core.types import Box
from photoclust.vision import models


@pytest.fixture(scope="module")
def detector():
    return models.load_detector("centerface")


def opened(path, side):
    image = Image.open(path).convert("RGB")
    image.thumbnail((side, side))
    return np.asarray(image)


@pytest.fixture(scope="module")
def astronaut(demo_album):
    """One frontal face, 448 px square."""
    return opened(demo_album / "Space" / "astronaut.png", 448)


@pytest.fixture(scope="module")
def pair(demo_album):
    """Two people side by side, 480 px wide."""
    return opened(demo_album / "2010 Blue Room" / "side by side.jpg", 480)


def slow_boxes(image, lowest):
    """Every candidate before suppression, decoded cell by cell as the paper says."""
    height, width = image.shape[:2]
    padded = np.zeros((math.ceil(height / 32) * 32, math.ceil(width / 32) * 32, 3), np.float32)
    padded[:height, :width] = image
    session = models.open_session(models.model_spec("centerface"), threads=1)
    heat, size, offset, landmarks = session.run(
        ["heat", "size", "offset", "landmarks"], {"images": padded.transpose(2, 0, 1)[None]}
    )
    found = []
    for row in range(heat.shape[2]):
        for column in range(heat.shape[3]):
            if heat[0, 0, row, column] < lowest:
                continue
            h, w = (math.exp(value) * 4 for value in size[0, :, row, column])
            y = (row + offset[0, 0, row, column] + 0.5) * 4 - h / 2
            x = (column + offset[0, 1, row, column] + 0.5) * 4 - w / 2
            points = landmarks[0, :, row, column]
            marks = [(x + points[2 * i + 1] * w, y + points[2 * i] * h) for i in range(5)]
            found.append((Box(x, y, w, h), marks, heat[0, 0, row, column]))
    return sorted(found, key=lambda face: -face[2])


def assert_same_faces(found, expected, atol_px):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.landmarks, other.landmarks, atol=atol_px)
        assert one.score == pytest.approx(other.score, abs=1e-3)


def test_decoding_agrees_with_the_obvious_way(detector, pair):
    candidates = slow_boxes(pair, 0.05)
    expected = []
    for box, marks, score in candidates:
        if all(box.iou(other) <= 0.3 for other, _, _ in expected):
            expected.append((box, marks, score))
    found = detector.detect([pair], min_score=0.05)[0]
    assert len(candidates) > len(found) == len(expected) > 1
    for face, (box, marks, score) in zip(found, expected, strict=True):
        sides = [face.box.x, face.box.y, face.box.w, face.box.h]
        np.testing.assert_allclose(sides, [box.x, box.y, box.w, box.h], atol=0.01)
        np.testing.assert_allclose(face.landmarks, marks, atol=0.01)
        assert face.score == pytest.approx(score, abs=1e-5)


def test_faces_are_found_where_they_are(detector, astronaut, pair):
    (one,), two = detector.detect([astronaut, pair])
    # Forehead to chin, read off the picture.
    assert one.box.iou(Box(155, 52, 83, 106)) > 0.7
    assert len(two) == 2
    left, right = sorted((face.box for face in two), key=lambda box: box.x)
    assert left.x + left.w < right.x


def test_landmarks_come_in_the_agreed_order(detector, pair):
    for face in detector.detect([pair])[0]:
        right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
        assert right_eye[0] < nose[0] < left_eye[0]
        assert right_mouth[0] < left_mouth[0]
        assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
        for x, y in face.landmarks:
            assert face.box.x < x < face.box.x + face.box.w
            assert face.box.y < y < face.box.y + face.box.h


def test_a_size_that_is_no_multiple_of_32_moves_nothing(detector, astronaut):
    (whole,) = detector.detect([astronaut])[0]
    (cut,) = detector.detect([astronaut[:421, :395]])[0]
    assert cut.box.iou(whole.box) > 0.9


def test_a_face_cut_by_the_edge_reaches_beyond_it(detector, astronaut):
    (whole,) = detector.detect([astronaut])[0]
    row = int(whole.box.y + whole.box.h * 0.25)
    (cut,) = detector.detect([astronaut[row:]])[0]
    assert cut.box.y < -1


def test_images_of_one_shape_and_of_many_give_what_each_gives_alone(detector, astronaut, pair):
    images = [astronaut, pair, astronaut[:, ::-1], np.zeros_like(astronaut)]
    together = detector.detect(images)
    assert [len(faces) for faces in together] == [1, 2, 1, 0]
    for image, faces in zip(images, together, strict=True):
        assert_same_faces(detector.detect([image])[0], faces, atol_px=0.1)


def test_two_threads_find_what_one_finds(detector, pair):
    other = models.load_detector("centerface", threads=2)
    assert_same_faces(other.detect([pair])[0], detector.detect([pair])[0], atol_px=0.1)


def test_the_best_face_comes_first_and_none_is_below_the_limit(detector, pair):
    scores = [face.score for face in detector.detect([pair], min_score=0.05)[0]]
    assert scores == sorted(scores, reverse=True)
    for limit in (None, scores[0] - 1e-4):
        lowest = detector.spec.thresholds["score"] if limit is None else limit
        found = [face.score for face in detector.detect([pair], min_score=limit)[0]]
        assert found == [score for score in scores if score >= lowest]


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 40, 3), (1, 1, 3), (3, 500, 3)])
def test_pictures_too_small_for_a_face_hold_none(detector, shape):
    assert detector.detect([np.zeros(shape, np.uint8)]) == [[]]


def test_no_images(detector):
    assert detector.detect([]) == []


@pytest.mark.shared_data
def test_real_photos(detector, shared_data):
    people = sorted(path for path in (shared_data / "lfw").iterdir() if path.is_dir())[:10]
    files = [file for person in people for file in sorted(person.glob("*.jpg"))[:3]]
    images = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    for faces in detector.detect(images):
        # The person of each of these photos stands in the middle, about 95 px wide.
        assert max(face.box.iou(Box(77, 60, 95, 125)) for face in faces) > 0.4
