"""Videos: which pictures of them are read, and what they tell of themselves."""

import io
from datetime import UTC, datetime, timedelta, timezone

import av
import numpy as np
import pytest
from PIL import Image

from photoclust.core.errors import UnreadableFileError
from photoclust.core.pages import moment_path
from photoclust.media import opening, pages, video
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.media.opening import told_format
from photoclust.media.video import NoVideoError, VideoFile

SIZE = (160, 96)
_IDENTITY = b"\0\1\0\0" + bytes(12) + b"\0\1\0\0" + bytes(12) + b"\x40\0\0\0"
_CLOCKWISE = (
    bytes(4) + b"\0\1\0\0" + bytes(4) + b"\xff\xff\0\0" + bytes(4) + bytes(12) + b"\x40\0\0\0"
)


def level(picture):
    return round(float(np.asarray(picture.convert("L")).mean()))


@pytest.fixture
def clip(make_clip):
    """A video of `levels` of grey, a second each, with a white left half of the first."""

    def make(path, *levels, **options):
        pictures = []
        for grey in levels:
            picture = Image.new("RGB", SIZE, (grey,) * 3)
            if grey:
                picture.paste((255, 255, 255), (0, 0, SIZE[0] // 4, SIZE[1]))
            pictures.append(picture)
        return make_clip(path, pictures, **options)

    return make


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mov", "libx264"),
        ("a.mkv", "libx264"),
        ("a.avi", "mpeg4"),
        ("a.webm", "libvpx-vp9"),
        ("a.mpg", "mpeg2video"),
        ("a.mts", "libx264"),
    ],
)
def test_pictures_of_a_video_are_read_by_their_moments(tmp_path, clip, name, codec):
    path = clip(tmp_path / name, 40, 100, 160, 220, codec=codec)

    with OriginalFile(path) as original:
        poster, moments = pages.video_moments(original)
        assert not original.in_memory
    levels = [level(Image.fromarray(read_picture(moment_path(path, at)).pixels)) for at in moments]

    assert 0 <= poster < 4000
    assert moments == sorted(set(moments))
    assert moments[0] < 100
    assert len(levels) >= 2
    assert levels == sorted(levels)
    shown = read_picture(path)
    assert (shown.width, shown.height, shown.metadata.camera) == (*SIZE, None)
    assert min(levels) - 3 <= level(Image.fromarray(shown.pixels)) <= max(levels) + 3


def test_what_is_shown_for_a_video_is_not_blank(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", 0, 0, 0, 0, 150, 150)

    assert level(Image.fromarray(read_picture(path).pixels)) > 100


def test_a_video_of_nothing_but_black_is_shown_black(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", 0, 0)

    assert level(Image.fromarray(read_picture(path).pixels)) <= 16


def test_a_long_video_is_looked_at_so_often_and_no_more(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", *range(20, 80), rate=2)

    with OriginalFile(path) as original:
        _, moments = pages.video_moments(original)

    assert len(moments) == video.MAX_MOMENTS
    assert min(np.diff(moments)) >= video.LEAST_APART_MS


def test_a_video_that_does_not_say_how_long_it_is_is_looked_through(tmp_path, clip):
    data = io.BytesIO()  # cannot be gone back in, as what a browser records into
    data.seekable = lambda: False
    path = clip(tmp_path / "whole.mkv", *range(30, 230, 20))
    with av.open(str(path)) as whole, av.open(data, "w", format="webm") as live:
        stream = live.add_stream("libvpx-vp9", rate=10)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.gop_size = 10
        for frame in whole.decode(video=0):
            live.mux(stream.encode(frame.reformat(format="yuv420p")))
        live.mux(stream.encode(None))
    path = tmp_path / "a.webm"
    path.write_bytes(data.getvalue())

    with OriginalFile(path) as original, VideoFile(original.stream()) as file:
        assert file.duration_ms == 0
        assert max(file.moments()) > 7000


def test_a_video_of_too_many_pixels_is_not_decoded(tmp_path, clip, monkeypatch):
    path = clip(tmp_path / "a.mp4", 60)
    monkeypatch.setattr(opening, "MAX_PIXELS_WHOLE", SIZE[0] * SIZE[1] - 1)
    monkeypatch.setattr(VideoFile, "picture", None)

    with pytest.raises(UnreadableFileError, match="pixels are too many"):
        read_picture(path)


def test_a_moment_is_the_same_whenever_it_is_read(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", *range(30, 230, 20), rate=30)
    with OriginalFile(path) as original:
        _, moments = pages.video_moments(original)

    for at in moments:
        whole = read_picture(moment_path(path, at))
        with path.open("rb") as stream, VideoFile(stream) as file:
            assert level(file.picture(at)) == level(Image.fromarray(whole.pixels))
        expected = 30 + 20 * (at // 1000)
        assert level(Image.fromarray(whole.pixels)) == pytest.approx(
            (3 * expected + 255) / 4, abs=4
        )


def test_a_video_held_upright_comes_out_upright(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", 60, 60)
    data = path.read_bytes()
    at = data.index(_IDENTITY, data.index(b"tkhd"))
    path.write_bytes(data[:at] + _CLOCKWISE + data[at + len(_CLOCKWISE) :])

    read = read_picture(path)

    assert (read.width, read.height) == SIZE[::-1]
    assert read.pixels[: SIZE[0] // 8].mean() > 200  # what was at the left is at the top
    assert read.pixels[SIZE[0] // 2 :].mean() < 100


def test_pixels_that_are_not_square_are_made_so(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", 60, aspect=2)

    read = read_picture(path)

    assert (read.width, read.height) == (2 * SIZE[0], SIZE[1])


def test_a_video_tells_when_and_with_what_it_was_taken(tmp_path, clip):
    path = clip(
        tmp_path / "a.mov",
        60,
        metadata={
            "creation_time": "2019-07-04T12:00:00.000000Z",
            "com.apple.quicktime.creationdate": "2019-07-04T14:00:00+0200",
            "com.apple.quicktime.make": "Apple",
            "com.apple.quicktime.model": "iPhone 8",
        },
        options={"movflags": "use_metadata_tags"},
    )

    told = read_picture(path).metadata

    assert told.camera == "Apple iPhone 8"
    assert told.taken_at is not None
    assert told.taken_at == datetime(2019, 7, 4, 14, tzinfo=timezone(timedelta(hours=2)))


def test_a_time_of_nobody_is_told_by_the_clock_of_this_place(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", 60, metadata={"creation_time": "2019-07-04T12:00:00.000000Z"})

    taken = read_picture(path).metadata.taken_at

    assert taken is not None
    assert taken == datetime(2019, 7, 4, 12, tzinfo=UTC)
    assert taken.utcoffset() == datetime(2019, 7, 4, 12).astimezone().utcoffset()


def test_clocks_that_were_never_set_are_not_believed(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", 60, metadata={"creation_time": "1970-01-01T00:00:00.000000Z"})

    assert read_picture(path).metadata.taken_at is None


@pytest.mark.parametrize("data", [b"nothing", bytes(4000), b"\0\0\0\x18ftypmp42" + bytes(500)])
def test_damaged_videos_are_told(tmp_path, data):
    path = tmp_path / "a.mp4"
    path.write_bytes(data)

    with pytest.raises(UnreadableFileError):
        read_picture(path)


def test_what_ffmpeg_says_is_not_said_of_the_disk(tmp_path, clip, monkeypatch):
    path = clip(tmp_path / "a.mp4", 60)

    def refuse(*_):
        raise av.error.PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(VideoFile, "picture", refuse)

    with pytest.raises(UnreadableFileError, match="the video data is damaged"):
        read_picture(path)


def test_a_video_that_was_cut_short_is_read_or_told(tmp_path, clip):
    whole = clip(tmp_path / "a.mp4", *range(30, 230, 20)).read_bytes()
    for share in range(1, 10):
        path = tmp_path / "b.mp4"
        path.write_bytes(whole[: len(whole) * share // 10])
        with pytest.raises(UnreadableFileError, match=r"truncated|video data"):
            read_picture(path)


def test_a_recording_without_pictures_says_so(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    with pytest.raises(UnreadableFileError, match="recording without pictures"):
        read_picture(path)
    with path.open("rb") as file, pytest.raises(NoVideoError):
        VideoFile(file)


def test_a_play_list_opens_no_other_file(tmp_path, clip, monkeypatch):
    clip(tmp_path / "other.mp4", 60)
    path = tmp_path / "a.mp4"
    path.write_text("ffconcat version 1.0\nfile other.mp4\n")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnreadableFileError):
        read_picture(path)


def test_a_picture_by_name_that_is_a_video_is_refused(tmp_path, clip):
    path = clip(tmp_path / "a.mp4", 60).rename(tmp_path / "a.jpg")

    with pytest.raises(UnreadableFileError, match="it is a video, not a picture"):
        read_picture(path)


def test_without_its_extra_a_video_is_refused_with_what_to_do(tmp_path, clip, monkeypatch):
    path = clip(tmp_path / "a.mp4", 60)
    monkeypatch.setattr(video, "is_readable", lambda: False)

    with OriginalFile(path) as original, pytest.raises(UnreadableFileError) as caught:
        told_format(original)

    assert "install photoclust[video]" in caught.value.reason
    assert caught.value.try_again
