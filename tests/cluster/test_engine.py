"""Grouping as a whole: who founds, who joins, and the edges."""

import numpy as np
import pytest

from photoclust.cluster import METHODS, cluster_faces
from photoclust.cluster.parameters import KMEANS
from photoclust.core.errors import CancelledError, InternalError
from photoclust.core.metrics import bcubed
from photoclust.core.progress import JobControl


@pytest.mark.parametrize("method", METHODS)
def test_finds_people_with_many_photos(method, people, same_partition):
    vectors, truth = people(np.random.default_rng(0), 15, 20, spread=0.35, dim=128)
    assert same_partition(cluster_faces(vectors, method=method).labels, truth)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [5, 60])
def test_finds_people_with_two_photos_each(method, count, people, same_partition):
    vectors, truth = people(np.random.default_rng(1), count, 2, spread=0.45, dim=128)
    assert same_partition(cluster_faces(vectors, method=method).labels, truth)


def test_large_and_small_people_side_by_side(people):
    rng = np.random.default_rng(2)
    many, names = people(rng, 3, 150, spread=0.5, dim=128)
    few, others = people(rng, 40, 2, spread=0.5, dim=128)
    result = cluster_faces(np.concatenate([many, few]))
    assert bcubed(np.concatenate([names, others + 3]), result.labels).f > 0.97


def test_poor_faces_join_but_do_not_found(people):
    vectors, truth = people(np.random.default_rng(3), 4, 6, spread=0.3, dim=64)
    quality = np.ones(len(vectors), np.float32)
    quality[truth == 0] = 0.01
    quality[6] = 0.01
    labels = cluster_faces(vectors, quality=quality).labels
    assert (labels[truth == 0] == -1).all()
    assert labels[6] == labels[7] >= 0


def test_the_order_of_faces_does_not_matter(people, same_partition):
    rng = np.random.default_rng(4)
    vectors, _ = people(rng, 25, 7, spread=0.55, dim=64)
    order = rng.permutation(len(vectors))
    straight, shuffled = cluster_faces(vectors).labels, cluster_faces(vectors[order]).labels
    assert same_partition(straight[order], shuffled)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [0, 1])
def test_nobody_and_one_face_wait(method, count):
    vectors = np.eye(8, dtype=np.float32)[:count]
    assert cluster_faces(vectors, method=method).labels.tolist() == [-1] * count


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [2, 3, 100])
def test_equal_faces_are_copies_of_one_picture_and_no_group(method, count):
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], count, axis=0)
    assert cluster_faces(vectors, method=method).labels.tolist() == [-1] * count


@pytest.mark.parametrize("method", METHODS)
def test_two_and_three_faces_of_one_person_are_a_group(method, people):
    vectors, _ = people(np.random.default_rng(5), 1, 3, spread=0.4, dim=64)
    assert cluster_faces(vectors[:2], method=method).labels.tolist() == [0, 0]
    assert cluster_faces(vectors, method=method).labels.tolist() == [0, 0, 0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sizes", [(8,), (8, 4), (3, 3), (40, 2)])
def test_a_library_of_one_or_two_people(method, sizes, people, same_partition):
    vectors, truth = people(np.random.default_rng(16), len(sizes), max(sizes), spread=0.4, dim=64)
    place = np.arange(len(truth)) % max(sizes)
    kept = place < np.array(sizes)[truth]
    found = cluster_faces(vectors[kept], method=method).labels
    assert same_partition(found, truth[kept])


@pytest.mark.parametrize("method", METHODS)
def test_strangers_all_wait(method, people):
    vectors, _ = people(np.random.default_rng(6), 150, 1, dim=64)
    found = cluster_faces(vectors, method=method)
    assert (found.labels == -1).all()
    assert (found.strength == 0).all()
    assert found.provable_errors == 0


def test_strangers_shot_once_are_no_group_however_many_files_there_are(people):
    rng = np.random.default_rng(7)
    vectors, _ = people(rng, 60, 1, dim=128)
    developed = vectors + 0.01 * rng.normal(size=vectors.shape).astype(np.float32)
    developed /= np.linalg.norm(developed, axis=1, keepdims=True)
    both = np.concatenate([vectors, developed])
    assert (cluster_faces(both).labels == -1).all()
    far, _ = people(rng, 120, 1, dim=128)
    assert (cluster_faces(far, duplicates=np.arange(120) % 60).labels == -1).all()


def test_copies_follow_the_face_they_are_copies_of(people):
    vectors, _truth = people(np.random.default_rng(8), 3, 8, spread=0.35, dim=128)
    both = np.concatenate([vectors, vectors[:5]])
    labels = cluster_faces(both).labels
    assert (labels[24:] == labels[:5]).all()
    assert (labels >= 0).all()


def test_the_number_of_people_can_be_given(people, same_partition):
    vectors, truth = people(np.random.default_rng(9), 7, 9, spread=0.35, dim=64)
    assert same_partition(cluster_faces(vectors, method=KMEANS, groups=7).labels, truth)
    with pytest.raises(InternalError, match="number of groups"):
        cluster_faces(vectors, method=KMEANS)
    with pytest.raises(InternalError, match="all faces at once"):
        cluster_faces(vectors, method=KMEANS, groups=7, previous=truth)


@pytest.mark.parametrize("method", METHODS)
def test_decisions_are_obeyed(method, people):
    vectors, _truth = people(np.random.default_rng(10), 6, 10, spread=0.5, dim=64)
    known = np.full(60, -1)
    known[[0, 1]], known[[10, 11]] = 1, 2
    found = cluster_faces(
        vectors, method=method, people=known, must_link=[[20, 35]], cannot_link=[[40, 41]]
    )
    assert found.labels[0] == found.labels[1] >= 0
    assert found.labels[10] == found.labels[11] >= 0
    assert found.labels[0] != found.labels[10]
    assert found.labels[20] == found.labels[35]
    assert found.labels[40] != found.labels[41]
    assert found.conflicts == ()
    mixed = cluster_faces(vectors, method=method, people=known, must_link=[[0, 10]])
    assert [conflict.kind for conflict in mixed.conflicts] == ["people"]
    assert mixed.labels[0] != mixed.labels[10]


@pytest.mark.parametrize("method", [*METHODS, KMEANS])
def test_nobody_is_in_a_photo_twice(method, people):
    rng = np.random.default_rng(11)
    vectors, _ = people(rng, 8, 12, spread=0.9, dim=48)
    photos = rng.permutation(np.repeat(np.arange(32), 3))
    found = cluster_faces(vectors, method=method, photo_ids=photos, groups=8)
    assert found.provable_errors == 0
    pairs = [(a, b) for a, b in zip(found.labels.tolist(), photos.tolist(), strict=True) if a >= 0]
    assert len(pairs) == len(set(pairs))


def test_a_photo_can_be_excepted(people):
    vectors, _truth = people(np.random.default_rng(12), 2, 8, spread=0.3, dim=64)
    photos = np.arange(16)
    photos[1] = photos[0]
    assert cluster_faces(vectors, photo_ids=photos).labels[:2].min() == -1
    found = cluster_faces(vectors, photo_ids=photos, same_photo_exceptions=[0])
    assert found.labels[0] == found.labels[1] >= 0
    assert found.provable_errors == 0


def test_what_may_be_one_person_is_asked(people):
    # Two groups whose middles have a cosine of about .66: too little to join, enough to ask.
    rng = np.random.default_rng(13)
    one, other = np.linalg.qr(rng.normal(size=(128, 2)))[0].T
    other = 0.64 * one + np.sqrt(1 - 0.64**2) * other
    vectors = np.repeat([one, other], 10, axis=0) + 0.045 * rng.normal(size=(20, 128))
    strangers, _ = people(rng, 30, 1, dim=128)
    vectors = np.concatenate([vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strangers])
    found = cluster_faces(vectors.astype(np.float32))
    (question,) = found.merge_questions
    assert {question.a, question.b} == {int(found.labels[0]), int(found.labels[10])}
    assert question.similarity == pytest.approx(0.65, abs=0.06)


def test_strength_is_the_cosine_to_the_middle_of_the_group(people):
    vectors, _truth = people(np.random.default_rng(14), 3, 10, spread=0.4, dim=64)
    found = cluster_faces(vectors)
    middle = vectors[:10].mean(axis=0)
    middle /= np.linalg.norm(middle)
    np.testing.assert_allclose(found.strength[:10], vectors[:10] @ middle, atol=1e-5)


def test_it_can_be_cancelled(people):
    vectors, _ = people(np.random.default_rng(15), 3, 5)
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        cluster_faces(vectors, control=control)


def test_what_cannot_be_grouped_is_refused():
    vectors = np.eye(4, dtype=np.float32)
    for message, arguments in {
        "kmeens": {"method": "kmeens"},
        "no parameter linkk": {"linkk": 2},
        "quality has not one value": {"quality": np.ones(3, np.float32)},
        "previous has not one label": {"previous": np.zeros(5, np.int64)},
    }.items():
        with pytest.raises(InternalError, match=message):
            cluster_faces(vectors, **arguments)
    with pytest.raises(InternalError, match="float32"):
        cluster_faces(vectors.astype(np.float64))
    for value, message in ((np.nan, "finite"), (np.inf, "finite"), (0.0, "unit length")):
        broken = vectors.copy()
        broken[1, 1] = value
        with pytest.raises(InternalError, match=message):
            cluster_faces(broken)
