"""What picture files say beside their pixels: size and orientation, place, XMP. For the most no
pixel is decoded.
"""

from io import BytesIO
from typing import BinaryIO

from PIL import TiffImagePlugin
from PIL.ExifTags import IFD

from photoclust.core.regions import PictureShape
from photoclust.media import raw
from photoclust.media.files import OriginalFile
from photoclust.media.formats import Format
from photoclust.media.metadata import orientation, read_exif
from photoclust.media.opening import opened, told_format, true_reasons


def read_orientation(source: OriginalFile) -> int:
    """How the picture in `source`, as it is stored, must be turned to stand upright: EXIF
    orientation 1 to 8. HEIF is taken for what its container shows, as `read_picture` takes it.

    Raises as `read_picture`; of most formats no pixel is decoded.
    """
    kind = told_format(source)
    with true_reasons(source, kind):
        if kind is Format.RAW:
            with raw.RawFile(source.stream()) as file:
                return file.orientation
        with opened(source.stream(), kind, source.path) as image:
            if kind is Format.PNG:
                image.load()  # its EXIF may follow the pixels
            return orientation(read_exif(image))


def read_place(data: bytes, kind: Format) -> tuple[bool, bytes]:
    """Whether the EXIF block of the picture file `data` has a GPS directory, and its XMP packet.

    Raises whatever a decoder raises where it cannot be read.
    """
    with opened(BytesIO(data), kind) as image:
        if kind is Format.PNG:
            image.load()  # both may follow the pixels
        exif, xmp = read_exif(image), image.info.get("xmp")
        told = IFD.GPSInfo in exif or bool(exif.get_ifd(IFD.GPSInfo))
        return told, xmp if isinstance(xmp, bytes) else b""


def read_xmp(stream: BinaryIO, kind: Format) -> bytes:
    """The XMP packet that the decoder of `kind` finds in a picture file; empty where there is none,
    or the file is damaged. No pixel is decoded.
    """
    try:
        with opened(stream, kind) as image:
            packet = image.info.get("xmp")
    except Exception:  # any kind can come out of a decoder
        return b""
    return packet if isinstance(packet, bytes) else b""


def read_shape(source: OriginalFile) -> PictureShape:
    """Size and orientation of the picture in `source`, for the most without decoding it.

    Raises UnreadableFileError when there is no picture.
    """
    kind = told_format(source)
    with true_reasons(source, kind), opened(source.stream(), kind, source.path) as image:
        if kind is Format.PNG:
            image.load()  # its EXIF may follow the pixels
        turn = orientation(read_exif(image))
        size = image.size
        if isinstance(image, TiffImagePlugin.TiffImageFile):  # it announces its upright size
            size = int(image.tag_v2[256]), int(image.tag_v2[257])
        width, height = (size[1], size[0]) if turn >= 5 else size
        return PictureShape(width, height, turn)
