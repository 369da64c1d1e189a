"""A library with faces whose vectors and places are made up."""

from pathlib import Path

import numpy as np
import pytest

from photoclust.core.types import (
    Box,
    Detection,
    FileStat,
    FoundFace,
    Metadata,
    ModelId,
)
from photoclust.store import faces as face_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library

MODEL = ModelId("made-up")


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "library") as library:
        yield library


class Maker:
    """Puts photos and faces into a library."""

    def __init__(self, library):
        self.library = library
        self.made = 0

    def photo(self, path=None, digest=None, size=(400, 300), taken_at=None):
        """A photo held by one file; its id."""
        self.made += 1
        path = Path(path or f"/photos/{self.made}.jpg")
        with self.library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                digest=digest or f"digest {self.made}",
                size=size,
                turn=0,
                metadata=Metadata(taken_at, None),
                detector="made-up",
            )
            photo_store.write_file(tx, FileStat(path, 10, 20), photo)
        return photo

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
