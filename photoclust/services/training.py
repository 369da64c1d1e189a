"""Training an own model: faces into a folder, a process that trains, and what becomes of it.

The process is the only one that loads torch. A run that was cut off is gone on with when the same
is asked again. Faces lie in its folder until it came to a verdict, and no longer.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from photoclust.core import language
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.language import tr
from photoclust.core.paths import TRAINING, make_private_folder
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import PersonId
from photoclust.services import (
    accepting,
    child,
    leftovers,
    training_crops,
    training_faces,
    training_folders,
)
from photoclust.services.forgetting import PEOPLE_FILE
from photoclust.services.training_faces import Folders
from photoclust.services.training_folders import FolderFaces
from photoclust.services.training_library import LibraryFaces, from_library
from photoclust.store.database import Library
from photoclust.training import failures
from photoclust.training.faces import CROPS_FILE, FACES_FILE, Rows, RunFaces
from photoclust.training.options import Options
from photoclust.training.run_folder import (
    RESULT_FILE,
    Request,
    read_failure,
    read_result,
    write_failure,
    write_json,
    write_request,
)
from photoclust.vision import models, records

_NEEDED = (
    "torch",
    "torchvision",
    "facenet_pytorch",
    "pytorch_metric_learning",
    "onnx",
    "onnxscript",
    "matplotlib",
)
_SIDES = {"nn1": 220, "nn2": 224, "small": 64}
"""Side of the crops in px, for networks that take others than the bundled one does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The folders to train with: `images` has a folder for each person, `test` other photos of the
    same people, `unlabelled` photos of anybody, `strangers` a folder for each of other people.

    Without `images` it is the faces of the library that are trained with: of these `people`, or of
    everybody who has a name.
    """

    images: Path | None = None
    test: Path | None = None
    unlabelled: Path | None = None
    strangers: Path | None = None
    people: tuple[PersonId, ...] = ()

    def __post_init__(self) -> None:
        others = (self.test, self.unlabelled, self.strangers)
        if self.images is None and any(path is not None for path in others):
            raise UserError(
                "photos to test on, unlabelled ones and strangers go with a folder of photos to "
                "train with; say --images too"
            )
        if self.images is not None and self.people:
            raise UserError(
                "with a folder of photos it is the people in it who are trained; leave --person or "
                "--images out"
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The faces of a run, the names of all people by number, how to call a face to a user, and,
    where they are those of a library, what is known of them there.
    """

    faces: RunFaces
    names: tuple[str, ...]
    describe: Callable[[int], str]
    library: LibraryFaces | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run in `folder` that is ready to start, or to go on with (`is_begun`): how many people,
    faces of theirs and unlabelled faces it trains with, and which of the photos look as if they
    were of somebody else than their folder says, the likeliest first. `remarks` are sentences on
    faces that do not take part; `failure` is why a run that has begun failed, if it did.
    """

    folder: Path
    people: int
    faces: int
    unlabelled: int
    doubtful: tuple[str, ...]
    is_begun: bool
    remarks: tuple[str, ...] = ()
    failure: str | None = None


def require_torch() -> None:
    """Raise UserError, which says how to get it, where the extra `train` is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            tr(
                "training needs {name}, which is not installed; install photoclust with its extra "
                "train (5.5 GB): pip install '.[train]' in the folder of its sources",
                name=missing[0],
            )
        )


def prepare(
    library: Library,
    asked: Asked,
    options: Options,
    settings: Settings,
    *,
    without_doubtful: bool = False,
    without_strangers: bool = False,
    control: JobControl | None = None,
) -> Prepared:
    """Find the faces and write them to the folder of a new run, or find the run that was cut off.

    `without_doubtful` leaves out photos that look as if they were of somebody else;
    `without_strangers` lets a model be accepted though nothing shows that strangers do not suffer.
    Raises UserError when there is too little to train with, torch is missing, or the library cannot
    be written.
    """
    require_torch()
    control = control or JobControl()
    library.require_writable()
    place = make_private_folder(library.folder / TRAINING)
    leftovers.remove(sorted(place.glob(".*.tmp")))
    if asked.images is None:
        source = _of_library(library, asked.people, options, control)
    else:
        source = _of_folders(asked, options, settings, place / training_folders.CACHE, control)
    # Before faces are cut out, which is not to be done twice for a run that has begun.
    said = [*source.names, without_strangers, without_doubtful]
    fingerprint = _fingerprint(options, source.faces, said)
    begun = [path for path in place.glob(f"*-{fingerprint}") if read_result(path) is None]
    if begun:
        folder = begun[0]
        doubtful = training_faces.doubtful(source.faces, control)
        return _prepared(folder, source, RunFaces.load(folder), doubtful, is_begun=True)
    folder = place / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{fingerprint}"
    remarks: tuple[str, ...] = ()
    with _made_whole(folder) as unready:
        faces = source.faces
        if source.library is not None and options.needs_crops:
            faces, remarks = training_crops.with_pixels(
                library,
                source.library,
                faces,
                unready,
                settings,
                side=_side(options),
                seed=options.seed,
                control=control,
            )
        doubtful = training_faces.doubtful(faces, control)
        if without_doubtful:
            faces = training_faces.without(faces, doubtful)
        faces.save(unready)
        write_request(unready, _request(folder, options, source.names, without_strangers))
        if source.library is not None:
            # So that forgetting one of these people takes the run and its model along; who the
            # people of folders are is not known, and they go with anybody.
            write_json(unready / PEOPLE_FILE, source.library.uids)
    return _prepared(folder, source, faces, doubtful, is_begun=False, remarks=remarks)


def run(library: Library, folder: Path, *, control: JobControl | None = None) -> dict[str, Any]:
    """Train, in a process of its own, what was prepared in `folder`, from where it was cut off.

    What came of it is in `library`, as an own model where it was accepted; see `training.run.run`.
    Raises UserError when it cannot be done, CancelledError when cancelled; the run can be gone on
    with then, and of a failure its folder says why.
    """
    control = control or JobControl()
    leftovers.remove(sorted(folder.rglob(".*.tmp")))
    write_failure(folder, None)
    try:
        result = child.call(_train, folder, control=control, reporting=True)
        if result["model"] is not None:
            accepting.check(folder)
        if result["accepted"]:
            accepting.install(library, folder, result["model"], control)
        else:
            result["model"] = None
    except BaseException as error:
        # Without a result it can be gone on with, from the last checkpoint.
        (folder / RESULT_FILE).unlink(missing_ok=True)
        if isinstance(error, Exception) and not isinstance(error, CancelledError):
            with contextlib.suppress(UserError):
                write_failure(folder, _told(error))
        raise
    for name in (CROPS_FILE, FACES_FILE):
        # Where they cannot be deleted, forgetting anybody takes the run along.
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)
    return result


def _told(error: Exception) -> str:
    """Why a run failed, for a user."""
    if isinstance(error, UserError):
        return str(error)
    return failures.FAULT.format(what=type(error).__name__)


def _request(
    folder: Path, options: Options, names: tuple[str, ...], without_strangers: bool
) -> Request:
    """What the run that will be in `folder` is asked."""
    base = models.model_spec(models.DEFAULT_EMBEDDER)
    return Request(
        options=options,
        base=records.as_record(base),
        in_use=base.id,
        model=f"own-{folder.name}",
        names=names,
        without_strangers=without_strangers,
    )


def _train(folder: Path, *, control: JobControl) -> dict[str, Any]:
    """In the child process: torch is loaded here."""
    language.use(language.CODE)  # what is kept of a run outlives the language of a window
    # Threads that wait for one another by spinning take the processor from the one they wait for:
    # on two busy cores two threads were slower by half than one, and this makes them faster.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from photoclust.training import run as training_run  # noqa: PLC0415 - it loads torch

    try:
        return training_run.run(folder, control=control)
    except UserError as error:
        # A kind of its own would make whoever receives it load torch.
        raise UserError(str(error)) from error


def _prepared(
    folder: Path,
    source: _Source,
    faces: RunFaces,
    doubtful: Rows,
    *,
    is_begun: bool,
    remarks: tuple[str, ...] = (),
) -> Prepared:
    people = source.faces.person
    return Prepared(
        folder,
        int(faces.labels.max()) + 1,
        len(faces.train),
        len(faces.distil),
        tuple(
            f"{source.describe(row)}, said to be {source.names[people[row]]}"
            for row in doubtful.tolist()
        ),
        is_begun,
        remarks,
        read_failure(folder),
    )


def _of_library(
    library: Library, people: tuple[PersonId, ...], options: Options, control: JobControl
) -> _Source:
    if options.align:
        raise UserError("only faces in folders can be aligned; say --images")
    pixels = options.needs_crops
    found = from_library(library, people=people, seed=options.seed, pixels=pixels, control=control)
    faces = found.divided(seed=options.seed, control=control)
    return _Source(faces, found.names, lambda row: f"f{found.ids[row]}", found)


def _of_folders(
    asked: Asked, options: Options, settings: Settings, kept: Path, control: JobControl
) -> _Source:
    def look(path: Path | None, *, labelled: bool = True) -> FolderFaces | None:
        if path is None:
            return None
        return training_folders.look(path, settings, kept, labelled=labelled, control=control)

    images = look(asked.images)
    assert images is not None
    folders = Folders(
        images, look(asked.test), look(asked.unlabelled, labelled=False), look(asked.strangers)
    )
    side = _side(options) if options.needs_crops else None
    faces, names = training_faces.from_folders(
        folders, side=side, seed=options.seed, control=control
    )
    return _Source(faces, names, folders.path_of)


def _side(options: Options) -> int:
    base = models.model_spec(models.DEFAULT_EMBEDDER).input_size or 0
    return options.side or _SIDES.get(options.network, base)


def _fingerprint(options: Options, faces: RunFaces, asked: list[object]) -> str:
    """The same for a run with the same options on the same faces, and all else that was `asked`."""
    hashed = hashlib.sha256(json.dumps([options.as_json(), asked]).encode())
    for name in ("vectors", "person", "train", "test", "held_out", "distil", "strangers"):
        hashed.update(np.ascontiguousarray(getattr(faces, name)).tobytes())
    return hashed.hexdigest()[:8]


@contextlib.contextmanager
def _made_whole(folder: Path) -> Iterator[Path]:
    """A folder to write to that becomes `folder` when all went well, and else is gone. Raises
    UserError when it cannot be written.
    """
    unready = make_private_folder(folder.with_name(f".{folder.name}.tmp"))
    try:
        yield unready
        unready.rename(folder)
    except OSError as error:
        raise UserError(
            tr(
                "the faces to train with cannot be written to {folder} ({reason}); make room on "
                "the disk",
                folder=folder,
                reason=error.strerror or error,
            )
        ) from error
    finally:
        shutil.rmtree(unready, ignore_errors=True)
