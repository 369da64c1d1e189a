"""Camera raw files: the picture that a camera put into its raw file, else one made of the sensor's
values, both by LibRaw.

LibRaw comes with rawpy, in the extra `raw`; without it a raw file is refused with what to do. Only
one of the two pictures of a file is ever used, whatever size is asked for: a camera corrects its
lens in the preview, so that a face is not at the same place in both.
"""

import importlib.util
from functools import cache
from io import BytesIO
from types import TracebackType
from typing import BinaryIO, Self

from PIL import Image, JpegImagePlugin
from PIL.ExifTags import Base

from photoclust.core.language import marked
from photoclust.core.types import Metadata
from photoclust.media.metadata import orientation, read_exif, read_metadata

NOT_INSTALLED = marked(
    "it is a camera raw file, which needs an extra: install photoclust[raw], then scan again"
)
MAX_BYTES = 512 * 2**20
"""LibRaw holds the whole file in memory; 100 megapixels without compression take 210 MB."""
PREVIEW_SIDE = 1600
"""The least longer side, in px, of a preview that stands for the photo: no less than is looked at
for faces. Nearly all cameras of the last twenty years write one.
"""
_EXIF_BYTES = 2**20
"""The directories with what a camera tells lie at the beginning; sensor values follow."""
_TIFF_BUT_FOR_THE_MARK = (b"IIRO", b"IIRS", b"IIU\0")
"""Olympus and Panasonic: TIFF with a number of their own for a mark."""
_ORIENTATIONS = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}
"""LibRaw's `flip` as EXIF orientation."""


@cache
def is_readable() -> bool:
    """Whether the extra `raw` is installed."""
    return importlib.util.find_spec("rawpy") is not None


class RawFile:
    """A raw file, open; a context manager.

    Raises rawpy.LibRawError when LibRaw cannot read it, ImportError without the extra `raw`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        import rawpy  # noqa: PLC0415 - of the extra `raw`, and loads LibRaw

        self._raw = rawpy.imread(stream)
        sizes = self._raw.sizes
        self.size = (sizes.width, sizes.height)
        """Width and height of the sensor's picture as it is stored, in px."""
        self.orientation = _ORIENTATIONS.get(sizes.flip, 1)
        """How that must be turned to stand upright, as EXIF says it."""
        self._preview_exif = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._raw.close()

    def preview(self) -> JpegImagePlugin.JpegImageFile | None:
        """The largest JPEG in the file, not decoded yet; None where there is none that will do.

        Its EXIF says how it must be turned.
        """
        import rawpy  # noqa: PLC0415 - as above

        try:
            found = self._raw.extract_thumb()
        except (
            rawpy.LibRawNoThumbnailError,
            rawpy.LibRawUnsupportedThumbnailError,
            NotImplementedError,  # what rawpy has no name for: H.265 and JPEG XL
        ):
            return None
        if found.format is not rawpy.ThumbFormat.JPEG or not isinstance(found.data, bytes):
            return None
        image = JpegImagePlugin.JpegImageFile(BytesIO(found.data))
        self._preview_exif = image.info.get("exif", b"")
        if max(image.size) < min(PREVIEW_SIDE, max(self.size)):
            return None
        exif = read_exif(image)
        own = orientation(exif) if Base.Orientation in exif else self.orientation
        exif[Base.Orientation] = self._orientation_of(image.size, own)
        return image

    def develop(self) -> Image.Image:
        """The sensor's picture as upright RGB with the white balance of the camera: each four of
        its values one pixel, where enough are left. Its EXIF is that of the preview, if that was
        looked for.
        """
        half = max(self.size) >= 2 * PREVIEW_SIDE
        image = Image.fromarray(self._raw.postprocess(half_size=half, use_camera_wb=True))
        if self._preview_exif:
            image.info["exif"] = self._preview_exif
            read_exif(image)[Base.Orientation] = 1
        return image

    def _orientation_of(self, preview: tuple[int, int], own: int) -> int:
        """How a preview must be turned that says `own` of itself, or for which LibRaw says it: that
        is the raw file's orientation, although a camera may have turned the preview before it wrote
        it. The shapes tell.
        """
        stands = _is_high(self.size) ^ (self.orientation >= 5)
        fitting = (
            each
            for each in (own, self.orientation, 1)
            if (_is_high(preview) ^ (each >= 5)) == stands
        )
        return next(fitting, own)


def read_raw_metadata(stream: BinaryIO, preview: Metadata) -> Metadata:
    """What the raw file behind `stream` says of itself, completed by what its `preview` says.

    The preview may lack all EXIF; LibRaw then gives it a time, of whole seconds and without zone.
    """
    head = stream.read(_EXIF_BYTES)
    if head.startswith(_TIFF_BUT_FOR_THE_MARK):
        head = b"II*\0" + head[4:]
    exif = Image.Exif()
    try:
        exif.load(head)
    except Exception:  # no TIFF; or as in `read_exif`, a damaged one
        return preview
    own = read_metadata(exif)
    return Metadata(
        taken_at=own.taken_at or preview.taken_at,
        camera=own.camera or preview.camera,
        scanned=own.scanned,
    )


def _is_high(size: tuple[int, int]) -> bool:
    return size[1] > size[0]
