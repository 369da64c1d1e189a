"""The list beside a photo: who is in it."""

from collections.abc import Hashable
from dataclasses import dataclass

from photoclust.core.language import tr
from photoclust.core.types import Face, PersonId
from photoclust.gui import text
from photoclust.gui.models.keyed import KeyedListModel


@dataclass(frozen=True, slots=True)
class InPhoto:
    """Somebody in a photo: with a `face`, or a `person` of whom none is seen."""

    face: Face | None
    person: PersonId | None
    name: str | None
    note: str = ""
    """What more there is to say, such as an age."""


class InPhotoModel(KeyedListModel[InPhoto]):
    """Faces in reading order, then those without one."""

    def key(self, item: InPhoto) -> Hashable:
        """The face, else the person."""
        return ("face", item.face.id) if item.face is not None else ("person", item.person)

    def text(self, item: InPhoto) -> str:
        """The name, and what more there is to say."""
        name = item.name or tr(text.UNNAMED)
        return f"{name}, {item.note}" if item.note else name
