"""Who is seen when, and with whom: what the photos of people have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Select, select, union_all

from photoclust.core.dates import PhotoDate
from photoclust.core.types import GroupKind, PersonId, PhotoId
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.photo_dates import date_of
from photoclust.store.shots import number_of_shots

Span = tuple[datetime, datetime]
_MOMENT = len("2019-05-12 14:05:33")


def spans(tx: Transaction) -> dict[str, Span]:
    """When the first and the last photo of everybody (`p7`) and of every group without a person
    (`g31`) were taken, as far as a camera or the user says; those of whom nobody knows it are left
    out. A date that is known in part counts as its beginning.
    """
    # Two passes over tables and sorted columns: a join of all faces takes twenty times as long.
    connection = driver_connection(tx)
    # Both dates begin with YYYY-MM-DD HH:MM:SS, and their order as texts is that of the moments.
    photos = connection.execute(
        "SELECT id, coalesce(dated, taken_at) AS taken FROM photo "
        "WHERE dated IS NOT NULL OR date_source = 'exif' ORDER BY taken"
    ).fetchall()
    rows = connection.execute(
        "SELECT photo_id, coalesce(person_id, -cluster_id) FROM face "
        "WHERE NOT excluded AND (person_id IS NOT NULL OR cluster_id IS NOT NULL) "
        "UNION ALL SELECT photo_id, person_id FROM presence"
    ).fetchall()
    if not photos or not rows:
        return {}
    ids = np.array([number for number, _ in photos], np.int64)
    rank = np.full(ids.max() + 1, -1, np.int64)
    rank[ids] = np.arange(len(ids))
    photo, owner = np.array(rows, np.int64).T
    place = np.where(photo < len(rank), rank[np.minimum(photo, len(rank) - 1)], -1)
    owner, place = owner[place >= 0], place[place >= 0]
    if not len(owner):
        return {}
    order = np.lexsort((place, owner))
    owner, place = owner[order], place[order]
    starts = np.flatnonzero(np.diff(owner, prepend=0))
    ends = np.append(starts[1:], len(owner)) - 1
    return {
        f"{GroupKind.CLUSTER}{-number}" if number < 0 else f"{GroupKind.PERSON}{number}": (
            _moment(photos[first][1]),
            _moment(photos[last][1]),
        )
        for number, first, last in zip(
            owner[starts].tolist(), place[starts].tolist(), place[ends].tolist(), strict=True
        )
    }


def _moment(taken: str) -> datetime:
    return datetime.fromisoformat(taken[:_MOMENT])


def dates(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, PhotoDate | None]:
    """When photos were taken, as far as that is known."""
    photo = schema.photo.c
    query: Select[Any] = select(photo.id, photo.dated, photo.taken_at, photo.date_source)
    return {
        PhotoId(row.id): date_of(row)
        for part in chunks(list(dict.fromkeys(photos)))
        for row in tx.execute(query.where(photo.id.in_(part)))
    }


def companions(tx: Transaction, person: PersonId) -> list[tuple[PersonId, int]]:
    """Who is in photos of `person` and in how many, the forms of a shot being one, those in most of
    them first; without those the user hid.
    """
    face, presence, other = schema.face.c, schema.presence.c, schema.person.c
    mine = _photos_of(person)
    there = union_all(
        select(face.person_id, face.photo_id).where(
            face.photo_id.in_(mine), face.person_id.is_not(None)
        ),
        select(presence.person_id, presence.photo_id).where(presence.photo_id.in_(mine)),
    ).subquery()
    number = number_of_shots()
    query = (
        select(other.id, number)
        .join(there, there.c.person_id == other.id)
        .join(schema.photo, schema.photo.c.id == there.c.photo_id)
        .where(other.id != person, other.alive, ~other.hidden)
        .group_by(other.id)
        .order_by(number.desc(), other.id)
    )
    return [(PersonId(who), photos) for who, photos in tx.execute(query)]


def photos_with_both(tx: Transaction, one: PersonId, other: PersonId) -> set[PhotoId]:
    """The photos that both people are in."""
    photo = schema.photo.c
    query = select(photo.id).where(photo.id.in_(_photos_of(one)), photo.id.in_(_photos_of(other)))
    return {PhotoId(number) for number in tx.execute(query).scalars()}


def _photos_of(person: PersonId) -> Select[tuple[int]]:
    face, presence = schema.face.c, schema.presence.c
    both = union_all(
        select(face.photo_id).where(face.person_id == person),
        select(presence.photo_id).where(presence.person_id == person),
    ).subquery()
    return select(both.c.photo_id)
