"""Layers on top of features: what they compute, where they start, and that they learn."""

import pytest

torch = pytest.importorskip("torch")

from photoclust.training.heads import ProjectionHead, SoftmaxHead

pytestmark = pytest.mark.train


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def features(count, size, seed=0):
    return 3 * torch.randn(count, size, generator=seeded(seed))


def test_a_projection_of_the_same_size_starts_as_the_identity():
    x = features(5, 6)
    found = ProjectionHead(6, 6, generator=seeded(0))(x)
    torch.testing.assert_close(found, torch.nn.functional.normalize(x))


def test_a_projection_to_another_size_starts_with_orthogonal_axes():
    head = ProjectionHead(8, 3, generator=seeded(0))
    weight = head.projection.weight.detach()
    torch.testing.assert_close(weight @ weight.T, torch.eye(3), atol=1e-6, rtol=0)
    found = head(features(5, 8))
    assert found.shape == (5, 3)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(5))


def test_a_projection_does_not_heed_the_length_of_features():
    head = ProjectionHead(8, 3, generator=seeded(0))
    torch.testing.assert_close(head(features(5, 8)), head(7 * features(5, 8)))


def test_a_projection_of_nothing_has_a_finite_gradient():
    x = torch.zeros(2, 4, requires_grad=True)
    ProjectionHead(4, 4, generator=seeded(0))(x).sum().backward()
    assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda generator: ProjectionHead(8, 3, generator=generator),
        lambda generator: SoftmaxHead(8, 3, generator=generator),
    ],
)
def test_weights_come_from_the_generator_alone(make):
    before = torch.get_rng_state()
    one, same, other = (make(seeded(seed)).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_logits_are_a_linear_map_of_scaled_features():
    head = SoftmaxHead(4, 3, generator=seeded(0), scale=5.0)
    x = features(6, 4)
    expected = 5 * x @ head.logits.weight.T + head.logits.bias
    torch.testing.assert_close(head(x), expected)


def test_unit_vectors_need_a_scale_to_be_sure_of():
    """Whatever the weights of a length: here those that fit best."""
    names = torch.eye(100)
    chances = []
    for scale in (1.0, 30.0):
        head = SoftmaxHead(100, 100, generator=seeded(0), scale=scale)
        with torch.no_grad():
            head.logits.weight.copy_(torch.eye(100))
        chances.append(head(names).softmax(dim=1).diagonal().mean().item())
    assert chances[0] < 0.05
    assert chances[1] > 0.99
