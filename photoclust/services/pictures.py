"""Pixels for the window: faces and photos as JPEG files from the cache, photos for a closer look.

What the cache lacks is made again from the original file, which is only ever read.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from photoclust.core.arrays import Pixels
from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.language import tr
from photoclust.core.types import Box, Face, FaceId, Photo, PhotoId
from photoclust.media import answering
from photoclust.media.decode import read_picture
from photoclust.media.thumbnails import (
    FACE_MARGIN,
    PHOTO_SIDE,
    decode,
    encode,
    face_thumbnail,
    faces_in_place,
    photo_thumbnail,
    shown_square,
)
from photoclust.services import browse, roots
from photoclust.services.thumbnail_care import photo_thumbnail_key, thumbnails
from photoclust.store.database import Library
from photoclust.vision.negatives import as_positive

CLOSEUP_SIDE = 640
_CLOSEUP_MARGIN = 1.9
_FACE_SOURCE_SIDE = 1600
_REMEMBERED_SIDE = 1200
_READING_S = 60.0
"""How long a file is read that may come through a slow network."""


def face_picture(library: Library, face: FaceId) -> bytes:
    """The JPEG file of a face's thumbnail.

    Raises UnreadableFileError when the photo can no longer be read, UserError when there is no such
    face or photo file.
    """
    cache = thumbnails(library)
    kept = cache.get(str(face))
    if kept is not None:
        return kept
    found = browse.faces_by_id(library, [face])
    if not found:
        raise UserError(tr("there is no face f{face}", face=face))
    photo = browse.existing_photo(library, found[0].photo)
    pixels = upright_picture(photo, max_side=_FACE_SOURCE_SIDE)
    scale = max(pixels.shape[:2]) / max(photo.width, photo.height)
    jpeg = encode(face_thumbnail(pixels, upright_box(photo, found[0]).scaled(scale, scale)))
    cache.put(str(face), jpeg)
    return jpeg


def face_closeup(library: Library, face: FaceId) -> bytes:
    """A JPEG file of a face with something of what is around it, as large as the photo has it and
    at most CLOSEUP_SIDE px; the thumbnail where the photo can no longer be read.

    Raises as `face_picture`.
    """
    found = browse.faces_by_id(library, [face])
    if not found:
        raise UserError(tr("there is no face f{face}", face=face))
    photo = browse.existing_photo(library, found[0].photo)
    longer = max(photo.width, photo.height)
    shown = _CLOSEUP_MARGIN * max(found[0].box.w, found[0].box.h)
    # No more of the photo is decoded than the face needs.
    wanted = min(longer, max(_FACE_SOURCE_SIDE, round(longer * CLOSEUP_SIDE / max(shown, 1))))
    try:
        pixels = upright_picture(photo, max_side=wanted)
    except (UnreadableFileError, UserError):
        return face_picture(library, face)
    scale = max(pixels.shape[:2]) / longer
    side = min(CLOSEUP_SIDE, max(1, round(shown * scale)))
    box = upright_box(photo, found[0]).scaled(scale, scale)
    return encode(face_thumbnail(pixels, box, side, margin=_CLOSEUP_MARGIN))


def place_in_closeup(library: Library, face: FaceId) -> Box | None:
    """Where in its `face_closeup` a face is, in parts of the side of that, where the middle of
    another face is to be seen there as well; else None.
    """
    found = browse.faces_by_id(library, [face])
    photo = browse.photo(library, found[0].photo) if found else None
    if photo is None:
        return None
    readable = roots.first_file(library, photo) is not None
    box = upright_box(photo, found[0])
    margin = _CLOSEUP_MARGIN if readable else FACE_MARGIN  # else it is the thumbnail
    square = shown_square(box, *upright_size(photo), margin)
    others = [
        upright_box(photo, other).centre
        for other in browse.faces_of_photo(library, photo.id)
        if other.id != face
    ]
    if not any(0 <= x - square.x <= square.w and 0 <= y - square.y <= square.h for x, y in others):
        return None
    inside = Box(box.x - square.x, box.y - square.y, box.w, box.h)
    return inside.scaled(1 / square.w, 1 / square.h)


def photo_picture(library: Library, photo: PhotoId) -> bytes:
    """The JPEG file of a photo's thumbnail, as the photo is shown. Raises as `face_picture`."""
    cache = thumbnails(library)
    key = photo_thumbnail_key(photo)
    jpeg = cache.get(key)
    if jpeg is None:
        known = browse.existing_photo(library, photo)
        pixels = upright_picture(known, max_side=PHOTO_SIDE)
        jpeg = encode(photo_thumbnail(pixels))
        cache.put(key, jpeg)
    # The cache keeps it as the faces stand, so that turning a photo makes no thumbnail stale.
    turn = browse.view_turn(library, photo)
    return jpeg if turn == 0 else encode(_turned(decode(jpeg), turn))


def upright_picture(photo: Photo, *, max_side: int) -> Pixels:
    """The photo turned so that its faces stand, [H, W, 3], its longer side at most `max_side` px;
    of a film negative the positive.

    The first of its files that can be read is taken. Raises UnreadableFileError for the last of
    them when none can, UserError when the photo has no file.
    """
    pixels = _first_readable(photo.paths, max_side)
    if photo.negative:
        pixels = as_positive(pixels).apply(pixels)
    return _turned(pixels, photo.turn)


def shown_picture(photo: Photo, *, max_side: int) -> Pixels:
    """As `upright_picture`, turned further as the user has it shown."""
    return _turned(upright_picture(photo, max_side=max_side), photo.view_turn)


def shown_size(photo: Photo) -> tuple[int, int]:
    """Width and height of the whole photo turned as `shown_picture` turns it."""
    size = upright_size(photo)
    return size if photo.view_turn % 180 == 0 else size[::-1]


def remembered_picture(library: Library, photo: Photo, faces: Sequence[Face]) -> Pixels | None:
    """What the cache still shows of a photo whose files are not there, turned as `shown_picture`
    does: its thumbnail, else its `faces` in their places on grey. None where it has neither.
    """
    cache = thumbnails(library)
    kept = cache.get(photo_thumbnail_key(photo.id))
    if kept is not None:
        return _turned(decode(kept), photo.view_turn)
    scale = _REMEMBERED_SIDE / max(photo.width, photo.height)
    width, height = (max(1, round(side * scale)) for side in upright_size(photo))
    found = [(face, cache.get(str(face.id))) for face in faces]
    parts = [
        (upright_box(photo, face).scaled(scale, scale), decode(jpeg))
        for face, jpeg in found
        if jpeg is not None
    ]
    if not parts:
        return None
    return _turned(faces_in_place((width, height), parts), photo.view_turn)


def upright_size(photo: Photo) -> tuple[int, int]:
    """Width and height of the whole photo turned as `upright_picture` turns it."""
    size = (photo.width, photo.height)
    return size if photo.turn % 180 == 0 else size[::-1]


def upright_box(photo: Photo, face: Face) -> Box:
    """The box of a face of `photo`, in px of the whole photo turned as `upright_picture` does."""
    return face.box.turned(photo.turn, photo.width, photo.height)


def _turned(pixels: Pixels, turn: int) -> Pixels:
    """`pixels` turned by `turn` degrees, a multiple of 90, counter-clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, turn // 90))


def _first_readable(paths: Sequence[Path], max_side: int) -> Pixels:
    problem: Exception = UserError(tr("the file of this photo is no longer there; scan again"))
    for path in paths:
        try:
            answering.ask(path.parent, path.stat)
        except TimeoutError:
            problem = UserError(tr("{folder} does not answer now; try again", folder=path.parent))
            continue
        except OSError:
            pass  # what is wrong with it, reading tells better
        try:
            read = partial(read_picture, path, max_side=max_side)
            return answering.ask(path.parent, read, limit_s=_READING_S).pixels
        except UnreadableFileError as error:
            problem = error
        except TimeoutError:
            problem = UserError(tr("{folder} does not answer now; try again", folder=path.parent))
    raise problem
