"""A residual adapter: what it computes, where it starts, and whom it leaves alone."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.training.adapter import ResidualAdapter

pytestmark = pytest.mark.train


def made_up(units=4, size=6):
    adapter = ResidualAdapter(units, size, slack=0.3)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in adapter.parameters():
            parameter.normal_(0, 0.5, generator=generator)
    return adapter


def by_loop(adapter, vectors, slack):
    found = []
    for vector in vectors.double():
        moved = vector.clone()
        for detector, threshold, push in zip(
            adapter.detectors.double(),
            adapter.thresholds.double(),
            adapter.pushes.double(),
            strict=True,
        ):
            above = float(detector @ vector) - float(threshold) + slack
            if above > 0:
                moved = moved + above * push
        found.append(moved / moved.norm())
    return torch.stack(found).float()


@pytest.mark.parametrize(("training", "slack"), [(False, 0.0), (True, 0.3)])
def test_it_is_the_sum_of_what_its_units_push_and_of_slack_in_training_alone(training, slack):
    adapter = made_up().train(training)
    generator = torch.Generator().manual_seed(2)
    vectors = torch.nn.functional.normalize(torch.randn(40, 6, generator=generator))
    with torch.no_grad():
        found, expected = adapter(vectors), by_loop(adapter, vectors, slack)
        other = by_loop(adapter, vectors, 0.3 - slack)
    torch.testing.assert_close(found, expected)
    assert not torch.allclose(found, other)


def test_units_are_imprinted_with_the_means_of_people_and_not_of_strangers(make_faces):
    vectors, people = make_faces(0, [5, 1, 4, 6])
    labels = np.array([-1, 7, 3, 12])[people]
    adapter = ResidualAdapter.imprinted(vectors, labels, threshold=0.4, push=2.0)
    assert len(adapter.thresholds) == 3
    for unit, who in enumerate((3, 7, 12)):
        mean = vectors[labels == who].astype(np.float64).mean(axis=0)
        mean /= np.linalg.norm(mean)
        np.testing.assert_allclose(adapter.detectors[unit].detach(), mean, atol=1e-6)
        np.testing.assert_allclose(adapter.pushes[unit].detach(), 2 * mean, atol=1e-6)
        assert adapter.thresholds[unit].item() == pytest.approx(0.4)


def test_an_imprinted_one_pulls_a_persons_faces_together_and_nobody_elses(make_faces):
    vectors, people = make_faces(0, [6] * 8, 64, 0.5)
    known = people < 4
    adapter = ResidualAdapter.imprinted(vectors, np.where(known, people, -1)).eval()
    with torch.no_grad():
        moved = adapter(torch.from_numpy(vectors)).numpy()
    same = (people[:, None] == people) & known & ~np.eye(len(people), dtype=bool)
    assert (moved @ moved.T)[same].min() > (vectors @ vectors.T)[same].min() + 0.05
    # To the last bit but for the division by the length.
    np.testing.assert_allclose(moved[~known], vectors[~known], atol=2e-7)


def test_without_people_it_has_no_units_and_changes_nothing(make_faces):
    vectors, people = make_faces(0, [3, 3])
    adapter = ResidualAdapter.imprinted(vectors, np.full_like(people, -1))
    assert adapter.detectors.shape == (0, 16)
    np.testing.assert_allclose(adapter(torch.from_numpy(vectors)).detach(), vectors, atol=2e-7)
