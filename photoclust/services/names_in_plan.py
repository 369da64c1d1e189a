"""What is to be done about names that other programs wrote, and what is left."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from photoclust.core.types import Box, FaceId, PhotoId
from photoclust.services.names_in_people import People
from photoclust.store import photos as photo_store
from photoclust.store.database import Transaction


@dataclass(frozen=True, slots=True)
class LeftName:
    """A name that is not taken over: of which photo (`path`), where (`box`, px of the upright
    photo, None where it has no place), and why, in a clause.

    `ours` is who is there instead: in a conflict, whom the user confirmed.
    """

    photo: PhotoId
    path: Path | None
    box: Box | None
    name: str
    reason: str
    ours: str | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A box to be made a face, and whose it is and is not."""

    photo: PhotoId
    box: Box
    person: int | None
    refused: tuple[int, ...] = ()


@dataclass(slots=True)
class PersonFacts:
    """What photoclust had written of a person besides: other names, the text of their birthday, and
    the face that stands for them, found or to be drawn.
    """

    aliases: dict[str, None] = field(default_factory=dict)
    born: str | None = None
    cover: FaceId | Drawing | None = None

    def __len__(self) -> int:
        return len(self.aliases) + (self.born is not None) + (self.cover is not None)


@dataclass(slots=True)
class Plan:
    """What is to be done, and what is left. People have their numbers, of the library or negative:
    newcomers among `people`.

    Faces to `confirm` as somebody, boxes to `draw`, drawn faces that were none to `revive`; and of
    what photoclust itself wrote faces to `exclude` because they are none, to `refuse` for somebody,
    and who is `present` in a photo without a face, `facts` of people, and when photos were taken
    (`dates`). `tagged` are those of whom another program says that they are in a photo.
    `contradicting` counts names against confirmed ones that are not looked into, as nobody asked.
    """

    people: People
    confirm: dict[FaceId, int] = field(default_factory=dict)
    revive: list[FaceId] = field(default_factory=list)
    draw: list[Drawing] = field(default_factory=list)
    exclude: list[FaceId] = field(default_factory=list)
    refuse: list[tuple[FaceId, int]] = field(default_factory=list)
    present: list[tuple[PhotoId, int]] = field(default_factory=list)
    facts: dict[int, PersonFacts] = field(default_factory=dict)
    dates: dict[PhotoId, str] = field(default_factory=dict)
    tagged: list[tuple[PhotoId, int]] = field(default_factory=list)
    photos: set[PhotoId] = field(default_factory=set)
    same: int = 0
    contradicting: int = 0
    conflicts: list[LeftName] = field(default_factory=list)
    left: list[LeftName] = field(default_factory=list)
    nameless: int = 0
    strangers: int = 0
    problems: list[str] = field(default_factory=list)


class Places:
    """Files and sizes of photos, to tell of them."""

    def __init__(self, tx: Transaction, photos: Collection[PhotoId]) -> None:
        self._photos = {photo.id: photo for photo in photo_store.photos(tx, list(photos))}

    def left(
        self, photo: PhotoId, box: Box | None, name: str, reason: str, ours: str | None = None
    ) -> LeftName:
        """A name of `photo` that is left, at the relative `box`."""
        known = self._photos.get(photo)
        path = known.paths[0] if known is not None and known.paths else None
        if box is not None and known is not None:
            box = box.scaled(known.width, known.height)
        return LeftName(photo, path, box, name, reason, ours)
