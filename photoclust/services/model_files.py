"""Own models as files: taking one along in a zip, bringing one in, removing one.

A zip holds what the model's folder holds: the record, the networks, the licence, and the uids of
the people whose faces it learnt from. It is unpacked beside the library's models, checked against
the hashes of its record and tried out, and only then put in place. A model that was trained on
faces holds biometric information: whoever has it can find out whether it knows a face.
"""

import contextlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from photoclust.core.errors import ModelError, UserError
from photoclust.core.paths import INDEXES, make_private_folder, resource
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import ModelId, ModelKind, ModelSpec
from photoclust.services import archive, checkpoints, child, embedding_model, trying
from photoclust.services.forgetting import PEOPLE_FILE
from photoclust.store import embeddings, journal
from photoclust.store.database import Library
from photoclust.vision import models, own_models, records
from photoclust.vision.own_models import RECORD_FILE

CHECKPOINTS = frozenset((".pt", ".pth", ".safetensors"))
_PIECE = 2**20
_MAX_SMALL = 2**20
"""Bytes of a record, a licence or a list of people at most."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What went with a model: `vectors` of so many faces, and whether it was an own one, whose
    files are gone.
    """

    model: ModelId
    vectors: int
    files: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A model: its record, whether it makes the vectors of the library, and how many faces have one
    of it, by what computed it.
    """

    spec: ModelSpec
    current: bool
    engines: Mapping[str, int]

    @property
    def faces(self) -> int:
        """How many faces have a vector of it."""
        return sum(self.engines.values())


def listed(library: Library | None, settings: Settings) -> list[Listed]:
    """The bundled models and the sound own ones of `library`, where there is one."""
    if library is None:
        current: ModelId = ModelId(settings.embedder)
        engines: Mapping[ModelId, Mapping[str, int]] = {}
        own: list[ModelSpec] = []
    else:
        with library.read() as tx:
            current = embedding_model.current_in(tx, library, settings)
            engines = embeddings.counts_by_engine(tx)
        own = own_models.sound(embedding_model.own_models_of(library))
    return [
        Listed(spec, spec.id == current, engines.get(spec.id, {}))
        for spec in (*models.list_models(), *own)
    ]


def export(spec: ModelSpec, target: Path, *, force: bool = False) -> int:
    """Write the embedder `spec` to the zip `target`, which only its owner can read; gives its size.

    Raises ModelError when its files are not sound, UserError when `target` exists and `force` is
    not said, lies in a library, or cannot be written.
    """
    if spec.kind is not ModelKind.EMBEDDER:
        raise UserError(f"the model {spec.id!r} makes no vectors; only embedders are taken along")
    archive.require_place(target, force)
    models.verify(spec)
    folder = spec.folder or resource("models")
    names = [*(file.name for file in spec.files), spec.licence_file]
    if (folder / PEOPLE_FILE).is_file() and spec.folder is not None:
        names.append(PEOPLE_FILE)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
                    packed.writestr(RECORD_FILE, records.as_text(replace(spec, int8_files=())))
                    for each in names:
                        packed.write(folder / each, each)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        return target.stat().st_size
    except OSError as error:
        raise UserError(
            f"the model could not be written to {target} ({error.strerror or error}); make room on "
            "the disk or choose another place"
        ) from error


def import_file(library: Library, source: Path, *, control: JobControl | None = None) -> ModelSpec:
    """Make the model in `source` an own model of `library`; it does not serve yet.

    `source` is a zip that `export` wrote, or a checkpoint of facenet-pytorch. Raises UserError when
    it is neither, damaged, holds what it should not, does not work, or is there already;
    CancelledError when cancelled: nothing is left then.
    """
    library.require_writable()
    own = make_private_folder(embedding_model.own_models_of(library))
    if source.is_dir():
        raise UserError(f"{source} is a folder; give the file that photoclust model export wrote")
    if not source.is_file():
        raise UserError(f"there is no file {source}; check the path")
    try:
        with tempfile.TemporaryDirectory(dir=own, prefix=".import-", suffix=".tmp") as name:
            stage = Path(name)
            if source.suffix.lower() in CHECKPOINTS:
                model = checkpoints.convert(source, stage, _taken(own), control=control)
            else:
                model = _unpack(source, stage, _taken(own))
            return install(library, stage / model, control=control)
    except OSError as error:
        raise UserError(
            f"{source} could not be imported ({error.strerror or error}); make room on the disk "
            "and check the permissions"
        ) from error


def install(library: Library, folder: Path, *, control: JobControl | None = None) -> ModelSpec:
    """Move `folder`, which holds an own model and is called as it is, to those of `library`, after
    its files were checked and its networks tried out; it does not serve yet.

    Raises ModelError when it is not sound, or there is one of that name.
    """
    own = make_private_folder(embedding_model.own_models_of(library))
    own_models.require_id(folder.name, _taken(own))
    staged = own_models.read(folder)
    models.verify(staged)
    child.call(trying.try_out, staged, _source_of_head(library, staged), control=control)
    folder.rename(own / folder.name)
    return own_models.read(own / folder.name)


def remove(library: Library, model: str, settings: Settings) -> Removed:
    """Delete an own model with its vectors, or the vectors of a bundled one.

    Raises UserError when it serves, its vectors serve, or there is neither.
    """
    library.require_writable()
    bundled = model in {spec.id for spec in models.list_models()}
    folder = embedding_model.own_models_of(library) / model
    there = not bundled and own_models.is_there(embedding_model.own_models_of(library), model)
    number = ModelId(model)
    with library.write() as tx:
        current = embedding_model.current_in(tx, library, settings)
        if model == current:
            raise UserError(f"the library uses {model}; photoclust model use ID takes another one")
        if number == embedding_model.fallback_of(library, current):
            only = embeddings.count_only_in(tx, number)
            if only:
                raise UserError(
                    f"{only:,} faces have only vectors of {model}, which serve until they have "
                    f"some of {current}; photoclust scan makes these"
                )
        vectors = embeddings.drop(tx, number)
        if not vectors and not there:
            raise UserError(
                f"there is no own model {model!r} and the library has no vectors of it; photoclust "
                "model list shows what there is"
            )
        journal.add_entry(tx, journal.REMOVE_MODEL, {"model": model, "faces": vectors})
    try:
        if there:
            shutil.rmtree(folder)
        (library.folder / INDEXES / f"{model}.neighbours").unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{error.filename} cannot be deleted ({error.strerror}); delete the folder {folder}"
        ) from error
    return Removed(number, vectors, there)


def _taken(own: Path) -> set[str]:
    return {spec.id for spec in models.list_models()} | set(own_models.names(own))


def _source_of_head(library: Library, staged: ModelSpec) -> ModelSpec | None:
    """The model that the head of `staged` is behind, where there is one."""
    if staged.head is None:
        return None
    with contextlib.suppress(ModelError):
        return embedding_model.spec_of(library, staged.head.of)
    return None


def _unpack(source: Path, stage: Path, taken: set[str]) -> str:
    """Unpack the zip `source` into a folder in `stage` that is called as its model is; its name."""
    try:
        with zipfile.ZipFile(source) as packed:
            held = [info.filename for info in packed.infolist()]
            raw = _small(packed, RECORD_FILE)
            record = json.loads(raw)[0]
            model = str(record["id"])
            own_models.require_id(model, taken)
            folder = make_private_folder(stage / model)
            spec = own_models.parse(raw, folder)
            sizes = {file.name: file.size for file in spec.files}
            sizes[spec.licence_file] = _MAX_SMALL
            allowed = {RECORD_FILE, PEOPLE_FILE, *sizes}
            odd = [name for name in held if name not in allowed or held.count(name) > 1]
            if odd:
                raise ModelError(f"{source} holds {odd[0]!r}, which is no part of a model")
            people = json.loads(_small(packed, PEOPLE_FILE)) if PEOPLE_FILE in held else []
            if not isinstance(people, list) or not all(isinstance(each, str) for each in people):
                raise ModelError(f"{source} holds a {PEOPLE_FILE} that is no list of people")
            with _private_file(folder / RECORD_FILE) as file:
                file.write(raw)
            with _private_file(folder / PEOPLE_FILE) as file:
                file.write(json.dumps(people).encode())
            for name, size in sizes.items():
                make_private_folder((folder / name).parent)
                with packed.open(name) as member, _private_file(folder / name) as file:
                    _copy(member, file, size)
    except (zipfile.BadZipFile, *records.UNREADABLE, NotImplementedError, RuntimeError) as error:
        if isinstance(error, OSError):
            raise
        raise ModelError(
            f"{source} is no model that photoclust wrote, or damaged ({error}); choose another file"
        ) from error
    return model


def _small(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as member:
        return member.read(_MAX_SMALL)


@contextlib.contextmanager
def _private_file(path: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        yield file


def _copy(source: IO[bytes], into: IO[bytes], limit: int) -> None:
    """Copy `source`, of which no more than one piece beyond `limit` bytes is written: what is too
    large is found out when its size is checked.
    """
    size = 0
    while size <= limit and (piece := source.read(_PIECE)):
        into.write(piece)
        size += len(piece)
