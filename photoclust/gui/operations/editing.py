"""What the user does to a photo in the viewer. Each of these is one act that can be undone.

Boxes come in px of the photo as it is shown.
"""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from photoclust.core.dates import PhotoDate
from photoclust.core.language import tr, tr_n
from photoclust.core.settings import Settings
from photoclust.core.types import Box, Face, FaceId, LibraryChanges, PersonId, Photo, PhotoId
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import acts, viewing
from photoclust.gui.operations.acts import Acted

if TYPE_CHECKING:
    from photoclust.store.database import Library


def draw(library: OpenLibrary, photo: Photo, box: Box, settings: Settings) -> Acted:
    """Say that there is a face in `box`. Raises as `services.drawing.draw`."""
    from photoclust.services import drawing

    stored = viewing.from_shown(photo, box)
    return _boxed(
        library,
        "draw",
        lambda opened: drawing.draw(opened, photo.id, stored, settings),
        tr("A face was added."),
    )


def resize(library: OpenLibrary, photo: Photo, face: FaceId, box: Box, settings: Settings) -> Acted:
    """Say that `face` is in `box`. Raises as `services.drawing.resize`."""
    from photoclust.services import drawing

    stored = viewing.from_shown(photo, box)
    return _boxed(
        library,
        "resize",
        lambda opened: drawing.resize(opened, f"f{face}", stored, settings),
        tr("The box was changed."),
    )


def remove_faces(library: OpenLibrary, faces: Sequence[Face]) -> Acted:
    """Say that `faces` are none; those that were drawn go with that."""
    from photoclust.services import deciding

    keys = [f"f{face.id}" for face in faces]
    drawn = all(face.drawn for face in faces)
    told = tr("The box was removed.") if drawn else tr("This is no face.")
    return acts.do(library, "not a face", lambda opened: deciding.exclude(opened, keys), told)


def refuse(library: OpenLibrary, face: Face, name: str) -> Acted:
    """Say that `face` is not the person shown for it, called `name`."""
    from photoclust.services import deciding

    return acts.do(
        library,
        "reject",
        lambda opened: deciding.reject(opened, [f"f{face.id}"]),
        tr("This is not {name}.", name=name),
    )


def tag(
    library: OpenLibrary, person: PersonId, name: str, photo: PhotoId, *, present: bool = True
) -> Acted:
    """Say that `person`, called `name`, is in `photo` though no face is seen, or is not."""
    from photoclust.services import describing

    told = tr("{name} is in this photo.", name=name)
    if not present:
        told = tr("{name} is not in this photo.", name=name)
    return acts.do(
        library,
        "tag" if present else "untag",
        lambda opened: describing.tag(opened, f"p{person}", [photo], present=present),
        told,
    )


def turn(library: OpenLibrary, photos: Sequence[PhotoId], degrees: int) -> Acted:
    """Show `photos` turned by `degrees`, counter-clockwise, from how they are shown now."""
    from photoclust.services import describing

    told = tr_n(
        len(photos),
        "Turned {n} photo; no file was changed.",
        "Turned {n} photos; no file was changed.",
    )
    return acts.do(library, "turn", lambda opened: describing.turn(opened, photos, degrees), told)


def say_negative(
    library: OpenLibrary, photos: Sequence[PhotoId], negative: bool, settings: Settings
) -> Acted:
    """Say whether `photos` are film negatives, and look for their faces again."""
    from photoclust.services import negatives

    if negative:
        told = tr_n(
            len(photos),
            "{n} photo is shown as a positive; no file was changed.",
            "{n} photos are shown as positives; no file was changed.",
        )
    else:
        told = tr_n(
            len(photos),
            "{n} photo is shown as its file is.",
            "{n} photos are shown as their files are.",
        )
    return acts.do(
        library,
        negatives.SAID if negative else negatives.DENIED,
        lambda opened: negatives.say(opened, photos, negative, settings),
        told,
    )


def known_date(library: OpenLibrary, photo: PhotoId) -> PhotoDate | None:
    """When `photo` was taken, where its camera or somebody says so."""
    from photoclust.services import browse

    found = browse.photo(library.opened, photo)
    date = None if found is None else found.date
    return date if date is not None and date.is_evidence else None


def set_date(library: OpenLibrary, photos: Sequence[PhotoId], date: PhotoDate | None) -> Acted:
    """Say when `photos` were taken; None: as their files say."""
    from photoclust.services import deciding

    if date is None:
        told = tr_n(
            len(photos),
            "{n} photo has the date of its file.",
            "{n} photos have the dates of their files.",
        )
    else:
        told = tr_n(
            len(photos),
            "{n} photo is dated now: {date}.",
            "{n} photos are dated now: {date}.",
            date=date.describe(),
        )
    return acts.do(library, "date", lambda one: deciding.set_date(one, photos, date), told)


def _boxed(
    library: OpenLibrary,
    kind: str,
    box: Callable[[Library], tuple[FaceId, LibraryChanges]],
    told: str,
) -> Acted:
    faces: list[FaceId] = []

    def act(opened: Library) -> LibraryChanges:
        face, changes = box(opened)
        faces.append(face)
        return changes

    return replace(acts.do(library, kind, act, told), face=faces[0])
