"""Faces from before somebody was born, by the date of their photo: never guessed to be them.

Only dates that a camera or the user gave say that, and those said to be "about" right do not.
`core.ages.certainly_before` is the same rule for dates that are not in a table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, exists, literal_column, select

from photoclust.core.ages import CLOCK_SLACK_DAYS
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.decisions import Register, Subject

_FIRST = f"date(substr({{}}.born, 1, 10), '-{CLOCK_SLACK_DAYS} day')"
_DAY = "CAST(julianday({}) AS INTEGER)"
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
    "iif(photo.date_source = 'exif', date(substr(photo.taken_at, 1, 10)), NULL))"
)
"""SQL: the last day on which a photo may have been taken; NULL where nothing certain is known."""


def unborn_sql(face: str = "face", person: str = "person") -> str:
    """SQL: whether `face` is from before `person` was born, both tables or aliases of these that
    the statement around it has.
    """
    first = _FIRST.format(person)
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


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """When people were born and what faces are from before, in whole days of one calendar.

    `people` [B], ascending, with the first day [B] that each may be in a photo of; `faces` [F],
    ascending, all from before the last of these days, with the last day [F] that each may be of.
    """

    people: NDArray[np.int64]
    born: NDArray[np.int64]
    faces: NDArray[np.int64]
    latest: NDArray[np.int64]


def load_days(tx: Transaction) -> Days:
    """The birthdays that there are, and the faces that they say something about."""
    sql = driver_connection(tx)
    born = sql.execute(
        f"SELECT id, {_DAY.format(_FIRST.format('person'))} FROM person "  # noqa: S608
        "WHERE born IS NOT NULL AND alive ORDER BY id"
    ).fetchall()
    people, first = np.array(born, np.int64).reshape(len(born), 2).T
    early = []
    if born:
        # By the photo first, of which there are fewer than faces.
        early = sql.execute(
            f"WITH early AS MATERIALIZED (SELECT id, {_DAY.format(LAST_DAY)} AS day FROM photo "  # noqa: S608
            "WHERE day < ?) SELECT face.id, day FROM early JOIN face ON photo_id = early.id "
            "WHERE NOT excluded ORDER BY face.id",
            (int(first.max()),),
        ).fetchall()
    faces, latest = np.array(early, np.int64).reshape(len(early), 2).T
    return Days(people, first, faces, latest)


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
    if photos and _anybody_born(tx):
        for part in chunks(sorted(photos)):
            faces.update(_column(tx, select(face.id).where(face.photo_id.in_(part))))
    return faces, groups


def _anybody_born(tx: Transaction) -> bool:
    person = schema.person.c
    return (
        tx.execute(select(person.id).where(person.born.is_not(None)).limit(1)).first() is not None
    )


def _column(tx: Transaction, query: Any) -> list[int]:
    return list(tx.execute(query).scalars())
