"""Files of decisions as anybody may have written them."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from photoclust.core.types import Box
from photoclust.services import decision_files, decision_reader
from photoclust.services.decision_files import (
    DecisionFileError,
    FaceWords,
    FolderWords,
    PersonWords,
    PhotoWords,
    RepeatWords,
)
from photoclust.services.decision_reader import DecisionFile

ANNA, BERTA = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
HASH, PICTURE = "0" * 40, "1" * 32
DATE = "1923-05-01 00:00:00|month|about"


def document(**replaced: Any) -> dict[str, Any]:
    """A sound document, with `replaced` in place of what the dotted keys lead to."""
    result: dict[str, Any] = {
        "format": "photoclust decisions",
        "version": 1,
        "folders": [{"path": ["Photos", "Album 1"], "author": "Ann"}],
        "people": [{"uid": ANNA, "name": "Anna", "hidden": False, "author": "Ann"}],
        "photos": [
            {
                "hashes": [HASH],
                "pictures": [PICTURE],
                "date": DATE,
                "author": "Ann",
                "repeats": {"allowed": True, "author": "Ann"},
                "faces": [
                    {
                        "box": [0.1, 0.2, 0.3, 0.4],
                        "person": ANNA,
                        "not": [],
                        "excluded": False,
                        "drawn": True,
                        "author": "Ann",
                    }
                ],
            }
        ],
    }
    holders = {
        "": result,
        "person": result["people"][0],
        "photo": result["photos"][0],
        "face": result["photos"][0]["faces"][0],
        "folder": result["folders"][0],
        "repeat": result["photos"][0]["repeats"],
    }
    for key, value in replaced.items():
        holder, _, name = key.rpartition("_")
        holders[holder][name] = value
    return result


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "decisions.json"


def read(path: Path, content: bytes) -> list[PhotoWords]:
    path.write_bytes(content)
    return list(DecisionFile(path).photos())


def test_what_was_written_is_read(path):
    people = [
        PersonWords(ANNA, "Ann", "Anna"),
        PersonWords(ANNA, "Ben", hidden=True),
        PersonWords(BERTA, "Ben"),
    ]
    photos = [
        PhotoWords((HASH,), (PICTURE,), (), DATE, "Ann", RepeatWords(False, "Ben")),
        PhotoWords(
            (HASH, "2" * 40),
            (),
            (
                FaceWords(Box(0.1, 0.2, 0.3, 0.4), "Ann", ANNA, (BERTA,), True, True),
                FaceWords(Box(-0.1, 0.2, 1.3, 0.4), "Ben"),
            ),
        ),
    ]
    folders = [FolderWords(("Photos", "Album 1"), "Ann")]
    decision_files.write(path, {"library": ANNA}, people, folders, photos)
    file = DecisionFile(path)
    assert (list(file.people), list(file.folders)) == (people, folders)
    assert list(file.photos()) == photos
    assert json.loads(path.read_text(encoding="utf-8"))["library"] == ANNA


def test_a_sound_file_is_read(path):
    (photo,) = read(path, json.dumps(document()).encode())
    assert photo.faces[0].person == ANNA
    (photo,) = read(path, b"\xef\xbb\xbf" + json.dumps(document()).encode())
    assert photo.date == DATE


def test_names_are_kept_as_names_are(path):
    path.write_text(json.dumps(document(person_name=" Jose\u0301  W. ")), encoding="utf-8")
    assert DecisionFile(path).people[0].name == "José W."


@pytest.mark.parametrize("author", [None, "absent"])
def test_what_bears_no_author_is_by_somebody_unknown(path, author):
    content = document(face_author=None)
    if author == "absent":
        del content["photos"][0]["faces"][0]["author"]
    (photo,) = read(path, json.dumps(content).encode())
    assert photo.faces[0].author == "unknown"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"PK\x03\x04",
        b'{"format": "something else", "version": 1, "people": [], "photos": []}',
        b'{"version": 1, "people": [], "photos": []}',
        json.dumps(document()).encode()[:-1],
        json.dumps(document()).encode("utf-16"),
        json.dumps(document(weather="rain")).replace('"rain"', "NaN").encode(),
        b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"x": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_what_is_no_file_of_decisions_is_told(path, content):
    with pytest.raises(DecisionFileError, match="is no file of decisions") as caught:
        read(path, content)
    require_a_sentence(caught.value, path)


WRONG = [
    ("version", "1"),
    ("version", 0),
    ("version", True),
    ("people", {}),
    ("photos", "x"),
    ("people", [1]),
    ("photos", [None]),
    ("person_uid", "7"),
    ("person_uid", 7),
    ("person_uid", None),
    ("person_uid", "x" * 10_000_000),
    ("person_name", 5),
    ("person_name", ""),
    ("person_name", "\u200b"),
    ("person_name", "A\x1b[2J"),
    ("person_name", "A\nB"),
    ("person_name", "A\ud800"),
    ("person_name", "A" * 10_000_000),
    ("person_hidden", 1),
    ("person_author", ["Ann"]),
    ("photo_hashes", HASH),
    ("photo_hashes", [HASH.replace("0", "A")]),
    ("photo_hashes", [HASH + "\n"]),
    ("photo_hashes", [0]),
    ("photo_pictures", [HASH]),
    ("photo_faces", {}),
    ("photo_faces", [[]]),
    ("photo_date", 1923),
    ("photo_date", "1923"),
    ("photo_date", "1923-05-01 00:00:00|century|"),
    ("photo_date", "1923-05-01T00:00:00|month|about"),
    ("photo_date", "1923-05-01 00:00:00+02:00|month|about"),
    ("photo_date", "0099-05-01 00:00:00|month|"),
    ("photo_author", "\x00"),
    ("face_box", None),
    ("face_box", [0.1, 0.2, 0.3]),
    ("face_box", [0.1, 0.2, 0.3, "0.4"]),
    ("face_box", [0.1, 0.2, 0.3, True]),
    ("face_box", [0.1, 0.2, 0.3, 0]),
    ("face_box", [0.1, 0.2, -0.3, 0.4]),
    ("face_box", [0.1, 0.2, 0.3, 10**400]),
    ("face_box", [100, 100, 50, 50]),
    ("face_box", [0.8, 0.2, 0.3, 0.4]),
    ("face_person", BERTA),
    ("face_person", 1),
    ("face_not", ANNA),
    ("face_not", [BERTA]),
    ("face_excluded", "no"),
    ("face_drawn", 0),
    ("folders", {}),
    ("folder_path", None),
    ("folder_path", []),
    ("folder_path", "Photos"),
    ("folder_path", ["Photos", 1]),
    ("folder_path", ["Photos", ".."]),
    ("folder_path", ["."]),
    ("folder_path", [""]),
    ("folder_path", ["Photos/Album"]),
    ("folder_path", ["C:\\Photos"]),
    ("folder_path", ["Photos\n"]),
    ("folder_path", ["x" * 300]),
    ("folder_author", 1),
    ("photo_repeats", True),
    ("repeat_allowed", None),
    ("repeat_allowed", 1),
    ("repeat_author", "\x00"),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_no_photoclust_writes_is_refused(path, number):
    key, value = WRONG[number]
    with pytest.raises(DecisionFileError, match="cannot be used") as caught:
        read(path, json.dumps(document(**{key: value})).encode())
    require_a_sentence(caught.value, path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(path, number):
    content = json.dumps(document()).replace("0.3", number).encode()
    with pytest.raises(DecisionFileError) as caught:
        read(path, content)
    require_a_sentence(caught.value, path)


@pytest.mark.parametrize("key", ["people", "photos"])
def test_a_file_without_one_of_its_lists_is_refused(path, key):
    content = document()
    del content[key]
    with pytest.raises(DecisionFileError, match=f"{key} is missing"):
        read(path, json.dumps(content).encode())


def test_a_newer_file_says_what_to_do(path):
    with pytest.raises(DecisionFileError, match="update photoclust"):
        read(path, json.dumps(document(version=2)).encode())


def test_a_file_that_is_too_large_is_refused_unread(path, monkeypatch):
    monkeypatch.setattr(decision_reader, "MAX_BYTES", 2**20)
    with pytest.raises(DecisionFileError, match="larger than 1 MB"):
        read(path, b" " * (2**20 + 1))


def test_what_cannot_be_opened_is_told(tmp_path):
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(DecisionFileError, match="cannot be read"):
            DecisionFile(path)


def require_a_sentence(error: DecisionFileError, path: Path) -> None:
    text = str(error)
    assert str(path) in text
    assert len(text) < len(str(path)) + 150
    assert text.isprintable()
