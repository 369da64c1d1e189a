"""Photos in which one person may be there several times."""

from pathlib import Path

import pytest

from photoclust.store import decisions, journal, photos, relocation, same_photo, undoing
from photoclust.store.decisions import Register, Subject

SCANS = Path("/photos/scans")


@pytest.fixture
def album(maker):
    """Two photos in a folder and one beside it."""
    return [maker.photo(path) for path in ("/photos/scans/a.jpg", "/photos/scans/b.jpg", "/c.jpg")]


def test_by_default_there_is_no_exception(library, album):
    with library.read() as tx:
        assert same_photo.exceptions(tx) == set()
        assert same_photo.folders(tx) == {}


def test_a_photo_is_excepted_until_that_is_taken_back(library, album, do):
    with library.write() as tx:
        do(tx, same_photo.decide_photos, album[:1], True)
        assert same_photo.exceptions(tx) == {album[0]}
        do(tx, same_photo.decide_photos, album, False)
        assert same_photo.exceptions(tx) == set()
        assert same_photo.said_of_photos(tx) == {}


def test_a_folder_holds_for_photos_that_come_later_too(library, album, maker, do):
    with library.write() as tx:
        do(tx, same_photo.decide_folder, SCANS, True)
        assert same_photo.exceptions(tx) == set(album[:2])
        assert list(same_photo.folders(tx).values()) == [SCANS]
    new = maker.photo("/photos/scans/deep/d.jpg")
    maker.photo("/photos/scans 2.jpg")
    with library.write() as tx:
        assert same_photo.exceptions(tx) == {*album[:2], new}
        do(tx, same_photo.decide_folder, SCANS, False)
        assert same_photo.exceptions(tx) == set()


def test_a_word_about_a_photo_counts_more_than_one_about_its_folder(library, album, do):
    with library.write() as tx:
        do(tx, same_photo.decide_folder, SCANS, True)
        do(tx, same_photo.decide_photos, album, False)
        assert same_photo.said_of_photos(tx) == dict.fromkeys(album[:2], False)
        assert same_photo.exceptions(tx) == set()
        do(tx, same_photo.decide_photos, album, True)
        assert same_photo.said_of_photos(tx) == {album[2]: True}
        assert same_photo.exceptions(tx) == set(album)


def test_what_is_said_is_undone_redone_and_replayed(library, album, do):
    with library.write() as tx:
        do(tx, same_photo.decide_folder, SCANS, True)
        do(tx, same_photo.decide_photos, album[2:], True)
        (rule,) = same_photo.folders(tx)
        said = {Register(Subject.FOLDER_REPEATS, rule): 1, Register(Subject.REPEATS, album[2]): 1}
        assert journal.standing(tx) == decisions.everything(tx) == said
        undoing.undo(tx)
        undoing.undo(tx)
        assert same_photo.exceptions(tx) == set()
        undoing.redo(tx)
        journal.replay(tx)
        assert same_photo.exceptions(tx) == set(album[:2])


def test_what_is_said_of_a_folder_moves_with_it(library, album, do):
    with library.write() as tx:
        do(tx, same_photo.decide_folder, SCANS, True)
        do(tx, same_photo.decide_folder, SCANS / "deep", True)
        do(tx, same_photo.decide_folder, Path("/new/scans/deep"), True)
        relocation.relocate(tx, Path("/photos"), Path("/new"))
        assert same_photo.exceptions(tx) == set(album[:2])
        assert set(same_photo.folders(tx).values()) == {
            Path("/new/scans"),
            Path("/new/scans/deep"),
            SCANS / "deep",
        }


def test_a_photo_that_goes_takes_what_was_said_of_it_along(library, album, do):
    with library.write() as tx:
        do(tx, same_photo.decide_photos, album, True)
        assert photos.decided(tx, album) == set(album)
        photos.delete_photos(tx, album[:1])
        assert same_photo.exceptions(tx) == set(album[1:])
        assert journal.standing(tx) == decisions.everything(tx)
