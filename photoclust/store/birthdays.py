"""When people were born, as the user said. Nobody is in a photo from before that."""

from sqlalchemy import select

from photoclust.core.dates import PhotoDate
from photoclust.core.types import PersonId
from photoclust.store import schema
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject
from photoclust.store.journal import Act
from photoclust.store.photos import date_text, read_date


def birthdays(tx: Transaction) -> dict[PersonId, PhotoDate]:
    """When everybody was born of whom the user said it."""
    table = schema.person.c
    query = select(table.id, table.born).where(table.born.is_not(None), table.alive)
    return {PersonId(row.id): read_date(row.born) for row in tx.execute(query.order_by(table.id))}


def set_birthday(act: Act, person: PersonId, born: PhotoDate | None) -> None:
    """Say when a person was born; None: nobody knows."""
    value = None if born is None else date_text(born)
    act.decide({Register(Subject.BIRTHDAY, person): value})
