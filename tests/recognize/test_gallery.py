"""Prototypes and what is compared with which, against plain loops."""

import numpy as np
import pytest

from photoclust.recognize import gallery

YEAR_S = 365.25 * 24 * 3600
NAN = float("nan")


def turned(degrees):
    """Unit vectors in a plane."""
    angles = np.deg2rad(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def naive_scores(known, vectors, times):
    """Face by face and person by person."""
    result = np.empty((len(vectors), len(known.people)))
    for row, (vector, time) in enumerate(zip(vectors, times, strict=True)):
        for place in range(len(known.people)):
            end = [*known.first.tolist(), len(known.epochs)][place + 1]
            mine = list(range(known.first[place], end))
            if len(mine) > 1 and not np.isnan(time):
                mine = [min(mine, key=lambda each: abs(known.epochs[each] - time))]
            result[row, place] = max(float(vector @ known.prototypes[each]) for each in mine)
    return result


@pytest.mark.parametrize("seed", range(6))
def test_scores_are_those_of_the_naive_loop(seed, make_faces):
    faces, truth = make_faces(seed, [1, 2, 9, 30, 12, 3])
    person = np.where(np.arange(len(truth)) % 3 == 0, -1, truth + 2**40)
    known = gallery.build(faces.vectors, person, faces.quality, faces.times)
    assert known.counts.max() > 2
    scores = known.scores(faces.vectors, faces.times)
    assert scores.dtype == np.float32
    naive = naive_scores(known, faces.vectors, faces.times)
    np.testing.assert_allclose(scores, naive, atol=1e-6)


def test_a_prototype_is_the_mean_by_quality_and_of_unit_length():
    vectors = turned([0, 90, 200])
    person = np.array([5, 5, -2])
    known = gallery.build(vectors, person, np.array([0.9, 0.0, 1], np.float32), np.full(3, NAN))
    mean = 0.9 * vectors[0] + 0.1 * vectors[1]  # poor faces count a little
    np.testing.assert_allclose(known.prototypes, [mean / np.linalg.norm(mean)], atol=1e-6)
    assert known.people.tolist() == [5]
    assert np.isnan(known.epochs).tolist() == [True]


def test_what_is_near_in_time_counts_more():
    vectors = turned([0, 60, 30])
    times = np.array([0, 10 * YEAR_S, NAN])
    known = gallery.build(vectors, np.zeros(3, np.int64), np.ones(3, np.float32), times)
    far = 0.25 + 0.75 * np.exp(-10 / 3)
    for prototype, weights in zip(known.prototypes, ([1, far, 0.5], [far, 1, 0.5]), strict=True):
        mean = np.array(weights) @ vectors
        np.testing.assert_allclose(prototype, mean / np.linalg.norm(mean), atol=1e-6)
    assert known.epochs.tolist() == [0, 10 * YEAR_S]


def test_a_child_is_compared_with_the_prototype_of_its_time():
    vectors = turned([0, 5, 100, 105])
    times = np.array([0, 0.1, 10, 10.1]) * YEAR_S
    known = gallery.build(vectors, np.zeros(4, np.int64), np.ones(4, np.float32), times)
    small, grown = known.prototypes
    asked = np.repeat(turned([2]), 3, axis=0)
    scores = known.scores(asked, np.array([1, 9, NAN]) * YEAR_S)[:, 0]
    assert scores == pytest.approx([asked[0] @ small, asked[0] @ grown, asked[0] @ small])
    assert scores[0] > scores[1] + 0.5


@pytest.mark.parametrize(
    ("years", "epochs"),
    [([], 1), ([3], 1), ([3, 4.9], 1), ([3, NAN, 5.1], 2), ([0, 1, 2.5, 7, 7.5], 3), ([NAN], 1)],
)
def test_a_prototype_for_every_two_years_with_faces(years, epochs):
    found = gallery.ages_of(np.array(years) * YEAR_S)
    assert len(found) == epochs
    assert np.isnan(found).all() == (epochs == 1)
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_gallery_with_people_replaced_is_the_one_built_anew(seed, make_faces):
    faces, truth = make_faces(seed, [4, 20, 7, 1, 15])
    rng = np.random.default_rng(seed)
    before, after = (np.where(rng.random(len(truth)) < 0.5, truth * 10, -1) for _ in range(2))
    after[after == 10] = -1  # one that is gone, one that is new
    before[before == 20] = -1
    changed = np.array([0, 10, 20, 30, 40])[rng.random(5) < 0.5]
    changed = np.union1d(changed, [10, 20])
    mixed = np.where(np.isin(before, changed), -1, before)
    mixed = np.where(np.isin(after, changed), after, mixed)
    rest = (faces.quality, faces.times)
    part = gallery.build(faces.vectors, after, *rest, only=changed)
    found = gallery.build(faces.vectors, before, *rest).replaced(changed, part)
    anew = gallery.build(faces.vectors, mixed, *rest)
    for name in ("people", "first", "prototypes", "epochs"):
        np.testing.assert_array_equal(getattr(found, name), getattr(anew, name))


def test_where_nobody_is_known_there_are_no_scores():
    vectors, person = turned([0, 1]), np.array([-1, -2])
    known = gallery.build(vectors, person, np.ones(2, np.float32), np.zeros(2))
    assert known.scores(vectors, np.zeros(2)).shape == (2, 0)
    again = known.replaced(np.array([3]), known)
    assert again.people.tolist() == again.first.tolist() == []
