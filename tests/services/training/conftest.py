"""Made-up faces as folders of photos hold them."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from photoclust.services.training_folders import FolderFaces

DAY_S = 86_400.0
MakeFolder = Callable[..., FolderFaces]


@pytest.fixture(scope="session")
def make_folder() -> MakeFolder:
    """`make_folder({"Ada": 6, "": 9}, seed)`: so many faces of each, one a photo, each taken on
    another day; nobody is named "" and each such face is somebody else's. A name always is the same
    person, and with another `seed` these are other faces of theirs.
    """

    def make(
        faces: Mapping[str, int], seed: int = 0, *, noise: float = 1.1, side: int = 8
    ) -> FolderFaces:
        rng = np.random.default_rng([seed, *(ord(letter) for name in faces for letter in name)])
        names = [name for name, count in faces.items() for _ in range(count)]
        vectors = np.zeros((len(names), 512), np.float32)
        for row, name in enumerate(names):
            own = np.random.default_rng([ord(letter) for letter in name]) if name else rng
            vector = own.normal(size=48) + noise * rng.normal(size=48)
            vectors[row, :48] = vector / np.linalg.norm(vector)
        count = len(names)
        return FolderFaces(
            vectors=vectors,
            quality=np.ones(count, np.float32),
            photo=np.arange(count),
            taken=1e9 + DAY_S * np.arange(count) + 1e8 * seed,
            name=np.array(names, np.str_),
            crops=rng.integers(0, 256, (count, side, side, 3), np.uint8),
            landmarks=rng.uniform(0, side, (count, 5, 2)).astype(np.float32),
            paths=np.array([f"{name or 'all'}/{seed}-{row}.jpg" for row, name in enumerate(names)]),
            failed=0,
        )

    return make
