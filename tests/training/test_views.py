"""Features of the frozen part, of all faces and of changed copies of some."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.training import views
from photoclust.training.augment import Augmentation
from photoclust.training.faces import RunFaces
from photoclust.training.normalisation import FixedStandardisation
from photoclust.training.options import DISTILLED_COPIES, TRAINED_COPIES
from photoclust.training.trainee import CropInputs

pytestmark = pytest.mark.train
COUNT = 70
TRAIN, DISTIL = np.arange(5, 25), np.arange(40, 50)


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(COUNT, 8)).astype(np.float32)
    nobody, none = np.full(COUNT, -1), np.empty(0, np.int64)
    crops = rng.integers(0, 256, (COUNT, 12, 12, 3), np.uint8)
    return RunFaces(
        vectors, nobody, nobody, nobody, TRAIN, np.arange(25, 40), none, DISTIL, none, crops
    )


@pytest.fixture
def inputs(faces):
    return CropInputs(faces.crops, FixedStandardisation(), Augmentation())


@pytest.fixture(scope="module")
def frozen():
    return torch.nn.Conv2d(3, 2, 3)


def compute(frozen, inputs, faces, *, seed=0, kept=None, control=None):
    return views.compute(
        frozen, inputs, faces, seed=seed, control=control or JobControl(), kept=kept
    )


def test_every_face_is_there_as_it_is_and_some_changed(frozen, inputs, faces):
    found = compute(frozen, inputs, faces)
    with torch.no_grad():
        expected = frozen(inputs(np.arange(COUNT))).numpy()
    np.testing.assert_allclose(found.features[:COUNT], expected, atol=1e-5)
    assert len(found.features) == COUNT + 2 * len(TRAIN) + len(DISTIL)
    np.testing.assert_array_equal(found.views[:, 0], np.arange(COUNT))
    copies = {face: set(found.views[face].tolist()) - {face} for face in range(COUNT)}
    assert {len(copies[face]) for face in TRAIN.tolist()} == {TRAINED_COPIES}
    assert {len(copies[face]) for face in DISTIL.tolist()} == {DISTILLED_COPIES}
    assert not any(copies[face] for face in {*range(COUNT)} - {*TRAIN.tolist(), *DISTIL.tolist()})
    every = [row for each in copies.values() for row in each]
    assert sorted(every) == list(range(COUNT, len(found.features)))
    changed = [
        not np.allclose(found.features[row], found.features[face], atol=1e-3)
        for face, rows in copies.items()
        for row in rows
    ]
    # By chance some copies are left as they are.
    assert np.mean(changed) > 0.8


def test_a_seed_gives_the_same_copies_and_what_is_kept_is_not_computed_again(
    frozen, inputs, faces, tmp_path
):
    one, same, other = (compute(frozen, inputs, faces, seed=seed).features for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    compute(frozen, inputs, faces, kept=tmp_path)
    assert (tmp_path / views.FILE).stat().st_mode & 0o077 == 0
    kept = compute(None, None, faces, kept=tmp_path)
    np.testing.assert_array_equal(kept.features, compute(frozen, inputs, faces).features)


def test_cancelled_or_not_written_means_nothing_is_kept(
    frozen, inputs, faces, tmp_path, monkeypatch
):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        compute(frozen, inputs, faces, kept=tmp_path, control=control)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(UserError, match="No space left on device"):
        compute(frozen, inputs, faces, kept=tmp_path)
    assert not any(tmp_path.iterdir())
