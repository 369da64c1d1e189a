"""`photoclust decisions` as a user and a script meet it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from photoclust.cli import app
from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata, ModelId
from photoclust.services import history, naming
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library

SIZE = (400, 300)
BOXES = (Box(20, 20, 80, 90), Box(200, 30, 80, 90))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["decisions", *map(str, arguments)])


def make_library(folder: Path, *names: str | None) -> Path:
    """A library of one photo whose faces have these names."""
    file = FileStat(Path("/photos/1.jpg"), 1, 1)
    with Library(folder) as library:
        with library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=SIZE,
                turn=0,
                metadata=Metadata(),
                stat=file,
                detector="made-up",
            )
            file_store.write_file(tx, file, photo, "0" * 40)
            found = [FoundFace(Detection(box, (), 0.9), 0.5) for box in BOXES]
            faces = face_store.replace_faces(tx, photo, found, SIZE, ModelId("made-up"))
        for face, name in zip(faces, names, strict=True):
            if name is not None:
                naming.name(library, f"f{face}", name)
    return folder


@pytest.fixture
def ann(tmp_path) -> Path:
    return make_library(tmp_path / "ann", "Anna", "Berta")


@pytest.fixture
def ben(tmp_path) -> Path:
    return make_library(tmp_path / "ben", "Carla", None)


@pytest.fixture
def file(ann, tmp_path) -> Path:
    file = tmp_path / "decisions.json"
    done = run("export", file, "--author", "Ann", "--library", ann)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"Decisions about 2 people, and 2 faces in 1 photo, are in {file}.\n"
    return file


def entries(folder: Path) -> list[str]:
    with Library(folder, look_only=True) as library:
        return [entry.kind for entry in history.entries(library)]


def test_decisions_go_from_one_library_to_another(ben, file):
    before = entries(ben)
    tried = run("import", file, "--dry-run", "--library", ben)
    assert tried.exit_code == 0, tried.output
    assert "would be taken over, by author: Ann (3)." in tried.stdout
    assert entries(ben) == before
    done = run("import", file, "--library", ben)
    assert done.exit_code == 0, done.output
    assert tried.stdout == done.stdout.replace("were taken", "would be taken")
    assert "about 1 face, 0 of them drawn by hand, 0 photos and 0 folders; 2 new" in done.stdout
    assert "1 decision not taken over" in done.stdout
    row = next(line for line in done.stdout.splitlines() if "Carla" in line)
    assert row.split() == ["/photos/1.jpg", "20,", "20,", "80,", "90", "Carla", "Anna", "Ann"]
    assert entries(ben) == ["import", *before]
    again = run("import", file, "--library", ben)
    assert again.stdout.startswith("Nothing new.\n3 decisions stood here already.\n")
    assert entries(ben) == ["import", *before]


def test_json_documents_say_what_happened(ann, ben, file):
    done = run("import", file, "--library", ben, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    conflict = {
        "photo": "/photos/1.jpg",
        "box": [20.0, 20.0, 80.0, 90.0],
        "ours": "Carla",
        "theirs": "Anna",
        "author": "Ann",
    }
    assert report == {
        "taken": {"Ann": 3},
        "people": 2,
        "faces": 1,
        "drawn": 0,
        "photos": 0,
        "folders": 0,
        "same": 0,
        "conflicts": [conflict],
        "missing_folders": 0,
        "missing_photos": 0,
        "missing_faces": 0,
    }
    exported = run("export", file, "--force", "--library", ann, "--json")
    assert json.loads(exported.stdout) == {"people": 2, "photos": 1, "faces": 2}


def test_what_is_not_here_is_told(file, tmp_path):
    with Library(tmp_path / "empty"):
        pass
    done = run("import", file, "--library", tmp_path / "empty")
    assert "1 photo passed over that the library does not have." in done.stdout


def test_what_cannot_be_done_is_one_sentence(ann, ben, file, tmp_path):
    taken = run("export", file, "--library", ann)
    assert (taken.exit_code, taken.stdout) == (1, "")
    assert taken.stderr == f"Error: {file} is there already; choose another name or say --force\n"
    other = tmp_path / "photo.jpg"
    other.write_bytes(b"\xff\xd8\xff")
    refused = run("import", other, "--library", ben, "--json")
    assert refused.exit_code == 1
    assert "is no file of decisions" in json.loads(refused.stdout)["error"]
    assert run("import", file, "--library", tmp_path / "nothing").exit_code == 1
    assert not (tmp_path / "nothing").exists()
