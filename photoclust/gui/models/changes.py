"""What another grouping would change, person by person."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photoclust.core.language import thousands, tr
from photoclust.core.types import FaceId
from photoclust.gui import text
from photoclust.gui.models.keyed import KeyedListModel

if TYPE_CHECKING:
    from photoclust.services.differences import Difference


@dataclass(frozen=True, slots=True)
class Change:
    """The faces that a person or group (`p7`, `g31`) would gain and lose; a group that is yet to
    be gains all of its faces.
    """

    key: str
    name: str | None
    added: tuple[FaceId, ...]
    removed: tuple[FaceId, ...]

    @property
    def is_new(self) -> bool:
        """Whether it is a group that is yet to be."""
        return self.key.startswith("new")

    @property
    def title(self) -> str:
        """Who it is."""
        return tr("A new group") if self.is_new else self.name or tr("Without a name")

    @property
    def size(self) -> str:
        """`+12 −3`"""
        parts = [f"+{thousands(len(self.added))}" if self.added else ""]
        parts += [f"−{thousands(len(self.removed))}" if self.removed else ""]
        return " ".join(filter(None, parts))

    def without(self, faces: Collection[FaceId]) -> Change:
        """What is left when `faces` stay where they are."""
        added = tuple(face for face in self.added if face not in faces)
        removed = tuple(face for face in self.removed if face not in faces)
        return Change(self.key, self.name, added, removed)


class ChangeModel(KeyedListModel[Change]):
    """Changes by the key of who is changed."""

    def key(self, item: Change) -> Hashable:
        """`p7`, `g31`, or that of a new group."""
        return item.key

    def text(self, item: Change) -> str:
        """`Anna  +12 −3`"""
        return f"{text.shortened(item.title, 40)}  {item.size}"


def changes(difference: Difference, left_alone: Collection[FaceId]) -> list[Change]:
    """`difference` without the faces that are `left_alone`, those that change most first."""
    found = [Change(each.key, each.name, each.added, each.removed) for each in difference.people]
    # Known again by its first face: numbers of new groups change as others are accepted.
    found += [Change(f"new{faces[0]}", None, faces, ()) for faces in difference.founded]
    return [left for each in found if (left := each.without(left_alone)).size]
