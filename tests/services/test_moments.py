"""Which moments of a video are kept."""

import numpy as np

from photoclust.core.types import Box
from photoclust.services.moments import ALONE_QUALITY, Sighting, chosen

RNG = np.random.default_rng(1)
PEOPLE = np.linalg.qr(RNG.normal(size=(64, 6)))[0].T


def seen(person, at_ms, quality=0.8):
    vector = PEOPLE[person] + 0.03 * RNG.normal(size=64)
    vector = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Sighting(at_ms, Box(100 * person, at_ms / 1000, 50, 50), quality, vector)


def people_in(kept):
    return {at: sorted(round(box.x / 100) for box in boxes) for at, boxes in kept.items()}


def test_each_person_is_kept_once_where_they_are_seen_best():
    sightings = [seen(0, 0, 0.4), seen(0, 2000, 0.9), seen(0, 4000, 0.5)]

    assert people_in(chosen(sightings, 0)) == {2000: [0]}


def test_as_few_pictures_as_may_be():
    sightings = [
        *(seen(person, 1000) for person in (0, 1)),
        *(seen(person, 2000) for person in (0, 1, 2)),
        *(seen(person, 3000) for person in (2, 3)),
        seen(3, 4000),
    ]

    assert people_in(chosen(sightings, 0)) == {2000: [0, 1, 2], 3000: [3]}


def test_of_equal_moments_the_one_that_is_shown_is_kept():
    sightings = [seen(0, at) for at in (0, 2000, 4000)]

    assert people_in(chosen(sightings, 2000)) == {2000: [0]}
    assert people_in(chosen(sightings, 9000)) == {0: [0]}


def test_two_faces_of_one_moment_are_two_people_however_alike():
    twins = [seen(0, at) for at in (0, 0, 2000, 2000)]

    kept = chosen(twins, 0)

    assert sum(len(boxes) for boxes in kept.values()) == 2


def test_a_face_that_is_seen_once_must_be_a_good_one():
    sightings = [
        seen(0, 0),
        seen(0, 2000),
        seen(1, 2000, ALONE_QUALITY - 0.01),
        seen(2, 4000, ALONE_QUALITY),
    ]

    assert people_in(chosen(sightings, 0)) == {0: [0], 4000: [2]}


def test_nobody_is_nowhere():
    assert chosen([], 0) == {}
    assert people_in(chosen([seen(0, 500, 0.9)], 0)) == {500: [0]}
