"""The commands that describe people and photos, as a user types them."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.services import browse, naming
from photoclust.store.database import Library


@pytest.fixture
def library(empty_library, crowd_in, tmp_path):
    """Anna (p1) with two photos, Berta (p2) with one, and a group (g1) in two."""
    folder = shutil.copytree(empty_library, tmp_path / "library")
    with Library(folder) as opened:
        crowd = crowd_in(opened)
        faces = crowd.photos_of(1, 2) + crowd.photos_of(2, 1) + crowd.photos_of(3, 2)
        for face, name in zip(faces, ("Anna", "Anna", "Berta"), strict=False):
            naming.name(opened, f"f{face}", name)
        with opened.write() as tx:
            tx.exec_driver_sql("INSERT INTO cluster (id) VALUES (1)")
            tx.exec_driver_sql("UPDATE face SET cluster_id = 1 WHERE id IN (4, 5)")
            tx.exec_driver_sql("UPDATE cluster SET face_count = 2, photo_count = 2, cover_id = 5")
    return folder


@pytest.fixture
def run(library):
    """Runs a command on it; gives what it prints, or with `fails` what it says against it."""

    def call(*words, fails=None):
        result = CliRunner().invoke(app, [*map(str, words), "--library", str(library)])
        assert result.exit_code == (0 if fails is None else fails), result.output
        return result.output if fails is None else result.stderr

    return call


@pytest.fixture
def document(run):
    return lambda *words: json.loads(run(*words, "--json"))


def person(document, key):
    return next(row for row in document("people") if row["id"] == key)


def test_aliases_are_listed_and_taken_away(run, document):
    assert run("alias", "p1", "Nan") == "p1 is also called Nan.\n"
    assert "Anna (Nan)" in run("people")
    assert person(document, "p1")["aliases"] == ["Nan"]
    assert document("name", "g1", "nan")["id"] == "p1"
    assert run("alias", "p1", "NAN", "--remove") == "p1 is not called NAN.\n"
    assert person(document, "p1")["aliases"] == []
    assert "p1 is called Anna already" in run("alias", "p1", "anna", fails=1)
    assert "photoclust merge p1 p2" in run("alias", "p1", "Berta", fails=1)


def test_a_birthday_is_listed_as_far_as_it_is_known(run, document):
    assert "Born: May 1923." in run("birthday", "p1", "May 1923")
    assert person(document, "p1")["birthday"] == "1923-05"
    assert document("birthday", "p1", "12 May 1923")["people"] == ["p1"]
    assert person(document, "p1")["birthday"] == "1923-05-12"
    run("birthday", "p1", "unknown")
    assert person(document, "p1")["birthday"] is None
    assert "write it like 1923" in run("birthday", "p1", "soon", fails=1)


def test_a_face_stands_for_its_person(run, library):
    def cover():
        with Library(library) as opened:
            return browse.person(opened, 1).cover

    assert cover() == 2
    assert run("cover", "f1") == "f1 stands for its person.\n"
    assert cover() == 1
    assert run("cover", "p1") == "The best face stands for p1.\n"
    assert cover() == 2
    assert "nobody is shown for f4" in run("cover", "f4", fails=1)


def test_who_is_in_a_photo_without_a_face(run, document):
    paths = ["/photos/3.jpg", "/photos/4.jpg"]
    assert run("tag", "p1", *paths) == "p1 is in 2 photos.\n"
    assert person(document, "p1")["photos"] == 4
    tagged = {row["files"][0]: row["tagged"] for row in document("photos")}
    anna = [{"person": "p1", "name": "Anna"}]
    assert [tagged[f"/photos/{n}.jpg"] for n in range(1, 6)] == [[], [], anna, anna, []]
    mine = [row["files"] for row in document("photos", "--person", "p1")]
    assert sorted(mine) == [[f"/photos/{n}.jpg"] for n in range(1, 5)]
    assert "Anna" in run("photos", "--person", "p2")
    assert run("untag", "p1", paths[0]) == "p1 is not in 1 photo.\n"
    assert run("untag", "p1", paths[0]) == "Nothing to change.\n"
    assert person(document, "p1")["photos"] == 3
    assert "is no photo of the library" in run("tag", "p1", "/photos/9.jpg", fails=1)


def test_photos_are_shown_turned(run, document):
    assert run("turn", "left", "/photos/1.jpg") == "1 photo turned left.\n"
    run("turn", "around", "/photos/1.jpg", "/photos/2.jpg")
    run("turn", "right", "/photos/2.jpg")
    turned = {row["files"][0]: row["view_turn"] for row in document("photos")}
    assert [turned[f"/photos/{n}.jpg"] for n in (1, 2, 3)] == [270, 90, 0]
    assert "'up' is none of left, right, around" in run("turn", "up", "/photos/1.jpg", fails=2)


def test_photos_are_said_to_be_negatives(run, document):
    """Their files are not there: what is said waits for the next scan."""
    said = run("negative", "on", "/photos/1.jpg", "/photos/2.jpg")
    assert said == "2 photos shown as positives.\n"
    assert run("negative", "off", "/photos/2.jpg") == "1 photo shown as in the file.\n"
    assert run("negative", "off", "/photos/2.jpg") == "Nothing to change.\n"
    negative = {row["files"][0]: row["negative"] for row in document("photos")}
    assert [negative[f"/photos/{n}.jpg"] for n in (1, 2, 3)] == [True, False, False]
    assert "Took for no negatives: 1 photo" in run("undo")
    assert "'yes' is none of on, off" in run("negative", "yes", "/photos/1.jpg", fails=2)


def test_small_groups_are_hidden_at_once(run, document):
    assert document("hide", "--smaller-than", 2) == {
        "hidden": 0,
        "people": [],
        "groups": [],
        "faces": [],
    }
    assert run("hide", "--smaller-than", 3) == "1 group hidden.\n"
    assert [row["id"] for row in document("people")] == ["p1", "p2"]
    run("undo")
    assert [row["id"] for row in document("people")] == ["g1", "p1", "p2"]
    assert "say either" in run("hide", fails=2)
    assert "say either" in run("hide", "g1", "--smaller-than", 3, fails=2)


def test_a_box_that_is_no_part_of_the_photo_is_refused(run):
    assert "draw it inside the photo" in run("resize", "f1", 350, 0, 90, 50, fails=1)
