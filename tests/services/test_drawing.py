import shutil

import pytest

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.core.types import Box
from photoclust.services import browse, drawing, history, ingest
from photoclust.store import face_table
from photoclust.vision.models import DEFAULT_EMBEDDER

SETTINGS = Settings(workers=1)

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def album(library, demo_album, tmp_path):
    """A library with one photo whose only face was deleted from it, and where that was."""
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copyfile(demo_album / "Space" / "astronaut.png", folder / "astronaut.png")
    shutil.copyfile(
        demo_album / "2009 Capitol" / "address, stored sideways.jpg", folder / "sideways.jpg"
    )
    ingest.ingest(library, [folder], SETTINGS)
    return {face.path.name: face for face in browse.faces(library)}


@pytest.mark.parametrize("name", ["astronaut.png", "sideways.jpg"])
def test_a_drawn_face_is_as_good_as_a_found_one(library, album, name):
    """Drawn where the detector found it, it looks the same, also in a turned picture."""
    found = album[name]
    face, _ = drawing.draw(library, found.photo, found.box, SETTINGS)
    (drawn,) = browse.faces_by_id(library, [face])
    assert drawn.drawn
    assert drawn.box.iou(found.box) > 0.99
    side = max(found.box.w, found.box.h)
    for ours, theirs in zip(drawn.landmarks, found.landmarks, strict=True):
        assert abs(ours[0] - theirs[0]) + abs(ours[1] - theirs[1]) < 0.4 * side
    with library.read() as tx:
        ids, vectors = face_table.load_vectors(tx, DEFAULT_EMBEDDER)
    vector_of = dict(zip(ids.tolist(), vectors, strict=True))
    assert vector_of[face] @ vector_of[found.id] > 0.97


def test_a_drawn_face_can_be_named_at_once_and_undone_as_one(library, album):
    photo = album["astronaut.png"].photo
    before = browse.groups(library)
    face, changes = drawing.draw(library, photo, Box(5, 5, 40, 50), SETTINGS, name="Otto")
    assert changes.faces == {face}
    (otto,) = browse.people_called(library, "otto")
    assert (otto.faces, otto.cover) == (1, face)
    history.undo(library)
    assert browse.groups(library) == before
    assert face not in {item.id for item in browse.faces(library)}
    history.redo(library)
    assert [group.name for group in browse.people_called(library, "Otto")] == ["Otto"]


def test_a_drawn_face_survives_that_its_picture_is_read_again(library, album):
    found = album["astronaut.png"]
    face, _ = drawing.draw(library, found.photo, Box(5, 5, 40, 50), SETTINGS)
    path = found.path
    data = path.read_bytes()
    path.write_bytes(data[:-12] + b"\0\0\0\x04tEXtab\0c\0\0\0\0" + data[-12:])
    ingest.ingest(library, [path.parent], SETTINGS)
    assert {item.id for item in browse.faces_of_photo(library, found.photo)} == {found.id, face}


@pytest.mark.parametrize(
    "box", [Box(-1, 0, 50, 50), Box(0, 0, 7, 50), Box(0, 0, 9999, 50), Box(0, 0, float("nan"), 9)]
)
def test_a_box_that_is_no_part_of_the_photo_is_refused(library, album, box):
    with pytest.raises(UserError, match="draw it inside the photo"):
        drawing.draw(library, album["astronaut.png"].photo, box, SETTINGS)
    assert history.entries(library)[0].kind == "scan"


def test_nothing_is_drawn_on_a_photo_that_is_not_there(library, album):
    found = album["astronaut.png"]
    found.path.unlink()
    ingest.ingest(library, [found.path.parent], SETTINGS)
    with pytest.raises(UserError, match="not there now"):
        drawing.draw(library, found.photo, Box(5, 5, 40, 50), SETTINGS)
