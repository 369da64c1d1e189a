"""Thumbnails: what is cut out, and the cache that keeps them."""

import os
import stat
import time

import numpy as np
import pytest
from PIL import Image

from photoclust.core.errors import CancelledError, InternalError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import Box
from photoclust.media.thumbnails import (
    ThumbnailCache,
    encode,
    face_thumbnail,
    faces_in_place,
    photo_thumbnail,
)


def flat(colour, width=60, height=40):
    return np.full((height, width, 3), colour, np.uint8)


def jpeg(colour):
    return encode(flat(colour))


def test_put_then_path_gives_a_jpeg_of_the_pixels(tmp_path):
    cache = ThumbnailCache(tmp_path / "cache")
    assert cache.path("f1") is None

    cache.put("f1", jpeg((200, 100, 50)))
    cache.put("f2", jpeg((0, 0, 0)))

    with Image.open(cache.path("f1")) as image:
        assert (image.format, image.size) == ("JPEG", (60, 40))
        assert np.abs(np.asarray(image).astype(int) - (200, 100, 50)).max() < 5


def test_put_replaces_and_leaves_nothing_else_behind(tmp_path):
    cache = ThumbnailCache(tmp_path)
    cache.put("f1", b"old")
    cache.put("f1", b"new")

    assert cache.path("f1").read_bytes() == b"new"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["f1.jpg"]


def test_a_failed_write_keeps_the_old_file_and_no_remains(tmp_path):
    cache = ThumbnailCache(tmp_path)
    cache.put("f1", b"old")

    with pytest.raises(TypeError):
        cache.put("f1", "not bytes")

    assert cache.path("f1").read_bytes() == b"old"
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_can_read(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o755)
    cache = ThumbnailCache(folder)
    cache.put("f1", b"jpeg")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cache.path("f1").parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(cache.path("f1").stat().st_mode) == 0o600


def test_remove_forgets_and_does_not_mind_what_is_missing(tmp_path):
    cache = ThumbnailCache(tmp_path)
    for key in ("f1", "f2", "f3"):
        cache.put(key, b"jpeg")

    cache.remove(["f1", "no-such", "f3"])

    assert [cache.path(key) is None for key in ("f1", "f2", "f3")] == [True, False, True]


@pytest.mark.parametrize("key", ["", "../x", "a/b", "a.b", "é", "x" * 101])
def test_keys_cannot_leave_the_folder(tmp_path, key):
    with pytest.raises(InternalError):
        ThumbnailCache(tmp_path).path(key)


def test_a_folder_that_cannot_be_made_is_the_users_to_mend(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(UserError, match="cannot make the folder"):
        ThumbnailCache(tmp_path / "file").put("f1", b"jpeg")


def test_keys_are_spread_over_folders(tmp_path):
    cache = ThumbnailCache(tmp_path)
    for number in range(40):
        cache.put(f"f{number}", b"jpeg")

    assert len(list(tmp_path.iterdir())) > 20


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: bytes(len(data)), bytes])
def test_a_damaged_file_is_taken_for_none_and_goes(tmp_path, damage):
    cache = ThumbnailCache(tmp_path / "cache")
    cache.put("f1", jpeg((200, 100, 50)))
    path = cache.path("f1")
    assert cache.get("f1") == path.read_bytes()
    path.write_bytes(damage(path.read_bytes()) if damage is not bytes else b"")
    assert cache.get("f1") is None
    assert not path.exists()
    assert cache.get("f1") is None


def age(cache, key, days):
    """Let a thumbnail be used for the last time so many days ago."""
    then = time.time() - 86_400 * days
    os.utime(cache.path(key), (then, then))


def test_trim_removes_what_was_not_used_for_longest(tmp_path):
    cache = ThumbnailCache(tmp_path / "cache")
    for number in range(10):
        cache.put(f"f{number}", jpeg((number, 0, 0)))
        age(cache, f"f{number}", 100 - number)
    each = cache.path("f0").stat().st_size
    cache.get("f1")  # used now
    assert cache.trim(11 * each) == 0
    assert cache.trim(5 * each, lambda key: key == "f2") == 6
    assert sorted(cache.every_key()) == ["f1", "f2", "f8", "f9"]


def test_trim_of_nothing_and_cancelled(tmp_path):
    cache = ThumbnailCache(tmp_path / "cache")
    assert cache.trim(0) == 0
    cache.put("f1", jpeg((1, 2, 3)))
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        cache.trim(0, control=control)
    assert cache.path("f1") is not None


def test_face_thumbnail_is_the_square_around_the_face():
    pixels = flat((0, 0, 0), 200, 150)
    pixels[50:90, 80:120] = 255  # the face: 40 px; shown: 60 px

    thumbnail = face_thumbnail(pixels, Box(80, 50, 40, 40), side=60)

    assert thumbnail.shape == (60, 60, 3)
    assert thumbnail[10:50, 10:50].min() == 255
    assert thumbnail[:9].max() == thumbnail[:, :9].max() == thumbnail[52:].max() == 0


def test_a_square_beyond_the_edge_is_moved_inside():
    pixels = flat((0, 0, 0), 200, 150)
    pixels[:40, :40] = 255

    thumbnail = face_thumbnail(pixels, Box(0, 0, 40, 40), side=60)

    assert thumbnail[:39, :39].min() > 250
    assert thumbnail[42:].max() == 0


def test_the_margin_shrinks_in_a_narrow_picture():
    thumbnail = face_thumbnail(flat((7, 8, 9), 50, 300), Box(5, 100, 40, 40))

    assert thumbnail.shape == (192, 192, 3)
    assert (thumbnail == (7, 8, 9)).all()


def test_what_lies_beyond_the_picture_repeats_its_edge():
    pixels = flat((0, 0, 0), 40, 100)
    pixels[:, :20] = 255

    thumbnail = face_thumbnail(pixels, Box(-20, 10, 80, 80), side=80)

    assert thumbnail[:, :38].min() == 255
    assert thumbnail[:, 42:].max() == 0


@pytest.mark.parametrize("box", [Box(500, 500, 20, 20), Box(-90, -90, 5, 5), Box(3, 3, 0, 0)])
def test_boxes_that_make_no_sense_still_give_a_picture(box):
    assert face_thumbnail(flat((1, 1, 1)), box, side=32).shape == (32, 32, 3)


def test_photo_thumbnail_bounds_the_longer_side_and_never_enlarges():
    assert photo_thumbnail(flat((1, 1, 1), 1000, 500)).shape == (192, 384, 3)
    assert photo_thumbnail(flat((1, 1, 1), 100, 50)).shape == (50, 100, 3)
    assert photo_thumbnail(flat((1, 1, 1), 3000, 2)).shape == (1, 384, 3)


@pytest.mark.parametrize("box", [Box(40, 30, 20, 20), Box(0, 0, 16, 12), Box(85, 55, 20, 30)])
def test_a_face_is_put_back_where_it_was_cut_out(box):
    picture = np.zeros((80, 100, 3), np.uint8)
    picture[...] = np.arange(100, dtype=np.uint8)[None, :, None] * 2
    again = faces_in_place((100, 80), [(box, face_thumbnail(picture, box))])
    x, y = (min(round(place), size - 1) for place, size in zip(box.centre, (100, 80), strict=True))
    assert abs(int(again[y, x, 0]) - int(picture[y, x, 0])) <= 3
    assert (again[0, 99] == again[0, 99, 0]).all()
    assert again.shape == picture.shape
