"""The user guide on the command line."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

import io
import os
import shutil
import sys
from typing import Annotated

import typer

from photoclust import console
from photoclust.cli_options import JsonOption, one_of, read_settings
from photoclust.core.language import CODE, LANGUAGES

_WIDEST = 96
"""Columns: longer lines are hard to read."""
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""What says which language the user's system speaks, the first that is set (GNU gettext)."""


def guide(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC]",
            help="A topic, or the name of a command.",
            show_default="lists the topics",
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="|".join(LANGUAGES),
            help="The language of the guide.",
            show_default="settings",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the user guide: its topics, or one of them."""
    from photoclust.services import guide as guide_

    language = _spoken() if language is None else one_of(language, LANGUAGES, "--language")
    if topic:
        found = guide_.find(language, " ".join(topic))
        if as_json:
            console.print_document({"name": found.name, "title": found.title, "text": found.text})
        else:
            _show(guide_.for_terminal(found))
        return
    listed = guide_.topics(language)
    if as_json:
        console.print_document([{"name": each.name, "title": each.title} for each in listed])
        return
    width = max(len(each.name) for each in listed)
    for each in listed:
        console.say(f"{each.name:{width}}  {each.title}")
    console.say("")
    console.say_next("help TOPIC")


def _spoken() -> str:
    """The language that is set, else that of the system, else English."""
    chosen = read_settings().language
    if chosen in LANGUAGES:
        return chosen
    said = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    codes = [each.partition("_")[0].partition(".")[0] for each in said.split(":")]
    return next((code for code in codes if code in LANGUAGES), CODE)


def _show(markdown: str) -> None:
    """Draw `markdown`: with colours on a terminal, else as plain text."""
    from rich.console import Console
    from rich.markdown import Markdown

    terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size().columns, _WIDEST) if terminal else _WIDEST
    drawing = io.StringIO()
    drawn = Markdown(markdown, hyperlinks=False)
    Console(file=drawing, width=width, force_terminal=terminal, highlight=False).print(drawn)
    lines = "\n".join(line.rstrip() for line in drawing.getvalue().splitlines())
    # As `console.table` does: in UTF-8, whatever the locale takes a redirected output for.
    typer.echo(f"{lines}\n".encode(), nl=False)
