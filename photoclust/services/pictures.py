"""Pixels for the window: faces and photos as JPEG files from the cache, photos for a closer look.

What the cache lacks is made again from the original file, which is only ever read.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.types import Box, Face, FaceId, Photo, PhotoId, Pixels
from photoclust.media.decode import read_picture
from photoclust.media.thumbnails import (
    ThumbnailCache,
    decode,
    encode,
    face_thumbnail,
    faces_in_place,
    photo_thumbnail,
)
from photoclust.services import browse
from photoclust.services.ingest import photo_thumbnail_key, thumbnails
from photoclust.store.database import Library

_FACE_SOURCE_SIDE = 1600
_PHOTO_THUMBNAIL_SIDE = 384
_REMEMBERED_SIDE = 1200


def face_picture(library: Library, face: FaceId) -> bytes:
    """The JPEG file of a face's thumbnail.

    Raises UnreadableFileError when the photo can no longer be read, UserError when there is no such
    face or photo file.
    """
    cache = thumbnails(library)
    kept = _kept(cache, str(face))
    if kept is not None:
        return kept
    found = browse.faces_by_id(library, [face])
    if not found:
        raise UserError(f"there is no face f{face}")
    photo = browse.existing_photo(library, found[0].photo)
    pixels = upright_picture(photo, max_side=_FACE_SOURCE_SIDE)
    scale = max(pixels.shape[:2]) / max(photo.width, photo.height)
    jpeg = encode(face_thumbnail(pixels, upright_box(photo, found[0]).scaled(scale, scale)))
    cache.put(str(face), jpeg)
    return jpeg


def photo_picture(library: Library, photo_id: PhotoId) -> bytes:
    """The JPEG file of a photo's thumbnail, as the photo is shown. Raises as `face_picture`."""
    cache = thumbnails(library)
    key = photo_thumbnail_key(photo_id)
    photo = browse.existing_photo(library, photo_id)
    jpeg = _kept(cache, key)
    if jpeg is None:
        pixels = upright_picture(photo, max_side=_PHOTO_THUMBNAIL_SIDE)
        jpeg = encode(photo_thumbnail(pixels, _PHOTO_THUMBNAIL_SIDE))
        cache.put(key, jpeg)
    # The cache keeps it as the faces stand, so that turning a photo makes no thumbnail stale.
    return jpeg if photo.view_turn == 0 else encode(_turned(decode(jpeg), photo.view_turn))


def upright_picture(photo: Photo, *, max_side: int) -> Pixels:
    """The photo turned so that its faces stand, [H, W, 3], its longer side at most `max_side` px.

    The first of its files that can be read is taken. Raises UnreadableFileError for the last of
    them when none can, UserError when the photo has no file.
    """
    pixels = _first_readable(photo.paths, max_side)
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
    kept = cache.path(photo_thumbnail_key(photo.id))
    if kept is not None:
        return _turned(read_picture(kept).pixels, photo.view_turn)
    scale = _REMEMBERED_SIDE / max(photo.width, photo.height)
    width, height = (max(1, round(side * scale)) for side in upright_size(photo))
    found = [(face, cache.path(str(face.id))) for face in faces]
    parts = [
        (upright_box(photo, face).scaled(scale, scale), read_picture(path).pixels)
        for face, path in found
        if path is not None
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
    problem: Exception = UserError("the file of this photo is no longer there; scan again")
    for path in paths:
        try:
            return read_picture(path, max_side=max_side).pixels
        except UnreadableFileError as error:
            problem = error
    raise problem


def _kept(cache: ThumbnailCache, key: str) -> bytes | None:
    path = cache.path(key)
    return None if path is None else path.read_bytes()
