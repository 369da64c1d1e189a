"""A web page of a person: one folder with a page and pictures, which needs no network, no scripts
and no photoclust. The pictures are made anew, without anything that the originals tell.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from photoclust.core import language
from photoclust.core.arrays import Pixels
from photoclust.core.errors import UserError
from photoclust.core.language import marked, tr
from photoclust.core.paths import make_private_folder, private
from photoclust.core.progress import JobControl
from photoclust.media.thumbnails import encode, photo_thumbnail
from photoclust.services import pictures
from photoclust.services.names_out_album import Album, Shown, album_of, picture
from photoclust.services.names_out_places import require_outside
from photoclust.store.database import Library

STAGE = marked("Making the gallery")
PAGE = "index.html"
PICTURES, SMALL = "pictures", "small"
PICTURE_SIDE, SMALL_SIDE = 1920, 640
_STYLE = """
:root { color-scheme: light dark; --ink: #202124; --grey: #5f6368; --paper: #fbfbfc;
 --ring: #1a5fb4 }
@media (prefers-color-scheme: dark) {
 :root { --ink: #e8eaed; --grey: #a5a9ae; --paper: #17181a; --ring: #8ab4f8 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1500px; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem;
 background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: clamp(1.8rem, 5vw, 3rem); line-height: 1.15; font-weight: 650;
 overflow-wrap: anywhere }
h2 { margin: 2.5rem 0 .8rem; font-size: 1.15rem; font-weight: 600 }
p { margin: .3rem 0 0; color: var(--grey) }
ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 1.2rem 1rem }
ul::after { content: ""; flex: 1000 1 0 }
li { flex: var(--ratio) 1 calc(var(--ratio) * 15rem); max-width: calc(var(--ratio) * 22rem) }
figure { margin: 0 }
a { display: block; border-radius: 10px }
a:focus-visible { outline: 3px solid var(--ring); outline-offset: 3px }
img { display: block; width: 100%; height: auto; border-radius: 10px;
 background: color-mix(in srgb, var(--grey) 20%, transparent) }
figcaption { margin-top: .4rem; font-size: .875rem; color: var(--grey) }
@media (max-width: 32rem) { li { flex-basis: 100%; max-width: none } }
@media print { body { padding: 0; max-width: none } figure { break-inside: avoid }
 li { flex-basis: calc(var(--ratio) * 9rem) } }
"""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Whose page it is, where, and of how many photos; of those `left` out there was no picture."""

    name: str
    page: Path
    photos: int
    left: int


def export_gallery(
    library: Library,
    who: str,
    target: Path,
    *,
    all_forms: bool = False,
    skip_patterns: Iterable[str] = (),
    control: JobControl | None = None,
) -> Gallery:
    """Make the folder `target`, which must not be there, with the page of `who` (see `album_of`).

    Raises UserError when there is no such person or photo, the folder cannot be made, or it is in
    one of the library where scans with these `skip_patterns` would find its pictures; nothing is
    left of it when it is cancelled.
    """
    control = control or JobControl()
    if target.exists():
        raise UserError(tr("{path} is there already; choose another name", path=target))
    require_outside(library, target, skip_patterns)
    album = album_of(library, who, all_forms=all_forms)
    part = target.with_name(f".{target.name}.photoclust.tmp")
    try:
        shutil.rmtree(part, ignore_errors=True)
        for folder in (part, part / PICTURES, part / SMALL):
            make_private_folder(folder)
        made: list[tuple[Shown, str]] = []
        for done, shown in enumerate(album.photos):
            control.checkpoint()
            control.report(STAGE, done, len(album.photos))
            pixels = picture(library, shown.photo, PICTURE_SIDE)
            if pixels is None:
                continue
            name = f"{len(made) + 1:04}.jpg"
            _write(part / PICTURES / name, encode(pixels))
            _write(part / SMALL / name, _small(pixels))
            made.append((shown, name))
        _write(part / PAGE, _page(album, made).encode())
        part.rename(target)
    except OSError as error:
        raise UserError(
            tr(
                "{path} cannot be written ({reason}); choose another place",
                path=target,
                reason=error.strerror,
            )
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    control.report(STAGE, len(album.photos), len(album.photos))
    return Gallery(album.name, target / PAGE, len(made), len(album.photos) - len(made))


def _small(pixels: Pixels) -> bytes:
    return encode(photo_thumbnail(pixels, SMALL_SIDE))


def _write(path: Path, data: bytes) -> None:
    with open(path, "xb", opener=private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _page(album: Album, made: list[tuple[Shown, str]]) -> str:
    title = escape(album.name)
    # The browser is told to load nothing but these pictures, whatever a name may contain.
    policy = "default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html>\n<html lang="{language.current()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1><p>{escape(album.subtitle)}</p></header>\n<main>\n"
        f"{''.join(_sections(made))}</main>\n</body>\n</html>\n"
    )


def _sections(made: list[tuple[Shown, str]]) -> Iterator[str]:
    """The photos by year, those without a date last."""
    before: str | None = None
    for shown, name in made:
        date = shown.photo.date
        year = str(date.value.year) if shown.date and date is not None else tr("Without a date")
        if year != before:
            yield f"{'</ul>' if before is not None else ''}\n<h2>{escape(year)}</h2>\n<ul>\n"
            before = year
        caption = escape(shown.date)
        others = escape(tr("with {names}", names=", ".join(shown.names[1:])))
        words = " · ".join(filter(None, (caption, others if shown.names[1:] else "")))
        below = f"<figcaption>{words}</figcaption>" if words else ""
        width, height = pictures.shown_size(shown.photo)
        yield (
            f'<li style="--ratio: {width / height:.3f}"><figure><a href="{PICTURES}/{name}">'
            f'<img src="{SMALL}/{name}" width="{width}" height="{height}" loading="lazy" '
            f'alt="{escape(shown.words)}"></a>{below}</figure></li>\n'
        )
    yield "</ul>\n"
