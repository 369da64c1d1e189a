"""Negatives are noticed by their faces, and nothing else is taken for one."""

import numpy as np
import pytest
from PIL import Image

from photoclust.vision import models
from photoclust.vision.contrast import Stretch
from photoclust.vision.finder import FaceFinder
from photoclust.vision.negatives import Positive
from photoclust.vision.polarity import CLEAR, polarity
from photoclust.vision.seeing import see, tone_of

NAMES = (
    "Space/astronaut.png",
    "2010 Blue Room/side by side.jpg",
    "2012 Oval Office/portrait sitting.jpg",
)


class Counting(FaceFinder):
    """Counts what it is asked."""

    def __init__(self):
        super().__init__(models.load_detector())
        self.asked = []

    def find(self, pixels):
        self.asked.append("find")
        return super().find(pixels)

    def glance(self, pixels):
        self.asked.append("glance")
        return super().glance(pixels)


@pytest.fixture(scope="module")
def loaded():
    return Counting()


@pytest.fixture
def finder(loaded):
    loaded.asked.clear()
    return loaded


@pytest.fixture(scope="module")
def pictures(demo_album):
    found = []
    for name in NAMES:
        with Image.open(demo_album / name) as image:
            picture = image.convert("RGB")
        picture.thumbnail((900, 900))
        found.append(np.array(picture))
    return found


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_photo_is_looked_at_once(finder, pictures, number):
    seen = see(finder, pictures[number])
    assert not seen.negative
    assert finder.asked == ["find"]


@pytest.mark.parametrize("number", range(len(NAMES)))
@pytest.mark.parametrize("colour", [True, False], ids=["colour", "black and white"])
def test_a_negative_is_noticed_and_its_faces_are_where_they_are(
    finder, pictures, as_film, number, colour
):
    pixels = pictures[number]
    seen = see(finder, as_film(pixels, colour=colour))
    assert seen.negative
    assert isinstance(seen.tone, Positive)
    there = finder.find(pixels).detections
    assert len(seen.findings.detections) == len(there)
    for face in there:
        assert max(face.box.iou(other.box) for other in seen.findings.detections) > 0.6


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_negative_on_its_side_is_noticed(finder, pictures, as_film, turn):
    film = np.rot90(as_film(pictures[0], colour=True), -turn // 90)
    seen = see(finder, np.ascontiguousarray(film))
    assert (seen.negative, seen.findings.turn) == (True, turn)


def test_a_photo_with_bright_eyes_that_is_better_as_it_is_stays(finder, pictures):
    """Eyes made bright, as a reflection or a white cap over shade does, are not enough."""
    pixels = pictures[0].copy()
    face = finder.find(pixels).detections[0]
    for x, y in face.landmarks[:2]:
        left, top = int(x - 0.08 * face.side), int(y - 0.08 * face.side)
        side = int(0.16 * face.side)
        pixels[top : top + side, left : left + side] = (
            pixels[top : top + side, left : left + side] // 3 + 170
        )
    assert polarity(pixels, finder.find(pixels).detections[0]) < -CLEAR
    finder.asked.clear()
    assert not see(finder, pixels).negative
    assert finder.asked == ["find", "find"]


def test_a_grey_picture_without_a_face_costs_a_glance(finder):
    rng = np.random.default_rng(3)
    noise = rng.integers(70, 190, (24, 32)).astype(np.uint8)
    grey = np.asarray(Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC))
    seen = see(finder, np.repeat(grey[..., None], 3, axis=2))
    assert not seen.negative
    assert finder.asked == ["find", "glance"]


def test_what_is_said_is_not_asked(finder, pictures, as_film):
    film = as_film(pictures[0], colour=True)
    assert not see(finder, film, negative=False).negative
    inverted = see(finder, pictures[0], negative=True)
    assert inverted.negative
    assert isinstance(inverted.tone, Positive)
    assert finder.asked == ["find", "find"]


def test_the_tone_is_what_the_picture_needs(pictures):
    assert tone_of(pictures[0], negative=False) is None
    assert isinstance(tone_of(pictures[0] // 4 + 90, negative=False), Stretch)
    assert isinstance(tone_of(pictures[0] // 4 + 90, negative=True), Positive)
