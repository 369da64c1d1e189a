"""Random changes of crops: the seed decides, the size stays, and each does what it says."""

import numpy as np
import pytest

from photoclust.training.augment import Augmentation, Blur, Colour, Jitter, Jpeg

OFF = Augmentation(0.0, Jitter(0.0), Colour(0.0), Blur(0.0), Jpeg(0.0))


def made_up_crops(count=6, side=48):
    """Smooth pictures with an edge, different to the left and to the right."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side] / side
    tones = rng.uniform(60, 120, (count, 1, 1, 3))
    crops = tones + 60 * x[..., None] + 30 * np.sin(9 * y)[..., None] + 20 * (x > 0.6)[..., None]
    return crops.astype(np.uint8)


def only(**parts):
    every = {"mirror": 0.0, "jitter": OFF.jitter, "colour": OFF.colour}
    return Augmentation(**(every | {"blur": OFF.blur, "jpeg": OFF.jpeg} | parts))


def rng(seed=0):
    return np.random.default_rng(seed)


def roughness(crops):
    return np.abs(np.diff(crops.astype(float), axis=2)).max(axis=(1, 2, 3))


def test_the_same_seed_gives_the_same_crops_and_leaves_the_old_ones():
    crops = made_up_crops()
    before = crops.copy()
    one, same, other = (Augmentation()(crops, rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.array_equal(crops, before)
    assert (one.dtype, one.shape) == (np.uint8, crops.shape)


@pytest.mark.parametrize("count", [0, 1])
def test_no_crops_or_one(count):
    assert Augmentation()(made_up_crops(count), rng()).shape == (count, 48, 48, 3)


def test_with_everything_off_nothing_changes():
    assert np.array_equal(OFF(made_up_crops(), rng()), made_up_crops())


def test_mirrored():
    crops = made_up_crops()
    assert np.array_equal(only(mirror=1.0)(crops, rng()), crops[:, :, ::-1])


def test_a_chance_is_how_many_are_changed():
    crops = made_up_crops(400, 8)
    changed = (only(mirror=0.3)(crops, rng()) != crops).any(axis=(1, 2, 3))
    assert np.mean(changed) == pytest.approx(0.3, abs=0.1)


def test_a_cut_takes_at_most_a_share_away_and_adds_nothing():
    side = 100
    ramp = np.broadcast_to(np.arange(side, dtype=np.uint8)[:, None], (40, side, side, 3))
    cut = only(jitter=Jitter(1.0, 0.1))(np.ascontiguousarray(ramp.swapaxes(1, 2)), rng())
    across = cut.astype(int)[..., 0]
    spans = across.max(axis=(1, 2)) - across.min(axis=(1, 2))
    assert spans.min() >= 0.89 * side - 2
    assert spans.max() <= side - 1
    assert len(np.unique(across.min(axis=(1, 2)))) > 3


def test_light_changes_within_bounds():
    gray = np.full((60, 8, 8, 3), 100, np.uint8)
    lit = only(colour=Colour(1.0, brightness=0.2, contrast=0.0, saturation=0.0))(gray, rng())
    means = lit.mean(axis=(1, 2, 3))
    assert means.min() >= 79
    assert means.max() <= 121
    assert np.ptp(means) > 30


def test_saturation_makes_colours_duller_and_brighter_yet_leaves_gray():
    part = Colour(1.0, brightness=0.0, contrast=0.0, saturation=0.5)
    red = np.full((40, 8, 8, 3), (140, 100, 100), np.uint8)
    spans = np.ptp(only(colour=part)(red, rng())[:, 0, 0].astype(int), axis=1)
    assert spans.min() < 30
    assert spans.max() > 50
    gray = np.full((4, 8, 8, 3), 90, np.uint8)
    assert np.array_equal(only(colour=part)(gray, rng()), gray)


def test_contrast_spreads_values_and_draws_them_together():
    crops = made_up_crops(40)
    part = Colour(1.0, brightness=0.0, contrast=0.4, saturation=0.0)
    ratio = only(colour=part)(crops, rng()).std(axis=(1, 2, 3)) / crops.std(axis=(1, 2, 3))
    assert ratio.min() < 0.8
    assert ratio.max() > 1.2


def test_blur_smooths():
    crops = made_up_crops(20)
    blurred = only(blur=Blur(1.0, 12.0))(crops, rng())
    assert (roughness(blurred) <= roughness(crops)).all()
    assert np.mean(roughness(blurred)) < 0.8 * np.mean(roughness(crops))


def test_jpeg_costs_the_more_the_worse_it_is():
    noise = rng(1).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)

    def lost(quality):
        stored = only(jpeg=Jpeg(1.0, quality, quality))(noise, rng())
        return np.abs(stored.astype(float) - noise).mean()

    assert 0 < lost(95) < lost(60) < lost(10)


def test_what_is_drawn_for_one_change_does_not_depend_on_the_others():
    crops = made_up_crops(30)
    mirrored = (only(mirror=0.5)(crops, rng()) == crops[:, :, ::-1]).all(axis=(1, 2, 3))
    both = Augmentation(0.5, OFF.jitter, OFF.colour, OFF.blur, Jpeg(1.0, 95, 95))(crops, rng())
    near = np.abs(both.astype(float) - crops[:, :, ::-1]).mean(axis=(1, 2, 3)) < 4
    assert np.array_equal(mirrored, near)
    assert 0 < mirrored.sum() < 30
