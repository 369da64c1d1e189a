"""A library with made-up faces of known vectors, and acts on it."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from photoclust.core.paths import THUMBNAILS
from photoclust.core.types import Box, Detection, FaceId, FileStat, FoundFace, Metadata, ModelSpec
from photoclust.media.thumbnails import ThumbnailCache
from photoclust.store import decisions, journal, recognitions
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.vision import models
from photoclust.vision.models import DEFAULT_EMBEDDER

DIM = 512
SIZE = (400, 300)


@dataclass
class Faces:
    """Puts photos with one face each into a library; `vectors` are those given, by face."""

    library: Library
    vectors: dict[FaceId, np.ndarray] = field(default_factory=dict)
    made: int = 0

    def begin_as(self, other: "Faces", fill: Callable[[Library, Path], None]) -> None:
        """Fill this library, which is empty, with what is in that of `other`."""
        fill(self.library, other.library.folder)
        self.vectors |= other.vectors
        self.made = other.made

    def add(self, count: int) -> list[FaceId]:
        """As many photos with a face of its own; the ids of these."""
        return [self._photo() for _ in range(count)]

    def _photo(self) -> FaceId:
        self.made += 1
        vector = np.random.default_rng(self.made).standard_normal(DIM).astype(np.float32)
        vector /= np.linalg.norm(vector)
        points = ((70, 70), (110, 70), (90, 95), (75, 115), (105, 115))
        box = Box(40 + self.made, 30, 100, 110)
        face = FoundFace(Detection(box, points, 0.9), 0.5 + self.made / 1000, vector)
        stat = FileStat(Path(f"/photos/{self.made}.jpg"), 1000 + self.made, 10**18 + self.made)
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
            digest = hashlib.blake2b(str(self.made).encode(), digest_size=20).hexdigest()
            file_store.write_file(tx, stat, photo, digest, digest[:32])
            (face_id,) = face_store.replace_faces(tx, photo, [face], SIZE, DEFAULT_EMBEDDER)
        ThumbnailCache(self.library.folder / THUMBNAILS).put(str(face_id), b"a face")
        self.vectors[face_id] = vector
        return face_id


@pytest.fixture
def faces(library):
    return Faces(library)


@pytest.fixture(scope="session")
def faces_below(empty_library) -> Callable[[Path], Faces]:
    """Makes a library in a folder, for fixtures of which many tests begin with a copy."""

    def make(folder: Path) -> Faces:
        return Faces(Library(shutil.copytree(empty_library, folder / "library")))

    return make


@pytest.fixture(scope="session")
def verified() -> set[str]:
    """The models whose files were found sound."""
    return set()


@pytest.fixture(autouse=True)
def models_are_verified_once(verified, monkeypatch) -> None:
    """Their 33 MB are not hashed again in each look at a library."""
    verify = models.verify

    def verify_once(spec: ModelSpec) -> None:
        if spec.id not in verified:
            verify(spec)
            verified.add(spec.id)

    monkeypatch.setattr(models, "verify", verify_once)


def whole(library: Library) -> bool:
    """Whether the library says what a replay of its journal would."""
    with library.read() as tx:
        return journal.standing(tx) == decisions.everything(tx)


@pytest.fixture
def is_whole():
    return whole


def name_automatically(
    library: Library, named: dict[int, int], runner_up: int = -1
) -> recognitions.Written:
    """Name faces as recognition does: face → person, with the same person second in all."""
    count = len(named)
    verdicts = recognitions.Verdicts(
        face=np.array(list(named), np.int64),
        person=np.array(list(named.values()), np.int64),
        probability=np.full(count, 0.9),
        similarity=np.full(count, 0.8),
        runner_up=np.full(count, runner_up),
        runner_up_similarity=np.full(count, 0.4),
        runner_up_probability=np.full(count, 0.1),
        named=np.ones(count, np.bool_),
    )
    judged = np.array(list(named), np.int64)
    with library.write() as tx:
        return recognitions.write(tx, verdicts, judged, model=DEFAULT_EMBEDDER)


@pytest.fixture
def recognize(library):
    return partial(name_automatically, library)


def shown(library: Library) -> dict[int, int | None]:
    """The person shown for each face."""
    with library.read() as tx:
        return dict(tuple(row) for row in tx.exec_driver_sql("SELECT id, person_id FROM face"))


@pytest.fixture
def people_shown():
    return shown
