"""Stacks on the command line, from a scan of real files on."""

import json

import pytest
from PIL import Image, ImageEnhance
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.store.database import Library


@pytest.fixture(scope="module")
def folder(demo_album, tmp_path_factory):
    """A folder with an original, an edited version, a small copy, and another photo."""
    folder = tmp_path_factory.mktemp("photos")
    with Image.open(demo_album / "Space" / "astronaut.png") as image:
        picture = image.convert("RGB")
    picture.save(folder / "IMG_1234.png")
    cut = picture.crop((60, 0, 420, 360))
    ImageEnhance.Color(cut).enhance(0.2).save(folder / "IMG_1234-edited.jpg")
    picture.resize((300, 300)).save(folder / "from a message.jpg", quality=70)
    with Image.open(demo_album / "2012 Oval Office" / "portrait sitting.jpg") as image:
        image.save(folder / "IMG_2.jpg")
    return folder


@pytest.fixture(scope="module")
def library(folder, tmp_path_factory):
    library = tmp_path_factory.mktemp("library") / "mine"
    result = CliRunner().invoke(
        app, ["scan", str(folder), "--workers", "1", "--library", str(library)]
    )
    assert result.exit_code == 0, result.output
    return library


@pytest.fixture
def document(library):
    def call(*words):
        words = [*words, "--library", str(library), "--json"]
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return call


def names(photo):
    return [path.rpartition("/")[2] for path in photo["files"]]


def test_a_scan_finds_stacks(document, library):
    (stack,) = document("stacks", "list")

    assert stack["kind"] == "alike"
    assert names(stack["photos"][0]) == ["IMG_1234-edited.jpg"]
    assert len(stack["photos"]) == 3
    result = CliRunner().invoke(app, ["stacks", "list", "--library", str(library)])
    assert "look alike" in result.output
    assert result.output.endswith("1 stack.\n")


def test_photos_are_listed_with_one_of_each_stack(document):
    every = document("photos", "--all-forms")
    assert len(every) == 4
    listed = {names(photo)[0]: photo for photo in document("photos")}
    assert sorted(listed) == ["IMG_1234-edited.jpg", "IMG_2.jpg"]
    shown = listed["IMG_1234-edited.jpg"]
    assert shown["forms"][0] == shown["photo"]
    assert sorted(shown["forms"]) == sorted(
        photo["photo"] for photo in every if photo["forms"] == shown["forms"]
    )
    alone = listed["IMG_2.jpg"]
    assert alone["forms"] == [alone["photo"]]


def test_a_search_lists_the_form_that_fits(document, library):
    everything = document("find", "")
    assert (everything["total"], everything["total_all_forms"]) == (2, 4)
    assert len(everything["photos"]) == 2
    assert len(document("find", "--all-forms", "")["photos"]) == 4
    (copy,) = document("find", "file:message")["photos"]
    assert names(copy) == ["from a message.jpg"]
    assert copy["forms"] == [copy["photo"]]
    result = CliRunner().invoke(app, ["find", "", "--library", str(library)])
    assert result.output.endswith("2 photos (4 with all forms).\n")


def test_photos_of_people_are_counted_as_they_are_listed(document):
    faces = document("faces")
    original = next(face for face in faces if face["photo"].endswith("IMG_1234.png"))
    document("name", original["face"], "Eileen")

    (eileen,) = (group for group in document("people") if group["name"] == "Eileen")
    assert eileen["photos"] == len(document("photos", "--person", eileen["id"])) == 1
    every = document("photos", "--person", eileen["id"], "--all-forms")
    assert eileen["photos_all_forms"] == len(every) > 1


def test_photos_of_an_earlier_version_are_looked_at_by_their_thumbnails(document, library):
    before = document("stacks", "list")
    with Library(library) as opened, opened.write() as tx:
        tx.exec_driver_sql("UPDATE photo SET look = NULL, stack_id = NULL")
    assert document("stacks", "list") == []

    assert document("stacks", "rebuild") == {"stacks": 1, "looked_at": 4}
    assert document("stacks", "list") == before


def test_a_name_is_carried_to_the_edited_version(document):
    faces = document("faces")
    original = next(face for face in faces if face["photo"].endswith("IMG_1234.png"))
    document("name", original["face"], "Eileen")

    named = [face["photo"] for face in document("faces") if face["confirmed"]]
    assert sorted(path.rpartition("/")[2] for path in named) == [
        "IMG_1234-edited.jpg",
        "IMG_1234.png",
    ]


def test_after_a_scan_that_was_cut_off_the_next_one_stacks(document, folder, library):
    before = document("stacks", "list")
    with Library(library) as opened, opened.write() as tx:
        tx.exec_driver_sql("UPDATE photo SET stack_id = NULL")
    document("scan", str(folder))
    assert document("stacks", "list") == [], "nothing changed, so nothing was looked for"
    with Library(library) as opened, opened.write() as tx:
        tx.exec_driver_sql("UPDATE entry SET status = 'interrupted' WHERE kind = 'scan'")
    document("scan", str(folder))
    assert document("stacks", "list") == before
