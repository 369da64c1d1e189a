"""Which further pictures a file holds: the pages of a TIFF or PDF that show a photo, and the
moments of a video at which there is one.

Thumbnails, masks, infrared channels and pages of writing are none.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import TiffImagePlugin

from photoclust.core.pages import PAGED_EXTENSIONS, page_path
from photoclust.media import pdf
from photoclust.media.files import OriginalFile
from photoclust.media.formats import Format
from photoclust.media.opening import opened, told_format, true_reasons
from photoclust.media.video import VideoFile

MAX_PAGES = 1000
"""So many pages are looked at; a directory that leads to itself has no end."""
_SUBFILE_TYPE, _OLD_SUBFILE_TYPE, _WIDTH, _HEIGHT, _BITS, _SAMPLES = 254, 255, 256, 257, 258, 277
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2
_LEAST_SIDE = 256
_SMALL_COPY = 0.5
_SAME_ASPECT = 0.02


def further_pages(original: OriginalFile) -> list[Path]:
    """The paths (see `core.pages`) of the pictures of a file behind its first one, in their order.

    Only files are looked at whose name says that they may have pages. Raises UnreadableFileError
    when the file is none that can be read.
    """
    extension = os.path.splitext(original.path.name)[1].lower()  # noqa: PTH122 - asked of every file
    if extension not in PAGED_EXTENSIONS:
        return []
    kind = told_format(original)
    with true_reasons(original, kind):
        if kind is Format.PDF:
            numbers = pdf.photo_pages(original.stream())[1:]
        elif kind is Format.TIFF:
            with opened(original.stream(), kind) as image:
                assert isinstance(image, TiffImagePlugin.TiffImageFile)
                numbers = _tiff_pages(image)
        else:
            numbers = []
    return [page_path(original.path, number) for number in numbers]


def video_moments(original: OriginalFile) -> tuple[int, list[int]]:
    """At which millisecond of a video that lies which is shown for it, and some others, spread over
    it, at which there is a picture.

    Raises UnreadableFileError when it is no video that can be read.
    """
    kind = told_format(original)
    with true_reasons(original, kind), VideoFile(original.stream()) as file:
        return file.poster()[0], file.moments()


@dataclass(frozen=True, slots=True)
class _Page:
    """What its tags (TIFF 6.0) tell of a page: `reduced` or a mask, as NewSubfileType says."""

    size: tuple[int, int]
    samples: int
    bits: int
    is_no_photo: bool

    @classmethod
    def of(cls, image: TiffImagePlugin.TiffImageFile) -> "_Page":
        tags = image.tag_v2
        bits = tags.get(_BITS, 1)
        return cls(
            size=(int(tags[_WIDTH]), int(tags[_HEIGHT])),
            samples=int(tags.get(_SAMPLES, 1)),
            bits=int(bits[0] if isinstance(bits, tuple) else bits),
            is_no_photo=bool(tags.get(_SUBFILE_TYPE, 0) & (_REDUCED | _MASK))
            or tags.get(_OLD_SUBFILE_TYPE, 0) == _OLD_REDUCED,
        )

    def is_photo_behind(self, before: "Sequence[_Page]") -> bool:
        """Whether it is a photo, and not something that belongs to the pages `before`."""
        return not (
            self.is_no_photo
            or max(self.size) < _LEAST_SIDE
            or self.bits == 1  # a fax
            or any(self._is_infrared_of(page) or self._is_small_copy_of(page) for page in before)
        )

    def _is_infrared_of(self, page: "_Page") -> bool:
        """Whether it is the channel by which film scanners find dust, as SilverFast (HDRi) keeps
        it: 16 bits of grey behind 48 of colour.
        """
        colours = (self.samples, self.bits, page.samples, page.bits)
        return colours == (1, 16, 3, 16) and self.size == page.size

    def _is_small_copy_of(self, page: "_Page") -> bool:
        """Whether it is most likely a step of a pyramid upon `page`."""
        if max(self.size) > _SMALL_COPY * max(page.size):
            return False
        aspect = self.size[0] * page.size[1] / (self.size[1] * page.size[0])
        return abs(aspect - 1) <= _SAME_ASPECT


def _tiff_pages(image: TiffImagePlugin.TiffImageFile) -> list[int]:
    """The numbers of the pages behind the first that are photos."""
    before = [_Page.of(image)]
    found = []
    for index in range(1, MAX_PAGES):
        try:
            image.seek(index)
            page = _Page.of(image)
        except Exception:  # no more, or damaged from here on: what was before it is whole
            break
        if page.is_photo_behind(before):
            found.append(index + 1)
        before.append(page)
    return found
