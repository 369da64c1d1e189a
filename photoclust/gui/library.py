"""The services as the window uses them, bound to one open library.

Everything here runs in threads of `tasks.Desk` and imports what it needs when it is called: the
window is on the screen before SQLAlchemy, Pillow or the face models are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import (
    Face,
    FaceId,
    Failure,
    Group,
    LibraryChanges,
    PersonId,
    Photo,
    PhotoId,
    Pixels,
)

if TYPE_CHECKING:
    from photoclust.services.browse import Overview
    from photoclust.services.naming import Named
    from photoclust.services.session import SessionReport
    from photoclust.store.database import Library

PHOTO_SIDE = 2048


@dataclass(frozen=True, slots=True, eq=False)
class PhotoView:
    """A photo to look at: what is known of it, its pixels and its faces. `size` (width, height) and
    the faces' boxes are those of the whole photo turned so that its faces stand.
    """

    photo: Photo
    pixels: Pixels
    size: tuple[int, int]
    faces: tuple[Face, ...]


class OpenLibrary:
    """An open library. Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @classmethod
    def open(cls, folder: Path) -> OpenLibrary:
        """Open or create the library in `folder`. Raises LibraryError and UserError."""
        from photoclust.store.database import Library  # noqa: PLC0415 - see the module docstring

        return cls(Library(folder))

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._library.folder

    def close(self) -> None:
        """Give its file back."""
        self._library.close()

    def overview(self) -> Overview:
        """Groups and counts."""
        from photoclust.services import browse  # noqa: PLC0415

        return browse.overview(self._library)

    def faces(self, key: str) -> list[Face]:
        """The faces of a person or group."""
        from photoclust.services import browse  # noqa: PLC0415

        return browse.faces(self._library, key)

    def single_faces(self) -> list[Face]:
        """The faces without person and group."""
        from photoclust.services import browse  # noqa: PLC0415

        return browse.single_faces(self._library)

    def photo_ids(self) -> list[PhotoId]:
        """All photos, the newest first."""
        from photoclust.services import browse  # noqa: PLC0415

        return browse.photo_ids(self._library)

    def failures(self) -> list[Failure]:
        """The files that could not be read."""
        from photoclust.services import browse  # noqa: PLC0415

        return browse.failures(self._library)

    def people_called(self, name: str) -> list[Group]:
        """Everybody of this name. Raises UserError for one that cannot be a name."""
        from photoclust.services import browse  # noqa: PLC0415

        return browse.people_called(self._library, name)

    def name(
        self, key: str, name: str, into: PersonId | None = None, *, another: bool = False
    ) -> Named:
        """Name a person, group or face; see `services.naming.name`."""
        from photoclust.services import naming  # noqa: PLC0415

        return naming.name(self._library, key, name, into=into, another=another)

    def view_photo(self, photo_id: PhotoId) -> PhotoView:
        """A photo with its pixels, at most PHOTO_SIDE px a side, and its faces.

        Raises UserError when it is gone, UnreadableFileError when it can no longer be read.
        """
        from photoclust.services import browse, pictures  # noqa: PLC0415

        photo = browse.existing_photo(self._library, photo_id)
        pixels = pictures.upright_picture(photo, max_side=PHOTO_SIDE)
        faces = tuple(
            replace(face, box=pictures.upright_box(photo, face))
            for face in browse.faces_of_photo(self._library, photo_id)
        )
        return PhotoView(photo, pixels, pictures.upright_size(photo), faces)

    def picture(self, kind: str, number: int) -> bytes:
        """JPEG thumbnail of a `face` or `photo`. Raises as `services.pictures`."""
        from photoclust.services import pictures  # noqa: PLC0415

        if kind == "face":
            return pictures.face_picture(self._library, FaceId(number))
        return pictures.photo_picture(self._library, PhotoId(number))

    def scan(
        self,
        roots: Sequence[Path] | None,
        settings: Settings,
        control: JobControl,
        on_changes: Callable[[LibraryChanges], None],
    ) -> SessionReport:
        """Scan `roots`, or with None every folder of the library, and group the faces."""
        from photoclust.services import session  # noqa: PLC0415

        if roots is None:
            return session.scan_again(
                self._library, settings, control=control, on_changes=on_changes
            )
        return session.scan_and_group(
            self._library, roots, settings, control=control, on_changes=on_changes
        )
