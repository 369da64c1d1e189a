"""What an act of the user comes back as: what it touched, and how it is told and undone."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photoclust.core.types import EntryId, FaceId, LibraryChanges
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.store.database import Library

_BACK = 20
"""How many entries runs may have written while an act was done."""


@dataclass(frozen=True, slots=True)
class Acted:
    """An act that was done. `told` is a sentence about it; `entry` is what undo would take back,
    None where nothing was new; `face` is the face that it made, if it made one.
    """

    changes: LibraryChanges
    told: str
    entry: EntryId | None
    face: FaceId | None = None


def do(
    library: OpenLibrary, kind: str, act: Callable[[Library], LibraryChanges], told: str
) -> Acted:
    """Do `act`, which writes one entry of this `kind`; one at a time, in the lane of acts."""
    from photoclust.services import history

    opened = library.opened
    last = next((entry.id for entry in history.entries(opened, limit=1)), 0)
    changes = act(opened)
    newer = history.entries(opened, limit=_BACK)
    entry = next((entry.id for entry in newer if entry.id > last and entry.kind == kind), None)
    return Acted(changes, told, entry)
