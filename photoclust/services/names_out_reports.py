"""What an export tells other programs, as plain values that JSON can hold; see `reports`."""

from typing import Any

from photoclust.services.names_out_xmp import NamesOut


def names(report: NamesOut) -> dict[str, Any]:
    """What an export of names wrote. A `left` change is one of another program that stays."""
    return {
        "written": report.written,
        "unchanged": report.unchanged,
        "faces": report.regions,
        "without_name": report.unnamed,
        "people": sorted(report.people),
        "offline": report.offline,
        "for_raw": report.for_raw,
        "failed": [{"path": str(each.path), "reason": each.reason} for each in report.failed],
        "left": [
            {
                "path": str(each.path),
                "kind": each.difference.kind.value,
                "ours": each.difference.ours,
                "theirs": each.difference.theirs,
            }
            for each in report.kept
        ],
    }
