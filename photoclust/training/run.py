"""One training from its folder to a verdict: train, compare, decide, write model and report.

Runs in a process of its own, reads nothing but the run's folder and the bundled model, and goes on
where it was killed.
"""

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from photoclust.core.arrays import Vectors
from photoclust.core.language import marked
from photoclust.core.paths import make_private_folder, private
from photoclust.core.progress import JobControl
from photoclust.training import candidate, recipes, verification_study, views
from photoclust.training.checkpoints import Checkpoint
from photoclust.training.comparison import Comparison, compare
from photoclust.training.faces import Rows, RunFaces
from photoclust.training.gate import Rule, Sets, decide
from photoclust.training.harmonic import HarmonicPairs
from photoclust.training.loop import Loop, Trained
from photoclust.training.objectives import build_objective
from photoclust.training.options import Kind, LossName, Mining, Options, Plan, plan_for
from photoclust.training.recipes import Recipe
from photoclust.training.report import Report, write_report
from photoclust.training.run_folder import (
    CHECK_FILE,
    MODEL,
    REPORT,
    RESULT_FILE,
    Curve,
    cannot_write,
    read_request,
    write_json,
)
from photoclust.training.telling import (
    HELD_OUT,
    STRANGERS,
    TRAINED,
    NamedHistory,
    examples,
    panels,
    set_reports,
    set_rows,
)

_CHECKED = 16
HEAD = "head"
"""In the folder of a training of blocks: the training of the head that it goes on from."""
COMPARING_STAGE = marked("Comparing the new model with the one in use")
_IN_ERRORS = {
    TRAINED: "the trained people's other photos",
    HELD_OUT: "the people who were held out",
    STRANGERS: "the strangers",
}


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """A training by one way of mining, and how it went."""

    mining: Mining
    recipe: Recipe
    trained: Trained


def run(folder: Path, *, control: JobControl) -> dict[str, Any]:
    """Do what the run in `folder` was asked, and say what came of it, as `result.json` does.

    Raises UserError when it cannot be done, such as TrainingCollapsedError and
    TrainingDivergedError; CancelledError when cancelled.
    """
    start = time.monotonic()
    request = read_request(folder)
    torch.set_num_threads(_threads(request.options))
    faces = RunFaces.load(folder)
    options = request.options
    if options.loss is LossName.VERIFICATION:
        return _study(folder, faces, options, control)
    plan = plan_for(options)
    attempts = [
        _train(folder / mining.value, options.only(mining), plan, faces, control)
        for mining in options.mining
    ]
    best = max(attempts, key=lambda attempt: _watched_val(attempt.trained))
    trained_s = time.monotonic() - start
    control.report(COMPARING_STAGE, 0, None)
    vectors = _new_vectors(best.recipe, faces, control)
    sets = _compare(faces, vectors, options.seed, control)
    verdict = decide(sets, Rule(without_strangers=request.without_strangers))
    pairs = None
    if options.harmonic:
        people = faces.person[faces.test]
        pairs = HarmonicPairs.of(faces.vectors[faces.test], vectors[TRAINED], people)
    _clear(folder / MODEL)
    model = make_private_folder(folder / MODEL)
    written = candidate.write(best.recipe, model, request, faces, vectors=vectors, sets=sets)
    checked = faces.test[:_CHECKED]
    _write_check(folder / CHECK_FILE, checked, best.recipe.trainee.embed(checked, control))
    result = {
        "run": folder.name,
        "recipe": options.recipe.value,
        "loss": options.loss.value,
        "mining": best.mining.value,
        "steps": best.trained.steps,
        "seconds": round(trained_s, 2),
        "before": _side(sets, "before"),
        "after": _side(sets, "after"),
        "sets": sets.as_json(),
        "accepted": verdict.accepted,
        "reason": verdict.reason,
        "model": written,
    }
    if pairs is not None:
        result["harmonic"] = pairs.as_json()
    _clear(folder / REPORT)
    write_report(
        folder / REPORT,
        Report(
            verdict,
            set_reports(faces, vectors, sets),
            panels([NamedHistory(each.mining.value, each.trained.history) for each in attempts]),
            None if pairs is None else pairs.curves(),
            examples(faces, vectors[TRAINED], request.names),
        ),
    )
    write_json(folder / RESULT_FILE, result)
    (folder / views.FILE).unlink(missing_ok=True)
    return result


def _study(folder: Path, faces: RunFaces, options: Options, control: JobControl) -> dict[str, Any]:
    """What a verification head is worth; no model comes of it."""
    start = time.monotonic()
    before, after = verification_study.study(faces, options, control)
    result = {
        "run": folder.name,
        "recipe": options.recipe.value,
        "loss": options.loss.value,
        "steps": verification_study.STEPS,
        "seconds": round(time.monotonic() - start, 2),
        "before": {name: figures.as_json() for name, figures in before.items()},
        "after": {name: figures.as_json() for name, figures in after.items()},
        "accepted": False,
        "reason": marked(
            "A verification head compares two faces and gives no vectors: it can be measured "
            "beside the cosine (before), but not be used by a library."
        ),
        "model": None,
    }
    write_json(folder / RESULT_FILE, result)
    return result


def _threads(options: Options) -> int:
    """Its matrices are too small to share: two threads are hardly faster, and where other programs
    want the processor too, each waits for the other (0.08 and 0.59 s of processor time a step).
    """
    return 1 if options.recipe is Kind.HEAD else os.cpu_count() or 1


def _train(
    folder: Path, options: Options, plan: Plan, faces: RunFaces, control: JobControl
) -> Attempt:
    """Train by one way of mining, in a folder of its own."""
    adapter = None
    if options.recipe is Kind.BLOCKS and options.dimension is None:
        head = replace(options, recipe=Kind.HEAD, epochs=None, learning_rate=None)
        adapter = _train(folder / HEAD, head, plan_for(head), faces, control).recipe.adapter
    generator = torch.Generator().manual_seed(options.seed)
    recipe = recipes.prepare(
        options, plan, faces, generator, control, kept=folder.parent, adapter=adapter
    )
    objective = build_objective(
        options,
        size=recipe.trainee.size,
        people=int(faces.labels.max()) + 1,
        generator=generator,
    )
    curve = Curve(folder)
    kept = Checkpoint.load(folder)
    curve.restart([] if kept is None else kept.history)
    loop = Loop(recipe.trainee, objective, faces, options, plan, generator, folder, curve.add)
    return Attempt(options.mining[0], recipe, loop.run(control))


def _watched_val(trained: Trained) -> float:
    """The best VAL on watched faces; -1 where none were watched, and the first attempt counts."""
    return max((look["val"] for look in trained.history if "val" in look), default=-1.0)


def _new_vectors(recipe: Recipe, faces: RunFaces, control: JobControl) -> dict[str, Vectors]:
    """Of the faces of each set."""
    return {name: recipe.trainee.embed(rows, control) for name, rows in set_rows(faces).items()}


def _compare(
    faces: RunFaces, vectors: Mapping[str, Vectors], seed: int, control: JobControl
) -> Sets:
    """Old against new on all sets that say something."""

    def one(name: str, rows: Rows) -> Comparison | None:
        people = faces.person[rows]
        if name != TRAINED and not _measurable(people):
            return None
        return compare(
            faces.in_use[rows],
            vectors[name],
            people,
            what=_IN_ERRORS[name],
            generator=np.random.default_rng([seed, len(rows)]),
            control=control,
        )

    compared = {name: one(name, rows) for name, rows in set_rows(faces).items()}
    trained = compared[TRAINED]
    assert trained is not None
    return Sets(trained, compared[HELD_OUT], compared[STRANGERS])


def _side(sets: Sets, side: str) -> dict[str, Any]:
    """The figures of all sets, `before` or `after`; None for a set that is missing."""
    return {
        name: None if compared is None else getattr(compared, side).as_json()
        for name, compared in (
            (TRAINED, sets.trained),
            (HELD_OUT, sets.held_out),
            (STRANGERS, sets.strangers),
        )
    }


def _write_check(path: Path, rows: Rows, vectors: Vectors) -> None:
    """Keep the new `vectors` of some faces, for whoever runs the model elsewhere."""
    try:
        with open(path, "wb", opener=private) as file:
            np.savez(file, rows=rows, vectors=vectors)
    except OSError as error:
        raise cannot_write(path, error) from error


def _measurable(people: Rows) -> bool:
    """Whether there are two people, and two faces of one."""
    counts = np.unique(people[people >= 0], return_counts=True)[1]
    return len(counts) > 1 and bool((counts > 1).any())


def _clear(folder: Path) -> None:
    """Remove what a run that was killed has left there."""
    if folder.exists():
        shutil.rmtree(folder)
