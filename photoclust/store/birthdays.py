"""When people were born, as the user said. Nobody is in a photo from before that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from photoclust.core.ages import CLOCK_SLACK_DAYS, first_and_last_day
from photoclust.core.dates import PhotoDate
from photoclust.core.types import PersonId
from photoclust.store import schema
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.decisions import Register, Subject
from photoclust.store.journal import Act
from photoclust.store.photo_dates import date_text, read_date


def birthdays(tx: Transaction) -> dict[PersonId, PhotoDate]:
    """When everybody was born of whom the user said it."""
    table = schema.person.c
    query = select(table.id, table.born).where(table.born.is_not(None), table.alive)
    return {PersonId(row.id): read_date(row.born) for row in tx.execute(query.order_by(table.id))}


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """When people were born and which photos are from before, in days of one calendar.

    `people` [B], ascending, with the first day [B] that each may be in a photo of; `photos` [F],
    ascending, all from before the last of these days, with the last day [F] that each may be of.
    """

    people: NDArray[np.int64]
    born: NDArray[np.int64]
    photos: NDArray[np.int64]
    latest: NDArray[np.int64]


def load_days(tx: Transaction) -> Days:
    """The birthdays that there are, and the photos that they say something about."""
    sql = driver_connection(tx)
    rows = sql.execute("SELECT id, born FROM person WHERE born IS NOT NULL AND alive ORDER BY id")
    born = {number: first_and_last_day(read_date(text))[0] for number, text in rows}
    by_camera: list[tuple[int, str]] = []
    by_hand: list[tuple[int, str]] = []
    if born:
        end = max(born.values())
        # Texts are compared, and no dates computed, where there are many.
        clock = "dated IS NULL AND date_source = 'exif' AND taken_at < ?"
        query = f"SELECT id, substr(taken_at, 1, 10) FROM photo WHERE {clock}"  # noqa: S608
        before = end - timedelta(days=CLOCK_SLACK_DAYS)
        by_camera = sql.execute(query, (before.isoformat(),)).fetchall()
        for number, text in sql.execute("SELECT id, dated FROM photo WHERE dated IS NOT NULL"):
            date = read_date(text)
            last = first_and_last_day(date)[1]
            if not date.about and last < end:
                by_hand.append((number, last.isoformat()))
    found = by_camera + by_hand
    photos = np.array([number for number, _ in found], np.int64)
    latest = _days([day for _, day in found])
    latest[: len(by_camera)] += CLOCK_SLACK_DAYS
    order = np.argsort(photos, kind="stable")
    return Days(
        people=np.array(list(born), np.int64),
        born=_days([day.isoformat() for day in born.values()]),
        photos=photos[order],
        latest=latest[order],
    )


def set_birthday(act: Act, person: PersonId, born: PhotoDate | None) -> None:
    """Say when a person was born; None: nobody knows."""
    value = None if born is None else date_text(born)
    act.decide({Register(Subject.BIRTHDAY, person): value})


def _days(dates: Sequence[str]) -> NDArray[np.int64]:
    return np.array(dates, "datetime64[D]").astype(np.int64)
