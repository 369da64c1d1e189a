"""All faces as CSV and JSON."""

import csv
import json
import stat

import pytest

from photoclust.core.errors import UserError
from photoclust.services import names_out, names_out_tables
from photoclust.services.names_out import Wanted


@pytest.fixture
def target(tmp_path):
    return tmp_path / "faces.csv"


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_face_has_a_line(decided, target):
    listed = names_out_tables.export_csv(decided.library, target, Wanted())
    assert (listed.faces, listed.photos) == (6, 2)
    rows = {row["face"]: row for row in read(target)}
    assert len(rows) == 6
    anna = rows[f"f{decided.faces['a.jpg'][0]}"]
    assert (anna["person"], anna["state"]) == ("Anna Ö.", "confirmed")
    assert anna["path"] == str(decided.folder / "a.jpg")
    assert [float(anna[key]) for key in ("x", "y", "w", "h")] == [20, 20, 80, 90]
    assert [float(anna[f"{key}_rel"]) for key in "xywh"] == pytest.approx(
        [20 / 400, 20 / 300, 80 / 400, 90 / 300], abs=1e-6
    )
    assert sorted(row["state"] for row in rows.values()) == [
        "confirmed",
        "confirmed",
        "confirmed",
        "no-name",
        "not-a-face",
        "rejected",
    ]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_json_says_the_same(decided, target):
    names_out_tables.export_csv(decided.library, target, Wanted())
    document = target.with_suffix(".json")
    names_out_tables.export_json(decided.library, document, Wanted())
    read_again = json.loads(document.read_text("utf-8"))
    assert read_again["format"] == "photoclust faces"
    said = [{key: str(value) for key, value in face.items()} for face in read_again["faces"]]
    assert [face["person_id"] for face in said] == [row["person_id"] for row in read(target)]
    assert [float(face["w"]) for face in said] == [float(row["w"]) for row in read(target)]


def test_of_one_person_alone(decided, target):
    people = names_out.find_people(decided.library, ["berta"])
    names_out_tables.export_csv(decided.library, target, Wanted(people))
    assert [row["person"] for row in read(target)] == ["Berta"]


def test_a_name_is_no_formula(shelf, target):
    shelf.add("a.jpg")
    shelf.name("a.jpg", 0, "=1+2")
    names_out_tables.export_csv(shelf.library, target, Wanted())
    assert read(target)[0]["person"] == "'=1+2"


def test_nothing_is_overwritten_unasked(decided, target):
    target.write_text("mine")
    with pytest.raises(UserError, match="there already"):
        names_out_tables.export_csv(decided.library, target, Wanted())
    assert target.read_text() == "mine"
    names_out_tables.export_csv(decided.library, target, Wanted(), force=True)
    assert len(read(target)) == 6
    with pytest.raises(UserError, match="is a folder"):
        names_out_tables.export_json(decided.library, decided.folder, Wanted())
