"""The journal of a damaged file, as far as it can be read, in the ids of the library that takes it
over; and what that file says is decided though no entry that can be read says so.
"""

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import update

from photoclust.core.types import EntryId, EntryStatus, JournalEntry
from photoclust.store import journal, schema
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.decisions import (
    ABOUT_PEOPLE,
    ABOUT_PHOTOS,
    WITH_PERSON,
    Register,
    Subject,
    Value,
)
from photoclust.store.salvage import Row, Wreck


@dataclass(slots=True)
class Taken:
    """How much was taken over."""

    photos: int = 0
    faces: int = 0
    people: int = 0
    entries: int = 0
    decisions: int = 0

    def __iadd__(self, other: "Taken") -> "Taken":
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        return self


@dataclass(slots=True)
class Ids:
    """Which id of the damaged file is which in the library, and `later`: what was decided in the
    library since the file was damaged.
    """

    photo: dict[int, int] = field(default_factory=dict)
    face: dict[int, int] = field(default_factory=dict)
    person: dict[int, int] = field(default_factory=dict)
    entry: dict[int, int] = field(default_factory=dict)
    rule: dict[int, int] = field(default_factory=dict)
    later: set[Register] = field(default_factory=set)


def decided_since(tx: Transaction, wreck: Wreck) -> set[Register]:
    """What was decided in the library after the last entry of the damaged file: it stays so."""
    times = (row["made_at"] for row in wreck.rows("entry"))
    newest = max((time for time in times if isinstance(time, str)), default=None)
    query = (
        "SELECT DISTINCT subject, a, b FROM change JOIN entry ON entry.id = entry_id "
        "WHERE made_at > ?"
    )
    rows = () if newest is None else tx.exec_driver_sql(query, (newest,))
    return {Register(Subject(subject), a, b) for subject, a, b in rows}


def take_entries(tx: Transaction, wreck: Wreck, ids: Ids, taken: Taken) -> list[EntryId]:
    """Insert the entries that the library lacks; gives their ids. Their changes come after."""
    listed = tx.exec_driver_sql("SELECT id, kind, made_at FROM entry")
    known = {(entry.id, entry.kind, entry.made_at) for entry in listed}
    new: list[EntryId] = []
    for row in sorted(wreck.rows("entry"), key=lambda row: int(row["id"])):
        if row["status"] not in set(EntryStatus) or not _is_json(row["details"]):
            continue
        if (row["id"], row["kind"], row["made_at"]) in known:
            ids.entry[row["id"]] = row["id"]
            continue
        if row["status"] == EntryStatus.RUNNING:
            row["status"] = EntryStatus.INTERRUPTED.value
        # Groups have other ids here, so that guesses about them cannot be taken back.
        number = insert_as(tx, "entry", row | {"guesses": None})
        if number is not None:
            ids.entry[row["id"]] = number
            new.append(EntryId(number))
    taken.entries = len(new)
    return new


def take_lost_people(tx: Transaction, wreck: Wreck, ids: Ids, taken: Taken) -> None:
    """Make out who the people are that the journal speaks of though their rows are unreadable:
    they came with the same entry, or are new.
    """
    born = {
        (row.entry_id, row.a)
        for row in tx.exec_driver_sql(
            "SELECT entry_id, a FROM change WHERE subject = ? AND value = 1", (Subject.PERSON,)
        )
    }
    for row in wreck.rows("change"):
        if row["subject"] != Subject.PERSON or row["value"] != 1 or row["a"] in ids.person:
            continue
        if (ids.entry.get(row["entry_id"]), row["a"]) in born:
            ids.person[row["a"]] = row["a"]
            continue
        person = {"id": row["a"], "uid": str(uuid.uuid4()), "alive": 0}
        number = insert_as(tx, "person", person)
        if number is not None:
            ids.person[row["a"]] = number
            taken.people += 1


def take_changes(tx: Transaction, wreck: Wreck, ids: Ids, new: Sequence[EntryId]) -> None:
    """Insert the changes of the entries `new`, save for what was decided here since."""
    for entry in journal.entries_by_id(tx, new):
        _adopt(tx, entry, ids)
    fresh = set(new)
    for row in wreck.rows("change"):
        number = ids.entry.get(row["entry_id"])
        written = _mapped(row, ids)
        if number in fresh and written is not None and written[0] not in ids.later:
            journal.add_changes(tx, EntryId(number), dict([written]))


def decided(wreck: Wreck, ids: Ids) -> dict[Register, Value]:
    """What the tables of the damaged file say is decided, with the library's ids."""
    rows: list[tuple[Subject, Any, Any, Any]] = []
    for row in wreck.rows("person"):
        alive = row["alive"] or None
        rows.append((Subject.PERSON, row["id"], 0, 1 if alive else None))
        rows.append((Subject.NAME, row["id"], 0, row["name"] if alive else None))
        rows.append((Subject.HIDDEN, row["id"], 0, 1 if alive and row["hidden"] else None))
        rows.append((Subject.BIRTHDAY, row["id"], 0, row["born"] if alive else None))
        rows.append((Subject.COVER, row["id"], 0, row["chosen_cover_id"] if alive else None))
    rows += [
        (Subject.ALIAS, row["person_id"], row["number"], row["name"])
        for row in wreck.rows("alias")
        if isinstance(row["name"], str)
    ]
    rows += [
        (Subject.IDENTITY, row["face_id"], 0, row["person_id"])
        for row in wreck.rows("confirmation")
    ]
    rows += [
        (Subject.REJECTION, row["face_id"], row["person_id"], 1) for row in wreck.rows("rejection")
    ]
    rows += [
        (Subject.PRESENCE, row["photo_id"], row["person_id"], 1) for row in wreck.rows("presence")
    ]
    rows += [
        (Subject.EXCLUDED, row["id"], 0, int(bool(row["excluded"])))
        for row in wreck.rows("face")
        if row["excluded"] != row["drawn"]
    ]
    rows += [
        (Subject.DATE, row["id"], 0, row["dated"])
        for row in wreck.rows("photo")
        if isinstance(row["dated"], str)
    ]
    rows += [
        (Subject.REPEATS, row["id"], 0, int(bool(row["repeats"])))
        for row in wreck.rows("photo")
        if row["repeats"] is not None
    ]
    rows += [
        (Subject.VIEW, row["id"], 0, row["view_turn"])
        for row in wreck.rows("photo")
        if isinstance(row["view_turn"], int)
    ]
    rows += [
        (Subject.NEGATIVE, row["id"], 0, int(bool(row["said_negative"])))
        for row in wreck.rows("photo")
        if row["said_negative"] is not None
    ]
    rows += [
        (Subject.FOLDER_REPEATS, row["id"], 0, 1)
        for row in wreck.rows("folder_rule")
        if row["repeats"]
    ]
    keys = ("subject", "a", "b", "value")
    mapped = (_mapped(dict(zip(keys, row, strict=True)), ids) for row in rows)
    return dict(pair for pair in mapped if pair is not None)


def withdrawn(
    said: Mapping[Register, Value], there: Mapping[Register, Value], wreck: Wreck, ids: Ids
) -> dict[Register, Value]:
    """What the library says of faces and photos though the damaged file, where it can be read,
    does not any more.
    """
    faces, photos_ = set(ids.face.values()), set(ids.photo.values())
    known = {
        Subject.IDENTITY: set() if {"confirmation", "person"} & wreck.broken else faces,
        Subject.REJECTION: set() if {"rejection", "person"} & wreck.broken else faces,
        Subject.EXCLUDED: faces,
        Subject.DATE: photos_,
        Subject.REPEATS: photos_,
        Subject.PRESENCE: set() if {"presence", "person"} & wreck.broken else photos_,
        Subject.VIEW: photos_,
        Subject.NEGATIVE: photos_,
        Subject.FOLDER_REPEATS: set(ids.rule.values()),
    }
    return {
        register: None
        for register in said
        if register not in there and register.a in known.get(register.subject, ())
    }


def insert_as(tx: Transaction, table: str, row: Row) -> int | None:
    """Insert a row under its own id, or under a new one where that is taken."""
    number = insert(tx, table, row)
    return insert(tx, table, row | {"id": None}) if number is None else number


def insert(tx: Transaction, table: str, row: Row) -> int | None:
    """Insert a row as SQLite keeps it; gives its id, None where it does not fit."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    try:
        cursor = driver_connection(tx).execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
            tuple(row.values()),
        )
    except sqlite3.IntegrityError:
        return None
    return cursor.lastrowid


def _is_json(text: object) -> bool:
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _adopt(tx: Transaction, entry: JournalEntry, ids: Ids) -> None:
    """Have an entry that was taken over speak of the library's ids, and undo what it undid."""
    details, table = dict(entry.details), schema.entry
    if isinstance(details.get("people"), dict):
        details["people"] = {
            str(ids.person.get(int(person), person)): name
            for person, name in details["people"].items()
        }
    if entry.kind in {"undo", "redo"}:
        listed = [ids.entry[number] for number in details["entries"] if number in ids.entry]
        details["entries"] = sorted(listed)
        status = EntryStatus.UNDONE if entry.kind == "undo" else EntryStatus.STANDS
        tx.execute(update(table).where(table.c.id.in_(listed)).values(status=status))
    tx.execute(update(table).where(table.c.id == entry.id).values(details=details))


def _mapped(row: Row, ids: Ids) -> tuple[Register, Value] | None:
    """A change with the library's ids; None where it speaks of what could not be read."""
    try:
        subject = Subject(row["subject"])
    except ValueError:
        return None
    a, b, value = row["a"], row["b"], row["value"]
    if subject in ABOUT_PEOPLE:
        a = ids.person.get(a)
    elif subject in ABOUT_PHOTOS:
        a = ids.photo.get(a)
    elif subject is Subject.FOLDER_REPEATS:
        a = ids.rule.get(a)
    else:
        a = ids.face.get(a)
    if subject in WITH_PERSON:
        b = ids.person.get(b)
    speaks_of = {Subject.IDENTITY: ids.person, Subject.COVER: ids.face}
    if subject in speaks_of and value is not None:
        value = speaks_of[subject].get(value)
        if value is None:
            return None
    return None if a is None or b is None else (Register(subject, a, b), value)
