from datetime import datetime
from pathlib import Path

import pytest

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.query.errors import QueryError
from photoclust.services import history, naming, searching
from photoclust.services.searching import Instead, Kind
from photoclust.store import aliases, people, photo_dates, schema
from photoclust.store import files as file_store
from photoclust.store.journal import Act


@pytest.fixture(scope="module")
def made(begin_library, crowd_in):
    """Folder and faces of the `album`."""
    with begin_library() as library:
        crowd = crowd_in(library)
        groups = {
            "Anna": crowd.photos_of(1, 3),
            "Ben": crowd.photos_of(2, 2),
            "other Ben": crowd.photos_of(3, 1),
            "Jörg Müller": crowd.photos_of(4, 1),
            "Berta": crowd.photos_of(5, 1),
            None: crowd.photos_of(6, 1),
        }
        with library.write() as tx:
            file_store.add_folders(tx, [Path("/photos")])
            act = Act(tx, "name")
            for name, faces in groups.items():
                if name is not None:
                    person = people.add_person(act, name.removeprefix("other "))
                    people.confirm(act, faces, person)
                    if name == "Berta":
                        people.hide(act, person, True)
                    if name == "Anna":
                        aliases.add_alias(act, person, "Nan")
            act.finish()
            photo = photo_of(tx, groups[None][0])
            italy = Path("/photos/Italien/rom.jpg")
            tx.execute(
                schema.file.update().where(schema.file.c.photo_id == photo).values(path=italy)
            )
            date = PhotoDate(datetime(1923, 1, 1), DatePrecision.YEAR, DateSource.HAND)  # noqa: DTZ001
            act = Act(tx, "date")
            people.set_date(act, [photo], photo_dates.date_text(date))
            act.finish()
    return library.folder, groups


@pytest.fixture
def album(library, made, fill):
    """Anna in three photos, two people called Ben in two and one, an Italian one without a name;
    Berta is hidden. The ids of their faces.
    """
    folder, groups = made
    fill(library, folder)
    return groups


def photo_of(tx, face):
    table = schema.face.c
    return tx.execute(schema.face.select().where(table.id == face)).one().photo_id


def faces_of(library, text):
    """The faces in the photos that are found."""
    found = searching.search(library, text)
    with library.read() as tx:
        query = schema.face.select().where(schema.face.c.photo_id.in_(found.photos))
        return {row.id for row in tx.execute(query)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Anna", "Ben", "other Ben", "Jörg Müller", "Berta", None]),
        ("anna", ["Anna"]),
        ("nan", ["Anna"]),
        ("ben", ["Ben", "other Ben"]),
        ("p3", ["other Ben"]),
        ("ben -p3", ["Ben"]),
        ("joerg mueller or italien", ["Jörg Müller", None]),
        ("unnamed", [None]),
        ("berta", ["Berta"]),
        ("bert", []),
        ("1923", [None]),
        ("folder:photos -1923", ["Anna", "Ben", "other Ben", "Jörg Müller", "Berta"]),
        ("anna ben", []),
    ],
)
def test_photos_are_found(library, album, text, names):
    assert faces_of(library, text) == {face for name in names for face in album[name]}


def test_each_part_says_what_it_was_taken_for(library, album):
    text = "ben italien -nan only: anna 1923.. faces:>0 unnamed quality:<0.9 file:x"
    found = searching.search(library, text)
    assert [
        (text[each.start : each.end], each.kind, each.says, each.left_out)
        for each in found.meanings
    ] == [
        ("ben", Kind.PEOPLE, "Ben (p2) or Ben (p3)", False),
        ("italien", Kind.PLACE, 'files and folders with "italien" in their name', False),
        ("nan", Kind.PEOPLE, "Anna (p1)", True),
        ("only: anna", Kind.ONLY, "Anna (p1), and nobody else", False),
        ("1923..", Kind.TIME, "taken from 1923-01-01 on", False),
        ("faces:>0", Kind.FACES, "photos with more than 0 faces", False),
        ("unnamed", Kind.UNNAMED, "a face without a name", False),
        ("quality:<0.9", Kind.QUALITY, "a face with a quality of less than 0.9", False),
        ("file:x", Kind.PLACE, 'files with "x" in their name', False),
    ]
    assert [each.photos for each in found.meanings][1:3] == [1, None]
    assert found.people == {1, 2, 3}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("faces:1", "photos with 1 face"),
        ("faces:>1", "photos with more than 1 face"),
        ("faces:0..1", "photos with 0 to 1 faces"),
        ("faces:>=1", "photos with 1 or more faces"),
    ],
)
def test_numbers_of_faces_are_told_in_english(library, text, meant):
    assert [each.says for each in searching.search(library, text).meanings] == [meant]


def test_many_people_of_a_beginning_are_counted(library, crowd):
    with library.write() as tx:
        act = Act(tx, "name")
        for number in range(8):
            people.add_person(act, f"Anna {number}")
        act.finish()
    (part,) = searching.search(library, "an").meanings
    assert part.says.endswith("Anna 4 (p5) or 3 more")
    assert len(part.people) == 8


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("anna ben", "no photo fits all of it; leave a word out"),
        ("1950", "no photo fits it"),
        ("ana", 'nobody, and no file or folder is called "ana"; did you mean Anna?'),
        ("anna xyz", 'nobody, and no file or folder is called "xyz"; check the word'),
        ('"x y"', 'nobody, and no file or folder is called "x y"; check the word'),
        ("folder:xyz", 'no folder is called "xyz"; check the word'),
        ("file:xyz -file:abc", 'no file is called "xyz"; check the word'),
        ("bertha", 'nobody, and no file or folder is called "bertha"; check the word'),
    ],
)
def test_a_search_without_photos_says_why(library, album, text, hint):
    assert searching.search(library, text).hint == hint


def test_what_is_found_needs_no_hint(library, album):
    assert searching.search(library, "anna").hint is None
    assert searching.search(library, "-xyz").hint is None


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("1850", Instead("folder:1850", "1850", 1)),
        ("ben 1850", Instead("ben folder:1850", "1850", 1)),
        ("anna 1850", None),
        ("xyz -1850", None),
        ("1851", None),
        ("year:1850", None),
    ],
)
def test_a_year_without_photos_may_be_the_name_of_a_folder(library, album, text, instead):
    with library.write() as tx:
        photo = photo_of(tx, album["Ben"][0])
        there = {"path": Path("/photos/1850/old.jpg")}
        tx.execute(schema.file.update().where(schema.file.c.photo_id == photo).values(there))
    assert searching.search(library, text).instead == instead


def test_errors_point_at_the_word(library, album):
    with pytest.raises(QueryError, match="nobody is called") as caught:
        searching.search(library, "only: anna italien")
    assert caught.value.pointed().split("\n")[1].strip() == "^^^^^^^"


def test_faces_and_names_go_with_photos(library, album):
    found = searching.search(library, "ben or berta -anna")
    faces = searching.faces_found(library, found, found.photos)
    assert {face for each in faces.values() for face in each} == {
        *album["Ben"],
        *album["other Ben"],
        *album["Berta"],
    }
    names = searching.names_in(library, found.photos, found)
    assert sorted(name for each in names.values() for _, name in each) == [
        "Ben",
        "Ben",
        "Ben",
        "Berta",
    ]
    # Nobody asked for her.
    assert "Berta" not in str(searching.names_in(library, found.photos))


def test_a_search_follows_what_is_decided(library, album):
    naming.name(library, f"f{album[None][0]}", "Zoë")
    assert faces_of(library, "zoe") == set(album[None])
    history.undo(library)
    assert searching.search(library, "zoe").photos == ()


# Completion


def offered(library, text, cursor=None, **options):
    found = searching.complete(library, text, len(text) if cursor is None else cursor, **options)
    return [(each.text, each.photos) for each in found]


def test_names_are_completed_the_most_frequent_first(library, album):
    assert offered(library, "b") == [("Ben", 3), ("before:", None), ("folder:", None)][:2]
    assert offered(library, "mul")[0] == ('"Jörg Müller"', 1)
    assert offered(library, "na")[0] == ("Nan", 3)
    assert offered(library, "only: a") == [("Anna", 3)]
    assert offered(library, "bert") == []
    assert offered(library, "")[:3] == [("Anna", 3), ("Ben", 3), ("Nan", 3)]
    assert len(offered(library, "", limit=2)) == 2


def test_a_name_of_several_words_is_completed_from_its_first(library, album):
    (best,) = searching.complete(library, "1923 joerg mu", 13)
    assert ("1923 joerg mu"[best.start : best.end], best.text) == ("joerg mu", '"Jörg Müller"')
    assert (best.label, best.kind) == ("Jörg Müller", Kind.PEOPLE)


def test_keys_folders_and_times_are_completed(library, album):
    assert offered(library, "fa") == [("faces:", None)]
    assert offered(library, "un") == [("unnamed", None)]
    assert offered(library, "ital") == [("folder:Italien", 1)]
    assert offered(library, "folder:") == [("photos", 9), ("Italien", 1)]
    assert offered(library, "folder:xyz") == []
    assert offered(library, "year:19")[-1] == ("1923", 1)
    assert offered(library, "year:1923-") == []
    assert offered(library, "faces:") == []


def test_a_completion_put_in_its_place_is_understood(library, album):
    for text in ("b", "mul", "1923 or na", "-an", "(be", "only: anna be", "folder:it", "year:19"):
        for each in searching.complete(library, text, len(text)):
            whole = text[: each.start] + each.text + text[each.end :]
            if each.kind is not Kind.KEY:
                searching.search(library, whole + (")" if "(" in whole else ""))


def test_a_range_is_completed_behind_its_dots(library, album):
    text = "year:1920..19"
    each = searching.complete(library, text, len(text))[-1]
    assert text[: each.start] + each.text == "year:1920..1923"


def test_keys_are_offered_and_put_in_the_words_of_the_reader(library, album, speak):
    speak("de")
    assert offered(library, "ges") == [("gesichter:", None)]
    assert offered(library, "oh")[0] == ("ohne namen", None)
    assert "only:" not in dict(offered(library, "o")), "there is ordner:"
    assert offered(library, "unb") == [("unbenannt", None)]
    assert offered(library, "fac") == [("faces:", None)], "who begins in English goes on so"
    assert offered(library, "ital") == [("ordner:Italien", 1)]
    assert offered(library, "ordner:") == [("photos", 9), ("Italien", 1)]
    assert offered(library, "jahr:19")[-1] == ("1923", 1)
    everything = [text for text, _ in offered(library, "", limit=99)]
    assert "jahr:" in everything
    assert "unbenannt" in everything
    assert "year:" not in everything


def test_dates_and_quotation_marks_are_those_of_the_language(library, album, speak):
    speak("de")
    (meaning,) = searching.search(library, "2019-07").meanings
    assert meaning.says == "aufgenommen ab dem 1.7.2019 und vor dem 1.8.2019"
    (meaning,) = searching.search(library, "vor:1950").meanings
    assert meaning.says == "aufgenommen vor dem 1.1.1950"
    (meaning,) = searching.search(library, "ordner:ital").meanings
    assert "„ital“" in meaning.says
    with pytest.raises(QueryError, match="„xx:“"):
        searching.search(library, "xx:zz")
