"""Names from Apple Photos, as osxphotos gives them out.

`osxphotos query --json` lists photos with their `faces`, each with the area that MWG regions have
(`mwg_rs_area`) or Microsoft's (`mpri_reg_rect`); `osxphotos export --sidecar json` writes the tags
of exiftool beside each photo. Both speak of the upright picture.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.regions import ForeignPhoto, ForeignPhotos
from photoclust.core.types import Box
from photoclust.media.files import OriginalFile
from photoclust.media.xmp.regions import within

MAX_FILE_BYTES = 512 * 2**20
MAX_SIDECAR_BYTES = 8 * 2**20
MAX_FACES = 1000
UNKNOWN = "_UNKNOWN_"
"""What osxphotos calls a face that nobody named."""


def read(path: Path) -> ForeignPhotos:
    """The faces with names in the file `path`, or in the sidecars below the folder `path`.

    Raises UserError, one sentence, when it cannot be read, or holds nothing of the kind.
    """
    if not path.is_dir():
        reader = _Reader()
        reader.read(path, MAX_FILE_BYTES)
        if not reader.known:
            raise UserError(
                tr(
                    "{path} tells of no photos; make it with osxphotos query --json, or give the "
                    "folder of an export with --sidecar json",
                    path=path,
                )
            )
        return reader.result()
    reader = _Reader()
    for sidecar in sorted(path.rglob("*.json")):
        try:
            reader.read(sidecar, MAX_SIDECAR_BYTES)
        except UserError as error:
            reader.problems.append(str(error))
    return reader.result()


class _Reader:
    """Collects photos; `known` tells whether any record was one."""

    def __init__(self) -> None:
        self.photos: list[ForeignPhoto] = []
        self.problems: list[str] = []
        self.nameless = 0
        self.known = False

    def result(self) -> ForeignPhotos:
        return ForeignPhotos(tuple(self.photos), self.nameless, tuple(self.problems))

    def read(self, path: Path, most_bytes: int) -> None:
        """Take in a file. Raises UserError, one sentence, when it cannot be read."""
        document = _load(path, most_bytes)
        for record in document if isinstance(document, list) else [document]:
            if isinstance(record, dict):
                self._take(record, path)

    def _take(self, record: Mapping[str, Any], path: Path) -> None:
        faces = record.get("faces", record.get("face_info"))
        if faces is not None or "persons" in record:
            self.known = True
            self._add(_queried_paths(record), list(self._queried(faces)), _size(record))
            return
        tags = {key.rpartition(":")[2]: value for key, value in record.items()}
        if "SourceFile" in tags:
            self.known = True
            beside = path.with_suffix("")  # IMG_1.jpg.json
            paths = [beside, *_paths(tags, ("SourceFile",))]
            size = _size(
                {
                    "width": tags.get("RegionAppliedToDimensionsW"),
                    "height": tags.get("RegionAppliedToDimensionsH"),
                }
            )
            self._add(paths, list(self._tagged(tags)), size)

    def _add(
        self, paths: list[Path], faces: list[tuple[str, Box]], size: tuple[int, int] | None
    ) -> None:
        if paths and faces:
            told = tuple(dict.fromkeys(paths))
            self.photos.append(ForeignPhoto(told, tuple(faces), size, "osxphotos"))

    def _queried(self, faces: object) -> Iterator[tuple[str, Box]]:
        if isinstance(faces, dict):  # by person, in some versions
            faces = [face for each in faces.values() if isinstance(each, list) for face in each]
        for face in faces[:MAX_FACES] if isinstance(faces, list) else ():
            if not isinstance(face, dict):
                continue
            box = _area(face.get("mwg_rs_area"), centred=True)
            if box is None:
                box = _area(face.get("mpri_reg_rect"), centred=False)
            if box is not None:
                yield from self._named(face.get("name"), box)

    def _tagged(self, tags: Mapping[str, Any]) -> Iterator[tuple[str, Box]]:
        keys = ("RegionName", "RegionAreaX", "RegionAreaY", "RegionAreaW", "RegionAreaH")
        columns = [_listed(tags.get(key)) for key in keys]
        for name, x, y, w, h in list(zip(*columns, strict=False))[:MAX_FACES]:
            box = _area({"x": x, "y": y, "w": w, "h": h}, centred=True)
            if box is not None:
                yield from self._named(name, box)

    def _named(self, name: object, box: Box) -> Iterator[tuple[str, Box]]:
        if isinstance(name, str) and name.strip() and name != UNKNOWN:
            yield name.strip(), box
        else:
            self.nameless += 1


def _load(path: Path, most_bytes: int) -> Any:
    try:
        if path.stat().st_size > most_bytes:
            raise UserError(
                tr(
                    "{path} is larger than {most} MB and was not read",
                    path=path,
                    most=most_bytes // 2**20,
                )
            )
        with OriginalFile(path) as original:
            return json.loads(original.stream().read())
    except OSError as error:
        reason = error.strerror or "?"
        raise UserError(tr("{path}: {reason}", path=path, reason=reason)) from error
    except (ValueError, RecursionError) as error:
        raise UserError(tr("{path} is no JSON, or damaged", path=path)) from error


def _queried_paths(record: Mapping[str, Any]) -> list[Path]:
    # Faces are those of the edited picture where there is one.
    return _paths(record, ("path_edited", "path", "original_filename", "filename"))


def _paths(record: Mapping[str, Any], keys: Sequence[str]) -> list[Path]:
    told = (record.get(key) for key in keys)
    return [Path(path) for path in told if isinstance(path, str) and path and "\0" not in path]


def _size(record: Mapping[str, Any]) -> tuple[int, int] | None:
    sides = [_number(record.get(key)) for key in ("width", "height")]
    sound = all(math.isfinite(side) and 1 <= side <= 10**6 for side in sides)
    return (int(sides[0]), int(sides[1])) if sound else None


def _area(area: object, *, centred: bool) -> Box | None:
    """A relative area as a box; None where it is none."""
    if not isinstance(area, dict):
        return None
    x, y, w, h = (_number(area.get(key)) for key in "xywh")
    box = within(Box(x - w / 2, y - h / 2, w, h) if centred else Box(x, y, w, h))
    return None if isinstance(box, str) else box


def _number(value: object) -> float:
    try:
        return float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return math.nan


def _listed(value: object) -> list[Any]:
    """exiftool gives one value by itself and several as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
