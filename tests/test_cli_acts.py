"""The commands that decide, as a user types them, on a library whose faces are made up."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata
from photoclust.store import cluster_table
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library
from photoclust.vision.models import DEFAULT_EMBEDDER

SIZE = (400, 300)
POINTS = ((70, 70), (110, 70), (90, 95), (75, 115), (105, 115))


@pytest.fixture
def library(empty_library, tmp_path):
    """Two groups of three faces, g1 and g2, and a face f7 in none; every photo has a file."""
    photos = tmp_path / "photos"
    photos.mkdir()
    rng = np.random.default_rng(0)
    folder = shutil.copytree(empty_library, tmp_path / "library")
    with Library(folder) as opened, opened.write() as tx:
        ids = []
        for number in range(7):
            path = photos / f"{number}.jpg"
            path.write_bytes(b"x" * (number + 1))
            stat = FileStat(path, number + 1, path.stat().st_mtime_ns)
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=SIZE,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            file_store.write_file(tx, stat, photo, f"{number:040x}")
            vector = rng.standard_normal(512).astype(np.float32)
            face = FoundFace(
                Detection(Box(40, 30, 100, 110), POINTS, 0.9),
                0.9 - number / 100,
                vector / np.linalg.norm(vector),
            )
            ids += face_store.replace_faces(tx, photo, [face], SIZE, DEFAULT_EMBEDDER)
        contents = [ClusterContent(None, None, ids[:3]), ClusterContent(None, None, ids[3:6])]
        cluster_table.replace_clusters(tx, contents)
        file_store.add_folders(tx, [photos])
    return folder


@pytest.fixture
def run(library):
    """Runs a command on it; gives what it prints, or with `fails` what it says against it."""

    def call(*words, fails=None, answer=None):
        arguments = [*map(str, words), "--library", str(library)]
        result = CliRunner().invoke(app, arguments, input=answer)
        expected = 0 if fails is None else fails
        assert result.exit_code == expected, result.output
        assert "Traceback" not in result.output
        return result.output if fails is None else result.stderr

    return call


@pytest.fixture
def document(run):
    def call(*words):
        return json.loads(run(*words, "--json"))

    return call


def people(document):
    return {item["id"]: (item["name"], item["faces"]) for item in document("people")}


def test_acts_are_told_listed_undone_and_done_again(run, document):
    assert run("name", "g1", "Anna") == "This is Anna (p1): 3 faces in 3 photos.\n"
    assert run("merge", "g2", "p1") == "g2 is Anna (p1): 6 faces in 6 photos.\n"
    assert run("split", "f1", "f2") == (
        "Split off as somebody without a name (p2): 2 faces in 2 photos.\n"
    )
    assert people(document) == {"p1": ("Anna", 4), "p2": (None, 2)}
    assert run("undo") == "Undone: Split off 2 faces from Anna (entry 3).\n"
    assert run("undo", "1", fails=1).splitlines() == [
        "Entry 2: Merged a group without a name into Anna",
        (
            "Error: entry 1 cannot be undone by itself, because later entries build on it: 2; undo "
            "these as well (--with-later), or undo what they left of it (--keep-later)"
        ),
    ]
    assert run("undo", "1", "--with-later") == (
        "Undone: Merged a group without a name into Anna (entry 2).\n"
        "Undone: Named 3 faces Anna (entry 1).\n"
    )
    assert people(document) == {"g1": (None, 3), "g2": (None, 3)}
    assert "Done again: Merged a group without a name into Anna" in run("redo")
    assert [(item["entry"], item["kind"], item["status"]) for item in document("journal")] == [
        (6, "redo", "stands"),
        (5, "undo", "stands"),
        (4, "undo", "stands"),
        (3, "split", "undone"),
        (2, "merge", "stands"),
        (1, "name", "stands"),
    ]
    assert "Split off 2 faces from Anna" in run("journal")
    assert len(document("journal", "--limit", 2)) == 2


def test_faces_are_moved_confirmed_rejected_and_no_faces(run, document):
    run("name", "g1", "Anna")
    assert run("move", "f7", "f4", "--to", "p1") == "Moved to Anna (p1): 5 faces in 5 photos.\n"
    assert run("reject", "f7") == "1 face marked as somebody else.\n"
    assert run("reject", "f4", "--person", "p1") == "1 face marked as somebody else.\n"
    assert run("confirm", "p1") == "Nothing to change.\n"
    assert run("not-a-face", "f7") == "1 face marked as no face.\n"
    assert {face["face"] for face in document("faces")} == {f"f{n}" for n in range(1, 7)}
    assert run("not-a-face", "f7", "--is-one") == "1 face marked as a face.\n"
    assert run("delete", "p1") == "3 faces nobody's again.\n"
    assert people(document) == {"g1": (None, 3), "g2": (None, 3)}


def test_people_are_hidden_and_shown_again(run, document):
    assert run("people", "--hidden") == "Nobody is hidden.\n"
    assert run("hide", "g1", "f7") == "4 faces hidden.\n"
    assert people(document) == {"g2": (None, 3)}
    hidden = document("people", "--hidden")
    assert sorted(item["faces"] for item in hidden) == [1, 3]
    run("unhide", *(item["id"] for item in hidden))
    assert len(people(document)) == 3
    assert "there is no p9" in run("unhide", "p9", fails=1)


def test_photos_are_dated(run, document, tmp_path):
    first, second = tmp_path / "photos" / "0.jpg", tmp_path / "photos" / "1.jpg"
    assert run("date", "about 1923", first, second) == "2 photos dated: about 1923.\n"
    dates = [photo["date"] for photo in document("photos")]
    assert sum(date["source"] == "hand" for date in dates) == 2
    assert {date["precision"] for date in dates} == {"year", "second"}
    assert "about 1923" in run("photos")
    assert run("date", "file", first) == "1 photo dated: as in the file.\n"
    assert "scan it first" in run("date", "1923", tmp_path / "none.jpg", fails=1)
    assert "not understood as a date" in run("date", "yesterday", first, fails=1)


def test_a_document_is_dated_with_its_pages_and_a_page_alone(run, document, library, tmp_path):
    album = tmp_path / "photos" / "album.tif"
    with Library(library) as opened, opened.write() as tx:
        for number, path in enumerate((album, album / "page 2", album / "page 3")):
            stat = FileStat(path, 1, 1)
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=SIZE,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            file_store.write_file(tx, stat, photo, f"a{number:039x}")
    assert run("date", "1923", album, album / "page 2") == (
        "3 photos dated, 1 of them on further pages or in moments of videos: 1923.\n"
    )
    assert run("date", "file", album / "page 2") == "1 photo dated: as in the file.\n"
    by_hand = [
        path
        for photo in document("photos")
        for path in photo["files"]
        if photo["date"]["source"] == "hand"
    ]
    assert set(by_hand) == {str(album), str(album / "page 3")}
    assert "1 photo turned" in run("turn", "left", album)


def test_wrong_ids_are_told_apart_from_wrong_usage(run):
    assert "there is no p7" in run("merge", "p7", "g1", fails=1)
    assert "'x' is no id" in run("move", "f1", "--to", "x", fails=1)
    assert "contradicts" in run("undo", "--with-later", "--keep-later", fails=2)
    assert "nothing to undo" in run("undo", fails=1)


def test_folders_are_listed_relocated_and_removed(run, document, tmp_path):
    photos, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    assert document("folders")["folders"] == [{"path": str(photos), "there": True}]
    photos.rename(elsewhere)
    assert "not there" in run("folders")
    other = tmp_path / "other"
    other.mkdir()
    assert "does not hold the photos" in run("relocate", photos, other, fails=1)
    told = run("relocate", photos, elsewhere)
    assert told == f"7 files of {photos} are known in {elsewhere} now.\n"
    run("name", "g1", "Anna")
    assert "--people keep or --people forget" in run("folders", "remove", elsewhere, fails=1)
    told = run("folders", "remove", elsewhere, "--people", "keep")
    assert told == (
        f"{elsewhere} is no folder of the library any more: 4 photos removed, the names in them "
        "kept.\n"
    )
    assert people(document) == {"p1": ("Anna", 3)}
    assert "no folders yet" in run("scan", fails=1)


def test_deleted_photos_are_purged_once_that_is_confirmed(run, document, tmp_path):
    shutil.rmtree(tmp_path / "photos")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "readme.txt").write_text("not empty")
    assert "7 files gone" in run("scan")
    assert "say --yes" in run("purge", fails=1)
    assert run("purge", "--yes") == "7 photos with 7 faces removed.\n"
    assert run("purge", "--yes") == "0 photos with 0 faces removed.\n"
    assert document("people") == []
