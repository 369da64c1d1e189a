"""The faces that `tests/benchmarks/grouping.py` judges the grouping by, and how it does so."""

import functools
import importlib
import tracemalloc

import numpy as np
import pytest

DIM = 128


@pytest.fixture(scope="module")
def benchmark(repository):
    """`benchmark(name)`: a module of the benchmarks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(repository / "tests" / "benchmarks"))
        yield importlib.import_module


@pytest.fixture(scope="module")
def real():
    """People of 20 faces each, of whom some look alike: vectors, people, quality.

    Some faces are poor, and these have a low quality.
    """
    rng = np.random.default_rng(0)
    spread = np.arange(1, DIM + 1) ** -0.4
    families = rng.standard_normal((20, DIM))
    centres = families[rng.integers(20, size=40)] + rng.standard_normal((40, DIM))
    people = np.repeat(np.arange(40), 20)
    off = rng.gamma(4, 0.15, len(people))
    noise = off[:, None] * rng.standard_normal((len(people), DIM))
    vectors = spread * (centres[people] + noise + 0.5)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), people, np.exp(-off).astype(np.float32)


@pytest.fixture(scope="module")
def make(benchmark, real):
    vectors, people, quality = real

    @functools.cache
    def make(faces, seed=0, **options):
        return benchmark("made_up_faces").resample(
            vectors, people, real_quality=quality, faces=faces, seed=seed, **options
        )

    return make


def test_is_the_same_for_a_seed_and_another_for_another(make):
    one, again, other = make(3000), make.__wrapped__(3000), make(3000, seed=1)
    for name in ("vectors", "people", "photo_ids", "quality"):
        assert np.array_equal(getattr(one, name), getattr(again, name))
        assert not np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("faces", [1, 2, 7, 3000])
def test_faces_are_unit_vectors_none_twice(faces, make):
    made = make(faces)
    assert made.vectors.shape == (faces, DIM)
    assert made.vectors.dtype == made.quality.dtype == np.float32
    assert made.people.dtype == made.photo_ids.dtype == np.int64
    assert np.linalg.norm(made.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert len(np.unique(made.vectors.round(5), axis=0)) == faces


def test_people_are_as_easy_to_tell_apart_as_the_real_ones(benchmark, make, real):
    separability = benchmark("separability").separability
    made = make(20_000)
    wanted, found = separability(*real[:2]), separability(made.vectors, made.people)
    assert found.different_mean == pytest.approx(wanted.different_mean, abs=0.02)
    assert found.different_std == pytest.approx(wanted.different_std, rel=0.08)
    assert found.cosine_at_far_1e3 == pytest.approx(wanted.cosine_at_far_1e3, abs=0.05)
    assert found.same_mean == pytest.approx(wanted.same_mean, abs=0.02)
    assert found.same_lowest_twentieth == pytest.approx(wanted.same_lowest_twentieth, abs=0.04)
    assert found.same_lowest_hundredth == pytest.approx(wanted.same_lowest_hundredth, abs=0.06)


def test_poor_faces_have_a_low_quality(make):
    made = make(5000, strangers=0.0, faces_per_person=50.0)
    sums = np.zeros((int(made.people.max()) + 1, DIM))
    np.add.at(sums, made.people, made.vectors)
    middles = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    cosines = np.einsum("ij,ij->i", made.vectors, middles[made.people])
    assert np.corrcoef(cosines, made.quality)[0, 1] > 0.8


def test_sizes_of_people_fall_as_their_rank_beside_strangers(make):
    made = make(20_000)
    sizes = np.sort(np.bincount(made.people))[::-1]
    assert np.sum(sizes == 1) == 5_000
    known = sizes[sizes > 1]
    assert (known.sum(), len(known)) == (15_000, 1_000)
    assert known[0] / known[9] == pytest.approx(10, rel=0.1)
    assert (np.diff(made.people) < 0).mean() == pytest.approx(0.5, abs=0.05)


def test_photos_show_up_to_six_faces_and_nobody_twice(make):
    made = make(20_000)
    shown = np.column_stack([made.photo_ids, made.people])
    assert len(np.unique(shown, axis=0)) == 20_000
    faces = np.unique(made.photo_ids, return_counts=True)[1]
    assert set(faces) == {1, 2, 3, 4, 5, 6}


def test_takes_half_as_much_memory_again_as_the_vectors(benchmark, make, monkeypatch):
    monkeypatch.setattr(benchmark("made_up_faces"), "BLOCK", 512)
    tracemalloc.start()
    try:
        size = make(40_000).vectors.nbytes
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * size + 16e6  # people are learnt from a gram matrix of their own


def test_too_few_people_to_learn_from_are_refused(benchmark, real):
    vectors, people, quality = (each[:40] for each in real)
    with pytest.raises(ValueError, match="no three people"):
        benchmark("made_up_faces").resample(vectors, people, real_quality=quality, faces=9, seed=0)


def test_errors_that_a_photo_proves_are_counted(benchmark):
    labels, photos = np.array([0, 0, 0, 1, -1, -1]), np.array([7, 7, 8, 7, 9, 9])
    assert benchmark("partitions").provable_errors(labels, photos) == 1


@pytest.mark.parametrize(
    ("other", "moved"),
    [([5, 5, 3, 3, -1], 0), ([0, 0, 0, 0, -1], 4), ([0, -1, 1, 1, -1], 2), ([0, 0, 1, 1, 1], 3)],
)
def test_faces_with_other_companions_are_counted(other, moved, benchmark):
    one = np.array([0, 0, 1, 1, -1])
    assert benchmark("partitions").regrouped(one, np.array(other)) == moved


def test_the_group_with_most_of_a_person_is_theirs(benchmark):
    people, labels = np.array([4, 4, 4, 6, 6, 8]), np.array([0, 1, 1, 1, -1, -1])
    assert benchmark("partitions").homes(people, labels) == {4: 1, 6: 1}


def test_neighbours_are_found_whatever_their_order(benchmark):
    exact, other = np.array([[1, 2], [0, 2], [0, 1]]), np.array([[2, 1], [0, 2], [0, 0]])
    assert benchmark("partitions").neighbours_found(exact, other) == pytest.approx(5 / 6)
