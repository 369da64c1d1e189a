"""A contact sheet of a person, to be printed: pages of A4 in one PDF, drawn by Pillow."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from photoclust.core.errors import UserError
from photoclust.core.language import marked, tr
from photoclust.core.progress import JobControl
from photoclust.services import pictures
from photoclust.services.names_out_album import Album, Shown, album_of, picture
from photoclust.services.names_out_files import require_free
from photoclust.store.database import Library

STAGE = marked("Drawing the contact sheet")
DPI = 200
PAGE = (round(210 / 25.4 * DPI), round(297 / 25.4 * DPI))
"""A4 in px."""
_MARGIN = 120
_GAP = 28
_CAPTION = 44
_HEAD = 300
_PORTRAIT = 220
_ROW_HEIGHTS = ((12, 560), (60, 430), (None, 300))
"""Up to how many photos their rows are about so high, in px."""
_NAME_SIZES = (72, 60, 48, 38)
_RATIOS = (0.6, 2.6)
"""Photos that are narrower or wider are cut in the middle."""
_INK, _GREY, _LINE = (32, 33, 36), (110, 113, 118), (214, 216, 220)
_FONTS = (
    "DejaVuSans.ttf", "segoeui.ttf", "Helvetica.ttc", "Arial.ttf", "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc", "PingFang.ttc", "msyh.ttc", "YuGothM.ttc", "malgun.ttf",
    "Arial Unicode.ttf",
)  # fmt: skip
_NO_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Whose contact sheet it is, and how large."""

    name: str
    photos: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where on its page a photo is, in px."""

    shown: Shown
    x: int
    y: int
    w: int
    h: int


def export_sheet(
    library: Library,
    who: str,
    target: Path,
    *,
    force: bool = False,
    all_forms: bool = False,
    control: JobControl | None = None,
) -> Sheet:
    """Write a PDF of the photos of `who` (see `album_of`), that only its owner can read.

    Raises UserError when there is no such person or photo, or `target` is there (save with
    `force`) or cannot be written; nothing is left of it when it is cancelled.
    """
    control = control or JobControl()
    require_free(target, force)
    album = album_of(library, who, all_forms=all_forms)
    pages = _paged(album)
    part = target.with_name(f".{target.name}.photoclust.tmp")
    done = 0
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        for number, page in enumerate(pages, start=1):
            drawn = _Page(library, album, number, len(pages))
            for placed in page:
                control.checkpoint()
                control.report(STAGE, done, len(album.photos))
                drawn.put(placed)
                done += 1
            # Each is appended by itself: pages of a whole album would not fit into memory.
            drawn.save(part, first=number == 1)
        part.replace(target)
    except OSError as error:
        raise UserError(
            tr(
                "{path} cannot be written ({reason}); choose another place",
                path=target,
                reason=error.strerror or error,
            )
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    control.report(STAGE, len(album.photos), len(album.photos))
    return Sheet(album.name, len(album.photos), len(pages))


def _paged(album: Album) -> list[list[_Placed]]:
    """The photos in rows as wide as the page, as high as fits best."""
    pages: list[list[_Placed]] = [[]]
    y = _MARGIN + _HEAD
    for row, height in _rows(album.photos):
        if y + height + _CAPTION > PAGE[1] - _MARGIN and pages[-1]:
            pages.append([])
            y = _MARGIN
        x = _MARGIN
        for shown in row:
            width = round(_ratio(shown) * height)
            pages[-1].append(_Placed(shown, x, y, width, height))
            x += width + _GAP
        y += height + _CAPTION + _GAP
    return pages


def _rows(photos: Sequence[Shown]) -> Iterator[tuple[list[Shown], int]]:
    wanted = next(height for most, height in _ROW_HEIGHTS if most is None or len(photos) <= most)
    width = PAGE[0] - 2 * _MARGIN
    row: list[Shown] = []
    for shown in photos:
        row.append(shown)
        height = (width - _GAP * (len(row) - 1)) / sum(map(_ratio, row))
        if height <= wanted:
            yield row, int(height)
            row = []
    if row:  # the last one is not blown up to fill the page
        height = (width - _GAP * (len(row) - 1)) / sum(map(_ratio, row))
        yield row, int(min(height, wanted))


def _ratio(shown: Shown) -> float:
    width, height = pictures.shown_size(shown.photo)
    return min(max(width / height, _RATIOS[0]), _RATIOS[1])


class _Page:
    def __init__(self, library: Library, album: Album, number: int, pages: int) -> None:
        self._library = library
        self._image = Image.new("RGB", PAGE, "white")
        self._draw = ImageDraw.Draw(self._image)
        self._name = album.name
        if number == 1:
            self._head(album)
        if pages > 1:
            foot = tr(
                "{name} · page {number} of {pages}", name=album.name, number=number, pages=pages
            )
            font = _font(foot, 24)
            place = (PAGE[0] / 2, PAGE[1] - _MARGIN / 2)
            self._draw.text(place, _fitted(foot, font, PAGE[0] - 2 * _MARGIN), _GREY, font, "mm")

    def put(self, placed: _Placed) -> None:
        pixels = picture(self._library, placed.shown.photo, 2 * max(placed.w, placed.h))
        size = (placed.w, placed.h)
        if pixels is None:
            image = Image.new("RGB", size, _LINE)
        else:
            image = ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS)
        self._image.paste(image, (placed.x, placed.y))
        if placed.shown.date:
            font = _font(placed.shown.date, 24)
            words = placed.shown.date
            if font.getlength(words) > placed.w and placed.shown.photo.date is not None:
                words = str(placed.shown.photo.date.value.year)
            place = (placed.x, placed.y + placed.h + 10)
            self._draw.text(place, _fitted(words, font, placed.w), _GREY, font)

    def save(self, path: Path, *, first: bool) -> None:
        """Append the page to a file; the first one begins it."""
        self._image.save(
            path, "PDF", append=not first, resolution=DPI, quality=88, title=self._name
        )

    def _head(self, album: Album) -> None:
        left = _MARGIN
        with suppress(UserError):
            if album.cover is not None:
                jpeg = pictures.face_closeup(self._library, album.cover)
                self._portrait(jpeg, left)
                left += _PORTRAIT + 44
        width = PAGE[0] - _MARGIN - left
        fonts = [_font(album.name, size) for size in _NAME_SIZES]
        font = next((each for each in fonts if each.getlength(album.name) <= width), fonts[-1])
        middle = _MARGIN + _PORTRAIT / 2
        self._draw.text((left, middle - 8), _fitted(album.name, font, width), _INK, font, "ls")
        font = _font(album.subtitle, 34)
        self._draw.text((left, middle + 28), album.subtitle, _GREY, font, "la")
        y = _MARGIN + _HEAD - 40
        self._draw.line((_MARGIN, y, PAGE[0] - _MARGIN, y), _LINE, 2)

    def _portrait(self, jpeg: bytes, left: int) -> None:
        side = 2 * _PORTRAIT  # drawn larger, so that the circle is smooth
        with Image.open(BytesIO(jpeg)) as image:
            face = ImageOps.fit(image.convert("RGB"), (_PORTRAIT, _PORTRAIT))
        mask = Image.new("L", (side, side), 0)
        ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
        self._image.paste(face, (left, _MARGIN), mask.resize((_PORTRAIT, _PORTRAIT)))


def _fitted(words: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """`words`, cut where they are wider than `width` px."""
    if font.getlength(words) <= width:
        return words
    while words and font.getlength(words + "…") > width:
        words = words[:-1]
    return words.rstrip() + "…"


def _font(words: str, size: int) -> ImageFont.FreeTypeFont:
    """A font that has all characters of `words`, else the one that Pillow brings."""
    fonts = [font for font in (_loaded(name, size) for name in _FONTS) if font is not None]
    for font in fonts:
        missing = bytes(font.getmask(_NO_CHARACTER))
        if all(char == " " or bytes(font.getmask(char)) != missing for char in set(words)):
            return font
    default = ImageFont.load_default(size)
    return fonts[0] if fonts or not isinstance(default, ImageFont.FreeTypeFont) else default


@cache
def _loaded(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None
