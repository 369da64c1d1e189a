"""A library with faces whose vectors and places are made up, and acts on it."""

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from photoclust.core.paths import LIBRARY_FILE
from photoclust.core.types import (
    Box,
    Detection,
    FileStat,
    FoundFace,
    Metadata,
    ModelId,
)
from photoclust.store import cluster_table, files, people
from photoclust.store import faces as face_store
from photoclust.store import photos as photo_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.journal import Act

MODEL = ModelId("made-up")
NO_METADATA = Metadata()
DATA = Path(__file__).parents[1] / "data"


def content_digest(content):
    """What the file with this content is known by."""
    return hashlib.blake2b(os.fsencode(content), digest_size=20).hexdigest()


def write_file(
    tx,
    path,
    content,
    *,
    size=10,
    mtime_ns=20,
    pixels=(400, 300),
    picture=None,
    metadata=NO_METADATA,
):
    """What a scan does with a file whose content is new to the library; the id of its photo.

    `size` is in bytes, `pixels` that of the picture.
    """
    digest = content_digest(content)
    stat = FileStat(Path(path), size, mtime_ns)
    photo = photo_store.write_photo(
        tx,
        photo=photo_store.photo_to_update(tx, stat.path, digest),
        size=pixels,
        turn=0,
        metadata=metadata,
        stat=stat,
        detector="made-up",
    )
    files.write_file(tx, stat, photo, digest, picture)
    return photo


@pytest.fixture
def old_library(tmp_path):
    """Folder of a library of schema 0001: four people, ten photos, nine faces."""
    return _copy("0001", tmp_path)


@pytest.fixture
def library_of_0002(tmp_path):
    """Folder of that library in schema 0002, where Berta is hidden, face 8 is no face, photo 2 is
    dated by hand, a renaming is undone, and a grouping is done.
    """
    return _copy("0002", tmp_path)


@pytest.fixture
def library_of_0003(tmp_path):
    """Folder of that library in schema 0003, where a folder and a photo may show one person several
    times, face 7 is not Anna, and there are a proposal and a second grouping.
    """
    return _copy("0003", tmp_path)


@pytest.fixture
def library_of_0004(tmp_path):
    """Folder of that library in schema 0004, where recognition named face 7 Berta."""
    return _copy("0004", tmp_path)


@pytest.fixture
def library_of_0005(tmp_path):
    """Folder of that library in schema 0005, where Anna is also called Annie, José was born in
    1990, and is on photo 3 without a face.
    """
    return _copy("0005", tmp_path)


@pytest.fixture
def library_of_0006(tmp_path):
    """Folder of that library in schema 0006, where the vector of face 2 is of an 8-bit network."""
    return _copy("0006", tmp_path)


@pytest.fixture
def library_of_0007(tmp_path):
    """Folder of that library in schema 0007, where photo 3 is shown for itself and photo 4, and
    what it looks like is known.
    """
    return _copy("0007", tmp_path)


def _copy(version, folder):
    folder = folder / f"library {version}"
    folder.mkdir(mode=0o700)
    shutil.copyfile(DATA / f"library-{version}.sqlite3", folder / LIBRARY_FILE)
    return folder


class Maker:
    """Puts photos and faces into a library."""

    def __init__(self, library):
        self.library = library
        self.made = 0

    def photo(self, path=None, size=(400, 300), metadata=NO_METADATA):
        """A photo held by one file; its id."""
        self.made += 1
        path = path or f"/photos/{self.made}.jpg"
        with self.library.write() as tx:
            return write_file(tx, path, f"photo {self.made}", pixels=size, metadata=metadata)

    def faces(self, photo, found, size=(400, 300)):
        """Make `found` the faces of the photo; their ids."""
        with self.library.write() as tx:
            return face_store.replace_faces(tx, photo, found, size, MODEL)

    def new_faces(self, count):
        """As many faces, each in a photo of its own."""
        return [self.faces(self.photo(), [found_face()])[0] for _ in range(count)]


@pytest.fixture
def maker(library):
    return Maker(library)


def carry_out(tx, decide, *details):
    """One act: `decide` with `details`; gives what it touched."""
    act = Act(tx, decide.__name__)
    decide(act, *details)
    return act.finish()


def new_person(tx, name=None):
    """A person of this name, or without one; their id."""
    act = Act(tx, "name")
    person = people.add_person(act, name)
    act.finish()
    return person


def found_face(box=(40, 30, 100, 100), *, quality=0.5, score=0.9, seed=0):
    """A face at `box` (px) whose vector is drawn with `seed`."""
    x, y, w, h = box
    places = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    vector = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return FoundFace(
        Detection(Box(x, y, w, h), tuple((x + a * w, y + b * h) for a, b in places), score),
        quality,
        vector / np.linalg.norm(vector),
    )


@pytest.fixture
def make_face():
    return found_face


@pytest.fixture
def write():
    return write_file


@pytest.fixture
def digest():
    return content_digest


@pytest.fixture
def do():
    return carry_out


@pytest.fixture
def person():
    return new_person


@pytest.fixture
def two_groups(library, maker):
    """Five faces; the first two and the next two are a group each."""
    faces = maker.new_faces(5)
    with library.write() as tx:
        contents = [ClusterContent(None, None, faces[:2]), ClusterContent(None, None, faces[2:4])]
        cluster_table.replace_clusters(tx, contents)
        first, second = cluster_table.owners(tx)
    return faces, first, second
