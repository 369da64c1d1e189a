"""The commands about training: an own model from photos of people one knows."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoclust import console
from photoclust.cli_options import (
    JsonOption,
    LibraryOption,
    OnBatteryOption,
    one_of,
    open_library,
    read_settings,
)
from photoclust.core.errors import CancelledError, UserError

if TYPE_CHECKING:
    from photoclust.services.training import Prepared
    from photoclust.services.training_runs import Run
    from photoclust.training.options import Options


def _folder(name: str, says: str) -> Any:
    return typer.Option(name, metavar="DIR", help=says)


def train(  # noqa: PLR0917 - one for each option of the command
    images: Annotated[
        Path | None,
        _folder("--images", "One folder of photos per person, instead of the library's people."),
    ] = None,
    test: Annotated[
        Path | None, _folder("--test", "Other photos of the same people, to measure on.")
    ] = None,
    unlabelled: Annotated[
        Path | None, _folder("--unlabelled", "Photos of anybody, to hold the embedding by.")
    ] = None,
    strangers: Annotated[
        Path | None, _folder("--strangers", "Folders of other people, to see whether they suffer.")
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option(
            "--person",
            metavar="ID",
            help="Without --images: a person of the library (p7); again for each.",
            show_default="everybody with a name",
        ),
    ] = None,
    recipe: Annotated[
        str,
        typer.Option(
            "--recipe",
            metavar="head|blocks|full|scratch",
            help="What is trained: a head (seconds), the last blocks (minutes), all, or anew.",
        ),
    ] = "head",
    loss: Annotated[
        str,
        typer.Option(
            "--loss",
            metavar="triplet|contrastive|deepid2|softmax-triplet|arcface|verification",
            help="What is made small.",
        ),
    ] = "triplet",
    mining: Annotated[
        list[str] | None,
        typer.Option(
            "--mining",
            metavar="semi-hard|hardest|violating|random|batch-hard|curriculum",
            help="Which triplets; say it several times to compare, the best is kept.",
            show_default="semi-hard",
        ),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            "--backbone",
            metavar="inception_resnet_v1|nn1|nn2|small",
            help="The network.",
            show_default="that of the bundled model; from scratch: small",
        ),
    ] = None,
    align: Annotated[
        bool,
        typer.Option(
            "--align", help="With --loss verification: align the faces by eyes, nose and mouth."
        ),
    ] = False,
    harmonic: Annotated[
        bool,
        typer.Option(
            "--harmonic", help="New vectors that can be compared with the old ones (FaceNet §7)."
        ),
    ] = False,
    epochs: Annotated[
        float | None,
        typer.Option("--epochs", help="How often each face is seen.", show_default="by recipe"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same model.")] = 0,
    optimizer: Annotated[
        str | None,
        typer.Option(
            "--optimizer",
            metavar="adamw|adagrad|sgd",
            help="How steps are taken.",
            show_default="by recipe",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option("--learning-rate", help="The largest step.", show_default="by recipe"),
    ] = None,
    dimension: Annotated[
        int | None,
        typer.Option("--dimension", help="Numbers a face.", show_default="as the network has"),
    ] = None,
    without_doubtful: Annotated[
        bool,
        typer.Option(
            "--without-doubtful", help="Leave out photos that look as if in the wrong folder."
        ),
    ] = False,
    without_strangers: Annotated[
        bool,
        typer.Option(
            "--without-strangers",
            help="Accept a model though nothing shows that strangers do not suffer.",
        ),
    ] = False,
    on_battery: OnBatteryOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the face model on people you know, from the library or from folders.

    It is kept only if it is better for them and no worse for strangers. A training that was cut off
    goes on when the same command is given again.
    """
    from photoclust.core.types import PersonId
    from photoclust.services import training
    from photoclust.services.keys import parse_key
    from photoclust.training.options import Kind, LossName, Mining, OptimizerName, Options

    training.require_torch()
    options = Options(
        recipe=Kind(one_of(recipe, list(Kind), "--recipe")),
        loss=LossName(one_of(loss, list(LossName), "--loss")),
        mining=tuple(
            Mining(one_of(each, list(Mining), "--mining")) for each in mining or ["semi-hard"]
        ),
        backbone=backbone,
        harmonic=harmonic,
        align=align,
        seed=seed,
        epochs=epochs,
        optimizer=None
        if optimizer is None
        else OptimizerName(one_of(optimizer, list(OptimizerName), "--optimizer")),
        learning_rate=learning_rate,
        dimension=dimension,
    )
    people = tuple(PersonId(parse_key(key, "p")[1]) for key in person or ())
    settings = read_settings(on_battery=on_battery)
    with (
        open_library(library, create=images is not None) as opened,
        console.job(settings.on_battery) as control,
    ):
        asked = training.Asked(images, test, unlabelled, strangers, people)
        prepared = training.prepare(
            opened,
            asked,
            options,
            settings,
            without_doubtful=without_doubtful,
            without_strangers=without_strangers,
            control=control,
        )
        if not as_json:
            _tell_prepared(prepared, options, left_out=without_doubtful)
        try:
            result = training.run(opened, prepared.folder, control=control)
        except CancelledError:
            console.note("The same command goes on with this training.")
            raise
    if as_json:
        told = {"remarks": list(prepared.remarks), "doubtful": list(prepared.doubtful)}
        console.print_document({**result, **told})
    else:
        _tell(result, prepared.folder)


def _tell_prepared(prepared: "Prepared", options: "Options", *, left_out: bool) -> None:
    """What is trained with, how long that takes, and what looks wrong about it."""
    from photoclust.services.training_estimate import training_s

    if prepared.is_begun:
        why = "was cut off" if prepared.failure is None else f"failed: {prepared.failure}"
        console.say(f"Going on with the training {prepared.folder.name}, which {why}.")
    seconds = training_s(options, prepared.faces, prepared.unlabelled)
    people, faces = (
        console.count(prepared.people, "person", "people"),
        console.count(prepared.faces, "face"),
    )
    console.say(
        f"Training with {faces} of {people} and {console.count(prepared.unlabelled, 'face')} of "
        f"nobody named. This takes about {console.duration(seconds)}."
    )
    for remark in prepared.remarks:
        console.say(remark)
    if prepared.doubtful:
        console.say(
            f"{console.count(len(prepared.doubtful), 'photo')} "
            f"{'look' if len(prepared.doubtful) > 1 else 'looks'} as if of somebody else"
            + (", and left out:" if left_out else "; --without-doubtful leaves them out:")
        )
        for path in prepared.doubtful[:10]:
            console.say(f"  {path}")
        if len(prepared.doubtful) > 10:
            console.say(f"  and {len(prepared.doubtful) - 10} more")


def _tell(result: dict[str, Any], folder: Path) -> None:
    """What came of it."""
    from photoclust.services import training_runs

    rows, told = [], ""
    for figure in training_runs.figures(result):
        old, new = 100 * figure.before, 100 * figure.after
        first = "" if figure.title == told else figure.title
        told = figure.title
        shares = (f"{old:.2f} %", f"{new:.2f} %", f"{new - old:+.2f}")
        rows.append((first, figure.mixed_up, *shares))
    console.say(
        "Pairs of photos of one person that are recognised, by how many others are mixed up:"
    )
    console.table(("Faces", "Mixed up", "Before", "After", "Change"), rows)
    console.say(result["reason"])
    if not result["accepted"] and result["before"].get("strangers") is None:
        console.say(
            "To show what it does to strangers, say --strangers DIR with photos of other people, a "
            "folder each; --without-strangers does without."
        )
    report = folder / "report" / "report.html"
    if report.exists():
        console.say(f"The report is in {report}.")
    if result["accepted"]:
        console.say(f"photoclust model use {result['model']} lets the library use it.")


trainings_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@trainings_app.callback()
def trainings(
    context: typer.Context, library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """List the trainings of the library, the latest first, and what came of them."""
    if context.invoked_subcommand is not None:
        return
    from photoclust.services import training_runs

    with open_library(library, look=True) as opened:
        runs = training_runs.runs(opened)
    if as_json:
        console.print_document({"trainings": [_described(run) for run in runs]})
        return
    if not runs:
        console.say("There was no training yet: photoclust train begins one.")
        return
    rows = [
        (
            run.folder.name,
            "" if run.recipe is None else run.recipe.value,
            run.state.value,
            "" if run.gain is None else f"{100 * run.gain:+.2f}",
            run.model or "",
        )
        for run in runs
    ]
    console.table(("Training", "Recipe", "", "Gain", "Model"), rows)


@trainings_app.command("remove")
def remove(
    training: Annotated[
        str,
        typer.Argument(
            metavar="TRAINING", help="As photoclust trainings lists it.", show_default=False
        ),
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a training with its report, and the model that came of it."""
    from photoclust.services import training_runs

    with open_library(library) as opened:
        found = {run.folder.name: run for run in training_runs.runs(opened)}
        if training not in found:
            raise UserError(
                f"there is no training {training!r}; photoclust trainings lists what there is"
            )
        training_runs.discard(opened, found[training].folder)
    if as_json:
        console.print_document({"training": training, "model": found[training].model})
        return
    model = found[training].model
    console.say(f"{training} is gone{'' if model is None else f', and the model {model}'}.")


def _described(run: "Run") -> dict[str, Any]:
    report = run.report
    return {
        "training": run.folder.name,
        "recipe": None if run.recipe is None else run.recipe.value,
        "state": run.state.value,
        "reason": run.reason or None,
        "gain": run.gain,
        "model": run.model,
        "report": None if report is None else str(report),
    }
