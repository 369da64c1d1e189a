"""Faces of real people, found in photos of one folder a person, or kept from an earlier run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.metrics import Labels
from photoclust.core.settings import Settings
from photoclust.services.labelled import find_labelled_faces


@dataclass(frozen=True, slots=True, eq=False)
class Real:
    """The faces to make others from: `vectors` [M, dim], `people` [M], `quality` [M]."""

    vectors: Vectors
    people: Labels
    quality: NDArray[np.float32]


def real_faces(folder: Path, kept: Path | None) -> Real:
    """The faces of the photos in `folder`, or those that `kept` holds; kept there if it is new."""
    if kept is None or not kept.exists():
        found = find_labelled_faces(folder, Settings())
        arrays = {name: getattr(found, name) for name in ("rows", "people", "vectors", "quality")}
        if kept is not None:
            with kept.open("wb") as file:
                np.savez(file, **arrays)
    else:
        with np.load(kept, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("rows", "people", "vectors", "quality")}
    there = arrays["rows"] >= 0
    rows = arrays["rows"][there]
    return Real(arrays["vectors"][rows], arrays["people"][there], arrays["quality"][rows])
