"""What the settings page asks of the services: what can be chosen, and what lies where."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.settings import Settings
from photoclust.core.types import ModelKind
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.places import Removed


class FolderState(Enum):
    """How a folder of the library is."""

    THERE = "there"
    AWAY = "away"
    SILENT = "silent"
    """It may be there, but does not answer."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The ids and names of what can be chosen. `in_use` is the embedder of the library."""

    detectors: tuple[tuple[str, str], ...]
    embedders: tuple[tuple[str, str], ...]
    methods: tuple[str, ...]
    in_use: str
    cores: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What a library takes on the disk, in bytes: all of it, and its thumbnails alone."""

    folder: Path
    total: int
    thumbnails: int


def choices(library: OpenLibrary, settings: Settings) -> Choices:
    """What there is to choose from."""
    from photoclust.cluster import METHODS
    from photoclust.services import model_files, worker_pool

    listed = model_files.listed(library.opened, settings)
    by_kind = {
        kind: tuple((each.spec.id, each.spec.id) for each in listed if each.spec.kind is kind)
        for kind in ModelKind
    }
    current = next((each.spec.id for each in listed if each.current), settings.embedder)
    return Choices(
        detectors=by_kind[ModelKind.DETECTOR],
        embedders=by_kind[ModelKind.EMBEDDER],
        methods=METHODS,
        in_use=current,
        cores=worker_pool.usable_cores(),
    )


def folder_states(library: OpenLibrary) -> dict[Path, FolderState]:
    """How each folder of the library is."""
    from photoclust.media import answering
    from photoclust.services import roots

    states = {"present": FolderState.THERE, "offline": FolderState.AWAY, None: FolderState.SILENT}
    found = roots.states(library.opened, limit_s=answering.LIMIT_S)
    return {folder: states[state] for folder, state in found.items()}


def stored(library: OpenLibrary) -> Stored:
    """How much the library takes."""
    from photoclust.core.paths import THUMBNAILS

    return Stored(library.folder, _size(library.folder), _size(library.folder / THUMBNAILS))


def remove_folder(library: OpenLibrary, folder: Path, *, forget_people: bool) -> Removed:
    """Take a folder out of the library; see `services.places.remove_folder`."""
    from photoclust.services import places

    return places.remove_folder(library.opened, folder, forget_people=forget_people)


def _size(folder: Path) -> int:
    total = 0
    pending: Sequence[str] = [str(folder)]
    while pending:
        below: list[str] = []
        for each in pending:
            try:
                with os.scandir(each) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            below.append(entry.path)
                        else:
                            total += entry.stat(follow_symlinks=False).st_size
            except OSError:
                continue  # it went while we looked
        pending = below
    return total
