"""Which photos a search means: its tree as one statement.

Every part is a condition on a photo by itself, made of sets that an index of the table of faces
gives, so that parts join in any way.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    true,
    union_all,
)

from photoclust.core.query.naming import KnownName
from photoclust.core.query.times import values_within
from photoclust.core.query.tree import (
    And,
    Bounds,
    FaceCount,
    Node,
    Not,
    Only,
    Or,
    People,
    Place,
    Quality,
    Taken,
    Unnamed,
)
from photoclust.core.types import FaceId, PersonId, PhotoId
from photoclust.store import photo_dates, photos, schema
from photoclust.store.chunks import chunks, listed
from photoclust.store.database import Transaction
from photoclust.store.shots import number_of_shots


def known_names(tx: Transaction) -> list[KnownName]:
    """Every name by which anybody can be found."""
    person, alias = schema.person.c, schema.alias.c
    names = select(person.id, person.name, person.hidden).where(
        person.alive, person.name.is_not(None)
    )
    others = (
        select(alias.person_id, alias.name, person.hidden)
        .join(schema.person, person.id == alias.person_id)
        .where(person.alive)
    )
    return [
        KnownName(PersonId(number), name, is_alias, hidden)
        for query, is_alias in ((names, False), (others, True))
        for number, name, hidden in tx.execute(query)
    ]


def named_people(tx: Transaction) -> dict[PersonId, tuple[str, int]]:
    """The name of everybody who has one, and in how many photos they are."""
    person = schema.person.c
    query = select(person.id, person.name, person.photo_count)
    rows = tx.execute(query.where(person.alive, person.name.is_not(None)))
    return {PersonId(number): (name, count) for number, name, count in rows}


def times(tx: Transaction, *, months: bool = False) -> dict[str, int]:
    """How many photos are shown of each year (`2019`), or of each month (`2019-07`) as far as it is
    known, to who searches for it.
    """
    photo = schema.photo.c
    taken = func.coalesce(photo.dated, photo.taken_at)
    begins = func.substr(taken, 1, len("2019-07") if months else len("2019")).label("begins")
    counted = select(begins, func.count()).where(taken.is_not(None)).group_by(begins)
    if months:
        counted = counted.where(photo_dates.month_is_known())
    found = Counter({text: count for text, count in tx.execute(counted)})  # noqa: C416 - no tuples
    # Only a few are in stacks; to count all as shots takes twice as long.
    more = counted.with_only_columns(begins, func.count() - number_of_shots())
    for text, forms in tx.execute(more.where(photo.stack_id.is_not(None))):
        found[text] -= forms
    return found


def find(
    tx: Transaction, search: Node, places: Mapping[Place, Collection[PhotoId]]
) -> list[PhotoId]:
    """The photos that `search` means, the newest first; `places` are those of its places.

    Raises ValueError for words of which nobody said what they stand for.
    """
    query = photos.newest_first().where(_condition(search, places))
    return list(tx.execute(query).scalars())


def faces_of(
    tx: Transaction, people: Collection[PersonId], photos_: Sequence[PhotoId]
) -> dict[PhotoId, list[FaceId]]:
    """The faces of `people` in each of `photos_`, from left to right; no photo without one."""
    face = schema.face.c
    query = select(face.photo_id, face.id).where(face.person_id.in_(listed(people)))
    found: dict[PhotoId, list[FaceId]] = defaultdict(list)
    for part in chunks(photos_):
        rows = tx.execute(query.where(face.photo_id.in_(part)).order_by(face.photo_id, face.x))
        for photo, number in rows:
            found[PhotoId(photo)].append(FaceId(number))
    return dict(found)


def names_in(
    tx: Transaction, photos_: Sequence[PhotoId], also: Collection[PersonId] = ()
) -> dict[PhotoId, list[tuple[PersonId, str]]]:
    """Who is in each of `photos_`, by id and name, those with most photos first; photos in which
    nobody has a name are left out, and so are hidden people that are not among `also`.
    """
    face, presence, person = schema.face.c, schema.presence.c, schema.person.c
    shown = or_(~person.hidden, person.id.in_(listed(also)))
    found: dict[PhotoId, list[tuple[PersonId, str]]] = defaultdict(list)
    for part in chunks(photos_):
        there = union_all(
            select(face.photo_id, face.person_id).where(face.photo_id.in_(part)),
            select(presence.photo_id, presence.person_id).where(presence.photo_id.in_(part)),
        ).subquery()
        query = (
            select(there.c.photo_id, person.id, person.name)
            .join(schema.person, person.id == there.c.person_id)
            .where(person.name.is_not(None), shown)
            .order_by(person.photo_count.desc(), person.id)
            .distinct()
        )
        for photo, number, name in tx.execute(query):
            found[PhotoId(photo)].append((PersonId(number), name))
    return dict(found)


def _condition(node: Node, places: Mapping[Place, Collection[PhotoId]]) -> ColumnElement[bool]:
    match node:
        case And(parts):
            return and_(true(), *(_condition(part, places) for part in parts))
        case Or(parts):
            return or_(*(_condition(part, places) for part in parts))
        case Not(part):
            # What a photo says nothing about, such as its date, is no reason to leave it out.
            return not_(_condition(part, places))
        case Place():
            return schema.photo.c.id.in_(listed(places[node]))
        case _:
            return _of_leaf(node)


def _of_leaf(leaf: Node) -> ColumnElement[bool]:
    photo = schema.photo.c
    match leaf:
        case People(people):
            return photo.id.in_(_photos_of(people))
        case Only(groups):
            return and_(
                *(photo.id.in_(_photos_of(group.people)) for group in groups),
                ~_others_than(frozenset().union(*(group.people for group in groups))),
            )
        case Taken(first, end):
            return photo_dates.taken_within(
                lambda precision, about: values_within((first, end), precision, about)
            )
        case FaceCount(bounds):
            return _with_faces(bounds)
        case Quality(bounds):
            face = schema.face.c
            within = select(face.photo_id).where(_within(face.quality, bounds), ~face.excluded)
            return photo.id.in_(within)
        case Unnamed():
            return photo.id.in_(_photos_with_unnamed())
        case _:
            raise ValueError(f"nobody said what this stands for: {leaf}")


def _photos_of(people: Collection[PersonId]) -> Select[Any]:
    """Where one of `people` is, with a face or without one."""
    face, presence = schema.face.c, schema.presence.c
    ids = listed(people)
    both = union_all(
        select(face.photo_id).where(face.person_id.in_(ids)),
        select(presence.photo_id).where(presence.person_id.in_(ids)),
    ).subquery()
    return select(both.c.photo_id)


def _others_than(people: Collection[PersonId]) -> ColumnElement[bool]:
    """Whether somebody else is in the photo, or a face without a name."""
    face, presence, photo = schema.face.c, schema.presence.c, schema.photo.c
    ids = listed(people)
    seen = exists().where(
        face.photo_id == photo.id,
        ~face.excluded,
        or_(face.person_id.is_(None), face.person_id.not_in(ids)),
    )
    unseen = exists().where(presence.photo_id == photo.id, presence.person_id.not_in(ids))
    return or_(seen, unseen)


def _photos_with_unnamed() -> Select[Any]:
    """Where a face has no name, save for those whom the user hid."""
    face, person = schema.face.c, schema.person.c
    nameless = select(person.id).where(person.name.is_(None), person.alive, ~person.hidden)
    return select(face.photo_id).where(
        or_(face.person_id.is_(None), face.person_id.in_(nameless)), ~face.excluded
    )


def _with_faces(bounds: Bounds) -> ColumnElement[bool]:
    """Whether the photo has so many faces; with none it is in no group of faces.

    Nearly all photos have no excluded face, and are counted by an index that knows no others.
    """
    face, photo = schema.face.c, schema.photo.c
    wanted = _within(func.count(), bounds)
    having = not_(wanted) if 0 in bounds else wanted
    mixed = select(face.photo_id).where(face.excluded)
    counted = select(face.photo_id).group_by(face.photo_id).having(having)
    with_so_many = or_(
        and_(photo.id.in_(counted), photo.id.not_in(mixed)),
        photo.id.in_(counted.where(face.photo_id.in_(mixed), ~face.excluded)),
    )
    return not_(with_so_many) if 0 in bounds else with_so_many


def _within(
    value: ColumnElement[float] | ColumnElement[int], bounds: Bounds
) -> ColumnElement[bool]:
    limits: list[ColumnElement[bool]] = [true()]
    if bounds.low > -math.inf:
        limits.append(value > bounds.low if bounds.low_open else value >= bounds.low)
    if bounds.high < math.inf:
        limits.append(value < bounds.high if bounds.high_open else value <= bounds.high)
    return and_(*limits)
