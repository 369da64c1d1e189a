"""Recognition as a whole: who is named, and that what came before leaves no trace."""

from dataclasses import replace

import numpy as np
import pytest

from photoclust.cluster.neighbor_lists import Neighbours
from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl
from photoclust.recognize.calibration import Platt
from photoclust.recognize.faces import NO_FACE, Decisions, Faces
from photoclust.recognize.recognizer import FAIR_QUALITY, Recognizer

BEFORE = Platt(2.0, -5.0)
PRECISION = 0.98
ARRAYS = ("probability", "likeness", "score", "runner_up_probability", "runner_up_likeness")


def same(one, other):
    """The same answer, but for the last digits of 32 bits."""
    for name in ("rows", "person", "runner_up", "named", "asked", "fair"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for name in ARRAYS:
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=1e-3, atol=1e-4, err_msg=name
        )
    assert one.share == pytest.approx(other.share, abs=1e-4)


def confirmed(truth, rng, known, each=3):
    """Decisions about `each` faces of the people below `known`."""
    person = np.full(len(truth), -1)
    for who in range(known):
        mine = np.flatnonzero(truth == who)
        person[rng.permutation(mine)[:each]] = who * 10
    return person


def changed(rng, faces, truth, decisions):
    """What users say next: right and wrong names, names taken back, no faces, rejections."""
    person, rejected = decisions.person.copy(), decisions.rejected
    people = np.unique(truth)
    for _ in range(int(rng.integers(1, 6))):
        row = int(rng.integers(len(truth)))
        kind = rng.random()
        if kind < 0.4:
            person[row] = truth[row] * 10
        elif kind < 0.6:
            person[row] = rng.choice(people) * 10
        elif kind < 0.75:
            person[row] = -1
        elif kind < 0.8:
            person[person == rng.choice(people) * 10] = -1
        elif kind < 0.85:
            person[row] = NO_FACE
        else:
            rejected = np.concatenate([rejected, [[row, rng.choice(people) * 10]]])
    excepted = faces.photo[rng.integers(len(truth), size=2)]
    return Decisions(person, rejected, excepted)


@pytest.mark.parametrize("count", [3, 9, 25])
@pytest.mark.parametrize("seed", range(8))
def test_after_any_decisions_the_answer_is_that_of_a_new_recognizer(seed, count, make_faces):
    rng = np.random.default_rng([seed, count])
    sizes = rng.integers(1, 15, count)
    faces, truth = make_faces(int(rng.integers(1000)), sizes, spread=0.9)
    recognizer = Recognizer(faces, BEFORE)
    decisions = Decisions(confirmed(truth, rng, count // 2, each=2))
    for _ in range(8):
        if rng.random() < 0.2:
            recognizer.doubts(decisions)
        again = recognizer.recognize(decisions, PRECISION)
        same(again, Recognizer(faces, BEFORE).recognize(decisions, PRECISION))
        decisions = changed(rng, faces, truth, decisions)


def test_doubts_are_the_same_before_and_after_recognition(make_faces):
    faces, truth = make_faces(5, [10] * 8, spread=0.9)
    rng = np.random.default_rng(5)
    person = confirmed(truth, rng, 8, each=6)
    person[np.flatnonzero(person >= 0)[:4]] = 70
    rejected = np.column_stack([np.flatnonzero(person < 0)[:5], np.full(5, 70)])
    decisions = Decisions(person, rejected)
    used = Recognizer(faces, BEFORE)
    used.recognize(decisions, PRECISION)
    one, other = used.doubts(decisions), Recognizer(faces, BEFORE).doubts(decisions)
    assert len(one.rows)
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_array_equal(one.doubt, other.doubt)


def test_a_cancelled_recognition_leaves_no_trace(make_faces):
    faces, truth = make_faces(1, [12] * 9, spread=0.9)
    rng = np.random.default_rng(1)
    recognizer = Recognizer(faces, BEFORE)
    decisions = Decisions(confirmed(truth, rng, 9))
    recognizer.recognize(decisions, PRECISION)
    cancelled = JobControl()
    cancelled.cancel()
    for _ in range(3):
        decisions = changed(rng, faces, truth, decisions)
        decisions.person[np.flatnonzero(decisions.person == -1)[0]] = 20
        with pytest.raises(CancelledError):
            recognizer.recognize(decisions, PRECISION, control=cancelled)
    again = recognizer.recognize(decisions, PRECISION)
    same(again, Recognizer(faces, BEFORE).recognize(decisions, PRECISION))


@pytest.mark.parametrize("seed", range(4))
def test_known_people_are_named_and_strangers_are_not(seed, make_faces):
    faces, truth = make_faces(seed, [12] * 8 + [2] * 20)
    found = Recognizer(faces, BEFORE).recognize(
        Decisions(confirmed(truth, np.random.default_rng(seed), 8)), PRECISION
    )
    who = truth[found.rows]
    known = who < 8
    assert found.named[known & found.fair].mean() > 0.8
    assert not found.named[~known].any()
    assert (found.person[found.named] == who[found.named] * 10).all()
    assert not found.named[~found.fair].any()
    assert (found.fair == (faces.quality[found.rows] >= FAIR_QUALITY)).all()
    assert found.share == pytest.approx(known.mean(), abs=0.1)
    assert not (found.named & found.asked).any()
    assert found.number_named_at(PRECISION) == found.named.sum()
    assert found.number_named_at(0.9) >= found.number_named_at(0.999)


def test_the_order_of_faces_and_the_numbers_of_people_play_no_part(make_faces):
    faces, truth = make_faces(2, [10] * 6 + [1] * 10, spread=0.9)
    person = confirmed(truth, np.random.default_rng(2), 6)
    # All are judged: which few of many are drawn would depend on the order.
    one = Recognizer(faces, BEFORE).recognize(Decisions(person), PRECISION)
    names = np.array([60, 10, 50, 0, 20, 30]) * 2**40
    renamed = np.where(person < 0, -1, names[np.maximum(person, 0) // 10])
    moved = replace(faces, photo=faces.photo * 2**40)
    other = Recognizer(moved, BEFORE).recognize(Decisions(renamed), PRECISION)
    for result in ("person", "runner_up"):
        before = getattr(one, result)
        assert (
            getattr(other, result).tolist()
            == np.where(before < 0, -1, names[np.maximum(before, 0) // 10]).tolist()
        )
    np.testing.assert_allclose(one.probability, other.probability, atol=1e-5)
    order = np.random.default_rng(3).permutation(len(truth))
    place = np.argsort(order)
    mixed = replace(
        faces,
        vectors=faces.vectors[order],
        photo=faces.photo[order],
        quality=faces.quality[order],
        times=faces.times[order],
        neighbours=Neighbours(
            place[faces.neighbours.indices[order]], faces.neighbours.similarities[order]
        ),
    )
    other = Recognizer(mixed, BEFORE).recognize(Decisions(person[order]), PRECISION)
    back = np.argsort(order[other.rows])
    assert order[other.rows][back].tolist() == one.rows.tolist()
    assert other.person[back].tolist() == one.person.tolist()
    np.testing.assert_allclose(other.probability[back], one.probability, atol=1e-4)


def test_nobody_is_twice_in_a_photo_nor_whom_a_user_ruled_out(make_faces):
    faces, truth = make_faces(4, [10] * 5, spread=1.3)
    faces = replace(faces, photo=np.arange(len(truth)) // 5)
    person = confirmed(truth, np.random.default_rng(4), 5)
    rejected = np.array([[row, truth[row] * 10] for row in range(0, 50, 7)])
    found = Recognizer(faces, BEFORE).recognize(Decisions(person, rejected), PRECISION)
    for photo in range(10):
        here = found.person[faces.photo[found.rows] == photo]
        names = here[here >= 0].tolist()
        there = person[(faces.photo == photo) & (person >= 0)]
        assert len(set(names)) == len(names)
        assert not set(names) & set(there.tolist())
    said = {tuple(pair) for pair in rejected.tolist()}
    assert not said & set(zip(found.rows.tolist(), found.person.tolist(), strict=True))
    assert not said & set(zip(found.rows.tolist(), found.runner_up.tolist(), strict=True))


def test_three_corrections_make_an_ambiguous_face_less_sure_and_hardly_a_clear_one(people):
    """Two people who look alike; faces of one were taken for the other three times."""
    rng = np.random.default_rng(0)
    vectors, truth = people(rng, 12, 14, 0.6, 64)
    centres = np.stack([vectors[truth == who].mean(axis=0) for who in range(12)])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    twin = centres[0] + 0.9 * centres[1]
    twin /= np.linalg.norm(twin)
    noise = rng.normal(size=(16, 64)) / 8
    vectors[truth == 1] = twin + 0.6 * noise[:14]
    ambiguous = 1.05 * centres[0] + twin + 0.3 * noise[14]
    clear = centres[0] + 0.2 * noise[15]
    vectors = np.concatenate([vectors, [ambiguous, clear]]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    count = len(vectors)
    person = np.full(count, -1)
    for who in range(12):
        person[np.flatnonzero(truth == who)[:10]] = who
    faces = Faces(
        vectors,
        photo=np.arange(count),
        quality=np.ones(count, np.float32),
        times=np.full(count, np.nan),
        neighbours=Neighbours.empty(count, 3),
    )

    def sure(mixed_up):
        mine = np.flatnonzero(person == 1)[:mixed_up]
        rejected = np.column_stack([mine, np.zeros(mixed_up, np.int64)])
        found = Recognizer(faces, BEFORE).recognize(Decisions(person, rejected), PRECISION)
        rows = np.searchsorted(found.rows, [count - 2, count - 1])
        assert found.person[rows].tolist() == [0, 0]
        assert found.runner_up[rows[0]] == 1
        return found.probability[rows]

    before, after = sure(0), sure(3)
    odds_of_wrong = (1 - after) / (1 - before)
    assert odds_of_wrong[0] > 3
    assert odds_of_wrong[1] == pytest.approx(1, abs=0.2)
    assert after[1] == pytest.approx(before[1], abs=0.001)


def test_what_looks_more_like_a_rejected_face_is_not_named_either(make_faces):
    faces, truth = make_faces(6, [12] * 6)
    person = confirmed(truth, np.random.default_rng(6), 5)
    stranger = np.flatnonzero(truth == 5)
    # The sixth person looks like the first.
    vectors = faces.vectors.copy()
    vectors[stranger] += 1.2 * vectors[truth == 0].mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    faces = replace(
        faces,
        vectors=vectors,
        photo=np.arange(len(truth)),
        quality=np.ones(len(truth), np.float32),
        neighbours=Neighbours.empty(len(truth), 3),
    )
    before = Recognizer(faces, BEFORE).recognize(Decisions(person), PRECISION)
    rejected = np.array([[row, 0] for row in stranger[:2]])
    after = Recognizer(faces, BEFORE).recognize(Decisions(person, rejected), PRECISION)
    rest = np.isin(before.rows, stranger[2:])
    assert (before.person[rest] == 0).all()
    taken = rest & (after.person == 0)
    assert (after.likeness[taken] < before.likeness[taken]).all()
    assert after.probability[rest].mean() < 0.6 * before.probability[rest].mean()
    assert after.named[rest].sum() < before.named[rest].sum() / 3


def test_a_rejected_face_is_no_evidence_for_the_person(make_faces):
    """It may be the nearest of a confirmed face, but users said they are two people."""
    faces, _ = make_faces(7, [8])
    person = np.where(np.arange(8) < 4, 5, -1)
    faces = replace(faces, photo=np.arange(8))
    before, after = Recognizer(faces, BEFORE), Recognizer(faces, BEFORE)
    before.recognize(Decisions(person), PRECISION)
    rejected = np.array([[row, 5] for row in range(4, 8)])
    after.recognize(Decisions(person, rejected), PRECISION)
    assert np.isin(before.lookalikes[:4], [4, 5, 6, 7]).any()
    assert not np.isin(after.lookalikes[:4], [4, 5, 6, 7]).any()


@pytest.mark.parametrize(
    "sizes", [[], [1], [2], [3, 1], [4, 4]], ids=["none", "one", "two", "three", "two people"]
)
def test_hardly_any_faces(sizes, make_faces):
    faces, truth = make_faces(0, sizes)
    for known in (0, 1):
        person = np.full(len(truth), -1)
        person[np.flatnonzero(truth == 0)[:known]] = 2**40
        for everybody in (person, np.where(person < 0, 3, person)):
            recognizer = Recognizer(faces, BEFORE)
            found = recognizer.recognize(Decisions(everybody), PRECISION)
            assert found.rows.tolist() == np.flatnonzero(everybody == -1).tolist()
            for name in (*ARRAYS, "share"):
                assert np.isfinite(getattr(found, name)).all()
            doubted = recognizer.doubts(Decisions(everybody))
            assert (everybody[doubted.rows] >= 0).all()
            assert np.isfinite(doubted.doubt).all()


def test_where_nobody_is_known_nobody_is_found(make_faces):
    faces, truth = make_faces(0, [10] * 4)
    hopeful = Platt(2.0, 3.0)
    found = Recognizer(faces, hopeful).recognize(Decisions(np.full(len(truth), -1)), PRECISION)
    assert (found.person == -1).all()
    assert not found.probability.any()
    assert not found.named.any()
    assert not found.asked.any()
    assert found.share < 0.05


def test_a_person_confirmed_in_one_photo_only_is_recognised(make_faces):
    faces, truth = make_faces(3, [10] * 5)
    person = confirmed(truth, np.random.default_rng(3), 5)
    mine = np.flatnonzero(person == 0)
    photo = np.arange(len(truth))
    photo[mine] = 0
    faces = replace(faces, photo=photo + 1, quality=np.ones(len(truth), np.float32))
    found = Recognizer(faces, BEFORE).recognize(Decisions(person), PRECISION)
    theirs = truth[found.rows] == 0
    assert (found.person[theirs] == 0).mean() > 0.8


def test_names_given_automatically_are_evidence_for_nothing(make_faces):
    """Only decisions go in: a second run, or one at another precision, finds the same."""
    faces, truth = make_faces(8, [12] * 6 + [1] * 10)
    decisions = Decisions(confirmed(truth, np.random.default_rng(8), 6))
    recognizer = Recognizer(faces, BEFORE)
    first = recognizer.recognize(decisions, 0.9)
    assert first.named.any()
    again = recognizer.recognize(decisions, 0.999)
    np.testing.assert_array_equal(first.probability, again.probability)
    same(recognizer.recognize(decisions, 0.9), first)
    assert (decisions.person[first.rows] == -1).all()


def test_whoever_else_in_the_photo_may_be_the_person_makes_it_less_sure(make_faces):
    faces, truth = make_faces(9, [12] * 6)
    person = confirmed(truth, np.random.default_rng(9), 6)
    one, other = np.flatnonzero((truth == 0) & (person < 0))[:2]
    photo = np.arange(len(truth))
    photo[other] = photo[one]
    faces = replace(faces, photo=photo, neighbours=Neighbours.empty(len(truth), 3))
    excepted = photo[[one]]
    found = Recognizer(faces, BEFORE).recognize(Decisions(person), PRECISION)
    alone = Recognizer(faces, BEFORE).recognize(Decisions(person, excepted=excepted), PRECISION)
    both = np.isin(found.rows, [one, other])
    assert (alone.person[both] == 0).all()
    (stays,) = np.flatnonzero(both & (found.person == 0))
    assert alone.probability[stays] > 0.9
    assert found.probability[stays] < 0.8 * alone.probability[stays]


def test_who_was_born_after_a_face_is_no_candidate_for_it(make_faces):
    """As if users had said of each such face that it is not them, but that teaches nothing."""
    rng = np.random.default_rng(5)
    faces, truth = make_faces(3, np.full(8, 12), spread=0.7)
    person = confirmed(truth, rng, 8)
    free = Recognizer(faces, BEFORE).recognize(Decisions(person), PRECISION)
    day = rng.integers(0, 100, len(truth))
    born = np.array([[10, 50], [20, 0], [40, 100], [990, 200]])
    days = dict(born.tolist())
    found = Recognizer(faces, BEFORE).recognize(Decisions(person, born=born, latest=day), PRECISION)
    for who in (found.person, found.runner_up):
        early = [day[row] < days.get(one, 0) for row, one in zip(found.rows, who, strict=True)]
        assert not any(early)
    assert np.any(free.person == 40)
    assert not np.any(found.person == 40), "born after all of them"
    same_before = np.isin(free.person, [0, 20, 30, 50, 60, 70])
    np.testing.assert_array_equal(found.person[same_before], free.person[same_before])
