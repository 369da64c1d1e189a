"""Faces of a picture before and after it was changed, as real edits move them."""

import numpy as np
import pytest

from photoclust.core.types import Box
from photoclust.store.matching import PlacedFace, match_faces

WIDTH, HEIGHT = 600, 400
BOXES = [Box(40, 60, 90, 110), Box(200, 50, 80, 100), Box(430, 180, 100, 120)]


def person(number, *, likeness=1.0, seed=0):
    """Unit vector of a person; in another picture of them as much alike as `likeness` (cosine)."""
    centre = np.random.default_rng([1, number]).standard_normal(512)
    centre /= np.linalg.norm(centre)
    noise = np.random.default_rng([2, number, seed]).standard_normal(512)
    noise -= (noise @ centre) * centre
    noise /= np.linalg.norm(noise)
    return (likeness * centre + np.sqrt(1 - likeness**2) * noise).astype(np.float32)


def placed(box, vector, size=(WIDTH, HEIGHT)):
    return PlacedFace(box.scaled(1 / size[0], 1 / size[1]), vector)


@pytest.fixture
def known():
    """Three people."""
    return [placed(box, person(number)) for number, box in enumerate(BOXES)]


def test_nothing_matches_nothing(known):
    assert match_faces([], known) == match_faces(known, []) == match_faces([], []) == {}


def test_faces_found_again_are_the_same_in_any_order(known):
    assert match_faces(known, known[::-1]) == {0: 2, 1: 1, 2: 0}


def test_a_crop_keeps_the_faces_that_are_left(known):
    """From x = 150 on: the first face is outside, the others lie elsewhere in the new picture."""
    size = (WIDTH - 150, HEIGHT)
    moved = [Box(box.x - 150, box.y, box.w, box.h) for box in BOXES[1:]]
    found = [
        placed(box, person(number, likeness=0.9), size)
        for number, box in zip((1, 2), moved, strict=True)
    ]
    assert match_faces(known, found) == {0: 1, 1: 2}


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turn_keeps_all_faces(known, turn):
    size = (HEIGHT, WIDTH) if turn % 180 else (WIDTH, HEIGHT)
    found = [
        placed(box.turned(turn, WIDTH, HEIGHT), person(number, likeness=0.85), size)
        for number, box in enumerate(BOXES)
    ]
    assert match_faces(known, found[::-1]) == {0: 2, 1: 1, 2: 0}


def test_strong_edits_are_recognised_by_the_place(known):
    """Blurred or in another colour, a face is less like itself, but where it was."""
    found = [placed(box, person(number, likeness=0.4)) for number, box in enumerate(BOXES)]
    assert match_faces(known, found) == {0: 0, 1: 1, 2: 2}


def test_another_picture_has_none_of_the_faces_also_at_the_same_places(known):
    found = [placed(box, person(number + 10)) for number, box in enumerate(BOXES)]
    assert match_faces(known, found) == {}


def test_who_is_a_little_alike_elsewhere_is_another_one(known):
    """Siblings in one photo."""
    found = [placed(Box(300, 250, 60, 80), person(0, likeness=0.6))]
    assert match_faces(known, found) == {}


def test_twins_are_told_apart_by_their_places():
    """Also where each looks more like the other one did before."""
    one, other = (person(0, likeness=0.95, seed=seed) for seed in (1, 2))
    twins = [placed(BOXES[0], one), placed(BOXES[1], other)]
    found = [placed(BOXES[1], one), placed(BOXES[0], other)]
    assert match_faces(twins, found) == {0: 1, 1: 0}


def test_each_face_is_matched_once_and_the_clearest_pair_wins(known):
    near = Box(BOXES[0].x + 10, BOXES[0].y, BOXES[0].w, BOXES[0].h)
    found = [placed(near, person(0, likeness=0.9)), placed(BOXES[0], person(0))]
    assert match_faces(known[:1], found) == {1: 0}
    assert match_faces(found, known[:1]) == {0: 1}


def test_without_a_vector_the_place_decides(known):
    """Boxes drawn by hand, and faces known by another model only."""
    unknown = [PlacedFace(face.box, None) for face in known]
    assert match_faces(unknown, known[::-1]) == {0: 2, 1: 1, 2: 0}
    assert match_faces(known, [placed(Box(300, 250, 60, 80), None)]) == {}
