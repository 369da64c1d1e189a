"""What there is to see in a library: plain reads, each in one short transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photoclust.core import forms, reasons
from photoclust.core.ages import Age, age
from photoclust.core.errors import UserError
from photoclust.core.forms import Shots
from photoclust.core.language import tr
from photoclust.core.paths import absolute_path
from photoclust.core.types import (
    ClusterId,
    Face,
    FaceId,
    Failure,
    Group,
    GroupKind,
    PersonId,
    Photo,
    PhotoId,
)
from photoclust.services.keys import parse_key, require
from photoclust.store import (
    answers,
    birthdays,
    parts,
    presences,
    recognitions,
    shots,
    stacks,
    together,
)
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.answers import Noted
from photoclust.store.database import Library, Transaction
from photoclust.store.together import Span


@dataclass(frozen=True, slots=True)
class Overview:
    """What a library holds at one moment. Of the forms of a shot `photos` counts one, as all lists
    show one of them, and `all_forms` each of them; `single_faces` belong to nobody and to no group,
    `offline` and `deleted` count files that are not at their place, `questions` those who faces
    are, by what recognition found last. `hidden` are the people that `groups` leaves out.
    """

    groups: tuple[Group, ...]
    photos: int
    all_forms: int
    faces: int
    single_faces: int
    failures: int
    folders: tuple[Path, ...]
    offline: int = 0
    deleted: int = 0
    questions: int = 0
    hidden: tuple[Group, ...] = ()


def videos(library: Library) -> frozenset[PhotoId]:
    """The photos that are shown for videos."""
    with library.read() as tx:
        return frozenset(parts.video_photos(tx))


def overview(library: Library) -> Overview:
    """People, groups and counts, all from one moment."""
    with library.read() as tx:
        states = file_store.counts_by_state(tx)
        listed = people_store.groups(tx)
        held = shots.count(tx)
        unnamed = [group.cover for group in listed if group.kind is GroupKind.CLUSTER]
        return Overview(
            groups=tuple(listed),
            photos=held.shown,
            all_forms=held.all_forms,
            faces=face_store.count(tx),
            single_faces=face_store.count_without_group(tx),
            failures=file_store.count_failures(tx),
            folders=tuple(file_store.folders(tx)),
            offline=states.get(file_store.FileState.OFFLINE, 0),
            deleted=states.get(file_store.FileState.DELETED, 0),
            questions=_count_questions(tx, unnamed),
            hidden=tuple(people_store.groups(tx, hidden=True)),
        )


def spans(library: Library) -> dict[str, Span]:
    """When the first and the last photo of everybody (`p7`) and of every group without a person
    (`g31`) were taken, as far as a camera or the user says.

    Not part of the overview: it looks at every face there is.
    """
    with library.read() as tx:
        return together.spans(tx)


def groups(library: Library, *, hidden: bool = False) -> list[Group]:
    """People and groups without a name, the largest first; or the hidden people."""
    with library.read() as tx:
        return people_store.groups(tx, hidden=hidden)


def person(library: Library, number: PersonId) -> Group:
    """One person, hidden or not. Raises UserError where there is no such person."""
    with library.read() as tx:
        found = people_store.person(tx, number)
    if found is None:
        raise UserError(tr("there is no p{number}; photoclust people lists the ids", number=number))
    return found


def photos_at(library: Library, paths: Sequence[Path]) -> list[PhotoId | None]:
    """The photo that each file holds, None for one that the library does not know."""
    absolute = [absolute_path(path) for path in paths]
    with library.read() as tx:
        found = photo_store.photos_at(tx, absolute)
    return [found.get(path) for path in absolute]


def photos_in(library: Library, paths: Sequence[Path]) -> list[PhotoId]:
    """The further pictures in the files `paths`: pages of documents, moments of videos."""
    absolute = [absolute_path(path) for path in paths]
    with library.read() as tx:
        further = set(parts.with_parts(tx, absolute)).difference(absolute)
        return list(dict.fromkeys(photo_store.photos_at(tx, sorted(further)).values()))


def as_shown(library: Library, photos: Sequence[PhotoId]) -> Shots:
    """`photos` with one for each stack: the one shown for it if it is there, else the first."""
    with library.read() as tx:
        return forms.as_shown(photos, stacks.covers_among(tx, photos))


def hidden_forms(library: Library) -> dict[str, int]:
    """How many photos of a person (`p7`) or group (`g31`) are other forms of those that their
    number of photos counts; those who have none are left out.
    """
    with library.read() as tx:
        return {
            f"{kind}{number}": count
            for kind, key in ((GroupKind.PERSON, "person_id"), (GroupKind.CLUSTER, "cluster_id"))
            for number, count in shots.hidden_forms(tx, key).items()
        }


def people_called(library: Library, name: str) -> list[Group]:
    """Everybody of this name, hidden or not, whatever its case and Unicode form."""
    with library.read() as tx:
        wanted = set(people_store.find_people(tx, name))
        return [
            group
            for group in (*people_store.groups(tx), *people_store.groups(tx, hidden=True))
            if group.kind is GroupKind.PERSON and group.id in wanted
        ]


def faces(
    library: Library,
    key: str | None = None,
    *,
    automatic: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[Face]:
    """Every face, or those of a person (`p7`) or group without one (`g31`), or of these only those
    that recognition named; the best quality first.

    Those that are in a group but shown as a person are not of it.
    `limit` and `offset` choose a page. Raises UserError when `key` is no such id.
    """
    kind, number = parse_key(key, "pg") if key is not None else ("", 0)
    with library.read() as tx:
        return face_store.faces(
            tx,
            person=PersonId(number) if kind == "p" else None,
            cluster=ClusterId(number) if kind == "g" else None,
            without_person=kind == "g",
            automatic=automatic,
            limit=limit,
            offset=offset,
        )


def single_faces(library: Library) -> list[Face]:
    """Faces that belong to nobody and to no group, the best quality first."""
    with library.read() as tx:
        return face_store.faces(tx, without_group=True)


def faces_by_id(library: Library, ids: Sequence[FaceId]) -> list[Face]:
    """The faces with these ids, in that order; unknown ids are left out."""
    with library.read() as tx:
        return face_store.faces(tx, ids=ids)


def faces_of_photo(library: Library, photo: PhotoId) -> list[Face]:
    """The faces of one photo."""
    with library.read() as tx:
        return face_store.faces(tx, photo=photo)


def photo(library: Library, photo_id: PhotoId) -> Photo | None:
    """One photo, None where there is no such id."""
    with library.read() as tx:
        found = photo_store.photos(tx, [photo_id])
    return found[0] if found else None


def photos_by_id(library: Library, ids: Sequence[PhotoId]) -> list[Photo]:
    """The photos with these ids, in that order; unknown ids are left out."""
    with library.read() as tx:
        return photo_store.photos(tx, ids)


def view_turn(library: Library, photo: PhotoId) -> int:
    """By how many degrees a photo is to be shown turned; see `Photo`."""
    with library.read() as tx:
        return photo_store.view_turn(tx, photo)


def existing_photo(library: Library, photo_id: PhotoId) -> Photo:
    """One photo. Raises UserError where there is no such id."""
    found = photo(library, photo_id)
    if found is None:
        raise UserError(tr("this photo is no longer in the library; scan again"))
    return found


def photos(library: Library) -> list[Photo]:
    """All photos that a file holds or held, the newest first."""
    with library.read() as tx:
        return photo_store.photos(tx, photo_store.photo_ids(tx))


def is_deleted(library: Library, photo_id: PhotoId) -> bool:
    """Whether every file of the photo is gone from a folder that is there."""
    with library.read() as tx:
        return photo_id in file_store.deleted_photos(tx)


def homes(library: Library, ids: Sequence[FaceId]) -> list[str]:
    """The keys (`p7`, `g31`) of the people and groups that these faces are in, those with most of
    them first.
    """
    found = Counter(
        f"{GroupKind.PERSON}{face.person}"
        if face.person is not None
        else f"{GroupKind.CLUSTER}{face.cluster}"
        for face in faces_by_id(library, ids)
        if face.person is not None or face.cluster is not None
    )
    return [key for key, _ in found.most_common()]


def photos_of(library: Library, key: str) -> list[Photo]:
    """The photos that a person (`p7`) is in, with a face or as the user said, the newest first.

    Raises UserError when there is no such person.
    """
    with library.read() as tx:
        person = PersonId(require(tx, key, "p")[1])
        theirs = set(presences.photos_of(tx, person))
        return photo_store.photos(tx, [n for n in photo_store.photo_ids(tx) if n in theirs])


def people_without_face(
    library: Library, photos: Sequence[PhotoId]
) -> dict[PhotoId, list[tuple[PersonId, str | None]]]:
    """Who is in each of `photos` though without a face, by id and name, as the user said."""
    with library.read() as tx:
        return presences.present_people(tx, photos)


def ages(library: Library, photo: Photo) -> dict[PersonId, Age]:
    """How old everybody is in a photo whose birthday and date say it."""
    with library.read() as tx:
        there = {face.person for face in face_store.faces(tx, photo=photo.id)}
        there.update(n for n, _ in presences.present_people(tx, [photo.id]).get(photo.id, ()))
        born = birthdays.birthdays(tx)
    found = {person: age(day, photo.date) for person, day in born.items() if person in there}
    return {person: years for person, years in found.items() if years is not None}


def photo_ids(library: Library) -> list[PhotoId]:
    """All photos, the newest first."""
    with library.read() as tx:
        return photo_store.photo_ids(tx)


def failures(library: Library) -> list[Failure]:
    """Every file that could not be read, and why, in the language that is spoken."""
    with library.read() as tx:
        failed = file_store.failures(tx)
    return [replace(each, reason=reasons.said(each.reason)) for each in failed]


def folders(library: Library) -> list[str]:
    """The folders of the library."""
    with library.read() as tx:
        return [str(path) for path in file_store.folders(tx)]


def counts(library: Library) -> tuple[int, int]:
    """How many photos, every form of a shot counted, and faces the library holds."""
    with library.read() as tx:
        return photo_store.count(tx), face_store.count(tx)


def _count_questions(tx: Transaction, groups: Sequence[FaceId | None]) -> int:
    """How many questions who faces are there are, by what recognition found last; `groups` are the
    covers of those without a name.
    """
    if not people_store.anybody_confirmed(tx):
        return 0
    unsure = {face for face, _ in answers.noted(tx, Noted.NOT_SURE)}
    alone = recognitions.asked_alone(tx)
    return sum(face not in unsure for face in (*groups, *alone))
