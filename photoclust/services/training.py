"""Training an own model: faces into a folder, a process that trains, and what becomes of it.

The process is the only one that loads torch. A run that was cut off is gone on with when the same
is asked again.
"""

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from photoclust.core.errors import InternalError, UserError
from photoclust.core.paths import OWN_MODELS, TRAINING, make_private_folder
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import PersonId
from photoclust.services import child, training_faces, training_folders
from photoclust.services.forgetting import PEOPLE_FILE
from photoclust.services.training_faces import Folders
from photoclust.services.training_folders import FolderFaces
from photoclust.services.training_library import from_library
from photoclust.store.database import Library
from photoclust.training.faces import RunFaces
from photoclust.training.options import Kind, Options
from photoclust.training.run_folder import (
    CHECK_FILE,
    MODEL,
    Request,
    read_request,
    read_result,
    write_json,
    write_request,
)
from photoclust.vision import models, own_models, records

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
_AGREE = 1e-3
"""How far vectors may be from those of the training when ONNX Runtime computes them."""


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


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The faces of a run, the names of all people by number, how to call a face to a user, and the
    uids of the people where a library knows them.
    """

    faces: RunFaces
    names: tuple[str, ...]
    describe: Callable[[int], str]
    uids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run in `folder` that is ready to start, or to go on with (`is_begun`): how many people,
    faces of theirs and unlabelled faces it trains with, and which of the photos look as if they
    were of somebody else than their folder says, the likeliest first.
    """

    folder: Path
    people: int
    faces: int
    unlabelled: int
    doubtful: tuple[str, ...]
    is_begun: bool


def require_torch() -> None:
    """Raise UserError, which says how to get it, where the extra `train` is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"training needs {missing[0]}, which is not installed; install photoclust with its "
            "extra train (5.5 GB): pip install '.[train]' in the folder of its sources"
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
    if asked.images is None:
        source = _of_library(library, asked.people, options, control)
    else:
        source = _of_folders(asked, options, settings, place / training_folders.CACHE, control)
    faces, names = source.faces, source.names
    doubtful = training_faces.doubtful(faces, control)
    described = tuple(
        f"{source.describe(row)}, said to be {names[faces.person[row]]}"
        for row in doubtful.tolist()
    )
    if without_doubtful:
        faces = training_faces.without(faces, doubtful)
    base = models.model_spec(models.DEFAULT_EMBEDDER)
    fingerprint = _fingerprint(options, faces, [*names, without_strangers])
    begun = [path for path in place.glob(f"*-{fingerprint}") if read_result(path) is None]
    if begun:
        folder = begun[0]
    else:
        folder = place / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{fingerprint}"
        request = Request(
            options=options,
            base=records.as_record(base),
            in_use=base.id,
            model=f"own-{folder.name}",
            names=names,
            without_strangers=without_strangers,
        )
        _write(folder, faces, request, source.uids)
    return Prepared(
        folder,
        int(faces.labels.max()) + 1,
        len(faces.train),
        len(faces.distil),
        described,
        bool(begun),
    )


def run(folder: Path, *, control: JobControl | None = None) -> dict[str, Any]:
    """Train, in a process of its own, what was prepared in `folder`, from where it was cut off.

    What came of it is in the library, as an own model where it was accepted; see
    `training.run.run`. Raises UserError when it cannot be done, CancelledError when cancelled; the
    run can be gone on with then.
    """
    control = control or JobControl()
    result = child.call(_train, folder, control=control, reporting=True)
    if result["model"] is not None:
        _check(folder)
    if result["accepted"]:
        _register(folder, result["model"])
    else:
        result["model"] = None
    return result


def _train(folder: Path, *, control: JobControl) -> dict[str, Any]:
    """In the child process: torch is loaded here."""
    # Threads that wait for one another by spinning take the processor from the one they wait for:
    # on two busy cores two threads were slower by half than one, and this makes them faster.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from photoclust.training import run as training_run  # noqa: PLC0415 - it loads torch

    try:
        return training_run.run(folder, control=control)
    except UserError as error:
        # A kind of its own would make whoever receives it load torch.
        raise UserError(str(error)) from error


def _of_library(
    library: Library, people: tuple[PersonId, ...], options: Options, control: JobControl
) -> _Source:
    if options.recipe is not Kind.HEAD:
        raise UserError(
            "from a library a head can be trained for now; choose --recipe head, or say --images"
        )
    found = from_library(library, people=people, seed=options.seed, control=control)
    return _Source(found.faces, found.names, lambda row: f"f{found.ids[row]}", found.uids)


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
    side = None if options.recipe is Kind.HEAD else _side(options)
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


def _write(folder: Path, faces: RunFaces, request: Request, uids: tuple[str, ...] | None) -> None:
    """Make the run's folder, whole or not at all. Raises UserError when it cannot be written.

    `uids` are kept so that forgetting one of these people takes the run and its model along; who
    the people of folders are is not known, and they go with anybody.
    """
    unready = make_private_folder(folder.with_name(f".{folder.name}.tmp"))
    try:
        faces.save(unready)
        write_request(unready, request)
        if uids is not None:
            write_json(unready / PEOPLE_FILE, uids)
        unready.rename(folder)
    except OSError as error:
        raise UserError(
            f"the faces to train with cannot be written to {folder} ({error.strerror or error}); "
            "make room on the disk"
        ) from error
    finally:
        shutil.rmtree(unready, ignore_errors=True)


def _check(folder: Path) -> None:
    """Raise InternalError unless ONNX Runtime computes with the new model what torch did."""
    request, model = read_request(folder), folder / MODEL
    (spec,) = records.read_manifest(model / own_models.RECORD_FILE)
    faces = RunFaces.load(folder)
    with np.load(folder / CHECK_FILE, allow_pickle=False) as file:
        rows, expected = file["rows"], file["vectors"]
    if request.options.recipe is Kind.HEAD:
        session = models.open_session(spec, "head.onnx", threads=1, folder=model)
        (found,) = session.run(["vectors"], {"of": faces.vectors[rows]})
    else:
        assert faces.crops is not None
        crops = np.asarray(faces.crops[rows]).transpose(0, 3, 1, 2).astype(np.float32)
        session = models.open_session(spec, 0, threads=1, folder=model)
        crops = (crops - np.float32(spec.mean)) / np.float32(spec.std)
        (found,) = session.run(["vectors"], {"crops": crops})
    if found.shape != expected.shape or not np.allclose(found, expected, atol=_AGREE):
        raise InternalError(
            f"the model of the run {folder.name} gives other vectors than it was trained to"
        )


def _register(folder: Path, model: str) -> None:
    """Put the new model among the library's own ones."""
    target = make_private_folder(folder.parents[1] / OWN_MODELS) / model
    unready = target.with_name(f".{model}.tmp")
    try:
        if not target.exists():
            shutil.rmtree(unready, ignore_errors=True)
            shutil.copytree(folder / MODEL, unready)
            if (folder / PEOPLE_FILE).exists():
                shutil.copy(folder / PEOPLE_FILE, unready)
            unready.rename(target)
    except OSError as error:
        raise UserError(
            f"the new model cannot be kept in {target} ({error.strerror or error}); make room on "
            "the disk, then give the same command again"
        ) from error
    finally:
        shutil.rmtree(unready, ignore_errors=True)
