"""The journal as people use it: what was done, undo, redo."""

from dataclasses import dataclass
from datetime import datetime

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryId, EntryStatus, JournalEntry, LibraryChanges
from photoclust.services import negatives
from photoclust.services.titles import title
from photoclust.store import journal, undoing
from photoclust.store.database import Library
from photoclust.store.undoing import CollisionError, Later

__all__ = [
    "Act",
    "CollisionError",
    "History",
    "Later",
    "acts",
    "entries",
    "next_steps",
    "redo",
    "title",
    "undo",
    "undo_back_to",
]

_NOT_LISTED = (journal.RUNS - {journal.RECOGNIZE}) | {"undo", "redo"}


@dataclass(frozen=True, slots=True)
class History:
    """An undo or redo: the entries it concerns, newest first, with their titles, and what it
    touched.
    """

    entries: tuple[JournalEntry, ...]
    titles: tuple[str, ...]
    changes: LibraryChanges


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What undo and redo would do now, as titles; None where there is nothing to do."""

    undo: str | None
    redo: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """An act as a history lists it: in words, and whether it stands, can be undone, or is what undo
    would take back now.
    """

    id: EntryId
    title: str
    made_at: datetime
    stands: bool
    undoable: bool
    is_next: bool


def entries(
    library: Library, *, limit: int | None = None, before: EntryId | None = None
) -> list[JournalEntry]:
    """What was done, the newest first; with `before` what is older than that entry."""
    with library.read() as tx:
        return journal.entries(tx, limit=limit, before=before)


def acts(library: Library, *, limit: int, before: EntryId | None = None) -> list[Act]:
    """What people decided and what was named automatically, the newest first: at most `limit`, with
    `before` what is older than that. Runs, undos and redos are left out.
    """
    with library.read() as tx:
        found = journal.entries(tx, limit=limit, before=before, but=_NOT_LISTED)
        back = undoing.next_undo(tx)
    return [
        Act(
            id=entry.id,
            title=title(entry),
            made_at=entry.made_at,
            stands=entry.status is not EntryStatus.UNDONE,
            undoable=entry.status is EntryStatus.STANDS and entry.kind not in journal.NOT_UNDOABLE,
            is_next=back is not None and entry.id == back.id,
        )
        for entry in found
    ]


def undo_back_to(library: Library, entry: EntryId, *, control: JobControl | None = None) -> History:
    """Undo one act after the other, the newest first, until `entry` is undone as well.

    Raises UserError when it cannot be undone step by step; CancelledError between two steps.
    """
    control = control or JobControl()
    done: list[History] = []
    while True:
        control.checkpoint()
        with library.read() as tx:
            back = undoing.next_undo(tx)
        if back is None or back.id < entry:
            break
        done.append(undo(library))
    if not done:
        raise UserError(
            tr("nothing since then can be undone step by step; undo that act by itself")
        )
    return History(
        tuple(each for step in done for each in step.entries),
        tuple(each for step in done for each in step.titles),
        LibraryChanges.joined(step.changes for step in done),
    )


def undo(library: Library, entry: EntryId | None = None, later: Later = Later.REFUSE) -> History:
    """Undo an act: the newest that stands, or `entry` however old it is.

    Raises UserError when there is none, and CollisionError, which names them, when later acts build
    on it and `later` is REFUSE.
    """
    with library.write() as tx:
        done = _history(undoing.undo(tx, entry, later))
    _forget_pictures(library, done)
    return done


def redo(library: Library) -> History:
    """Do again what was undone last. Raises UserError when there is nothing, as after a new act."""
    with library.write() as tx:
        done = _history(undoing.redo(tx))
    _forget_pictures(library, done)
    return done


def _forget_pictures(library: Library, done: History) -> None:
    """What was shown of photos that are negatives no longer, or again, is no picture of them."""
    if any(entry.kind in {negatives.SAID, negatives.DENIED} for entry in done.entries):
        negatives.forget_pictures(library, done.changes.photos)


def next_steps(library: Library) -> NextSteps:
    """What undo and redo would do now."""
    with library.read() as tx:
        back, forth = undoing.next_undo(tx), undoing.next_redo(tx)
    return NextSteps(None if back is None else title(back), None if forth is None else title(forth))


def _history(undone: undoing.Undone) -> History:
    return History(undone.entries, tuple(map(title, undone.entries)), undone.changes)
