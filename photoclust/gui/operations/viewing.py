"""A photo to look at: its pixels, its faces and what is known of it.

Boxes and sizes here are those of the photo as it is *shown*: turned so that its faces stand, and
then as the user turned it. `to_shown` and `from_shown` lead from the stored boxes and back.
"""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from photoclust.core.ages import Age
from photoclust.core.pages import VIDEO_EXTENSIONS, file_of
from photoclust.core.types import Box, Face, FileStat, PersonId, Photo, PhotoId
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.core.arrays import Pixels

PREVIEW_SIDE = 2048
"""The longer side, in px, of what is loaded to fill a window."""
SHARP_SIDE = 8192
"""The longer side, in px, of what is loaded to look at closely: 200 MB at most."""


class Whereabouts(Enum):
    """Where the files of a photo are."""

    HERE = "here"
    AWAY = "away"
    """On a drive or in a folder that is not there now."""
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class PhotoView:
    """What is known of a photo to look at. `size` (width, height) and the boxes of `faces` are
    those of the whole photo as it is shown; `file` is the first of its files, None where none is
    there. `unseen` are the people in it without a face, by name; `ages` is how old everybody is.
    """

    photo: Photo
    size: tuple[int, int]
    faces: tuple[Face, ...]
    file: FileStat | None
    whereabouts: Whereabouts
    where: str = ""
    """Where it is, a clause that says what to do, when it is AWAY."""
    unseen: tuple[tuple[PersonId, str], ...] = ()
    ages: Mapping[PersonId, Age] = field(default_factory=dict)

    @property
    def is_video(self) -> bool:
        """Whether it is shown for a video, or is a moment of one."""
        return any(file_of(path).suffix.lower() in VIDEO_EXTENSIONS for path in self.photo.paths)

    def looks_like(self, other: PhotoView) -> bool:
        """Whether the pixels of both are the same."""
        mine, theirs = self.photo, other.photo
        return (self.file, mine.turn, mine.view_turn, mine.negative) == (
            (other.file, theirs.turn, theirs.view_turn, theirs.negative)
        )


def view_photo(library: OpenLibrary, photo_id: PhotoId) -> PhotoView:
    """A photo and its faces. Raises UserError when the library does not know it any more."""
    from photoclust.services import browse, pictures, roots

    opened = library.opened
    photo = browse.existing_photo(opened, photo_id)
    found = browse.faces_of_photo(opened, photo_id)
    faces = tuple(replace(face, box=to_shown(photo, face.box)) for face in found)
    file = roots.first_file(opened, photo)
    here = Whereabouts.HERE if file is not None else _whereabouts(library, photo)
    away = here is Whereabouts.AWAY and bool(photo.paths)
    unseen = browse.people_without_face(opened, [photo_id]).get(photo_id, [])
    return PhotoView(
        photo,
        pictures.shown_size(photo),
        faces,
        file,
        here,
        roots.say_away(opened, photo.paths[0]) if away else "",
        tuple((person, name) for person, name in unseen if name),
        browse.ages(opened, photo),
    )


def videos(library: OpenLibrary) -> frozenset[PhotoId]:
    """The photos that are shown for videos."""
    from photoclust.services import browse

    return browse.videos(library.opened)


def preview(library: OpenLibrary, view: PhotoView) -> Pixels | None:
    """The pixels of a photo as it is shown, at most PREVIEW_SIDE px a side. Of one that is not
    HERE, what the library remembers of it, or None.

    Raises UnreadableFileError when its file is there but cannot be read.
    """
    from photoclust.services import browse, pictures

    if view.whereabouts is Whereabouts.HERE:
        return pictures.shown_picture(view.photo, max_side=PREVIEW_SIDE)
    found = browse.faces_of_photo(library.opened, view.photo.id)
    return pictures.remembered_picture(library.opened, view.photo, found)


def sharp_picture(library: OpenLibrary, photo_id: PhotoId) -> Pixels:
    """The pixels of a photo as it is shown, at most SHARP_SIDE px a side.

    Raises as `preview`.
    """
    from photoclust.services import browse, pictures

    photo = browse.existing_photo(library.opened, photo_id)
    return pictures.shown_picture(photo, max_side=SHARP_SIDE)


def to_shown(photo: Photo, box: Box) -> Box:
    """A box of the upright photo, in px of the photo as it is shown."""
    return box.turned(_turn(photo), photo.width, photo.height)


def from_shown(photo: Photo, box: Box) -> Box:
    """A box of the photo as it is shown, in px of the upright photo, as it is stored."""
    turn = _turn(photo)
    width, height = (photo.width, photo.height) if turn % 180 == 0 else (photo.height, photo.width)
    return box.turned(-turn, width, height)


def _turn(photo: Photo) -> int:
    return photo.turn + photo.view_turn


def _whereabouts(library: OpenLibrary, photo: Photo) -> Whereabouts:
    """Where the files of a photo are that are not at their place."""
    from photoclust.media import answering
    from photoclust.services import browse

    # What was not noted yet is taken for deleted where its folder is there.
    folders = {file_of(path).parent for path in photo.paths}
    just_now = photo.present and any(map(answering.is_folder, folders))
    deleted = just_now or browse.is_deleted(library.opened, photo.id)
    return Whereabouts.DELETED if deleted else Whereabouts.AWAY
