"""Names from other programs: looked for, previewed, taken over."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.language import tr_n
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations.acts import Acted

if TYPE_CHECKING:
    from photoclust.services.names_in import NamesReport, Told

FILES, PICASA, DIGIKAM, OSXPHOTOS = "files", "picasa", "digikam", "osxphotos"
"""The sources, as `services.names_in_sources` calls them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where names are to come from: a source, and a file of it: Picasa's contacts, digiKam's
    database, the JSON file of osxphotos.
    """

    source: str
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What there is, and what taking it over would do."""

    wanted: Wanted
    told: Told
    preview: NamesReport


def find(library: OpenLibrary, wanted: Wanted, control: JobControl) -> Found:
    """Look for names; see `services.names_in_sources`."""
    from photoclust.services import names_in
    from photoclust.services.names_in_sources import Source, find_names

    contacts = wanted.path if wanted.source == PICASA else None
    path = wanted.path if wanted.source in (DIGIKAM, OSXPHOTOS) else None
    told = find_names(
        library.opened, Source(wanted.source), path=path, contacts=contacts, control=control
    )
    return Found(wanted, told, names_in.take_over(library.opened, told, "", dry_run=True))


def take_over(library: OpenLibrary, found: Found) -> tuple[Acted, NamesReport]:
    """Take over what was found, as far as it is still new."""
    from photoclust.services import names_in
    from photoclust.services.names_in_sources import Source, title

    source = title(Source(found.wanted.source))
    report = names_in.take_over(library.opened, found.told, source)
    told = tr_n(
        report.names + report.tagged,
        "{n} name from {source} taken over.",
        "{n} names from {source} taken over.",
        source=source,
    )
    return Acted(report.changes, told, report.entry), report


def look_at_drawn(library: OpenLibrary, settings: Settings, control: JobControl) -> None:
    """Let the faces that names brought along be compared with others."""
    from photoclust.services import reembedding

    reembedding.catch_up(library.opened, settings, control=control)
