"""The command line: one thin function per command, and no work of its own.

Everything heavy is imported inside the commands, so that `photoclust --help` is quick.
"""

# ruff: noqa: PLC0415 - see above

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import __version__, console
from photoclust.core import paths
from photoclust.core.errors import UserError
from photoclust.core.settings import Settings, load

if TYPE_CHECKING:
    from photoclust.core.types import Failure, Group
    from photoclust.services.grouping import GroupingReport
    from photoclust.services.ingest import ScanReport
    from photoclust.services.labelled import LabelledFaces
    from photoclust.store.database import Library

# No help screens drawn by rich: they take longer to load than most commands to run.
app = typer.Typer(
    cls=console.SafeGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
model_app = typer.Typer(rich_markup_mode=None)
evaluate_app = typer.Typer(rich_markup_mode=None)
app.add_typer(model_app, name="model", help="The face models that photoclust brings along.")
app.add_typer(evaluate_app, name="evaluate", help="Measure photoclust on people you know.")


def _print_version(asked: bool) -> None:
    if asked:
        console.say(f"photoclust {__version__}")
        raise typer.Exit


def _checked_key(kinds: str) -> Callable[[str | None], str | None]:
    """A check that an id looks like one; whether there is such a thing is for the command."""

    def check(key: str | None) -> str | None:
        if key is not None:
            from photoclust.services.naming import parse_key

            try:
                parse_key(key, kinds)
            except UserError as error:
                raise typer.BadParameter(str(error)) from error
        return key

    return check


LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="FOLDER", help="The library to use.", show_default="a private folder"
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output.")
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, help="Processes that read photos.", show_default="one a core, up to 4"
    ),
]
DetectorOption = Annotated[
    str | None,
    typer.Option(
        "--detector", metavar="centerface|mtcnn", help="What finds faces.", show_default="settings"
    ),
]
MethodOption = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="hdbscan|agglomerative",
        help="How faces are grouped.",
        show_default="settings",
    ),
]
ImagesOption = Annotated[
    Path,
    typer.Option("--images", metavar="DIR", help="A folder with one folder per person."),
]
TruthOption = Annotated[
    Path | None,
    typer.Option(
        "--truth",
        metavar="CSV",
        help="Whose face is where: image, person, x, y, w, h. All faces are then processed.",
    ),
]
FaceOption = Annotated[
    str,
    typer.Option(
        "--face",
        metavar="centre|largest",
        help="The face of a picture that is its person's, without --truth.",
    ),
]


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    library: LibraryOption = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Find, group and name the faces in your photos, on your own machine.

    Without a command, the window opens.
    """
    if context.invoked_subcommand is None:
        raise typer.Exit(_open_window(_folder(library), (), _settings()))
    if library is not None:
        raise typer.BadParameter("write it after the command", param_hint="--library")


@app.command()
def scan(
    roots: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Folders or files.", show_default=False)
    ],
    workers: WorkersOption = None,
    detector: DetectorOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the faces in photos. What is known and unchanged is passed over."""
    from photoclust.services import ingest, reports

    settings = _settings(detector=detector)
    with _open(library, create=True) as opened, console.job() as control:
        report = ingest.ingest(opened, roots, settings, workers=workers, control=control)
    if as_json:
        console.print_document(reports.scan(report))
        return
    _say_scan(report)
    if report.faces:
        console.say("Next: photoclust group")


@app.command()
def group(
    method: MethodOption = None, library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """Group the faces into people. Names that were given stay."""
    from photoclust.core.types import ModelId
    from photoclust.services import grouping, reports

    settings = _settings(method=method)
    with _open(library) as opened, console.job() as control:
        report = grouping.group(
            opened,
            method=settings.grouping_method,
            model=ModelId(settings.embedder),
            control=control,
        )
    if as_json:
        console.print_document(reports.grouping(report))
        return
    _say_grouping(report)
    console.say("Next: photoclust people")


@app.command()
def people(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List people and groups without a name."""
    from photoclust.services import browse, reports

    with _open(library) as opened:
        groups = browse.groups(opened)
    if as_json:
        console.print_document(reports.people(groups))
    else:
        _say_people(groups)


@app.command()
def faces(
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="ID",
            callback=_checked_key("pg"),
            help="Only those of this person (p7) or group (g31).",
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List faces, the best quality first."""
    from photoclust.services import browse, reports

    with _open(library) as opened:
        found = browse.faces(opened, person)
        if not found and person is not None:
            _require_group(person, browse.groups(opened))
    rows = reports.faces(found)
    if as_json:
        console.print_document(rows)
        return
    console.table(
        ("Face", "Person", "Group", "Quality", "Box (x, y, w, h in px)", "Photo"),
        [
            (
                row["face"],
                row["person"] or "–",
                row["cluster"] or "–",
                f"{row['quality']:.2f}",
                ", ".join(f"{value:.0f}" for value in row["box"]),
                row["photo"],
            )
            for row in rows
        ],
    )
    console.say(f"{console.count(len(rows), 'face')}.")


@app.command()
def name(
    key: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            callback=_checked_key("pgf"),
            help="A group (g31), a person (p7) or a face (f9).",
            show_default=False,
        ),
    ],
    new_name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    *,
    into: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="ID",
            callback=_checked_key("p"),
            help="The person of this name who is meant (p7).",
        ),
    ] = None,
    another: Annotated[
        bool, typer.Option("--new", help="Somebody else who has the same name.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name a group, a person or a single face."""
    from photoclust.core.types import PersonId
    from photoclust.services import browse, naming, reports

    if into is not None and another:
        raise typer.BadParameter("it contradicts --as", param_hint="--new")
    person = None if into is None else PersonId(naming.parse_key(into, "p")[1])
    with _open(library) as opened:
        named = naming.name(opened, key, new_name, into=person, another=another)
        result = _require_group(f"p{named.person}", browse.groups(opened))
    if as_json:
        console.print_document(reports.person(result))
        return
    faces_, photos = console.count(result.faces, "face"), console.count(result.photos, "photo")
    console.say(f"{result.key} is {result.name}: {faces_} in {photos}.")


@app.command()
def failures(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the files that could not be read, and why."""
    from photoclust.services import browse, reports

    with _open(library) as opened:
        failed = browse.failures(opened)
    if as_json:
        console.print_document(reports.failures(failed))
    elif failed:
        _say_failures(failed)
    else:
        console.say("Every file could be read.")


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Print what is found instead of opening the window.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what photoclust does on a small album that comes with it."""
    folder = library or paths.cache_folder() / "demo"
    album = paths.resource("demo", "album")
    settings = _settings()
    if not headless and not as_json:
        raise typer.Exit(_open_window(folder, (album,), settings))
    from photoclust.services import browse, reports
    from photoclust.services.session import scan_and_group

    with _open(folder, create=True) as opened, console.job() as control:
        report = scan_and_group(opened, [album], settings, control=control)
        groups, failed = browse.groups(opened), browse.failures(opened)
    if as_json:
        console.print_document(
            {
                "library": str(folder),
                "scan": reports.scan(report.scan),
                "group": reports.grouping(report.grouping),
                "people": reports.people(groups),
                "failures": reports.failures(failed),
            }
        )
        return
    _say_scan(report.scan)
    _say_grouping(report.grouping)
    _say_people(groups)
    _say_failures(failed)
    console.say(f"The library of the demo is in {folder}; delete the folder whenever you like.")


@model_app.command("list")
def list_models(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the models, what they are for, and where they come from."""
    from photoclust.services import reports
    from photoclust.vision import models

    del library  # models belong to the program; the option is there for every command
    specs = models.list_models()
    if as_json:
        console.print_document(reports.model_list(specs))
        return
    console.table(
        ("Model", "Kind", "Licence", "MB", "Title"),
        [
            (
                spec.id,
                spec.kind.value,
                spec.licence,
                f"{sum(file.size for file in spec.files) / 1e6:.1f}",
                spec.title,
            )
            for spec in specs
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
    """Check that every model file is the one that was released."""
    from photoclust.services import reports
    from photoclust.vision import models

    del library
    known = [spec.id for spec in models.list_models()]
    wanted = known if model is None else [_one_of(model, known, "--model")]
    checks = reports.model_check([models.model_spec(model_id) for model_id in wanted])
    if as_json:
        console.print_document(checks)
    else:
        console.table(
            ("Model", "File", "Check"),
            [(check["model"], check["file"], check["reason"] or "ok") for check in checks],
        )
    if not all(check["ok"] for check in checks):
        raise typer.Exit(1)


@evaluate_app.command()
def verification(
    *,
    images: ImagesOption,
    pairs: Annotated[
        Path | None,
        typer.Option(
            "--pairs",
            metavar="CSV",
            help="Pairs for the 10-fold accuracy: fold, same, image_a, image_b.",
        ),
    ] = None,
    face: FaceOption = "centre",
    truth: TruthOption = None,
    workers: WorkersOption = None,
    detector: DetectorOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well two pictures are told to show the same person."""
    from photoclust.services import evaluation, labelled, reports

    del library
    given = None if pairs is None else labelled.read_pairs(pairs)
    found = _labelled_faces(images, truth, face, _settings(detector=detector), workers)
    report = evaluation.verification(found, given)
    if as_json:
        console.print_document(reports.verification(report, found))
        return
    vals = [(f"VAL at FAR {far}", f"{value:.4f}") for far, value in report.val_at_far.items()]
    accuracy = "–"
    if report.accuracy is not None:
        accuracy = f"{report.accuracy:.4f} ± {report.accuracy_std:.4f}"
    console.table(
        ("Verification", ""),
        [
            ("pairs", f"{report.pairs:,}"),
            ("accuracy, 10-fold", accuracy),
            *vals,
            ("equal error rate", f"{report.eer:.4f}"),
            ("area under the ROC curve", f"{report.auc:.6f}"),
            ("faces missed", found.missed),
            (f"VAL at FAR 0.001, mean of {report.people} people", f"{report.person_val_mean:.4f}"),
            ("the same, worst tenth of them", f"{report.person_val_worst_decile:.4f}"),
        ],
    )


@evaluate_app.command()
def clustering(
    *,
    images: ImagesOption,
    method: MethodOption = None,
    face: FaceOption = "centre",
    truth: TruthOption = None,
    workers: WorkersOption = None,
    detector: DetectorOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well the groups are the people."""
    from photoclust.services import evaluation, reports

    del library
    settings = _settings(method=method, detector=detector)
    found = _labelled_faces(images, truth, face, settings, workers)
    with console.job() as control:
        report = evaluation.clustering(found, settings.grouping_method, control=control)
    if as_json:
        console.print_document(reports.clustering(report, found))
        return
    console.table(
        ("Clustering", "Precision", "Recall", "F"),
        [
            (title, f"{value.precision:.4f}", f"{value.recall:.4f}", f"{value.f:.4f}")
            for title, value in (("BCubed", report.bcubed), ("pairwise", report.pairwise))
        ],
    )
    people_ = console.count(report.people, "person", "people")
    console.say(
        f"{console.count(report.faces, 'face')} of {people_} in "
        f"{console.count(report.clusters, 'group')}; {report.unclustered:,} in no group, "
        f"{found.missed:,} missed; grouped in {report.seconds:.1f} s."
    )


def main() -> None:
    """Entry point of `photoclust` and `python -m photoclust`."""
    multiprocessing.freeze_support()
    app(prog_name="photoclust")


def _folder(library: Path | None) -> Path:
    return paths.default_library() if library is None else library


def _open(library: Path | None, *, create: bool = False) -> "Library":
    """The library; only a scan makes one, so that a mistyped folder is noticed."""
    from photoclust.store.database import FILE_NAME, Library

    folder = _folder(library)
    if not create and not (folder / FILE_NAME).exists():
        raise UserError(f"there is no library in {folder} yet; make it with photoclust scan FOLDER")
    return Library(folder)


def _settings(*, method: str | None = None, detector: str | None = None) -> Settings:
    """The user's settings with what the command line says instead; problems are told."""
    settings, problems = load(paths.settings_file())
    for problem in problems:
        console.note(f"Warning: {problem}")
    if method is not None:
        from photoclust.cluster import METHODS

        settings = replace(settings, grouping_method=_one_of(method, METHODS, "--method"))
    if detector is not None:
        from photoclust.core.types import ModelKind
        from photoclust.vision import models

        known = [spec.id for spec in models.list_models() if spec.kind is ModelKind.DETECTOR]
        settings = replace(settings, detector=_one_of(detector, known, "--detector"))
    return settings


def _one_of(value: str, allowed: Iterable[str], option: str) -> str:
    choices = list(allowed)
    if value not in choices:
        listed = ", ".join(choices)
        raise typer.BadParameter(f"{value!r} is none of {listed}", param_hint=option)
    return value


def _open_window(folder: Path, roots: Sequence[Path], settings: Settings) -> int:
    """Run the window until it is closed; gives its exit code."""
    on_a_screen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(map(os.environ.get, on_a_screen)):
        # Qt would abort the process.
        raise UserError(
            "there is no screen to open a window on; photoclust --help lists the commands that "
            "need none, photoclust demo --headless shows the demo"
        )
    from photoclust.gui.app import run

    return run(folder, folders_to_scan=tuple(roots), settings=settings)


def _labelled_faces(
    images: Path, truth: Path | None, face: str, settings: Settings, workers: int | None
) -> "LabelledFaces":
    from photoclust.services.labelled import FaceChoice, find_labelled_faces

    choice = FaceChoice(_one_of(face, [item.value for item in FaceChoice], "--face"))
    with console.job() as control:
        found = find_labelled_faces(
            images, settings, truth=truth, choice=choice, workers=workers, control=control
        )
    for failure in found.failed:
        console.note(f"{failure.path}: {failure.reason}")
    return found


def _require_group(key: str, groups: Sequence["Group"]) -> "Group":
    """The group with this id. Raises UserError when there is none."""
    for candidate in groups:
        if candidate.key == key.strip().lower():
            return candidate
    raise UserError(f"there is no {key}; photoclust people lists the ids")


def _say_scan(report: "ScanReport") -> None:
    if report.photos:
        photos, found = console.count(report.photos, "photo"), console.count(report.faces, "face")
        console.say(
            f"{photos} read in {console.duration(report.seconds)} "
            f"({report.photos_per_second:.1f}/s), {found} found; {report.unchanged:,} unchanged."
        )
    else:
        console.say(f"Nothing new; {console.count(report.unchanged, 'photo')} unchanged.")
    if report.failed:
        files = console.count(len(report.failed), "file")
        console.say(f"{files} could not be read: photoclust failures says why.")
    if report.placeholders:
        files = console.count(report.placeholders, "file")
        console.say(f"{files} left out that are in the cloud only.")


def _say_grouping(report: "GroupingReport") -> None:
    grouped = console.count(report.faces - report.unclustered, "face")
    console.say(
        f"{grouped} in {console.count(report.clusters, 'group')}; "
        f"{report.unclustered:,} in no group yet."
    )


def _say_people(groups: Sequence["Group"]) -> None:
    if not groups:
        console.say("No groups yet: photoclust scan finds faces, photoclust group groups them.")
        return
    console.table(
        ("Id", "Name", "Faces", "Photos"),
        [(group.key, group.name or "–", group.faces, group.photos) for group in groups],
    )


def _say_failures(failed: Sequence["Failure"]) -> None:
    console.table(("File", "Reason"), [(str(item.path), item.reason) for item in failed])
