"""What there is to see in a library: plain reads, each in one short transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.types import (
    ClusterId,
    Face,
    FaceId,
    Failure,
    Group,
    GroupKind,
    PersonId,
    Photo,
    PhotoId,
)
from photoclust.services.naming import parse_key
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library


@dataclass(frozen=True, slots=True)
class Overview:
    """What a library holds at one moment; `single_faces` belong to nobody and to no group."""

    groups: tuple[Group, ...]
    photos: int
    faces: int
    single_faces: int
    failures: int
    folders: tuple[Path, ...]


def overview(library: Library) -> Overview:
    """People, groups and counts, all from one moment."""
    with library.read() as tx:
        groups = people_store.groups(tx)
        faces = face_store.count(tx)
        return Overview(
            groups=tuple(groups),
            photos=photo_store.count(tx),
            faces=faces,
            single_faces=faces - sum(group.faces for group in groups),
            failures=len(photo_store.failures(tx)),
            folders=tuple(photo_store.folders(tx)),
        )


def groups(library: Library) -> list[Group]:
    """People and groups without a name, the largest first."""
    with library.read() as tx:
        return people_store.groups(tx)


def people_called(library: Library, name: str) -> list[Group]:
    """Everybody of this name, whatever its case and Unicode form."""
    with library.read() as tx:
        wanted = set(people_store.find_people(tx, name))
        return [
            group
            for group in people_store.groups(tx)
            if group.kind is GroupKind.PERSON and group.id in wanted
        ]


def faces(library: Library, key: str | None = None) -> list[Face]:
    """Every face, or those of a person (`p7`) or group (`g31`); the best quality first.

    Raises UserError when `key` is no such id.
    """
    kind, number = parse_key(key, "pg") if key is not None else ("", 0)
    with library.read() as tx:
        return face_store.faces(
            tx,
            person=PersonId(number) if kind == "p" else None,
            cluster=ClusterId(number) if kind == "g" else None,
        )


def single_faces(library: Library) -> list[Face]:
    """Faces that belong to nobody and to no group, the best quality first."""
    with library.read() as tx:
        return face_store.faces(tx, without_group=True)


def faces_by_id(library: Library, ids: Sequence[FaceId]) -> list[Face]:
    """The faces with these ids, in that order; unknown ids are left out."""
    with library.read() as tx:
        return face_store.faces(tx, ids=ids)


def faces_of_photo(library: Library, photo: PhotoId) -> list[Face]:
    """The faces of one photo."""
    with library.read() as tx:
        return face_store.faces(tx, photo=photo)


def photo(library: Library, photo_id: PhotoId) -> Photo | None:
    """One photo, None where there is no such id."""
    with library.read() as tx:
        found = photo_store.photos(tx, [photo_id])
    return found[0] if found else None


def existing_photo(library: Library, photo_id: PhotoId) -> Photo:
    """One photo. Raises UserError where there is no such id."""
    found = photo(library, photo_id)
    if found is None:
        raise UserError("this photo is no longer in the library; scan again")
    return found


def photo_ids(library: Library) -> list[PhotoId]:
    """All photos, the newest first."""
    with library.read() as tx:
        return photo_store.photo_ids(tx)


def failures(library: Library) -> list[Failure]:
    """Every file that could not be read, and why."""
    with library.read() as tx:
        return photo_store.failures(tx)


def folders(library: Library) -> list[str]:
    """The folders of the library."""
    with library.read() as tx:
        return [str(path) for path in photo_store.folders(tx)]


def counts(library: Library) -> tuple[int, int]:
    """How many photos and faces the library holds."""
    with library.read() as tx:
        return photo_store.count(tx), face_store.count(tx)
