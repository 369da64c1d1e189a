"""The commands about models: `model`."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoclust import console
from photoclust.cli_options import (
    JsonOption,
    LibraryOption,
    OnBatteryOption,
    WorkersOption,
    library_folder,
    one_of,
    open_library,
    read_settings,
)
from photoclust.core import paths
from photoclust.core.errors import UserError

if TYPE_CHECKING:
    from photoclust.services.model_files import Listed
    from photoclust.services.reembedding import Reembedding
    from photoclust.services.switching import Outlook, Switched
    from photoclust.store.database import Library

model_app = typer.Typer(rich_markup_mode=None)
IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="See photoclust model list.", show_default=False)
]


@model_app.command("list")
def list_models(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the models, bundled and own ones: what they are for, and how many faces have a vector.

    A star marks the model that the library uses.
    """
    from photoclust.services import model_files, reports

    with _library_if_any(library) as opened:
        found = model_files.listed(opened, read_settings())
    if as_json:
        documents = reports.model_list([each.spec for each in found])
        console.print_document(
            [{**document, **_state(each)} for document, each in zip(documents, found, strict=True)]
        )
        return
    console.table(
        ("Model", "", "Kind", "Numbers", "Faces", "Accuracy", "Trained", "Licence", "MB", "Title"),
        [
            (
                each.spec.id,
                "*" if each.current else "",
                each.spec.kind.value,
                each.spec.dimension or "",
                each.faces or "",
                _accuracy(each),
                _trained(each),
                each.spec.licence,
                f"{each.spec.total_bytes / 1e6:.1f}",
                each.spec.title,
            )
            for each in found
        ],
    )


@model_app.command("verify")
def verify_models(
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="ID", help="Only this one.", show_default="all"),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that every model file is the one that was released, or imported."""
    from photoclust.services import reports
    from photoclust.vision import models, own_models

    own = library_folder(library) / paths.OWN_MODELS
    known = [*(spec.id for spec in models.list_models()), *own_models.names(own)]
    wanted = known if model is None else [one_of(model, known, "--model")]
    checks = reports.model_check([models.model_spec(model_id, own) for model_id in wanted])
    if as_json:
        console.print_document(checks)
    else:
        console.table(
            ("Model", "File", "Check"),
            [(check["model"], check["file"], check["reason"] or "ok") for check in checks],
        )
    if not all(check["ok"] for check in checks):
        raise typer.Exit(1)


@model_app.command()
def use(
    model: IdArgument,
    workers: WorkersOption = None,
    on_battery: OnBatteryOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the library use another model. Names stay; faces are grouped and recognised anew.

    It can be stopped at any time, and goes on where it was; the model changes at the end.
    """
    from photoclust.services import switching

    settings = read_settings(on_battery=on_battery)
    with open_library(library) as opened:
        expected = switching.outlook(opened, model, settings)
        if not as_json:
            _say_outlook(expected)
        with console.job(settings.on_battery) as control:
            done = switching.use(opened, model, settings, workers=workers, control=control)
    if as_json:
        console.print_document(_switched(done))
    else:
        _say_switched(done)


@model_app.command("export")
def export(
    model: IdArgument,
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="The zip to write.", show_default=False)
    ],
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE where it exists.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a model to one file, to take it to another library."""
    from photoclust.services import model_files
    from photoclust.vision import models

    spec = models.model_spec(model, library_folder(library) / paths.OWN_MODELS)
    size = model_files.export(spec, target, force=force)
    if as_json:
        console.print_document({"model": spec.id, "file": str(target), "bytes": size})
        return
    console.say(f"The model {spec.id} is in {target} ({size / 1e6:,.1f} MB).")
    if spec.folder is not None:
        console.say(
            "If it was trained on faces, it holds biometric information: whoever has it can find "
            "out whether it knows a face. Give it to nobody whom these people would not trust."
        )


@model_app.command("import")
def import_(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="What photoclust model export wrote, or a checkpoint of facenet-pytorch (.pt).",
            show_default=False,
        ),
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a model into the library. It is checked and tried out, and not used yet."""
    from photoclust.services import model_files, reports

    with open_library(library) as opened, console.job() as control:
        spec = model_files.import_file(opened, source, control=control)
    if as_json:
        (document,) = reports.model_list([spec])
        console.print_document(document)
        return
    console.say(f"The model {spec.id} is there: {spec.title}.")
    if "pair" not in spec.calibration:
        console.say(
            "Nobody knows what its cosines are worth; people are grouped and recognised by how "
            "much more alike they are than strangers in your photos."
        )
    console.say_next(f"model use {spec.id}", library)


@model_app.command()
def remove(
    model: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete an own model and its vectors, or the vectors of a bundled one that is not used."""
    from photoclust.services import model_files

    settings = read_settings()
    with open_library(library) as opened:
        if not yes:
            found = {str(each.spec.id): each for each in model_files.listed(opened, settings)}
            faces = found[model].faces if model in found else 0
            console.note(
                f"{console.count(faces, 'vector')} of {model} would go, and its files where it is "
                "an own model; only an export or a backup brings them back."
            )
            if not typer.confirm("Go on?", default=False, err=True):
                raise UserError("nothing was removed; answer y, or say --yes")
        done = model_files.remove(opened, model, settings)
    if as_json:
        console.print_document({"model": done.model, "vectors": done.vectors, "files": done.files})
        return
    what = "The model" if done.files else "Of the model"
    vectors = console.count(done.vectors, "vector")
    console.say(f"{what} {done.model} {'and ' if done.files else ''}{vectors} are gone.")


@contextlib.contextmanager
def _library_if_any(library: Path | None) -> "Iterator[Library | None]":
    """The library to look at, None where there is none and none was named."""
    if library is None and not (library_folder(None) / paths.LIBRARY_FILE).exists():
        yield None
        return
    with open_library(library, look=True) as opened:
        yield opened


def _state(each: "Listed") -> dict[str, Any]:
    spec = each.spec
    return {
        "own": spec.folder is not None,
        "current": each.current,
        "faces": each.faces,
        "engines": dict(each.engines),
        "trained": dict(spec.trained) or None,
        "head_of": None if spec.head is None else spec.head.of,
        "comparable_with": spec.comparable_with,
    }


def _accuracy(each: "Listed") -> str:
    value = each.spec.accuracy.get("pair_accuracy")
    return console.percent(value) if isinstance(value, float) else ""


def _trained(each: "Listed") -> str:
    trained = each.spec.trained
    people = trained.get("people")
    when = str(trained.get("when", ""))[:10]
    who = console.count(people, "person", "people") if isinstance(people, int) else ""
    return ", ".join(filter(None, (when, who)))


def _say_outlook(expected: "Outlook") -> None:
    if expected.model == expected.before:
        console.note(f"The library uses {expected.model} already.")
    faces = console.count(expected.lacking, "face")
    if not expected.lacking:
        console.note(f"All faces have vectors of {expected.model}.")
    elif expected.quick:
        console.note(f"{faces} get a vector of {expected.model} from the one they have.")
    elif expected.harmonic and expected.model != expected.before:
        console.note(
            f"{faces} go on with the vector they have, which may be compared with those of "
            f"{expected.model}; the next scans replace it."
        )
    else:
        console.note(f"{faces} are looked at again; {expected.before} serves until that is done.")


def _say_switched(done: "Switched") -> None:
    again = done.reembedding
    for failure in again.failed:
        console.note(f"{failure.path}: {failure.reason}")
    new = again.converted + again.embedded
    if new:
        console.say(f"{console.count(new, 'face')} got a vector of {done.model}.")
    if again.waiting:
        faces = console.count(again.waiting, "face")
        console.say(f"{faces} have none yet; the next scan looks at those that are there.")
    if done.entry is None:
        return
    console.say(
        f"The library uses {done.model} now; photoclust undo {done.entry} goes back to "
        f"{done.before}, whose vectors stay until photoclust model remove {done.before}."
    )
    if done.regrouped is not None:
        for line in done.regrouped.difference.lines():
            console.say(line)
        if done.regrouped.back is not None:
            console.say(
                f"Grouped anew; photoclust group --apply {done.regrouped.back} brings the groups "
                "from before back."
            )
    if done.recognition is not None:
        faces = console.count(done.recognition.named, "face")
        console.say(f"{faces} named automatically.")


def _switched(done: "Switched") -> dict[str, Any]:
    return {
        "model": done.model,
        "before": done.before,
        "entry": done.entry,
        "reembedding": _reembedding(done.reembedding),
        "moved": None if done.regrouped is None else len(done.regrouped.difference.faces),
        "back": None if done.regrouped is None else done.regrouped.back,
        "named": None if done.recognition is None else done.recognition.named,
    }


def _reembedding(again: "Reembedding") -> dict[str, Any]:
    return {
        "converted": again.converted,
        "embedded": again.embedded,
        "waiting": again.waiting,
        "failed": [
            {"path": str(failure.path), "reason": failure.reason} for failure in again.failed
        ],
        "seconds": round(again.seconds, 3),
    }
