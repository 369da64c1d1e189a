"""Decisions as registers: what the user can decide, one value each, and the tables that show it.

A register is one thing that can be decided, such as who a face is. Its value is what the newest
journal entry that stands says; the tables person, confirmation, rejection and the columns
`face.excluded`, `photo.dated`, `photo.repeats` and `folder_rule.repeats` repeat it so that it can
be asked quickly. Only `journal` calls
`apply`, so that no decision changes without an entry.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert

from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.names import name_key

Value = int | str | None


class Subject(IntEnum):
    """What a register is about; the numbers are kept in libraries.

    PERSON: whether person `a` exists (1). NAME: their name. HIDDEN: whether they are kept out of
    sight (1). IDENTITY: the person that face `a` is. REJECTION: that face `a` is not person `b`
    (1). EXCLUDED: 1 where face `a` is no face, 0 where it is one; None leaves it to where it comes
    from (found: a face; drawn by hand: none). DATE: when photo `a` was taken, as `PhotoDate` text.
    REPEATS: 1 where photo `a` may show one person several times, 0 where it may not; None leaves it
    to its folder. FOLDER_REPEATS: that photos below the folder of rule `a` may (1).
    """

    PERSON = 1
    NAME = 2
    HIDDEN = 3
    IDENTITY = 4
    REJECTION = 5
    EXCLUDED = 6
    DATE = 7
    REPEATS = 8
    FOLDER_REPEATS = 9


class Register(NamedTuple):
    """One thing that can be decided; `b` is 0 where the subject needs one id only."""

    subject: Subject
    a: int
    b: int = 0


Writes = Mapping[Register, Value]


def changed(tx: Transaction, writes: Writes) -> dict[Register, Value]:
    """Those of `writes` that say something else than the library does now."""
    now = _current(tx, list(writes))
    return {register: value for register, value in writes.items() if now[register] != value}


def apply(tx: Transaction, writes: Writes) -> None:
    """Make the tables say what `writes` say."""
    by_subject: dict[Subject, list[tuple[Register, Value]]] = defaultdict(list)
    for register, value in writes.items():
        by_subject[register.subject].append((register, value))
    # People first: confirmations and rejections refer to them.
    for subject in sorted(by_subject):
        _APPLY[subject](tx, by_subject[subject])


def clear(tx: Transaction) -> None:
    """Every register back to nothing decided; ids of people and drawn boxes stay."""
    tx.execute(delete(schema.confirmation))
    tx.execute(delete(schema.rejection))
    tx.execute(update(schema.person).values(alive=False, name=None, name_key=None, hidden=False))
    tx.execute(update(schema.face).values(excluded=schema.face.c.drawn))
    tx.execute(update(schema.photo).where(schema.photo.c.dated.is_not(None)).values(dated=None))
    tx.execute(update(schema.photo).where(schema.photo.c.repeats.is_not(None)).values(repeats=None))
    tx.execute(update(schema.folder_rule).values(repeats=False))


def everything(tx: Transaction) -> dict[Register, Value]:
    """Every register that has a value, from the tables; the same as a replay of the journal."""
    result: dict[Register, Value] = {}
    person, face, photo = schema.person.c, schema.face.c, schema.photo.c
    people = select(person.id, person.alive, person.name, person.hidden)
    for row in tx.execute(people.where(person.alive)):
        result[Register(Subject.PERSON, row.id)] = 1
        if row.name is not None:
            result[Register(Subject.NAME, row.id)] = row.name
        if row.hidden:
            result[Register(Subject.HIDDEN, row.id)] = 1
    yes, no = schema.confirmation.c, schema.rejection.c
    for face_id, person_id in tx.execute(select(yes.face_id, yes.person_id)):
        result[Register(Subject.IDENTITY, face_id)] = person_id
    for face_id, person_id in tx.execute(select(no.face_id, no.person_id)):
        result[Register(Subject.REJECTION, face_id, person_id)] = 1
    odd = select(face.id, face.excluded).where(face.excluded != face.drawn)
    for face_id, excluded in tx.execute(odd):
        result[Register(Subject.EXCLUDED, face_id)] = int(excluded)
    for photo_id, dated in tx.execute(
        select(photo.id, photo.dated).where(photo.dated.is_not(None))
    ):
        result[Register(Subject.DATE, photo_id)] = dated
    for photo_id, repeats in tx.execute(
        select(photo.id, photo.repeats).where(photo.repeats.is_not(None))
    ):
        result[Register(Subject.REPEATS, photo_id)] = int(repeats)
    rule = schema.folder_rule.c
    for rule_id in tx.execute(select(rule.id).where(rule.repeats)).scalars():
        result[Register(Subject.FOLDER_REPEATS, rule_id)] = 1
    return result


def _current(tx: Transaction, registers: Sequence[Register]) -> dict[Register, Value]:
    now: dict[Register, Value] = dict.fromkeys(registers)
    ids: dict[Subject, list[int]] = defaultdict(list)
    for register in registers:
        ids[register.subject].append(register.a)
    people, photos, rules = schema.person, schema.photo, schema.folder_rule
    reads: dict[Subject, tuple[Any, Any, Callable[[Any], tuple[int, Value]]]] = {
        Subject.PERSON: (people, people.c.id, lambda row: (0, 1 if row.alive else None)),
        Subject.NAME: (people, people.c.id, lambda row: (0, row.name)),
        Subject.HIDDEN: (people, people.c.id, lambda row: (0, 1 if row.hidden else None)),
        Subject.IDENTITY: (
            schema.confirmation,
            schema.confirmation.c.face_id,
            lambda row: (0, row.person_id),
        ),
        Subject.REJECTION: (
            schema.rejection,
            schema.rejection.c.face_id,
            lambda row: (row.person_id, 1),
        ),
        Subject.EXCLUDED: (
            schema.face,
            schema.face.c.id,
            lambda row: (0, None if row.excluded == row.drawn else int(row.excluded)),
        ),
        Subject.DATE: (photos, photos.c.id, lambda row: (0, row.dated)),
        Subject.REPEATS: (
            photos,
            photos.c.id,
            lambda row: (0, None if row.repeats is None else int(row.repeats)),
        ),
        Subject.FOLDER_REPEATS: (rules, rules.c.id, lambda row: (0, 1 if row.repeats else None)),
    }
    for subject, wanted in ids.items():
        table, key, value_of = reads[subject]
        for part in chunks(sorted(set(wanted))):
            for row in tx.execute(select(table).where(key.in_(part))):
                b, value = value_of(row)
                register = Register(subject, getattr(row, key.name), b)
                if register in now:
                    now[register] = value
    return now


def _apply_column(table: Any, values: Callable[[Value], dict[str, Any]]) -> Any:
    def apply_to(tx: Transaction, writes: Sequence[tuple[Register, Value]]) -> None:
        rows = [{"key": register.a, **values(value)} for register, value in writes]
        tx.execute(update(table).where(table.c.id == bindparam("key")), rows)

    return apply_to


def _apply_identity(tx: Transaction, writes: Sequence[tuple[Register, Value]]) -> None:
    table = schema.confirmation
    nobody = [register.a for register, value in writes if value is None]
    for part in chunks(nobody):
        tx.execute(delete(table).where(table.c.face_id.in_(part)))
    rows = [
        {"face_id": register.a, "person_id": value}
        for register, value in writes
        if value is not None
    ]
    if rows:
        statement = insert(table)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["face_id"], set_={"person_id": statement.excluded.person_id}
            ),
            rows,
        )


def _apply_rejection(tx: Transaction, writes: Sequence[tuple[Register, Value]]) -> None:
    table = schema.rejection
    gone = [(register.a, register.b) for register, value in writes if value is None]
    for part in chunks(gone):
        tx.execute(delete(table).where(tuple_(table.c.face_id, table.c.person_id).in_(part)))
    rows = [
        {"face_id": register.a, "person_id": register.b}
        for register, value in writes
        if value is not None
    ]
    if rows:
        tx.execute(insert(table).on_conflict_do_nothing(), rows)


def _apply_excluded(tx: Transaction, writes: Sequence[tuple[Register, Value]]) -> None:
    table = schema.face
    for value in {value for _, value in writes}:
        excluded = table.c.drawn if value is None else bool(value)
        for part in chunks([register.a for register, own in writes if own == value]):
            tx.execute(update(table).where(table.c.id.in_(part)).values(excluded=excluded))


_APPLY: dict[Subject, Callable[[Transaction, Sequence[tuple[Register, Value]]], None]] = {
    Subject.PERSON: _apply_column(schema.person, lambda value: {"alive": value is not None}),
    Subject.NAME: _apply_column(
        schema.person,
        lambda value: {"name": value, "name_key": None if value is None else name_key(str(value))},
    ),
    Subject.HIDDEN: _apply_column(schema.person, lambda value: {"hidden": value is not None}),
    Subject.IDENTITY: _apply_identity,
    Subject.REJECTION: _apply_rejection,
    Subject.EXCLUDED: _apply_excluded,
    Subject.DATE: _apply_column(schema.photo, lambda value: {"dated": value}),
    Subject.REPEATS: _apply_column(
        schema.photo, lambda value: {"repeats": None if value is None else bool(value)}
    ),
    Subject.FOLDER_REPEATS: _apply_column(
        schema.folder_rule, lambda value: {"repeats": value is not None}
    ),
}

ABOUT_PHOTOS = (Subject.DATE, Subject.REPEATS)
"""The subjects whose `a` is a photo."""


def came_or_went(registers: Iterable[Register]) -> list[int]:
    """The people of whom `registers` say whether they exist."""
    return [register.a for register in registers if register.subject is Subject.PERSON]


def photos_of(registers: Iterable[Register]) -> set[int]:
    """The photos that `registers` speak of."""
    return {register.a for register in registers if register.subject in ABOUT_PHOTOS}


def faces_of(registers: Iterable[Register]) -> set[int]:
    """The faces that `registers` speak of."""
    about_faces = {Subject.IDENTITY, Subject.REJECTION, Subject.EXCLUDED}
    return {register.a for register in registers if register.subject in about_faces}
