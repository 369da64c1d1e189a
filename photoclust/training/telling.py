"""What a run tells a person: the parts of its report, put together from what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photoclust.core.arrays import Vectors
from photoclust.training.changes import changed_pairs
from photoclust.training.curves import Curve, Panel, set_curves
from photoclust.training.faces import Rows, RunFaces
from photoclust.training.gate import Sets
from photoclust.training.report import Examples, SetReport

TRAINED, HELD_OUT, STRANGERS = "trained", "held_out", "strangers"
TITLES = {
    TRAINED: "People it was trained on",
    HELD_OUT: "People kept out of training",
    STRANGERS: "Strangers",
}
_PANELS = {
    "loss": "Loss",
    "active": "Triplets that still cost anything",
    "spread": "Mean squared distance of two faces",
    "val": "Recognised at 1 in 1,000 mixed up, on faces watched",
}


@dataclass(frozen=True, slots=True)
class NamedHistory:
    """The looks of one training, and what it is called."""

    name: str
    looks: Sequence[Mapping[str, float]]


def set_rows(faces: RunFaces) -> dict[str, Rows]:
    """The faces that are compared, by the set they are in."""
    return {TRAINED: faces.test, HELD_OUT: faces.held_out, STRANGERS: faces.strangers}


def set_reports(
    faces: RunFaces, vectors: Mapping[str, Vectors], sets: Sets
) -> tuple[SetReport, ...]:
    """What is told of the sets that were compared; `vectors` are the new ones of each."""
    compared = {
        TRAINED: sets.trained,
        HELD_OUT: sets.held_out,
        STRANGERS: sets.strangers,
    }
    rows = set_rows(faces)
    return tuple(
        SetReport(
            TITLES[name],
            comparison,
            set_curves(faces.in_use[rows[name]], vectors[name], faces.person[rows[name]]),
        )
        for name, comparison in compared.items()
        if comparison is not None
    )


def panels(histories: Sequence[NamedHistory]) -> tuple[Panel, ...]:
    """The curves of all trainings; figures that none of them measured are left out."""
    found = []
    for key, title in _PANELS.items():
        curves = [_curve(history, key) for history in histories]
        if any(np.isfinite(curve.values).any() for curve in curves):
            found.append(Panel(title, tuple(curves)))
    return tuple(found)


def examples(faces: RunFaces, new: Vectors, names: Sequence[str]) -> Examples | None:
    """Pairs of the trained people's other photos that changed, where there are pixels to show;
    `names` are those of all people by number.
    """
    if faces.crops is None:
        return None
    rows, people = faces.test, faces.person[faces.test]
    changed = changed_pairs(faces.in_use[rows], new, people)
    crops = np.ascontiguousarray(faces.crops[rows])
    return Examples(changed, crops, tuple(names[person] for person in people.tolist()))


def _curve(history: NamedHistory, key: str) -> Curve:
    steps = np.array([look["step"] for look in history.looks], np.float64)
    values = np.array([look.get(key, np.nan) for look in history.looks], np.float64)
    return Curve(history.name, steps, values)
