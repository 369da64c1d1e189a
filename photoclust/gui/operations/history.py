"""What the history page asks of the services."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from typing import TYPE_CHECKING

from photoclust.core.progress import JobControl
from photoclust.core.types import EntryId
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.history import Act, History

LISTED = 500
"""How many acts are listed at once."""


def acts(library: OpenLibrary, number: int) -> list[Act]:
    """The newest `number` acts."""
    from photoclust.services import history

    return history.acts(library.opened, limit=number)


def undo_back_to(library: OpenLibrary, entry: EntryId, control: JobControl) -> History:
    """Undo everything since `entry`, and that."""
    from photoclust.services import history

    return history.undo_back_to(library.opened, entry, control=control)
