"""Faces from before somebody was born, by the date of their photo: never guessed to be them.

Only dates that a camera or the user gave say that, and those said to be "about" right do not.
`core.ages.certainly_before` is the same rule for two dates.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, literal_column, or_, select

from photoclust.core.ages import CLOCK_SLACK_DAYS
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject

_LAST_BY_HAND = (
    "CASE substr(photo.dated, 20) "
    "WHEN '|second|' THEN date(substr(photo.dated, 1, 10)) "
    "WHEN '|day|' THEN date(substr(photo.dated, 1, 10)) "
    "WHEN '|month|' THEN date(substr(photo.dated, 1, 10), '+1 month', '-1 day') "
    "WHEN '|year|' THEN date(substr(photo.dated, 1, 10), '+1 year', '-1 day') "
    "WHEN '|decade|' THEN date(substr(photo.dated, 1, 10), '+10 years', '-1 day') END"
)
LAST_DAY = (
    f"iif(photo.dated IS NOT NULL, {_LAST_BY_HAND}, "
    "iif(photo.date_source = 'exif', "
    f"date(substr(photo.taken_at, 1, 10), '+{CLOCK_SLACK_DAYS} day'), NULL))"
)
"""SQL: the last day on which a photo may have been taken; NULL where nothing certain is known."""


def unborn_sql(face: str = "face", person: str = "person") -> str:
    """SQL: whether `face` is from before `person` was born, both tables or aliases of these that
    the statement around it has.
    """
    first = f"date(substr({person}.born, 1, 10))"
    early = f"SELECT * FROM photo WHERE photo.id = {face}.photo_id AND {LAST_DAY} < {first}"  # noqa: S608
    return f"({person}.born IS NOT NULL AND EXISTS ({early}))"


def is_unborn() -> ColumnElement[bool]:
    """As `unborn_sql`, of `schema.face` and `schema.person`."""
    return literal_column(unborn_sql())


def is_before_birth_of(person: int) -> ColumnElement[bool]:
    """Whether `schema.face` is from before this person was born."""
    who = schema.person.alias("who")
    early: ColumnElement[bool] = literal_column(unborn_sql(person="who"))
    return exists(select(who.c.id).where(who.c.id == person, early))


def concerned(tx: Transaction, registers: Iterable[Register]) -> tuple[set[int], set[int]]:
    """The faces and groups for which somebody else may be guessed once `registers`, among them
    birthdays and dates of photos, say something else.
    """
    people: set[int] = set()
    photos: set[int] = set()
    for register in registers:
        if register.subject is Subject.BIRTHDAY:
            people.add(register.a)
        elif register.subject is Subject.DATE:
            photos.add(register.a)
    face, verdict, cluster = schema.face.c, schema.recognition.c, schema.cluster.c
    faces: set[int] = set()
    groups: set[int] = set()
    for part in chunks(sorted(people)):
        faces.update(_column(tx, select(verdict.face_id).where(verdict.person_id.in_(part))))
        groups.update(_column(tx, select(cluster.id).where(cluster.person_id.in_(part))))
    if photos and tx.execute(_born().limit(1)).first() is not None:
        for part in chunks(sorted(photos)):
            guessed = or_(
                exists().where(verdict.face_id == face.id, verdict.person_id.in_(_born())),
                exists().where(cluster.id == face.cluster_id, cluster.person_id.in_(_born())),
            )
            query = select(face.id).where(face.photo_id.in_(part), guessed)
            faces.update(_column(tx, query))
    return faces, groups


def _born() -> Select[tuple[int]]:
    """Everybody whose birthday is known."""
    person = schema.person.c
    return select(person.id).where(person.born.is_not(None))


def _column(tx: Transaction, query: Any) -> list[int]:
    return list(tx.execute(query).scalars())
