"""Libraries to work on: an empty one, and one with people whose vectors are made up."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from photoclust.core.types import (
    Box,
    Detection,
    FaceId,
    FileStat,
    FoundFace,
    Metadata,
    PhotoId,
)
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.vision.models import DEFAULT_EMBEDDER

DIM = 512
SIZE = (400, 300)


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "library") as library:
        yield library


@dataclass
class Crowd:
    """Puts photos with one face each into a library; faces of one person are alike."""

    library: Library
    made: int = 0

    def photos_of(self, person: int, count: int) -> list[FaceId]:
        """As many photos of the person with this number; the ids of their faces."""
        centre = np.random.default_rng([1, person]).standard_normal(DIM)
        return [self._photo(centre)[1] for _ in range(count)]

    def _photo(self, centre: np.ndarray) -> tuple[PhotoId, FaceId]:
        self.made += 1
        noise = np.random.default_rng([2, self.made]).standard_normal(DIM)
        vector = (centre + 0.4 * noise).astype(np.float32)
        points = ((70, 70), (110, 70), (90, 95), (75, 115), (105, 115))
        face = FoundFace(
            Detection(Box(40, 30, 100, 110), points, 0.9),
            0.5 + self.made / 1000,
            vector / np.linalg.norm(vector),
        )
        stat = FileStat(Path(f"/photos/{self.made}.jpg"), 1, 1)
        with self.library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=SIZE,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            file_store.write_file(tx, stat, photo, f"{self.made:040x}")
            (face_id,) = face_store.replace_faces(tx, photo, [face], SIZE, DEFAULT_EMBEDDER)
        return photo, face_id


@pytest.fixture(scope="session")
def crowd_in():
    """What makes a `Crowd` of any library."""
    return Crowd


@pytest.fixture
def crowd(library):
    return Crowd(library)
