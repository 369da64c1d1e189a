"""The months of a library: the same as those of the timeline, with a cover and who is in them."""

from collections import Counter

import numpy as np
import pytest

from photoclust.core.dates import parse_date
from photoclust.core.types import FaceId, PhotoId
from photoclust.services import browse, deciding, describing, naming, years
from photoclust.services.timeline import timeline
from photoclust.store import months as month_store
from photoclust.store.database import Library


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "library") as library:
        yield library


@pytest.fixture
def crowd(library, crowd_in):
    return crowd_in(library)


def photos_of(library, faces):
    return [face.photo for face in browse.faces_by_id(library, faces)]


def name(library, faces, called):
    return naming.name_all(library, [f"f{face}" for face in faces], called).person


def date(library, faces, *said):
    """Let the photos of `faces` be of the dates `said`, one after the other."""
    for number, photo in enumerate(photos_of(library, faces)):
        deciding.set_date(library, [photo], parse_date(said[number % len(said)]))


def as_people(library):
    return {each.month.name: each.people for each in years.months(library)}


def test_nothing_in_an_empty_library(library):
    assert years.months(library) == []
    with library.read() as tx:
        assert month_store.most_seen(tx, [], 3) == []
        assert month_store.best_photos(tx, []) == []


def test_the_months_are_those_of_the_timeline(library, crowd):
    faces = crowd.photos_of(0, 12)
    said = ("May 2019", "June 2019", "2019", "1920s", "1923", "12 May 2019", "1 January 2020")
    date(library, faces[:10], *said)
    with library.write() as tx:
        (last,) = photos_of(library, faces[11:])
        tx.exec_driver_sql("UPDATE photo SET taken_at = NULL WHERE id = ?", (last,))
    found = [each.month for each in years.months(library)]
    assert found == list(timeline(library).months)
    assert found[-1].year is None
    assert len(found) == 8  # one is of the time of their files


def test_photos_that_no_file_holds_are_not_counted(library, crowd):
    faces = crowd.photos_of(0, 3)
    date(library, faces, "May 2019", "June 2019", "June 2019")
    with library.write() as tx:
        gone = photos_of(library, faces[:2])
        tx.exec_driver_sql(f"DELETE FROM file WHERE photo_id IN ({gone[0]}, {gone[1]})")
    assert [(each.month.month, each.month.count) for each in years.months(library)] == [(6, 1)]


def test_those_in_most_photos_of_a_month_are_told_first(library, crowd):
    groups = [crowd.photos_of(number, 6) for number in range(5)]
    for number, faces in enumerate(groups):
        name(library, faces, "ABCDE"[number])
        date(library, faces[: number + 1], "May 2019")
        date(library, faces[number + 1 :], "June 2019")
    assert as_people(library) == {
        (2019, 6, False): ("A", "B", "C"),
        (2019, 5, False): ("E", "D", "C"),
    }


def test_who_is_in_a_photo_without_a_face_counts_and_nobody_counts_twice(library, crowd):
    anna, berta = crowd.photos_of(0, 4), crowd.photos_of(1, 3)
    date(library, [*anna, *berta], "May 2019")
    first, second = name(library, anna, "Anna"), name(library, berta, "Berta")
    assert as_people(library)[2019, 5, False] == ("Anna", "Berta")
    # Anna has two faces in one photo, which is one photo still.
    with library.write() as tx:
        tx.exec_driver_sql(
            "UPDATE face SET photo_id = (SELECT photo_id FROM face WHERE id = ?) WHERE id = ?",
            (anna[0], anna[1]),
        )
    describing.tag(library, f"p{second}", [photos_of(library, anna)[2]], present=True)
    assert as_people(library)[2019, 5, False] == ("Berta", "Anna")
    assert first < second


def test_hidden_people_those_without_a_name_and_what_is_no_face_are_left_out(library, crowd):
    groups = [crowd.photos_of(number, 3) for number in range(3)]
    date(library, [face for faces in groups for face in faces], "May 2019")
    hidden, known = name(library, groups[0], "Anna"), name(library, groups[1], "Berta")
    naming.name_all(library, [f"f{face}" for face in groups[2]], "Carla")
    deciding.hide(library, [f"p{hidden}"], hidden=True)
    deciding.exclude(library, [f"f{face}" for face in groups[2]])
    assert as_people(library)[2019, 5, False] == ("Berta",)
    assert known


def test_the_cover_is_the_photo_with_the_best_face(library, crowd):
    faces = crowd.photos_of(0, years.LOOKED_AT)
    date(library, faces, "May 2019")
    best = faces[3]
    with library.write() as tx:
        tx.exec_driver_sql("UPDATE face SET quality = 0.99 WHERE id = ?", (best,))
    (month,) = years.months(library)
    assert [month.cover] == photos_of(library, [FaceId(best)])
    deciding.exclude(library, [f"f{best}"])
    (month,) = years.months(library)
    assert [month.cover] == photos_of(library, faces[-1:]), "the next best one"


def test_a_month_without_faces_has_the_photo_in_its_middle(library, crowd):
    faces = crowd.photos_of(0, 5)
    date(library, faces, "May 2019")
    photos = sorted(photos_of(library, faces))
    deciding.exclude(library, [f"f{face}" for face in faces])
    (month,) = years.months(library)
    assert month.cover == photos[2]


def test_of_many_photos_some_from_all_over_the_month_are_looked_at():
    photos = np.arange(100, 400, dtype=np.int64)
    some = years._some_of(photos)
    assert len(some) == years.LOOKED_AT
    assert (some[0], some[-1]) == (100, 399)
    assert len(set(np.diff(some))) <= 2
    assert years._some_of(photos[:1]).tolist() == [100]
    assert years._some_of(photos[: years.LOOKED_AT]).tolist() == list(
        range(100, 100 + years.LOOKED_AT)
    )


def test_most_seen_is_what_counting_one_by_one_finds(library, crowd):
    rng = np.random.default_rng(5)
    people = [crowd.photos_of(number, 9) for number in range(6)]
    for number, faces in enumerate(people):
        name(library, faces, f"Person {number}")
    every = [face for faces in people for face in faces]
    with library.write() as tx:  # several people in a photo
        photos = photos_of(library, every)
        for face in every:
            place = (int(rng.choice(photos)), face)
            tx.exec_driver_sql("UPDATE face SET photo_id = ? WHERE id = ?", place)
    shuffled = rng.permutation(sorted(set(photos)))
    groups = [np.sort(part) for part in np.array_split(shuffled, 7)]
    with library.read() as tx:
        found = month_store.most_seen(tx, groups, 4)
    for group, names in zip(groups, found, strict=True):
        seen = Counter()
        for photo in group.tolist():
            shown = browse.faces_of_photo(library, PhotoId(photo))
            seen.update({face.person for face in shown if face.person is not None})
        expected = sorted(seen, key=lambda person: (-seen[person], person))[:4]
        assert names == [browse.person(library, person).name for person in expected]
