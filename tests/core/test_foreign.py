"""Paths that another operating system wrote."""

import os
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from photoclust.core import foreign


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("/home/x/Pictures", PurePosixPath),
        ("/home/x/D:\\odd", PurePosixPath),
        ("D:\\Bilder\\Rom", PureWindowsPath),
        ("d:/Bilder", PureWindowsPath),
        ("D:", PureWindowsPath),
        ("\\\\nas\\photos\\a.jpg", PureWindowsPath),
    ],
)
def test_a_path_is_read_as_it_was_written(text, kind):
    assert type(foreign.read(text)) is kind
    assert foreign.is_foreign(text) == ((kind is PureWindowsPath) != (os.name == "nt"))


def test_windows_turns_around_what_linux_wrote(monkeypatch):
    monkeypatch.setattr(foreign.os, "name", "nt")
    assert foreign.read("\\home\\x") == PurePosixPath("/home/x")
    assert foreign.is_foreign("\\home\\x")
    assert not foreign.is_foreign("C:\\Users")


@pytest.mark.skipif(os.name == "nt", reason="a path of Windows is not foreign there")
def test_a_foreign_path_is_not_made_one_of_the_working_folder():
    assert foreign.absolute(Path("D:\\Bilder")) == Path("D:\\Bilder")
    assert foreign.absolute(Path("Bilder")) == Path.cwd() / "Bilder"


def test_names_are_found_in_other_spellings(tmp_path):
    taken_apart = unicodedata.normalize("NFD", "Jürgen.JPG")
    (tmp_path / "RoM").mkdir()
    (tmp_path / "RoM" / taken_apart).touch()
    found = foreign.ActualNames().find(tmp_path, PureWindowsPath("rom\\jürgen.jpg"))
    assert found is not None
    assert found.exists()
    # A disk that tells no capitals apart answers to the name that is asked for.
    assert foreign.folded(found.name) == foreign.folded(taken_apart)


def test_the_very_name_goes_before_one_that_is_alike(tmp_path):
    for name in ("a.jpg", "A.jpg"):
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this disk does not tell capitals from small letters")
    names = foreign.ActualNames()
    assert names.find(tmp_path, PurePosixPath("A.jpg")) == tmp_path / "A.jpg"
    (tmp_path / "b").mkdir()
    for name in ("c.jpg", "C.jpg"):
        (tmp_path / "b" / name).touch()
    assert names.find(tmp_path, PurePosixPath("b/c.JPG")) is None, "either may be meant"


def test_what_is_not_there_is_not_found(tmp_path):
    names = foreign.ActualNames()
    assert names.find(tmp_path, PurePosixPath("a/b.jpg")) is None
    assert names.find(tmp_path / "nowhere", PurePosixPath("a.jpg")) is None
