"""What an export tells other programs, as plain values that JSON can hold; see `reports`."""

from collections.abc import Sequence
from typing import Any

from photoclust.core.types import Failure
from photoclust.services.names_out_folders import Sorted
from photoclust.services.names_out_xmp import Kept, NamesOut


def names(report: NamesOut) -> dict[str, Any]:
    """What an export of names wrote. A `left` change is one of another program that stays, an
    `overruled` one does not.
    """
    return {
        "written": report.written,
        "unchanged": report.unchanged,
        "faces": report.regions,
        "without_name": report.unnamed,
        "people": sorted(report.people),
        "offline": report.offline,
        "for_raw": report.for_raw,
        "failed": _failed(report.failed),
        "left": _changes(report.kept),
        "overruled": _changes(report.overruled),
    }


def folders(report: Sorted) -> dict[str, Any]:
    """What was put into folders of people."""
    return {
        "made": report.made,
        "there": report.there,
        "in_same_file": report.in_same,
        "people": report.people,
        "offline": report.offline,
        "fell_back": report.fell_back or None,
        "failed": _failed(report.failed),
    }


def _changes(changes: Sequence[Kept]) -> list[dict[str, str | None]]:
    return [
        {
            "path": str(each.path),
            "kind": each.difference.kind.value,
            "ours": each.difference.ours,
            "theirs": each.difference.theirs,
        }
        for each in changes
    ]


def _failed(failures: Sequence[Failure]) -> list[dict[str, str]]:
    return [{"path": str(each.path), "reason": each.reason} for each in failures]
