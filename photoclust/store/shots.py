"""Counting photos as they are shown: the forms of one shot, which are a stack, are one photo.

`core.forms` says the same of lists; a test compares them.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from photoclust.store import schema
from photoclust.store.database import Transaction, driver_connection


@dataclass(frozen=True, slots=True)
class PhotoCount:
    """How many photos are `shown`, and how many there are with all forms of each."""

    shown: int
    all_forms: int


def shot(photo: Any = schema.photo.c) -> ColumnElement[int]:
    """What all forms of a shot have in common, of the columns of a photo."""
    return func.coalesce(photo.stack_id, photo.id)


def number_of_shots(photo: Any = schema.photo.c) -> ColumnElement[int]:
    """How many photos are shown of those in the rows of a query."""
    return func.count(shot(photo).distinct())


def count(tx: Transaction) -> PhotoCount:
    """How many photos there are that a file holds or held, as the lists show them."""
    # An index has the photos of files in order; stacks have one of their own. Distinct values of
    # `shot` would be sorted first, which takes ten times as long.
    connection = driver_connection(tx)
    (held,) = connection.execute("SELECT count(DISTINCT photo_id) FROM file").fetchone()
    stacked, stacks = connection.execute(
        "SELECT count(*), count(DISTINCT stack_id) FROM photo WHERE stack_id IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM file WHERE photo_id = photo.id)"
    ).fetchone()
    return PhotoCount(held - stacked + stacks, held)


def hidden_forms(tx: Transaction, key: str) -> dict[int, int]:
    """How many photos of each person (`key` is `person_id`) or group (`cluster_id`) are forms of
    others of theirs; those who have none are left out.
    """
    face, photo, presence = schema.face.c, schema.photo.c, schema.presence.c
    stacked = photo.stack_id.is_not(None)
    if key == "person_id":
        seen = select(face.person_id.label("who"), face.photo_id).where(
            face.photo_id.in_(select(photo.id).where(stacked)), face.person_id.is_not(None)
        )
        there = select(presence.person_id, presence.photo_id)
        rows = seen.union(there).subquery()
    else:
        rows = (
            select(face.cluster_id.label("who"), face.photo_id)
            .where(
                face.photo_id.in_(select(photo.id).where(stacked)),
                face.cluster_id.is_not(None),
                face.person_id.is_(None),
                ~face.excluded,
            )
            .distinct()
            .subquery()
        )
    more = func.count() - number_of_shots()
    query = (
        select(rows.c.who, more)
        .join(schema.photo, photo.id == rows.c.photo_id)
        .group_by(rows.c.who)
        .having(more > 0)
    )
    return {who: number for who, number in tx.execute(query)}  # noqa: C416 - rows are no tuples
