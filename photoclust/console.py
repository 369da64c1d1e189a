"""The terminal: results on standard output, everything else on standard error, never a traceback.

Owns how things are printed, how progress shows, what Ctrl-C does and which exit code an error
has. The commands themselves are in `cli`.
"""

# ruff: noqa: PLC0415 - rich is loaded only where something is drawn, so that --help is quick

import contextlib
import errno
import io
import json
import logging
import math
import shlex
import shutil
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from photoclust.core import logs
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.forms import Shots
from photoclust.core.progress import JobControl, Progress

CANCELLED_EXIT = 130
"""What shells expect of a program that Ctrl-C ended: 128 + SIGINT."""
WIDE = 4000
"""Columns where nobody looks: nothing is folded or cut in a pipe or file."""
_JSON_ASKED = "photoclust.json"
_PAUSED = "Paused while on battery: plug in, or press Ctrl-C and go on with --on-battery run."
_GOES_ON = "Going on."

log = logging.getLogger(__name__)


class SafeGroup(TyperGroup):
    """Runs commands and turns whatever goes wrong into one sentence and an exit code.

    0: done; 1: could not do it; 2: wrong usage; 130: cancelled. With `--json`, standard output then
    holds one document with the key `error`.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer does; remembers whether a JSON document is asked for."""
        ctx.meta[_JSON_ASKED] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command named in `ctx`."""
        logs.attach()
        try:
            return super().invoke(ctx)
        except typer.Exit:
            raise
        except (CancelledError, KeyboardInterrupt, typer.Abort) as error:
            # The cursor still stands behind a question that was not answered.
            note("\nCancelled." if isinstance(error, typer.Abort) else "Cancelled.")
            _end(ctx, "cancelled", CANCELLED_EXIT)
        except UserError as error:
            note(f"Error: {error}")
            _end(ctx, str(error), 1)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read the output has enough; Typer ends quietly
            # Only Typer's own exceptions carry an exit code; they print themselves.
            if hasattr(error, "exit_code"):
                if ctx.meta[_JSON_ASKED]:
                    message = getattr(error, "format_message", error.__str__)()
                    print_document({"error": message})
                raise
            if (
                isinstance(error, OSError)
                and error.errno == errno.ENOSPC
                and error.filename is None
            ):
                note("Error: the output cannot be written (no space left); make room and try again")
                raise typer.Exit(1) from error
            log.exception("photoclust %s", " ".join(sys.argv[1:]))
            message = (
                f"photoclust failed ({type(error).__name__}); this is a bug, and what is known of "
                f"it is in {logs.log_file()}"
            )
            note(f"Error: {message}")
            _end(ctx, message, 1)


def print_document(document: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(to_json(document))


def to_json(document: Any) -> bytes:
    """`document` as JSON (RFC 8259) in UTF-8.

    A number that is not finite becomes null; a byte of a path that is not UTF-8 stands as the
    escape of a lone surrogate (PEP 383), so that Python's `os.fsencode` gives the path back.
    """
    text = json.dumps(_finite(document), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def say(text: str) -> None:
    """A line on standard output."""
    typer.echo(printable(text).encode("utf-8", "backslashreplace"))


def say_next(command: str, library: Path | None = None) -> None:
    """What to do next: a command of photoclust, for the library that was named, if one was."""
    option = "" if library is None else f" --library {shlex.quote(str(library))}"
    say(f"Next: photoclust {command}{option}")


def is_interactive() -> bool:
    """Whether somebody sits at a terminal who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def note(text: str) -> None:
    """A line on standard error."""
    typer.echo(printable(text).encode("utf-8", "backslashreplace"), err=True)


def printable(text: str) -> str:
    """`text` with what would steer a terminal, or is no character at all, written as an escape."""
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in {"Cc", "Cs"} and char != "\n"
        else char
        for char in text
    )


def table(headings: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    """A table on standard output; columns of numbers stand on the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for place, heading in enumerate(headings):
        numbers = bool(rows) and all(isinstance(row[place], int) for row in rows)
        drawn.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(printable(str(value))) for value in row))
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else WIDE
    drawing = io.StringIO()
    Console(file=drawing, width=width, force_terminal=terminal, highlight=False).print(drawn)
    # As `say` does: in UTF-8, whatever the locale takes a redirected output for.
    typer.echo(drawing.getvalue().encode("utf-8", "backslashreplace"), nl=False)


@contextmanager
def job(on_battery: str | None = None) -> Iterator[JobControl]:
    """The control of a long job: its progress shows on a terminal, Ctrl-C cancels it.

    A second Ctrl-C does not wait for the job to notice. One that may take hours keeps the computer
    awake, and does what `on_battery` says while there is no mains power; see `services.power`.
    """
    with _progress_bar() as (on_progress, tell):
        control = JobControl(on_progress, lambda: tell(_PAUSED if control.paused else _GOES_ON))

        def cancel(_signal: int, _frame: FrameType | None) -> None:
            if control.cancelled:
                raise KeyboardInterrupt
            control.cancel()

        before = signal.signal(signal.SIGINT, cancel)
        try:
            with _attended(control, on_battery):
                yield control
        finally:
            signal.signal(signal.SIGINT, before)


def _attended(control: JobControl, on_battery: str | None) -> AbstractContextManager[None]:
    if on_battery is None:
        return contextlib.nullcontext()
    from photoclust.services import power

    return power.attended(control, lambda: on_battery)


@contextmanager
def _progress_bar() -> Iterator[tuple[Callable[[Progress], None] | None, Callable[[str], None]]]:
    """What shows progress, if anything does, and what writes a line beside it."""
    if not sys.stderr.isatty():
        yield None, note
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None, pace="")

        def show(progress: Progress) -> None:
            bars.update(
                task,
                description=progress.stage,
                completed=progress.done,
                total=progress.total,
                pace=pace(progress),
            )

        yield show, lambda line: bars.console.print(line, highlight=False)


def pace(progress: Progress) -> str:
    """Rate and time left, as far as they are known: `4.1/s · 2 min 5 s left`."""
    parts = []
    if progress.rate > 0:
        parts.append(f"{progress.rate:.1f}/s")
    if progress.remaining_s is not None and progress.done != progress.total:
        parts.append(f"{duration(progress.remaining_s)} left")
    return " · ".join(parts)


def percent(share: float) -> str:
    """`99.8 %`, rounded down: nothing is ever 100 % sure."""
    return f"{min(math.floor(share * 1000) / 10, 99.9):.1f} %"


def duration(seconds: float) -> str:
    """`8 s`, `2 min 5 s`, `1 h 20 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 face`, `2 faces`, `1 person`, `3 people`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def photos(shots: Shots) -> str:
    """`43 photos (47 with all forms)`; the bracket only where it says something new."""
    shown = count(len(shots.shown), "photo")
    return f"{shown} ({shots.all_forms:,} with all forms)" if shots.forms else shown


def _end(ctx: Any, message: str, code: int) -> NoReturn:
    if ctx.meta[_JSON_ASKED]:
        with contextlib.suppress(OSError):  # the message stands on standard error already
            print_document({"error": message})
    raise typer.Exit(code)
