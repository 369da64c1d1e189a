"""Forgetting: taking people out of the library, and out of the journal, as if never said.

Everything else that was done can still be undone and redone. What SQLite keeps of deleted rows in
free pages and in its write-ahead log goes with `scrub`.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update

from photoclust.core.errors import LibraryError
from photoclust.core.types import Box, EntryId, EntryStatus
from photoclust.store import faces as face_store
from photoclust.store import guesses, redaction, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import Subject
from photoclust.store.matching import SAME_PLACE_IOU
from photoclust.store.names import name_key
from photoclust.store.redaction import Doomed

FORGET = "forget"
FORGET_ALL = "forget all"
FORGETTING = frozenset((FORGET, FORGET_ALL))
"""Kinds of entries that tell of it; one that has not ended is not done yet."""


def look_up(tx: Transaction, person: int) -> Doomed | None:
    """What there is of a person, who may have been deleted; None where there never was one.

    Raises LibraryError for somebody who was merged into another person and is part of them.
    """
    row = tx.execute(select(schema.person).where(schema.person.c.id == person)).one_or_none()
    if row is None:
        return None
    into = dict(redaction.merges(tx, EntryStatus.STANDS))
    if person in into and not row.alive:
        raise LibraryError(
            f"p{person} is part of p{into[person]} now; forget that person, or undo the merge first"
        )
    people = _with_merged({person}, into)
    people = _with_merged(people | _ghosts(tx, _names(tx, people), into), into)
    table, face, yes = schema.person.c, schema.face.c, schema.confirmation.c
    rows = tx.execute(select(table.uid, table.name).where(table.id.in_(people))).all()
    shown = select(face.id).where(face.person_id.in_(people))
    confirmed = select(yes.face_id).where(yes.person_id.in_(people))
    return Doomed(
        people=frozenset(people),
        uids=frozenset(row.uid for row in rows),
        names=frozenset(_names(tx, people)),
        faces=_with_earlier_boxes(tx, set(tx.execute(shown.union(confirmed)).scalars())),
    )


def forget_people(tx: Transaction, doomed: Doomed) -> None:
    """Delete people, their faces, and everything in the journal that speaks of either."""
    spoken = redaction.entries_about(tx, doomed)
    redaction.drop_undone_merges(tx, doomed.people)
    face_store.delete_faces(tx, doomed.faces)
    redaction.drop_changes(tx, doomed.people)
    _drop_guesses(tx, doomed.people)
    redaction.clean_entries(tx, doomed, spoken)
    for table in (schema.rejection, schema.presence, schema.alias):
        tx.execute(delete(table).where(table.c.person_id.in_(doomed.people)))
    tx.execute(delete(schema.person).where(schema.person.c.id.in_(doomed.people)))


def forget_everybody(tx: Transaction) -> int:
    """Delete every face, person, group and decision, and the journal; gives how many faces.

    Folders, photos and their files stay known, the files as if they had changed, so that the next
    scan looks at them again.
    """
    count = tx.execute(select(func.count()).select_from(schema.face)).scalar_one()
    for table in (
        schema.change,
        schema.vector,
        schema.confirmation,
        schema.rejection,
        schema.presence,
        schema.alias,
        schema.proposal_face,
        schema.proposal,
        schema.recognition,
        schema.given_name,
        schema.folder_rule,
    ):
        tx.execute(delete(table))
    decided = ("dated", "repeats", "view_turn", "said_negative")
    found = ("entry_id", "lost_hash", "look", "stack_id", "negative", "looked_negative")
    tx.execute(update(schema.photo).values(dict.fromkeys(decided + found)))
    for table in (schema.face, schema.cluster, schema.person, schema.model, schema.entry):
        tx.execute(delete(table))
    photo, file = schema.photo.c, schema.file.c
    tx.execute(delete(schema.photo).where(~exists().where(file.photo_id == photo.id)))
    # A content that is known would not be looked at. The time is off by one unit only: a drive
    # that comes back at another place is recognised by its files' times.
    tx.execute(update(schema.file).values(hash=b"", picture_hash=None, mtime_ns=file.mtime_ns - 1))
    return count


def scrub(connection: sqlite3.Connection) -> None:
    """Write the library's file anew, with nothing in it of what was deleted, and empty the
    write-ahead log. `connection` is in no transaction.

    Raises LibraryError when somebody else has the library open, or there is no room.
    """
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise LibraryError(
            f"what was forgotten is still in the library's free space ({error}); make room on the "
            "disk, close every other photoclust, and run the command again"
        ) from error
    if busy:
        raise LibraryError(
            "what was forgotten is still in the library's log, because another photoclust looks at "
            "it; close that one and run the command again"
        )


def pending(tx: Transaction) -> list[tuple[EntryId, str, Mapping[str, Any]]]:
    """The acts of forgetting that have not come to their end: entry, kind and details."""
    entry = schema.entry.c
    unfinished = (EntryStatus.RUNNING, EntryStatus.INTERRUPTED)
    query = select(entry.id, entry.kind, entry.details).where(
        entry.kind.in_((FORGET, FORGET_ALL)), entry.status.in_(unfinished)
    )
    return [(EntryId(row.id), row.kind, row.details) for row in tx.execute(query)]


def shorten_pending(tx: Transaction) -> None:
    """Of what these entries tell, leave only how many faces there were: the names of files that
    have been deleted are a user's words.
    """
    for entry, _, details in pending(tx):
        mine = schema.entry.c.id == entry
        short = {key: value for key, value in details.items() if key == "faces"}
        tx.execute(update(schema.entry).where(mine).values(details=short))


def _with_earlier_boxes(tx: Transaction, faces: set[int]) -> frozenset[int]:
    """`faces` and what is no face any more where they are: the same face in the box it had before
    the user changed that has a vector as well.
    """
    one, other = schema.face.alias("one"), schema.face.alias("other")
    sides = [each.c[name] for each in (one, other) for name in "xywh"]
    found = set(faces)
    for part in chunks(sorted(faces)):
        query = (
            select(other.c.id, *sides)
            .join(other, other.c.photo_id == one.c.photo_id)
            .where(one.c.id.in_(part), other.c.excluded)
        )
        for number, *box in tx.execute(query):
            if Box(*box[:4]).iou(Box(*box[4:])) >= SAME_PLACE_IOU:
                found.add(number)
    return frozenset(found)


def _names(tx: Transaction, people: Collection[int]) -> set[str]:
    change, entry, person = schema.change.c, schema.entry.c, schema.person.c
    # What an undone merge made their alias is the name of somebody who is still there.
    theirs = (change.subject == Subject.NAME) | (
        (change.subject == Subject.ALIAS)
        & ((entry.kind != "merge") | (entry.status != EntryStatus.UNDONE))
    )
    said = (
        select(change.value)
        .join(schema.entry, entry.id == change.entry_id)
        .where(theirs, change.a.in_(people))
    )
    found = set(tx.execute(said).scalars())
    found.update(tx.execute(select(person.name).where(person.id.in_(people))).scalars())
    return found - {None}


def _with_merged(people: set[int], into: Mapping[int, int]) -> set[int]:
    """`people` and whoever was made part of them; `into` tells who of whom."""
    found = set(people)
    while more := {source for source, target in into.items() if target in found} - found:
        found |= more
    return found


def _ghosts(tx: Transaction, names: Collection[str], into: Mapping[int, int]) -> set[int]:
    """Whoever is not there any more, is part of nobody (`into`), and was never called but by
    `names`: an act made them that was undone, as when names came in by mistake.
    """
    keys = set(map(name_key, names))
    change, person = schema.change.c, schema.person.c
    called = (
        select(change.a, change.value)
        .join(schema.person, person.id == change.a)
        .where(
            ~person.alive,
            change.subject.in_((Subject.NAME, Subject.ALIAS)),
            change.value.is_not(None),
        )
    )
    theirs: dict[int, set[str]] = defaultdict(set)
    for number, name in tx.execute(called.distinct()):
        theirs[number].add(name_key(name))
    return {number for number, said in theirs.items() if said <= keys and number not in into}


def _drop_guesses(tx: Transaction, people: Collection[int]) -> None:
    cluster, face, verdict = schema.cluster.c, schema.face.c, schema.recognition.c
    mine = select(cluster.id).where(cluster.person_id.in_(people))
    left = set(tx.execute(select(face.id).where(face.cluster_id.in_(mine))).scalars())
    # A verdict for somebody else is measured against them as well where they are the runner-up.
    likened = or_(verdict.person_id.in_(people), verdict.runner_up_id.in_(people))
    dropped = delete(schema.recognition).where(likened).returning(verdict.face_id)
    left.update(tx.execute(dropped).scalars())
    tx.execute(delete(schema.given_name).where(schema.given_name.c.person_id.in_(people)))
    tx.execute(update(schema.face).where(face.cluster_id.in_(mine)).values(cluster_id=None))
    tx.execute(delete(schema.cluster).where(cluster.person_id.in_(people)))
    guesses.refresh(tx, left)
