"""The study of a verification head, with faces as they are and aligned."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import UserError
from photoclust.core.progress import JobControl
from photoclust.training.normalisation import FixedStandardisation
from photoclust.training.options import LossName, Options
from photoclust.training.telling import HELD_OUT, TRAINED
from photoclust.training.verification_study import AlignedInputs, study
from photoclust.vision import models

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]
SHAPE = np.array([[55, 70], [105, 70], [80, 95], [60, 120], [100, 120]], np.float32)


def test_the_head_is_measured_beside_the_cosine(make_run_faces):
    faces = make_run_faces(people=6, each=8, dimension=16)
    before, after = study(faces, Options(loss=LossName.VERIFICATION), JobControl())
    assert set(before) == set(after) >= {TRAINED, HELD_OUT}
    assert before[TRAINED].eer < 0.3
    assert before[TRAINED] != after[TRAINED]


def test_a_turned_crop_enters_as_if_it_were_upright():
    crops = np.random.default_rng(0).integers(0, 256, (3, 160, 160, 3), np.uint8)
    turned = np.ascontiguousarray(np.rot90(crops, -1, axes=(1, 2)))
    points = np.stack([160 - SHAPE[:, 1], SHAPE[:, 0]], axis=1)
    inputs = AlignedInputs(turned, np.stack([points] * 3), SHAPE)
    found = inputs(np.array([2, 0])).numpy()
    expected = FixedStandardisation()(crops[[2, 0]])
    np.testing.assert_allclose(found, expected, atol=1.01 / 128)


def test_aligning_faces_that_lie_alike_changes_nothing(make_run_faces):
    faces = make_run_faces(people=3, each=4, strangers=2, dimension=512, noise=3.0, side=160)
    alike = replace(faces, landmarks=np.stack([SHAPE] * len(faces.vectors)))
    as_seen = replace(faces, vectors=models.load_embedder().embed(faces.crops))
    options = Options(loss=LossName.VERIFICATION, align=True)
    _, aligned = study(alike, options, JobControl())
    _, plain = study(as_seen, replace(options, align=False), JobControl())
    _, others = study(faces, replace(options, align=False), JobControl())
    assert aligned[TRAINED] == plain[TRAINED] != others[TRAINED]


@pytest.mark.parametrize("side", [None, 160])
def test_faces_without_pixels_or_landmarks_cannot_be_aligned(make_run_faces, side):
    faces = make_run_faces(people=2, each=2, strangers=1, dimension=512, side=side)
    with pytest.raises(UserError, match="start the training anew"):
        study(faces, Options(loss=LossName.VERIFICATION, align=True), JobControl())
