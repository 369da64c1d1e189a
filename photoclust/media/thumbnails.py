"""Small pictures for the window: how they are cut, and a folder of JPEG files that keeps them.

The cache holds nothing that cannot be made again; deleting its folder at any time is safe. Faces
are biometric data, so only their owner can read it.
"""

import contextlib
import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from photoclust.core.arrays import Pixels, part_of
from photoclust.core.errors import InternalError, UserError
from photoclust.core.language import tr
from photoclust.core.paths import make_private_folder
from photoclust.core.progress import JobControl
from photoclust.core.types import Box

FACE_MARGIN = 1.5
"""Side of the square that is shown of a face, relative to the longer side of its box."""
PHOTO_SIDE = 384
"""The longer side of the thumbnail of a whole photo, in px."""
_QUALITY = 85
_REDUCING_GAP = 2.0
"""Pictures are averaged by a whole factor first, which leaves at least so large a step to Lanczos:
half the time, and what differs is a fraction of what JPEG loses.
"""
_GREY = 112
_USED_AGAIN_S = 86_400.0
"""When it is noted again that a thumbnail was used: a file is not touched at every look at it."""
_LEFT = 0.9
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
            reason = error.strerror or tr("unknown error")
            raise UserError(
                tr(
                    "cannot write the thumbnail {path} ({reason}); make room on the disk or "
                    "choose another cache folder",
                    path=path,
                    reason=reason,
                )
            ) from error

    def get(self, key: str) -> bytes | None:
        """The file that holds `key`; None where there is none, or it is damaged: then it is gone.

        What is asked for counts as used (see `trim`).
        """
        path = self._file(key)
        try:
            jpeg = path.read_bytes()
            if not _is_whole(jpeg):
                path.unlink(missing_ok=True)
                return None
            if time.time() - path.stat().st_mtime > _USED_AGAIN_S:
                os.utime(path)
        except OSError:
            return None
        return jpeg

    def trim(
        self,
        limit: int,
        is_kept: Callable[[str], bool] = lambda _: False,
        *,
        control: JobControl | None = None,
    ) -> int:
        """Remove what was not used for longest until the files take less than `limit` bytes, and a
        tenth less than that, so that it does not begin again at once; gives how many there were.

        Those that `is_kept` says are never removed, and may take more.
        """
        control = control or JobControl()
        found: list[tuple[float, int, str]] = []
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*.jpg"):
            control.checkpoint()
            with contextlib.suppress(OSError):  # another process may have removed it
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path.stem))
        size = sum(each for _, each, _ in found)
        if size <= limit:
            return 0
        removed = 0
        for _, each, key in sorted(found):
            control.checkpoint()
            if size <= _LEFT * limit:
                break
            if _KEY.fullmatch(key) and not is_kept(key):
                self.remove([key])
                size -= each
                removed += 1
        return removed

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
                raise UserError(
                    tr(
                        "cannot delete the thumbnail {path} ({reason})",
                        path=path,
                        reason=error.strerror,
                    )
                ) from error

    def _file(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise InternalError(f"not a thumbnail key: {key!r}")
        shard = hashlib.blake2b(key.encode(), digest_size=1).hexdigest()
        return self._folder / shard / f"{key}.jpg"


def _is_whole(jpeg: bytes) -> bool:
    """Whether a file begins and ends as JPEG does: one that was cut short or emptied does not."""
    return jpeg.startswith(b"\xff\xd8") and jpeg.endswith(b"\xff\xd9")


def encode(pixels: Pixels) -> bytes:
    """`pixels` ([H, W, 3] uint8 RGB) as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def decode(jpeg: bytes) -> Pixels:
    """The pixels ([H, W, 3] uint8 RGB) of a file that `encode` made."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        return np.array(image.convert("RGB"))


def face_thumbnail(
    pixels: Pixels, box: Box, side: int = 192, *, margin: float = FACE_MARGIN
) -> Pixels:
    """A square of `side` px around the face in `box` (px of `pixels`, [H, W, 3] uint8 RGB).

    It shows `margin` times the longer side of the box. Near an edge it is moved inside; in a
    picture too narrow for it the margin shrinks; what a box itself needs beyond the picture repeats
    the edge.
    """
    height, width = pixels.shape[:2]
    square = _square(box, width, height, margin)
    x, y = box.centre
    columns = _span(x, square, width)
    rows = _span(y, square, height)
    crop = Image.fromarray(part_of(pixels, rows, columns))
    resized = crop.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)
    return np.array(resized)


def shown_square(box: Box, width: int, height: int, margin: float = FACE_MARGIN) -> Box:
    """What `face_thumbnail` shows around `box` of a picture of this size."""
    side = _square(box, width, height, margin)
    x, y = box.centre
    return Box(_start(x, side, width), _start(y, side, height), side, side)


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


def photo_thumbnail(pixels: Pixels, side: int = PHOTO_SIDE) -> Pixels:
    """`pixels` ([H, W, 3] uint8 RGB) with its longer side at most `side` px; never enlarged."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)
    return np.array(image)


def _square(box: Box, width: int, height: int, margin: float = FACE_MARGIN) -> int:
    """Side of the square that is shown around `box` of a picture of this size, in px."""
    longer = max(1, round(max(box.w, box.h)))
    return max(longer, min(round(longer * margin), width, height))


def _start(centre: float, length: int, limit: int) -> int:
    """Where `length` px around `centre` begin, moved inside [0, limit) where they fit."""
    start = round(centre - length / 2)
    return min(max(start, 0), limit - length) if length <= limit else start


def _span(centre: float, length: int, limit: int) -> range:
    """`length` places around `centre`, inside [0, limit) where they fit."""
    start = _start(centre, length, limit)
    return range(start, start + length)
