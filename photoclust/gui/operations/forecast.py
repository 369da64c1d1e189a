"""What a scan would take, for the question before it."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.forecast import Forecast


def forecast(
    library: OpenLibrary, roots: Sequence[Path], settings: Settings, control: JobControl
) -> Forecast:
    """See `services.forecast`."""
    from photoclust.services import forecast as service

    return service.forecast(library.opened, roots, settings, control=control)
