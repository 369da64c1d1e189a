"""The journal as people use it: what was done, undo, redo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryId, EntryStatus, JournalEntry, LibraryChanges
from photoclust.store import journal, undoing
from photoclust.store import photos as photo_store
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
_VERBS = {
    "name": "Named",
    "rename": "Renamed",
    "merge": "Merged",
    "split": "Split off",
    "move": "Moved",
    "confirm": "Confirmed",
    "reject": "Marked as somebody else:",
    "hide": "Hid",
    "show": "Showed again",
    "not a face": "Marked as no face:",
    "a face": "Marked as a face:",
    "draw": "Drew",
    "delete": "Deleted",
    "date": "Dated",
    "import": "Imported",
    "scan": "Scan",
    "group": "Grouping",
    "regroup": "Grouped anew",
    "same photo": "Allowed",
    "alias": "Noted that",
    "no alias": "Noted that",
    "birthday": "Noted the birthday of",
    "cover": "Chose the picture of",
    "tag": "Tagged",
    "untag": "Took the tag away:",
    "turn": "Turned",
    "resize": "Changed the box of",
    "recognize": "Named",
    "not sure": "Not sure",
    "not sure of two": "Not sure whether two groups are one person",
    "looked again": "Looked again at",
    "two people": "Kept two groups apart",
    "train": "Training",
    "embed": "Looked at faces again with",
    "use model": "Changed the model to",
    "used model": "Changed the model to",
    "remove model": "Removed the model",
    "undo": "Undid",
    "redo": "Did again",
    "upgrade": "Took over what was decided before there was a journal",
    "relocate": "Moved a folder",
    "remove folder": "Removed a folder",
    "purge": "Removed deleted photos",
    "forget": "Forgot a person:",
    "forget all": "Forgot everybody:",
    "repair": "Repaired the library",
}


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
        return _history(undoing.undo(tx, entry, later))


def redo(library: Library) -> History:
    """Do again what was undone last. Raises UserError when there is nothing, as after a new act."""
    with library.write() as tx:
        return _history(undoing.redo(tx))


def next_steps(library: Library) -> NextSteps:
    """What undo and redo would do now."""
    with library.read() as tx:
        back, forth = undoing.next_undo(tx), undoing.next_redo(tx)
    return NextSteps(None if back is None else title(back), None if forth is None else title(forth))


def title(entry: JournalEntry) -> str:
    """An entry in a few words, such as `Named 12 faces Anna`. Names are plain text."""
    details = entry.details
    people = [name or "somebody without a name" for name in details.get("people", {}).values()]
    last = people[-1] if people else "somebody"
    faces = _count(details["faces"], "face") if details.get("faces") else ""
    of_several = people[0] if len(people) > 1 else None
    match entry.kind:
        case "name":
            text = f"{faces or details.get('target', '')} {last}"
        case "rename":
            text = f"{details.get('before', 'somebody')} to {last}"
        case "merge":
            text = f"{of_several or details.get('target', 'somebody')} into {last}"
        case "move":
            text = f"{faces} to {last}"
        case "split":
            text = f"{faces} from {of_several}" if of_several else faces
        case "reject":
            text = f"{faces} not {', '.join(people)}"
        case "date" | "same photo":
            text = _about_photos(entry)
        case "undo" | "redo":
            text = ", ".join(map(str, details["entries"]))
        case "hide" | "show" | "delete" | "confirm":
            text = ", ".join(people) or _hidden_groups(details)
        case "import":
            text = f"decisions of {entry.author} from {details['from']}"
        case "relocate":
            text = f"{details['from']} to {details['to']}"
        case _:
            told = _described(entry, people) or _model(entry) or _recognized(details)
            text = told or _answered(entry) or str(details.get("folder") or faces)
    return f"{_VERBS.get(entry.kind, entry.kind)} {text}".strip()


def _hidden_groups(details: Mapping[str, Any]) -> str:
    if "groups" not in details:
        return ""
    fewer = _count(details["smaller_than"], "photo")
    return f"{_count(details['groups'], 'group')} in fewer than {fewer}"


def _described(entry: JournalEntry, people: Sequence[str]) -> str:
    """What was said of people and photos besides who is who; empty for other acts."""
    details = entry.details
    who = people[-1] if people else "somebody"
    also, born = details.get("alias", "something else"), details.get("birthday")
    when = "unknown" if born is None else photo_store.read_date(born).describe()
    photos = _count(details.get("photos", 0), "photo")
    text = {
        "alias": f"{who} is also called {also}",
        "no alias": f"{who} is not called {also} any more",
        "birthday": f"{who}: {when}",
        "cover": who if details.get("face") else f"{who}: the best one",
        "tag": f"{who} in {photos}",
        "untag": f"{who} in {photos}",
        "turn": photos,
        "resize": f"a face of {who}" if people else "a face",
    }
    return text.get(entry.kind, "")


def _about_photos(entry: JournalEntry) -> str:
    details = entry.details
    if entry.kind == "date":
        date = details.get("date")
        when = "as in the file" if date is None else photo_store.read_date(date).describe()
        return f"{_count(details['photos'], 'photo')}: {when}"
    often = "several times" if details["allowed"] else "once"
    counts = (("photo", details["photos"]), ("folder", details["folders"]))
    places = " and ".join(_count(number, noun) for noun, number in counts if number)
    return f"one person {often} in {places}"


def _model(entry: JournalEntry) -> str:
    kinds = journal.MODEL_CHOICES | {journal.EMBED, journal.REMOVE_MODEL}
    return str(entry.details["model"]) if entry.kind in kinds else ""


def _recognized(details: Mapping[str, Any]) -> str:
    return f"{_count(details['named'], 'face')} automatically" if "named" in details else ""


def _answered(entry: JournalEntry) -> str:
    """What an answer that decided nothing was about."""
    names = [name or "somebody without a name" for name in entry.details.get("people", {}).values()]
    match entry.kind:
        case "not sure":
            return f"whether somebody is {names[0]}" if names else "who somebody is"
        case "looked again":
            return f"a face of {names[0]}" if names else "a face"
        case _:
            return ""


def _history(undone: undoing.Undone) -> History:
    return History(undone.entries, tuple(map(title, undone.entries)), undone.changes)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
