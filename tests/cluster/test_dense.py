"""What holds a group together, and what cuts it."""

import numpy as np

from photoclust.cluster.dense import SMALL, core_parts, cut_wide
from photoclust.cluster.neighbors import nearest


def test_groups_joined_by_one_link_come_apart_and_loose_faces_wait(people):
    rng = np.random.default_rng(0)
    vectors, _truth = people(rng, 2, 8, spread=0.3, dim=64)
    bridge = vectors[0] + vectors[8]
    vectors = np.concatenate([vectors, [bridge / np.linalg.norm(bridge)]]).astype(np.float32)
    parts = core_parts(np.zeros(17, np.int64), nearest(vectors), 0.7)
    assert len(set(parts[:8].tolist())) == len(set(parts[8:16].tolist())) == 1
    assert parts[0] != parts[8]
    assert parts[16] == -1


def test_a_chain_of_strangers_falls_apart_altogether():
    # Each is like the next only.
    angles = np.arange(12) * 0.8
    vectors = np.stack([np.cos(angles), np.sin(angles), np.arange(12) * 0.0], axis=1)
    vectors = vectors[:4].astype(np.float32)
    assert core_parts(np.zeros(4, np.int64), nearest(vectors), 0.65).tolist() == [-1] * 4


def test_faces_that_wait_stay_waiting(people):
    vectors, truth = people(np.random.default_rng(1), 2, 8, spread=0.2, dim=64)
    truth[:8] = -1
    assert (core_parts(truth, nearest(vectors), 0.6)[:8] == -1).all()
    assert (cut_wide(truth, vectors, nearest(vectors), alike=0.5, apart=0.2)[:8] == -1).all()


def test_a_mixed_group_is_cut_where_its_people_meet(people, same_partition):
    vectors, truth = people(np.random.default_rng(2), 3, SMALL, spread=0.4, dim=128)
    whole = np.zeros(len(vectors), np.int64)
    assert same_partition(cut_wide(whole, vectors, nearest(vectors), alike=0.55, apart=0.2), truth)


def test_a_group_that_is_alike_is_left_alone(people):
    vectors, truth = people(np.random.default_rng(3), 2, 30, spread=0.4, dim=128)
    cut = cut_wide(truth, vectors, nearest(vectors), alike=0.55, apart=0.99)
    assert cut.tolist() == truth.tolist()


def test_of_a_small_group_more_is_asked(people):
    # Two people who are .4 alike: enough for parts of a large group, not for those of a small one.
    rng = np.random.default_rng(4)
    one, other = np.linalg.qr(rng.normal(size=(128, 2)))[0].T
    other = 0.4 * one + np.sqrt(1 - 0.4**2) * other
    for size, groups in ((SMALL // 2 - 1, 2), (SMALL, 1)):
        middles = np.repeat([one, other], size, axis=0)
        vectors = middles + 0.02 * rng.normal(size=middles.shape)
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        labels = np.zeros(2 * size, np.int64)
        cut = cut_wide(labels, vectors, nearest(vectors), alike=0.8, apart=0.2)
        assert len(np.unique(cut)) == groups
