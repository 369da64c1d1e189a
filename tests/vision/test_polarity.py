"""Eyes and cheeks tell a positive from a negative, on real faces."""

import numpy as np
import pytest
from PIL import Image

from photoclust.core.types import Box, Detection
from photoclust.vision import models
from photoclust.vision.finder import FaceFinder
from photoclust.vision.polarity import CLEAR, SMALLEST_PX, polarity


@pytest.fixture(scope="module")
def faces(demo_album):
    """Pictures of the demo album, upright, and the faces in them that are large enough."""
    finder = FaceFinder(models.load_detector())
    found = []
    for name in ("Space/astronaut.png", "2010 Blue Room/side by side.jpg"):
        with Image.open(demo_album / name) as image:
            picture = image.convert("RGB")
        picture.thumbnail((900, 900))
        pixels = np.array(picture)
        faces = finder.find(pixels).detections
        found += [(pixels, face) for face in faces if face.side >= SMALLEST_PX]
    assert len(found) == 3
    return found


def test_faces_in_photos_are_positives(faces):
    assert all(polarity(pixels, face) > CLEAR for pixels, face in faces)


def test_inverted_ones_are_negatives(faces):
    assert all(polarity(255 - pixels, face) < -CLEAR for pixels, face in faces)


def test_it_is_the_contrast_that_counts_and_not_the_light(faces):
    pixels, face = faces[0]
    dim = (pixels * 0.3 + 20).astype(np.uint8)
    assert polarity(dim, face) == pytest.approx(polarity(pixels, face), rel=0.15)


def test_a_small_or_leaning_or_flat_face_says_nothing(faces):
    pixels, face = faces[0]
    small = face.scaled((SMALLEST_PX - 1) / face.side)
    assert polarity(pixels, small) == 0
    points = np.array(face.landmarks)
    middle = points.mean(axis=0)
    leaning = (points - middle) @ np.array([[0.7, 0.7], [-0.7, 0.7]]) + middle
    flat = (points - middle) * (1, 0.1) + middle
    for moved in (leaning, flat):
        landmarks = tuple(map(tuple, moved.tolist()))
        assert polarity(pixels, Detection(face.box, landmarks, face.score)) == 0


def test_a_face_that_hangs_out_of_the_picture_can_be_asked(faces):
    pixels, _ = faces[0]
    box = Box(-30, -30, 60, 60)
    points = ((-15, -10), (15, -10), (0, 0), (-10, 15), (10, 15))
    assert np.isfinite(polarity(pixels, Detection(box, points, 0.9)))
