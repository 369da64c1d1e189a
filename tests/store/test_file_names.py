import os
from pathlib import Path

import pytest

from photoclust.core.query.errors import Span
from photoclust.core.query.tree import Place, Where
from photoclust.store import file_names, files
from photoclust.store.files import FileState

HERE = Span(0, 1)


def places(*texts, where=Where.ANY):
    return [Place(text, where, HERE) for text in texts]


@pytest.fixture
def album(library, maker):
    """Photos by short names."""
    with library.write() as tx:
        files.add_folders(tx, [Path("/home/maria/Photos"), Path("/home/maria/Photos/Ägypten")])
    paths = {
        "rome": "/home/maria/Photos/Italy 2019/Rome/IMG_0001.JPG",
        "koeln": "/home/maria/Photos/Köln/dom (1).jpg",
        "apart": "/home/maria/Photos/Ko\u0308ln/nachts.jpg",
        "pyramid": "/home/maria/Photos/Ägypten/50%_pyramid.jpg",
        "other": "/home/maria/Photos2/x.jpg",
        "emoji": "/home/maria/Photos/🏖/יוסף.jpg",
    }
    return {name: maker.photo(path) for name, path in paths.items()}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("italy", {"rome"}),
        ("ITALY", {"rome"}),
        ("taly 20", {"rome"}),
        ("rome", {"rome"}),
        ("img_0001", {"rome"}),
        ("0001.jpg", {"rome"}),
        ("rome/img", {"rome"}),
        ("italy 2019/rome/img_0001.jpg", {"rome"}),
        ("ome/mg", set()),
        ("koln", {"koeln", "apart"}),
        ("koeln", {"koeln", "apart"}),
        ("Köln/nachts", {"apart"}),
        ("dom (1)", {"koeln"}),
        ("%", {"pyramid"}),
        ("50%_", {"pyramid"}),
        ("5_%", set()),
        ("🏖", {"emoji"}),
        ("יוסף", {"emoji"}),
        # From the folder of the library on, the innermost one; a folder in none counts as a whole.
        ("photos/agypten", set()),
        ("agypten/50", {"pyramid"}),
        ("maria", {"other"}),
        ("photos/", {"rome", "koeln", "apart", "emoji"}),
    ],
)
def test_words_are_parts_of_names(library, album, text, names):
    with library.read() as tx:
        (place,) = places(text)
        found = file_names.photos_named(tx, [place])[place]
    assert found == {album[name] for name in names}


def test_folders_and_files_are_told_apart(library, album):
    with library.read() as tx:
        for where, names in ((Where.FOLDER, {"rome"}), (Where.FILE, set())):
            (place,) = places("rome", where=where)
            found = file_names.photos_named(tx, [place])
            assert found == {place: {album[name] for name in names}}
        (place,) = places("dom", where=Where.FOLDER)
        assert file_names.photos_named(tx, [place]) == {place: set()}


@pytest.mark.parametrize(
    ("text", "where", "names"),
    [
        ("album", Where.FILE, {"first", "second"}),
        ("album.tif/page 2", Where.FILE, {"second"}),
        ("page 2", Where.FILE, {"second"}),
        ("scans/album.tif/page", Where.ANY, {"second"}),
        ("1990/scans/alb", Where.ANY, {"first", "second"}),
        ("scans", Where.FOLDER, {"first", "second"}),
        ("album", Where.FOLDER, set()),
        ("tennis", Where.FILE, {"video", "moment"}),
        ("clips", Where.FOLDER, {"video", "moment"}),
        # Like a page, but its folder is none that could be a file.
        ("trip", Where.FILE, set()),
        ("page 3", Where.FILE, {"folder"}),
    ],
)
def test_further_pictures_in_a_file_are_called_like_it_and_lie_in_its_folder(
    library, maker, text, where, names
):
    paths = {
        "first": "/photos/1990/scans/album.tif",
        "second": "/photos/1990/scans/album.tif/page 2",
        "video": "/photos/clips/tennis.mp4",
        "moment": "/photos/clips/tennis.mp4/at 12.480 s",
        "folder": "/photos/trip/page 3",
    }
    made = {name: maker.photo(path) for name, path in paths.items()}
    with library.read() as tx:
        (place,) = places(text, where=where)
        found = file_names.photos_named(tx, [place])[place]
        assert "album.tif" not in file_names.folder_names(tx)
    assert found == {made[name] for name in names}


def test_a_photo_is_found_by_each_of_its_files_there_or_not(library, write, digest):
    with library.write() as tx:
        photo = write(tx, "/photos/one.jpg", "one")
        write(tx, "/photos/two.jpg", "one")
        files.set_state(tx, [Path("/photos/one.jpg")], FileState.DELETED)
        found = file_names.photos_named(tx, places("one", "two", "three"))
    assert list(found.values()) == [{photo}, {photo}, set()]


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
def test_a_name_that_is_not_utf8_is_found_by_the_rest_of_it(library, maker):
    photo = maker.photo(os.fsdecode(b"/photos/\xff\xfe summer/a.jpg"))
    with library.read() as tx:
        (place,) = places("summer")
        assert file_names.photos_named(tx, [place]) == {place: {photo}}


def test_folders_are_counted_by_their_names(library, album):
    with library.read() as tx:
        assert file_names.folder_names(tx) == {
            "Photos": 4,
            "Italy 2019": 1,
            "Rome": 1,
            "Köln": 1,
            "Ko\u0308ln": 1,
            "Ägypten": 1,
            "home": 1,
            "maria": 1,
            "Photos2": 1,
            "🏖": 1,
        }


def test_an_empty_library_has_none(library):
    with library.read() as tx:
        (place,) = places("x")
        assert file_names.photos_named(tx, [place]) == {place: set()}
        assert file_names.photos_named(tx, []) == {}
        assert not file_names.folder_names(tx)


@pytest.mark.skipif(os.name != "posix", reason="no such names there")
def test_a_name_with_a_line_break_is_one_name(library, maker):
    one, two = maker.photo("/photos/a\nb.jpg"), maker.photo("/photos/b.jpg")
    with library.read() as tx:
        a, b, both = places("a", "b.jpg", "a\nb")
        assert file_names.photos_named(tx, [a, b, both]) == {a: {one}, b: {one, two}, both: {one}}
