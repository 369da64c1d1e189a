"""The commands that group faces: `group`, as new faces come or all of them anew, and `same-photo`.

As in `cli`, heavy modules are imported inside the commands.
"""

# ruff: noqa: PLC0415 - see above

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    JsonOption,
    LibraryOption,
    MethodOption,
    OnBatteryOption,
    checked_key,
    open_library,
    read_settings,
    recognize_after,
)

if TYPE_CHECKING:
    from photoclust.core.settings import Settings
    from photoclust.services.grouping import GroupingReport
    from photoclust.services.proposing import Applied, Proposal

_SHOWN_QUESTIONS = 3

same_photo_app = typer.Typer(rich_markup_mode=None)
PlacesArgument = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="Photos, or folders of them.", show_default=False),
]


def group(
    method: MethodOption = None,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Group all faces anew, not only those that wait.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --full: only tell what would change.")
    ] = False,
    proposal: Annotated[
        int | None,
        typer.Option(
            "--apply", metavar="PROPOSAL", help="Make true what --full --dry-run proposed."
        ),
    ] = None,
    people: Annotated[
        list[str] | None,
        typer.Option(
            "--person",
            metavar="ID",
            help="With --apply: only for this person (p7) or group (g31). Can be repeated.",
            show_default="everybody",
        ),
    ] = None,
    on_battery: OnBatteryOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Group the faces into people. Names that were given stay, and so do old faces.

    New faces join known people and groups, or wait until there are enough for a group.
    """
    if dry_run and not full:
        raise typer.BadParameter("it needs --full", param_hint="--dry-run")
    if people and proposal is None:
        raise typer.BadParameter("it needs --apply", param_hint="--person")
    if proposal is not None and (full or method is not None):
        raise typer.BadParameter(
            "it contradicts --full, --dry-run and --method", param_hint="--apply"
        )
    for key in people or ():
        checked_key("pg")(key)
    if proposal is not None:
        _apply(proposal, people or [], library, as_json)
        return
    settings = read_settings(method=method, on_battery=on_battery)
    if full:
        _group_anew(settings, dry_run, library, as_json)
    else:
        _group_new(settings, library, as_json)


def _group_new(settings: "Settings", library: Path | None, as_json: bool) -> None:
    from photoclust.services import grouping, reports
    from photoclust.services.embedding_model import current_model

    with open_library(library) as opened:
        with console.job(settings.on_battery) as control:
            report = grouping.group(
                opened,
                method=settings.grouping_method,
                model=current_model(opened, settings),
                control=control,
            )
        if as_json:
            console.print_document(reports.grouping(report))
        else:
            say_grouping(report)
        recognize_after(opened, as_json=as_json)
    if not as_json:
        console.say_next("people", library)


def _group_anew(settings: "Settings", dry_run: bool, library: Path | None, as_json: bool) -> None:
    from photoclust.services import proposing, reports
    from photoclust.services.embedding_model import current_model

    with open_library(library) as opened, console.job(settings.on_battery) as control:
        proposal = proposing.propose(
            opened,
            method=settings.grouping_method,
            model=current_model(opened, settings),
            control=control,
        )
        applied = None if dry_run else proposing.apply(opened, proposal.id)
    if applied is not None:
        _say_applied(proposal.id, applied, as_json)
    elif as_json:
        console.print_document(reports.proposal(proposal))
    else:
        _say_proposal(proposal, library)


def _apply(proposal: int, people: list[str], library: Path | None, as_json: bool) -> None:
    from photoclust.services import proposing

    with open_library(library) as opened:
        applied = proposing.apply(opened, proposal, people)
    _say_applied(proposal, applied, as_json)


def say_grouping(report: "GroupingReport") -> None:
    """What a grouping came to, in a sentence or two."""
    grouped = console.count(report.faces - report.unclustered, "face")
    console.say(
        f"{grouped} in {console.count(report.clusters, 'group')}; "
        f"{report.unclustered:,} in no group yet."
    )
    news = []
    if report.joined:
        news.append(f"{console.count(report.joined, 'face')} joined a group that there was")
    if report.new and report.new < report.clusters:
        news.append(console.count(report.new, "new group"))
    if news:
        console.say(f"{'; '.join(news)}.")
    if report.may_be_one:
        shown = ", ".join(
            f"{each.one_name or each.one} and {each.other_name or each.other}"
            for each in report.may_be_one[:_SHOWN_QUESTIONS]
        )
        more = len(report.may_be_one) - _SHOWN_QUESTIONS
        shown += f" and {more:,} more pairs" if more > 0 else ""
        console.say(f"May be one person each: {shown}. Giving both the same name joins them.")
    if report.kept is not None:
        method, model = report.kept
        console.say(
            f"The groups were made with {method} and {model}, and stay as they are; photoclust "
            "group --full --dry-run tells what would change with the settings and the model of now."
        )


def _say_proposal(proposal: "Proposal", library: Path | None) -> None:
    lines = proposal.difference.lines()
    if not lines:
        console.say("Nothing would change.")
        return
    for line in lines:
        console.say(line)
    console.say_next(f"group --apply {proposal.id}", library)


def _say_applied(proposal: int, applied: "Applied", as_json: bool) -> None:
    from photoclust.services import reports

    if as_json:
        console.print_document(reports.applied(proposal, applied))
        return
    if applied.back is None:
        console.say("Nothing to change.")
        return
    for line in applied.difference.lines():
        console.say(line)
    console.say(
        f"Done; photoclust group --apply {applied.back} brings the groups from before back."
    )


@same_photo_app.command("allow")
def allow(
    paths: PlacesArgument, library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """Say that one person may be there several times: mirror, collage, album page, picture on a
    wall. A folder stands for all photos that are or come below it.
    """
    _allow(paths, True, library, as_json)


@same_photo_app.command("forbid")
def forbid(
    paths: PlacesArgument, library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """Say that one person is there once, as is taken for granted of every other photo."""
    _allow(paths, False, library, as_json)


def _allow(paths: list[Path], allowed: bool, library: Path | None, as_json: bool) -> None:
    from photoclust.services import same_photo

    with open_library(library) as opened:
        said = same_photo.allow(opened, paths, allowed=allowed)
    if as_json:
        document = {"allowed": allowed, "photos": said.photos, "folders": said.folders}
        console.print_document(document)
        return
    counts = ((said.photos, "photo"), (said.folders, "folder"))
    places = " and ".join(console.count(number, noun) for number, noun in counts if number)
    console.say(f"One person {'several times' if allowed else 'once'} in {places}.")


@same_photo_app.command("list")
def list_(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List where one person may be in a photo several times, and where it seems to be so."""
    from photoclust.services import reports, same_photo
    from photoclust.services.embedding_model import current_model

    with open_library(library, look=True) as opened:
        found = same_photo.overview(opened, current_model(opened, read_settings()))
    if as_json:
        console.print_document(reports.same_photo(found))
        return
    rows = [(str(folder), "several times", "you said so of the folder") for folder in found.folders]
    rows += [
        (str(path or "–"), "several times" if allowed else "once", "you said so")
        for path, allowed in found.photos
    ]
    rows += [
        (str(each.path or "–"), "once", f"{each.name or each.key} seems to be there several times")
        for each in found.suspicions
    ]
    if rows:
        console.table(("Where", "One person", ""), rows)
    else:
        console.say("One person is once in every photo.")
