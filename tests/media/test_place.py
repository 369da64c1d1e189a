"""Copies without the place: no coordinate is left, and no pixel is touched."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from PIL.ExifTags import IFD, Base

from photoclust.core.errors import UserError
from photoclust.media.place import without_place

NORTH, EAST = (48.0, 8.0, 14.123), (11.0, 34.0, 31.456)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,8.2354N" '
    b"exif:GPSLongitude='11,34.5243E' exif:FNumber=\"4/1\">"
    b"<exif:GPSAltitude>519/1</exif:GPSAltitude></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def pixels():
    return np.random.default_rng(1).integers(0, 255, (40, 60, 3), dtype=np.uint8)


def picture(kind, *, gps=True, **options):
    """A small picture file with camera, time and, if `gps`, a place."""
    exif = Image.Exif()
    exif[Base.Make] = "Canon"
    exif[Base.ImageDescription] = "a description of more than four bytes"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2019:05:12 14:05:33"
    if gps:
        exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: NORTH, 3: "E", 4: EAST, 29: "2019:05:12"})
        exif[0x9999] = 7  # comes behind the way to the GPS directory
    buffer = io.BytesIO()
    if kind != "TIFF":
        options["exif"] = exif
    elif "tiffinfo" not in options:  # Pillow writes the tags of a TIFF in its own way
        parts = {tag: dict(exif.get_ifd(tag)) for tag in (IFD.Exif, IFD.GPSInfo)}
        options["tiffinfo"] = {**dict(exif), **{tag: part for tag, part in parts.items() if part}}
    Image.fromarray(pixels()).save(buffer, kind, **options)
    return buffer.getvalue()


def read(data):
    """Pixels, tags, and those of the EXIF and GPS directories."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of damaged tags
        with Image.open(io.BytesIO(data)) as image:
            exif = image.getexif()
            details, place = dict(exif.get_ifd(IFD.Exif)), dict(exif.get_ifd(IFD.GPSInfo))
            return np.asarray(image.convert("RGB")), dict(exif), details, place


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WebP", "AVIF"])
def test_the_place_is_gone_and_all_else_stays(kind):
    data = picture(kind)
    before, _, _, place = read(data)
    assert place[2] == pytest.approx(NORTH)
    cleaned = without_place(data)
    after, exif, details, place = read(cleaned)
    assert len(cleaned) == len(data)
    assert (after == before).all()
    assert IFD.GPSInfo not in exif
    assert not place
    assert exif[Base.Make].rstrip("\0") == "Canon"
    assert exif[0x9999] == 7
    assert details[Base.DateTimeOriginal] == "2019:05:12 14:05:33"
    for part in (struct.pack("<II", 14123, 1000), struct.pack(">II", 14123, 1000), b"2019:05:12\0"):
        assert part not in cleaned


@pytest.mark.parametrize("kind", ["JPEG", "WebP", "TIFF"])
def test_coordinates_in_xmp_go_as_well(kind):
    options = {"tiffinfo": {700: XMP}} if kind == "TIFF" else {"xmp": XMP}
    cleaned = without_place(picture(kind, gps=kind != "TIFF", **options))
    assert b"GPS" not in cleaned
    assert b'exif:FNumber="4/1"' in cleaned
    read(cleaned)


def test_xmp_of_a_png_goes_and_the_checksums_fit():
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    cleaned = without_place(picture("PNG", pnginfo=info))
    assert b"GPS" not in cleaned
    offset = 8
    while offset < len(cleaned):
        (length,) = struct.unpack_from(">I", cleaned, offset)
        chunk = cleaned[offset + 4 : offset + 8 + length]
        assert zlib.crc32(chunk) == struct.unpack_from(">I", cleaned, offset + 8 + length)[0]
        offset += length + 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF"])
def test_a_file_without_a_place_stays_as_it_is(kind):
    data = picture(kind, gps=False) if kind in ("JPEG", "PNG") else plain(kind)
    assert without_place(data) == data


def plain(kind):
    buffer = io.BytesIO()
    Image.fromarray(pixels()).save(buffer, kind)
    return buffer.getvalue()


def test_the_further_pictures_of_a_file_are_cleaned_too():
    data = picture("JPEG") + picture("JPEG")
    cleaned = without_place(data)
    second = cleaned[len(data) // 2 :]
    assert IFD.GPSInfo not in read(second)[1]


def test_compressed_or_hidden_places_are_refused():
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type exif", "45786966 " * 20, zip=True)
    with pytest.raises(UserError, match="compressed"):
        without_place(picture("PNG", pnginfo=info))
    compressed = PngImagePlugin.PngInfo()
    compressed.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    with pytest.raises(UserError):
        without_place(picture("PNG", pnginfo=compressed))
    with pytest.raises(UserError, match="video"):
        without_place(picture("JPEG") + b"\0\0\0\x18ftypmp42" + b"\xa9xyz+48.13+011.57/")


def test_other_files_and_damaged_ones_are_refused():
    with pytest.raises(UserError):
        without_place(b"GIF89a")
    with pytest.raises(UserError):
        without_place(b"no picture at all")
    with pytest.raises(UserError):
        without_place(picture("JPEG")[:30])


def test_no_byte_of_a_damaged_directory_brings_it_down():
    """Whatever stands in the EXIF block: a copy without the place, or a refusal."""
    data = picture("JPEG")
    rng = np.random.default_rng(4)
    start, end = data.index(b"Exif\0\0") + 6, data.index(b"\xff\xdb")
    for _ in range(300):
        damaged = bytearray(data)
        for place in rng.integers(start, end, 3):
            damaged[place] = rng.integers(0, 256)
        try:
            cleaned = without_place(bytes(damaged))
        except UserError:
            continue
        assert not read(cleaned)[3]
