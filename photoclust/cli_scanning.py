"""What a scan did, in words for a terminal."""

from typing import TYPE_CHECKING

from photoclust import console
from photoclust.cli_names import say_names

if TYPE_CHECKING:
    from photoclust.services.ingest import ScanReport


def say_scan(report: "ScanReport") -> None:
    """Say it, with what was left out and why."""
    if report.photos:
        photos, found = console.count(report.photos, "photo"), console.count(report.faces, "face")
        console.say(
            f"{photos} read in {console.duration(report.seconds)} "
            f"({report.photos_per_second:.1f}/s), {found} found; {report.unchanged:,} unchanged."
        )
        if report.engines:
            ran = ", ".join(f"{model} on {engine}" for model, engine in report.engines.items())
            console.say(f"Networks: {ran}.")
    elif report.unchanged or report.failed or report.deleted or report.offline:
        console.say(f"Nothing new; {console.count(report.unchanged, 'photo')} unchanged.")
    else:
        console.say("There are no photos there.")
    if report.names:
        say_names(report.names, scanned=True)
    if report.failed:
        files = console.count(len(report.failed), "file")
        console.say(f"{files} could not be read: photoclust failures says why.")
    if report.deleted:
        files = console.count(report.deleted, "file")
        console.say(f"{files} gone; the photos stay until photoclust purge removes them.")
    if report.offline:
        files = console.count(report.offline, "file")
        console.say(
            f"{files} on a drive or in a folder that is not there; nothing of them is lost."
        )
    if report.returned:
        console.say(f"{console.count(report.returned, 'file')} there again.")
    _say_left_out(report)


def _say_left_out(report: "ScanReport") -> None:
    if report.went:
        files = console.count(report.went, "file")
        console.say(f"{files} went away before they were read; scan again when they are back.")
    if report.placeholders:
        files = console.count(report.placeholders, "file")
        console.say(f"{files} left out that are in the cloud only.")
    if report.documents:
        console.say(f"{console.count(report.documents, 'document')} without photos passed over.")
    if report.raw:
        files = console.count(report.raw, "camera raw file")
        console.say(f"{files} passed over; install photoclust[raw] to have them read.")
    if report.videos:
        files = console.count(report.videos, "video")
        console.say(f"{files} passed over; install photoclust[video] to have them read.")
    if report.pdfs:
        files = console.count(report.pdfs, "PDF document")
        console.say(f"{files} passed over; install photoclust[pdf] to have their photos read.")
