"""`photoclust find` as a user and a script meet it, on a library of made-up faces."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.services import naming
from photoclust.store import cluster_table
from photoclust.store import files as file_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library
from photoclust.store.files import FileState


@pytest.fixture
def album(library, crowd_in):
    """The folder of a library: Anna is in photos 1 to 3, of which 3 is deleted, Ben in photo 4."""
    crowd = crowd_in(library)
    anna, ben = crowd.photos_of(1, 3), crowd.photos_of(2, 1)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, anna)])
        file_store.set_state(tx, [Path("/photos/3.jpg")], FileState.DELETED)
    for face in anna:
        naming.name(library, f"f{face}", "Anna Schmidt")
    naming.name(library, f"f{ben[0]}", "Ben")
    folder = library.folder
    library.close()
    return folder


def find(album, *arguments):
    return CliRunner().invoke(app, ["find", *arguments, "--library", str(album)])


def test_photos_are_listed_with_dates_and_people(album):
    result = find(album, "anna or ben")
    assert result.exit_code == 0, result.output
    assert "anna: Anna Schmidt (p1)" in result.output
    assert "ben: Ben (p2)" in result.output
    lines = [line.split() for line in result.output.splitlines() if line.endswith(".jpg")]
    assert {(line[-1], line[-2]) for line in lines} == {
        ("/photos/1.jpg", "Schmidt"),
        ("/photos/2.jpg", "Schmidt"),
        ("/photos/3.jpg", "Schmidt"),
        ("/photos/4.jpg", "Ben"),
    }
    assert result.output.endswith("4 photos.\n")


def test_the_document_says_what_was_found_and_why(album):
    result = find(album, 'file:"1.jpg" -ben', "--json")
    document = json.loads(result.stdout)
    assert document["query"] == 'file:"1.jpg" -ben'
    assert document["parts"] == [
        {
            "start": 0,
            "end": 12,
            "kind": "place",
            "says": 'files with "1.jpg" in their name',
            "left_out": False,
            "people": [],
            "photos": 1,
        },
        {
            "start": 14,
            "end": 17,
            "kind": "people",
            "says": "Ben (p2)",
            "left_out": True,
            "people": ["p2"],
            "photos": None,
        },
    ]
    assert (document["total"], document["hint"]) == (1, None)
    (photo,) = document["photos"]
    assert photo["files"] == ["/photos/1.jpg"]
    assert photo["people"] == [{"person": "p1", "name": "Anna Schmidt"}]
    assert photo["faces"] == []
    found = json.loads(find(album, "anna", "--json").stdout)["photos"]
    assert {tuple(photo["faces"]) for photo in found} == {("f1",), ("f2",), ("f3",)}
    assert {photo["present"] for photo in found} == {True, False}


def test_words_need_no_quotation_marks_of_the_shell(album):
    assert find(album, "anna", "schmidt").output.endswith("3 photos.\n")


@pytest.mark.parametrize("query", ["-ben", "-hans", "-z", "-l"])
def test_a_minus_is_no_option(album, query):
    result = find(album, query)
    assert result.exit_code == 0, result.output
    assert result.output.endswith("3 photos.\n" if query == "-ben" else "4 photos.\n")


def test_the_newest_are_listed_up_to_a_limit(album):
    result = find(album, "anna", "--limit", "2")
    assert result.output.count(".jpg") == 2
    assert result.output.endswith("2 of 3 photos.\n")
    document = json.loads(find(album, "anna", "--limit", "2", "--json").stdout)
    assert (document["total"], len(document["photos"])) == (3, 2)
    assert find(album, "anna", "--limit", "0").exit_code == 2


def test_an_empty_search_lists_all(album):
    assert find(album, "").output.endswith("4 photos.\n")


def test_nothing_found_is_no_failure_and_says_why(album):
    result = find(album, "anna", "bem")
    assert result.exit_code == 0
    assert (
        'Nothing found: nobody, and no file or folder is called "bem"; did you mean Ben?'
        in result.output
    )
    document = json.loads(find(album, "anna ben", "--json").stdout)
    assert (document["total"], document["photos"]) == (0, [])
    assert document["hint"] == "no photo fits all of it; leave a word out"


def test_what_is_wrong_is_pointed_at(album):
    result = find(album, "anna year:abcd", "--json")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "  anna year:abcd",
        "            ^^^^",
        'Error: "abcd" is not understood: write a time like 2019, 2019-07, 2019-07-14 or 1920s',
    ]
    assert json.loads(result.stdout)["error"].startswith('"abcd" is not understood')


def test_a_library_that_is_written_can_be_searched(album):
    with Library(album):
        assert find(album, "ben").output.endswith("1 photo.\n")
