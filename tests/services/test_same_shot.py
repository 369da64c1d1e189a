"""Faces of one shot in several files."""

import numpy as np
import pytest

from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata
from photoclust.services import browse
from photoclust.services.grouping import group
from photoclust.services.same_shot import repeated_faces
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.vision.models import DEFAULT_EMBEDDER


@pytest.fixture
def add(library, tmp_path):
    """`add(name, size, boxes, vectors)`: a photo with faces; gives their ids."""

    def add(name, size, boxes, vectors):
        points = ((1, 1),) * 5
        found = [
            FoundFace(Detection(Box(*box), points, 0.9), 0.8, vector / np.linalg.norm(vector))
            for box, vector in zip(boxes, vectors.astype(np.float32), strict=True)
        ]
        stat = FileStat(tmp_path / name, 1, 1)
        with library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=size,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            file_store.write_file(tx, stat, photo, name.encode().hex().zfill(40))
            return face_store.replace_faces(tx, photo, found, size, DEFAULT_EMBEDDER)

    return add


def numbers(library, ids):
    with library.read() as tx:
        return repeated_faces(tx, np.array(ids, np.int64)).tolist()


def test_faces_in_the_same_place_of_files_of_one_name_are_one(library, add):
    vectors = np.random.default_rng(0).normal(size=(2, 512))
    boxes = [(10, 10, 40, 40), (100, 10, 40, 40)]
    raw = add("IMG_1.dng", (400, 300), boxes, vectors)
    scaled = [tuple(value / 2 for value in box) for box in reversed(boxes)]
    jpeg = add("IMG_1.jpg", (200, 150), scaled, vectors)
    assert numbers(library, [*raw, *jpeg]) == [0, 1, 1, 0]
    assert numbers(library, [*jpeg, raw[0]]) == [-1, 0, 0]


@pytest.mark.parametrize("name", ["IMG_2.jpg", "other/IMG_1.jpg", "IMG_1.b.jpg", "IMG_1 (1).jpg"])
def test_other_names_and_folders_are_other_shots(library, add, name):
    vectors = np.random.default_rng(0).normal(size=(1, 512))
    (raw,) = add("IMG_1.dng", (400, 300), [(10, 10, 40, 40)], vectors)
    (other,) = add(name, (400, 300), [(10, 10, 40, 40)], vectors)
    assert numbers(library, [raw, other]) == [-1, -1]


def test_faces_in_other_places_of_a_shot_are_others(library, add):
    vectors = np.random.default_rng(0).normal(size=(1, 512))
    (raw,) = add("IMG_1.dng", (400, 300), [(10, 10, 40, 40)], vectors)
    (jpeg,) = add("IMG_1.jpg", (400, 300), [(200, 10, 40, 40)], vectors)
    assert numbers(library, [raw, jpeg]) == [-1, -1]


@pytest.mark.usefixtures("in_process")
def test_strangers_shot_once_as_raw_and_jpeg_are_no_groups(library, add):
    rng = np.random.default_rng(1)
    for number in range(60):
        vector = rng.normal(size=512)
        for ending in ("dng", "jpg"):
            # Another rendering: alike as two photos of one person are, not as two copies are.
            mine = (vector + 0.6 * rng.normal(size=512))[None]
            add(f"IMG_{number}.{ending}", (400, 300), [(10, 10, 40, 40)], mine)
    assert group(library).clusters == 0
    assert len(browse.single_faces(library)) == 120
