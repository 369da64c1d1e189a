"""Tilt and frontality of faces drawn by hand."""

import math

import pytest

from photoclust.core.types import Box, Detection
from photoclust.vision.pose import eyes_to_mouth, frontality, tilt

FRONTAL = ((30.0, 40.0), (70.0, 40.0), (50.0, 60.0), (35.0, 80.0), (65.0, 80.0))


def face(points, angle=0.0):
    """A detection whose landmarks are `points` turned clockwise by `angle` degrees."""
    sin, cos = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    turned = tuple(
        (50 + (x - 50) * cos - (y - 60) * sin, 60 + (x - 50) * sin + (y - 60) * cos)
        for x, y in points
    )
    return Detection(Box(20, 20, 60, 80), turned, 0.9)


@pytest.mark.parametrize("angle", [0, 30, 90, 180])
def test_tilt_is_the_angle_by_which_the_face_is_turned(angle):
    assert tilt(face(FRONTAL, angle)) == pytest.approx(angle, abs=1e-6)
    assert tilt(face(FRONTAL, -angle)) == pytest.approx(angle, abs=1e-6)


def test_eyes_to_mouth_is_a_length():
    assert eyes_to_mouth(face(FRONTAL, 77)) == pytest.approx(40)


@pytest.mark.parametrize("angle", [0, 45, 170])
def test_a_frontal_face_is_frontal_whatever_its_tilt(angle):
    assert frontality(face(FRONTAL, angle)) == pytest.approx(1.0)


def test_the_more_the_nose_is_to_the_side_the_less_frontal():
    values = [
        frontality(face((*FRONTAL[:2], (50.0 + shift, 60.0), *FRONTAL[3:])))
        for shift in (0, 5, 10, 15)
    ]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.3


def test_a_profile_has_no_frontality():
    profile = ((50.0, 40.0), (52.0, 40.0), (70.0, 60.0), (50.0, 80.0), (52.0, 80.0))
    assert frontality(face(profile)) == 0.0


def test_collapsed_landmarks_are_no_face():
    assert frontality(Detection(Box(0, 0, 10, 10), ((5.0, 5.0),) * 5, 0.9)) == 0.0
