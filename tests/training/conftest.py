"""Made-up faces of people."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from photoclust.training.faces import RunFaces

MakeFaces = Callable[..., tuple[NDArray[np.float32], NDArray[np.int64]]]


@pytest.fixture(scope="session")
def make_faces() -> MakeFaces:
    """`make_faces(seed, sizes, dimension, noise)`: unit vectors and their people, numbered without
    a gap, in no order. The same but for `noise` gives the same people in the same order.
    """

    def make(
        seed: int, sizes: Sequence[int], dimension: int = 16, noise: float = 0.8
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        rng = np.random.default_rng(seed)
        people = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        vectors = rng.normal(size=(len(sizes), dimension))[people]
        vectors = vectors + noise * rng.normal(size=vectors.shape)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / lengths).astype(np.float32), people

    return make


MakeRunFaces = Callable[..., RunFaces]


@pytest.fixture(scope="session")
def make_run_faces(make_faces: MakeFaces) -> MakeRunFaces:
    """`make_run_faces(people, each, strangers, dimension, noise, side)`: the faces of a run.

    Of each of the trained `people` half of the faces are to train on; a fifth as many people are
    held out. `strangers` are as many again, half of their faces to distil, the others to test on.
    All are occasions of their own. With a `side` they have crops that show who they are.
    """

    def make(
        people: int = 8,
        each: int = 8,
        strangers: int = 6,
        dimension: int = 16,
        noise: float = 0.8,
        side: int | None = None,
        seed: int = 0,
    ) -> RunFaces:
        held_out = max(2, people // 5)
        total = people + held_out + strangers
        vectors, person = make_faces(seed, [each] * total, dimension, noise)
        place = np.empty(len(person), np.int64)  # of a face among those of its person
        for who in range(total):
            place[person == who] = np.arange(each)
        first = place < each // 2
        is_trained, is_strange = person < people, person >= people + held_out
        crops = None
        if side is not None:
            rng = np.random.default_rng([seed, side])
            looks = rng.integers(0, 256, (total, 4, 4, 3))
            coarse = looks[person] + rng.normal(0, 20, (len(person), 4, 4, 3))
            crops = coarse.clip(0, 255).astype(np.uint8).repeat(side // 4, 1).repeat(side // 4, 2)
        distil = np.flatnonzero(is_strange & first)
        named = person.copy()
        named[distil] = -1
        return RunFaces(
            vectors=vectors,
            person=named,
            occasion=np.arange(len(person)),
            duplicates=np.arange(len(person)),
            train=np.flatnonzero(is_trained & first),
            test=np.flatnonzero(is_trained & ~first),
            held_out=np.flatnonzero(~is_trained & ~is_strange),
            distil=distil,
            strangers=np.flatnonzero(is_strange & ~first),
            crops=crops,
        )

    return make


@pytest.fixture
def one_thread() -> Iterator[None]:
    """torch computes in one thread: small things are slower in several, and a run takes all."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
