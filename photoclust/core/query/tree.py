"""What a search says, as a tree: each part knows where in the text it stands."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from photoclust.core.language import tr
from photoclust.core.query.errors import Span
from photoclust.core.types import PersonId


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers from `low` to `high`, these two included unless they are `open`."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def describe(self) -> str:
        """In words: `4`, `more than 4`, `2 to 4`."""
        low, high = f"{self.low:g}", f"{self.high:g}"
        if self.low == self.high:
            return low
        if math.isinf(self.high):
            more, at_least = (
                tr("more than {number}", number=low),
                tr("{number} or more", number=low),
            )
            return more if self.low_open else at_least
        if math.isinf(self.low):
            less, at_most = (
                tr("less than {number}", number=high),
                tr("{number} or less", number=high),
            )
            return less if self.high_open else at_most
        return tr("{low} to {high}", low=low, high=high)


# --- what the text says -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or what stands between quotation marks: a name, or a part of one."""

    text: str
    span: Span
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class OnlyWords:
    """`only:` and the names behind it."""

    words: tuple[Word, ...]
    span: Span


class Where(StrEnum):
    """Which part of a file's place is meant."""

    ANY = "any"
    FOLDER = "folder"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Place:
    """Photos with a file whose name, or that of a folder it is in, has `text` in it."""

    text: str
    where: Where
    span: Span


@dataclass(frozen=True, slots=True)
class Taken:
    """Photos that may have been taken from `first` to before `end`; None: from or for ever."""

    first: datetime | None
    end: datetime | None
    span: Span


@dataclass(frozen=True, slots=True)
class FaceCount:
    """Photos with so many faces."""

    bounds: Bounds
    span: Span


@dataclass(frozen=True, slots=True)
class Quality:
    """Photos with a face of such a quality, 0 to 1."""

    bounds: Bounds
    span: Span


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Photos with a face that has no name yet."""

    span: Span


# --- what its words stand for -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class People:
    """Photos of one of these people, at least."""

    people: frozenset[PersonId]
    span: Span


@dataclass(frozen=True, slots=True)
class Only:
    """Photos of somebody of each of `people`, and of nobody else."""

    people: tuple[People, ...]
    span: Span


# --- how parts are joined -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Not:
    """All photos but those of `part`."""

    part: "Node"
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    """Photos of which every part holds; with no part, all photos."""

    parts: tuple["Node", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    """Photos of which one part holds, at least."""

    parts: tuple["Node", ...]
    span: Span


Leaf = Word | OnlyWords | Place | Taken | FaceCount | Quality | Unnamed | People | Only
Node = Leaf | Not | And | Or


def leaves(node: Node) -> Iterator[Leaf]:
    """What a search consists of, from left to right."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield node
