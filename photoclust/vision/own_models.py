"""Own models: embedders that a library was given, each in a folder that is called as the model is.

A folder holds `manifest.json`, a list with one record in the form of the bundled models', the files
that it names, and the licence. Its content comes from this or another computer's training, or from
a stranger's download: nothing in it is believed before it was checked, and no record names a file
outside of its folder. Which folder holds the own models of a library is not known here.
"""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from photoclust.core.errors import ModelError
from photoclust.core.language import marked, tr
from photoclust.core.types import ModelKind, ModelSpec
from photoclust.vision import records

RECORD_FILE = "manifest.json"
REMEDY = marked(
    "restore a backup or import the model again; photoclust model use facenet-vggface2 goes back "
    "to the bundled one"
)
"""What to do about an own model that is not sound."""
MAX_FILE_BYTES = 2**31
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RESERVED = frozenset((RECORD_FILE, "people.json"))
_MAX_RECORD_BYTES = 2**20
_SIDES = range(32, 1025)
_DIMENSIONS = range(1, 8193)


def is_there(own: Path, model_id: str) -> bool:
    """Whether the folder `own` has one for a model of this name, sound or not."""
    return _ID.fullmatch(model_id) is not None and (own / model_id).is_dir()


def names(own: Path) -> list[str]:
    """The own models in `own`, sound or not, in alphabetical order."""
    if not own.is_dir():
        return []
    return sorted(path.name for path in own.iterdir() if is_there(own, path.name))


def read(folder: Path) -> ModelSpec:
    """The record of the own model in `folder`; of its files only the sizes are looked at, their
    content when they are opened.

    Raises ModelError when there is none, or it is damaged or no record of an embedder.
    """
    path = folder / RECORD_FILE
    try:
        with path.open("rb") as source:
            spec = parse(source.read(_MAX_RECORD_BYTES), folder)
    except records.UNREADABLE as error:
        raise ModelError(
            tr(
                "the record {path} of the own model {model} cannot be used ({error}); {remedy}",
                path=path,
                model=folder.name,
                error=error,
                remedy=tr(REMEDY),
            )
        ) from error
    for file in spec.files:
        place = folder / file.name
        if not place.is_file():
            raise ModelError(
                tr(
                    "the model file {place} of {model} is missing; {remedy}",
                    place=place,
                    model=spec.id,
                    remedy=tr(REMEDY),
                )
            )
        if place.stat().st_size != file.size:
            raise ModelError(
                tr(
                    "the model file {place} of {model} is damaged; {remedy}",
                    place=place,
                    model=spec.id,
                    remedy=tr(REMEDY),
                )
            )
    return spec


def parse(content: bytes, folder: Path) -> ModelSpec:
    """The record in `content`, that of a file, of the own model in `folder`; its files need not be
    there. Raises one of `records.UNREADABLE`, with a clause, where it is none that can be used.
    """
    entries = json.loads(content)
    if not isinstance(entries, list) or len(entries) != 1:
        raise ValueError("it does not hold one record")
    spec = records.parse(entries[0], folder)
    _check(spec)
    return spec


def sound(own: Path) -> list[ModelSpec]:
    """The own models in `own` whose records can be read and whose files are there."""
    found = []
    for name in names(own):
        try:
            found.append(read(own / name))
        except ModelError:
            continue  # told by whoever asks for just this one, and by the look over the library
    return found


def require_id(model_id: str, taken: Iterable[str] = ()) -> None:
    """Raise ModelError unless an own model may be called `model_id`, which becomes a folder."""
    if _ID.fullmatch(model_id) is None:
        raise ModelError(
            tr(
                "{model!r} cannot be the name of a model; use small letters, digits and hyphens",
                model=model_id,
            )
        )
    if model_id in taken:
        raise ModelError(
            tr("there is a model {model!r} already; choose another name", model=model_id)
        )


def _check(spec: ModelSpec) -> None:
    """Raise ValueError, with a clause, where a record is none that can be used."""
    assert spec.folder is not None
    names_of_files = [file.name for file in spec.files]
    numbers = (spec.mean, spec.std, *spec.thresholds.values())
    wrong = {
        f"it is the record of {spec.id!r}": spec.id != spec.folder.name,
        "it is no embedder": spec.kind is not ModelKind.EMBEDDER,
        "it names no file": not spec.files,
        "it names 8-bit forms, which are of bundled models only": bool(spec.int8_files),
        "it names a file twice": len(set(names_of_files)) != len(names_of_files),
        "it names a file that cannot be one of a model": not all(map(_is_plain, names_of_files)),
        "a hash is none": not all(_SHA256.fullmatch(file.sha256) for file in spec.files),
        "a size is none": not all(0 < file.size <= MAX_FILE_BYTES for file in spec.files),
        "its licence lies elsewhere": not _is_inside(spec.licence_file),
        "its crops have no side that can be": not _is_among(spec.input_size, _SIDES),
        "its vectors have no length that can be": not _is_among(spec.dimension, _DIMENSIONS),
        "its channels are not RGB": spec.channel_order != "RGB",
        "a number of it is none": not all(map(math.isfinite, numbers)) or spec.std <= 0,
        "it has no title": not isinstance(spec.title, str) or not spec.title.strip(),
        "what it tells of its training is no table": not isinstance(spec.trained, dict),
    }
    if spec.head is not None:
        wrong["its head is none of its files"] = spec.head.file not in names_of_files
        wrong["its head is behind itself"] = spec.head.of == spec.id
    if spec.comparable_with is not None:
        wrong["it is comparable with itself"] = spec.comparable_with == spec.id
    for reason, is_so in wrong.items():
        if is_so:
            raise ValueError(reason)


def _is_among(number: int | None, allowed: range) -> bool:
    return type(number) is int and number in allowed


def _is_plain(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and name not in _RESERVED


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and all(_NAME.fullmatch(part) for part in parts) and name not in _RESERVED
