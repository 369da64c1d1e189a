"""Where sidecars lie: which file beside a photo speaks of it, and where its place is in a folder
that mirrors those of the library.

Two customs meet. digiKam, darktable and Immich put `.xmp` behind the whole name (`a.jpg.xmp`),
which says of two files of one name which is meant. Adobe puts it in place of the ending (`a.xmp`),
and only for camera raw files: into all others, DNG too, it writes itself, and of these it reads no
sidecar (Adobe, XMP Specification Part 3, 1.1.3; Lightroom Classic help, "Metadata basics and
actions"). So a raw file has `a.xmp`, everything else `a.jpg.xmp`, and of a raw file beside its JPEG
`a.xmp` speaks of the raw file alone: the two differ in size, and often in how they are turned.
A raw file that has `a.cr2.xmp` of darktable or digiKam and no `a.xmp` keeps to that; immich reads
either.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.pages import beside
from photoclust.core.paths import absolute_path
from photoclust.media.formats import RAW_EXTENSIONS
from photoclust.media.scan import SkipPatterns
from photoclust.store import files as file_store
from photoclust.store.database import Library

_SUFFIX = ".xmp"


def is_raw(path: Path) -> bool:
    """Whether a file is a camera raw file of which Lightroom reads a sidecar."""
    return path.suffix.lower() in RAW_EXTENSIONS - {".dng"}


class Sidecars:
    """The place of the sidecar of each file: beside it, or `into` a folder below which the folders
    of the library, `roots`, are mirrored.
    """

    def __init__(self, into: Path | None, roots: Sequence[Path]) -> None:
        self._into = into
        self._names = _names_of(roots)
        self._taken: dict[Path, Path] = {}

    def of(self, photo: Path) -> Path:
        """The sidecar of the file `photo`; no two files get the same."""
        place = self._mirrored(beside(photo))
        full = place.with_name(place.name + _SUFFIX)
        sidecar = full
        if is_raw(place):
            adobe = _as_it_is_written(place.with_suffix(_SUFFIX))
            if adobe.exists() or not full.exists():
                sidecar = adobe
        # Of two raw files of one name, the second keeps its ending.
        if self._taken.setdefault(sidecar, photo) != photo:
            sidecar = full
            self._taken.setdefault(full, photo)
        return sidecar

    def _mirrored(self, photo: Path) -> Path:
        if self._into is None:
            return photo
        for root, name in self._names.items():
            if photo.is_relative_to(root):
                return self._into / name / photo.relative_to(root)
        return self._into.joinpath(*photo.parts[1:])


def _names_of(roots: Sequence[Path]) -> dict[Path, str]:
    """A name for each of `roots`, those inside others first; equal ones get a number."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for root in roots:
        name, number = root.name or "photos", 1
        wanted = name
        while wanted.casefold() in taken:
            number += 1
            wanted = f"{name} ({number})"
        taken.add(wanted.casefold())
        names[root] = wanted
    return dict(sorted(names.items(), key=lambda item: -len(item[0].parts)))


def _as_it_is_written(sidecar: Path) -> Path:
    """`a.XMP` where that is there and `a.xmp` is not."""
    upper = sidecar.with_suffix(_SUFFIX.upper())
    return upper if not sidecar.exists() and upper.exists() else sidecar


def written_path(path: Path) -> Path:
    """What is replaced when `path` is written: a link stays, and what it leads to changes."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def require_outside(library: Library, target: Path, skip_patterns: Iterable[str]) -> None:
    """Raise UserError where a scan would take pictures in the folder `target` for photos: it lies
    in a folder of the library, and none of `skip_patterns` is for it or what leads there.
    """
    with library.read() as tx:
        roots = file_store.folders(tx)
    skipped = SkipPatterns(skip_patterns)
    for place in {absolute_path(target), Path(os.path.realpath(target))}:
        for root in roots:
            if place.is_relative_to(root) and not skipped.leave_out(place, root):
                raise UserError(
                    tr(
                        "{path} is in {folder}, where the next scan would take what is exported "
                        "for new photos; choose a folder elsewhere, or have this one left out by "
                        "the settings (skip_patterns)",
                        path=target,
                        folder=root,
                    )
                )
