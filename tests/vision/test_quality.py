"""The quality value falls with every thing that makes a face hard to recognise."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from photoclust.core.types import Box, Detection
from photoclust.vision import models
from photoclust.vision.crop import crop_face
from photoclust.vision.quality import face_quality, sharpness

FRONTAL = ((60.0, 70.0), (100.0, 70.0), (80.0, 90.0), (65.0, 110.0), (95.0, 110.0))
GOOD = Detection(Box(40, 30, 80, 100), FRONTAL, 0.93)


@pytest.fixture(scope="module")
def crop():
    """A real face: NASA's portrait of Eileen Collins."""
    from photoclust.core.paths import resource

    album = resource("demo", "album")
    path = next(path for path in sorted(album.rglob("*")) if "astronaut" in path.name.lower())
    pixels = np.asarray(Image.open(path).convert("RGB"))
    found = models.load_detector(models.DEFAULT_DETECTOR, 1).detect([pixels])[0]
    return crop_face(pixels, found[0].box)


def blurred(crop, radius):
    return np.asarray(Image.fromarray(crop).filter(ImageFilter.GaussianBlur(radius)))


def test_a_good_face_is_good(crop):
    assert face_quality(crop, GOOD, 200) > 0.8


def test_worse_in_any_way_is_lower(crop):
    best = face_quality(crop, GOOD, 200)
    leaning = tuple((150 - y, x) for x, y in FRONTAL)
    assert face_quality(crop, replace(GOOD, score=0.6), 200) < 0.5 * best
    assert face_quality(crop, GOOD, 25) < 0.8 * best
    assert face_quality(blurred(crop, 8), GOOD, 200) < 0.9 * best
    assert face_quality(crop, replace(GOOD, landmarks=leaning), 200) < 0.9 * best


def test_always_between_nothing_and_one(crop):
    for score in (0.0, 0.5, 1.0):
        for side in (0.0, 20.0, 3000.0):
            for pixels in (crop, np.zeros_like(crop)):
                value = face_quality(pixels, replace(GOOD, score=score), side)
                assert 0 <= value <= 1


def test_sharpness_falls_with_blur_and_ignores_fading(crop):
    values = [sharpness(blurred(crop, radius)) for radius in (0, 2, 4, 8)]
    assert values == sorted(values, reverse=True)
    faded = (crop * 0.3 + 90).astype(np.uint8)
    assert sharpness(faded) == pytest.approx(sharpness(crop), rel=0.25)
