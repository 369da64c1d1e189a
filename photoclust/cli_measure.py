"""The commands that measure photoclust: `evaluate`."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    ComputeOption,
    DetectorOption,
    FaceOption,
    ImagesOption,
    JsonOption,
    LibraryOption,
    MethodOption,
    TruthOption,
    WorkersOption,
    library_folder,
    one_of,
    read_settings,
)
from photoclust.core import paths
from photoclust.core.settings import Settings

if TYPE_CHECKING:
    from photoclust.services.labelled import LabelledFaces

evaluate_app = typer.Typer(rich_markup_mode=None)
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="ID|FOLDER",
        help="What makes the vectors: a model, or the folder of one.",
        show_default="settings",
    ),
]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is measured: the settings that name its parts, and where own models lie."""

    settings: Settings
    own_models: Path


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
    compute: ComputeOption = None,
    model: ModelOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well two pictures are told to show the same person."""
    from photoclust.services import evaluation, evaluation_reports, labelled

    given = None if pairs is None else labelled.read_pairs(pairs)
    measured = _measured(read_settings(detector=detector, compute=compute), model, library)
    found = _labelled_faces(images, truth, face, measured, workers)
    report = evaluation.verification(found, given)
    if as_json:
        console.print_document(evaluation_reports.verification(report, found))
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
    compute: ComputeOption = None,
    model: ModelOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well the groups are the people."""
    from photoclust.services import evaluation, evaluation_reports

    measured = _measured(read_settings(method=method, detector=detector), model, library)
    found = _labelled_faces(images, truth, face, measured, workers)
    with console.job() as control:
        report = evaluation.clustering(
            found, measured.settings.grouping_method, constraints=constraints, control=control
        )
    if as_json:
        console.print_document(evaluation_reports.clustering(report, found))
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
    compute: ComputeOption = None,
    model: ModelOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well known people are recognised among strangers."""
    from photoclust.services import recognition_evaluation, recognition_reports
    from photoclust.services.recognition import shipped_curve
    from photoclust.vision import models

    measured = _measured(read_settings(detector=detector, compute=compute), model, library)
    settings = measured.settings
    curve = shipped_curve(models.model_spec(settings.embedder, measured.own_models))
    found = _labelled_faces(images, truth, face, measured, workers)
    with console.job() as control:
        report = recognition_evaluation.recognition(
            found,
            curve,
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


def _measured(settings: Settings, model: str | None, library: Path | None) -> _Measured:
    """The parts to measure, the embedder `model` among them where one is named."""
    from photoclust.core.types import ModelKind
    from photoclust.vision import models, own_models

    own = library_folder(library) / paths.OWN_MODELS
    if model is None:
        return _Measured(settings, own)
    folder = Path(model)
    if (folder / own_models.RECORD_FILE).is_file():
        folder = folder.resolve()
        return _Measured(replace(settings, embedder=own_models.read(folder).id), folder.parent)
    specs = [*models.list_models(), *own_models.sound(own)]
    known = [spec.id for spec in specs if spec.kind is ModelKind.EMBEDDER]
    return _Measured(replace(settings, embedder=one_of(model, known, "--model")), own)


def _labelled_faces(
    images: Path, truth: Path | None, face: str, measured: _Measured, workers: int | None
) -> "LabelledFaces":
    from photoclust.services.labelled import FaceChoice, find_labelled_faces

    choice = FaceChoice(one_of(face, [item.value for item in FaceChoice], "--face"))
    with console.job() as control:
        found = find_labelled_faces(
            images,
            measured.settings,
            truth=truth,
            choice=choice,
            own_models=measured.own_models,
            workers=workers,
            control=control,
        )
    for failure in found.failed:
        console.note(f"{failure.path}: {failure.reason}")
    return found
