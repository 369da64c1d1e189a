import itertools
import random

import pytest

from photoclust.core.regions import NamedRegion
from photoclust.core.types import Box
from photoclust.services.names_in_matching import likeness, match

FACE = Box(0.4, 0.3, 0.1, 0.12)


def region(name, box, *others, certain=True):
    return NamedRegion(name, box, "mwg", others=tuple(others), certain=certain)


def grown(box, factor, dx=0.0, dy=0.0):
    """`box` about its centre, moved by shares of its sides."""
    w, h = box.w * factor, box.h * factor
    x, y = box.centre
    return Box(x - w / 2 + dx * box.w, y - h / 2 + dy * box.h, w, h)


@pytest.mark.parametrize("factor", [0.4, 0.7, 1, 1.5, 2.5])
@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (0.15, 0), (0, -0.15), (0.1, 0.1)])
def test_a_box_of_any_size_around_a_face_is_that_face(factor, dx, dy):
    found = match([region("Anna", grown(FACE, factor, dx, dy))], [FACE])
    assert found.faces == {0: 0}


@pytest.mark.parametrize(
    "other",
    [
        Box(0.7, 0.3, 0.1, 0.12),  # somebody beside
        Box(0.0, 0.0, 1.0, 1.0),  # the whole picture
        Box(0.42, 0.35, 0.01, 0.01),  # an eye
        Box(0.48, 0.3, 0.1, 0.12),  # overlaps a little
        Box(0.35, 0.3, 0.2, 0.7),  # a body
    ],
)
def test_other_boxes_are_not(other):
    assert likeness(FACE, other) == 0
    found = match([region("Anna", other)], [FACE])
    assert found.faces == {}
    # Nor is it drawn over a face that is there.
    assert found.over == ({} if other.x >= 0.48 else {0: 0})


def test_faces_are_shared_out_together():
    """One box fits both faces, the other one only: what is left decides."""
    left, right = Box(0.30, 0.3, 0.1, 0.1), Box(0.38, 0.3, 0.1, 0.1)
    regions = [region("Anna", Box(0.33, 0.3, 0.12, 0.1)), region("Bert", Box(0.29, 0.3, 0.1, 0.1))]
    assert match(regions, [left, right]).faces == {0: 1, 1: 0}


def test_a_box_between_two_faces_is_nobodys():
    left, right = Box(0.30, 0.3, 0.1, 0.1), Box(0.40, 0.3, 0.1, 0.1)
    found = match([region("Anna", Box(0.30, 0.25, 0.2, 0.2))], [left, right])
    assert found.ambiguous == {0}
    assert found.faces == {}


def test_two_names_for_one_face_are_told():
    found = match([region("Anna", FACE), region("Bert", grown(FACE, 1.6, 0.1))], [FACE])
    assert found.faces == {0: 0}
    assert found.taken == {1: 0}


def test_the_reading_that_fits_most_faces_is_taken():
    faces = [Box(0.1, 0.1, 0.1, 0.1), Box(0.6, 0.2, 0.1, 0.1)]
    turned = [Box(0.8, 0.1, 0.1, 0.1), Box(0.2, 0.6, 0.1, 0.1)]
    regions = [
        region(name, wrong, right, certain=False)
        for name, wrong, right in zip("AB", turned, faces, strict=True)
    ]
    found = match(regions, faces)
    assert found.reading == 1
    assert found.borne_out
    assert found.faces == {0: 0, 1: 1}
    nothing = match(regions, [])
    assert nothing.reading == 0
    assert not nothing.borne_out


def test_as_an_exhaustive_search_says():
    rng = random.Random(5)
    for _ in range(60):
        faces = [Box(rng.random() * 0.3, rng.random() * 0.3, 0.1, 0.1) for _ in range(3)]
        regions = [
            region(str(n), Box(rng.random() * 0.3, rng.random() * 0.3, 0.12, 0.12))
            for n in range(3)
        ]
        scores = [[likeness(each.box, face) for face in faces] for each in regions]
        best = max(
            sum(scores[n][face] for n, face in enumerate(order))
            for order in itertools.permutations(range(3))
        )
        assert match(regions, faces).score == pytest.approx(best)


def test_nothing_to_share_out():
    assert match([], [FACE]).faces == {}
    assert match([region("Anna", FACE)], []).faces == {}
