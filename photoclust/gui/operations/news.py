"""What the page of news asks of the services."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING

from photoclust.core.types import EntryId
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.history import History
    from photoclust.services.news import Mark, News


def news(library: OpenLibrary, mark: str) -> News:
    """What came after `mark`, as `written` gave it; what cannot be read is the beginning."""
    from photoclust.services import news as service

    return service.since(library.opened, _read(mark))


def written(mark: Mark) -> str:
    """A moment as a text that can be kept."""
    return ",".join(map(str, astuple(mark)))


def take_names_back(library: OpenLibrary, namings: Sequence[EntryId]) -> History:
    """Undo what recognition named in these runs."""
    from photoclust.services import news as service

    return service.take_names_back(library.opened, namings)


def _read(mark: str) -> Mark:
    from photoclust.services.news import Mark

    parts = mark.split(",")
    if len(parts) != len(astuple(Mark())) or not all(map(str.isdecimal, parts)):
        return Mark()
    return Mark(*map(int, parts))
