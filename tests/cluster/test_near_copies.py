"""Photos that look alike, against comparing each with each."""

import numpy as np
import pytest

from photoclust.cluster.near_copies import BURST_BITS, COPY_BITS, alike, differing_bits

NEVER = np.nan


def flipped(hashes, count, seed=0):
    """Each hash with `count` bits turned over."""
    rng = np.random.default_rng(seed)
    bits = np.unpackbits(hashes, axis=1)
    for row in bits:
        row[rng.choice(256, count, replace=False)] ^= 1
    return np.packbits(bits, axis=1)


@pytest.fixture
def hashes():
    return np.random.default_rng(7).integers(0, 256, (300, 32), np.uint8)


def test_bits_are_counted(hashes):
    assert differing_bits(hashes, flipped(hashes, 21)).tolist() == [21] * 300


@pytest.mark.parametrize(("count", "found"), [(0, 1.0), (12, 1.0), (COPY_BITS - 8, 0.98)])
def test_copies_are_found_whenever_they_were_taken(hashes, count, found):
    both = np.concatenate([hashes, flipped(hashes, count)])
    pairs = alike(both, np.full(600, NEVER))

    assert all(other - one == 300 for one, other in pairs.tolist())
    assert len(pairs) >= found * 300


def test_what_differs_more_is_alike_within_seconds_only(hashes):
    both = np.concatenate([hashes, flipped(hashes, BURST_BITS)])
    times = np.concatenate([np.arange(300) * 60.0, np.arange(300) * 60.0 + 4])

    assert len(alike(both, times)) == 300
    assert len(alike(both, times + (np.arange(600) >= 300) * 2)) == 0
    assert len(alike(np.concatenate([hashes, flipped(hashes, BURST_BITS + 1)]), times)) == 0
    assert len(alike(both, np.full(600, NEVER))) == 0


def test_every_pair_is_one_that_a_slow_comparison_finds():
    rng = np.random.default_rng(3)
    seeds = rng.integers(0, 256, (20, 32), np.uint8)
    many = np.concatenate([flipped(seeds, count, count) for count in (0, 4, 9, 14)])
    times = rng.uniform(0, 40, 80)
    slow = {
        (one, other)
        for one in range(80)
        for other in range(one + 1, 80)
        for bits in [int(differing_bits(many[one : one + 1], many[other : other + 1])[0])]
        if bits <= COPY_BITS or (bits <= BURST_BITS and abs(times[one] - times[other]) <= 5)
    }

    assert set(map(tuple, alike(many, times).tolist())) == slow


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_photos(count):
    found = alike(np.zeros((count, 32), np.uint8), np.full(count, NEVER))

    assert found.tolist() == ([[0, 1]] if count == 2 else [])
