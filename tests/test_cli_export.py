"""`photoclust export` as a user and a script meet it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.core.settings import Settings
from photoclust.core.types import Failure
from photoclust.services import history, naming
from photoclust.services.ingest import ingest
from photoclust.store.database import Library

pytestmark = pytest.mark.usefixtures("in_process")


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


@pytest.fixture
def album(tmp_path, demo_album):
    """A copy of some photos, whose sidecars may be written beside them."""
    return shutil.copytree(demo_album / "Space", tmp_path / "album")


@pytest.fixture
def library(tmp_path, album):
    folder = tmp_path / "library"
    with Library(folder) as library:
        ingest(library, [album], Settings(workers=1))
        naming.name(library, "f1", "Änna")
    return folder


def test_names_go_beside_the_photos(library, album):
    tried = run("xmp", "--dry-run", "--library", library)
    assert tried.exit_code == 0, tried.output
    assert tried.stdout.startswith("Would write 1 sidecar, 0 unchanged.\n")
    assert not list(album.rglob("*.xmp"))
    done = run("xmp", "--library", library)
    first, second, hint = done.stdout.splitlines()
    assert [first, second] == [
        "Wrote 1 sidecar, 0 unchanged.",
        "They tell of 1 face, 0 of them without a name, and 1 person.",
    ]
    assert hint.startswith("Lightroom reads sidecars of camera raw files only")
    assert [path.name for path in album.rglob("*.xmp")] == ["astronaut.png.xmp"]


def test_where_nobody_has_a_name_that_is_said(library, tmp_path):
    with Library(library) as opened:
        history.undo(opened)
    for arguments in (("xmp",), ("xmp", "--dry-run"), ("folders", tmp_path / "people")):
        done = run(*arguments, "--library", library)
        assert done.exit_code == 0, done.output
        assert done.stdout.startswith("Nothing to export: there is nobody yet")
    assert not (tmp_path / "people").exists()


def test_what_others_changed_and_what_is_damaged_is_told(library, album):
    run("xmp", "--library", library)
    sidecar = album / "astronaut.png.xmp"
    sidecar.write_text(sidecar.read_text("utf-8").replace('Name="Änna"', 'Name="Anja"'), "utf-8")
    done = run("xmp", "--library", library)
    assert "1 change by other programs left as they are:" in done.stdout
    row = next(line for line in done.stdout.splitlines() if "Anja" in line)
    assert row.split() == [str(sidecar), "Änna", "Anja", "changed"]
    document = json.loads(run("xmp", "--json", "--library", library).stdout)
    assert document["left"] == [
        {"path": str(sidecar), "kind": "changed", "ours": "Änna", "theirs": "Anja"}
    ]
    tried = run("xmp", "--conflicts", "ours", "--dry-run", "--library", library)
    assert "1 change by other programs would be overruled:" in tried.stdout
    assert "Anja" in sidecar.read_text("utf-8")
    document = json.loads(run("xmp", "--conflicts", "ours", "--json", "--library", library).stdout)
    assert (document["left"], [each["theirs"] for each in document["overruled"]]) == ([], ["Anja"])
    assert "Anja" not in sidecar.read_text("utf-8")
    assert "1 unchanged" in run("xmp", "--library", library).stdout
    sidecar.write_text("<x")
    done = run("xmp", "--library", library)
    assert done.exit_code == 1
    assert "1 photo passed over:" in done.stdout
    assert "is left as it is" in done.stdout
    done = run("xmp", "--json", "--library", library)
    assert (done.exit_code, len(json.loads(done.stdout)["failed"])) == (1, 1)


def test_sidecars_that_can_be_written_nowhere_end_with_1(library, album):
    (album / "astronaut.png.xmp").mkdir()
    done = run("xmp", "--library", library)
    assert "1 photo passed over:" in done.stdout
    assert done.exit_code == 1


@pytest.mark.parametrize(("made", "status"), [(0, 1), (1, 0)])
def test_folders_into_which_nothing_could_be_put_end_with_1(library, monkeypatch, made, status):
    from photoclust.services import names_out_folders

    full = names_out_folders.Sorted(made, failed=[Failure(Path("a.jpg"), "the disk is full")])
    monkeypatch.setattr(names_out_folders, "export_folders", lambda *_, **__: full)
    done = run("folders", "out", "--library", library)
    assert "the disk is full" in done.stdout
    assert done.exit_code == status


def test_lists_folders_sheet_and_gallery(library, tmp_path):
    pdf = tmp_path / "f.pdf"
    for arguments, told in (
        (("csv", tmp_path / "f.csv"), "Listed 1 face in 1 photo in"),
        (("json", tmp_path / "f.json", "--people", "änna"), "Listed 1 face in 1 photo in"),
        (("folders", tmp_path / "people", "--link", "hard"), "1 photo put into the folders of 1"),
        (("sheet", "Änna", pdf), f"{pdf} shows 1 photo of Änna on 1 page."),
        (("gallery", "p1", tmp_path / "page"), "1 photo of Änna: open"),
    ):
        done = run(*arguments, "--library", library)
        assert done.exit_code == 0, done.output
        assert done.stdout.startswith(told)
    assert {path.name for path in tmp_path.iterdir()} >= {"f.csv", "f.json", "f.pdf", "page"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("csv", "library/x/y.csv"), 1, "cannot be written"),
        (("folders", "out", "--link", "soft"), 2, "none of hard, symbolic, copy"),
        (("xmp", "--people", "Zoe"), 1, "nobody called Zoe"),
        (("xmp", "--into", "out", "--write-into-files"), 2, "contradicts"),
        (("sheet", "Zoe", "out.pdf"), 1, "nobody called Zoe"),
    ],
)
def test_what_cannot_be_done_is_told(library, arguments, code, told, monkeypatch):
    monkeypatch.chdir(library.parent)
    done = run(*arguments, "--library", library)
    assert done.exit_code == code
    assert told in done.stderr
