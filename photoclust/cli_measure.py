"""The commands that look at photoclust itself: `model` and `evaluate`."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    DetectorOption,
    FaceOption,
    ImagesOption,
    JsonOption,
    LibraryOption,
    MethodOption,
    TruthOption,
    WorkersOption,
    one_of,
    read_settings,
)
from photoclust.core.settings import Settings

if TYPE_CHECKING:
    from photoclust.services.labelled import LabelledFaces

model_app = typer.Typer(rich_markup_mode=None)
evaluate_app = typer.Typer(rich_markup_mode=None)


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
    wanted = known if model is None else [one_of(model, known, "--model")]
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
    found = _labelled_faces(images, truth, face, read_settings(detector=detector), workers)
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
    constraints: Annotated[
        int,
        typer.Option(
            "--constraints",
            metavar="N",
            min=0,
            help="Group once more with N answers of a user who knows everybody.",
        ),
    ] = 0,
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
    settings = read_settings(method=method, detector=detector)
    found = _labelled_faces(images, truth, face, settings, workers)
    with console.job() as control:
        report = evaluation.clustering(
            found, settings.grouping_method, constraints=constraints, control=control
        )
    if as_json:
        console.print_document(reports.clustering(report, found))
        return
    scores = [("BCubed", report.bcubed), ("pairwise", report.pairwise)]
    if report.unconstrained is not None:
        without = report.unconstrained
        answers = console.count(report.constraints, "answer")
        scores = [(f"{title}, {answers}", value) for title, value in scores]
        scores = [("BCubed", without.bcubed), ("pairwise", without.pairwise), *scores]
    console.table(
        ("Clustering", "Precision", "Recall", "F"),
        [
            (title, f"{value.precision:.4f}", f"{value.recall:.4f}", f"{value.f:.4f}")
            for title, value in scores
        ],
    )
    people_ = console.count(report.people, "person", "people")
    wrong = console.count(report.provable_errors, "face")
    console.say(
        f"{console.count(report.faces, 'face')} of {people_} in "
        f"{console.count(report.clusters, 'group')}; {report.unclustered:,} in no group, "
        f"{found.missed:,} missed; {wrong} in one group with another of the same picture."
    )
    console.say(f"Grouped in {report.seconds:.1f} s with {report.peak_memory_mb:.0f} MB.")


@evaluate_app.command()
def recognition(
    *,
    images: ImagesOption,
    known: Annotated[
        float,
        typer.Option(
            "--known",
            metavar="FRACTION",
            min=0.01,
            max=0.99,
            help="The share of people who are known.",
        ),
    ] = 0.5,
    gallery: Annotated[
        int, typer.Option("--gallery", metavar="N", min=1, help="Confirmed faces a known person.")
    ] = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Which draw of them.")] = 0,
    precision: Annotated[
        float | None,
        typer.Option(
            "--target-precision",
            min=0.5,
            max=1.0,
            help="The share of automatic names that is to be right.",
            show_default="settings",
        ),
    ] = None,
    face: FaceOption = "centre",
    truth: TruthOption = None,
    workers: WorkersOption = None,
    detector: DetectorOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well known people are recognised among strangers."""
    from photoclust.core.types import ModelId
    from photoclust.services import recognition_evaluation, recognition_reports
    from photoclust.services.recognition import shipped_curve

    del library
    settings = read_settings(detector=detector)
    found = _labelled_faces(images, truth, face, settings, workers)
    with console.job() as control:
        report = recognition_evaluation.recognition(
            found,
            shipped_curve(ModelId(settings.embedder)),
            known=known,
            gallery=gallery,
            seed=seed,
            precision=settings.naming_precision if precision is None else precision,
            control=control,
        )
    if as_json:
        console.print_document(recognition_reports.evaluation(report, found))
        return
    dirs = [(f"DIR at FPIR {fpir}", f"{value:.4f}") for fpir, value in report.dir_at_fpir.items()]
    answers = "–" if report.answers_to_95 is None else f"{report.answers_to_95:,}"
    console.table(
        ("Recognition", ""),
        [
            ("people known / strangers", f"{report.known:,} / {report.unknown:,}"),
            ("confirmed faces of each who is known, at most", report.gallery),
            ("rank-1, known people", f"{report.rank1:.4f}"),
            *dirs,
            ("automatic names that are right", f"{report.auto_precision:.4f}"),
            ("faces of known people named rightly", f"{report.auto_coverage:.4f}"),
            ("expected calibration error", f"{report.calibration_error:.4f}"),
            ("answers until 95 % of all faces are named", answers),
            ("faces missed", found.missed),
        ],
    )


def _labelled_faces(
    images: Path, truth: Path | None, face: str, settings: Settings, workers: int | None
) -> "LabelledFaces":
    from photoclust.services.labelled import FaceChoice, find_labelled_faces

    choice = FaceChoice(one_of(face, [item.value for item in FaceChoice], "--face"))
    with console.job() as control:
        found = find_labelled_faces(
            images, settings, truth=truth, choice=choice, workers=workers, control=control
        )
    for failure in found.failed:
        console.note(f"{failure.path}: {failure.reason}")
    return found
