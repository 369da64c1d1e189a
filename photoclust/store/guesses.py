"""Guesses: which person is shown for a face, and how many faces each person and group has.

All of it follows from decisions, groups (see `cluster_table`) and the verdicts of recognition (see
`recognitions`), and can be made again; `refresh` works it out for what an act touched,
`refresh_everything` for the whole library.
"""

import functools
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Table, Update, exists, func, literal, or_, select, union, update

from photoclust.core.types import (
    ClusterId,
    EntryStatus,
    FaceId,
    LibraryChanges,
    PersonId,
    PhotoId,
)
from photoclust.store import schema
from photoclust.store.chunks import chunks, listed
from photoclust.store.database import Transaction
from photoclust.store.shots import number_of_shots, shot
from photoclust.store.unborn import is_unborn


def copy(tx: Transaction, old: int, new: int) -> None:
    """Guess of the face `new` what is guessed of `old`; `refresh` both after."""
    face = schema.face
    home = select(face.c.cluster_id).where(face.c.id == old).scalar_subquery()
    tx.execute(update(face).where(face.c.id == new).values(cluster_id=home))
    for table in (schema.recognition, schema.given_name):
        columns = [column for column in table.c if column.name != "face_id"]
        mine = select(literal(new), *columns).where(table.c.face_id == old)
        names = ["face_id", *(column.name for column in columns)]
        tx.execute(table.insert().from_select(names, mine))


def refresh(
    tx: Transaction,
    faces: Collection[int],
    *,
    people: Iterable[int] = (),
    clusters: Collection[int] = (),
    photos: Iterable[int] = (),
) -> LibraryChanges:
    """Work out again which person is shown for `faces` and for those that go with their group, one
    of `clusters`, and count again whoever that touches, and `people`; says what that was, `photos`
    among it.
    """
    face, verdict = schema.face.c, schema.recognition.c
    every = set(faces)
    # A face with a verdict goes with that, whoever its group goes with.
    judged = exists().where(verdict.face_id == face.id)
    for part in chunks(sorted(clusters)):
        mine = select(face.id).where(face.cluster_id.in_(part), ~judged)
        every.update(tx.execute(mine).scalars())
    chosen = face.id.in_(listed(every))
    before = select(face.person_id).where(chosen, face.person_id.is_not(None)).distinct()
    shown = {*people, *tx.execute(before).scalars()}
    columns = (face.photo_id, face.person_id, face.cluster_id)
    rows = tx.execute(_shown_person().where(chosen).returning(*columns)).all()
    shown.update(row.person_id for row in rows if row.person_id is not None)
    homes = {row.cluster_id for row in rows if row.cluster_id is not None}
    _count(tx, schema.person, shown)
    _count(tx, schema.cluster, homes | set(clusters))
    return LibraryChanges(
        photos=frozenset(map(PhotoId, {row.photo_id for row in rows}.union(photos))),
        faces=frozenset(FaceId(face) for face in every),
        people=frozenset(PersonId(person) for person in shown),
        clusters=frozenset(ClusterId(cluster) for cluster in homes | set(clusters)),
    )


def refresh_everything(tx: Transaction) -> None:
    """Work out every shown person and every count again."""
    tx.execute(_shown_person().where(_shown_differs()))
    for table in (schema.person, schema.cluster):
        _count(tx, table, None)


def count_stale(tx: Transaction) -> int:
    """How many faces, people and groups `refresh_everything` would change."""
    faces_ = select(func.count()).select_from(schema.face).where(_shown_differs())
    stale = tx.execute(faces_).scalar_one()
    for table in (schema.person, schema.cluster):
        counted = _counted(table)
        differs = [table.c[name].is_distinct_from(value) for name, value in counted.items()]
        stale += tx.execute(
            select(func.count()).select_from(table).where(or_(*differs))
        ).scalar_one()
    return stale


def recount(tx: Transaction, people: Iterable[int], clusters: Iterable[int]) -> None:
    """Count the faces of people and groups again, after faces of theirs were deleted."""
    _count(tx, schema.person, people)
    _count(tx, schema.cluster, clusters)


def recount_in(tx: Transaction, photos: Iterable[int]) -> None:
    """Count the photos of everybody who is in `photos` again, after stacks of these changed."""
    face, presence = schema.face.c, schema.presence.c
    people: set[int] = set()
    clusters: set[int] = set()
    for part in chunks(sorted(photos)):
        seen = select(face.person_id, face.cluster_id).where(face.photo_id.in_(part)).distinct()
        for person, cluster in tx.execute(seen):
            people.add(person)
            clusters.add(cluster)
        there = select(presence.person_id).where(presence.photo_id.in_(part))
        people.update(tx.execute(there).scalars())
    recount(tx, people - {None}, clusters - {None})


def of_people(tx: Transaction, table: Table, people: Sequence[int]) -> set[int]:
    """The faces that are said to be `people` (`table` is confirmation), those with a verdict that
    they are (recognition), or the groups that go with them (cluster).
    """
    key = table.c.id if table is schema.cluster else table.c.face_id
    return {
        number
        for part in chunks(people)
        for number in tx.execute(select(key).where(table.c.person_id.in_(part))).scalars()
    }


def _decided() -> Any:
    """The person that a face is; a word for somebody who has ended since shows nobody."""
    table, person = schema.confirmation.c, schema.person.c
    return (
        select(table.person_id)
        .join(schema.person, (person.id == table.person_id) & person.alive)
        .where(table.face_id == schema.face.c.id)
        .scalar_subquery()
    )


def _guessed() -> Any:
    rejection, cluster, person = schema.rejection.c, schema.cluster.c, schema.person.c
    return (
        select(cluster.person_id)
        .join(schema.person, (person.id == cluster.person_id) & person.alive)
        .where(
            cluster.id == schema.face.c.cluster_id,
            # Two levels down, SQLAlchemy would take `face` for another one than that to update.
            ~exists()
            .where(rejection.face_id == schema.face.c.id, rejection.person_id == cluster.person_id)
            .correlate(schema.face, schema.cluster),
            ~is_unborn(),
        )
        .scalar_subquery()
    )


def _recognized() -> Any:
    """The person that a verdict named a face as, unless that was taken back or said to be wrong, or
    they were not born yet.
    """
    verdict, person, given = schema.recognition.c, schema.person.c, schema.given_name.c
    entry = schema.entry.c
    rejection = schema.rejection.c
    return (
        select(verdict.person_id)
        .join(schema.person, (person.id == verdict.person_id) & person.alive)
        .where(
            verdict.face_id == schema.face.c.id,
            verdict.named,
            ~exists()
            .where(
                given.face_id == verdict.face_id,
                given.person_id == verdict.person_id,
                entry.id == given.entry_id,
                entry.status == EntryStatus.UNDONE,
            )
            .correlate(schema.recognition),
            ~exists()
            .where(rejection.face_id == verdict.face_id, rejection.person_id == verdict.person_id)
            .correlate(schema.recognition),
            ~is_unborn(),
        )
        .scalar_subquery()
    )


def _shown() -> tuple[Any, Any]:
    """The person to show for a face and whether a user said so: a decision, else whom a verdict
    names (nobody where it only asks), else the group's.
    """
    face = schema.face.c
    judged = exists().where(schema.recognition.c.face_id == face.id).correlate(schema.face)
    guess = func.iif(judged, _recognized(), _guessed())
    person = func.iif(face.excluded, None, func.coalesce(_decided(), guess))
    return person, func.iif(face.excluded, False, _decided().is_not(None))


# Putting these together took three of the seven milliseconds of a refresh.
@functools.cache
def _shown_person() -> Update:
    person, confirmed = _shown()
    return update(schema.face).values(person_id=person, confirmed=confirmed)


@functools.cache
def _shown_differs() -> Any:
    person, confirmed = _shown()
    face = schema.face.c
    return face.person_id.is_distinct_from(person) | face.confirmed.is_distinct_from(confirmed)


def _count(tx: Transaction, table: Table, ids: Iterable[int] | None) -> None:
    """Count the faces and photos of the people or groups `ids` (None: of all) and find the best
    face of each.
    """
    change = _counting(table)
    if ids is None:
        tx.execute(change)
        return
    for part in chunks(sorted(ids)):
        tx.execute(change.where(table.c.id.in_(part)))


@functools.cache
def _counting(table: Table) -> Update:
    return update(table).values(_counted(table))


def _counted(table: Table) -> dict[str, Any]:
    """What the counts of a person or group should be, and the face that stands for it: the best, or
    one of a person's that the user chose. A person is in a photo with a face or without one; the
    forms of a shot are one photo.
    """
    face, name = schema.face.c, f"{table.name}_id"
    key = face[name]
    mine = [key == table.c.id]
    if table is schema.cluster:
        mine += [face.person_id.is_(None), ~face.excluded]
    best = (
        select(face.id)
        .where(*mine)
        .order_by(face.quality.desc(), face.id)
        .limit(1)
        .scalar_subquery()
    )
    in_photo = schema.photo.c.id == face.photo_id
    if table is schema.cluster:
        photos = select(number_of_shots()).where(in_photo, *mine)
        return {
            "face_count": select(func.count()).where(*mine).scalar_subquery(),
            "photo_count": photos.scalar_subquery(),
            "cover_id": best,
        }
    chosen = select(face.id).where(face.id == table.c.chosen_cover_id, *mine).scalar_subquery()
    presence = schema.presence.c
    # Who is there without a face may have another one in the same photo, as in a mirror.
    seen = select(shot()).where(in_photo, *mine)
    there = select(shot()).where(
        schema.photo.c.id == presence.photo_id, presence.person_id == table.c.id
    )
    shots = union(seen.correlate(table), there.correlate(table)).subquery()
    return {
        "face_count": select(func.count()).where(*mine).scalar_subquery(),
        "photo_count": select(func.count()).select_from(shots).scalar_subquery(),
        "cover_id": func.coalesce(chosen, best),
    }
