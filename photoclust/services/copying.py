"""Copies of photos for others: whole files, with or without the place where they were taken."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from photoclust.core.errors import InternalError, UserError
from photoclust.core.language import marked, tr
from photoclust.core.pages import file_of
from photoclust.core.progress import JobControl
from photoclust.core.types import Failure, PhotoId
from photoclust.media.place import without_place
from photoclust.services import browse, roots
from photoclust.store.database import Library

STAGE = marked("Copying photos")
MAX_BYTES = 2**30
"""A larger file is copied only with its place: to take that out, the file must fit into memory."""
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Copied:
    """The files that were made, and the photos that were not copied, each with the reason."""

    files: tuple[Path, ...]
    failed: tuple[Failure, ...]


def copy_photos(
    library: Library,
    photos: Sequence[PhotoId],
    folder: Path,
    *,
    with_place: bool = True,
    control: JobControl | None = None,
) -> Copied:
    """Copy a file of each of `photos` into `folder`, which must exist, in the order given.

    Nothing is ever overwritten: a name that is taken gets a number. Without the place the pixels
    stay as they are; a photo of which the place cannot be taken out is not copied at all. What is
    whole stays when it is cancelled. Raises UserError when `folder` is none.
    """
    control = control or JobControl()
    if not folder.is_dir():
        raise UserError(tr("there is no folder {folder}; choose another one", folder=folder))
    made: list[Path] = []
    failed: list[Failure] = []
    done_files: set[Path] = set()
    for done, number in enumerate(photos):
        control.checkpoint()
        control.report(STAGE, done, len(photos))
        photo = browse.photo(library, number)
        if photo is None or not photo.paths:
            continue
        path = photo.paths[0]
        try:
            path = file_of(roots.require_file(library, photo))
            if path in done_files:
                continue  # another page of it
            done_files.add(path)
            made.append(_copy(path, folder, with_place, control))
        except UserError as error:
            failed.append(Failure(path, str(error)))
        except OSError as error:
            failed.append(
                Failure(path, tr("it cannot be copied ({reason})", reason=error.strerror))
            )
    control.report(STAGE, len(photos), len(photos))
    return Copied(tuple(made), tuple(failed))


def _copy(source: Path, folder: Path, with_place: bool, control: JobControl) -> Path:
    with source.open("rb") as original:
        stat = os.fstat(original.fileno())
        data = None if with_place else _cleaned(original, stat.st_size)
        target, file = _new_file(folder, source)
        try:
            with file:
                if data is None:
                    while block := original.read(_BLOCK):
                        control.checkpoint()
                        file.write(block)
                else:
                    file.write(data)
            os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return target


def _cleaned(original: BinaryIO, size: int) -> bytes:
    if size > MAX_BYTES:
        raise UserError(tr("the file is too large to take the place out of it"))
    return without_place(original.read())


def _new_file(folder: Path, source: Path) -> tuple[Path, BinaryIO]:
    """A new file named as `source`, with a number where that name is taken."""
    for number in count(1):
        name = source.name if number == 1 else f"{source.stem} ({number}){source.suffix}"
        try:
            return folder / name, (folder / name).open("xb")
        except FileExistsError:
            continue
    raise InternalError("numbers do not end")
