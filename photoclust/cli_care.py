"""The commands that keep a library safe and sound: `backup`, `restore`, `doctor`, `forget`."""

# ruff: noqa: PLC0415 - heavy modules are imported when they are needed, as in `cli`

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoclust import cli_libraries, console
from photoclust.cli_options import JsonOption, LibraryOption, checked_key, library_folder
from photoclust.core import paths
from photoclust.core.errors import UserError

if TYPE_CHECKING:
    from photoclust.services.doctor import Diagnosis, Repair
    from photoclust.services.forgetting import Forgotten
    from photoclust.services.restoring import Restored
    from photoclust.store.database import Library

_FORGET = "forget"


def backup(
    target: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The file to write.", show_default=False),
    ],
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE where it exists.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write names, faces, own models and settings to one file. Photos are not in it."""
    from photoclust.services import archive

    with _open(library) as opened:
        made = archive.backup(opened, target, paths.settings_file(), force=force)
    size = target.stat().st_size
    if as_json:
        console.print_document(
            {
                "file": str(target),
                "bytes": size,
                "made_at": made.made_at.isoformat(),
                "photos": made.photos,
                "faces": made.faces,
                "people": made.people,
            }
        )
        return
    console.say(
        f"{_held(made.photos, made.faces, made.people)} are in {target} ({_megabytes(size)}); "
        "keep it on another drive. The photos themselves are not in it."
    )


def restore(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="What photoclust backup wrote, or a copy out of a library's backups.",
            show_default=False,
        ),
    ] = None,
    *,
    latest: Annotated[
        bool, typer.Option("--latest", help="The newest copy that the library itself keeps.")
    ] = False,
    settings: Annotated[
        bool, typer.Option("--settings", help="Bring back the settings in FILE as well.")
    ] = False,
    relocate: Annotated[
        list[str] | None,
        typer.Option(
            "--relocate",
            metavar="OLD=NEW",
            help="The photos of the folder OLD lie in NEW now; for each folder that moved.",
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back. What is there now is put aside, also where it is damaged.

    On another computer the photos may lie elsewhere: which folders are not there is told, with what
    to type, or said at once with --relocate. Nothing is read again.
    """
    from photoclust.services import known_libraries, opening, restoring

    if latest == (source is not None):
        raise typer.BadParameter("name a file or say --latest", param_hint="FILE")
    folder = library_folder(library)
    if source is None:
        done = restoring.restore_latest(folder)
    else:
        done = restoring.restore(
            folder, source, settings=paths.settings_file() if settings else None
        )
    known_libraries.remember(folder)
    with opening.open_library(folder).library as opened:
        moved = cli_libraries.relocate_all(opened, relocate or ())
        if not as_json:
            _say_restored(done, settings=settings)
            for old, new, files in moved:
                console.say(f"{console.count(files, 'file')} of {old} are known in {new} now.")
        missing = cli_libraries.missing_folders(opened, library, as_json=as_json)
    if as_json:
        console.print_document(
            {
                "source": str(done.source),
                "made_at": done.made_at.isoformat(),
                "photos": done.photos,
                "faces": done.faces,
                "people": done.people,
                "models": done.models,
                "settings": done.settings,
                "aside": None if done.aside is None else str(done.aside),
                "was_damaged": done.was_damaged,
                "skipped": [str(path) for path in done.skipped],
                "relocated": [
                    {"from": str(old), "to": str(new), "files": files} for old, new, files in moved
                ],
                "missing": missing,
            }
        )


def _say_restored(done: "Restored", *, settings: bool) -> None:
    for path in done.skipped:
        console.note(f"Warning: {path} is newer but damaged")
    held = _held(done.photos, done.faces, done.people)
    console.say(f"{held} are back as of {done.made_at:%Y-%m-%d %H:%M} UTC.")
    if done.was_damaged:
        console.say(f"The damaged library is kept in {done.aside}.")
    elif done.aside is not None:
        console.say(
            f"What was there before is kept in {done.aside}, with all that was decided since."
        )
    if settings and not done.settings:
        console.say("There are no settings in it; yours were left as they are.")


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended, after a copy was made.")
    ] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that the library is sound, and tell what can be saved where it is damaged.

    The exit status is 0 when it is sound or was mended, 1 otherwise.
    """
    from photoclust.services import doctor as service

    folder = library_folder(library)
    done = service.repair(folder) if repair else None
    found = service.examine(folder) if done is None else done.before
    left = found if done is None else done.after
    if as_json:
        document = _diagnosis(found)
        if done is not None:
            document |= {
                "after": _diagnosis(done.after),
                "copy": _path(done.copy),
                "restored": _path(done.restored),
                "aside": _path(done.aside),
                "taken": None if done.taken is None else asdict(done.taken),
            }
        console.print_document(document)
    else:
        _say_diagnosis(found)
        if done is not None:
            _say_repair(done, library)
        elif any(finding.mendable for finding in found.findings):
            console.say_next("doctor --repair", library)
    if not left.sound:
        raise typer.Exit(1)


def forget(
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="ID",
            callback=checked_key("p"),
            help="Forget this person (p7): name, faces, and every mention of them.",
        ),
    ] = None,
    all_faces: Annotated[
        bool, typer.Option("--all-faces", help="Forget every face, name and decision.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a person or everybody for good, with the backups. It cannot be undone."""
    from photoclust.services import forgetting

    if all_faces == (person is not None):
        raise typer.BadParameter("say --person ID or --all-faces", param_hint="--person")
    with _open(library) as opened:
        opened.require_writable()
        if person is None:
            _confirm(yes, "Every face, name and decision in the library and its backups goes")
            done = forgetting.forget_everybody(opened)
        else:
            known = forgetting.preview(opened, person)
            faces = console.count(known.faces, "face")
            _confirm(yes, f"{_called(known)} and {faces} go, with all backups of the library")
            done = forgetting.forget_person(opened, person)
    if as_json:
        console.print_document({"faces": done.faces, "models": done.models, "runs": done.runs})
        return
    faces = console.count(done.faces, "face")
    if person is None:
        console.say(
            f"{faces} and everything said about them are forgotten. The photos stay known and are "
            "looked at again by the next scan."
        )
        return
    console.say(
        f"{faces} of that person are forgotten, and every mention of them. Backups you made "
        "yourself, and your own files and folders, are as they were: a name that is written in "
        "photos or sidecars may come back with these (scan --no-names leaves such names out)."
    )
    for model in done.models:
        console.say(f"The model {model} had learnt from them and is deleted.")


def _diagnosis(found: "Diagnosis") -> dict[str, Any]:
    return {
        "sound": found.sound,
        "checks": found.checks,
        "findings": [asdict(finding) for finding in found.findings],
        "readable": None if found.readable is None else asdict(found.readable),
    }


def _say_diagnosis(found: "Diagnosis") -> None:
    for finding in found.findings:
        console.say(f"{finding.check}: {finding.text}.")
    if found.readable is not None:
        rows = found.readable.rows
        console.table(("Table", "Rows that can be read"), list(rows.items()))
        people = console.count(found.readable.people, "person", "people")
        decisions = console.count(found.readable.decisions, "decision")
        console.say(f"{people} with a name and {decisions} can be read.")
    elif found.sound:
        console.say(f"The library is sound: {len(found.checks)} checks found nothing.")


def _say_repair(done: "Repair", library: Path | None) -> None:
    if done.copy is not None:
        console.say(f"What it was before is kept in {done.copy}.")
    if done.aside is not None:
        source = f"the backup {done.restored}" if done.restored else "an empty library"
        console.say(f"The damaged file is kept in {done.aside}; {source} is in its place.")
    if done.taken is not None:
        taken = done.taken
        decisions = console.count(taken.decisions, "decision")
        faces, photos = console.count(taken.faces, "face"), console.count(taken.photos, "photo")
        console.say(f"Taken over from it: {decisions}, {faces} and {photos}.")
        console.say_next("scan FOLDER", library)
    if done.after.findings:
        console.say("Still wrong:")
        _say_diagnosis(done.after)
    elif not done.before.sound:
        console.say("The library is sound now.")


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _open(library: Path | None) -> "Library":
    """The library, without a daily copy of it."""
    from photoclust.services import opening

    folder = library_folder(library)
    if not (folder / paths.LIBRARY_FILE).exists():
        raise UserError(f"there is no library in {folder}; name its folder with --library")
    return opening.open_library(folder).library


def _confirm(yes: bool, what: str) -> None:
    """Raise UserError unless the user types the word that is asked for."""
    if yes:
        return
    console.note(f"{what}, and nothing brings them back.")
    typed = typer.prompt("Type the word forget to go on", default="", show_default=False, err=True)
    if typed.strip() != _FORGET:
        raise UserError("nothing was forgotten; type the word forget, or say --yes")


def _called(known: "Forgotten") -> str:
    return " and ".join(known.names) or "Somebody without a name"


def _held(photos: int, faces: int, people: int) -> str:
    return (
        f"{console.count(photos, 'photo')} with {console.count(faces, 'face')} and "
        f"{console.count(people, 'person', 'people')}"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
