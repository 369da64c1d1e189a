"""`photoclust compare` as a user and a script meet it."""

import json

import pytest
from typer.testing import CliRunner, Result

from photoclust.cli import app
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
