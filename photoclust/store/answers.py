"""What a user answered that decides nothing about who a face is: that they are not sure, that a
doubtful name is right all the same, that two groups are two people.

Each is an entry of the journal without changes, about two numbers; it counts while the entry stands
and can be undone as any other act.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from photoclust.core.types import EntryId, EntryStatus, FaceId
from photoclust.store import journal, schema
from photoclust.store.database import Transaction

ASKED_AGAIN_AFTER = timedelta(days=30)
"""What nobody was sure of is not asked for so long."""
NOBODY = -1
"""Stands for the person where it was asked who somebody is."""


class Noted(StrEnum):
    """What is noted of two numbers; the value is the kind of the entry.

    NOT_SURE whether a face is a person, NOT_SURE_ONE whether two faces are one person; SURE that a
    face is the person it was said to be; TWO_PEOPLE: two faces are not one person.
    """

    NOT_SURE = "not sure"
    NOT_SURE_ONE = "not sure of two"
    SURE = "looked again"
    TWO_PEOPLE = "two people"


_WEAR_OFF = frozenset((Noted.NOT_SURE, Noted.NOT_SURE_ONE))


def note(
    tx: Transaction, what: Noted, face: FaceId, other: int, people: Mapping[int, str]
) -> EntryId:
    """Note `what` about a face and `other`, a person or a face; `people` are those spoken of, by id
    and name.
    """
    named = {str(person): name for person, name in people.items()}
    return journal.add_entry(tx, what.value, {"about": [face, other], "people": named})


def noted(tx: Transaction, what: Noted) -> set[tuple[int, int]]:
    """The pairs of which `what` is noted; where that wears off, lately."""
    table = schema.entry.c
    query = select(table.details).where(
        table.kind == what.value, table.status == EntryStatus.STANDS
    )
    if what in _WEAR_OFF:
        since = datetime.now(UTC).replace(tzinfo=None) - ASKED_AGAIN_AFTER
        query = query.where(table.made_at > since)
    abouts = (details["about"] for details in tx.execute(query).scalars())
    return {(face, other) for face, other in abouts}
