"""The faces of a run, as a folder holds them: all that training reads, and nothing it writes.

`faces.npz` has an array for each field; `crops.npy`, where there is one, the pixels.
"""

import contextlib
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError, UserError
from photoclust.core.language import tr
from photoclust.core.paths import private
from photoclust.training.normalisation import Crops, Points

FACES_FILE, CROPS_FILE = "faces.npz", "crops.npy"

UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)
"""What is raised for a file of arrays that is missing, damaged, or of other arrays."""

Labels = NDArray[np.int64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RunFaces:
    """N faces: unit `vectors` [N, dim] of the bundled model; `person` [N], a number for everybody
    who is known, -1 for a face of nobody known. `current` [N, d] are vectors of the model in use
    where that is another one: the new model has to beat it.

    Rows of them, each face in one at most: `train` and `test`, of the people that are trained;
    `held_out`, of people nobody trains on; `distil`, faces that nobody named, by which the old
    embedding is held; `strangers`, faces that only serve to see whether they suffer, `person` being
    a group of the model in use where nobody named them. `occasion` [N] and `duplicates` [N] are
    those of `splits.Faces` and `splits.Split`. `crops` [N, side, side, 3] where pixels are needed,
    with the `landmarks` in them, [N, 5, 2] px, where these are.
    """

    vectors: Vectors
    person: Labels
    occasion: Labels
    duplicates: Labels
    train: Rows
    test: Rows
    held_out: Rows
    distil: Rows
    strangers: Rows
    crops: Crops | None = None
    current: Vectors | None = None
    landmarks: Points | None = None

    def __post_init__(self) -> None:
        count = len(self.vectors)
        columns = (self.person, self.occasion, self.duplicates)
        if any(column.shape != (count,) for column in columns):
            raise InternalError("the columns of a run's faces are not of one length")
        if self.crops is not None and len(self.crops) != count:
            raise InternalError(f"{len(self.crops)} crops do not fit {count} faces")
        if self.landmarks is not None and self.landmarks.shape != (count, 5, 2):
            raise InternalError(f"landmarks {self.landmarks.shape} do not fit {count} faces")

    @property
    def labels(self) -> Labels:
        """The people of the faces `train`, numbered from 0 without a gap."""
        return np.unique(self.person[self.train], return_inverse=True)[1].astype(np.int64)

    @property
    def in_use(self) -> Vectors:
        """Vectors of the model in use, [N, d]."""
        return self.vectors if self.current is None else self.current

    def save(self, folder: Path) -> None:
        """Write them to `folder`. Raises OSError."""
        names = [each.name for each in fields(self) if each.name != "crops"]
        arrays = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        with open(folder / FACES_FILE, "xb", opener=private) as file:
            np.savez(file, **arrays)
        if self.crops is not None:
            with open(folder / CROPS_FILE, "xb", opener=private) as file:
                np.save(file, self.crops)

    @classmethod
    def load(cls, folder: Path) -> "RunFaces":
        """Those of `folder`; crops are mapped, not read. Raises UserError where they are damaged
        or missing.
        """
        crops = folder / CROPS_FILE
        try:
            arrays = read_arrays(folder / FACES_FILE)
            if crops.exists():
                arrays["crops"] = np.load(crops, mmap_mode="r", allow_pickle=False)
            return cls(**arrays)
        except (*UNREADABLE, InternalError) as error:
            raise UserError(
                tr(
                    "the faces of the run {run} cannot be read ({error}); start the training anew",
                    run=folder.name,
                    error=error,
                )
            ) from error


class CropFile:
    """Writes the `count` crops of a run, of `side` px, one by one in any order: a face that is not
    written stays black. Not a mapped file: there, a full disk ends the process.

    Every part of it raises UserError when the disk is full or cannot be written.
    """

    def __init__(self, folder: Path, count: int, side: int) -> None:
        self._path = folder / CROPS_FILE
        self._shape = (count, side, side, 3)

    def __enter__(self) -> Self:
        with self._told():
            self._file = open(self._path, "xb", opener=private)
            header = {"descr": "|u1", "fortran_order": False, "shape": self._shape}
            np.lib.format.write_array_header_1_0(self._file, header)
            self._start = self._file.tell()
            self._file.truncate(self._start + math.prod(self._shape))
        return self

    def __exit__(self, *_: object) -> None:
        with self._told():
            self._file.close()

    def write(self, rows: Sequence[int], crops: Crops) -> None:
        """Put `crops` [M, side, side, 3] at the `rows` [M]."""
        if crops.shape[1:] != self._shape[1:]:
            raise InternalError(f"crops {crops.shape[1:]} in a file of {self._shape[1:]}")
        with self._told():
            for row, crop in zip(rows, crops, strict=True):
                self._file.seek(self._start + row * crop.nbytes)
                self._file.write(crop.tobytes())

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UserError(
                tr(
                    "the faces to train with cannot be written to {path} ({reason}); make room on "
                    "the disk",
                    path=self._path,
                    reason=error.strerror or error,
                )
            ) from error


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of the file `path` (.npz), nothing unpickled. Raises what UNREADABLE lists."""
    # Given the path, numpy leaves a damaged file open.
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
