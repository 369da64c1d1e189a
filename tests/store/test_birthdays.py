"""Birthdays, and which faces and photos are from before them."""

import itertools
from datetime import datetime

import numpy as np
import pytest
from sqlalchemy import select, update

from photoclust.core.ages import certainly_before
from photoclust.core.dates import PhotoDate, parse_birthday, parse_date
from photoclust.core.types import Metadata, ModelId
from photoclust.store import (
    birthdays,
    cluster_table,
    faces,
    guesses,
    people,
    photo_dates,
    photos,
    recognitions,
    schema,
    unborn,
)
from photoclust.store.cluster_table import ClusterContent

BIRTHDAYS = ("1998", "December 1998", "31 December 1998", "1999", "January 1999", "2 January 1999")
BY_HAND = (
    *("1998", "1999", "about 1998", "1990s", "1980s", "about 1980s", "December 1998"),
    *("30 December 1998", "31 December 1998", "1 January 1999", "31 December 1998, 23:59"),
)
BY_CAMERA = (datetime(1998, 12, 30, 23, 59, 59), datetime(1999, 1, 1), None)  # noqa: DTZ001


@pytest.fixture
def born(library, person, do):
    """People of every birthday, by id."""
    with library.write() as tx:
        found = {person(tx, text): parse_birthday(text) for text in BIRTHDAYS}
        for number, date in found.items():
            do(tx, birthdays.set_birthday, number, date)
        assert birthdays.birthdays(tx) == found
    return found


@pytest.fixture
def dated(library, maker, do, make_face):
    """Faces of photos of every kind of date: face → photo."""
    made = {}
    for taken in BY_CAMERA:
        photo = maker.photo(metadata=Metadata(taken_at=taken))
        made[maker.faces(photo, [make_face()])[0]] = photo
    scanned = maker.photo(metadata=Metadata(taken_at=BY_CAMERA[0], scanned=True))
    made[maker.faces(scanned, [make_face()])[0]] = scanned
    for text in BY_HAND:
        photo = maker.photo(metadata=Metadata(taken_at=BY_CAMERA[0]))
        made[maker.faces(photo, [make_face()])[0]] = photo
        with library.write() as tx:
            do(tx, people.set_date, [photo], photo_dates.date_text(parse_date(text)))
    return made


def dates_of(tx, ids) -> dict[int, PhotoDate | None]:
    return {photo.id: photo.date for photo in photos.photos(tx, list(ids))}


def test_the_condition_in_sql_is_the_rule_for_two_dates(library, born, dated):
    with library.read() as tx:
        dates = dates_of(tx, dated.values())
        query = f"SELECT face.id, person.id FROM face, person WHERE {unborn.unborn_sql()}"
        found = set(map(tuple, tx.exec_driver_sql(query)))
        expected = {
            (face, person)
            for (face, photo), (person, day) in itertools.product(dated.items(), born.items())
            if certainly_before(dates[photo], day)
        }
        assert 0 < len(expected) < len(born) * len(dated)
        assert found == expected
        for person in born:
            query = select(schema.face.c.id).where(unborn.is_before_birth_of(person))
            mine = set(tx.execute(query).scalars())
            assert mine == {face for face, other in expected if other == person}


def test_days_say_the_same_for_all_at_once(library, born, dated):
    with library.read() as tx:
        dates = dates_of(tx, dated.values())
        days = birthdays.load_days(tx)
    assert days.people.tolist() == sorted(born)
    latest = dict(zip(days.photos.tolist(), days.latest.tolist(), strict=True))
    for (photo, date), (place, person) in itertools.product(
        dates.items(), enumerate(days.people.tolist())
    ):
        early = photo in latest and latest[photo] < days.born[place]
        assert early == certainly_before(date, born[person])


def test_without_birthdays_there_are_no_days(library, dated):
    with library.read() as tx:
        days = birthdays.load_days(tx)
    assert [len(column) for column in (days.people, days.born, days.photos, days.latest)] == [0] * 4


def test_who_ended_has_no_birthday(library, born, do):
    with library.write() as tx:
        for person in born:
            do(tx, people.delete_person, person)
        assert birthdays.birthdays(tx) == {}
        assert len(birthdays.load_days(tx).people) == 0


@pytest.fixture
def guessed(library, maker, make_face, person, do):
    """Anna, and faces guessed to be her by their group, by a verdict, and confirmed; the photo of
    all of them.
    """
    photo = maker.photo()
    ids = maker.faces(photo, [make_face((40 + 60 * n, 30, 50, 50), seed=n) for n in range(4)])
    with library.write() as tx:
        anna = person(tx, "Anna")
        cluster_table.replace_clusters(tx, [ClusterContent(None, anna, ids[:2])])
        verdict = recognitions.Verdicts(
            face=np.array(ids[1:3]),
            person=np.array([anna, anna]),
            probability=np.array([0.99, 0.99]),
            similarity=np.array([0.9, 0.9]),
            runner_up=np.array([-1, -1]),
            runner_up_similarity=np.array([np.nan, np.nan]),
            runner_up_probability=np.array([np.nan, np.nan]),
            named=np.array([False, True]),
        )
        recognitions.write(tx, verdict, None, model=ModelId("made-up"))
        do(tx, people.confirm, ids[3:], anna)
    return anna, photo, ids


def shown(tx, ids):
    return [face.person for face in faces.faces(tx, ids=ids)]


@pytest.mark.parametrize("date_first", [False, True])
def test_nobody_is_guessed_to_be_in_a_photo_from_before_their_birth(
    library, guessed, do, date_first
):
    """Whichever is said first, at once, and only as long as both are said."""
    anna, photo, ids = guessed

    def born(tx, day):
        return do(tx, birthdays.set_birthday, anna, day and parse_birthday(day))

    def dated(tx, date):
        return do(tx, people.set_date, [photo], date and photo_dates.date_text(parse_date(date)))

    steps = [(dated, "1989"), (born, "1990")]
    with library.write() as tx:
        assert shown(tx, ids) == [anna, None, anna, anna]
        assert recognitions.asked(tx).face.tolist() == [ids[1]]
        for say, what in steps if date_first else steps[::-1]:
            changes = say(tx, what)
        assert set(ids[:1] + ids[2:3]) <= changes.faces
        assert shown(tx, ids) == [None, None, None, anna], "the word of the user stands"
        assert recognitions.asked(tx).face.tolist() == []
        assert guesses.count_stale(tx) == 0
        (dated if date_first else born)(tx, None)
        assert shown(tx, ids) == [anna, None, anna, anna]


def test_a_face_from_before_is_not_confirmed_with_its_group(library, guessed, do):
    anna, photo, ids = guessed
    with library.write() as tx:
        tx.execute(update(schema.recognition).values(named=False))
        do(tx, birthdays.set_birthday, anna, parse_birthday("1990"))
        do(tx, people.set_date, [photo], photo_dates.date_text(parse_date("1989")))
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        do(tx, people.name_cluster, cluster, anna)
        assert people.faces_confirmed_as(tx, anna) == [ids[3]]


def test_verdicts_for_who_was_not_born_are_not_kept(library, guessed, do):
    anna, photo, _ = guessed
    with library.write() as tx:
        before = recognitions.load(tx)
        do(tx, birthdays.set_birthday, anna, parse_birthday("1990"))
        do(tx, people.set_date, [photo], photo_dates.date_text(parse_date("1989")))
        recognitions.write(tx, before, None, model=ModelId("made-up"))
        assert len(recognitions.load(tx)) == 0
