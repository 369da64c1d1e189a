"""The faces of a training, from folders or from a library, as the run's folder takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoclust.cluster.neighbor_lists import search
from photoclust.core.arrays import Vectors
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.recognize.faces import Decisions
from photoclust.recognize.faces import Faces as JudgedFaces
from photoclust.recognize.lookalikes import NEAREST
from photoclust.recognize.recognizer import Recognizer
from photoclust.services.recognition import shipped_curve
from photoclust.services.training_folders import FolderFaces
from photoclust.training.faces import Labels, Rows, RunFaces
from photoclust.training.splits import Faces, Shares, near_duplicates, occasions, split
from photoclust.training.strangers import grouped_strangers
from photoclust.vision import models

_NOBODY = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Folders:
    """What was found in the folders of a training: photos of the people to train (`images`), others
    of the same people to `test` on, `unlabelled` ones, and photos of other people, `strangers`.
    """

    images: FolderFaces
    test: FolderFaces | None = None
    unlabelled: FolderFaces | None = None
    strangers: FolderFaces | None = None

    @property
    def parts(self) -> list[FolderFaces]:
        """Those that there are, in the order in which their faces are numbered."""
        every = (self.images, self.test, self.unlabelled, self.strangers)
        return [part for part in every if part is not None]

    def path_of(self, row: int) -> str:
        """The photo of the face `row`, relative to its folder."""
        for part in self.parts:
            if row < len(part):
                return str(part.paths[part.photo[row]])
            row -= len(part)
        raise IndexError(row)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """All faces of a training in one: see `RunFaces` and `splits.Faces`."""

    vectors: Vectors
    person: Labels
    photo: Labels
    taken: NDArray[np.float64]
    crops: NDArray[np.uint8] | None
    landmarks: NDArray[np.float32] | None


def from_folders(
    folders: Folders, *, side: int | None, seed: int, control: JobControl | None = None
) -> tuple[RunFaces, tuple[str, ...]]:
    """The faces of a run from `folders`, and the names of all people by number; crops are brought
    to `side` px, None where none are needed.

    Without photos to test on, some occasions and some people are kept from training; of those that
    are given, near-duplicates of photos to train on are left out. Without strangers, half of the
    unlabelled faces stand in for them, grouped by the bundled model. Raises UserError when there is
    too little to train or test with, or a person is also a stranger.
    """
    control = control or JobControl()
    names = _names(folders)
    parts = folders.parts
    table = _joined(parts, names, side)
    starts = np.cumsum([0, *(len(part) for part in parts)]).tolist()
    rows = {
        id(part): np.arange(start, end)
        for part, (start, end) in zip(parts, pairwise(starts), strict=True)
    }

    def rows_of(part: FolderFaces | None) -> Rows:
        return _NOBODY if part is None else rows[id(part)]

    images, unlabelled = rows_of(folders.images), rows_of(folders.unlabelled)
    rng = np.random.default_rng(seed)
    duplicates = near_duplicates(table.vectors, table.taken, control)
    faces = Faces(table.person, table.photo, table.taken, duplicates)
    if folders.test is None:
        divided = split(_only(faces, images), Shares(), rng)
        train, test, held_out = (
            images[divided.train],
            images[divided.test],
            images[divided.held_out],
        )
    else:
        train, test, held_out = images, rows_of(folders.test), _NOBODY
        # What is as good as a photo that is trained on shows nothing.
        test = test[~np.isin(duplicates[test], duplicates[train])]
        _require_trainable(table.person, train, test)
    person = table.person.copy()
    if folders.strangers is not None:
        distil, strangers = unlabelled, rows_of(folders.strangers)
    else:
        distil, strangers = _halves(unlabelled, table.photo, rng)
        groups = grouped_strangers(
            table.vectors[strangers], photos=table.photo[strangers], control=control
        )
        person[strangers] = np.where(groups >= 0, groups + len(names), -1)
    among = np.zeros(len(person), np.bool_)
    among[train] = True
    return (
        RunFaces(
            vectors=table.vectors,
            person=person,
            occasion=occasions(faces, among),
            duplicates=duplicates,
            train=train,
            test=test,
            held_out=held_out,
            distil=distil,
            strangers=strangers,
            crops=table.crops,
            landmarks=table.landmarks,
        ),
        names,
    )


def doubtful(faces: RunFaces, control: JobControl | None = None) -> Rows:
    """The training faces that look as if they were of somebody else than is said, the likeliest
    first; see `recognize.doubts`. Raises CancelledError when cancelled.
    """
    rows, vectors = faces.train, faces.vectors[faces.train]
    alone = np.full(len(rows), np.nan)
    near = search(vectors, np.arange(len(rows)), min(NEAREST, len(rows) - 1))
    judged = JudgedFaces(vectors, np.arange(len(rows)), np.ones(len(rows), np.float32), alone, near)
    recognizer = Recognizer(judged, shipped_curve(models.model_spec(models.DEFAULT_EMBEDDER)))
    return rows[recognizer.doubts(Decisions(faces.person[rows]), control=control).rows]


def without(faces: RunFaces, rows: Rows) -> RunFaces:
    """`faces` with the `rows` not trained on."""
    return replace(faces, train=np.setdiff1d(faces.train, rows))


def _names(folders: Folders) -> tuple[str, ...]:
    """The names of all people, those to train first."""
    trained = set(np.unique(folders.images.name).tolist())
    tested = set() if folders.test is None else set(np.unique(folders.test.name).tolist())
    strange = (
        set() if folders.strangers is None else set(np.unique(folders.strangers.name).tolist())
    )
    if both := sorted(strange & (trained | tested)):
        raise UserError(
            tr(
                "{name} is among the strangers and among the people to train; a stranger is "
                "nobody who is trained or tested on",
                name=both[0],
            )
        )
    return (*sorted(trained | tested), *sorted(strange))


def _joined(parts: list[FolderFaces], names: tuple[str, ...], side: int | None) -> _Table:
    number = {name: place for place, name in enumerate(names)}
    photos = np.cumsum([0, *(int(part.photo.max()) + 1 for part in parts)])
    person = [
        np.array([number.get(name, -1) for name in part.name.tolist()], np.int64) for part in parts
    ]
    return _Table(
        np.concatenate([part.vectors for part in parts]),
        np.concatenate(person),
        np.concatenate([part.photo + first for part, first in zip(parts, photos, strict=False)]),
        np.concatenate([part.taken for part in parts]),
        None if side is None else np.concatenate([sized(part.crops, side) for part in parts]),
        None
        if side is None
        else np.concatenate([part.landmarks * (side / part.crops.shape[1]) for part in parts]),
    )


def sized(crops: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """`crops` [M, s, s, 3] brought to `side` px, as networks that take others need them."""
    if crops.shape[1] == side:
        return crops
    sized = np.empty((len(crops), side, side, 3), np.uint8)
    for row, crop in enumerate(crops):
        image = Image.fromarray(crop).resize((side, side), Image.Resampling.LANCZOS)
        sized[row] = np.asarray(image)
    return sized


def _only(faces: Faces, rows: Rows) -> Faces:
    return Faces(faces.person[rows], faces.photo[rows], faces.taken[rows], faces.duplicates[rows])


def _require_trainable(person: Labels, train: Rows, test: Rows) -> None:
    """Raise UserError unless there are people to train, and photos of them to test on."""
    counts = _several(person[train])
    if len(counts) < 2:
        raise UserError(
            tr(
                "training needs at least two people with two photos each, and there is 1; add "
                "photos"
            )
            if counts
            else tr(
                "training needs at least two people with two photos each, and there are none; "
                "add photos"
            )
        )
    tested = set(_several(person[test])) & set(counts)
    if len(tested) < 2:
        raise UserError(
            tr(
                "the photos to test on show fewer than two of the people who are trained twice; "
                "give other photos of the same people, in folders with the same names"
            )
        )


def _several(person: Labels) -> Mapping[int, int]:
    """How many faces each has who has two or more."""
    people, counts = np.unique(person[person >= 0], return_counts=True)
    pairs = zip(people.tolist(), counts.tolist(), strict=True)
    return {who: count for who, count in pairs if count > 1}


def _halves(rows: Rows, photo: Labels, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """The faces of half of the photos, and those of the others."""
    photos = rng.permutation(np.unique(photo[rows]))
    first = np.isin(photo[rows], photos[: len(photos) // 2])
    return rows[first], rows[~first]
