from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.types import FileStat, Metadata
from photoclust.store import faces as face_store
from photoclust.store import files, people, photo_dates, photos, schema
from photoclust.store.files import FileState

HERE = Path("/photos/a.jpg")
COPY = Path("/photos/copy.jpg")


def stat(path, size=10, mtime_ns=20):
    return FileStat(Path(path), size, mtime_ns)


def rows(tx, table):
    return tx.execute(select(func.count()).select_from(table)).scalar_one()


def in_year(year):
    return datetime(year, 1, 1)  # noqa: DTZ001 - EXIF knows no time zone


def by_hand(year):
    return photo_dates.date_text(PhotoDate(in_year(year), DatePrecision.YEAR, DateSource.HAND))


def test_more_ids_than_sqlite_can_bind_come_in_their_order(library, write):
    with library.write() as tx:
        ids = [write(tx, f"/photos/{number}.jpg", f"{number}") for number in range(1100)]
        found = photos.photos(tx, [*reversed(ids), 99999])
        assert [photo.id for photo in found] == ids[::-1]
        assert photos.count(tx) == 1100


# One photo, many files


def test_two_files_of_one_content_are_one_photo(library, write, digest):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        assert photos.photo_to_update(tx, COPY, digest("one")) == photo
        files.write_file(tx, stat(COPY), photo, digest("one"))
        assert photos.find_by_hash(tx, digest("one")) == photo
        assert photos.find_by_hash(tx, digest("two")) is None
        (found,) = photos.photos(tx, [photo])
        assert found.paths == (HERE, COPY)
        assert photos.photos_at(tx, [COPY, HERE, Path("/else")]) == {HERE: photo, COPY: photo}
        assert photos.count(tx) == 1


def test_an_edited_file_keeps_its_photo(library, write, digest):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        assert write(tx, HERE, "two", size=11) == photo
        assert photos.find_by_hash(tx, digest("one")) is None
        assert photos.find_by_hash(tx, digest("two")) == photo
        assert files.unchanged(tx, [stat(HERE, 11)]) == {HERE: None}


def test_an_edited_file_leaves_the_photo_to_its_copy(library, write, digest):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        files.write_file(tx, stat(COPY), photo, digest("one"))
        edited = write(tx, HERE, "two", size=11)
        assert edited != photo
        assert photos.find_by_hash(tx, digest("one")) == photo
        held = {found.id: found.paths for found in photos.photos(tx, [photo, edited])}
    assert held == {photo: (COPY,), edited: (HERE,)}


def test_files_of_one_photo_may_differ_in_content_and_agree_in_the_picture(library, write, digest):
    """Keywords written into one of two copies: the same picture, another file."""
    picture = "ab" * 16
    with library.write() as tx:
        photo = write(tx, HERE, "one", picture=picture)
        files.write_file(tx, stat(COPY), photo, digest("one with keywords"), picture)
        for content in ("one", "one with keywords"):
            assert photos.find_by_hash(tx, digest(content)) == photo
        assert photos.find_by_picture(tx, picture) == photo
        assert photos.find_by_picture(tx, "cd" * 16) is None


def test_a_copy_is_known_by_the_picture_of_the_file_it_is_a_copy_of(library, write, digest):
    picture = "ab" * 16
    with library.write() as tx:
        photo = write(tx, HERE, "one", picture=picture)
        files.write_file(tx, stat(COPY), photo, digest("one"))
        files.forget_files(tx, [HERE])
        assert photos.find_by_picture(tx, picture) == photo


def test_a_file_that_is_there_is_shown_before_those_that_are_away(library, write, digest):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        files.write_file(tx, stat(COPY), photo, digest("one"))
        files.set_state(tx, [HERE], FileState.OFFLINE)
        (found,) = photos.photos(tx, [photo])
        assert (found.paths, found.present) == ((COPY, HERE), True)
        files.set_state(tx, [COPY], FileState.DELETED)
        (found,) = photos.photos(tx, [photo])
        assert (found.paths, found.present) == ((HERE, COPY), False)


# A photo without a file


def overwrite_by_copy(tx, write, digest):
    """The file of one photo becomes a copy of another one."""
    kept = write(tx, "/photos/other.jpg", "other")
    files.write_file(tx, stat(HERE, 12), kept, digest("other"))
    return kept


def test_a_photo_whose_last_file_was_overwritten_goes_with_all_that_was_found_in_it(
    library, maker, make_face, write, digest
):
    photo = maker.photo(HERE)
    maker.faces(photo, [make_face(), make_face((200, 30, 50, 50))])
    with library.write() as tx:
        kept = overwrite_by_copy(tx, write, digest)
        assert [found.id for found in photos.photos(tx, [photo, kept])] == [kept]
        assert face_store.count(tx) == 0
        assert rows(tx, schema.vector) == 0
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_photo_about_which_something_was_decided_stays_without_a_file_and_is_known_again(
    library, make_face, write, digest, maker, do, person
):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
    (face,) = maker.faces(photo, [make_face()])
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [face], anna)
        overwrite_by_copy(tx, write, digest)
        (found,) = photos.photos(tx, [photo])
        assert (found.paths, found.present) == ((), False)
        assert face_store.count(tx) == 1
        # It turns up again under another name.
        assert write(tx, "/elsewhere.jpg", "one") == photo
        assert photos.photos(tx, [photo])[0].paths == (Path("/elsewhere.jpg"),)


def test_a_date_by_hand_keeps_a_photo_without_a_file(library, write, digest, do):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        do(tx, people.set_date, [photo], by_hand(1974))
        overwrite_by_copy(tx, write, digest)
        assert photos.find_by_hash(tx, digest("one")) == photo


def test_what_was_decided_and_undone_keeps_a_photo_too(
    library, maker, make_face, write, digest, do, person
):
    """Else redo would decide about a face that is gone."""
    photo = maker.photo(HERE)
    (face,) = maker.faces(photo, [make_face()])
    with library.write() as tx:
        do(tx, people.exclude, [face], True)
        do(tx, people.exclude, [face], False)
        overwrite_by_copy(tx, write, digest)
        assert [found.id for found in photos.photos(tx, [photo])] == [photo]


def test_a_deleted_photo_takes_all_with_it_that_was_decided(
    library, maker, make_face, write, do, person
):
    photo, other = maker.photo(HERE), maker.photo()
    gone = maker.faces(photo, [make_face(), make_face((200, 30, 50, 50), seed=1)])
    (kept,) = maker.faces(other, [make_face()])
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [gone[0], kept], anna)
        do(tx, people.reject, [gone[1]], anna)
        do(tx, people.set_date, [photo, other], by_hand(1974))
        assert sorted(photos.delete_photos(tx, [photo])) == gone
        assert photos.photos(tx, [photo]) == []
        assert people.person(tx, anna).faces == 1
        about = {(row.subject, row.a) for row in tx.execute(select(schema.change))}
        assert about == {(1, anna), (2, anna), (4, kept), (7, other)}
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


# What a photo tells, and in which order


def test_a_photo_tells_what_was_written(library, digest):
    taken = datetime(2012, 12, 6, 14, 30, 5)  # noqa: DTZ001 - EXIF knows no time zone
    with library.write() as tx:
        photo = photos.write_photo(
            tx,
            photo=None,
            size=(400, 300),
            turn=90,
            metadata=Metadata(taken, "A camera"),
            stat=stat(HERE),
            detector="made-up",
        )
        files.write_file(tx, stat(HERE), photo, digest("one"))
        (found,) = photos.photos(tx, [photo])
    assert (found.width, found.height, found.turn) == (400, 300, 90)
    assert found.date == PhotoDate(taken, DatePrecision.SECOND, DateSource.EXIF)
    assert (found.camera, found.present) == ("A camera", True)


def test_a_photo_without_a_date_has_that_of_its_file(library, write):
    changed = datetime(2011, 5, 4, 3, 2, 1)  # noqa: DTZ001 - dates of photos are local times
    with library.write() as tx:
        photo = write(tx, HERE, "one", mtime_ns=int(changed.timestamp()) * 10**9)
        (found,) = photos.photos(tx, [photo])
    assert found.date == PhotoDate(changed, DatePrecision.SECOND, DateSource.FILE)


def test_of_several_files_the_one_that_knows_a_date_is_believed(library, write, digest):
    known = Metadata(in_year(2012), "A camera")
    with library.write() as tx:
        photo = write(tx, HERE, "one", metadata=known)
        files.write_file(tx, stat(COPY), photo, digest("without metadata"))
        photos.write_metadata(tx, photo, Metadata(), stat(COPY))
        assert photos.photos(tx, [photo])[0].date.value == in_year(2012)
        photos.write_metadata(tx, photo, Metadata(in_year(2013), None), stat(COPY))
        (found,) = photos.photos(tx, [photo])
        assert (found.date.value, found.camera) == (in_year(2013), None)


@pytest.mark.parametrize("precision", DatePrecision)
@pytest.mark.parametrize("about", [True, False])
def test_a_date_by_hand_comes_back_as_it_was_given(precision, about):
    date = PhotoDate(in_year(974), precision, DateSource.HAND, about)
    assert photo_dates.read_date(photo_dates.date_text(date)) == date


def test_the_newest_photos_come_first_and_those_without_a_date_last(library, maker, do):
    years = [None, 2010, 2020, None, 2015, 1990]
    ids = [maker.photo(metadata=Metadata(year and in_year(year))) for year in years]
    with library.write() as tx:
        # A library of an earlier schema knows no date of a file.
        tx.exec_driver_sql("UPDATE photo SET taken_at = NULL WHERE date_source = 'file'")
        assert photos.photo_ids(tx) == [ids[place] for place in (2, 4, 1, 5, 0, 3)]
        do(tx, people.set_date, [ids[3], ids[2]], by_hand(2012))
        assert photos.photo_ids(tx) == [ids[place] for place in (4, 2, 3, 1, 5, 0)]
