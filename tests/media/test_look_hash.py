"""What a picture looks like, in bits."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from photoclust.media.look_hash import BYTES, look_hash


def scene(seed: int, size=(320, 240)) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def bits(one, other):
    pairs = zip(look_hash(np.asarray(one)), look_hash(np.asarray(other)), strict=True)
    return sum((a ^ b).bit_count() for a, b in pairs)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_picture_in_another_form_looks_the_same(seed):
    picture = scene(seed)

    assert bits(picture, picture.resize((160, 120))) <= 6
    assert bits(picture, ImageEnhance.Brightness(picture).enhance(0.7)) <= 6
    assert bits(picture, picture.convert("L").convert("RGB")) <= 2
    assert 60 < bits(picture, scene(seed + 100)) < 200


def test_the_hash_has_as_many_ones_as_noughts():
    value = look_hash(np.asarray(scene(1)))

    assert len(value) == BYTES
    assert sum(byte.bit_count() for byte in value) == 128


def test_the_transform_is_that_of_the_book():
    """Against a plain DCT-II, summed up term by term."""
    picture = np.asarray(scene(3, (64, 64)).convert("L").convert("RGB"))
    grey = picture[..., 0].astype(float)
    wave = [[np.cos(np.pi * f * (2 * x + 1) / 128) for x in range(64)] for f in range(1, 17)]
    found = [
        sum(grey[y, x] * wave[v][y] * wave[u][x] for y in range(64) for x in range(64))
        for v in range(4)
        for u in range(16)
    ]
    everything = np.array(wave) @ grey @ np.array(wave).T
    expected = [value > np.median(everything) for value in found]

    assert np.unpackbits(np.frombuffer(look_hash(picture), np.uint8))[:64].tolist() == expected


@pytest.mark.parametrize("size", [(1, 1), (2, 500), (640, 480)])
def test_what_is_of_one_tone_looks_like_nothing(size):
    assert look_hash(np.full((*size, 3), 90, np.uint8)) is None
