"""What the frozen part of a network gives of all faces, and of changed copies of those that are
learnt from: computed once, in front of every step.

Without copies the end of a network would see the very same numbers again and again, and learn them
by heart within a few dozen steps.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from photoclust.core.language import marked
from photoclust.core.paths import private
from photoclust.core.progress import JobControl
from photoclust.training.faces import Rows, RunFaces
from photoclust.training.options import DISTILLED_COPIES, TRAINED_COPIES
from photoclust.training.run_folder import cannot_write
from photoclust.training.trainee import Inputs

FILE = "features.npy"
STAGE = marked("Running the frozen part of the network")
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """`features` [R, …] float32: those of the N faces of a run, then of their changed copies;
    `views` [N, V] int64: the rows that a face may be taken from, its own first, and again where it
    has fewer copies.
    """

    features: NDArray[np.float32]
    views: NDArray[np.int64]


def compute(
    frozen: torch.nn.Module,
    inputs: Inputs,
    faces: RunFaces,
    *,
    seed: int,
    control: JobControl,
    kept: Path | None = None,
) -> Features:
    """Run `frozen` on all `faces`, and on copies that `inputs` changes at random.

    What comes of it is kept in the folder `kept`, and taken from there where it is there already.
    Raises CancelledError when cancelled, UserError when it cannot be written.
    """
    copies = [faces.train] * TRAINED_COPIES + [faces.distil] * DISTILLED_COPIES
    sources = np.concatenate([np.arange(len(faces.vectors)), *copies])
    path = None if kept is None else kept / FILE
    if path is not None and path.exists():
        features = np.load(path, mmap_mode="r", allow_pickle=False)
    else:
        features = _run(
            frozen, inputs, sources, unchanged=len(faces.vectors), seed=seed, control=control
        )
        if path is not None:
            _write(path, features)
    return Features(features, _views(sources, len(faces.vectors)))


@torch.no_grad()
def _run(
    frozen: torch.nn.Module,
    inputs: Inputs,
    sources: Rows,
    *,
    unchanged: int,
    seed: int,
    control: JobControl,
) -> NDArray[np.float32]:
    """[R, …] of the faces `sources` [R], of which those after the first are changed."""
    parts = []
    bounds = [*range(0, unchanged, _AT_ONCE), *range(unchanged, len(sources), _AT_ONCE)]
    for start, end in zip(bounds, [*bounds[1:], len(sources)], strict=True):
        control.checkpoint()
        control.report(STAGE, start, len(sources))
        rng = None if start < unchanged else np.random.default_rng([seed, start])
        crops = inputs(sources[start:end], rng)
        # A third less time than with channels first, as convolutions on a CPU prefer it.
        crops = crops.to(memory_format=torch.channels_last)
        parts.append(frozen(crops).contiguous().numpy())
    control.report(STAGE, len(sources), len(sources))
    features: NDArray[np.float32] = np.concatenate(parts)
    return features


def _views(sources: Rows, count: int) -> NDArray[np.int64]:
    views = np.repeat(np.arange(count)[:, None], 1 + max(TRAINED_COPIES, DISTILLED_COPIES), axis=1)
    seen = np.ones(count, np.int64)
    for row in range(count, len(sources)):
        face = sources[row]
        views[face, seen[face]] = row
        seen[face] += 1
    return views


def _write(path: Path, features: NDArray[np.float32]) -> None:
    """Keep `features`, whole or not at all."""
    unready = path.with_name(f".{path.name}.tmp")
    try:
        with open(unready, "wb", opener=private) as file:
            np.save(file, features)
        unready.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        unready.unlink(missing_ok=True)
