"""Names and photos for other programs and people."""

# ruff: noqa: PLC0415 - see `gui.library`

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from photoclust.core.errors import UserError
from photoclust.core.language import tr, tr_n
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import PersonId
from photoclust.gui.library import OpenLibrary

if TYPE_CHECKING:
    from photoclust.services.names_out import Counted, Wanted
    from photoclust.services.names_out_xmp import Kept, NamesOut

_LISTED = 3


class What(StrEnum):
    """What can be exported."""

    SIDECARS = "sidecars"
    FILES = "files"
    CSV = "csv"
    JSON = "json"
    FOLDERS = "folders"
    SHEET = "sheet"
    GALLERY = "gallery"


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What is to be exported, of whom (None: everybody) and where to; sidecars without a `target`
    go beside the photos. `link` is how photos come into folders: copy, hard or symbolic. Photos
    that leave themselves do so in one form of a shot, or in `all_forms`. With `ours`, names here
    take the place of those that other programs wrote instead.
    """

    what: What
    person: PersonId | None = None
    target: Path | None = None
    guesses: bool = False
    link: str = "copy"
    all_forms: bool = False
    ours: bool = False

    @property
    def is_of_photos(self) -> bool:
        """Whether photos leave, and not only what is known of them."""
        return self.what in {What.FOLDERS, What.SHEET, What.GALLERY}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was done, in sentences, and what was not; the latter is empty where all went well."""

    done: str
    problems: str = ""


def count(library: OpenLibrary, wish: ExportWish) -> Counted:
    """How many photos, faces and people it is about."""
    from photoclust.services import names_out

    all_forms = wish.all_forms or not wish.is_of_photos
    return names_out.count(library.opened, _wanted(wish), all_forms=all_forms)


def export(
    library: OpenLibrary, wish: ExportWish, settings: Settings, control: JobControl
) -> Exported:
    """Do it. Raises UserError as the services do."""
    match wish.what:
        case What.SIDECARS | What.FILES:
            return _names(library, wish, control)
        case What.CSV | What.JSON:
            return _list(library, wish, control)
        case What.FOLDERS:
            return _folders(library, wish, settings, control)
        case _:
            return _of_one(library, wish, settings, control)


def _wanted(wish: ExportWish) -> Wanted:
    from photoclust.services.names_out import Wanted

    people = None if wish.person is None else frozenset({wish.person})
    return Wanted(people, wish.guesses, wish.ours)


def _target(wish: ExportWish) -> Path:
    if wish.target is None:
        raise UserError(tr("there is no place chosen to export to"))
    return wish.target


def _names(library: OpenLibrary, wish: ExportWish, control: JobControl) -> Exported:
    from photoclust.services import names_out_exiftool, names_out_xmp

    if wish.what is What.FILES:
        report = names_out_exiftool.write_into_files(library.opened, _wanted(wish), control=control)
        done = tr_n(report.written, "Wrote names into {n} photo.", "Wrote names into {n} photos.")
    else:
        report = names_out_xmp.export_sidecars(
            library.opened, _wanted(wish), into=wish.target, control=control
        )
        done = tr_n(report.written, "Wrote {n} sidecar.", "Wrote {n} sidecars.")
    if report.unchanged:
        done += " " + tr_n(report.unchanged, "{n} said it already.", "{n} said it already.")
    if report.overruled:
        done += " " + tr_n(
            len(report.overruled),
            "{n} change by another program was overruled: {changes}.",
            "{n} changes by other programs were overruled: {changes}.",
            changes=_changes(report.overruled),
        )
    return Exported(done, _problems(report))


def _problems(report: NamesOut) -> str:
    words = []
    if report.offline:
        words.append(
            tr_n(
                report.offline,
                "{n} file is not at its place now.",
                "{n} files are not at their place now.",
            )
        )
    if report.failed:
        reasons = _first([f"{each.path.name}: {each.reason}" for each in report.failed])
        words.append(
            tr_n(
                len(report.failed),
                "{n} photo was passed over. {reasons}",
                "{n} photos were passed over. {reasons}",
                reasons=reasons,
            )
        )
    if report.kept:
        words.append(
            tr_n(
                len(report.kept),
                "{n} change by another program stays. {changes}",
                "{n} changes by other programs stay. {changes}",
                changes=_changes(report.kept, stay=True),
            )
        )
    return " ".join(words)


def _changes(changes: Sequence[Kept], *, stay: bool = False) -> str:
    """What stands in files now instead of what: theirs where they `stay`, else ours."""
    told = []
    for each in changes:
        ours, theirs = _name(each.difference.ours), _name(each.difference.theirs)
        now, before = (theirs, ours) if stay else (ours, theirs)
        told.append(
            tr("{file}: {now} instead of {before}", file=each.path.name, now=now, before=before)
        )
    return _first(told)


def _first(words: list[str]) -> str:
    more = len(words) - _LISTED
    rest = [tr_n(more, "and {n} more", "and {n} more")] if more > 0 else []
    return "; ".join([*words[:_LISTED], *rest])


def _name(name: str | None) -> str:
    """`name` as a difference tells it: empty for a face without one, None for no face."""
    return tr("nothing") if name is None else name or tr("no name")


def _list(library: OpenLibrary, wish: ExportWish, control: JobControl) -> Exported:
    from photoclust.services import names_out_tables

    is_csv = wish.what is What.CSV
    write = names_out_tables.export_csv if is_csv else names_out_tables.export_json
    # The dialog of the system asked whether a file that is there may be replaced.
    listed = write(library.opened, _target(wish), _wanted(wish), force=True, control=control)
    return Exported(tr_n(listed.faces, "Listed {n} face.", "Listed {n} faces."))


def _folders(
    library: OpenLibrary, wish: ExportWish, settings: Settings, control: JobControl
) -> Exported:
    from photoclust.services import names_out_folders

    report = names_out_folders.export_folders(
        library.opened,
        _target(wish),
        _wanted(wish),
        link=names_out_folders.Link(wish.link),
        all_forms=wish.all_forms,
        skip_patterns=settings.skip_patterns,
        control=control,
    )
    done = tr_n(
        report.made, "Put {n} photo into a folder.", "Put {n} photos into folders of people."
    )
    problems = [report.fell_back] if report.fell_back else []
    if report.failed:
        first = f"{report.failed[0].path.name}: {report.failed[0].reason}"
        problems.append(
            tr_n(
                len(report.failed),
                "{n} photo was passed over. {reasons}",
                "{n} photos were passed over. {reasons}",
                reasons=first,
            )
        )
    return Exported(done, " ".join(problems))


def _of_one(
    library: OpenLibrary, wish: ExportWish, settings: Settings, control: JobControl
) -> Exported:
    from photoclust.services import names_out_gallery, names_out_sheet

    if wish.person is None:
        raise UserError(tr("choose a person"))
    who = f"p{wish.person}"
    if wish.what is What.SHEET:
        sheet = names_out_sheet.export_sheet(
            library.opened,
            who,
            _target(wish),
            force=True,
            all_forms=wish.all_forms,
            control=control,
        )
        return Exported(
            tr_n(
                sheet.pages,
                "The contact sheet of {name} has {n} page.",
                "The contact sheet of {name} has {n} pages.",
                name=sheet.name,
            )
        )
    made = names_out_gallery.export_gallery(
        library.opened,
        who,
        _target(wish),
        all_forms=wish.all_forms,
        skip_patterns=settings.skip_patterns,
        control=control,
    )
    return Exported(
        tr_n(
            made.photos,
            "The web page of {name} shows {n} photo.",
            "The web page of {name} shows {n} photos.",
            name=made.name,
        )
    )
