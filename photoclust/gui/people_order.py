"""Which people are listed, and in what order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache

from photoclust.core.language import marked
from photoclust.core.types import Group
from photoclust.gui import text

Spans = Mapping[str, tuple[datetime, datetime]]


class Order(Enum):
    """How people are sorted; the value is what a menu says."""

    COUNT = marked("Most faces first")
    NAME = marked("By name")
    RECENT = marked("Newest photo first")


def arranged(groups: Sequence[Group], order: Order, spans: Spans) -> list[Group]:
    """People with a name, then groups without one, each part in `order`; `groups` come by their
    size, as the library lists them.

    Those without a name and, where the newest photo counts, those of whom no date is known, stay
    in the order of their size.
    """
    named = [group for group in groups if group.name is not None]
    unnamed = [group for group in groups if group.name is None]
    if order is Order.NAME:
        named.sort(key=lambda group: _folded(group.name or ""))
    elif order is Order.RECENT:
        named, unnamed = _newest_first(named, spans), _newest_first(unnamed, spans)
    return named + unnamed


def _newest_first(groups: Sequence[Group], spans: Spans) -> list[Group]:
    known = [group for group in groups if group.key in spans]
    known.sort(key=lambda group: spans[group.key][1], reverse=True)
    return known + [group for group in groups if group.key not in spans]


def listed(groups: Sequence[Group], words: str) -> list[Group]:
    """Who is called like `words`; where nobody is looked for, all of whom there is a photo."""
    if words.strip():
        return called_like(groups, words)
    return [group for group in groups if group.is_seen]


def called_like(groups: Sequence[Group], words: str) -> list[Group]:
    """Those of whose name or alias a word begins with `words`, whatever its case and accents; all
    where no words are given.
    """
    begun = text.folded(words.strip())
    if not begun:
        return list(groups)
    return [group for group in groups if any(begins(name, begun) for name in names_of(group))]


def names_of(group: Group) -> tuple[str, ...]:
    """The name and the aliases."""
    return (group.name, *group.aliases) if group.name else group.aliases


def called(groups: Sequence[Group], words: str) -> list[Group]:
    """Those whose name or alias could be taken for `words`."""
    folded = text.folded(words.strip())
    return [group for group in groups if any(_folded(name) == folded for name in names_of(group))]


def begins(name: str, begun: str) -> bool:
    """Whether `name`, or a word of it, begins with the folded words `begun`."""
    return any(part.startswith(begun) for part in _beginnings(name))


@lru_cache(maxsize=20_000)
def _beginnings(name: str) -> tuple[str, ...]:
    """All names are looked at with every letter that is typed."""
    return tuple(text.beginnings(_folded(name)))


@lru_cache(maxsize=20_000)
def _folded(name: str) -> str:
    return text.folded(name)


def next_unnamed(
    groups: Sequence[Group], after: str | None, without: frozenset[str] = frozenset()
) -> Group | None:
    """The first group without a name behind the one with the key `after`, else the first of all;
    those with keys in `without` are passed over.
    """
    keys = [group.key for group in groups]
    place = keys.index(after) if after in keys else -1
    unnamed = [
        (row, group)
        for row, group in enumerate(groups)
        if group.name is None and group.key not in without and group.key != after
    ]
    return next(
        (group for row, group in unnamed if row > place), unnamed[0][1] if unnamed else None
    )
