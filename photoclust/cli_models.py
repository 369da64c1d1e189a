"""The commands about models: `model`."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from typing import Annotated

import typer

from photoclust import console
from photoclust.cli_options import JsonOption, LibraryOption, one_of

model_app = typer.Typer(rich_markup_mode=None)


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
