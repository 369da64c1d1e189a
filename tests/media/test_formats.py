"""What a file is, by its first bytes, and the reasons given for what is no picture."""

import io

import pytest
from PIL import Image

from photoclust.core.errors import UnreadableFileError
from photoclust.media.decode import read_picture
from photoclust.media.formats import Format, is_cut_short, sniff


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    size = 16 + 4 * len(compatible)
    return size.to_bytes(4, "big") + b"ftyp" + major + bytes(4) + b"".join(compatible)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ftyp(b"heic", b"mif1", b"heic"), Format.HEIF),
        (ftyp(b"mif1", b"heic"), Format.HEIF),
        (ftyp(b"mif1", b"avif"), Format.AVIF),
        (ftyp(b"avis", b"msf1"), Format.AVIF),
        (ftyp(b"isom", b"mp42"), "it is a video, not a picture"),
        (ftyp(b"qt  "), "it is a video, not a picture"),
        (ftyp(b"crx "), Format.RAW),
        (b"RIFF\x10\0\0\0AVI LIST", "it is a video, not a picture"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "it is not a picture photoclust can read"),
        (b"\xff\x0a\xba\x21", "JPEG XL is not supported yet; convert it to JPEG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL is not supported yet; convert it to JPEG"),
        (b"PK\3\4stuff", "it is a ZIP archive, not a picture"),
        (b"\n <!DOCTYPE html><html>", "it is a web page, not a picture"),
        (b"\xef\xbb\xbf<html>", "it is a web page, not a picture"),
        (b'<?xml version="1.0"?>', "it is an XML or SVG file, not a picture"),
        (bytes(512), "the file holds nothing but zero bytes; restore it from a backup"),
        (b"hello", "it is not a picture photoclust can read"),
        (b"%!PS-Adobe", "it is a PostScript document, not a picture"),
        (b"", "the file is empty"),
    ],
)
def test_content_decides(head, expected):
    assert sniff(head) == expected


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF"])
def test_a_picture_under_a_wrong_name_is_read(tmp_path, kind):
    path = tmp_path / "a.jpg"
    Image.new("RGB", (32, 24), (200, 10, 10)).save(path, kind)

    picture = read_picture(path)

    assert (picture.width, picture.height) == (32, 24)
    assert abs(picture.pixels.reshape(-1, 3).mean(0) - (200, 10, 10)).max() < 6


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_containers_tell_that_their_end_is_missing(kind):
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (9, 99, 199)).save(file, kind)
    content = file.getvalue()

    assert not is_cut_short(io.BytesIO(content), len(content))
    assert is_cut_short(io.BytesIO(content[:-1]), len(content) - 1)


def test_the_reason_names_the_file_and_not_pillow(tmp_path):
    path = tmp_path / "page.jpg"
    path.write_text("<html>not found</html>")

    with pytest.raises(UnreadableFileError) as caught:
        read_picture(path)

    assert str(caught.value) == f"{path}: it is a web page, not a picture"
