"""What a deputy is asked for: functions that load what they need where they are carried out.

Whoever only asks, as a window does, would wait for it a second, and could not be cancelled then.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import LibraryChanges
from photoclust.store.database import Library

if TYPE_CHECKING:
    from photoclust.services.ingest import ScanReport
    from photoclust.services.session import CaughtUp, SessionReport
    from photoclust.services.watching import FolderChange

Tell = Callable[[LibraryChanges], None]


def scan(
    library: Library,
    roots: Sequence[Path] | None,
    settings: Settings,
    *,
    control: JobControl,
    on_changes: Tell,
) -> SessionReport:
    """As `session.scan_and_group`; with None for `roots` as `session.scan_again`."""
    from photoclust.services import session

    if roots is None:
        return session.scan_again(library, settings, control=control, on_changes=on_changes)
    return session.scan_and_group(library, roots, settings, control=control, on_changes=on_changes)


def catch_up(
    library: Library, settings: Settings, *, control: JobControl, on_changes: Tell
) -> CaughtUp:
    """As `session.catch_up`."""
    from photoclust.services import session

    return session.catch_up(library, settings, control=control, on_changes=on_changes)


def take_in(
    library: Library,
    change: FolderChange,
    settings: Settings,
    *,
    control: JobControl,
    on_changes: Tell,
) -> ScanReport:
    """As `live.take_in`."""
    from photoclust.services import live

    return live.take_in(library, change, settings, control=control, on_changes=on_changes)
