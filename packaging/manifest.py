"""The manifest of the models: where it lies, how it is written, and what outlives a new build."""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).resolve().parents[1] / "resources" / "models" / "manifest.json"

Record = dict[str, Any]


def read(path: Path = PATH) -> list[Record]:
    """The records as they are in the file."""
    records: list[Record] = json.loads(path.read_text(encoding="utf-8"))
    return records


def text(records: list[Record]) -> bytes:
    """The file that holds `records`."""
    return (json.dumps(records, indent=2, ensure_ascii=False) + "\n").encode()


def take_over_calibration(records: list[Record], known: list[Record]) -> None:
    """Give each of `records` the calibration that `known` has for the same files.

    It is measured on photos, not made from packages. What was fitted to other bytes says nothing.
    """
    calibrations = {
        json.dumps(record["files"]): record["calibration"]
        for record in known
        if "calibration" in record
    }
    for record in records:
        record["calibration"] = calibrations.get(json.dumps(record["files"]), {})
