"""Questions and answers as values. Nothing heavy is imported, so that the window can know them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from photoclust.core.types import Face

if TYPE_CHECKING:
    from photoclust.services.explaining import Candidate


class Reply(StrEnum):
    """What can be answered; OTHER: it is the runner-up."""

    YES = "yes"
    NO = "no"
    OTHER = "other"
    NOT_A_FACE = "not a face"
    NOT_SURE = "not sure"


class Kind(StrEnum):
    """WHO are they; IS it, or are they, this person; is it this person after all (DOUBT)."""

    WHO = "who"
    IS = "is"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class FaceQuestion:
    """About the group or face `key` (`g31`, `f9`) of `count` faces, of which `faces` are the best
    one and those least like it.

    `candidate` is who they may be (None: nobody in particular), `runner_up` who else. In a DOUBT,
    the candidate is who a user said it is.
    """

    kind: Kind
    key: str
    faces: tuple[Face, ...]
    count: int
    candidate: Candidate | None
    runner_up: Candidate | None

    @property
    def is_open(self) -> bool:
        """Whether it is asked who it is, not whether it is somebody."""
        return self.candidate is None

    @property
    def large(self) -> tuple[Face, ...]:
        """The face to show large."""
        return self.faces[:1]

    @property
    def evidence(self) -> tuple[Face, ...]:
        """The faces to show beside it."""
        people = (self.candidate, self.runner_up)
        nearest = (each.face for who in people if who is not None for each in who.nearest)
        return (*self.faces[1:], *nearest)

    @property
    def id(self) -> Hashable:
        """The same as long as the same is asked."""
        person = -1 if self.candidate is None else self.candidate.person
        return self.kind, self.key, self.faces[0].id, person


@dataclass(frozen=True, slots=True)
class Side:
    """A person or group (`p7`, `g31`) of `count` faces, of which `faces` are the best."""

    key: str
    name: str | None
    faces: tuple[Face, ...]
    count: int


@dataclass(frozen=True, slots=True)
class PairQuestion:
    """Are both sides one person? `similarity` is the cosine of their middles."""

    one: Side
    other: Side
    similarity: float

    @property
    def is_open(self) -> bool:
        """Never: it is yes or no."""
        return False

    @property
    def large(self) -> tuple[Face, ...]:
        """The faces to show large."""
        return self.one.faces[0], self.other.faces[0]

    @property
    def evidence(self) -> tuple[Face, ...]:
        """The faces to show beside them."""
        return (*self.one.faces[1:], *self.other.faces[1:])

    @property
    def id(self) -> Hashable:
        """The same as long as the same is asked."""
        return self.one.key, self.other.key, self.one.faces[0].id, self.other.faces[0].id


@dataclass(frozen=True, slots=True)
class Questions:
    """The next `questions` of `count`. `still_open` are the ids of all of them.

    Of questions who faces are only: after how many answers nearly all faces that can get a name
    have one, and which `share` of them has one now (None where there is nothing to name).
    `anybody` tells whether anybody has a name.
    """

    questions: tuple[FaceQuestion | PairQuestion, ...]
    count: int
    still_open: frozenset[Hashable]
    anybody: bool = True
    answers_left: int = 0
    share: float | None = None
