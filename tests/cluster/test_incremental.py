"""New faces join or wait; old ones stay where they are."""

import numpy as np
import pytest

from photoclust.cluster import METHODS, NEW, cluster_faces, founding


@pytest.fixture
def library(people):
    """Thirty people with twelve photos each, the first ten of whom are grouped, by odd numbers."""
    vectors, truth = people(np.random.default_rng(0), 30, 12, spread=0.45, dim=128)
    place = np.arange(len(truth)) % 12
    previous = np.where(place < 9, truth * 3 + 5, NEW)
    return vectors, truth, previous


def test_old_faces_stay_and_new_ones_join_their_people(library):
    vectors, truth, previous = library
    labels = cluster_faces(vectors, previous=previous).labels
    old = previous >= 0
    assert (labels[old] == previous[old]).all()
    assert (labels == truth * 3 + 5).mean() > 0.97
    assert set(labels[labels >= 0].tolist()) <= set((truth * 3 + 5).tolist())


def test_old_faces_stay_even_where_they_are_wrong(library):
    vectors, _, previous = library
    rng = np.random.default_rng(1)
    old = np.flatnonzero(previous >= 0)
    previous[old] = rng.permutation(previous[old])
    labels = cluster_faces(vectors, previous=previous).labels
    assert (labels[old] == previous[old]).all()


def test_new_people_get_new_numbers_and_strangers_wait(library, people):
    vectors, truth, previous = library
    previous[truth >= 25] = NEW
    strangers, _ = people(np.random.default_rng(2), 8, 1, dim=128)
    labels = cluster_faces(
        np.concatenate([vectors, strangers]), previous=np.concatenate([previous, [NEW] * 8])
    ).labels
    fresh = labels[:-8][truth >= 25]
    assert (fresh > previous.max()).mean() > 0.95
    assert len(set(fresh[fresh >= 0].tolist())) == 5
    assert (labels[-8:] == -1).all()


def test_a_new_face_and_one_that_waited_found_a_group(people):
    vectors, _ = people(np.random.default_rng(3), 12, 2, spread=0.3, dim=128)
    previous = np.full(24, -1)
    previous[1] = NEW
    labels = cluster_faces(vectors, previous=previous).labels
    assert labels[0] == labels[1] >= 0


def test_without_new_ones_those_that_wait_are_asked_again(people, same_partition):
    vectors, truth = people(np.random.default_rng(4), 6, 8, spread=0.4, dim=128)
    previous = np.where(truth == 0, 7, -1)
    labels = cluster_faces(vectors, previous=previous).labels
    assert (labels[truth == 0] == 7).all()
    assert same_partition(labels, truth)


@pytest.mark.parametrize(("old", "waiting"), [(4, 10), (4, 4), (10, 5), (9, 6)])
def test_a_few_new_faces_of_one_person_are_one_group(old, waiting, people):
    vectors, truth = people(np.random.default_rng(5), 2, 10, spread=0.4, dim=256)
    place = np.arange(20) % 10
    kept = place < np.array([old, waiting])[truth]
    vectors, truth = vectors[kept], truth[kept]
    labels = cluster_faces(vectors, previous=np.where(truth == 0, 7, -1)).labels
    assert labels.tolist() == np.where(truth == 0, 7, 8).tolist()


def test_nothing_new_changes_nothing(library):
    vectors, truth, _ = library
    assert cluster_faces(vectors, previous=truth).labels.tolist() == truth.tolist()


def test_a_new_face_goes_where_its_person_is_and_not_where_it_may_not(library):
    vectors, truth, previous = library
    known = np.full(len(truth), -1)
    known[[0, 1, 70]] = 4  # the last is another person's face, and new
    assert previous[70] == NEW
    labels = cluster_faces(vectors, previous=previous, people=known).labels
    assert labels[70] == labels[0] == previous[0]
    apart = cluster_faces(vectors, previous=previous, cannot_link=[[9, 0]]).labels
    assert previous[9] == NEW
    assert apart[9] != apart[0]
    photos = np.arange(len(truth))
    photos[9] = photos[0]
    found = cluster_faces(vectors, previous=previous, photo_ids=photos)
    assert found.labels[9] != found.labels[0]
    assert found.provable_errors == 0


def test_a_face_that_is_said_to_be_somebody_new_is_a_group_of_its_own(library):
    vectors, truth, previous = library
    assert previous[9] == NEW
    known = np.full(len(truth), -1)
    known[0], known[9] = 1, 2
    found = cluster_faces(vectors, previous=previous, people=known)
    assert found.labels[9] > previous.max()
    assert (found.labels == found.labels[9]).sum() == 1


@pytest.mark.parametrize("method", METHODS)
def test_new_groups_are_found_by_the_method_that_is_asked_for(method, people, monkeypatch):
    vectors, truth = people(np.random.default_rng(6), 4, 8, spread=0.4, dim=128)
    other = "persistent_groups" if method == "hdbscan" else "hdbscan_labels"
    monkeypatch.setattr(founding, other, lambda *_, **__: pytest.fail("the other method"))
    labels = cluster_faces(vectors, method=method, previous=np.where(truth == 0, 7, NEW)).labels
    assert len(set(labels.tolist())) == 4


@pytest.mark.parametrize("old", [0, 1])
def test_hardly_any_faces(old):
    vectors = np.eye(4, dtype=np.float32)[: old + 1]
    previous = np.array([0] * old + [NEW])
    assert cluster_faces(vectors, previous=previous).labels.tolist() == [0] * old + [-1]


def test_a_few_new_faces_make_no_pairs_of_many_that_wait(people):
    """Two that are alike among ten near ones are hardly so among thousands."""
    strangers, _ = people(np.random.default_rng(7), 3000, 1, dim=24)
    for start in range(0, 40, 2):
        previous = np.full(3000, -1)
        previous[start : start + 2] = NEW
        assert (cluster_faces(strangers, previous=previous).labels == -1).all()
