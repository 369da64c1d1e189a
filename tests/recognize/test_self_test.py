"""Confirmed faces judged without their own word, against a plain loop."""

from dataclasses import replace

import numpy as np
import pytest

from photoclust.recognize.candidates import LEAD
from photoclust.recognize.gallery import ages_of
from photoclust.recognize.self_test import SelfTest, judged_rows, leave_one_out

YEAR_S = 365.25 * 24 * 3600


def mean(weights, vectors):
    return sum(w * v.astype(float) for w, v in zip(weights, vectors, strict=True)) / sum(weights)


def naive(faces, person, row):
    """How alike `row` and the mean of the other faces of its person are."""
    mine = np.flatnonzero(person == person[row])
    dated = not np.isnan(ages_of(faces.times[mine])[0]) and not np.isnan(faces.times[row])
    all_weights, weights = [], []
    for other in mine:
        away = abs(faces.times[other] - faces.times[row])
        near = 1.0
        if dated:
            near = 0.5 if np.isnan(away) else 0.25 + 0.75 * np.exp(-away / (3 * YEAR_S))
        all_weights.append(max(faces.quality[other], 0.1) * near)
        same = other == row or away < 60 or faces.photo[other] == faces.photo[row]
        weights.append(0.0 if same else all_weights[-1])
    if not any(weights):
        return np.nan
    others, everything = (mean(each, faces.vectors[mine]) for each in (weights, all_weights))
    length = np.linalg.norm(others)
    longer = np.clip(length / np.linalg.norm(everything), 1, 1.1)
    return others @ faces.vectors[row] / length * longer


@pytest.mark.parametrize("seed", range(6))
def test_faces_are_judged_as_the_naive_loop_does(seed, make_faces, monkeypatch):
    monkeypatch.setattr("photoclust.recognize.self_test._AT_ONCE", 4)
    faces, truth = make_faces(seed, [1, 2, 12, 20, 5])
    rng = np.random.default_rng(seed)
    # Bursts, and a photo in which somebody is several times.
    times = np.where(rng.random(len(truth)) < 0.3, np.round(faces.times, -8), faces.times)
    times = times + rng.uniform(0, 100, len(truth))
    faces = replace(faces, times=times, photo=faces.photo // 2)
    person = np.where(rng.random(len(truth)) < 0.8, truth * 2**40, -1)
    rows = rng.permutation(np.flatnonzero(person >= 0))
    own = leave_one_out(faces, faces.vectors, person, rows)
    assert own.dtype == np.float32
    np.testing.assert_allclose(own, [naive(faces, person, row) for row in rows], atol=1e-5)


def test_the_same_photo_and_the_same_minute_say_nothing(make_faces):
    faces, truth = make_faces(0, [4])
    rows = np.arange(4)
    apart = replace(faces, photo=rows, times=np.arange(4) * 60.0)
    assert not np.isnan(leave_one_out(apart, faces.vectors, truth, rows)).any()
    one_photo = replace(apart, photo=np.zeros(4, np.int64))
    assert np.isnan(leave_one_out(one_photo, faces.vectors, truth, rows)).all()
    one_minute = replace(apart, times=np.arange(4) * 19.0)
    assert np.isnan(leave_one_out(one_minute, faces.vectors, truth, rows)).all()
    undated = replace(apart, times=np.full(4, np.nan))
    assert not np.isnan(leave_one_out(undated, faces.vectors, truth, rows)).any()
    assert leave_one_out(apart, faces.vectors, truth, rows[:0]).shape == (0,)


@pytest.mark.parametrize(("people", "each"), [(1, 20), (150, 20), (300, 10), (3000, 2), (9000, 2)])
def test_of_each_person_a_few_faces_are_judged(people, each):
    person = np.random.default_rng(0).permutation(np.repeat(np.arange(people), 30))
    person[person == 0] = -2
    rows = judged_rows(person)
    assert (np.diff(rows) > 0).all()
    counts = np.bincount(person[rows], minlength=people)
    assert counts[0] == 0
    judged = min(people - 1, 1500)
    assert set(counts[1:].tolist()) <= {0, each}
    assert (counts > 0).sum() == judged


def test_of_very_many_people_the_same_are_judged_when_others_get_known():
    before = np.repeat(np.arange(4000), 3)
    after = np.concatenate([before, np.repeat(np.arange(4000, 4010), 3)])
    rows = judged_rows(before)
    assert len(np.setdiff1d(rows, judged_rows(after))) <= 20


def test_who_is_judged_does_not_hang_on_the_numbers_of_people():
    person = np.random.default_rng(0).integers(-1, 9, 500)
    renamed = np.where(person < 0, -1, np.random.default_rng(1).permutation(9)[person] * 2**50)
    assert judged_rows(person).tolist() == judged_rows(renamed).tolist()
    assert judged_rows(np.full(3, -1)).tolist() == []


def test_scores_of_right_and_wrong_matches_by_hand(as_candidates):
    others = as_candidates(
        [[4, 5, 6, 7, 8, 9], [4], []],
        [[0.5, 0.4, 0.3, 0.2, 0.1, 0.0], [0.3], []],
    )
    own = np.array([0.8, np.nan, 0.7], np.float32)
    tested = SelfTest(np.array([3, 8, 9]), own, others)
    scores = [0.8 + LEAD * (0.8 - 0.3), 0.7 + LEAD * (0.7 - 0.06)]
    assert tested.right() == pytest.approx(scores)
    wrong = [0.5 + LEAD * (0.5 - 0.2), 0.3 + LEAD * (0.3 - 0.06)]
    assert tested.wrong() == pytest.approx(wrong)
