"""Videos: single pictures of them, and when and with what they were taken, by FFmpeg.

FFmpeg comes with PyAV, in the extra `video`; without it videos are passed over. Only key frames are
used: they are whole by themselves, so that to reach one takes no more than a seek.
"""

import importlib.util
import math
from datetime import datetime
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from PIL import Image

from photoclust.core.language import marked
from photoclust.core.types import Metadata
from photoclust.media.frames import is_blank

if TYPE_CHECKING:
    import av

NOT_INSTALLED = marked(
    "it is a video, which needs an extra: install photoclust[video], then scan again"
)
MAX_MOMENTS = 24
LEAST_APART_MS = 1500
"""So many key frames of a video are looked at, and no two that are nearer to each other."""
POSTER_AT_MS = 3000
POSTER_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""What is shown for a video is near its tenth, but within 3 s; where that is blank, later."""
_OPTIONS = {
    "format_whitelist": "mov,matroska,avi,mpeg,mpegts,asf,flv,ogg,dv",
    "protocol_whitelist": "",
}
"""No play lists: what only looks like a video must make FFmpeg open no other files or addresses."""
_STEPS_BACK_MS = (0, 1000, 8000)
"""A stream without an index, as a camcorder writes it, is not always found where it says."""
_EARLIEST_YEAR = 1980
"""QuickTime counts from 1904, Unix from 1970: clocks that were never set."""
_TIMES = ("com.apple.quicktime.creationdate", "creation_time")
_CAMERAS = (
    ("com.apple.quicktime.make", "com.apple.quicktime.model"),
    ("com.android.manufacturer", "com.android.model"),
    ("make", "model"),
)
_TURNS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


NO_PICTURES = "no moving pictures"


class NoVideoError(Exception):
    """A file without moving pictures, such as a sound recording."""


@cache
def is_readable() -> bool:
    """Whether the extra `video` is installed."""
    return importlib.util.find_spec("av") is not None


def is_of_ffmpeg(error: OSError) -> bool:
    """Whether it is FFmpeg that says so of a file, and not the system."""
    return type(error).__module__.startswith("av.")


class VideoFile:
    """A video, open; a context manager.

    Raises av.error.FFmpegError when FFmpeg cannot read it, NoVideoError when it shows nothing,
    ImportError without the extra `video`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        import av  # noqa: PLC0415 - of the extra `video`, and loads FFmpeg

        opened = av.open(stream, "r", metadata_errors="replace", container_options=_OPTIONS)
        assert isinstance(opened, av.container.InputContainer)
        self._container = opened
        found = [each for each in self._container.streams.video if not _is_cover(each)]
        if not found:
            self._container.close()
            raise NoVideoError(NO_PICTURES)
        self._stream = found[0]
        self._stream.thread_type = "NONE"  # one frame at a time: threads only delay it
        self._stream.codec_context.skip_frame = "NONKEY"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its pictures as they are stored, in px."""
        return self._stream.codec_context.width, self._stream.codec_context.height

    @property
    def duration_ms(self) -> int:
        """How long it is; 0 where it does not say."""
        if self._stream.duration is not None and self._stream.time_base is not None:
            return int(self._stream.duration * self._stream.time_base * 1000)
        return int((self._container.duration or 0) / 1000)

    def picture(self, at_ms: int | None) -> Image.Image:
        """The upright key frame at `at_ms` milliseconds, or the last before; its poster for None.

        Raises EOFError where there is none.
        """
        return self.poster()[1] if at_ms is None else self._key_frame(at_ms)[1]

    def poster(self) -> tuple[int, Image.Image]:
        """What is shown for the video: at which millisecond it lies, and its upright picture."""
        first = None
        for share in POSTER_SHARES:
            at_ms = round(share * self.duration_ms)
            found = self._key_frame(min(at_ms, POSTER_AT_MS) if first is None else at_ms)
            if not is_blank(found[1]):
                return found
            first = first or found
        assert first is not None
        return first

    def moments(self) -> list[int]:
        """Up to MAX_MOMENTS key frames, spread over the video: at which millisecond each lies,
        rounded up. Nothing is decoded.
        """
        duration = self.duration_ms or self._measured_ms()
        count = max(1, min(MAX_MOMENTS, duration // LEAST_APART_MS))
        found = (self._key_at(duration * number // count) for number in range(count))
        return sorted({at_ms for at_ms in found if at_ms is not None})

    def _measured_ms(self) -> int:
        """Where the last picture lies: what a browser recorded does not say how long it is."""
        self._seek(0)
        packets = self._container.demux(self._stream)
        return max((self._milliseconds(each.pts) for each in packets if each.pts), default=0)

    def metadata(self) -> Metadata:
        """When and with what it was taken, as far as it says."""
        told = {
            key.lower(): value
            for source in (self._stream.metadata, self._container.metadata)
            for key, value in source.items()
        }
        times = (_time(told[key]) for key in _TIMES if key in told)
        cameras = (
            " ".join(filter(None, (told.get(make, ""), told[model])))
            for make, model in _CAMERAS
            if told.get(model)
        )
        return Metadata(next(filter(None, times), None), next(cameras, None))

    def _key_at(self, at_ms: int) -> int | None:
        self._seek(at_ms)
        for packet in self._container.demux(self._stream):
            if packet.is_keyframe and packet.pts is not None:
                return self._milliseconds(packet.pts)
        return None

    def _key_frame(self, at_ms: int) -> tuple[int, Image.Image]:
        for back_ms in _STEPS_BACK_MS:
            last = None
            self._seek(max(0, at_ms - back_ms))
            for frame in self._container.decode(self._stream):
                last = frame
                if not back_ms or self._milliseconds(frame.pts or 0) >= at_ms:
                    break
            if last is not None:
                return self._milliseconds(last.pts or 0), self._upright(last)
        raise EOFError("end of file")

    def _seek(self, at_ms: int) -> None:
        base = self._stream.time_base
        assert base is not None
        start = self._stream.start_time or 0
        # Where the first picture is decoded before it is shown, its own time is too late for it.
        wanted = start + math.floor(at_ms / 1000 / base) if at_ms else start - math.ceil(1 / base)
        self._container.seek(max(0, wanted), stream=self._stream)

    def _milliseconds(self, pts: int) -> int:
        base = self._stream.time_base
        assert base is not None
        # Up, so that to seek it leads to it and not to the key frame before.
        return max(0, math.ceil((pts - (self._stream.start_time or 0)) * base * 1000))

    def _upright(self, frame: "av.VideoFrame") -> Image.Image:
        image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
        aspect = self._stream.codec_context.sample_aspect_ratio
        if aspect and aspect != 1:
            image = image.resize((max(1, round(image.width * aspect)), image.height))
        turn = _TURNS.get(round(frame.rotation) % 360)
        return image if turn is None else image.transpose(turn)


def _is_cover(stream: "av.VideoStream") -> bool:
    """Whether it is the picture on the cover of a sound recording."""
    return bool(stream.disposition & type(stream.disposition).attached_pic)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if time.year < _EARLIEST_YEAR:
        return None
    # What a camera wrote with its zone is its own clock; UTC is that of nobody.
    return time.astimezone() if time.tzinfo is not None and not time.utcoffset() else time
