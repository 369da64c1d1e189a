"""The paired bootstrap, against people who are copied one by one."""

import numpy as np
import pytest

from photoclust.core.errors import CancelledError, InternalError
from photoclust.core.metrics import pair_similarities, val_at_far
from photoclust.core.progress import JobControl
from photoclust.training import bootstrap
from photoclust.training.bootstrap import draws, resample, weighted_val
from photoclust.training.pairs import find_pairs


def corners(seed, sizes):
    """Unit vectors whose cosines are exact, few and therefore often equal."""
    rng = np.random.default_rng(seed)
    people = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    signs = rng.choice([-0.25, 0.25], size=(len(sizes), 16))[people]
    flips = np.where(rng.random(signs.shape) < 0.15, -1, 1)
    return (signs * flips).astype(np.float32), people


def naive_val(vectors, people, times, fars):
    """Each person is there `times`: their faces are written out so often, and pairs of two copies
    of one person are left out.
    """
    faces, copies = [], []
    for person, count in enumerate(times):
        for copy in range(count):
            for row in np.flatnonzero(people == person):
                faces.append(row)
                copies.append((person, copy))
    genuine, impostor = [], []
    for one in range(len(faces)):
        for other in range(one):
            cosine = vectors[faces[one]] @ vectors[faces[other]]
            if copies[one] == copies[other]:
                genuine.append(cosine)
            elif copies[one][0] != copies[other][0]:
                impostor.append(cosine)
    return [val_at_far(np.array(genuine), np.array(impostor), far) for far in fars]


@pytest.mark.parametrize("exact", [False, True])
def test_val_of_a_draw_is_that_of_copied_people(make_faces, exact):
    make = corners if exact else make_faces
    fars = (0.2, 0.05, 0.01, 1e-3)
    sizes = [5, 1, 4, 8, 2, 6]
    rng = np.random.default_rng(5)
    changed = 0
    for seed in range(12):
        vectors, people = make(seed, sizes)
        pairs = find_pairs(vectors, people, 10_000)
        times = draws(np.array(sizes), 1, rng)[0]
        found = weighted_val(pairs, times, fars)
        expected = naive_val(vectors, people, times, fars)
        assert found == pytest.approx(expected, abs=1e-12)
        changed += found != pytest.approx(naive_val(vectors, people, [1] * 6, fars), abs=1e-3)
    assert changed > 6  # what was drawn does matter


def test_everybody_once_gives_the_figures_of_the_metrics(make_faces):
    vectors, people = make_faces(7, [12] * 15)
    after, _ = make_faces(7, [12] * 15, noise=0.7)
    found = resample(vectors, after, people, generator=np.random.default_rng(0), resamples=3)
    for values, all_of_them in ((found.before_all, vectors), (found.after_all, after)):
        genuine, impostor = pair_similarities(all_of_them, people)
        expected = [val_at_far(genuine, impostor, far) for far in (1e-3, 1e-4)]
        assert values == pytest.approx(expected, abs=2 / len(genuine))


def test_too_short_a_tail_is_noticed_and_made_longer(make_faces, monkeypatch):
    """Two people look alike: all the pairs that were kept are theirs."""
    vectors, people = make_faces(8, [10] * 8, noise=0.3)
    alike = np.flatnonzero(people == 0), np.flatnonzero(people == 1)
    vectors[alike[0]] = vectors[alike[1]]
    fars = (0.01, 1e-3)
    without = np.array([0, 2, 1, 1, 1, 1, 1, 1])
    assert weighted_val(find_pairs(vectors, people, 100), without, fars) is None
    exact = weighted_val(find_pairs(vectors, people, 10_000), without, fars)
    monkeypatch.setattr(bootstrap, "_KEPT", 100)
    monkeypatch.setattr(bootstrap, "_KEPT_TIMES", 0)
    monkeypatch.setattr(bootstrap, "draws", lambda *_: np.stack([without, without]))
    found = resample(vectors, vectors, people, generator=np.random.default_rng(0), fars=fars)
    assert found.before.tolist() == [exact.tolist()] * 2
    assert exact == pytest.approx(naive_val(vectors, people, without, fars))


def test_old_and_new_are_measured_on_the_same_draws(make_faces):
    vectors, people = make_faces(9, [6] * 12, noise=1.2)
    found = resample(vectors, vectors, people, generator=np.random.default_rng(1), resamples=50)
    assert np.array_equal(found.before, found.after)
    assert len(np.unique(found.before[:, 0])) > 10


def test_the_same_generator_gives_the_same_draws_and_another_others(make_faces):
    vectors, people = make_faces(10, [6] * 12, noise=1.2)

    def run(seed):
        generator = np.random.default_rng(seed)
        return resample(vectors, vectors, people, generator=generator, resamples=20).before

    assert np.array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))


def test_faces_in_another_order_give_the_same():
    vectors, people = corners(11, [6] * 9)
    order = np.random.default_rng(0).permutation(len(people))

    def run(rows):
        generator = np.random.default_rng(3)
        part = vectors[rows]
        return resample(part, part, people[rows], generator=generator, resamples=20).before

    assert np.array_equal(run(np.arange(len(people))), run(order))


def test_a_draw_has_as_many_people_as_there_are_and_can_be_measured():
    sizes = np.array([1, 4, 1])
    drawn = draws(sizes, 2_000, np.random.default_rng(0))
    assert drawn.sum(axis=1).tolist() == [3] * 2_000
    assert (drawn[:, 1] > 0).all()  # the only one with pairs of their own
    assert ((drawn > 0).sum(axis=1) > 1).all()
    assert {tuple(times) for times in drawn.tolist()} == {
        (1, 1, 1), (2, 1, 0), (0, 1, 2), (1, 2, 0), (0, 2, 1)
    }  # fmt: skip


def test_the_spread_of_draws_is_that_of_the_figure():
    """With VAL decided by who is there alone, it is that of a share of as many people."""
    # Half of the people have faces that are all the same, half have opposite ones.
    people = np.repeat(np.arange(40), 2)
    vectors = np.repeat(np.eye(40, dtype=np.float32), 2, axis=0)
    vectors[1:40:2] *= -1
    found = resample(vectors, vectors, people, generator=np.random.default_rng(4)).before[:, 0]
    assert found.mean() == pytest.approx(0.5, abs=0.01)
    assert found.std() == pytest.approx(np.sqrt(0.25 / 40), rel=0.1)


@pytest.mark.parametrize("people", [[0, 0, 0], [0, 1, 2]])
def test_nothing_to_measure_is_an_error_of_the_caller(people):
    vectors = np.eye(3, dtype=np.float32)
    with pytest.raises(InternalError, match="two people"):
        resample(vectors, vectors, np.array(people), generator=np.random.default_rng(0))


def test_a_cancelled_bootstrap_ends(make_faces):
    vectors, people = make_faces(12, [3] * 4)
    control = JobControl(lambda progress: control.cancel() if progress.done == 1 else None)
    with pytest.raises(CancelledError):
        resample(vectors, vectors, people, generator=np.random.default_rng(0), control=control)
