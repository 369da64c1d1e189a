"""Lists too long for one statement, in pieces."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

MAX_BOUND = 500
"""Values per IN list: well below SQLite's limit of bound variables on any build."""

Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int = MAX_BOUND) -> Iterator[Sequence[Item]]:
    """`items` in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
