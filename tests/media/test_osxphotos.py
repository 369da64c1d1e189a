import json
from pathlib import Path

import pytest

from photoclust.core.errors import UserError
from photoclust.core.types import Box
from photoclust.media import osxphotos

QUERY = [
    {
        "uuid": "1",
        "path": "/lib/originals/A/1.jpeg",
        "path_edited": None,
        "original_filename": "IMG_1.JPG",
        "filename": "1.jpeg",
        "persons": ["Anna", "_UNKNOWN_"],
        "width": 400,
        "height": 300,
        "orientation": 1,
        "faces": [
            {"name": "Anna", "mwg_rs_area": {"x": 0.25, "y": 0.3, "w": 0.1, "h": 0.2}},
            {"name": "_UNKNOWN_", "mwg_rs_area": {"x": 0.5, "y": 0.5, "w": 0.1, "h": 0.1}},
            {"name": "Bert", "mpri_reg_rect": {"x": 0.5, "y": 0.5, "w": 0.1, "h": 0.1}},
            {"name": "Caro"},
        ],
    },
    {"uuid": "2", "path": "/lib/2.jpeg", "persons": [], "faces": []},
]


def test_a_query_tells_faces_and_what_the_photo_may_be_called(tmp_path):
    path = tmp_path / "query.json"
    path.write_text(json.dumps(QUERY))
    told = osxphotos.read(path)
    (photo,) = told.photos
    assert photo.paths == (Path("/lib/originals/A/1.jpeg"), Path("IMG_1.JPG"), Path("1.jpeg"))
    (anna, first), (bert, second) = photo.faces
    assert (anna, bert) == ("Anna", "Bert")
    assert (first.x, first.y, first.w, first.h) == pytest.approx((0.2, 0.2, 0.1, 0.2))
    assert second == Box(0.5, 0.5, 0.1, 0.1)
    assert photo.size == (400, 300)
    assert told.nameless == 1


@pytest.mark.parametrize("group", ["XMP:", ""])
def test_sidecars_of_an_export(tmp_path, group):
    tags = {
        "SourceFile": "IMG_1.jpg",
        f"{group}RegionName": ["Anna", "Bert"],
        f"{group}RegionAreaX": [0.25, 0.6],
        f"{group}RegionAreaY": [0.3, 0.6],
        f"{group}RegionAreaW": [0.1, 0.1],
        f"{group}RegionAreaH": [0.2, 0.2],
        f"{group}RegionAppliedToDimensionsW": 400,
        f"{group}RegionAppliedToDimensionsH": 300,
    }
    folder = tmp_path / "2010"
    folder.mkdir()
    (folder / "IMG_1.jpg.json").write_text(json.dumps([tags]))
    (folder / "broken.json").write_text("{")
    told = osxphotos.read(tmp_path)
    (photo,) = told.photos
    assert photo.paths[0] == folder / "IMG_1.jpg"
    assert [name for name, _ in photo.faces] == ["Anna", "Bert"]
    assert photo.faces[0][1].x == pytest.approx(0.2)
    assert len(told.problems) == 1
    assert "broken.json is no JSON" in told.problems[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [("[", "is no JSON"), ("[1, null]", "tells of no photos"), ("[" * 10**5, "is no JSON")],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, content, words):
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(UserError, match=words):
        osxphotos.read(path)
    with pytest.raises(UserError, match=r"nothing\.json"):
        osxphotos.read(tmp_path / "nothing.json")
