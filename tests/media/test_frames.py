"""Animations and files that hold more than one picture: which of them is the photo."""

import io

import numpy as np
import pytest
from PIL import Image

from photoclust.media.decode import read_picture
from photoclust.media.frames import seek_first_picture


def scene() -> Image.Image:
    """Dark on the left, bright on the right."""
    ramp = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (48, 1))
    return Image.fromarray(ramp).convert("RGB")


def is_scene(pixels):
    return np.abs(pixels.astype(int) - np.asarray(scene())).mean() < 8


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
@pytest.mark.parametrize(
    "empty",
    [Image.new("RGB", (64, 48)), Image.new("RGB", (64, 48), "white")],
    ids=["black", "white"],
)
def test_an_animation_that_fades_in_is_its_first_real_frame(tmp_path, kind, empty):
    path = tmp_path / "animation"
    later = scene().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    near = Image.eval(empty, lambda value: abs(value - 3))
    empty.save(path, kind, save_all=True, append_images=[near, scene(), later], duration=40)

    picture = read_picture(path)

    assert (picture.width, picture.height) == (64, 48)
    assert is_scene(picture.pixels)
    assert np.ptp(read_picture(path, max_side=32).pixels) > 200, "also reduced"


def test_a_first_frame_that_cannot_be_seen_through_is_not_left(tmp_path):
    path = tmp_path / "a.gif"
    scene().save(path, "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48), "red")])

    assert is_scene(read_picture(path).pixels)


def test_a_frame_that_is_all_transparent_is_empty():
    file = io.BytesIO()
    clear = scene().convert("RGBA")
    clear.putalpha(0)
    clear.save(file, "PNG", save_all=True, append_images=[scene().convert("RGBA")])
    with Image.open(file) as image:
        image.load()
        seek_first_picture(image)
        assert image.tell() == 1


def test_where_every_frame_is_empty_the_first_counts(tmp_path):
    path = tmp_path / "a.webp"
    red, blue = (Image.new("RGB", (64, 48), colour) for colour in ("red", "blue"))
    red.save(path, "WEBP", save_all=True, append_images=[blue], lossless=True)

    assert read_picture(path).pixels[0, 0].tolist() == [255, 0, 0]


def test_frames_that_cannot_be_read_cost_nothing(tmp_path):
    file = io.BytesIO()
    empty = Image.new("RGB", (64, 48))
    empty.save(file, "GIF", save_all=True, append_images=[scene(), scene()])
    path = tmp_path / "a.gif"
    second = file.getvalue().index(b"\x21\xf9", 30)
    path.write_bytes(file.getvalue()[: second + 40])

    assert read_picture(path).pixels.shape == (48, 64, 3)


@pytest.mark.parametrize("tail", [b"\0\0\0\x18ftypmp42", b"SEFT", b"MotionPhoto_Data"])
def test_a_motion_photo_is_its_still(tmp_path, tail):
    file = io.BytesIO()
    scene().save(file, "JPEG", quality=95)
    path = tmp_path / "MVIMG_0001.jpg"
    path.write_bytes(file.getvalue() + tail + bytes(5000))

    assert is_scene(read_picture(path).pixels)
