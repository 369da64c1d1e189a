"""The pixels of a library's faces for a training: their photos are opened again, and the faces cut
out of them as at the scan.

What was cut lies nowhere but in the folder of the run, and goes when that is done: to open the
photos again takes a fraction of the time of a training, and a store of faces would have to be kept
in step with all that is forgotten.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photoclust.core.errors import UserError
from photoclust.core.language import marked, thousands, tr, tr_n
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services.known_faces import KnownFaces
from photoclust.services.training_faces import sized
from photoclust.services.training_library import LibraryFaces
from photoclust.services.worker_pool import CutFaces, cut_known
from photoclust.store import embeddings
from photoclust.store.database import Library
from photoclust.training.faces import CropFile, Rows, RunFaces
from photoclust.vision import models

STAGE = marked("Cutting out faces")


@dataclass(frozen=True, slots=True, eq=False)
class Uncut:
    """The `rows` of faces that could not be cut out, since their `photos`, so many, are not there
    or cannot be read.
    """

    rows: Rows
    photos: int

    def __str__(self) -> str:
        """What to tell, a clause."""
        photos = tr_n(
            self.photos,
            "a photo that is not there, changed or unreadable",
            "{n} photos that are not there, changed or unreadable",
        )
        return tr_n(
            len(self.rows),
            "{n} face is left out, of {photos}; connect the drive, or scan again",
            "{n} faces are left out, of {photos}; connect the drive, or scan again",
            photos=photos,
        )


def with_pixels(
    library: Library,
    found: LibraryFaces,
    faces: RunFaces,
    folder: Path,
    settings: Settings,
    *,
    side: int,
    seed: int,
    control: JobControl | None = None,
) -> tuple[RunFaces, tuple[str, ...]]:
    """Write the pixels of the faces `found`, crops of `side` px, to `folder`; gives what those that
    could be cut out serve for, which is as in `faces` where all could, and sentences on the others.

    Raises UserError when too few could, or when they cannot be written; CancelledError when
    cancelled.
    """
    uncut = cut_out(library, found.ids, folder, settings, side=side, control=control)
    remarks = [_on_undrawn(found)] if found.undrawn else []
    if not len(uncut.rows):
        return faces, tuple(remarks)
    try:
        faces = found.divided(seed=seed, without=uncut.rows, control=control)
    except UserError as error:
        raise UserError(f"{error}. {uncut}") from error
    return faces, (*remarks, f"{uncut}.")


def cut_out(
    library: Library,
    ids: Rows,
    folder: Path,
    settings: Settings,
    *,
    side: int,
    control: JobControl | None = None,
) -> Uncut:
    """Cut the faces `ids` out of their photos as for the bundled model, bring them to `side` px and
    write them to `folder` in that order, as `RunFaces.load` expects them; gives those for which
    that could not be. The faces of a few photos are in memory at a time, whatever their number.

    Raises UserError when they cannot be written, CancelledError when cancelled.
    """
    control = control or JobControl()
    row_of = {face: row for row, face in enumerate(ids.tolist())}
    with library.read() as tx:
        photos = embeddings.photos_of(tx, row_of)
    there = {photo.file.path: photo for photo in photos if photo.file is not None}
    is_cut = np.zeros(len(ids), np.bool_)
    lost = len(photos) - len(there)
    control.report(STAGE, 0, len(there))
    outcomes = cut_known(
        [KnownFaces.of(photo) for photo in there.values()],
        models.model_spec(models.DEFAULT_EMBEDDER).input_size or 0,
        workers=settings.workers,
        control=control,
    )
    # No worker outlives an error raised here.
    with closing(outcomes), CropFile(folder, len(ids), side) as file:
        for done, outcome in enumerate(outcomes, start=1):
            if isinstance(outcome, CutFaces):
                rows = [row_of[face] for face in there[outcome.path].faces]
                file.write(rows, sized(outcome.crops, side))
                is_cut[rows] = True
            else:
                lost += 1
            control.report(STAGE, done, len(there))
    control.checkpoint()
    return Uncut(np.flatnonzero(~is_cut), lost)


def _on_undrawn(found: LibraryFaces) -> str:
    kept = int(np.sum(found.person < 0))
    return tr(
        "Of {all} faces of nobody named, {kept} take part, drawn at random; to cut out more would "
        "take long and change little.",
        all=thousands(found.undrawn + kept),
        kept=thousands(kept),
    )
