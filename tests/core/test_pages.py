"""Paths of further pictures in a file."""

from pathlib import Path

import pytest

from photoclust.core import pages

FILE = Path("/photos/album.tif")


def test_a_page_has_a_path_below_its_file():
    path = pages.page_path(FILE, 12)

    assert path == Path("/photos/album.tif/page 12")
    assert pages.is_part(path)
    assert (pages.file_of(path), pages.page_of(path), pages.moment_of(path)) == (FILE, 12, None)


@pytest.mark.parametrize(("at_ms", "name"), [(0, "at 0.000 s"), (3_725_040, "at 3725.040 s")])
def test_a_moment_of_a_video_has_one_too(at_ms, name):
    file = Path("/videos/party.MP4")
    path = pages.moment_path(file, at_ms)

    assert path == file / name
    assert (pages.file_of(path), pages.page_of(path), pages.moment_of(path)) == (file, 1, at_ms)


@pytest.mark.parametrize(
    "path",
    [
        "/photos/album.tif",
        "/photos/page 2",
        "/photos/album/page 2",
        "/photos/album.tif/page 2.jpg",
        "/photos/album.tif/page 02",
        "/photos/album.tif/page 0",
        "/photos/album.tif/at 1 s",
        "page 2",
        "/",
    ],
)
def test_other_paths_are_those_of_files(path):
    path = Path(path)

    assert not pages.is_part(path)
    assert (pages.file_of(path), pages.page_of(path), pages.moment_of(path)) == (path, 1, None)
    assert pages.beside(path) == path


def test_what_lies_beside_a_page_lies_beside_its_file():
    assert pages.beside(FILE / "page 2") == Path("/photos/album.tif page 2")


@pytest.mark.parametrize(
    "path", [FILE, FILE / "page 2", Path("/a/b.mp4/at 6.000 s"), Path("/a/b.jpg page 2")]
)
def test_of_what_lies_beside_it_is_known_which_picture_it_is_of(path):
    assert pages.told_of(pages.beside(path)) == path
