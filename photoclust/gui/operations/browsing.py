"""All photos by year and month, and the months themselves."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from photoclust.core.types import PhotoId
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.timeline import Timeline
    from photoclust.services.years import MonthSeen


def timeline(
    library: OpenLibrary, known: Timeline | None, opened: Collection[PhotoId] = ()
) -> Timeline | None:
    """All photos, the stacks in `opened` with all of theirs; None where that is what is `known`
    already.
    """
    from photoclust.services import timeline as service

    found = service.timeline(library.opened, opened)
    return None if known is not None and found.same_as(known) else found


def months(library: OpenLibrary) -> list[MonthSeen]:
    """The months of the timeline, with what is told of each."""
    from photoclust.services import years

    return years.months(library.opened)
