"""Several libraries, libraries beside photos, and a backup on another computer."""

import json
import time
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.core import paths
from photoclust.services import known_libraries


def run(*arguments, status=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def backup(repository, tmp_path):
    """A backup whose photos lay in /photos/album, on another computer."""
    old = repository / "tests" / "data" / "library-0001.sqlite3"
    run("restore", old, "--library", tmp_path / "other")
    run("backup", tmp_path / "backup.zip", "--library", tmp_path / "other")
    return tmp_path / "backup.zip"


def test_after_a_restore_the_command_for_each_missing_folder_is_told(
    backup, tmp_path, demo_album, private_home
):
    library = tmp_path / "new one"
    told = run("restore", backup, "--library", library)
    assert "/photos/album is not there; 10 files of the library lie in it." in told
    assert f"photoclust relocate /photos/album NEW --library '{library}'" in told
    pictures = private_home / "Pictures"
    pictures.mkdir(parents=True)
    (pictures / "Album").symlink_to(demo_album)  # links are not followed: not found by that
    (private_home / "real").mkdir()
    told = run("relocate", "/photos/album", demo_album, "--library", library)
    assert "are known in" in told


def test_a_restore_relocates_at_once(backup, tmp_path, demo_album):
    library = tmp_path / "library"
    pair = f"/photos/album={demo_album}"
    document = json.loads(
        run("restore", backup, "--relocate", pair, "--json", "--library", library)
    )
    (relocated,) = document["relocated"]
    assert relocated["to"] == str(demo_album)
    assert relocated["files"] > 0
    assert document["missing"] == []
    assert "is not OLD=NEW" in run("restore", backup, "--relocate", "x", status=2)


def test_the_libraries_that_were_opened_are_listed(backup, tmp_path):
    for name in ("one", "two"):
        run("init", tmp_path / name)
    run("people", "--library", tmp_path / "one")
    listed = json.loads(run("libraries", "--json"))
    assert [Path(each["folder"]).name for each in listed] == ["one", "two", "other"]
    assert [each["people"] for each in listed] == [0, 0, 4]
    (tmp_path / "two").rename(tmp_path / "moved")
    told = run("libraries")
    assert "not there" in told
    run("libraries", "--forget", tmp_path / "two")
    assert [path.name for path in known_libraries.folders()] == ["one", "other"]
    assert "is not in the list" in run("libraries", "--forget", tmp_path / "two", status=1)
    assert (tmp_path / "moved" / paths.LIBRARY_FILE).exists()


def test_a_damaged_list_is_an_empty_one(private_home):
    known_libraries._file().parent.mkdir(parents=True, exist_ok=True)
    known_libraries._file().write_text('{"a": 1}')
    assert known_libraries.folders() == []
    assert "There is no library yet" in run("libraries")


def test_a_library_beside_the_photos_is_meant_by_their_folder(tmp_path):
    photos = tmp_path / "Photos"
    photos.mkdir()
    Image.new("L", (64, 64), 90).save(photos / "a.png")
    told = run("init", "--portable", photos)
    assert f"Next: photoclust scan --library {photos}" in told
    assert "1 photo read" in run("scan", "--library", photos)
    stick = tmp_path / "STICK"
    photos.rename(stick)
    (row,) = json.loads(run("photos", "--json", "--library", stick))
    assert str(stick / "a.png") in json.dumps(row)
    (known, *_) = json.loads(run("libraries", "--json"))
    assert known["portable"]
    assert known["folder"] == str(stick / paths.PORTABLE_FOLDER)
    before = known_libraries.folders()
    run("libraries", "--forget", stick)
    assert before == [stick / paths.PORTABLE_FOLDER, photos / paths.PORTABLE_FOLDER]
    run("libraries", "--forget", photos)  # it is not there any more
    assert known_libraries.folders() == []


def test_a_library_is_made_once(tmp_path):
    run("init", tmp_path / "a")
    assert "is a library already" in run("init", tmp_path / "a", status=1)


def test_no_library_is_made_openly_among_photos(tmp_path):
    photos = tmp_path / "Photos"
    (photos / "2019").mkdir(parents=True)
    Image.new("L", (64, 64), 90).save(photos / "2019" / "a.png")
    assert "with --portable it lies in a hidden folder" in run("init", photos, status=1)
    assert [path.name for path in photos.iterdir()] == ["2019"]
    run("init", photos, "--portable")
    documents = tmp_path / "Documents"
    documents.mkdir()
    (documents / "a.pdf").write_bytes(b"%PDF-1.4")
    run("init", documents)
    assert (documents / paths.LIBRARY_FILE).exists()


def test_libraries_that_do_not_answer_are_told_soon(dead_server, tmp_path):
    run("init", dead_server.folder / "one")
    run("init", tmp_path / "two")
    dead_server.die()
    start = time.monotonic()
    listed = {each["folder"]: each for each in json.loads(run("libraries", "--json"))}
    assert time.monotonic() - start < 5
    assert not listed[str(dead_server.folder / "one")]["answers"]
    assert listed[str(tmp_path / "two")]["there"]
    assert "does not answer" in run("libraries")
