"""Decisions that travel: written to a file, and taken over from one into another library.

So two people name the same photos on two machines and put their work together; and what was decided
is kept in a form that outlives the program. `decision_files` describes the format, `comparing` says
what is taken over.
"""

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.paths import LIBRARY_FILE, LIBRARY_PARTS
from photoclust.core.types import Box, LibraryChanges
from photoclust.services import decision_files
from photoclust.services.comparing import Contradiction, Plan, compare
from photoclust.services.decision_files import UNKNOWN_AUTHOR, DecisionFileError
from photoclust.services.decision_reader import DecisionFile
from photoclust.services.taking_over import take_over
from photoclust.services.telling import Decided
from photoclust.store import decisions, exchange
from photoclust.store import photos as photo_store
from photoclust.store.database import Library, Transaction
from photoclust.store.decisions import Subject
from photoclust.store.names import clean_name

__all__ = [
    "Conflict",
    "DecisionFileError",
    "ExportReport",
    "ImportReport",
    "export_decisions",
    "import_decisions",
    "login_name",
]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How many people, photos and faces are in the file."""

    people: int
    photos: int
    faces: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A decision that was not taken over because another stands here: both in words.

    `path` is a file of the photo, None for one without files and for what is about a person only;
    `box` is in px of the upright photo, None where it is about no face.
    """

    path: Path | None
    box: Box | None
    ours: str
    theirs: str
    author: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did or, when it was only tried, would do.

    `taken` is how many decisions of each author were taken over: about `faces`, of which `drawn`
    came with them, about `photos` (dates, one person several times), `folders` and people;
    `people` of these came with them, which counts as no decision. `same` decisions stood here
    already. `missing_photos` and `missing_folders` are not in this library, `missing_faces` not in
    the photos that are.
    """

    taken: Mapping[str, int]
    people: int
    faces: int
    drawn: int
    photos: int
    same: int
    conflicts: tuple[Conflict, ...]
    missing_photos: int
    missing_faces: int
    folders: int = 0
    missing_folders: int = 0
    changes: LibraryChanges = field(default=LibraryChanges(), compare=False)


def login_name() -> str:
    """Who uses this computer now, as its system calls them."""
    try:
        return clean_name(getpass.getuser())
    except (OSError, KeyError, ImportError, UserError):
        return UNKNOWN_AUTHOR


def export_decisions(
    library: Library, target: Path, *, author: str | None = None, force: bool = False
) -> ExportReport:
    """Write every decision that stands to `target`; those made in this library are `author`'s, by
    default whoever is logged in.

    Raises UserError when `target` is there already (save with `force`), cannot be written, or is a
    file of the library, and when `author` cannot be a name.
    """
    author = login_name() if author is None else clean_name(author)
    own = target.name in LIBRARY_PARTS or target.name.startswith(LIBRARY_FILE)
    if own and target.parent.resolve() == library.folder.resolve():
        raise UserError(f"{target} is a file of the library; choose another place")
    if target.is_dir():
        raise UserError(f"{target} is a folder; give the name of a file")
    if target.exists() and not force:
        raise UserError(f"{target} is there already; choose another name or say --force")
    with library.read() as tx:
        decided = Decided(tx, author)
        header = {
            "library": exchange.library_uid(tx),
            "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        folders, photos = decided.tell_folders(), decided.tell_photos()
        decision_files.write(target, header, decided.tell_people(), folders, photos)
    return ExportReport(decided.people, decided.photos, decided.faces)


def import_decisions(library: Library, path: Path, *, dry_run: bool = False) -> ImportReport:
    """Take over from the file `path` what is not decided in this library. What is stays as it is.

    One act for each author in the file, all or none of them. With `dry_run` nothing is written.
    Raises DecisionFileError when the file cannot be read or used, LibraryError when the library is
    read-only.
    """
    if not dry_run:
        library.require_writable()
    file = DecisionFile(path)
    with library.read() if dry_run else library.write() as tx:
        plan = compare(tx, file.people, file.folders, file.photos())
        report = _report(tx, plan)
        if dry_run:
            return report
        return replace(report, changes=take_over(tx, plan, path.name))


def _report(tx: Transaction, plan: Plan) -> ImportReport:
    registers = plan.registers()
    faces = decisions.faces_of(registers)
    return ImportReport(
        taken={
            author: sum(register.subject is not Subject.PERSON for register in writes)
            for author, writes in plan.writes.items()
        },
        people=sum(register.subject is Subject.PERSON for register in registers),
        faces=len(faces),
        drawn=len(faces & plan.drawn.keys()),
        photos=sum(register.subject in decisions.ABOUT_PHOTOS for register in registers),
        same=plan.same,
        conflicts=_conflicts(tx, plan.contradictions),
        missing_photos=plan.missing_photos,
        missing_faces=plan.missing_faces,
        folders=sum(register.subject is Subject.FOLDER_REPEATS for register in registers),
        missing_folders=plan.missing_folders,
    )


def _conflicts(tx: Transaction, found: Sequence[Contradiction]) -> tuple[Conflict, ...]:
    numbers = dict.fromkeys(item.photo for item in found if item.photo is not None)
    photos = {photo.id: photo for photo in photo_store.photos(tx, list(numbers))}
    conflicts = []
    for item in found:
        photo = None if item.photo is None else photos[item.photo]
        path = photo.paths[0] if photo is not None and photo.paths else None
        box = item.box
        if box is not None and photo is not None:
            box = box.scaled(photo.width, photo.height)
        conflicts.append(Conflict(path, box, item.ours, item.theirs, item.author))
    return tuple(conflicts)
