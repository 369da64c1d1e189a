import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional

from photoclust.training.backbones import build

pytestmark = pytest.mark.train


def people(generator, count, faces):
    """Blurred patterns, one a person, each face of it moved, in other light, and noisy."""
    coarse = torch.randn(count, 3, 6, 6, generator=generator)
    patterns = functional.interpolate(coarse, size=(40, 40), mode="bicubic")
    crops = []
    for person in range(count):
        for _ in range(faces):
            top, left = torch.randint(0, 9, (2,), generator=generator)
            light = 0.6 + 0.8 * torch.rand(1, generator=generator)
            crop = patterns[person, :, top : top + 32, left : left + 32] * light
            crops.append(crop + 0.3 * torch.randn(crop.shape, generator=generator))
    return torch.stack(crops), torch.arange(count).repeat_interleave(faces)


def gap(vectors, labels):
    cosines = vectors @ vectors.T
    same = labels[:, None] == labels
    others = ~torch.eye(len(labels), dtype=torch.bool)
    return cosines[same & others].mean() - cosines[~same].mean()


def test_it_is_small():
    model = build("small", 512, generator=torch.Generator().manual_seed(0))
    assert sum(value.numel() for value in model.parameters()) < 1_000_000


def test_it_learns_to_tell_people_apart_whom_it_never_saw():
    generator = torch.Generator().manual_seed(0)
    model = build("small", 32, side=32, generator=generator)
    unseen, who = people(generator, 8, 6)
    with torch.no_grad():
        before = gap(model(unseen), who)
    model.train()
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(30):
        crops, labels = people(generator, 8, 4)
        vectors = model(crops)
        cosines = vectors @ vectors.T
        same = labels[:, None] == labels
        loss = (1 - cosines[same]).mean() + functional.relu(cosines[~same] - 0.2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.eval()
    with torch.no_grad():
        after = gap(model(unseen), who)
    assert before < 0.1
    assert after > 0.4
