"""Folders that are away, from the command line."""

import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from photoclust.cli import app

pytestmark = pytest.mark.usefixtures("in_process")


def run(*arguments, status=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def scanned(tmp_path):
    """A function that runs a command with a library of two folders, which are given."""
    for shade, name in enumerate(("drive", "disk")):
        (tmp_path / name).mkdir()
        Image.new("L", (64, 64), 40 * shade).save(tmp_path / name / "a.png")
    library = tmp_path / "library"
    run("scan", tmp_path / "drive", tmp_path / "disk", "--library", library)
    return tmp_path / "drive", tmp_path / "disk", library


def test_a_folder_that_is_away_is_no_reason_not_to_scan_the_others(scanned, tmp_path):
    drive, disk, library = scanned
    drive.rename(tmp_path / "unplugged")
    for roots in ((), (drive, disk)):
        told = run("scan", *roots, "--library", library)
        assert f"Warning: {drive} is not there now" in told
        assert "Nothing new; 1 photo unchanged." in told
    told = run("scan", drive, "--library", library, status=1)
    assert f"{drive} is not there now" in told
    assert "check the path" in run("scan", tmp_path / "x", disk, "--library", library, status=1)
    assert "1 file on drives or in folders" in run("folders", "--library", library)
    (tmp_path / "unplugged").rename(drive)
    assert "1 file there again" in run("scan", "--library", library)


def test_a_mistyped_folder_makes_no_library(tmp_path):
    run("scan", tmp_path / "x", "--library", tmp_path / "new", status=1)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_does_not_answer_is_told(dead_server, tmp_path):
    Image.new("L", (64, 64)).save(dead_server.folder / "a.png")
    (tmp_path / "disk").mkdir()
    library = tmp_path / "library"
    run("scan", dead_server.folder, tmp_path / "disk", "--library", library)
    dead_server.die()
    told = run("scan", dead_server.folder, "--library", library, "--json")
    assert json.loads(told[told.index("{") :])["silent"] == [str(dead_server.folder)]
    told = run("folders", "--library", library)
    assert "does not answer" in told
    assert "not there\n" not in told
