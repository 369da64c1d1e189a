"""Grouping and its proposals as a user types them, on a library whose faces are made up."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from photoclust import cli_groups
from photoclust.cli import app
from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata
from photoclust.services import naming, reports
from photoclust.services.grouping import GroupingReport, MergeCandidate
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
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def library(empty_library, tmp_path, photos, in_process):
    """Two photos of Anna (g1) and two more (g2); nine of Otto, one of which shows him twice, and
    six of Berta wait.
    """
    rng = np.random.default_rng(0)
    folder = shutil.copytree(empty_library, tmp_path / "library")
    with Library(folder) as opened, opened.write() as tx:
        ids = [
            face
            for number, people in enumerate((*"aaaaoooooooo", "oo", *"bbbbbb"))
            for face in add_photo(tx, rng, photos / f"{number}.jpg", people)
        ]
        contents = [ClusterContent(None, None, ids[:2]), ClusterContent(None, None, ids[2:4])]
        cluster_table.replace_clusters(tx, contents)
        file_store.add_folders(tx, [photos])
    return folder


def add_photo(tx, rng, path, people):
    path.touch()
    stat = FileStat(path, 1, 1)
    photo = photo_store.write_photo(
        tx, photo=None, size=SIZE, turn=0, metadata=Metadata(), stat=stat, detector="made-up"
    )
    file_store.write_file(tx, stat, photo, f"{photo:040x}")
    found = []
    for place, person in enumerate(people):
        centre = np.random.default_rng(ord(person)).standard_normal(512)
        vector = (centre + 0.4 * rng.standard_normal(512)).astype(np.float32)
        box = Box(10 + 150 * place, 30, 100, 110)
        vector /= np.linalg.norm(vector)
        found.append(FoundFace(Detection(box, POINTS, 0.9), 0.9, vector))
    return face_store.replace_faces(tx, photo, found, SIZE, DEFAULT_EMBEDDER)


@pytest.fixture
def run(library):
    """Runs a command on the library; gives what it prints, or with `fails` what it says against."""

    def call(*words, fails=None):
        result = CliRunner().invoke(app, [*map(str, words), "--library", str(library)])
        assert result.exit_code == (fails or 0), result.output
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


def test_new_faces_are_grouped_and_old_ones_stay(run, document):
    first = document("group")
    assert first.pop("seconds") >= 0
    assert first == {
        "faces": 20,
        "clusters": 4,
        "unclustered": 1,
        "joined": 0,
        "new": 2,
        "kept": None,
        "may_be_one": [],
    }
    assert people(document) == {
        "g3": (None, 9),
        "g4": (None, 6),
        "g1": (None, 2),
        "g2": (None, 2),
    }
    said = run("group", "--method", "agglomerative")
    assert said.startswith("19 faces in 4 groups; 1 in no group yet.\n")
    assert "were made with hdbscan and facenet-vggface2" in said
    assert document("group", "--method", "agglomerative")["kept"] == {
        "method": "hdbscan",
        "model": "facenet-vggface2",
    }
    assert [entry["kind"] for entry in document("journal")] == ["group"]


def test_a_proposal_tells_what_would_change_and_is_applied(run, document, library):
    with Library(library) as opened:  # the command would let recognition find the rest of her
        naming.name(opened, "g1", "Anna")
    before = people(document)
    proposal = document("group", "--full", "--dry-run")
    assert proposal == {
        "proposal": 1,
        "method": "hdbscan",
        "model": "facenet-vggface2",
        "people": [
            {"person": "g2", "name": None, "added": 0, "removed": 2},
            {"person": "p1", "name": "Anna", "added": 2, "removed": 0},
        ],
        "joins": [["g2", "p1"]],
        "splits": [],
        "new": [9, 6],
    }
    assert people(document) == before
    assert run("group", "--full", "--dry-run").splitlines() == [
        "g2 −2",
        "Anna +2",
        "g2 and p1 would join",
        "2 new groups of 9 and 6 faces",
        f"Next: photoclust group --apply 2 --library {library}",
    ]
    done = document("group", "--apply", 2, "--person", "P1")
    assert (done["proposal"], done["entry"], done["back"]) == (2, 2, 3)
    assert done["people"] == proposal["people"]
    assert people(document) == {"p1": ("Anna", 4)}
    assert "2 new groups of 9 and 6 faces\nDone; photoclust group --apply 4" in run(
        "group", "--apply", 2
    )
    assert people(document) == {"g3": (None, 9), "g4": (None, 6), "p1": ("Anna", 4)}
    run("group", "--apply", 4)
    assert people(document) == {"p1": ("Anna", 4)}
    assert "brings the groups back" in run("undo", 2, fails=1)
    assert run("group", "--apply", 2, fails=1) == (
        "Error: proposal 2 was applied already; make a new one\n"
    )


def test_all_faces_are_grouped_anew_at_once(run, document):
    done = document("group", "--full")
    assert done["joins"] == [["g1", "g2"]]
    assert people(document) == {"g3": (None, 9), "g4": (None, 6), "g1": (None, 4)}
    assert document("group", "--full", "--method", "hdbscan")["entry"] is None
    assert run("group", "--full", "--dry-run") == "Nothing would change.\n"
    assert run("group", "--full") == "Nothing to change.\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--dry-run"], "--dry-run: it needs --full"),
        (["--person", "p1"], "--person: it needs --apply"),
        (["--apply", "1", "--full"], "--apply: it contradicts"),
        (["--apply", "1", "--method", "hdbscan"], "--apply: it contradicts"),
        (["--apply", "one"], "valid integer"),
        (["--apply", "1", "--person", "f1"], "no id"),
        (["--full", "--method", "k-means"], "hdbscan, agglomerative"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(run, options, complaint):
    assert complaint in " ".join(run("group", *options, fails=2).split())


def test_a_proposal_that_is_not_there_is_told(run):
    assert "there is no proposal 7" in run("group", "--apply", 7, fails=1)


def test_one_person_several_times_is_proposed_allowed_and_forbidden(run, document, photos):
    run("group")
    run("name", "g3", "Otto")
    twice = str(photos / "12.jpg")
    proposed = {"photo": twice, "person": "p1", "name": "Otto", "faces": ["f13", "f14"]}
    assert document("same-photo", "list") == {"folders": [], "photos": [], "proposed": [proposed]}
    assert "Otto seems to be there several times" in run("same-photo", "list")
    assert run("same-photo", "allow", twice) == "One person several times in 1 photo.\n"
    said = [{"photo": twice, "allowed": True}]
    assert document("same-photo", "list") == {"folders": [], "photos": said, "proposed": []}
    assert document("same-photo", "allow", photos) == {"allowed": True, "photos": 0, "folders": 1}
    assert document("same-photo", "list")["folders"] == [str(photos)]
    assert "you said so of the folder" in run("same-photo", "list")
    run("undo")
    assert run("same-photo", "forbid", twice) == "One person once in 1 photo.\n"
    assert document("same-photo", "list")["proposed"] == [proposed]
    assert "no folder of the library" in run("same-photo", "allow", photos / "x.jpg", fails=1)


def test_without_anything_to_tell_that_is_told(run, document, photos):
    assert run("same-photo", "list") == "One person is once in every photo.\n"


@pytest.mark.parametrize(
    ("clusters", "joined", "new", "told"),
    [
        (4, 0, 4, None),  # the first grouping: the groups are told already
        (4, 0, 0, None),
        (4, 3, 0, "3 faces joined a group that there was."),
        (4, 1, 2, "1 face joined a group that there was; 2 new groups."),
        (4, 0, 1, "1 new group."),
    ],
)
def test_what_is_new_is_told_where_something_was_there_before(clusters, joined, new, told, capsys):
    cli_groups.say_grouping(GroupingReport(30, clusters, 5, 0.1, joined=joined, new=new))
    first, *more = capsys.readouterr().out.splitlines()
    assert first == "25 faces in 4 groups; 5 in no group yet."
    assert more == ([] if told is None else [told])


def test_groups_that_may_be_one_are_told(capsys):
    pairs = [MergeCandidate(f"g{n}", "p7", None, "Anna", 0.7 - n / 100) for n in range(5)]
    report = GroupingReport(30, 9, 5, 0.1, may_be_one=tuple(pairs))
    cli_groups.say_grouping(report)
    assert "be one person each: g0 and Anna, g1 and Anna, g2 and Anna and 2 more pairs. " in (
        capsys.readouterr().out.replace("\n", " ")
    )
    first = reports.grouping(report)["may_be_one"][0]
    assert first == {"ids": ["g0", "p7"], "names": [None, "Anna"], "similarity": 0.7}
