"""PDF files: those of their pages that are photos, by PDFium.

PDFium comes with pypdfium2, in the extra `pdf`; without it a PDF is no candidate. A page is a photo
where pictures cover much of it and it is not one of writing; it is rendered with as many pixels as
the picture on it has.
"""

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image

from photoclust.core import reasons
from photoclust.core.language import marked

if TYPE_CHECKING:
    import pypdfium2

NOT_INSTALLED = marked(
    "it is a PDF document, which needs an extra: install photoclust[pdf], then scan again"
)
MAX_PAGES = 1000
"""So many pages are looked at."""
COVERED = 0.4
"""Share of a page that pictures must cover."""
PAPER = 0.8
"""A page of which more than this share is of one brightness, and bright, is one of writing."""
_PAPER_LEVELS = 24
_DARKEST_PAPER = 144
_LOOK_SIDE = 256
_LONGEST_SIDE = 8000
_DEFAULT_SIDE = 2000
_LOCK = threading.Lock()
"""PDFium must not be called from two threads at once (its own documentation)."""


class NoPhotosError(Exception):
    """A PDF without a page that is a photo."""


@cache
def is_readable() -> bool:
    """Whether the extra `pdf` is installed."""
    return importlib.util.find_spec("pypdfium2") is not None


def photo_pages(stream: BinaryIO) -> list[int]:
    """The numbers, from 1, of the pages that are photos.

    Raises pypdfium2.PdfiumError where PDFium cannot read the file.
    """
    with _opened(stream) as document:
        return list(_photo_pages(document))


def read_page(stream: BinaryIO, number: int | None, most_pixels: int) -> Image.Image:
    """The page `number`, or the first that is a photo, of at most `most_pixels`.

    Raises NoPhotosError where there is none, pypdfium2.PdfiumError where PDFium cannot read it.
    """
    with _opened(stream) as document:
        wanted = number or next(_photo_pages(document), None)
        if wanted is None:
            raise NoPhotosError(reasons.NO_PHOTOS)
        page = document[wanted - 1]
        try:
            width, height = page.get_size()
            sides = [max(image.get_px_size()) for image in _images(page)]
            side = min(max(sides, default=_DEFAULT_SIDE), _LONGEST_SIDE)
            scale = side / max(width, height)
            scale = min(scale, (most_pixels / (width * height)) ** 0.5)
            rendered: Image.Image = page.render(scale=scale).to_pil()
            return rendered.convert("RGB")
        finally:
            page.close()


@contextmanager
def _opened(stream: BinaryIO) -> "Iterator[pypdfium2.PdfDocument]":
    import pypdfium2  # noqa: PLC0415 - of the extra `pdf`, and loads PDFium

    with _LOCK:
        document = pypdfium2.PdfDocument(stream)
        try:
            yield document
        finally:
            document.close()


def _photo_pages(document: "pypdfium2.PdfDocument") -> Iterator[int]:
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        try:
            if _is_photo(page):
                yield number + 1
        finally:
            page.close()


def _is_photo(page: "pypdfium2.PdfPage") -> bool:
    width, height = page.get_size()
    covered = 0.0
    for image in _images(page):
        left, bottom, right, top = image.get_bounds()
        wide = min(right, width) - max(left, 0.0)
        high = min(top, height) - max(bottom, 0.0)
        if image.get_metadata().bits_per_pixel > 1:  # not a fax
            covered += max(wide, 0.0) * max(high, 0.0)
    if covered < COVERED * width * height:
        return False
    look = page.render(scale=_LOOK_SIDE / max(width, height)).to_pil().convert("L")
    levels = np.bincount(np.asarray(look).ravel(), minlength=256)
    window = np.convolve(levels[_DARKEST_PAPER:], np.ones(_PAPER_LEVELS, np.int64), "valid")
    return bool(window.max() <= PAPER * levels.sum())


def _images(page: "pypdfium2.PdfPage") -> "list[Any]":
    from pypdfium2 import raw  # noqa: PLC0415 - as above

    return list(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3))
