"""backup, restore, doctor and forget as a user and a script meet them."""

import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from photoclust.cli import app
from photoclust.core.paths import LIBRARY_FILE

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


def run(*arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def run_json(*arguments: object, status: int = 0) -> dict:
    """The one document that a command printed."""
    result = run(*arguments, "--json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def saved(repository, demo_album, tmp_path_factory) -> Path:
    """A backup of a library of the bundled album in which Anna is p1, Berta p4."""
    place = tmp_path_factory.mktemp("saved")
    old = repository / "tests" / "data" / "library-0001.sqlite3"
    # Where its photos were scanned there is nothing now, which the doctor would tell.
    for command in (
        ("restore", old),
        ("relocate", "/photos/album", demo_album),
        ("backup", place / "backup.zip"),
    ):
        result = run(*command, "--library", place / "library")
        assert result.exit_code == 0, result.output
    return place / "backup.zip"


@pytest.fixture
def library(saved, tmp_path) -> Path:
    """The library of `saved`."""
    folder = tmp_path / "library"
    assert run("restore", saved, "--library", folder).exit_code == 0
    return folder


def names(library: Path) -> list[str]:
    rows = CliRunner().invoke(app, ["people", "--json", "--library", str(library)]).stdout
    return sorted(row["name"] for row in json.loads(rows) if row["name"])


def spoil(library: Path) -> None:
    path = library / LIBRARY_FILE
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'cluster'"
        (page,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)


def test_there_and_back(library, tmp_path):
    target = tmp_path / "backup.zip"
    result = run("backup", target, "--library", library)
    assert result.exit_code == 0, result.output
    assert "10 photos with 9 faces and 4 people" in result.stdout
    before = names(library)
    assert run("name", "p1", "Annette", "--library", library).exit_code == 0
    result = run("restore", target, "--library", library)
    assert result.exit_code == 0, result.output
    assert "4 people are back" in result.stdout
    assert "before-restore" in result.stdout
    assert names(library) == before


def test_a_backup_tells_scripts_what_is_in_it(library, tmp_path):
    target = tmp_path / "backup.zip"
    told = run_json("backup", target, "--library", library)
    assert (told["photos"], told["faces"], told["people"]) == (10, 9, 4)
    assert told["bytes"] == target.stat().st_size
    told = run_json("restore", target, "--library", library)
    assert (told["photos"], told["faces"], told["people"]) == (10, 9, 4)
    assert Path(told["aside"]).exists()
    assert told["was_damaged"] is False


def test_a_backup_overwrites_only_by_force(library, tmp_path):
    target = tmp_path / "backup.zip"
    target.write_bytes(b"precious")
    result = run("backup", target, "--library", library)
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert target.read_bytes() == b"precious"
    assert run("backup", target, "--force", "--library", library).exit_code == 0


def test_the_newest_copy_comes_back(library):
    run("name", "p1", "Annette", "--library", library)  # the first change of a day makes a copy
    spoil(library)
    result = run("restore", "--latest", "--library", library)
    assert result.exit_code == 0, result.output
    assert "The damaged library is kept in" in result.stdout
    assert "Berta" in names(library)


def test_what_to_restore_must_be_said(library, tmp_path):
    for arguments in ((), (tmp_path / "backup.zip", "--latest")):
        assert run("restore", *arguments, "--library", library).exit_code == 2


def test_nothing_is_made_where_there_is_no_library(tmp_path):
    folder = tmp_path / "mistyped"
    for command in (
        ("backup", tmp_path / "backup.zip"),
        ("doctor",),
        ("doctor", "--repair"),
        ("forget", "--all-faces", "--yes"),
    ):
        result = run(*command, "--library", folder)
        assert result.exit_code == 1, result.output
        assert "there is no library" in result.stderr
    assert not folder.exists()


def test_a_sound_library_is_told_to_be_sound(library):
    run("doctor", "--repair", "--library", library)
    result = run("doctor", "--library", library)
    assert result.exit_code == 0, result.output
    assert "The library is sound" in result.stdout
    told = run_json("doctor", "--library", library)
    assert (told["sound"], told["findings"]) == (True, [])


@POSIX
def test_the_doctor_tells_then_mends(library):
    (library / LIBRARY_FILE).chmod(0o644)
    result = run("doctor", "--library", library)
    assert result.exit_code == 1
    assert f"permissions: others can read {library / LIBRARY_FILE}" in result.stdout
    assert "Next: photoclust doctor --repair" in result.stdout
    assert run("doctor", "--repair", "--library", library).exit_code == 0
    assert stat.S_IMODE((library / LIBRARY_FILE).stat().st_mode) == 0o600


def test_the_doctor_saves_a_damaged_library(library):
    run("name", "p1", "Annette", "--library", library)
    spoil(library)
    result = run("doctor", "--library", library)
    assert result.exit_code == 1
    assert "4 people with a name and 10 decisions can be read" in result.stdout
    told = run_json("doctor", "--repair", "--library", library)
    assert told["sound"] is False
    assert told["readable"]["rows"]["face"] == 9
    assert told["after"]["sound"] is True
    assert Path(told["aside"]).is_dir()
    assert names(library) == ["Anna", "Annette", "Berta", "José Weiß"]


def test_forgetting_asks_for_the_word(library):
    for what in (("--all-faces",), ("--person", "p4")):
        for typed in ("\n", "yes\n", "forgot\n"):
            result = run("forget", *what, "--library", library, typed=typed)
            assert result.exit_code == 1, result.output
        result = run("forget", *what, "--library", library, typed="")  # Ctrl-D
        assert (result.exit_code, result.stderr.splitlines()[-1]) == (130, "Cancelled.")
    assert "Berta" in names(library)
    result = run("forget", "--person", "p4", "--library", library, typed="forget\n")
    assert result.exit_code == 0, result.output
    assert "Berta and 1 face go" in result.stderr
    assert "1 face of that person" in result.stdout
    assert "Berta" not in names(library)
    assert "Anna" in names(library)


def test_everybody_can_be_forgotten(library):
    told = run_json("forget", "--all-faces", "--yes", "--library", library)
    assert told == {"faces": 9, "models": [], "runs": []}
    assert names(library) == []
    assert not any(b"Berta" in path.read_bytes() for path in library.rglob("*") if path.is_file())


@pytest.mark.parametrize("arguments", [(), ("--all-faces", "--person", "p1"), ("--person", "g1")])
def test_whom_to_forget_must_be_said(library, arguments):
    assert run("forget", *arguments, "--yes", "--library", library).exit_code == 2
