"""Decisions that travel between libraries of the same photos, whose ids and boxes differ."""

import json
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate, parse_birthday
from photoclust.core.errors import LibraryError, UserError
from photoclust.core.types import (
    Box,
    Detection,
    EntryId,
    EntryStatus,
    FaceId,
    FileStat,
    FoundFace,
    JournalEntry,
    Metadata,
    ModelId,
    PhotoId,
)
from photoclust.services import deciding, describing, history, naming, same_photo
from photoclust.services.exchange import (
    DecisionFileError,
    ImportReport,
    export_decisions,
    import_decisions,
    login_name,
)
from photoclust.store import decisions, exchange, journal, schema
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store import same_photo as rules
from photoclust.store.database import Library
from photoclust.store.decisions import Subject
from photoclust.store.journal import Act

SIZE = (400, 300)
MODEL = ModelId("made-up")
PLACES = (Box(20, 20, 80, 90), Box(150, 30, 80, 90), Box(280, 40, 80, 90))
"""Where the detector finds faces in every photo, in px."""
DRAWN = Box(100, 200, 60, 60)
MAY_1923 = PhotoDate(
    datetime.fromisoformat("1923-05-01"), DatePrecision.MONTH, DateSource.HAND, about=True
)
JUNE_1931 = PhotoDate(datetime.fromisoformat("1931-06-07"), DatePrecision.DAY, DateSource.HAND)
ANYTHING = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def content_hash(photo: int) -> str:
    return f"{photo:040x}"


def found_face(box: Box) -> FoundFace:
    points = tuple((box.x + box.w * i / 6, box.y + box.h / 2) for i in range(1, 6))
    return FoundFace(Detection(box, points, 0.9), 0.5)


def place(box: Box) -> int | str:
    """Which of PLACES a box (px) is, or `drawn`."""
    overlaps = [box.iou(other) for other in PLACES]
    return overlaps.index(max(overlaps)) if max(overlaps) > 0.5 else "drawn"


@dataclass
class House:
    """A library with photos that have numbers of their own, each with a face at each of PLACES."""

    library: Library
    faces: dict[tuple[int, int], FaceId] = field(default_factory=dict)
    photos: dict[int, PhotoId] = field(default_factory=dict)

    def add_photo(
        self,
        number: int,
        *,
        shift: float = 0,
        digest: str | None = None,
        picture: str | None = None,
        places: tuple[Box, ...] = PLACES,
    ) -> None:
        file = FileStat(Path(f"/photos/{number}.jpg"), 10, 20)
        with self.library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=SIZE,
                turn=0,
                metadata=Metadata(),
                stat=file,
                detector="made-up",
            )
            file_store.write_file(tx, file, photo, digest or content_hash(number), picture)
            found = [found_face(Box(box.x + shift, box.y, box.w, box.h)) for box in places]
            faces = face_store.replace_faces(tx, photo, found, SIZE, MODEL)
        self.faces.update({(number, index): face for index, face in enumerate(faces)})
        self.photos[number] = photo

    def face(self, number: int, index: int) -> str:
        return f"f{self.faces[number, index]}"

    def name(self, number: int, index: int, name: str, **how: Any) -> str:
        """Say whose face that is; their id."""
        return f"p{naming.name(self.library, self.face(number, index), name, **how).person}"

    def draw(self, number: int) -> str:
        with self.library.write() as tx:
            act = Act(tx, "draw")
            face = face_store.add_drawn_face(
                tx, self.photos[number], found_face(DRAWN), SIZE, MODEL
            )
            people_store.exclude(act, [face], False)
            act.finish()
        return f"f{face}"

    def set_date(self, number: int, date: PhotoDate | None) -> None:
        deciding.set_date(self.library, [self.photos[number]], date)

    def decided(self) -> dict[tuple[str, Any, str | None], Any]:
        """Everything decided, in words that mean the same in every library of these photos."""
        with self.library.read() as tx:
            standing = decisions.everything(tx)
            assert standing == journal.standing(tx)
            person, face = schema.person.c, schema.face.c
            uids = {row.id: row.uid for row in tx.execute(select(person.id, person.uid))}
            numbers = {photo: number for number, photo in self.photos.items()}
            placed = {
                row.id: (
                    numbers[row.photo_id],
                    place(Box(row.x, row.y, row.w, row.h).scaled(*SIZE)),
                )
                for row in tx.execute(select(schema.face).where(face.photo_id.in_(numbers)))
            }
            folders = {rule: str(path) for path, rule in rules.rules(tx).items()}
        result = {}
        for (subject, a, b), value in standing.items():
            about = [
                (decisions.ABOUT_PEOPLE, uids),
                (decisions.ABOUT_FACES, placed),
                (decisions.ABOUT_PHOTOS, numbers),
                ((Subject.FOLDER_REPEATS,), folders),
            ]
            ((key,),) = ([named[a]] for subjects, named in about if subject in subjects)
            values = {Subject.IDENTITY: uids, Subject.COVER: placed}
            what = values[subject][value] if subject in values else value
            other = uids[b] if subject in decisions.WITH_PERSON else b
            result[subject.name, key, other] = what
        return result

    def shown(self) -> dict[tuple[int, int | str], str | None]:
        """Who is shown for each face that is one."""
        numbers = {photo: number for number, photo in self.photos.items()}
        with self.library.read() as tx:
            people = {person.id: person.name for person in exchange.people(tx)}
            return {
                (numbers[face.photo], place(face.box)): people.get(face.person)
                for face in face_store.faces(tx)
            }

    def uid(self, key: str) -> str:
        with self.library.read() as tx:
            return {f"p{person.id}": person.uid for person in exchange.people(tx)}[key]

    def imports(self) -> list[JournalEntry]:
        """The entries that imports made, the oldest first."""
        return [e for e in reversed(history.entries(self.library)) if e.kind == "import"]


@pytest.fixture(scope="module")
def templates(tmp_path_factory) -> Callable[[tuple[int, ...], bool], House]:
    """Closed houses to copy: to make one takes longer than most tests."""

    @cache
    def template(photos: tuple[int, ...], other: bool) -> House:
        with Library(tmp_path_factory.mktemp("template") / "library") as library:
            house = House(library)
            with library.write() as tx:
                if other:
                    rules.rule_of(tx, Path("/elsewhere"))
                file_store.add_folders(tx, [Path("/photos")])
            if other:
                house.add_photo(99)
                deciding.delete(library, house.name(99, 0, "Somebody else"))
            for number in reversed(photos) if other else photos:
                house.add_photo(number, shift=3 if other else 0)
        return house

    return template


@pytest.fixture
def build(templates, tmp_path) -> Iterator[Callable[..., House]]:
    """Makes houses. In one that is `other`, ids differ and boxes are a few pixels off."""
    with ExitStack() as opened:
        numbers = count()

        def make(photos: tuple[int, ...] = (1, 2, 3, 4), *, other: bool = False) -> House:
            template = templates(photos, other)
            folder = tmp_path / f"library-{next(numbers)}"
            shutil.copytree(template.library.folder, folder)
            library = opened.enter_context(Library(folder))
            return House(library, dict(template.faces), dict(template.photos))

        yield make


@pytest.fixture
def ann(build) -> House:
    return build()


@pytest.fixture
def ben(build) -> House:
    return build(other=True)


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "decisions.json"


@pytest.fixture
def send(file) -> Callable[..., ImportReport]:
    """Takes what one house decided to another."""

    def carry(source: House, target: House, author: str = "Ann") -> ImportReport:
        export_decisions(source.library, file, author=author, force=True)
        return import_decisions(target.library, file)

    return carry


def decide_everything(house: House) -> None:
    """One decision of every kind."""
    anna = house.name(1, 0, "Anna")
    house.name(2, 0, "Anna")
    house.name(2, 1, "José Weiß")
    deciding.reject(house.library, [house.face(3, 0)], anna)
    deciding.hide(house.library, [house.face(3, 1)])
    deciding.exclude(house.library, [house.face(3, 2)])
    naming.name(house.library, house.draw(4), "Anna")
    house.set_date(1, MAY_1923)
    same_photo.allow(house.library, [Path("/photos/2.jpg")])
    same_photo.allow(house.library, [Path("/photos")])
    same_photo.allow(house.library, [Path("/photos/3.jpg")], allowed=False)
    describing.add_alias(house.library, anna, "Nan")
    describing.set_birthday(house.library, anna, parse_birthday("May 1901"))
    describing.choose_cover(house.library, house.face(2, 0))
    describing.tag(house.library, anna, [house.photos[3]])
    describing.turn(house.library, [house.photos[4]], -90)


def document_of(house: House, file: Path) -> dict[str, Any]:
    export_decisions(house.library, file, author="Ann", force=True)
    return json.loads(file.read_text(encoding="utf-8"))


# --- what travels -------------------------------------------------------------------------------


def test_a_library_without_decisions_becomes_as_the_one_they_come_from(ann, ben, send):
    decide_everything(ann)
    report = send(ann, ben)
    assert ben.decided() == ann.decided()
    assert {k: v for k, v in ben.shown().items() if k[0] != 99} == ann.shown()
    assert ben.shown()[4, "drawn"] == "Anna"
    assert (report.people, report.faces, report.drawn, report.photos) == (3, 7, 1, 5)
    assert report.folders == 1
    assert report.taken == {"Ann": 20}
    assert (report.conflicts, report.same) == ((), 0)
    assert (report.missing_photos, report.missing_faces, report.missing_folders) == (0, 0, 0)
    with ben.library.read() as tx:
        (photo,) = photo_store.photos(tx, [ben.photos[1]])
    assert photo.date == MAY_1923


def test_what_an_import_touched_is_told(ann, ben, send):
    ann.name(1, 0, "Anna")
    ann.set_date(2, MAY_1923)
    changes = send(ann, ben).changes
    assert changes.faces == {ben.faces[1, 0]}
    assert changes.photos == {ben.photos[1], ben.photos[2]}
    assert len(changes.people) == 1


def test_counts_of_people_follow_an_import(ann, ben, send):
    ann.name(1, 0, "Anna")
    ann.name(2, 0, "Anna")
    send(ann, ben)
    with ben.library.read() as tx:
        (group,) = people_store.groups(tx)
    assert (group.name, group.faces, group.photos) == ("Anna", 2, 2)


def test_importing_twice_changes_nothing_and_adds_no_entry(ann, ben, send, file):
    decide_everything(ann)
    send(ann, ben)
    before, entries = ben.decided(), history.entries(ben.library)
    again = import_decisions(ben.library, file)
    assert (ben.decided(), history.entries(ben.library)) == (before, entries)
    assert (again.taken, again.people, again.faces, again.conflicts) == ({}, 0, 0, ())
    assert again.same == 20


def test_there_and_back_changes_nothing(ann, ben, send, file):
    decide_everything(ann)
    there = document_of(ann, file)
    send(ann, ben)
    before, entries = ann.decided(), history.entries(ann.library)
    back = send(ben, ann, author="Ben")
    assert (ann.decided(), history.entries(ann.library)) == (before, entries)
    assert (back.taken, back.conflicts) == ({}, ())
    # Ben added nothing, so his file says what Ann's says, in her name.
    again = json.loads(file.read_text(encoding="utf-8"))
    key = lambda photo: photo["hashes"]  # noqa: E731
    assert again["people"] == there["people"]
    for one, other in zip(
        sorted(there["photos"], key=key), sorted(again["photos"], key=key), strict=True
    ):
        for face in (*one["faces"], *other["faces"]):
            del face["box"]
        assert one == other


def test_two_people_who_worked_on_different_photos_come_together(ann, ben, send):
    ann.name(1, 0, "Anna")
    ann.name(2, 0, "Berta")
    ben.name(3, 0, "Anna")
    ben.name(4, 1, "Carl")
    ben.set_date(4, JUNE_1931)
    assert send(ann, ben).conflicts == ()
    assert send(ben, ann, author="Ben").conflicts == ()
    everybody = {(1, 0): "Anna", (2, 0): "Berta", (3, 0): "Anna", (4, 1): "Carl"}
    for house in (ann, ben):
        assert {face: name for face, name in house.shown().items() if name} == everybody
        assert sum(key[0] == "PERSON" for key in house.decided()) == 3


def test_a_folder_travels_by_the_name_of_the_one_that_holds_it(ann, ben, send, file):
    with ben.library.write() as tx:
        for folder in ("/photos", "/mnt/photos", "/disk/photos/photos"):
            file_store.add_folders(tx, [Path(folder)])
        file_store.remove_folder(tx, Path("/photos"))
    with ann.library.write() as tx:
        act = Act(tx, "same photo")
        for folder in ("/photos/scans/1", "/elsewhere", "/photos/odd \udcff"):
            rules.decide_folder(act, Path(folder), True)
        act.finish()
    report = send(ann, ben)
    (told,) = json.loads(file.read_text(encoding="utf-8"))["folders"]
    assert told == {"path": ["photos", "scans", "1"], "author": "Ann"}
    with ben.library.read() as tx:
        there = {str(path) for path in rules.folders(tx).values()}
    assert there == {"/mnt/photos/scans/1", "/disk/photos/photos/scans/1"}
    assert (report.folders, report.missing_folders) == (2, 0)


def test_a_folder_that_is_not_here_is_counted(ann, build, send):
    same_photo.allow(ann.library, [Path("/photos")])
    other = build((1,), other=True)
    with other.library.write() as tx:
        file_store.remove_folder(tx, Path("/photos"))
    report = send(ann, other)
    assert (report.taken, report.folders, report.missing_folders) == ({}, 0, 1)


@pytest.mark.parametrize("place", ["/photos", "/photos/1.jpg"])
def test_that_one_person_is_there_several_times_is_not_taken_back_by_others(ann, ben, send, place):
    same_photo.allow(ann.library, [Path(place)])
    send(ann, ben)
    same_photo.allow(ben.library, [Path(place)], allowed=False)
    before = ben.decided()
    (conflict,) = send(ann, ben).conflicts
    assert conflict.ours.endswith("one person once")
    assert conflict.theirs.endswith("one person several times")
    assert ben.decided() == before


def test_only_photos_with_decisions_are_in_the_file(ann, file):
    ann.name(2, 1, "Anna")
    document = document_of(ann, file)
    (photo,) = document["photos"]
    assert photo["hashes"] == [content_hash(2)]
    (face,) = photo["faces"]
    assert face == {
        "box": [0.375, 0.1, 0.2, 0.3],
        "person": document["people"][0]["uid"],
        "author": "Ann",
    }
    assert document["people"][0] | {"uid": ""} == {
        "uid": "",
        "name": "Anna",
        "hidden": False,
        "author": "Ann",
    }
    assert (document["format"], document["version"]) == ("photoclust decisions", 1)
    assert datetime.fromisoformat(document["exported_at"]).tzinfo is not None


def test_what_was_said_of_people_who_have_ended_does_not_travel(ann, file):
    anna = ann.name(1, 0, "Anna")
    deciding.reject(ann.library, [ann.face(2, 0)], anna)
    deciding.delete(ann.library, anna)
    document = document_of(ann, file)
    assert (document["people"], document["photos"]) == ([], [])


def test_a_photo_is_known_by_its_pixels_or_by_content_that_is_lost(build, send):
    ann, ben = build(()), build(())
    for number, picture in ((1, "a" * 32), (2, "b" * 32), (3, None)):
        ann.add_photo(number, picture=picture)
        ann.name(number, 0, f"Person {number}")
    ben.add_photo(1, digest="f" * 40, picture="a" * 32)
    ben.add_photo(2, digest="e" * 40, picture="c" * 32)
    with ann.library.write() as tx:
        # The only file of photo 3 holds another one now; the photo stays for what is decided.
        path = Path("/photos/3.jpg")
        file_store.write_file(tx, FileStat(path, 11, 21), ann.photos[1], "d" * 40, None)
    ben.add_photo(3)
    report = send(ann, ben)
    assert {face: who for face, who in ben.shown().items() if who} == {
        (1, 0): "Person 1",
        (3, 0): "Person 3",
    }
    assert report.missing_photos == 1


def test_faces_and_photos_that_are_not_here_are_counted(build, ann, send):
    for number, index in ((1, 0), (2, 0), (2, 1)):
        ann.name(number, index, "Anna")
    ben = build(())
    ben.add_photo(2, places=PLACES[:1])
    report = send(ann, ben)
    assert (report.missing_photos, report.missing_faces) == (1, 1)
    assert ben.shown() == {(2, 0): "Anna"}


def test_each_face_is_met_once_and_by_the_clearest_pair(build, send):
    ann, ben = build(()), build(())
    left, right = Box(100, 100, 80, 80), Box(120, 100, 80, 80)
    ann.add_photo(1, places=(left, right))
    ben.add_photo(1, places=(right, left))
    ann.name(1, 0, "Left")
    ann.name(1, 1, "Right")
    send(ann, ben)
    with ben.library.read() as tx:
        people = {person.id: person.name for person in exchange.people(tx)}
        boxes = {people[face.person]: face.box.x for face in face_store.faces(tx)}
    assert boxes == {"Left": pytest.approx(100), "Right": pytest.approx(120)}


def test_a_face_drawn_by_hand_is_drawn_here_once(ann, ben, send, file):
    ann.draw(1)
    send(ann, ben)
    import_decisions(ben.library, file)
    with ben.library.read() as tx:
        (drawn,) = [face for face in face_store.faces(tx) if face.drawn]
    assert drawn.box == Box(*(pytest.approx(v, abs=0.01) for v in (100, 200, 60, 60)))
    assert drawn.photo == ben.photos[1]


def test_a_face_drawn_in_two_photos_that_are_one_here_is_drawn_once(build, send):
    ann, ben = build(()), build(())
    for number in (1, 2):
        ann.add_photo(number, picture="a" * 32)
        ann.draw(number)
    ben.add_photo(1, picture="a" * 32)
    report = send(ann, ben)
    assert (report.drawn, report.same) == (1, 1)
    with ben.library.read() as tx:
        assert sum(face.drawn for face in face_store.faces(tx)) == 1


def test_a_face_drawn_there_and_found_here_is_one(build, ann, send):
    naming.name(ann.library, ann.draw(1), "Anna")
    ben = build(())
    ben.add_photo(1, places=(*PLACES, Box(102, 203, 60, 60)))
    send(ann, ben)
    with ben.library.read() as tx:
        assert len(face_store.faces(tx)) == 4
    assert ben.shown()[1, "drawn"] == "Anna"


def test_a_drawn_face_that_was_taken_back_is_none_elsewhere(ann, ben, send):
    face = ann.draw(1)
    naming.name(ann.library, face, "Anna")
    deciding.exclude(ann.library, [face])
    send(ann, ben)
    assert (1, "drawn") not in ben.shown()


# --- authors and undo ---------------------------------------------------------------------------


def test_decisions_keep_their_author_from_library_to_library(build, ann, ben, send, file):
    anna = ann.name(1, 0, "Anna")
    send(ann, ben, author="Ann")
    ben.name(1, 1, "Berta")
    ben.name(2, 0, "Anna")
    deciding.reject(ben.library, [ben.face(1, 0)], ben.name(3, 0, "Carl"))
    carl = build()
    report = send(ben, carl, author="Ben")
    document = json.loads(file.read_text(encoding="utf-8"))
    of_first = [face for face in document["photos"][-1]["faces"] if "author" in face]
    assert {face["author"] for face in of_first} == {"Ann", "Ben"}
    assert [entry.author for entry in carl.imports()] == ["Ann", "Ben"]
    assert report.taken == {"Ann": 2, "Ben": 6}
    assert all(entry.details["from"] == "decisions.json" for entry in carl.imports())
    first, second = carl.imports()
    assert list(first.details["people"].values()) == ["Anna"]
    assert sorted(second.details["people"].values()) == ["Anna", "Berta", "Carl"]
    assert history.title(first) == "Imported decisions of Ann from decisions.json"
    assert carl.decided() == ben.decided()
    assert ann.uid(anna) in {key for _, key, _ in carl.decided()}


def test_own_decisions_bear_the_login_name(ann, file, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ann-b")
    ann.name(1, 0, "Anna")
    export_decisions(ann.library, file)
    assert json.loads(file.read_text(encoding="utf-8"))["people"][0]["author"] == "ann-b"


def test_a_login_name_that_is_no_name_is_not_used(monkeypatch):
    monkeypatch.setenv("LOGNAME", "x" * 300)
    assert login_name() == "unknown"


@pytest.mark.parametrize("decided_before", [False, True])
def test_undo_gives_exactly_what_was_before(ann, ben, send, file, decided_before):
    decide_everything(ann)
    if decided_before:
        ben.name(1, 1, "Anna")
        ben.set_date(2, JUNE_1931)
    decided, shown = ben.decided(), ben.shown()
    send(ann, ben)
    after, shown_after = ben.decided(), ben.shown()
    assert after != decided
    history.undo(ben.library)
    assert (ben.decided(), ben.shown()) == (decided, shown)
    history.redo(ben.library)
    assert (ben.decided(), ben.shown()) == (after, shown_after)
    history.undo(ben.library)
    import_decisions(ben.library, file)
    assert (ben.decided(), ben.shown()) == (after, shown_after)


def test_the_import_of_each_author_is_undone_by_itself(build, ann, ben, send):
    ann.name(1, 0, "Anna")
    send(ann, ben)
    ben.name(1, 1, "Berta")
    carl = build()
    send(ben, carl, author="Ben")
    by_ann, by_ben = carl.imports()
    assert (by_ann.author, by_ben.author) == ("Ann", "Ben")
    history.undo(carl.library, by_ann.id)
    assert {who for who in carl.shown().values() if who} == {"Berta"}


def test_no_entry_speaks_of_somebody_who_comes_with_a_later_one(build, file):
    """Ann named one, Ben the other, and each confirmed a face as the other's."""
    one, two = str(uuid.uuid4()), str(uuid.uuid4())
    faces = [
        {"box": [box.x / 400, box.y / 300, box.w / 400, box.h / 300], "person": who, "author": by}
        for box, who, by in zip(PLACES, (two, one, one), ("Ann", "Ben", "Ann"), strict=True)
    ]
    people = [
        {"uid": one, "name": "Anna", "author": "Ann"},
        {"uid": two, "name": "Berta", "author": "Ben"},
    ]
    write_document(file, people, [{"hashes": [content_hash(1)], "faces": faces}])
    house = build()
    import_decisions(house.library, file)
    assert house.shown()[1, 0] == "Berta"
    history.undo(house.library)
    assert {who for who in house.shown().values() if who} == {"Anna"}
    history.undo(house.library)
    assert house.decided() == {}


def test_a_later_act_that_builds_on_an_import_is_seen(ann, ben, send):
    ann.name(1, 0, "Anna")
    send(ann, ben)
    ben.name(2, 0, "Anna")
    with pytest.raises(history.CollisionError):
        history.undo(ben.library, EntryId(ben.imports()[0].id))


# --- what stands here stays ---------------------------------------------------------------------


def anna(house: House) -> str:
    return house.name(1, 0, "Anna")


def not_anna(house: House) -> None:
    deciding.reject(house.library, [house.face(1, 0)], house.name(4, 2, "Anna"))


def no_face(house: House) -> None:
    deciding.exclude(house.library, [house.face(1, 0)])


def dated(*dates: PhotoDate | None) -> Callable[[House], None]:
    def date_photo(house: House) -> None:
        for date in dates:
            house.set_date(1, date)

    return date_photo


def berta(house: House) -> str:
    return house.name(1, 0, "Berta")


CONTRADICTIONS = {
    "other person": (berta, anna, "Berta", "Anna"),
    "rejected here": (not_anna, anna, "not Anna", "Anna"),
    "rejected there": (anna, not_anna, "Anna", "not Anna"),
    "no face here": (no_face, anna, "not a face", "Anna"),
    "no face there": (anna, no_face, "Anna", "not a face"),
    "other date": (dated(JUNE_1931), dated(MAY_1923), JUNE_1931.describe(), MAY_1923.describe()),
    "date taken back": (
        dated(JUNE_1931, None),
        dated(MAY_1923),
        "the date of its file",
        MAY_1923.describe(),
    ),
}


def described(house: House, *, born: str, alias: str, turn: int, face: int, tag: bool) -> None:
    key = anna(house)
    house.name(2, 0, "Anna")
    describing.set_birthday(house.library, key, parse_birthday(born))
    describing.add_alias(house.library, key, alias)
    describing.turn(house.library, [house.photos[1]], turn)
    describing.choose_cover(house.library, house.face(face, 0))
    describing.tag(house.library, key, [house.photos[3]])
    if not tag:
        describing.remove_alias(house.library, key, alias)
        describing.tag(house.library, key, [house.photos[3]], present=False)


def test_what_is_said_of_people_and_photos_besides_stays_as_it_is_here(ann, ben, send):
    described(ann, born="1923", alias="Nan", turn=90, face=1, tag=True)
    described(ben, born="1924", alias="NAN", turn=180, face=2, tag=False)
    before = ben.decided()
    report = send(ann, ben)
    assert ben.decided() == before
    assert {(conflict.ours, conflict.theirs) for conflict in report.conflicts} == {
        ("Anna was born: 1924", "Anna was born: 1923"),
        ("Anna is not called Nan", "Anna is also called Nan"),
        ("shown turned by 180°", "shown turned by 90°"),
        ("another face stands for Anna", "this face stands for Anna"),
        ("Anna is not in it", "Anna is in it"),
    }
    assert len(report.conflicts) == 5


def test_another_spelling_of_an_alias_and_an_alias_that_is_the_name_are_no_news(ann, ben, send):
    key = anna(ann)
    send(ann, ben)
    describing.add_alias(ben.library, anna(ben), "NAN")
    for alias in ("Nan", "Ännchen"):
        describing.add_alias(ann.library, key, alias)
    assert send(ann, ben).conflicts == ()
    naming.name(ann.library, key, "Ännchen")
    describing.add_alias(ann.library, key, "Anna")
    (conflict,) = send(ann, ben).conflicts
    assert (conflict.ours, conflict.theirs) == ("Anna", "Ännchen")
    said = [value for (kind, *_), value in ben.decided().items() if kind == "ALIAS"]
    assert sorted(said) == ["NAN", "Ännchen"]


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_what_contradicts_is_listed_and_not_taken_over(ann, ben, send, case):
    here, there, ours, theirs = CONTRADICTIONS[case]
    there(ann)
    here(ben)
    before = ben.decided()
    report = send(ann, ben)
    (conflict,) = report.conflicts
    assert (conflict.ours, conflict.theirs, conflict.author) == (ours, theirs, "Ann")
    assert conflict.path == Path("/photos/1.jpg")
    if conflict.box is not None:
        assert conflict.box == Box(*map(pytest.approx, (23, 20, 80, 90)))
    assert before.items() <= ben.decided().items()
    about_photo = {key for key in ben.decided() if key[1] in {1, (1, 0)}}
    assert about_photo == {key for key in before if key[1] in {1, (1, 0)}}


def test_a_face_excluded_here_and_included_there_stays_excluded(ann, ben, send):
    """Of faces drawn by hand somebody has to say that they are faces."""
    face = ann.draw(1)
    send(ann, ben)
    with ben.library.read() as tx:
        (mine,) = [face for face in face_store.faces(tx) if face.drawn]
    with ben.library.write() as tx:
        tx.execute(schema.face.update().where(schema.face.c.id == mine.id).values(drawn=False))
        tx.execute(schema.change.delete().where(schema.change.c.a == mine.id))
    deciding.exclude(ben.library, [f"f{mine.id}"])
    (conflict,) = send(ann, ben).conflicts
    assert (conflict.ours, conflict.theirs) == ("not a face", "a face")
    deciding.reject(ann.library, [face], ann.name(2, 0, "Anna"))
    (conflict,) = send(ben, ann, author="Ben").conflicts
    assert (conflict.ours, conflict.theirs) == ("a face", "not a face")


def test_a_face_that_was_named_and_then_excluded_travels_whole(ann, ben, send):
    anna(ann)
    no_face(ann)
    assert send(ann, ben).conflicts == ()
    assert ben.decided() == ann.decided()
    assert send(ann, ben).same == 3


def test_a_face_that_is_none_here_and_there_may_be_named(ann, ben, send):
    anna(ann)
    for house in (ann, ben):
        no_face(house)
    assert send(ann, ben).conflicts == ()
    assert ben.decided() == ann.decided()


def test_a_word_for_somebody_who_has_ended_is_none(ann, ben, send):
    anna(ann)
    gone = berta(ben)
    ben.name(1, 0, "Carla")
    renaming = history.entries(ben.library)[0].id
    deciding.delete(ben.library, gone)
    history.undo(ben.library, renaming, history.Later.KEEP)
    assert ben.shown()[1, 0] is None
    assert send(ann, ben).conflicts == ()
    assert ben.shown()[1, 0] == "Anna"


def test_another_name_for_the_same_person_is_a_conflict(ann, ben, send):
    key = anna(ann)
    send(ann, ben)
    naming.name(ann.library, key, "Anne")
    (conflict,) = send(ann, ben).conflicts
    assert (conflict.ours, conflict.theirs) == ("Anna", "Anne")
    assert (conflict.path, conflict.box) == (None, None)
    assert ben.shown()[1, 0] == "Anna"


def test_another_spelling_is_no_other_name(ann, ben, send):
    key = anna(ann)
    send(ann, ben)
    naming.name(ann.library, key, "ANNA")
    assert send(ann, ben).conflicts == ()
    assert ben.shown()[1, 0] == "Anna"


def test_somebody_who_is_shown_again_is_not_hidden_again(ann, ben, send, file):
    key = anna(ann)
    deciding.hide(ann.library, [key])
    send(ann, ben)
    with ben.library.read() as tx:
        (person,) = people_store.groups(tx, hidden=True)
    deciding.hide(ben.library, [person.key], hidden=False)
    (conflict,) = import_decisions(ben.library, file).conflicts
    assert (conflict.ours, conflict.theirs) == ("Anna is shown", "Anna is hidden")
    with ben.library.read() as tx:
        assert people_store.groups(tx, hidden=True) == []


def test_what_is_undecided_here_is_taken_over_beside_a_conflict(ann, ben, send):
    anna(ann)
    ann.name(1, 1, "Anna")
    ben.name(1, 0, "Berta")
    assert len(send(ann, ben).conflicts) == 1
    assert (ben.shown()[1, 0], ben.shown()[1, 1]) == ("Berta", "Anna")


# --- who is who ---------------------------------------------------------------------------------


def test_a_person_is_known_by_name_where_nobody_else_has_it(ann, ben, send):
    anna(ann)
    mine = ben.name(2, 0, "anna")
    report = send(ann, ben)
    assert report.people == 0
    assert ben.shown()[1, 0] == "anna"
    assert len({key[1] for key in ben.decided() if key[0] == "PERSON"}) == 1
    assert ben.uid(mine) != ann.uid("p1")


def test_two_people_here_of_one_name_are_not_mixed_up(ann, ben, send):
    anna(ann)
    ben.name(2, 0, "Anna")
    ben.name(3, 0, "Anna", another=True)
    assert send(ann, ben).people == 1
    assert sum(key[0] == "PERSON" for key in ben.decided()) == 3


def test_two_people_there_of_one_name_stay_two(ann, ben, send, file):
    anna(ann)
    ann.name(2, 0, "Anna", another=True)
    ben.name(3, 0, "Anna")
    send(ann, ben)
    assert sum(key[0] == "PERSON" for key in ben.decided()) == 3
    import_decisions(ben.library, file)
    assert sum(key[0] == "PERSON" for key in ben.decided()) == 3


def test_whoever_was_met_by_uid_is_not_met_by_name_as_well(ann, ben, send):
    anna(ann)
    send(ann, ben)
    (mine,) = [f"p{p.id}" for p in people_of(ben) if p.alive]
    naming.name(ben.library, mine, "Berta")
    ann.name(2, 0, "Berta")
    send(ann, ben)
    people = [person.name for person in people_of(ben) if person.alive]
    assert sorted(people) == ["Berta", "Berta"]


def test_the_faces_of_somebody_who_was_merged_here_go_to_whom_they_became(ann, ben, send):
    anna(ann)
    send(ann, ben)
    (first,) = [f"p{p.id}" for p in people_of(ben) if p.alive]
    second, third = ben.name(2, 0, "Anni"), ben.name(3, 0, "Annika")
    deciding.merge(ben.library, first, second)
    deciding.merge(ben.library, second, third)
    ann.name(1, 1, "Anna")
    report = send(ann, ben)
    assert report.people == 0
    assert ben.shown()[1, 1] == ben.shown()[1, 0] == "Annika"
    assert [(conflict.ours, conflict.theirs) for conflict in report.conflicts] == [
        ("Annika", "Anna")
    ]


def test_somebody_who_was_deleted_here_stays_deleted(ann, ben, send, file):
    anna(ann)
    send(ann, ben)
    (mine,) = [f"p{p.id}" for p in people_of(ben) if p.alive]
    deciding.delete(ben.library, mine)
    before, entries = ben.decided(), history.entries(ben.library)
    report = import_decisions(ben.library, file)
    assert (ben.decided(), history.entries(ben.library)) == (before, entries)
    assert [(c.ours, c.theirs) for c in report.conflicts] == [("Anna was deleted", "Anna")]


def test_nobody_comes_for_faces_that_are_somebody_else_here(ann, ben, send):
    """Both hid the same passer-by, who has no name by which to be known."""
    for house in (ann, ben):
        deciding.hide(house.library, [house.face(1, 0)])
    report = send(ann, ben)
    assert report.people == 0
    assert len(report.conflicts) == 1
    assert sum(key[0] == "PERSON" for key in ben.decided()) == 1


def test_people_without_faces_travel(ann, ben, send):
    key = anna(ann)
    deciding.hide(ann.library, [ann.face(2, 0)])
    ann.name(1, 0, "Berta")
    ann.name(2, 0, "Berta")
    assert ann.uid(key)
    send(ann, ben)
    assert ben.decided() == ann.decided()


def people_of(house: House) -> list[exchange.KnownPerson]:
    with house.library.read() as tx:
        return exchange.people(tx)


# --- trying, failing ----------------------------------------------------------------------------


def test_a_dry_run_tells_the_same_and_writes_nothing(ann, ben, file):
    decide_everything(ann)
    ben.name(1, 0, "Berta")
    export_decisions(ann.library, file, author="Ann")
    before = history.entries(ben.library), people_of(ben)
    with Library(ben.library.folder, look_only=True) as looked_at:
        tried = import_decisions(looked_at, file, dry_run=True)
        with pytest.raises(LibraryError, match="cannot be changed"):
            import_decisions(looked_at, file)
    assert (history.entries(ben.library), people_of(ben)) == before
    assert import_decisions(ben.library, file) == tried
    assert len(tried.conflicts) == 1


def write_document(file: Path, people: list[Any], photos: list[Any], **more: Any) -> None:
    document = {"format": "photoclust decisions", "version": 1} | more
    file.write_text(json.dumps(document | {"people": people, "photos": photos}), encoding="utf-8")


def test_unknown_keys_are_ignored(build, file):
    uid = str(uuid.uuid4())
    face = {"box": [0.05, 0.0667, 0.2, 0.3], "person": uid, "mood": "glad"}
    write_document(
        file,
        [{"uid": uid, "name": "Anna", "born": 1901}],
        [{"hashes": [content_hash(1)], "faces": [face], "place": [1, 2]}],
        weather={"rain": True},
    )
    house = build()
    assert import_decisions(house.library, file).taken == {"unknown": 2}
    assert house.shown()[1, 0] == "Anna"


def test_a_drawing_that_says_nothing_else_says_that_it_is_a_face(build, file):
    photo = {"hashes": [content_hash(1)], "faces": [{"box": [0.25, 0.7, 0.1, 0.1], "drawn": True}]}
    write_document(file, [], [photo])
    house = build()
    import_decisions(house.library, file)
    assert (1, "drawn") in house.shown()
    history.undo(house.library)
    assert (1, "drawn") not in house.shown()
    import_decisions(house.library, file)
    assert (1, "drawn") in house.shown()


def test_a_file_that_goes_wrong_at_its_end_changes_nothing(ann, ben, file):
    decide_everything(ann)
    document = document_of(ann, file)
    document["photos"][-1]["faces"][0]["box"] = [0, 0, -1, 1]
    file.write_text(json.dumps(document), encoding="utf-8")
    before, people = ben.decided(), people_of(ben)
    with pytest.raises(DecisionFileError, match="box"):
        import_decisions(ben.library, file)
    assert (ben.decided(), people_of(ben)) == (before, people)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["0" * 40, str(uuid.UUID(int=1)), "1923-05-01 00:00:00|month|about"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["uid", "name", "box", "faces", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from paths_of(inner, (*path, key))


@ANYTHING
@given(data=st.data())
def test_whatever_stands_in_a_file_is_taken_or_refused_in_one_sentence(data, ann, ben, file):
    if not ann.decided():  # the houses are the same ones in all examples
        decide_everything(ann)
    document = document_of(ann, file)
    *above, last = data.draw(st.sampled_from(list(paths_of(document))[1:]))
    holder = document
    for key in above:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[last] = data.draw(json_values)
    else:
        del holder[last]
    file.write_text(json.dumps(document), encoding="utf-8")
    before, people = ben.decided(), people_of(ben)
    complaint = refusal(ben, file)
    if complaint is None:
        for entry in reversed(ben.imports()):
            if entry.status is EntryStatus.STANDS:
                history.undo(ben.library, entry.id)
        assert ben.decided() == before
    else:
        assert str(file) in complaint
        assert "\n" not in complaint
        assert (ben.decided(), people_of(ben)) == (before, people)


def refusal(house: House, file: Path) -> str | None:
    """Why the file is not imported; None when it was."""
    try:
        import_decisions(house.library, file)
    except DecisionFileError as error:
        return str(error)
    return None


# --- the file -----------------------------------------------------------------------------------


def test_an_export_is_for_its_owner_only_and_leaves_nothing_else(ann, file):
    umask = os.umask(0)
    try:
        export_decisions(ann.library, file)
    finally:
        os.umask(umask)
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [file.name]


def test_an_export_replaces_a_file_only_when_told(ann, file):
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="is there already"):
        export_decisions(ann.library, file)
    assert file.read_text(encoding="utf-8") == "mine"
    export_decisions(ann.library, file, force=True)
    assert json.loads(file.read_text(encoding="utf-8"))["photos"] == []


def test_an_export_that_fails_leaves_the_old_file(ann, file, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    file.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DecisionFileError, match="No space left"):
        export_decisions(ann.library, file, force=True)
    assert file.read_text(encoding="utf-8") == "old"
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [file.name]


def test_an_export_goes_where_a_file_can_be(ann, tmp_path):
    for target, complaint in (
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "file.json", "cannot be written"),
        (ann.library.path, "is a file of the library"),
        (ann.library.folder / "library.lock", "is a file of the library"),
    ):
        with pytest.raises(UserError, match=complaint):
            export_decisions(ann.library, target, force=True)


def test_an_author_needs_a_name(ann, file):
    with pytest.raises(UserError, match="name is empty"):
        export_decisions(ann.library, file, author=" ")
    assert not file.exists()
