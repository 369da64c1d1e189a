"""Who is in a photo though no face of theirs can be seen: from behind, or hidden by somebody.

The photo is one of theirs all the same; recognition and grouping, which know faces only, learn
nothing from it.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from photoclust.core.types import PersonId, PhotoId
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject
from photoclust.store.journal import Act


def present_people(
    tx: Transaction, photos: Sequence[PhotoId]
) -> dict[PhotoId, list[tuple[PersonId, str | None]]]:
    """Who is in each of `photos` without a face, by id and name; photos with nobody are left out.

    Hidden people are left out as well.
    """
    presence, person = schema.presence.c, schema.person.c
    query = (
        select(presence.photo_id, person.id, person.name)
        .join(schema.person, person.id == presence.person_id)
        .where(person.alive, ~person.hidden)
        .order_by(presence.photo_id, person.id)
    )
    found: dict[PhotoId, list[tuple[PersonId, str | None]]] = defaultdict(list)
    for part in chunks(photos):
        for photo, number, name in tx.execute(query.where(presence.photo_id.in_(part))):
            found[PhotoId(photo)].append((PersonId(number), name))
    return dict(found)


def photos_of(tx: Transaction, person: PersonId) -> list[PhotoId]:
    """The photos that a person is in, with a face or without one, by id."""
    face, presence = schema.face.c, schema.presence.c
    seen = select(face.photo_id).where(face.person_id == person)
    faceless = select(presence.photo_id).where(presence.person_id == person)
    return sorted(tx.execute(seen.union(faceless)).scalars())


def photos_without_face(tx: Transaction, person: PersonId) -> list[PhotoId]:
    """The photos of which the user said that a person is in them without a face."""
    table = schema.presence.c
    query = select(table.photo_id).where(table.person_id == person).order_by(table.photo_id)
    return list(tx.execute(query).scalars())


def set_present(act: Act, photos: Sequence[PhotoId], person: PersonId, present: bool) -> None:
    """Say that a person is in photos without a face, or is not."""
    act.decide(
        {Register(Subject.PRESENCE, photo, person): 1 if present else None for photo in photos}
    )
