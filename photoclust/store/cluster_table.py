"""The groups that runs make: which there are, whose they are, and which face is in which.

They are guesses, and can be made again; `guesses` works out what follows from them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select, update

from photoclust.core.types import ClusterId, FaceId, PersonId
from photoclust.store import guesses, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction


@dataclass(frozen=True, slots=True)
class ClusterContent:
    """One group of a new grouping: its id (None for a new one), its person if any, its faces."""

    id: ClusterId | None
    person: PersonId | None
    faces: Sequence[FaceId]


def replace_clusters(
    tx: Transaction, contents: Sequence[ClusterContent], entry: int | None = None
) -> None:
    """Make `contents` the groups of the library, as run `entry` found. No decision is touched."""
    cluster = schema.cluster
    kept = {content.id for content in contents if content.id is not None}
    homes = select(schema.face.c.id, schema.face.c.cluster_id)
    before: dict[int, int | None] = {row.id: row.cluster_id for row in tx.execute(homes)}
    present = select(cluster.c.id, cluster.c.person_id)
    owners: dict[int, int | None] = {row.id: row.person_id for row in tx.execute(present)}
    home: dict[int, int] = {}
    for content in contents:
        number: int
        if content.id is None:
            values = {"person_id": content.person, "entry_id": entry}
            number = tx.execute(
                cluster.insert().values(values).returning(cluster.c.id)
            ).scalar_one()
        else:
            number = content.id
            if owners.get(number) != content.person:
                tx.execute(
                    update(cluster)
                    .where(cluster.c.id == number)
                    .values(person_id=content.person, entry_id=entry)
                )
        home.update(dict.fromkeys(content.faces, number))
    moved = [(home.get(face), face) for face, old in before.items() if home.get(face) != old]
    if moved:
        tx.exec_driver_sql("UPDATE face SET cluster_id = ? WHERE id = ?", moved)
    for part in chunks(sorted(owners.keys() - kept)):
        tx.execute(delete(cluster).where(cluster.c.id.in_(part)))
    guesses.refresh_everything(tx)


def add_to_clusters(
    tx: Transaction,
    contents: Sequence[ClusterContent],
    freed: Sequence[FaceId],
    entry: int | None = None,
) -> int:
    """Put the faces of `contents` into their groups, as run `entry` found, and those `freed` into
    none; all others stay where they are. Groups that are empty go. Gives how many groups there are.
    """
    face, cluster = schema.face.c, schema.cluster
    moved: list[tuple[int | None, int]] = [(None, number) for number in freed]
    touched: set[int] = set()
    for content in contents:
        values = {"person_id": content.person, "entry_id": entry}
        number = (
            content.id
            or tx.execute(cluster.insert().values(values).returning(cluster.c.id)).scalar_one()
        )
        moved += [(number, member) for member in content.faces]
        touched.add(number)
    members = [number for _, number in moved]
    for part in chunks(members):
        before = select(face.cluster_id).where(face.id.in_(part), face.cluster_id.is_not(None))
        touched.update(tx.execute(before.distinct()).scalars())
    if moved:
        tx.exec_driver_sql("UPDATE face SET cluster_id = ? WHERE id = ?", moved)
    guesses.refresh(tx, members)
    guesses.recount(tx, (), touched)
    tx.execute(delete(cluster).where(~exists().where(face.cluster_id == cluster.c.id)))
    return tx.execute(select(func.count()).select_from(cluster)).scalar_one()


def new_cluster(tx: Transaction, person: PersonId | None) -> ClusterId:
    """A group that goes with `person`, without a face yet."""
    table = schema.cluster
    made = table.insert().values(person_id=person).returning(table.c.id)
    return ClusterId(tx.execute(made).scalar_one())


def place(
    tx: Transaction, homes: Mapping[int, int | None], owners: Mapping[int, int | None]
) -> None:
    """Put each face of `homes` into its group, None: into none; `refresh` them after. A group that
    is not there is made and goes with whom `owners` says, and groups without a face go.
    """
    cluster, person = schema.cluster, schema.person.c
    wanted = sorted({home for home in homes.values() if home is not None})
    there = cluster_people(tx, wanted)
    for number in wanted:
        if number not in there:
            # Whoever was forgotten since is not there to go with.
            owner = select(person.id).where(person.id == owners.get(number)).scalar_subquery()
            tx.execute(cluster.insert().values(id=number, person_id=owner))
    moved = [(home, face) for face, home in homes.items()]
    if moved:
        tx.exec_driver_sql("UPDATE face SET cluster_id = ? WHERE id = ?", moved)
    filled = exists().where(schema.face.c.cluster_id == cluster.c.id)
    tx.execute(delete(cluster).where(~filled))


def elect(tx: Transaction, clusters: Iterable[int]) -> None:
    """Give each of `clusters` the person that most of its confirmed faces are, unless one of them
    is still its present person.
    """
    face, confirmed = schema.face.c, schema.confirmation.c
    votes = func.count()
    for cluster in clusters:
        counted = (
            select(confirmed.person_id, votes)
            .join(schema.face, face.id == confirmed.face_id)
            .join(schema.person, schema.person.c.id == confirmed.person_id)
            .where(face.cluster_id == cluster, ~face.excluded, schema.person.c.alive)
            .group_by(confirmed.person_id)
            .order_by(votes.desc(), confirmed.person_id)
        )
        people = list(tx.execute(counted).scalars())
        table = schema.cluster
        change = update(table).where(table.c.id == cluster)
        if people:
            change = change.where(table.c.person_id.is_(None) | table.c.person_id.not_in(people))
            tx.execute(change.values(person_id=people[0]))


def cluster_people(tx: Transaction, clusters: Sequence[int]) -> dict[int, int | None]:
    """The person each group that there is goes with."""
    table = schema.cluster.c
    return {
        row.id: row.person_id
        for part in chunks(clusters)
        for row in tx.execute(select(table.id, table.person_id).where(table.id.in_(part)))
    }


def homes(tx: Transaction) -> dict[int, int]:
    """The group that each face is in, -1 for none; without those that are no faces."""
    face = schema.face.c
    query = select(face.id, func.coalesce(face.cluster_id, -1)).where(~face.excluded)
    return {row[0]: row[1] for row in tx.execute(query.order_by(face.id))}


def owners(tx: Transaction) -> dict[int, int]:
    """The person each group goes with, -1 for nobody who is there."""
    cluster, person = schema.cluster.c, schema.person.c
    query = select(cluster.id, person.id).select_from(
        schema.cluster.outerjoin(schema.person, (person.id == cluster.person_id) & person.alive)
    )
    return {number: -1 if owner is None else owner for number, owner in tx.execute(query)}


def homes_of(
    tx: Transaction, faces: Sequence[FaceId]
) -> dict[FaceId, tuple[ClusterId, PersonId | None, str | None]]:
    """The group of each of `faces` that is in one, and the person it goes with, by id and name."""
    face, cluster, person = schema.face.c, schema.cluster.c, schema.person.c
    source = schema.face.join(schema.cluster, cluster.id == face.cluster_id)
    source = source.outerjoin(schema.person, (person.id == cluster.person_id) & person.alive)
    found = {}
    for part in chunks(faces):
        query = select(face.id, cluster.id, person.id, person.name).select_from(source)
        for number, group, owner, name in tx.execute(query.where(face.id.in_(part))):
            found[FaceId(number)] = (
                ClusterId(group),
                None if owner is None else PersonId(owner),
                name,
            )
    return found


def set_cluster_person(tx: Transaction, cluster: int, person: int | None) -> None:
    """Say that a group goes with `person`; `refresh` it after."""
    table = schema.cluster
    tx.execute(update(table).where(table.c.id == cluster).values(person_id=person))
