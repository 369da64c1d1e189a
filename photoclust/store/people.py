"""People: who there is, and the acts that decide who is who.

An act works on a `journal.Act`, which records it; several of them can make up one entry.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, or_, select

from photoclust.core.types import ClusterId, FaceId, Group, GroupKind, PersonId, PhotoId
from photoclust.store import aliases, guesses, presences, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import ABOUT_PEOPLE, Register, Subject, Value
from photoclust.store.journal import Act
from photoclust.store.names import clean_name, name_key
from photoclust.store.photo_dates import read_date
from photoclust.store.unborn import is_before_birth_of

_LISTED = tuple(
    schema.person.c[name]
    for name in ("id", "name", "face_count", "photo_count", "cover_id", "born")
)
"""What lists show of a person."""

# --- who there is -------------------------------------------------------------------------------


def groups(tx: Transaction, *, hidden: bool = False) -> list[Group]:
    """Everybody the user made a person and every group of faces without one, the largest first.

    People with a name stay in the list when they have no face left. Hidden people are listed
    instead with `hidden`.
    """
    person, cluster = schema.person.c, schema.cluster.c
    wanted = (
        person.alive,
        person.hidden if hidden else ~person.hidden,
        or_(person.name.is_not(None), person.face_count > 0),
    )
    others = aliases.aliases(tx)
    result = [
        _group(row, others.get(row.id, ())) for row in tx.execute(select(*_LISTED).where(*wanted))
    ]
    if not hidden:
        loose = select(cluster.id, cluster.face_count, cluster.photo_count, cluster.cover_id)
        result += [
            Group(ClusterId(number), GroupKind.CLUSTER, None, faces, photos, cover)
            for number, faces, photos, cover in tx.execute(loose.where(cluster.face_count > 0))
        ]
    return sorted(result, key=lambda group: (-group.faces, group.kind, group.id))


def person(tx: Transaction, number: PersonId) -> Group | None:
    """One person as the list shows them, hidden or not; None when there is no such person."""
    table = schema.person.c
    query = select(*_LISTED).where(table.id == number, table.alive)
    row = tx.execute(query).one_or_none()
    return None if row is None else _group(row, aliases.aliases_of(tx, number))


def _group(row: Row[Any], others: Sequence[str]) -> Group:
    return Group(
        id=PersonId(row.id),
        kind=GroupKind.PERSON,
        name=row.name,
        faces=row.face_count,
        photos=row.photo_count,
        cover=row.cover_id,
        aliases=tuple(others),
        birthday=None if row.born is None else read_date(row.born),
    )


def find_people(tx: Transaction, name: str) -> list[PersonId]:
    """Everybody of this name, whatever the case and Unicode form of it; where nobody is, everybody
    who is also called so.
    """
    person = schema.person.c
    query = select(person.id).where(person.name_key == name_key(name), person.alive)
    found = list(tx.execute(query.order_by(person.id)).scalars())
    return found or aliases.find_by_alias(tx, name)


def people_by_key(tx: Transaction) -> dict[str, list[PersonId]]:
    """Everybody who has a name, by what its spellings share (`names.name_key`)."""
    person = schema.person.c
    query = select(person.name_key, person.id).where(person.name_key.is_not(None), person.alive)
    found: dict[str, list[PersonId]] = {}
    for key, number in tx.execute(query.order_by(person.id)):
        found.setdefault(key, []).append(PersonId(number))
    return found


def person_exists(tx: Transaction, person: PersonId) -> bool:
    """Whether there is such a person; one who was deleted or merged away is not there."""
    table = schema.person.c
    query = select(table.id).where(table.id == person, table.alive)
    return tx.execute(query).first() is not None


def person_name(tx: Transaction, person: PersonId) -> str | None:
    """The name, or None when there is no such person or they have none."""
    table = schema.person.c
    query = select(table.name).where(table.id == person, table.alive)
    return tx.execute(query).scalar_one_or_none()


def names_and_uids(tx: Transaction) -> dict[PersonId, tuple[str, str]]:
    """The name, empty for who has none, and the uid of everybody there is."""
    table = schema.person.c
    rows = tx.execute(select(table.id, table.name, table.uid).where(table.alive).order_by(table.id))
    return {PersonId(person): (name or "", uid) for person, name, uid in rows}


def cluster_exists(tx: Transaction, cluster: ClusterId) -> bool:
    """Whether there is such a group."""
    query = select(schema.cluster.c.id).where(schema.cluster.c.id == cluster)
    return tx.execute(query).first() is not None


def rejections(tx: Transaction) -> list[tuple[FaceId, PersonId]]:
    """Every "this is not them" the user said."""
    table = schema.rejection.c
    rows = tx.execute(select(table.face_id, table.person_id).order_by(*schema.rejection.c))
    return [(FaceId(face), PersonId(person)) for face, person in rows]


def hidden_people(tx: Transaction) -> set[PersonId]:
    """Everybody whom the user hid."""
    person = schema.person.c
    return set(tx.execute(select(person.id).where(person.hidden, person.alive)).scalars())


def anybody_confirmed(tx: Transaction) -> bool:
    """Whether a user said of any face who it is."""
    return tx.execute(select(schema.confirmation.c.face_id).limit(1)).first() is not None


def faces_confirmed_as(tx: Transaction, person: PersonId) -> list[FaceId]:
    """The faces that the user said are `person`."""
    table = schema.confirmation.c
    return list(tx.execute(select(table.face_id).where(table.person_id == person)).scalars())


def confirmed_people(tx: Transaction, faces: Collection[int]) -> dict[FaceId, PersonId]:
    """Who the user said that each of `faces` is, as far as that is said and they are there."""
    table, person = schema.confirmation.c, schema.person.c
    query = (
        select(table.face_id, table.person_id)
        .join(schema.person, person.id == table.person_id)
        .where(person.alive)
    )
    return {
        FaceId(face): PersonId(number)
        for part in chunks(sorted(faces))
        for face, number in tx.execute(query.where(table.face_id.in_(part)))
    }


def spoken_of(tx: Transaction, faces: Collection[int]) -> set[FaceId]:
    """Those of `faces` about which the user decided anything: who it is, who not, or no face."""
    found: set[FaceId] = set()
    face = schema.face.c
    for part in chunks(sorted(faces)):
        for table in (schema.confirmation.c, schema.rejection.c):
            found.update(tx.execute(select(table.face_id).where(table.face_id.in_(part))).scalars())
        found.update(tx.execute(select(face.id).where(face.id.in_(part), face.excluded)).scalars())
    return found


def faces_shown_as(tx: Transaction, person: PersonId) -> list[FaceId]:
    """The faces that are shown as `person`, said by the user or guessed."""
    face = schema.face.c
    return list(tx.execute(select(face.id).where(face.person_id == person)).scalars())


def faces_of_cluster(tx: Transaction, cluster: ClusterId) -> list[FaceId]:
    """The faces of a group that nobody is shown for."""
    face = schema.face.c
    query = select(face.id).where(
        face.cluster_id == cluster, face.person_id.is_(None), ~face.excluded
    )
    return list(tx.execute(query).scalars())


# --- acts ---------------------------------------------------------------------------------------


def add_person(act: Act, name: str | None, *, uid: str | None = None) -> PersonId:
    """A new person, also where others have the same name; None makes one without a name.

    `uid` is the one they have in another library; it must be new to this one.
    """
    values = {"alive": False} if uid is None else {"alive": False, "uid": uid}
    person = act.tx.execute(
        schema.person.insert().values(values).returning(schema.person.c.id)
    ).scalar_one()
    act.decide({Register(Subject.PERSON, person): 1})
    if name is not None:
        rename(act, PersonId(person), name)
    return PersonId(person)


def rename(act: Act, person: PersonId, name: str) -> None:
    """Give a person another name. Raises UserError for one that cannot be a name."""
    # What is their name now is no other name any more.
    act.decide(
        {Register(Subject.NAME, person): clean_name(name), aliases.register(person, name): None}
    )


def hide(act: Act, person: PersonId, hidden: bool) -> None:
    """Keep a person out of sight, or show them again."""
    act.decide({Register(Subject.HIDDEN, person): 1 if hidden else None})


def confirm(act: Act, faces: Sequence[FaceId], person: PersonId) -> None:
    """These faces are `person`: an earlier word for somebody else or against them gives way."""
    writes: dict[Register, Value] = {}
    for face in faces:
        writes[Register(Subject.IDENTITY, face)] = person
        writes[Register(Subject.REJECTION, face, person)] = None
    act.decide(writes)


def reject(act: Act, faces: Sequence[FaceId], person: PersonId) -> None:
    """These faces are not `person`, whatever was said or guessed before."""
    confirmed = _among(act.tx, faces, person)
    writes: dict[Register, Value] = {
        Register(Subject.IDENTITY, face): None for face in faces if face in confirmed
    }
    writes |= {Register(Subject.REJECTION, face, person): 1 for face in faces}
    act.decide(writes)


def name_cluster(act: Act, cluster: ClusterId, person: PersonId) -> None:
    """A group is `person`: its faces that nobody decided otherwise are confirmed, save those that
    recognition named as somebody else, which are not seen as being of the group, and those from
    before `person` was born.

    In a group that is somebody else's already, those are the faces still without a person.
    """
    tx, face, table = act.tx, schema.face.c, schema.cluster.c
    free = select(table.person_id).where(table.id == cluster)
    if tx.execute(free).scalar_one() is None:
        act.move_groups([cluster], person)
    rejected, confirmed, person_ = schema.rejection.c, schema.confirmation.c, schema.person.c
    undecided = (
        select(face.id)
        .outerjoin(schema.confirmation, confirmed.face_id == face.id)
        .outerjoin(schema.person, (person_.id == confirmed.person_id) & person_.alive)
        .outerjoin(schema.rejection, (rejected.face_id == face.id) & (rejected.person_id == person))
        .where(
            face.cluster_id == cluster,
            ~face.excluded,
            face.person_id.is_(None) | (face.person_id == person),
            person_.id.is_(None),
            rejected.face_id.is_(None),
            ~is_before_birth_of(person),
        )
    )
    confirm(act, list(tx.execute(undecided).scalars()), person)


def merge(act: Act, source: PersonId, target: PersonId) -> None:
    """Make everything decided and guessed about `source` speak of `target`, and end `source`.

    Of a verdict for one and another against the other, the confirmation counts. `target` is found
    by the names of `source` as well, and takes over the name, birthday and cover that it lacks.
    """
    tx, rejected = act.tx, schema.rejection.c
    moved = faces_confirmed_as(tx, source)
    refused = set(
        tx.execute(select(rejected.face_id).where(rejected.person_id == source)).scalars()
    )
    theirs = set(faces_confirmed_as(tx, target)) | set(moved)
    writes: dict[Register, Value] = {}
    for face in moved:
        writes[Register(Subject.IDENTITY, face)] = target
        writes[Register(Subject.REJECTION, face, target)] = None
    for face in refused:
        writes[Register(Subject.REJECTION, face, source)] = None
        if face not in theirs:
            writes[Register(Subject.REJECTION, face, target)] = 1
    for photo in presences.photos_without_face(tx, source):
        writes[Register(Subject.PRESENCE, photo, target)] = 1
    writes |= _lacking(tx, source, target) | aliases.handed_on(tx, source, target)
    act.decide(writes)
    _end(act, source, clusters_to=target)


def split(
    act: Act, faces: Sequence[FaceId], others: Sequence[FaceId], source: PersonId | None
) -> PersonId:
    """Make `faces` a person of their own, without a name; no later run joins them again.

    `source` is who they were; for a group without a person, `others` are those that stay.
    """
    person = add_person(act, None)
    if source is not None:
        reject(act, faces, source)
    confirm(act, faces, person)
    reject(act, others, person)
    return person


def delete_person(act: Act, person: PersonId) -> None:
    """End a person; their faces are nobody's again."""
    faces = faces_confirmed_as(act.tx, person)
    act.decide({Register(Subject.IDENTITY, face): None for face in faces})
    _end(act, person, clusters_to=None)


def exclude(act: Act, faces: Sequence[FaceId], excluded: bool) -> None:
    """Say that these are no faces, or that they are."""
    drawn = _drawn(act.tx, faces)
    act.decide(
        {
            Register(Subject.EXCLUDED, face): None if excluded == (face in drawn) else int(excluded)
            for face in faces
        }
    )


def put_in_place(act: Act, old: FaceId, new: FaceId) -> None:
    """Say that the drawn face `new` is what `old` is, which is none any more: all that is said and
    guessed of `old`, and whom it stands for, goes for `new`.
    """
    tx = act.tx
    yes, no, person = schema.confirmation.c, schema.rejection.c, schema.person.c
    writes: dict[Register, Value] = {}
    for said in tx.execute(select(yes.person_id).where(yes.face_id == old)).scalars():
        writes[Register(Subject.IDENTITY, new)] = said
    for refused in tx.execute(select(no.person_id).where(no.face_id == old)).scalars():
        writes[Register(Subject.REJECTION, new, refused)] = 1
    covered = select(person.id).where(person.chosen_cover_id == old, person.alive)
    for shown in tx.execute(covered).scalars():
        writes[Register(Subject.COVER, shown)] = new
    act.decide(writes)
    guesses.copy(tx, old, new)
    exclude(act, [old], True)
    exclude(act, [new], False)


def set_date(act: Act, photos: Sequence[PhotoId], date: str | None) -> None:
    """Say when photos were taken, as the text of a `PhotoDate`; None: as their files say."""
    act.decide({Register(Subject.DATE, photo): date for photo in photos})


def set_view_turn(act: Act, photos: Sequence[PhotoId], degrees: int) -> None:
    """Say by how many degrees, counter-clockwise, photos are shown turned: a multiple of 90."""
    value = degrees % 360 or None
    act.decide({Register(Subject.VIEW, photo): value for photo in photos})


def say_negative(act: Act, photos: Sequence[PhotoId], negative: bool) -> None:
    """Say whether photos are film negatives."""
    act.decide({Register(Subject.NEGATIVE, photo): int(negative) for photo in photos})


def choose_cover(act: Act, person: PersonId, face: FaceId | None) -> None:
    """Say which face stands for a person, as long as it is shown as them; None: the best."""
    act.decide({Register(Subject.COVER, person): face})


def _end(act: Act, person: PersonId, *, clusters_to: PersonId | None) -> None:
    table = schema.cluster.c
    mine = list(act.tx.execute(select(table.id).where(table.person_id == person)).scalars())
    act.move_groups(mine, clusters_to)
    act.touch(faces_shown_as(act.tx, person))
    writes: dict[Register, Value] = {
        Register(subject, person): None for subject in ABOUT_PEOPLE if subject is not Subject.ALIAS
    }
    for name in aliases.aliases_of(act.tx, person):
        writes[aliases.register(person, name)] = None
    for photo in presences.photos_without_face(act.tx, person):
        writes[Register(Subject.PRESENCE, photo, person)] = None
    act.decide(writes)


def _lacking(tx: Transaction, source: PersonId, target: PersonId) -> dict[Register, Value]:
    """The name, birthday and cover of `source` where `target` has none."""
    table = schema.person.c
    columns = {Subject.NAME: "name", Subject.BIRTHDAY: "born", Subject.COVER: "chosen_cover_id"}
    query = select(table.id, *(table[name] for name in columns.values()))
    both = {row.id: row for row in tx.execute(query.where(table.id.in_((source, target))))}
    return {
        Register(subject, target): getattr(both[source], name)
        for subject, name in columns.items()
        if getattr(both[target], name) is None and getattr(both[source], name) is not None
    }


def _drawn(tx: Transaction, faces: Sequence[FaceId]) -> set[int]:
    """Those of `faces` that were drawn by hand."""
    table = schema.face.c
    return {
        face
        for part in chunks(faces)
        for face in tx.execute(select(table.id).where(table.id.in_(part), table.drawn)).scalars()
    }


def _among(tx: Transaction, faces: Sequence[FaceId], person: PersonId) -> set[int]:
    """Those of `faces` that are confirmed as `person`."""
    table = schema.confirmation.c
    return {
        face
        for part in chunks(faces)
        for face in tx.execute(
            select(table.face_id).where(table.face_id.in_(part), table.person_id == person)
        ).scalars()
    }
