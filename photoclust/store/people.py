"""People, the decisions about who is who, and the groups that wait for a name."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Update, case, delete, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert

from photoclust.core.errors import UserError
from photoclust.core.types import (
    ClusterId,
    FaceId,
    Group,
    GroupKind,
    LibraryChanges,
    PersonId,
    PhotoId,
)
from photoclust.store import schema
from photoclust.store.database import Transaction
from photoclust.store.photos import chunks

MAX_NAME_LENGTH = 200
_INVISIBLE = {"Cf", "Zs"}
"""Unicode categories of joiners and direction marks, and of spaces."""


@dataclass(frozen=True, slots=True)
class ClusterContent:
    """One group of a new grouping: its id (None for a new one), its person if any, its faces."""

    id: ClusterId | None
    person: PersonId | None
    faces: Sequence[FaceId]


def clean_name(name: str) -> str:
    """`name` as it is kept: NFC, one space between words, no control characters.

    Raises UserError when nothing visible is left or it is longer than MAX_NAME_LENGTH characters.
    """
    visible = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", name)
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    cleaned = " ".join(visible.split())
    if all(unicodedata.category(char) in _INVISIBLE for char in cleaned):
        raise UserError("the name is empty; give at least one letter")
    if len(cleaned) > MAX_NAME_LENGTH:
        raise UserError(f"the name is longer than {MAX_NAME_LENGTH} characters; shorten it")
    return cleaned


def name_key(name: str) -> str:
    """What two spellings of one name share: case, Unicode form and characters without a look of
    their own (they come along with pasted text) make no new people.
    """
    seen = "".join(char for char in clean_name(name) if unicodedata.category(char) != "Cf")
    folded = unicodedata.normalize("NFKC", seen).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def groups(tx: Transaction) -> list[Group]:
    """Everybody with a name and every group without one, the largest first.

    People stay in the list when they have no face left.
    """
    face = schema.face.c
    # SQLite fills a bare column beside max() from the row of the maximum: the cover.
    columns = (func.count(), func.count(face.photo_id.distinct()), func.max(face.quality), face.id)
    of_person = {
        row[0]: row[1:]
        for row in tx.execute(
            select(face.person_id, *columns)
            .where(face.person_id.is_not(None))
            .group_by(face.person_id)
        )
    }
    result = []
    for row in tx.execute(select(schema.person.c.id, schema.person.c.name)):
        number, photos, _, cover = of_person.get(row.id, (0, 0, None, None))
        result.append(Group(PersonId(row.id), GroupKind.PERSON, row.name, number, photos, cover))
    rows = tx.execute(
        select(face.cluster_id, *columns)
        .where(face.person_id.is_(None), face.cluster_id.is_not(None))
        .group_by(face.cluster_id)
    )
    result += [
        Group(ClusterId(row[0]), GroupKind.CLUSTER, None, row[1], row[2], row[4]) for row in rows
    ]
    return sorted(result, key=lambda group: (-group.faces, group.kind, group.id))


def find_people(tx: Transaction, name: str) -> list[PersonId]:
    """Everybody of this name, whatever the case and Unicode form of it."""
    return list(
        tx.execute(
            select(schema.person.c.id)
            .where(schema.person.c.name_key == name_key(name))
            .order_by(schema.person.c.id)
        ).scalars()
    )


def person_name(tx: Transaction, person: PersonId) -> str | None:
    """The name, or None when there is no such person."""
    return tx.execute(
        select(schema.person.c.name).where(schema.person.c.id == person)
    ).scalar_one_or_none()


def cluster_exists(tx: Transaction, cluster: ClusterId) -> bool:
    """Whether there is such a group."""
    query = select(schema.cluster.c.id).where(schema.cluster.c.id == cluster)
    return tx.execute(query).first() is not None


def add_person(tx: Transaction, name: str) -> PersonId:
    """A new person, also where others have the same name."""
    return PersonId(
        tx.execute(
            schema.person.insert()
            .values(name=clean_name(name), name_key=name_key(name))
            .returning(schema.person.c.id)
        ).scalar_one()
    )


def rename_person(tx: Transaction, person: PersonId, name: str) -> LibraryChanges:
    """Give a person another name."""
    tx.execute(
        update(schema.person)
        .where(schema.person.c.id == person)
        .values(name=clean_name(name), name_key=name_key(name))
    )
    return LibraryChanges(people=frozenset({person}))


def merge_people(tx: Transaction, source: PersonId, target: PersonId) -> LibraryChanges:
    """Make everything decided about `source` speak of `target`, and delete `source`."""
    touched = _faces_of_person(tx, source)
    moved = select(schema.decision.c.face_id).where(schema.decision.c.person_id == source)
    # A face may carry a verdict about both: the confirmation wins over the rejection.
    for row in tx.execute(moved.add_columns(schema.decision.c.confirmed)).all():
        tx.execute(
            insert(schema.decision)
            .values(face_id=row.face_id, person_id=target, confirmed=False)
            .on_conflict_do_nothing()
        )
        if row.confirmed:
            tx.execute(
                delete(schema.decision).where(
                    schema.decision.c.face_id == row.face_id,
                    schema.decision.c.person_id == source,
                )
            )
            tx.execute(
                update(schema.decision)
                .where(
                    schema.decision.c.face_id == row.face_id,
                    schema.decision.c.person_id == target,
                )
                .values(confirmed=True)
            )
    tx.execute(delete(schema.decision).where(schema.decision.c.person_id == source))
    tx.execute(
        update(schema.cluster).where(schema.cluster.c.person_id == source).values(person_id=target)
    )
    changes = refresh(tx, touched)
    tx.execute(delete(schema.person).where(schema.person.c.id == source))
    return LibraryChanges(
        changes.photos, changes.faces, changes.people | {source, target}, changes.clusters
    )


def confirm(tx: Transaction, faces: Sequence[FaceId], person: PersonId) -> LibraryChanges:
    """Record that these faces are `person`; an earlier confirmation for somebody else gives way."""
    for part in chunks(faces):
        tx.execute(
            delete(schema.decision).where(
                schema.decision.c.face_id.in_(part), schema.decision.c.confirmed
            )
        )
        tx.execute(
            insert(schema.decision).on_conflict_do_update(
                index_elements=["face_id", "person_id"], set_={"confirmed": True}
            ),
            [{"face_id": face, "person_id": person, "confirmed": True} for face in part],
        )
    return refresh(tx, faces)


def name_cluster(tx: Transaction, cluster: ClusterId, person: PersonId) -> LibraryChanges:
    """Say that a group is `person`: its faces that nobody decided otherwise are confirmed.

    In a group that is somebody else's already, those are the faces still without a name.
    """
    tx.execute(
        update(schema.cluster)
        .where(schema.cluster.c.id == cluster, schema.cluster.c.person_id.is_(None))
        .values(person_id=person)
    )
    free = schema.face.c.person_id.is_(None) | (schema.face.c.person_id == person)
    decided = exists().where(
        schema.decision.c.face_id == schema.face.c.id, schema.decision.c.confirmed
    )
    rejected = exists().where(
        schema.decision.c.face_id == schema.face.c.id,
        schema.decision.c.person_id == person,
        ~schema.decision.c.confirmed,
    )
    faces = list(
        tx.execute(
            select(schema.face.c.id).where(
                schema.face.c.cluster_id == cluster, free, ~decided, ~rejected
            )
        ).scalars()
    )
    changes = confirm(tx, faces, person)
    return LibraryChanges(
        changes.photos, changes.faces, changes.people | {person}, frozenset({cluster})
    )


def replace_clusters(tx: Transaction, contents: Sequence[ClusterContent]) -> None:
    """Make `contents` the groups of the library. Decisions are not touched."""
    tx.execute(update(schema.face).values(cluster_id=None, person_id=None))
    kept = [content.id for content in contents if content.id is not None]
    gone = set(tx.execute(select(schema.cluster.c.id)).scalars()) - set(kept)
    for part in chunks(sorted(gone)):
        tx.execute(delete(schema.cluster).where(schema.cluster.c.id.in_(part)))
    placed = []
    for content in contents:
        if content.id is None:
            cluster = tx.execute(
                schema.cluster.insert()
                .values(person_id=content.person)
                .returning(schema.cluster.c.id)
            ).scalar_one()
        else:
            cluster = content.id
            tx.execute(
                update(schema.cluster)
                .where(schema.cluster.c.id == cluster)
                .values(person_id=content.person)
            )
        placed += [(cluster, face) for face in content.faces]
    if placed:
        tx.exec_driver_sql("UPDATE face SET cluster_id = ? WHERE id = ?", placed)
    tx.execute(_shown_person())


def rejections(tx: Transaction) -> list[tuple[FaceId, PersonId]]:
    """Every "this is not them" the user said."""
    rows = tx.execute(
        select(schema.decision.c.face_id, schema.decision.c.person_id).where(
            ~schema.decision.c.confirmed
        )
    )
    return [(FaceId(row.face_id), PersonId(row.person_id)) for row in rows]


def refresh(tx: Transaction, faces: Sequence[FaceId]) -> LibraryChanges:
    """Work out again which person is shown for these faces; says what changed hands."""
    columns = select(schema.face.c.photo_id, schema.face.c.person_id, schema.face.c.cluster_id)
    rows: list[Any] = []
    for part in chunks(faces):
        rows += tx.execute(columns.where(schema.face.c.id.in_(part))).all()
        tx.execute(_shown_person().where(schema.face.c.id.in_(part)))
        rows += tx.execute(columns.where(schema.face.c.id.in_(part))).all()
    return LibraryChanges(
        photos=frozenset(PhotoId(row.photo_id) for row in rows),
        faces=frozenset(faces),
        people=frozenset(row.person_id for row in rows if row.person_id is not None),
        clusters=frozenset(row.cluster_id for row in rows if row.cluster_id is not None),
    )


def _shown_person() -> Update:
    """UPDATE that derives `face.person_id` and `confirmed`: a decision, else the group's person."""
    decision, face = schema.decision.alias(), schema.face.c
    rejection = schema.decision.alias()
    decided = (
        select(decision.c.person_id)
        .where(decision.c.face_id == face.id, decision.c.confirmed)
        .scalar_subquery()
    )
    guessed = (
        select(schema.cluster.c.person_id)
        .where(
            schema.cluster.c.id == face.cluster_id,
            # Two levels down, SQLAlchemy would take `face` for another one than that to update.
            ~exists()
            .where(
                rejection.c.face_id == face.id,
                rejection.c.person_id == schema.cluster.c.person_id,
                ~rejection.c.confirmed,
            )
            .correlate(schema.face, schema.cluster),
        )
        .scalar_subquery()
    )
    return update(schema.face).values(
        person_id=func.coalesce(decided, guessed),
        confirmed=case((decided.is_not(None), True), else_=False),
    )


def _faces_of_person(tx: Transaction, person: PersonId) -> list[FaceId]:
    decided = select(schema.decision.c.face_id).where(schema.decision.c.person_id == person)
    shown = select(schema.face.c.id).where(schema.face.c.person_id == person)
    return [FaceId(face) for face in tx.execute(decided.union(shown)).scalars()]
