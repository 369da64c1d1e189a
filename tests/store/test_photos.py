from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from photoclust.core.types import Failure, FileStat, Metadata
from photoclust.store import faces as face_store
from photoclust.store import people, photos, schema

HERE = Path("/photos/a.jpg")


def stat(path, size=10, mtime_ns=20):
    return FileStat(Path(path), size, mtime_ns)


def rows(tx, table):
    return tx.execute(select(func.count()).select_from(table)).scalar_one()


def write(tx, path, digest, *, size=10, mtime_ns=20):
    """What a scan does with a file whose content is new to the library."""
    photo = photos.write_photo(
        tx,
        photo=photos.photo_to_update(tx, Path(path), digest),
        digest=digest,
        size=(400, 300),
        turn=0,
        metadata=Metadata(),
        detector="made-up",
    )
    photos.write_file(tx, stat(path, size, mtime_ns), photo)
    return photo


# Change detection


def test_a_file_is_unchanged_while_size_and_time_are(library):
    with library.write() as tx:
        write(tx, HERE, "one")
    with library.read() as tx:
        assert photos.unchanged(tx, [stat(HERE)]) == {HERE: None}
        for other in (stat(HERE, 11), stat(HERE, 10, 21), stat("/photos/b.jpg")):
            assert photos.unchanged(tx, [other]) == {}
        assert photos.unchanged(tx, []) == {}


def test_an_unreadable_file_that_is_unchanged_comes_with_its_failure(library):
    failure = Failure(HERE, "the file is empty", 10, 20)
    with library.write() as tx:
        photos.write_failure(tx, failure)
    with library.read() as tx:
        assert photos.unchanged(tx, [stat(HERE)]) == {HERE: failure}
        assert photos.unchanged(tx, [stat(HERE, 11)]) == {}
        assert photos.failures(tx) == [failure]


def test_a_photo_that_broke_and_came_back_from_a_backup_is_looked_at_again(library):
    """With the old time and size; else its failure would stay in the list for ever."""
    with library.write() as tx:
        write(tx, HERE, "one")
        photos.write_failure(tx, Failure(HERE, "damaged", 9, 30))
        assert photos.unchanged(tx, [stat(HERE, 9, 30)])[HERE].reason == "damaged"
        assert photos.unchanged(tx, [stat(HERE)]) == {}
        write(tx, HERE, "one")
        assert photos.failures(tx) == []
        assert photos.unchanged(tx, [stat(HERE)]) == {HERE: None}


def test_a_failure_is_recorded_once_and_its_reason_is_the_newest(library):
    with library.write() as tx:
        photos.write_failure(tx, Failure(HERE, "empty", 0, 1))
        photos.write_failure(tx, Failure(HERE, "damaged", 5, 2))
        assert photos.failures(tx) == [Failure(HERE, "damaged", 5, 2)]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1203])
def test_any_number_of_files_is_asked_for(library, count):
    paths = [Path(f"/photos/{number}.jpg") for number in range(count)]
    with library.write() as tx:
        photo = write(tx, "/photos/0.jpg", "one")
        for path in paths:
            photos.write_file(tx, stat(path), photo)
        assert photos.unchanged(tx, [stat(path) for path in paths]) == dict.fromkeys(paths)
        (held,) = photos.photos(tx, [photo])
        assert len(held.paths) == max(1, count)


def test_chunks_cover_everything_once():
    assert list(photos.chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(photos.chunks([], 2)) == []


def test_more_ids_than_sqlite_can_bind_come_in_their_order(library):
    with library.write() as tx:
        ids = [write(tx, f"/photos/{number}.jpg", f"{number}") for number in range(1100)]
        found = photos.photos(tx, [*reversed(ids), 99999])
        assert [photo.id for photo in found] == ids[::-1]
        assert photos.count(tx) == 1100


# One photo, many files


def test_two_files_of_one_content_are_one_photo(library):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        assert photos.photo_to_update(tx, Path("/photos/copy.jpg"), "one") == photo
        photos.write_file(tx, stat("/photos/copy.jpg"), photo)
        assert photos.find_by_hash(tx, "one") == photo
        assert photos.find_by_hash(tx, "two") is None
        (found,) = photos.photos(tx, [photo])
        assert found.paths == (HERE, Path("/photos/copy.jpg"))
        assert photos.count(tx) == 1


def test_an_edited_file_keeps_its_photo(library):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        assert write(tx, HERE, "two", size=11) == photo
        assert photos.find_by_hash(tx, "one") is None
        assert photos.unchanged(tx, [stat(HERE, 11)]) == {HERE: None}


def test_an_edited_file_leaves_the_photo_to_its_copy(library):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        photos.write_file(tx, stat("/photos/copy.jpg"), photo)
        edited = write(tx, HERE, "two", size=11)
        assert edited != photo
        assert photos.find_by_hash(tx, "one") == photo
        held = {found.id: found.paths for found in photos.photos(tx, [photo, edited])}
    assert held == {photo: (Path("/photos/copy.jpg"),), edited: (HERE,)}


def overwrite_by_copy(tx, maker, make_face):
    """The file of one photo becomes a copy of another one."""
    kept = write(tx, "/photos/other.jpg", "other")
    photos.write_file(tx, stat(HERE, 12), kept)
    return kept


def test_a_photo_whose_last_file_was_overwritten_goes_with_all_that_was_found_in_it(
    library, maker, make_face
):
    photo = maker.photo(HERE)
    maker.faces(photo, [make_face(), make_face((200, 30, 50, 50))])
    with library.write() as tx:
        kept = overwrite_by_copy(tx, maker, make_face)
        assert [found.id for found in photos.photos(tx, [photo, kept])] == [kept]
        assert face_store.count(tx) == 0
        assert rows(tx, schema.vector) == 0
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_photo_about_which_something_was_decided_stays_without_a_file(library, maker, make_face):
    photo = maker.photo(HERE)
    (face,) = maker.faces(photo, [make_face()])
    with library.write() as tx:
        anna = people.add_person(tx, "Anna")
        people.confirm(tx, [face], anna)
        overwrite_by_copy(tx, maker, make_face)
        assert photos.photos(tx, [photo])[0].paths == ()
        assert face_store.count(tx) == 1


def test_files_that_are_gone_are_forgotten_and_their_photo_is_not(library):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        photos.write_failure(tx, Failure(Path("/photos/bad.jpg"), "damaged"))
        photos.forget_files(tx, [HERE, Path("/photos/bad.jpg"), Path("/never/there.jpg")])
        assert photos.photos(tx, [photo])[0].paths == ()
        assert photos.failures(tx) == []
        assert photos.find_by_hash(tx, "one") == photo


# Names, folders, order


@pytest.mark.parametrize("name", ["bad-\udcff.jpg", "Grüße 50%.jpg", "a?b#c.jpg"])
def test_paths_of_every_kind_come_back(library, name):
    path = Path("/photos") / name
    failed = Path("/photos/failed") / name
    with library.write() as tx:
        photo = write(tx, path, "one")
        photos.write_failure(tx, Failure(failed, "damaged", 10, 20))
    with library.read() as tx:
        assert photos.unchanged(tx, [stat(path), stat(failed)]).keys() == {path, failed}
        assert photos.photos(tx, [photo])[0].paths == (path,)
        assert photos.failures(tx)[0].path == failed


def test_folders_are_kept_once_in_the_order_they_came(library):
    with library.write() as tx:
        photos.add_folders(tx, [Path("/b"), Path("/a")])
        photos.add_folders(tx, [Path("/a"), Path("/c"), Path("/c")])
        assert photos.folders(tx) == [Path("/b"), Path("/a"), Path("/c")]


def test_a_photo_tells_what_was_written(library):
    taken = datetime(2012, 12, 6, 14, 30, 5)  # noqa: DTZ001 - EXIF knows no time zone
    with library.write() as tx:
        photo = photos.write_photo(
            tx,
            photo=None,
            digest="one",
            size=(400, 300),
            turn=90,
            metadata=Metadata(taken, "A camera"),
            detector="made-up",
        )
        photos.write_file(tx, stat(HERE), photo)
        (found,) = photos.photos(tx, [photo])
    assert (found.width, found.height, found.turn) == (400, 300, 90)
    assert found.metadata == Metadata(taken, "A camera")


def test_the_newest_photos_come_first_and_those_without_a_date_last(library, maker):
    def in_year(year):
        return datetime(year, 1, 1)  # noqa: DTZ001 - EXIF knows no time zone

    times = [None, in_year(2010), in_year(2020), None, in_year(2015)]
    ids = [maker.photo(taken_at=time) for time in times]
    with library.read() as tx:
        assert photos.photo_ids(tx) == [ids[place] for place in (2, 4, 1, 0, 3)]
