"""What scans did, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photoclust.core.language import tr, tr_n
from photoclust.gui import text

if TYPE_CHECKING:
    from photoclust.services.ingest import ScanReport
    from photoclust.services.session import CaughtUp, SessionReport


def scan_summary(report: SessionReport) -> list[str]:
    """What a scan did, in a few sentences."""
    scan = report.scan
    parts = (_found(scan) or [tr("No new photos.")]) + _named(scan)
    if report.missing:
        names = ", ".join(text.shown_path(path) for path in report.missing)
        parts.append(tr("Not there, so not scanned: {folders}.", folders=names))
    parts += _moved(scan)
    if scan.placeholders:
        parts.append(
            tr_n(
                scan.placeholders,
                "{n} photo still in the cloud, left alone.",
                "{n} photos still in the cloud, left alone.",
            )
        )
    if scan.went:
        parts.append(
            tr_n(
                scan.went,
                "{n} file went away before it was read; scan again when it is back.",
                "{n} files went away before they were read; scan again when they are back.",
            )
        )
    if scan.documents:
        parts.append(
            tr_n(
                scan.documents,
                "{n} document without photos passed over.",
                "{n} documents without photos passed over.",
            )
        )
    if scan.raw:
        parts.append(
            tr_n(
                scan.raw,
                "{n} camera raw file passed over: install photoclust[raw] to have it read.",
                "{n} camera raw files passed over: install photoclust[raw] to have them read.",
            )
        )
    if scan.pdfs:
        parts.append(
            tr_n(
                scan.pdfs,
                "{n} PDF document passed over: install photoclust[pdf] to have its photos read.",
                "{n} PDF documents passed over: install photoclust[pdf] to have their photos read.",
            )
        )
    if scan.videos:
        parts.append(
            tr_n(
                scan.videos,
                "{n} video passed over: install photoclust[video] to have it read.",
                "{n} videos passed over: install photoclust[video] to have them read.",
            )
        )
    if scan.failed:
        parts.append(
            tr_n(len(scan.failed), "{n} file could not be read.", "{n} files could not be read.")
        )
    return parts


def catch_up_summary(report: CaughtUp) -> list[str]:
    """What had changed while the program was closed; nothing where nothing had."""
    parts = _found(report.scan) + _named(report.scan) + _moved(report.scan)
    if report.missing:
        parts.append(
            tr_n(
                len(report.missing),
                "{n} folder is not there now; its photos are kept.",
                "{n} folders are not there now; their photos are kept.",
            )
        )
    return parts


def _found(scan: ScanReport) -> list[str]:
    if not scan.photos:
        return []
    return [
        tr(
            "{photos} looked at, {faces} found in {time}.",
            photos=text.photos(scan.photos),
            faces=text.faces(scan.faces),
            time=text.duration(scan.seconds),
        )
    ]


def _named(scan: ScanReport) -> list[str]:
    """Names that were taken over from other programs."""
    parts = []
    if names := scan.names.names:
        parts.append(
            tr_n(
                names,
                "{n} face has the name that another program gave it.",
                "{n} faces have the names that other programs gave them.",
            )
        )
    if tagged := scan.names.tagged:
        parts.append(
            tr_n(
                tagged,
                "{n} name without a box tells who is in a photo.",
                "{n} names without a box tell who is in photos.",
            )
        )
    if contradicting := scan.names.contradicting:
        parts.append(
            tr_n(
                contradicting,
                "{n} name in changed files is not what you confirmed here; File → Take over names "
                "from other programs… shows it.",
                "{n} names in changed files are not what you confirmed here; File → Take over "
                "names from other programs… shows them.",
            )
        )
    if scan.names.strangers:
        parts.append(strangers(scan.names.strangers))
    return parts


def strangers(count: int) -> str:
    """Boxes of contacts of Picasa whose names are not known, and what to do about them."""
    return tr_n(
        count,
        "{n} box names a contact of Picasa that is not known here; File → Take over names from "
        "other programs… asks for contacts.xml.",
        "{n} boxes name contacts of Picasa that are not known here; File → Take over names from "
        "other programs… asks for contacts.xml.",
    )


def _moved(scan: ScanReport) -> list[str]:
    """Files that are not, or again, at their place."""
    parts = []
    if scan.deleted:
        parts.append(
            tr_n(
                scan.deleted,
                "{n} file is gone; its photo stays in the library.",
                "{n} files are gone; their photos stay in the library.",
            )
        )
    if scan.offline:
        parts.append(
            tr_n(
                scan.offline,
                "{n} file is on a drive or in a folder that is not there now; nothing is lost.",
                "{n} files are on a drive or in a folder that is not there now; nothing is lost.",
            )
        )
    if scan.returned:
        parts.append(tr_n(scan.returned, "{n} file is there again.", "{n} files are there again."))
    return parts
