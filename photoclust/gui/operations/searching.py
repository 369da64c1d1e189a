"""What the search box asks of the services."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.searching import Completion, Found


@dataclass(frozen=True, slots=True)
class Wrong:
    """A search that cannot be understood: what is wrong with `text` from `start` to before `end`,
    in Unicode code points.
    """

    text: str
    message: str
    start: int
    end: int


def search(library: OpenLibrary, text: str) -> Found | Wrong:
    """The photos that `text` means, or what is wrong with it."""
    from photoclust.core.query.errors import QueryError
    from photoclust.services import searching

    try:
        return searching.search(library.opened, text)
    except QueryError as error:
        return Wrong(text, str(error), error.span.start, error.span.end)


def complete(library: OpenLibrary, text: str, cursor: int) -> list[Completion]:
    """How what stands before `cursor`, in code points, may go on."""
    from photoclust.services import searching

    return searching.complete(library.opened, text, cursor)
