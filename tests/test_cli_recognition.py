"""`photoclust compare` as a user and a script meet it."""

import json
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner, Result

from photoclust.cli import app
from photoclust.cli_options import say_may_be_one
from photoclust.core.types import LibraryChanges
from photoclust.services import deciding, naming, recognition_reports
from photoclust.services.recognition import KnownTwice, RecognitionReport
from photoclust.store import cluster_table
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library
from photoclust.vision import models

CLOSE_UP = "2012 Oval Office/close-up.webp"
PORTRAIT = "2012 Oval Office/portrait sitting.jpg"
BOTH = "2010 Blue Room/side by side.jpg"
ASTRONAUT = "Space/astronaut.png"

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def run(demo_album, monkeypatch):
    """Compare photos of the demo album, which is the current folder."""
    monkeypatch.chdir(demo_album)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["compare", *arguments])

    return run


def test_one_person_in_words(run):
    done = run(CLOSE_UP, PORTRAIT)
    assert done.exit_code == 0
    first, second, third = done.stdout.splitlines()
    assert first.startswith("The same person, more than 99.9 % sure (similarity 0.")
    assert first.endswith("on two faces are taken for one person).")
    assert second.startswith(f"{CLOSE_UP}: its one face, 2")
    assert third.startswith(f"{PORTRAIT}: its one face, ")
    assert done.stderr == ""


def test_two_people_in_words(run):
    done = run(CLOSE_UP, BOTH)
    assert done.exit_code == 0
    assert "different people, " in done.stdout.splitlines()[0].lower()
    assert f"{BOTH}: the largest of 2 faces, 197 × 274 px at 985, 123." in done.stdout
    assert "--every" in done.stdout


def test_every_face_with_every_face_in_words(run):
    done = run(BOTH, BOTH, "--every")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[:2] == [f"A: {BOTH}, 2 faces", f"B: {BOTH}, 2 faces"]
    verdicts = ["The same person" in line for line in lines if " px at " in line]
    assert verdicts == [True, True, False, False]
    assert lines[-1].startswith("2 of 4 pairs taken for one person")


def test_the_same_file_twice_is_said_to_be_that(run):
    done = run(ASTRONAUT, ASTRONAUT)
    assert "Both files hold the same picture." in done.stdout


def test_the_promised_document(run):
    done = run(CLOSE_UP, BOTH, "--json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    judgement = {"same", "similarity", "probability"}
    assert document.keys() == judgement | {"threshold", "model", "same_picture", "a", "b"}
    assert (document["same"], document["same_picture"]) == (False, False)
    assert 0 < document["probability"] < 0.5
    assert document["similarity"] < document["threshold"]
    assert document["model"] == models.DEFAULT_EMBEDDER
    assert (document["a"]["path"], document["a"]["faces"]) == (CLOSE_UP, 1)
    assert (document["b"]["path"], document["b"]["faces"]) == (BOTH, 2)
    assert document["b"]["face"].keys() == {"box", "quality"}
    every = json.loads(run(CLOSE_UP, BOTH, "--json", "--every").stdout)
    pairs = every.pop("pairs")
    assert every == document
    assert [pair["same"] for pair in pairs] == [True, False]
    assert all(pair.keys() == judgement | {"a", "b"} for pair in pairs)
    assert (pairs[1]["a"], pairs[1]["b"]) == (document["a"]["face"], document["b"]["face"])


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        ([CLOSE_UP], 2, "'B'"),
        ([CLOSE_UP, "none.jpg"], 1, "none.jpg (there is no such file)"),
        ([CLOSE_UP, "Space"], 1, "Space is a folder"),
        ([CLOSE_UP, "coffee break.webp"], 1, "no face was found in coffee break.webp"),
        ([CLOSE_UP, CLOSE_UP, "--detector", "yolo"], 2, "centerface, mtcnn"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(run, arguments, code, complaint):
    done = run(*arguments, "--json")
    assert done.exit_code == code
    assert complaint in done.stderr
    assert complaint in json.loads(done.stdout)["error"]
    assert run(*arguments).stdout == ""


# --- in a library -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory, crowd_in):
    """A library with eight people of whom three faces are confirmed (f1 to f3 are Person 0), ten
    more faces of the first (a group g1) and five of a stranger (g2).
    """
    folder = tmp_path_factory.mktemp("made") / "library"
    with Library(folder) as opened:
        crowd = crowd_in(opened)
        for person in range(8):
            first, *others = crowd.photos_of(person, 3)
            named = naming.name(opened, f"f{first}", f"Person {person}")
            deciding.move(opened, [f"f{face}" for face in others], f"p{named.person}")
        faces = crowd.photos_of(0, 10), crowd.photos_of(99, 5)
        with opened.write() as tx:
            contents = [ClusterContent(None, None, mine) for mine in faces]
            cluster_table.replace_clusters(tx, contents)
    return folder


@pytest.fixture
def told(made, tmp_path):
    """Runs a command on a copy of it; gives what it prints, or with `fails` what it complains."""
    folder = tmp_path / "library"
    shutil.copytree(made, folder)

    def told(*words, fails=None):
        done = CliRunner().invoke(app, [*map(str, words), "--library", str(folder)])
        assert done.exit_code == (fails or 0), done.output
        return done.stdout if fails is None else done.stderr

    return told


def document(told, *words):
    return json.loads(told(*words, "--json"))


def test_recognize_says_what_came_of_it(told):
    assert told("recognize").splitlines()[:3] == [
        "10 faces newly named automatically; photoclust undo 17 takes that back.",
        "10 faces named automatically, 0 to ask about, of 15 that you did not name yet.",
        (
            "Faces that could be named with so many of the names right: at 99.9 %, 10; "
            "at 99.5 %, 10; at 99 %, 10; at 98 %, 10; at 95 %, 10."
        ),
    ]
    found = document(told, "recognize")
    assert (found["named"], found["asked"], found["newly_named"]) == (10, 0, [])
    assert found["offers"]["0.995"] == 10
    shown = {face["face"] for face in document(told, "faces", "--automatic")}
    assert len(shown) == 10
    assert "17" in told("undo", "17")
    assert document(told, "faces", "--automatic") == []


def test_who_may_be_known_twice_is_said(capsys):
    pairs = tuple(
        KnownTwice(2 * number, 2 * number + 1, f"Person {number}", None) for number in range(5)
    )
    report = RecognitionReport(9, 0, 0, 0, 0.995, {}, (), (), None, 0, 0.1, LibraryChanges(), pairs)
    say_may_be_one(replace(report, may_be_one=()))
    assert capsys.readouterr().out == ""
    say_may_be_one(report)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("May be one person each: Person 0 (p0) and somebody (p1), Person 1")
    assert "and 2 more pairs." in said
    assert recognition_reports.recognition(report)["may_be_one"][4] == {
        "one": "p8",
        "other": "p9",
        "one_name": "Person 4",
        "other_name": None,
    }


def test_a_precision_is_for_once(told):
    found = document(told, "recognize", "--precision", "1")
    assert (found["named"], found["asked"]) == (0, 10)
    assert "--precision" in told("recognize", "--precision", "2", fails=2)


def test_questions_are_listed_and_answered(told):
    entry = document(told, "recognize")["entry"]
    told("undo", entry)
    listed = told("review")
    assert "Are these 10 faces Person 0?" in listed
    assert "Who is this, 5 faces?" in listed
    asked = document(told, "review", "--limit", 1)
    assert asked["count"] == 2
    (question,) = asked["questions"]
    said = told("review", "no", "g2", "--person", "p1")
    assert said.startswith("5 faces marked as not Person 0.")
    assert "name g2 NAME answers it" in told("review", "yes", "g2", fails=1)
    assert told("review", "yes", "g1").splitlines()[0] == "10 faces confirmed as Person 0."
    assert "nothing is asked about g1" in told("review", "yes", "g1", fails=1)
    assert document(told, "review", "--person", "p1")["count"] == 0
    assert "say which" in told("review", "yes", fails=2)
    assert "'maybe' is no answer" in told("review", "maybe", "g1", fails=2)
    assert question["id"] in {"g1", "g2"}


def test_a_name_lets_the_rest_be_found_and_says_so(told):
    said = told("name", "g2", "Zoe").splitlines()
    assert said == [
        "This is Zoe (p9): 5 faces in 5 photos.",
        "10 faces named automatically; photoclust undo 18 takes that back.",
    ]


def test_why_shows_three_faces_and_the_runner_up(told):
    document(told, "recognize")
    face = document(told, "faces", "--automatic")[0]["face"]
    said = told("why", face)
    assert said.startswith("Recognised as Person 0, ")
    assert said.count("Person 0  ") == 3
    assert "the runner-up" in said
    found = document(told, "why", face)
    assert [each["face"] for each in found["candidate"]["nearest"]] != []
    assert found["margin"] > 0.2
    assert told("why", "f1").startswith("You said that it is Person 0.")
    assert told("why", "f39") == "The face has no name, and is like nobody known.\n"
    assert "there is no f99" in told("why", "f99", fails=1)


def test_doubts_lists_slips(told):
    assert told("doubts") == "There is no confirmed face that looks like somebody else.\n"
    told("move", "f1", "--to", "p2")
    (slip,) = document(told, "doubts")
    assert (slip["face"], slip["name"], slip["other_name"]) == ("f1", "Person 1", "Person 0")
    assert "f1" in told("doubts")


def test_nobody_known_is_said(tmp_path):
    with Library(tmp_path / "library"):
        pass
    done = CliRunner().invoke(app, ["recognize", "--library", str(tmp_path / "library")])
    assert done.stdout.startswith("Nobody is known yet: ")
