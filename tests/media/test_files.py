"""Opening originals: what is refused before it is opened, and that one read is enough."""

import hashlib
import io
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from photoclust.core.errors import UnreadableFileError
from photoclust.media import files
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile


def test_hash_is_blake2b_of_the_content_from_memory_and_from_disk(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"content")
    expected = hashlib.blake2b(b"content", digest_size=20).hexdigest()

    with OriginalFile(path) as original:
        assert original.in_memory
        assert original.content_hash() == expected
    monkeypatch.setattr(files, "IN_MEMORY_BYTES", 3)
    with OriginalFile(path) as original:
        assert not original.in_memory
        assert original.content_hash() == original.content_hash() == expected


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_file_opened_once_gives_hash_and_pixels(tmp_path, monkeypatch, in_memory):
    if not in_memory:
        monkeypatch.setattr(files, "IN_MEMORY_BYTES", 0)
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), (1, 2, 3)).save(path)
    content = path.read_bytes()

    with OriginalFile(path) as original:
        if sys.platform != "win32":
            path.unlink()  # whatever happens on the disk now, what was opened counts
        assert original.content_hash() == hashlib.blake2b(content, digest_size=20).hexdigest()
        assert read_picture(original, max_side=20).pixels.shape == (15, 20, 3)
        assert read_picture(original).pixels.shape == (30, 40, 3)
        assert (original.stat.path, original.stat.size) == (path, len(content))


def test_originals_are_opened_for_reading_only(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    Image.new("L", (8, 8)).save(path)
    seen = []
    real = os.open

    def recording(path, flags, *rest, **options):
        seen.append(flags)
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(files.os, "open", recording)

    read_picture(path)

    assert len(seen) == 1
    assert not seen[0] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)


def meddling_open(monkeypatch, meddle):
    """From now on `meddle(path)` is called once, when the first bytes of a file were read."""

    class Meddled(io.FileIO):
        done = False

        def readinto(self, buffer):
            count = super().readinto(buffer)
            if not self.done:
                self.done = True
                meddle()
            return count

        def readall(self):
            raise AssertionError("a file that grows would be read for ever")

    monkeypatch.setattr(files.os, "fdopen", lambda fd, _: io.BufferedReader(Meddled(fd), 8))


def grow(path):
    with path.open("ab") as file:
        file.write(b"more")


def cut(path):
    os.truncate(path, 20)


def rewrite_in_place(path):
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"X")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


CHANGED = "it changed while it was read; scan again when it is no longer written to"


@pytest.mark.parametrize("in_memory", [True, False])
@pytest.mark.parametrize("meddle", [grow, cut, rewrite_in_place])
def test_a_file_written_to_while_it_is_read_is_tried_again(
    tmp_path, monkeypatch, meddle, in_memory
):
    if not in_memory:
        monkeypatch.setattr(files, "IN_MEMORY_BYTES", 3)
    path = tmp_path / "a.jpg"
    path.write_bytes(b"content" * 1000)
    meddling_open(monkeypatch, lambda: meddle(path))

    with pytest.raises(UnreadableFileError) as caught, OriginalFile(path) as original:
        original.content_hash()

    assert (caught.value.path, caught.value.reason) == (path, CHANGED)
    assert caught.value.try_again


@pytest.mark.parametrize("meddle", [grow, cut, rewrite_in_place])
def test_a_file_on_the_disk_that_changes_before_it_is_decoded_is_tried_again(
    tmp_path, monkeypatch, meddle
):
    monkeypatch.setattr(files, "IN_MEMORY_BYTES", 0)
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), (1, 2, 3)).save(path)
    with OriginalFile(path) as original:
        original.content_hash()
        meddle(path)

        with pytest.raises(UnreadableFileError) as caught:
            read_picture(original)

    assert caught.value.reason == CHANGED
    assert caught.value.try_again


def test_what_becomes_of_a_file_in_memory_does_not_matter(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), (1, 2, 3)).save(path)
    content = path.read_bytes()
    with OriginalFile(path) as original:
        path.write_bytes(b"something else")

        assert original.content_hash() == hashlib.blake2b(content, digest_size=20).hexdigest()
        assert read_picture(original).pixels.shape == (30, 40, 3)


def test_other_failures_are_not_tried_again(tmp_path):
    with pytest.raises(UnreadableFileError) as caught:
        OriginalFile(tmp_path / "gone.jpg")

    assert not caught.value.try_again


def reason_for(path: Path) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        OriginalFile(path)
    assert caught.value.path == path
    return caught.value.reason


def test_missing_empty_and_folders_have_their_reasons(tmp_path):
    (tmp_path / "empty.jpg").touch()

    assert reason_for(tmp_path / "gone.jpg") == "the file is gone"
    assert reason_for(tmp_path / "empty.jpg") == "the file is empty"
    assert reason_for(tmp_path) == "it is a folder"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")

    assert reason_for(tmp_path / "pipe.jpg") == "it is a pipe or a device, not a regular file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_file_replaced_by_a_pipe_after_the_check_does_not_hang(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    real = os.open

    def swapping(target, flags, *rest, **options):
        path.unlink()
        os.mkfifo(path)
        return real(target, flags, *rest, **options)

    monkeypatch.setattr(files.os, "open", swapping)

    assert reason_for(path) == "it is a pipe or a device, not a regular file"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no device files here")
def test_a_device_is_never_opened():
    assert reason_for(Path("/dev/zero")) == "it is a pipe or a device, not a regular file"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read it all")
def test_a_closed_file_has_its_reason(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    path.chmod(0)

    assert reason_for(path) == "no permission to read it"


def test_a_link_in_a_circle_has_its_reason(tmp_path):
    path = tmp_path / "a.jpg"
    path.symlink_to(path)

    assert reason_for(path) == "it is a link that leads in a circle"


def test_absurdly_large_files_are_refused_unread(tmp_path):
    path = tmp_path / "a.tif"
    with path.open("wb") as file:
        file.truncate(5 * 2**30)

    assert reason_for(path) == "the file is too large (5.0 GB) for a picture"


def test_a_cloud_placeholder_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    monkeypatch.setattr(files, "is_placeholder", lambda status: True)
    monkeypatch.setattr(files.os, "open", lambda *_: pytest.fail("opened"))

    assert reason_for(path) == "its content is in the cloud only; download it and scan again"


def test_a_whole_frame_format_too_large_for_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "IN_MEMORY_BYTES", 10)
    path = tmp_path / "a.webp"
    Image.new("RGB", (8, 8)).save(path)

    with pytest.raises(UnreadableFileError, match="too large for a WebP picture"):
        read_picture(path)
