"""Small pictures for the window: how they are cut, and a folder of JPEG files that keeps them.

The cache holds nothing that cannot be made again; deleting its folder at any time is safe. Faces
are biometric data, so only their owner can read it.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from photoclust.core.errors import InternalError, UserError
from photoclust.core.paths import make_private_folder
from photoclust.core.types import Box, Pixels

FACE_MARGIN = 1.5
"""Side of the square that is shown of a face, relative to the longer side of its box."""
_QUALITY = 85
_GREY = 112
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")


class ThumbnailCache:
    """JPEG files by key, spread over 256 sub-folders. Safe for several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, jpeg: bytes) -> None:
        """Keep `jpeg` (see `encode`) as `key`, in place of what it held before.

        A reader sees the old file or the new one, never half of it. Raises UserError when the
        folder cannot be written, InternalError for a key with other than letters, digits, _ and -.
        """
        path = self._file(key)
        make_private_folder(self._folder)
        make_private_folder(path.parent)
        try:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
            temporary = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(jpeg)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or "unknown error"
            raise UserError(
                f"cannot write the thumbnail {path} ({reason}); make room on the disk or choose "
                "another cache folder"
            ) from error

    def path(self, key: str) -> Path | None:
        """The file that holds `key`, None where there is none."""
        path = self._file(key)
        return path if path.is_file() else None

    def every_key(self) -> Iterator[str]:
        """Every key there is, in no particular order."""
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*.jpg"):
            if _KEY.fullmatch(path.stem):
                yield path.stem

    def remove(self, keys: Iterable[str]) -> None:
        """Forget `keys`; those that are not there are passed over.

        Raises UserError when a file cannot be deleted.
        """
        for key in keys:
            path = self._file(key)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise UserError(f"cannot delete the thumbnail {path} ({error.strerror})") from error

    def _file(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise InternalError(f"not a thumbnail key: {key!r}")
        shard = hashlib.blake2b(key.encode(), digest_size=1).hexdigest()
        return self._folder / shard / f"{key}.jpg"


def encode(pixels: Pixels) -> bytes:
    """`pixels` ([H, W, 3] uint8 RGB) as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def decode(jpeg: bytes) -> Pixels:
    """The pixels ([H, W, 3] uint8 RGB) of a file that `encode` made."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        return np.array(image.convert("RGB"))


def face_thumbnail(pixels: Pixels, box: Box, side: int = 192) -> Pixels:
    """A square of `side` px around the face in `box` (px of `pixels`, [H, W, 3] uint8 RGB).

    It shows FACE_MARGIN times the longer side of the box. Near an edge it is moved inside; in a
    picture too narrow for it the margin shrinks; what a box itself needs beyond the picture repeats
    the edge.
    """
    height, width = pixels.shape[:2]
    square = _square(box, width, height)
    x, y = box.centre
    columns = _span(x, square, width)
    rows = _span(y, square, height)
    crop = Image.fromarray(np.ascontiguousarray(pixels[rows][:, columns]))
    resized = crop.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.array(resized)


def faces_in_place(size: tuple[int, int], faces: Iterable[tuple[Box, Pixels]]) -> Pixels:
    """A grey picture of `size` (width, height) px with faces, each a `face_thumbnail`, around their
    boxes, as far as they lie inside.
    """
    picture = Image.new("RGB", size, (_GREY, _GREY, _GREY))
    for box, pixels in faces:
        square = _square(box, *size)
        x, y = (
            _start(centre, square, limit) for centre, limit in zip(box.centre, size, strict=True)
        )
        picture.paste(Image.fromarray(pixels).resize((square, square)), (x, y))
    return np.array(picture)


def photo_thumbnail(pixels: Pixels, side: int = 512) -> Pixels:
    """`pixels` ([H, W, 3] uint8 RGB) with its longer side at most `side` px; never enlarged."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.array(image)


def _square(box: Box, width: int, height: int) -> int:
    """Side of the square that is shown around `box` of a picture of this size, in px."""
    longer = max(1, round(max(box.w, box.h)))
    return max(longer, min(round(longer * FACE_MARGIN), width, height))


def _start(centre: float, length: int, limit: int) -> int:
    """Where `length` px around `centre` begin, moved inside [0, limit) where they fit."""
    start = round(centre - length / 2)
    return min(max(start, 0), limit - length) if length <= limit else start


def _span(centre: float, length: int, limit: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """`length` indices around `centre`, inside [0, limit) where they fit, else edges repeated."""
    start = _start(centre, length, limit)
    return np.clip(np.arange(start, start + length), 0, limit - 1)
