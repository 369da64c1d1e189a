"""Decisions as registers: what the user can decide, one value each, and the tables that show it.

A register is one thing that can be decided, such as who a face is. Its value is what the newest
journal entry that stands says; the tables person, alias, confirmation, rejection, presence and the
columns `face.excluded`, `photo.dated`, `photo.repeats`, `photo.view_turn`, `photo.said_negative`
and `folder_rule.repeats` repeat it so that it can be asked quickly. Only `journal` and `undoing`
call `apply`, so that no decision changes without an entry.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, delete, select, tuple_, update
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
    to its folder. FOLDER_REPEATS: that photos below the folder of rule `a` may (1). ALIAS: another
    name of person `a`, `b` being its `names.alias_number`. BIRTHDAY: when person `a` was born, as
    `PhotoDate` text. COVER: the face that stands for person `a`. PRESENCE: that person `b` is in
    photo `a`, though without a face (1). VIEW: by how many degrees photo `a` is shown turned.
    NEGATIVE: 1 where photo `a` is a film negative, 0 where it is none; None leaves it to the scan.
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
    ALIAS = 10
    BIRTHDAY = 11
    COVER = 12
    PRESENCE = 13
    VIEW = 14
    NEGATIVE = 15


ABOUT_PEOPLE = (
    Subject.PERSON,
    Subject.NAME,
    Subject.HIDDEN,
    Subject.ALIAS,
    Subject.BIRTHDAY,
    Subject.COVER,
)
"""The subjects whose `a` is a person."""
ABOUT_FACES = (Subject.IDENTITY, Subject.REJECTION, Subject.EXCLUDED)
"""The subjects whose `a` is a face."""
ABOUT_PHOTOS = (
    Subject.DATE,
    Subject.REPEATS,
    Subject.PRESENCE,
    Subject.VIEW,
    Subject.NEGATIVE,
)
"""The subjects whose `a` is a photo."""
WITH_PERSON = (Subject.REJECTION, Subject.PRESENCE)
"""The subjects whose `b` is a person."""


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
    tx.execute(delete(schema.alias))
    tx.execute(delete(schema.presence))
    nobody = {"alive": False, "hidden": False}
    nothing = dict.fromkeys(("name", "name_key", "born", "chosen_cover_id"))
    tx.execute(update(schema.person).values(nobody | nothing))
    tx.execute(update(schema.face).values(excluded=schema.face.c.drawn))
    photo = schema.photo.c
    for column in (photo.dated, photo.repeats, photo.view_turn, photo.said_negative):
        tx.execute(update(schema.photo).where(column.is_not(None)).values({column.name: None}))
    tx.execute(update(schema.folder_rule).values(repeats=False))


def everything(tx: Transaction) -> dict[Register, Value]:
    """Every register that has a value, from the tables; the same as a replay of the journal."""
    result: dict[Register, Value] = {}
    person, face, photo, rule = schema.person.c, schema.face.c, schema.photo.c, schema.folder_rule.c
    for row in tx.execute(select(schema.person).where(person.alive)):
        said: dict[Subject, Value] = {
            Subject.PERSON: 1,
            Subject.NAME: row.name,
            Subject.HIDDEN: 1 if row.hidden else None,
            Subject.BIRTHDAY: row.born,
            Subject.COVER: row.chosen_cover_id,
        }
        for subject, value in said.items():
            if value is not None:
                result[Register(subject, row.id)] = value
    for person_id, number, name, _ in tx.execute(select(schema.alias)):
        result[Register(Subject.ALIAS, person_id, number)] = name
    yes = schema.confirmation.c
    for face_id, person_id in tx.execute(select(yes.face_id, yes.person_id)):
        result[Register(Subject.IDENTITY, face_id)] = person_id
    pairs = ((Subject.REJECTION, schema.rejection), (Subject.PRESENCE, schema.presence))
    for subject, table in pairs:
        for one, person_id in tx.execute(select(table)):
            result[Register(subject, one, person_id)] = 1
    odd = select(face.id, face.excluded).where(face.excluded != face.drawn)
    for face_id, excluded in tx.execute(odd):
        result[Register(Subject.EXCLUDED, face_id)] = int(excluded)
    of_photos = (
        (Subject.DATE, photo.dated),
        (Subject.REPEATS, photo.repeats),
        (Subject.VIEW, photo.view_turn),
        (Subject.NEGATIVE, photo.said_negative),
    )
    for subject, column in of_photos:
        for photo_id, value in tx.execute(select(photo.id, column).where(column.is_not(None))):
            result[Register(subject, photo_id)] = int(value) if isinstance(value, bool) else value
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
        Subject.ALIAS: (
            schema.alias,
            schema.alias.c.person_id,
            lambda row: (row.number, row.name),
        ),
        Subject.BIRTHDAY: (people, people.c.id, lambda row: (0, row.born)),
        Subject.COVER: (people, people.c.id, lambda row: (0, row.chosen_cover_id)),
        Subject.PRESENCE: (
            schema.presence,
            schema.presence.c.photo_id,
            lambda row: (row.person_id, 1),
        ),
        Subject.VIEW: (photos, photos.c.id, lambda row: (0, row.view_turn)),
        Subject.NEGATIVE: (
            photos,
            photos.c.id,
            lambda row: (0, None if row.said_negative is None else int(row.said_negative)),
        ),
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


def _apply_pairs(table: Table) -> Callable[[Transaction, Sequence[tuple[Register, Value]]], None]:
    """For a table of nothing but pairs, `a` and `b` of the registers."""

    def apply_to(tx: Transaction, writes: Sequence[tuple[Register, Value]]) -> None:
        gone = [(register.a, register.b) for register, value in writes if value is None]
        for part in chunks(gone):
            tx.execute(delete(table).where(tuple_(*table.c).in_(part)))
        names = [column.name for column in table.c]
        rows = [
            dict(zip(names, (register.a, register.b), strict=True))
            for register, value in writes
            if value is not None
        ]
        if rows:
            tx.execute(insert(table).on_conflict_do_nothing(), rows)

    return apply_to


def _apply_alias(tx: Transaction, writes: Sequence[tuple[Register, Value]]) -> None:
    table = schema.alias
    for part in chunks([(register.a, register.b) for register, _ in writes]):
        tx.execute(delete(table).where(tuple_(table.c.person_id, table.c.number).in_(part)))
    rows = [
        {
            "person_id": register.a,
            "number": register.b,
            "name": value,
            "name_key": name_key(str(value)),
        }
        for register, value in writes
        if value is not None
    ]
    if rows:
        tx.execute(insert(table), rows)


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
    Subject.REJECTION: _apply_pairs(schema.rejection),
    Subject.EXCLUDED: _apply_excluded,
    Subject.DATE: _apply_column(schema.photo, lambda value: {"dated": value}),
    Subject.REPEATS: _apply_column(
        schema.photo, lambda value: {"repeats": None if value is None else bool(value)}
    ),
    Subject.FOLDER_REPEATS: _apply_column(
        schema.folder_rule, lambda value: {"repeats": value is not None}
    ),
    Subject.ALIAS: _apply_alias,
    Subject.BIRTHDAY: _apply_column(schema.person, lambda value: {"born": value}),
    Subject.COVER: _apply_column(schema.person, lambda value: {"chosen_cover_id": value}),
    Subject.PRESENCE: _apply_pairs(schema.presence),
    Subject.VIEW: _apply_column(schema.photo, lambda value: {"view_turn": value}),
    Subject.NEGATIVE: _apply_column(
        schema.photo, lambda value: {"said_negative": None if value is None else bool(value)}
    ),
}


def came_or_went(registers: Iterable[Register]) -> list[int]:
    """The people of whom `registers` say whether they exist."""
    return [register.a for register in registers if register.subject is Subject.PERSON]


def photos_of(registers: Iterable[Register]) -> set[int]:
    """The photos that `registers` speak of."""
    return {register.a for register in registers if register.subject in ABOUT_PHOTOS}


def faces_of(registers: Iterable[Register]) -> set[int]:
    """The faces that `registers` speak of."""
    return {register.a for register in registers if register.subject in ABOUT_FACES}
