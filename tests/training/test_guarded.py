"""Blocks whose new end counts only where a trained person may be."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.training.adapter import ResidualAdapter
from photoclust.training.backbones.layers import UnitLength
from photoclust.training.backbones.stages import Stages
from photoclust.training.guarded import REACH, GuardedBlocks

pytestmark = pytest.mark.train
SIZE = 8


def end(seed):
    generator = torch.Generator().manual_seed(seed)
    linear = torch.nn.Linear(SIZE, SIZE, bias=False)
    with torch.no_grad():
        linear.weight.copy_(torch.eye(SIZE))
        linear.weight.add_(torch.randn(SIZE, SIZE, generator=generator), alpha=0.05 * seed)
    return Stages({"linear": linear, "unit": UnitLength()})


def guarded(threshold=0.65):
    """The end as it was is the identity on unit vectors; one unit detects the first axis."""
    person = np.eye(SIZE, dtype=np.float32)[:1]
    adapter = ResidualAdapter.imprinted(person, np.zeros(1, np.int64), threshold=threshold)
    return GuardedBlocks(end(0), end(1), adapter).eval()


def at_cosines(*cosines):
    """Unit vectors of these cosines to the first axis."""
    vectors = torch.zeros(len(cosines), SIZE)
    vectors[:, 0] = torch.tensor(cosines)
    vectors[:, 1] = (1 - vectors[:, 0] ** 2).sqrt()
    return vectors


def test_a_face_that_no_unit_answers_to_keeps_its_vector_bit_for_bit():
    blocks = guarded()
    generator = torch.Generator().manual_seed(0)
    features = torch.nn.functional.normalize(torch.randn(500, SIZE, generator=generator))
    features = features[features[:, 0] < 0.65]
    with torch.no_grad():
        assert torch.equal(blocks(features), blocks.before(features))
        # Not because the ends are alike.
        assert not torch.allclose(blocks.trained(features), blocks.before(features), atol=1e-2)


@pytest.mark.parametrize("above", [0.3 * REACH, REACH, 3 * REACH])
def test_the_trained_end_counts_by_how_much_the_units_answer(above):
    blocks = guarded()
    features = at_cosines(0.65 + above)
    with torch.no_grad():
        found = blocks(features)[0].numpy()
        old, new = blocks.before(features)[0].numpy(), blocks.trained(features)[0].numpy()
        push = blocks.adapter.pushes[0].numpy()
    expected = old + min(above / REACH, 1) * (new - old) + above * push
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-5)


def test_only_the_end_as_it_was_never_learns():
    blocks = guarded().train()
    assert not any(module.training for module in blocks.before.modules())
    assert blocks.trained.training
    assert blocks.adapter.training
    blocks.requires_grad_(True)
    blocks(at_cosines(0.9, 0.8))[0, 1].backward()
    assert all(parameter.grad is None for parameter in blocks.before.parameters())
    assert all(parameter.grad.abs().sum() > 0 for parameter in blocks.trained.parameters())
    assert blocks.adapter.detectors.grad.abs().sum() > 0


def test_units_answer_earlier_while_they_are_trained():
    features = at_cosines(0.62)
    blocks = guarded()
    with torch.no_grad():
        assert torch.equal(blocks(features), blocks.before(features))
        assert not torch.allclose(blocks.train()(features), blocks.before(features), atol=1e-4)
