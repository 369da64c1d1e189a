"""Nobody is twice in a photo: against every way to give out people, one by one."""

import itertools

import numpy as np
import pytest

from photoclust.recognize.candidates import KEPT, Candidates
from photoclust.recognize.photo_mates import already_there, contested

NO_PHOTOS = np.empty(0, np.int64)


def drawn(rng, faces, people, step=1):
    """Candidates of `faces`, and log-odds that fall along each row."""
    found = Candidates.none(faces)
    odds = np.full((faces, KEPT), -20.0)
    for face in range(faces):
        some = rng.permutation(people)[: rng.integers(0, min(people, KEPT) + 1)]
        found.people[face, : len(some)] = some * step
        odds[face, : len(some)] = np.sort(rng.normal(0, 3, len(some)))[::-1]
    return found, odds


def likeliest(people, odds):
    """Whom each of the faces of a photo gets (-1: nobody), by trying everything."""
    choices = [[-1, *(who for who in row if who >= 0)] for row in people.tolist()]
    value = [
        dict(zip(row.tolist(), each, strict=True))
        for row, each in zip(people, odds.tolist(), strict=True)
    ]
    best, most = None, -np.inf
    for way in itertools.product(*choices):
        given = [who for who in way if who >= 0]
        total = sum(value[face][who] for face, who in enumerate(way) if who >= 0)
        if len(set(given)) == len(given) and total > most:
            best, most = way, total
    return best


def naive_contested(people, odds):
    """What is taken from whom, and the rivals, in one photo with a contest."""
    way = likeliest(people, odds)
    taken, rivals = np.zeros(people.shape, bool), np.zeros(len(people))
    for who in set(people[people >= 0].tolist()):
        like = [
            (odds[face][people[face] == who][0], face)
            for face in range(len(people))
            if who in people[face]
        ]
        free = [(value, face) for value, face in like if way[face] < 0]
        owner = way.index(who) if who in way else max(free)[1] if free else None
        for _, face in like:
            if owner is not None and face != owner:
                taken[face] |= people[face] == who
    for face in range(len(people)):
        left = [
            place for place in range(KEPT) if people[face, place] >= 0 and not taken[face, place]
        ]
        if left:
            who = people[face, left[0]]
            others = [other for other in range(len(people)) if other != face]
            rivals[face] = sum(np.exp(odds[other][people[other] == who]).sum() for other in others)
    return way, taken, rivals


@pytest.mark.parametrize("seed", range(12))
def test_people_are_given_out_so_that_all_of_it_is_likeliest(seed):
    """Photos with a contest are those of the naive search; in the others nothing is taken."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    photo = rng.permutation(np.repeat(np.arange(12) * 2**50, count))
    candidates, odds = drawn(rng, len(photo), int(rng.integers(1, 6)), step=2**40)
    taken, rivals = contested(candidates, odds, photo, NO_PHOTOS)
    contests = 0
    for number in np.unique(photo):
        faces = np.flatnonzero(photo == number)
        people = candidates.people[faces]
        first = people[people[:, 0] >= 0, 0]
        if len(set(first.tolist())) == len(first):
            assert not taken[faces].any()
            assert not rivals[faces].any()
            continue
        contests += 1
        way, gone, naive_rivals = naive_contested(people, odds[faces])
        assert taken[faces].tolist() == gone.tolist()
        assert rivals[faces] == pytest.approx(naive_rivals)
        after = candidates.of(faces).without(taken[faces]).people[:, 0]
        for face, who in enumerate(way):
            if who >= 0:
                assert after[face] == who
        left = after[after >= 0].tolist()
        assert len(set(left)) == len(left)
    assert contests


def test_a_person_nobody_is_sure_of_stays_with_a_face_that_is_nobody_else(as_candidates):
    """The first face is most like both, but it is A for sure: B may be the second or the third."""
    candidates = as_candidates([[1, 2], [2], [1]], [[0.9, 0.5], [0.4], [0.3]])
    odds = np.full((3, KEPT), -20.0)
    odds[0, :2], odds[1, 0], odds[2, 0] = (5, -1), -2, -3
    taken, _ = contested(candidates, odds, np.zeros(3, np.int64), NO_PHOTOS)
    assert np.argwhere(taken).tolist() == [[0, 1], [2, 0]]


def test_excepted_photos_may_show_a_person_twice(as_candidates):
    candidates = as_candidates([[1], [1], [1], [1]], [[0.9], [0.8], [0.9], [0.8]])
    odds = np.tile(np.array([[3.0], [2.0]]), (2, KEPT))
    photo = np.array([7, 7, 8, 8])
    taken, rivals = contested(candidates, odds, photo, np.array([7]))
    assert taken[:, 0].tolist() == [False, False, False, True]
    assert rivals == pytest.approx([0, 0, np.exp(2), 0])


def test_the_confirmed_person_of_a_photo_is_barred_for_its_other_faces(as_candidates):
    photo = np.array([5, 5, 6, 6, 9]) * 2**55
    person = np.array([-1, 3, -1, 3, -2])
    rows = np.array([0, 2, 4])
    candidates = as_candidates([[3, 4], [4, 3], [3]], [[0.9, 0.1], [0.5, 0.4], [0.9]])
    barred = already_there(candidates, rows, person, photo, NO_PHOTOS)
    assert np.argwhere(barred).tolist() == [[0, 0], [1, 1]]
    barred = already_there(candidates, rows, person, photo, photo[:1])
    assert np.argwhere(barred).tolist() == [[1, 1]]


def test_no_faces_and_no_candidates_have_no_contest():
    for count in (0, 3):
        none = Candidates.none(count)
        photo = np.zeros(count, np.int64)
        taken, rivals = contested(none, np.zeros((count, KEPT)), photo, NO_PHOTOS)
        assert taken.shape == (count, KEPT)
        assert not taken.any()
        assert rivals.tolist() == [0.0] * count
