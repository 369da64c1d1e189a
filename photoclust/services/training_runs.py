"""The trainings of a library, running, cut off and done: what came of them, to be looked at again.

A run lies in a folder of its own (`training.run_folder`); nothing here writes to one or loads
torch.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from photoclust.core.errors import UserError
from photoclust.core.language import marked, tr
from photoclust.core.paths import OWN_MODELS, TRAINING
from photoclust.core.settings import Settings
from photoclust.services import embedding_model
from photoclust.store.database import Library
from photoclust.training import failures, gate
from photoclust.training.options import Kind, Mining
from photoclust.training.run_folder import (
    REPORT,
    read_curve,
    read_failure,
    read_request,
    read_result,
)

SETS = {
    "trained": marked("People trained on, other photos"),
    "held_out": marked("People kept out of training"),
    "strangers": marked("Strangers"),
}
"""The sets of faces that two models are compared on, and what they are called."""
_FARS = {"0.001": marked("1 in 1,000"), "0.0001": marked("1 in 10,000")}
_REPORT_FILE = "report.html"
_PICTURES = {
    "roc": marked("{people}: recognised, by how many are mixed up"),
    "distances": marked("{people}: distances of pairs"),
}
Look = Mapping[str, float]


class RunState(StrEnum):
    """What became of a run; one that is UNFINISHED can be gone on with, or runs now, and one that
    FAILED can be tried again.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNFINISHED = "unfinished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the comparison of two models: which faces (`title`), how many pairs of different
    people are taken for one (`mixed_up`, in words), and the share of pairs of one person that is
    recognised then, from 0 to 1.
    """

    title: str
    mixed_up: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Run:
    """A training of a library: its `folder`, when it was prepared (UTC; None where its name does
    not tell) and what was trained (None where that cannot be read).

    Of one that failed: the `reason`. Of one that is done: the verdict's, the `figures` of old and
    new model, and where it was accepted the id of the `model`, as long as the library has it.
    """

    folder: Path
    begun: datetime | None
    recipe: Kind | None
    state: RunState
    reason: str = ""
    figures: tuple[Figure, ...] = ()
    model: str | None = None

    @property
    def gain(self) -> float | None:
        """By how much more of the trained people's pairs are recognised at the first false accept
        rate, from -1 to 1; None of a run that is not done.
        """
        first = next(iter(self.figures), None)
        return None if first is None else first.after - first.before

    @property
    def report(self) -> Path | None:
        """The page of the report, where there is one."""
        path = self.folder / REPORT / _REPORT_FILE
        return path if path.exists() else None

    def pictures(self, look: str) -> list[tuple[str, Path]]:
        """The report's plots, `light` or `dark`: what each shows, and its file."""
        titles = list(dict.fromkeys(figure.title for figure in self.figures))
        named = [
            (tr(what, people=title), f"{name}-{place}")
            for place, title in enumerate(titles)
            for name, what in _PICTURES.items()
        ]
        named.append((tr("The training: figures over its steps"), "training"))
        found = [(title, self.folder / REPORT / f"{name}-{look}.png") for title, name in named]
        return [(title, path) for title, path in found if path.exists()]


def runs(library: Library) -> list[Run]:
    """All trainings of `library`, the latest first."""
    place = library.folder / TRAINING
    folders = (path for path in place.glob("[0-9]*-*") if path.is_dir())
    return [run(path) for path in sorted(folders, reverse=True)]


def run(folder: Path) -> Run:
    """The training in `folder`, as far as it can be read."""
    try:
        recipe = read_request(folder).options.recipe
    except UserError:
        recipe = None
    unfinished = Run(folder, _begun(folder.name), recipe, RunState.UNFINISHED)
    if (failure := read_failure(folder)) is not None:
        unfinished = replace(unfinished, state=RunState.FAILED, reason=failures.said(failure))
    result = read_result(folder)
    if result is None:
        return unfinished
    try:
        accepted, model = bool(result["accepted"]), str(result["model"])
        there = (folder.parents[1] / OWN_MODELS / model).is_dir()
        return replace(
            unfinished,
            state=RunState.ACCEPTED if accepted else RunState.REFUSED,
            reason=gate.said(str(result["reason"])),
            figures=figures(result),
            model=model if accepted and there else None,
        )
    except (KeyError, TypeError, AttributeError):
        return unfinished  # what cannot be read is computed anew by going on


def figures(result: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The old and the new model beside one another, from what a run came to; sets that were not
    measured are left out.
    """
    return tuple(
        Figure(
            tr(title),
            tr(told),
            result["before"][name]["val_at_far"][far],
            result["after"][name]["val_at_far"][far],
        )
        for name, title in SETS.items()
        if result["before"].get(name) is not None
        for far, told in _FARS.items()
    )


def curves(folder: Path) -> dict[str, Sequence[Look]]:
    """What was measured so far in the run in `folder`, also while it goes on: the looks of each way
    of mining that has begun.
    """
    found = {mining.value: read_curve(folder / mining.value) for mining in Mining}
    return {name: looks for name, looks in found.items() if looks}


def discard(library: Library, folder: Path) -> None:
    """Delete the run in `folder` and the model that came of it.

    Raises UserError when the library uses the model, cannot be written, or something cannot be
    deleted.
    """
    library.require_writable()
    if folder.parent != library.folder / TRAINING:
        raise UserError(
            tr(
                "{folder} is no training of the library {library}",
                folder=folder,
                library=library.folder,
            )
        )
    model = run(folder).model
    if model is not None and model == embedding_model.current_model(library, Settings()):
        raise UserError(
            tr(
                "the library uses {model}; photoclust model use facenet-vggface2 goes back to the "
                "bundled model",
                model=model,
            )
        )
    try:
        # The model first: without its run, nobody would find it here any more.
        if model is not None:
            shutil.rmtree(library.folder / OWN_MODELS / model)
        shutil.rmtree(folder)
    except OSError as error:
        raise UserError(
            tr(
                "{path} cannot be deleted ({reason}); close what has it open and try again",
                path=error.filename,
                reason=error.strerror,
            )
        ) from error


def _begun(name: str) -> datetime | None:
    try:
        return datetime.strptime(name.rpartition("-")[0], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
