"""The report of a training: one private folder with a page and the pictures it shows.

What it says is put together here; `page` words it and `plots` draws it. It shows faces, so nobody
but the owner can read it.
"""

import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from photoclust.core.errors import InternalError, UserError
from photoclust.core.paths import make_private_folder
from photoclust.training import page, plots
from photoclust.training.changes import Changed
from photoclust.training.comparison import Comparison
from photoclust.training.curves import Harmonic, Panel, SetCurves
from photoclust.training.gate import Verdict

REPORT_FILE = "report.html"
TITLE = "Training report"
_FACE = "face-{row}.png"


@dataclass(frozen=True, slots=True, eq=False)
class SetReport:
    """A set of faces that was compared: `name` for a user, such as "Strangers"."""

    name: str
    comparison: Comparison
    curves: SetCurves


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Pairs that changed, with the `crops` [N, side, side, 3] uint8 RGB and `names` [N] of the
    faces whose rows they name.
    """

    changed: tuple[Changed, ...]
    crops: NDArray[np.uint8]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.crops) != len(self.names):
            raise InternalError("the examples have not one name for each crop")

    @property
    def rows(self) -> list[int]:
        """The faces that are shown."""
        pairs = [pair for each in self.changed for pair in each.largest]
        return sorted({row for pair in pairs for row in (pair.one, pair.other)})


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What a report tells; parts that there are none of are left out."""

    verdict: Verdict
    sets: tuple[SetReport, ...]
    training: tuple[Panel, ...] = ()
    harmonic: Harmonic | None = None
    examples: Examples | None = None


def write_report(folder: Path, report: Report) -> Path:
    """Write `report` into `folder`, which is made where it is missing and else is empty; the path
    of its page.

    Only the owner can read the folder (mode 0700) and the files (0600). Raises UserError when the
    folder holds something or cannot be written.
    """
    make_private_folder(folder)
    try:
        if next(folder.iterdir(), None) is not None:
            raise UserError(f"{folder} is not empty; choose a new folder for the report")
        for name, drawn in _plots(report):
            for look in plots.LOOKS:
                _write(folder / f"{name}-{look.name}.png", plots.png(drawn(look)))
        if report.examples is not None:
            for row in report.examples.rows:
                _write(folder / _FACE.format(row=row), _face(report.examples.crops[row]))
        # The page comes last: where there is one, all it shows is there.
        path = folder / REPORT_FILE
        _write(path, page.page(TITLE, report.verdict, _parts(report)).encode())
    except OSError as error:
        raise UserError(
            f"cannot write the report into {folder} ({error.strerror or 'unknown error'}); check"
            " the space left and the folder's permissions"
        ) from error
    return path


def _plots(report: Report) -> Iterable[tuple[str, Callable[[plots.Look], Figure]]]:
    for place, one in enumerate(report.sets):
        yield f"roc-{place}", partial(plots.roc_plot, one.curves)
        yield f"distances-{place}", partial(plots.distances_plot, one.curves)
    if report.training:
        yield "training", partial(plots.training_plot, report.training)
    if report.harmonic is not None:
        yield "harmonic", partial(plots.harmonic_plot, report.harmonic)


def _parts(report: Report) -> Iterable[str]:
    if report.sets:
        yield page.section(
            "What it rests on",
            page.paragraph(
                "Recognised: of all pairs of photos of one person, the share that the model sees as"
                " one person, when it takes one in 1,000 pairs of different people for one. None of"
                " these photos was trained on."
            ),
            page.summary([(one.name, one.comparison) for one in report.sets]),
        )
    if report.examples is not None:
        examples = report.examples
        yield page.section(
            "Examples that changed",
            page.paragraph("Pairs of faces that both models judge differently, the most changed."),
            *(page.examples(each, examples.names, _FACE) for each in examples.changed),
        )
    for place, one in enumerate(report.sets):
        yield page.section(
            f"{one.name}: all figures",
            page.figures_table(one.comparison),
            page.plots(
                page.plot(f"roc-{place}", "How many are recognised, by how many are mixed up."),
                page.plot(
                    f"distances-{place}",
                    "Distances of pairs: the less the two overlap, the better.",
                ),
            ),
        )
    if report.training:
        yield page.section("The training", page.plot("training", "Figures over its steps."))
    if report.harmonic is not None:
        yield page.section(
            "Old and new vectors together",
            page.plot("harmonic", "How well vectors of the new model meet those of the old one."),
        )


def _face(crop: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "PNG")
    return buffer.getvalue()


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
