import shutil

import numpy as np
import pytest

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.core.types import Box
from photoclust.services import (
    browse,
    deciding,
    describing,
    drawing,
    forgetting,
    history,
    ingest,
    naming,
)
from photoclust.store import cluster_table, face_table, recognitions
from photoclust.store import people as people_store
from photoclust.store.cluster_table import ClusterContent
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
    with pytest.raises(UserError, match="no longer there"):
        drawing.draw(library, found.photo, Box(5, 5, 40, 50), SETTINGS)


# Boxes that are changed


def bigger(box):
    return Box(box.x - 5, box.y - 5, box.w + 10, box.h + 12)


@pytest.mark.parametrize("drawn", [False, True])
def test_a_box_can_be_changed_and_the_face_keeps_its_name(library, album, drawn):
    found = album["astronaut.png"]
    old = found.id
    if drawn:
        deciding.exclude(library, [f"f{old}"])
        old, _ = drawing.draw(library, found.photo, found.box, SETTINGS)
    otto = naming.name(library, f"f{old}", "Otto").person
    other = naming.name(library, f"f{album['sideways.jpg'].id}", "Berta").person
    deciding.reject(library, [f"f{old}"], f"p{other}")
    describing.choose_cover(library, f"f{old}")
    before = browse.faces_of_photo(library, found.photo), browse.groups(library)
    new, changes = drawing.resize(library, f"f{old}", bigger(found.box), SETTINGS)
    assert {old, new} <= changes.faces
    (face,) = browse.faces_of_photo(library, found.photo)
    assert (face.id, face.person, face.confirmed) == (new, otto, True)
    assert face.box.iou(bigger(found.box)) > 0.999
    (group,) = browse.people_called(library, "Otto")
    assert (group.faces, group.photos, group.cover) == (1, 1, new)
    with library.read() as tx:
        assert (new, other) in people_store.rejections(tx)
        ids, vectors = face_table.load_vectors(tx, DEFAULT_EMBEDDER)
    vector_of = dict(zip(ids.tolist(), vectors, strict=True))
    assert 0.5 < vector_of[new] @ vector_of[old] < 0.9999, "it was looked at again"
    assert history.title(history.entries(library)[0]) == "Changed the box of a face of Otto"
    history.undo(library)
    assert (browse.faces_of_photo(library, found.photo), browse.groups(library)) == before
    history.redo(library)
    assert [item.id for item in browse.faces_of_photo(library, found.photo)] == [new]


def test_a_face_with_another_box_stays_in_its_group_and_with_its_verdict(library, album):
    one, other = album["astronaut.png"], album["sideways.jpg"]
    person = naming.name(library, f"f{other.id}", "Berta").person
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, person, [one.id, other.id])])
    new, _ = drawing.resize(library, f"f{one.id}", bigger(one.box), SETTINGS)
    (face,) = browse.faces_by_id(library, [new])
    assert (face.person, face.confirmed) == (person, False)
    with library.write() as tx:
        nobody = np.full(1, np.nan)
        verdict = recognitions.Verdicts(
            *(np.array([new]), np.array([person]), np.array([0.99]), np.array([0.8])),
            *(np.array([-1]), nobody, nobody, np.array([True])),
        )
        recognitions.write(tx, verdict, None, model=DEFAULT_EMBEDDER)
    again, _ = drawing.resize(library, f"f{new}", one.box, SETTINGS)
    with library.read() as tx:
        kept = recognitions.of_face(tx, again)
    assert (kept.person, kept.named) == (person, True)
    assert browse.faces_by_id(library, [again])[0].person == person


def test_a_drawn_face_can_be_deleted_and_comes_back(library, album):
    found = album["astronaut.png"]
    face, _ = drawing.draw(library, found.photo, Box(5, 5, 40, 50), SETTINGS, name="Otto")
    deciding.exclude(library, [f"f{face}"])
    assert {item.id for item in browse.faces_of_photo(library, found.photo)} == {found.id}
    history.undo(library)
    (drawn,) = [each for each in browse.faces_of_photo(library, found.photo) if each.drawn]
    assert (drawn.id, drawn.confirmed) == (face, True)


def test_what_is_no_face_has_no_box_to_change(library, album):
    found = album["astronaut.png"]
    with pytest.raises(UserError, match="draw it inside the photo"):
        drawing.resize(library, f"f{found.id}", Box(-1, 0, 50, 50), SETTINGS)
    deciding.exclude(library, [f"f{found.id}"])
    with pytest.raises(UserError, match="is no face"):
        drawing.resize(library, f"f{found.id}", bigger(found.box), SETTINGS)
    with pytest.raises(UserError, match="there is no face f99"):
        drawing.resize(library, "f99", bigger(found.box), SETTINGS)


def test_who_is_forgotten_leaves_no_earlier_box(library, album):
    found = album["astronaut.png"]
    person = naming.name(library, f"f{found.id}", "Otto").person
    deciding.reject(library, [f"f{found.id}"])
    naming.name(library, f"f{album['sideways.jpg'].id}", "Otto")
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [])
    new, _ = drawing.resize(library, f"f{found.id}", bigger(found.box), SETTINGS)
    naming.name(library, f"f{new}", "Otto")
    assert forgetting.forget_person(library, f"p{person}").faces == 3
    with library.read() as tx:
        assert face_table.load_vectors(tx, DEFAULT_EMBEDDER)[0].tolist() == []
