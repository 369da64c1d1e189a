"""What the page of a person shows: order, ages, companions, spans."""

from datetime import datetime

import pytest

from photoclust.core.ages import Age
from photoclust.core.dates import DatePrecision, parse_birthday, parse_date
from photoclust.services import browse, deciding, describing, naming, portraits
from photoclust.store import cluster_table
from photoclust.store import photos as photo_store
from photoclust.store.cluster_table import ClusterContent

moment = datetime.fromisoformat


@pytest.fixture
def anna(library, crowd):
    """The key of a person with three faces in three photos; the faces' ids."""
    faces = crowd.photos_of(1, 3)
    named = naming.name_all(library, [f"f{face}" for face in faces], "Anna")
    return f"p{named.person}", faces


def photos_of(library, faces):
    return [face.photo for face in browse.faces_by_id(library, faces)]


def date(library, faces, *texts):
    for photo, words in zip(photos_of(library, faces), texts, strict=True):
        deciding.set_date(library, [photo], parse_date(words))


def test_a_person_is_shown_with_the_newest_first_and_the_undated_last(library, anna):
    key, faces = anna
    date(library, faces[1:], "May 2003", "2011-07-02 14:05")
    shown = portraits.portrayal(library, key)
    assert [each.face.id for each in shown.faces] == [faces[2], faces[1], faces[0]]
    assert [photo.id for photo in shown.photos] == photos_of(
        library, [faces[2], faces[1], faces[0]]
    )
    assert shown.faces[0].taken.precision is DatePrecision.SECOND
    # The time of the file says nothing of when it was taken.
    assert not shown.faces[-1].taken.is_evidence


def test_ages_are_told_where_the_birthday_and_the_date_are_known(library, anna):
    key, faces = anna
    date(library, faces[:2], "2003-05-12", "2011")
    assert {each.age for each in portraits.portrayal(library, key).faces} == {None}
    describing.set_birthday(library, key, parse_birthday("2001-05-12"))
    ages = {each.face.id: each.age for each in portraits.portrayal(library, key).faces}
    assert ages == {faces[0]: Age(2, 2), faces[1]: Age(9, 10), faces[2]: None}


def test_a_group_without_a_name_is_shown_with_the_best_faces_first(library, crowd):
    faces = crowd.photos_of(2, 3)
    named = naming.name_all(library, [f"f{face}" for face in faces[:2]], "Berta")
    shown = portraits.portrayal(library, f"p{named.person}")
    assert {each.face.id for each in shown.faces} == set(faces[:2])


def test_who_is_in_a_photo_without_a_face_is_in_it(library, anna, crowd):
    key, _ = anna
    (other,) = photos_of(library, crowd.photos_of(2, 1))
    describing.tag(library, key, [other])
    shown = portraits.portrayal(library, key)
    assert len(shown.faces) == 3
    assert {photo.id: len(photo.faces) for photo in shown.photos}[other] == 0


def test_companions_are_counted_by_photos_and_come_by_their_number(library, anna, crowd):
    key, faces = anna
    berta = naming.name(library, f"f{crowd.photos_of(2, 1)[0]}", "Berta").person
    carla = naming.name(library, f"f{crowd.photos_of(3, 1)[0]}", "Carla").person
    hidden = naming.name(library, f"f{crowd.photos_of(4, 1)[0]}", "Dora").person
    theirs = photos_of(library, faces)
    describing.tag(library, f"p{berta}", theirs[:1])
    describing.tag(library, f"p{carla}", theirs)
    describing.tag(library, f"p{hidden}", theirs)
    deciding.hide(library, [f"p{hidden}"])
    found = portraits.companions(library, int(key[1:]))
    assert [(each.person.name, each.photos) for each in found] == [("Carla", 3), ("Berta", 1)]
    assert portraits.photos_with_both(library, int(key[1:]), berta).shown == (theirs[0],)
    assert portraits.companions(library, berta)[0].photos == 1


def test_spans_count_what_a_camera_or_the_user_says(library, anna, crowd):
    key, faces = anna
    assert browse.spans(library) == {}
    # As at the beginning of a scan: what has a date shows nobody yet.
    (empty,) = photos_of(library, crowd.photos_of(9, 1))
    deciding.set_date(library, [empty], parse_date("1990"))
    deciding.exclude(library, [f"f{face.id}" for face in browse.faces_of_photo(library, empty)])
    assert browse.spans(library) == {}
    date(library, faces[:2], "2003-05-12", "2011")
    assert browse.spans(library) == {key: (moment("2003-05-12"), moment("2011-01-01"))}
    (other,) = photos_of(library, crowd.photos_of(2, 1))
    deciding.set_date(library, [other], parse_date("1998"))
    describing.tag(library, key, [other])
    assert browse.spans(library)[key][0] == moment("1998-01-01")


def test_spans_agree_with_a_look_at_every_face(library, crowd):
    """A slow, obvious reference."""
    for person in range(1, 5):
        faces = crowd.photos_of(person, person)
        naming.name_all(library, [f"f{face}" for face in faces], f"Person {person}")
        for number, face in enumerate(faces[1:]):
            date(library, [face], str(1950 + 7 * person + 3 * number))
    expected = {}
    with library.read() as tx:
        for face in browse.faces(library):
            (photo,) = photo_store.photos(tx, [face.photo])
            if photo.date.is_evidence:
                moments = expected.setdefault(f"p{face.person}", [])
                moments.append(photo.date.value)
    assert browse.spans(library) == {
        key: (min(moments), max(moments)) for key, moments in expected.items()
    }
    assert len(expected) == 3


def test_of_a_group_only_the_faces_without_a_person_are_shown_as_it_is_counted(library, crowd):
    faces = crowd.photos_of(1, 4)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces)])
    naming.name(library, "g1", "Anna")
    deciding.reject(library, [f"f{faces[2]}"], "p1")
    (group,) = [each for each in browse.groups(library) if each.key == "g1"]
    shown = portraits.portrayal(library, "g1")
    assert [each.face.id for each in shown.faces] == [faces[2]]
    assert group.faces == 1
    assert [face.id for face in browse.faces(library, "g1")] == [faces[2]]
