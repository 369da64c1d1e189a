"""The records of models as JSON has them: one form for those that are bundled and for own ones."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from photoclust.core.errors import ModelError
from photoclust.core.language import tr
from photoclust.core.types import ModelFile, ModelHead, ModelKind, ModelSpec

UNREADABLE = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What a record that is no record raises when it is read."""


def read_manifest(path: Path) -> tuple[ModelSpec, ...]:
    """The records of the manifest at `path`. Raises ModelError when it is missing or damaged."""
    try:
        return tuple(parse(entry) for entry in json.loads(path.read_text(encoding="utf-8")))
    except UNREADABLE as error:
        raise ModelError(
            tr(
                "the list of models {path} cannot be read ({error}); install photoclust again",
                path=path,
                error=error,
            )
        ) from error


def parse(record: Mapping[str, Any], folder: Path | None = None) -> ModelSpec:
    """The spec that `record` describes, its files in `folder` (None: the bundled ones).

    Raises one of UNREADABLE where it is no record.
    """
    # Records written before there was a calibration have none; whoever needs one asks for it.
    lines = record.get("calibration", {})
    head = record.get("head")
    parsed = {
        "kind": ModelKind(record["kind"]),
        "files": tuple(ModelFile(**file) for file in record["files"]),
        "int8_files": tuple(ModelFile(**file) for file in record.get("int8_files", ())),
        "calibration": {purpose: _line(purpose, *numbers) for purpose, numbers in lines.items()},
        "head": None if head is None else ModelHead(**head),
        # Where files lie is no business of what is written in one of them.
        "folder": folder,
    }
    return ModelSpec(**{**record, **parsed})


def as_record(spec: ModelSpec) -> dict[str, Any]:
    """The record that `parse` makes `spec` of; what only own models have is left out of others."""
    record: dict[str, Any] = {
        "id": spec.id,
        "kind": spec.kind.value,
        "implementation": spec.implementation,
        "title": spec.title,
        "files": [_file_record(file) for file in spec.files],
        "licence": spec.licence,
        "licence_file": spec.licence_file,
        "source": dict(spec.source),
        "input_size": spec.input_size,
        "channel_order": spec.channel_order,
        "mean": spec.mean,
        "std": spec.std,
        "dimension": spec.dimension,
        "thresholds": dict(spec.thresholds),
        "calibration": {purpose: list(line) for purpose, line in spec.calibration.items()},
        "accuracy": dict(spec.accuracy),
    }
    if spec.int8_files:
        record["int8_files"] = [_file_record(file) for file in spec.int8_files]
    if spec.head is not None:
        record["head"] = {"of": spec.head.of, "file": spec.head.file}
    if spec.comparable_with is not None:
        record["comparable_with"] = spec.comparable_with
    if spec.trained:
        record["trained"] = dict(spec.trained)
    return record


def as_text(spec: ModelSpec) -> str:
    """What a manifest with the one record of `spec` holds."""
    return json.dumps([as_record(spec)], indent=2) + "\n"


def _file_record(file: ModelFile) -> dict[str, Any]:
    return {"name": file.name, "sha256": file.sha256, "size": file.size}


def _line(purpose: str, slope: float, offset: float) -> tuple[float, float]:
    if not (0 < slope < math.inf and math.isfinite(offset)):
        raise ValueError(f"the calibration {purpose!r} is no rising line")
    return float(slope), float(offset)
