"""The commands that try photoclust on this machine: `bench` measures how fast it is, `self-test`
whether it works at all.
"""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

import gc
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    ComputeOption,
    DetectorOption,
    JsonOption,
    LibraryOption,
    MethodOption,
    WorkersOption,
    library_folder,
    one_of,
    read_settings,
    with_options,
)
from photoclust.core.settings import Settings

if TYPE_CHECKING:
    from photoclust.services.benchmark_reports import Benchmark

bench_app = typer.Typer(rich_markup_mode=None)
ROUNDS = 5
SCAN_ROUNDS = GROUP_ROUNDS = 3
FACES = 10_000

ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="Threads of a network.", show_default="one a core"),
]
RoundsOption = Annotated[
    int, typer.Option("--rounds", metavar="N", min=1, help="How often it is measured.")
]


@bench_app.command()
def scan(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help="Photos to scan.",
            show_default="photos of 12 megapixels, made of the demo album",
        ),
    ] = None,
    *,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--rounds",
            metavar="N",
            min=1,
            help="How often it is measured.",
            show_default=f"{SCAN_ROUNDS}, of a FOLDER 1",
        ),
    ] = None,
    workers: WorkersOption = None,
    detector: DetectorOption = None,
    compute: ComputeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure whole scans into a new library: photos per second, and how busy the cores are."""
    from photoclust.core.types import ModelId
    from photoclust.services import benchmarking, computing

    settings = _settings(detector, compute)
    with console.job() as control:
        measured = benchmarking.scan(
            folder,
            rounds=rounds or (SCAN_ROUNDS if folder is None else 1),
            workers=workers,
            detector=ModelId(settings.detector),
            compute=computing.compute_of(settings),
            control=control,
        )
    _tell(measured, as_json=as_json)


@bench_app.command()
def embed(
    rounds: RoundsOption = ROUNDS,
    threads: ThreadsOption = None,
    compute: ComputeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how many faces a second become vectors, by how many are embedded at once."""
    from photoclust.services import benchmarking, computing

    with console.job() as control:
        measured = benchmarking.embed(
            rounds=rounds,
            threads=threads,
            compute=computing.compute_of(_settings(None, compute)),
            control=control,
        )
    _tell(measured, as_json=as_json)


@bench_app.command()
def detect(
    rounds: RoundsOption = ROUNDS,
    threads: ThreadsOption = None,
    detector: DetectorOption = None,
    compute: ComputeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how many photos a second, of 640 px, are searched for faces."""
    from photoclust.core.types import ModelId
    from photoclust.services import benchmarking, computing

    settings = _settings(detector, compute)
    with console.job() as control:
        measured = benchmarking.detect(
            rounds=rounds,
            threads=threads,
            detector=ModelId(settings.detector),
            compute=computing.compute_of(settings),
            control=control,
        )
    _tell(measured, as_json=as_json)


@bench_app.command()
def group(
    faces: Annotated[
        int, typer.Option("--faces", metavar="N", min=2, help="So many faces are made up.")
    ] = FACES,
    method: MethodOption = None,
    rounds: RoundsOption = GROUP_ROUNDS,
    as_json: JsonOption = False,
) -> None:
    """Measure how long made-up faces take to be grouped, and with how much memory."""
    from photoclust.cluster import METHODS
    from photoclust.services import benchmarking

    methods = METHODS if method is None else (one_of(method, METHODS, "--method"),)
    with console.job() as control:
        measured = benchmarking.group(faces=faces, rounds=rounds, methods=methods, control=control)
    _tell(measured, as_json=as_json)


@bench_app.command()
def startup(rounds: RoundsOption = ROUNDS, as_json: JsonOption = False) -> None:
    """Measure how long photoclust takes to start, up to a window that shows people."""
    from photoclust.services.benchmark_startup import startup as measure

    with console.job() as control:
        measured = measure(rounds=rounds, control=control)
    _tell(measured, as_json=as_json)


@bench_app.command(hidden=True)
def window(
    library: LibraryOption = None,
    until: Annotated[str, typer.Option("--until", metavar="window|people")] = "window",
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE")] = None,
) -> None:
    """Open the window, tell the moments when it is painted, draw it to FILE, and close it: for
    `startup` and `self-test`.
    """
    settings = read_settings()
    gc.disable()  # as where the window opens for good
    from photoclust.gui.first_paint import Moment, run

    last = Moment(one_of(until, list(Moment), "--until"))
    folder = library_folder(library)
    raise typer.Exit(run(folder, settings, last=last, tell=console.say, picture=picture))


def self_test(as_json: JsonOption = False) -> None:
    """Check that this installation works, on the demo album and in a temporary folder.

    The exit status is 0 when everything works, 1 otherwise.
    """
    from photoclust.services import self_testing

    steps = []
    with console.job() as control:
        for step in self_testing.run(control=control):
            steps.append(step)
            if not as_json:
                console.say(f"{'ok    ' if step.ok else 'failed'}  {step.name}: {step.text}")
    if as_json:
        console.print_document(
            {"ok": all(step.ok for step in steps), "steps": [asdict(step) for step in steps]}
        )
    if not all(step.ok for step in steps):
        raise typer.Exit(1)


def _settings(detector: str | None, compute: str | None) -> Settings:
    """The settings that count here: what is the user's own is left aside, so that machines can be
    compared.
    """
    return with_options(Settings(), detector=detector, compute=compute)


def _tell(measured: "Benchmark", *, as_json: bool) -> None:
    from photoclust.services import benchmark_reports

    if as_json:
        console.print_document(benchmark_reports.document(measured))
        return
    console.table(
        (f"photoclust bench {measured.name}", "Median", "Least – most", ""),
        [
            (each.what, _number(each.median), " – ".join(map(_number, each.spread)), each.unit)
            for each in measured.figures
        ],
    )
    console.say("")
    told = {**measured.ran, **benchmark_reports.machine()}
    console.table(
        ("What ran", ""), [(key.replace("_", " "), str(value)) for key, value in told.items()]
    )


def _number(value: float) -> str:
    """Three digits or more: `0.914`, `52.3`, `1,250`."""
    digits = next((digits for digits, least in enumerate((100, 10, 1)) if value >= least), 3)
    return f"{value:,.{digits}f}"
