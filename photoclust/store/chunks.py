"""Lists too long for one statement: in pieces, or as one value."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Select, func, select

MAX_BOUND = 500
"""Values per IN list: well below SQLite's limit of bound variables on any build."""

Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int = MAX_BOUND) -> Iterator[Sequence[Item]]:
    """`items` in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def listed(numbers: Collection[int]) -> Select[tuple[int]]:
    """What is in a column that holds one of `numbers`: any number of them, bound as one text."""
    each = func.json_each(json.dumps(sorted(numbers))).table_valued("value")
    return select(each.c.value)
