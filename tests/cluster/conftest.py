"""How to compare two labellings."""

import pytest


def _same_partition(one, other):
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return (
        len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))
        and (one < 0).tolist() == (other < 0).tolist()
    )


@pytest.fixture
def same_partition():
    """Whether two labellings differ in numbers only; who is noise must agree."""
    return _same_partition
