"""Pages of TIFF and PDF files: which there are, and that each is read as itself."""

import struct

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from photoclust.core.errors import UnreadableFileError
from photoclust.core.pages import page_path
from photoclust.media import pages, pdf
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.media.headers import read_orientation, read_shape


def picture(seed, size=(400, 300), mode="RGB"):
    small = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).convert(mode)


def tiff(path, *images, kinds=None, **options):
    """A TIFF with `images` for pages, of which `kinds` gives the NewSubfileType."""
    with TiffImagePlugin.AppendingTiffWriter(path, new=True) as file:
        for number, image in enumerate(images):
            info = TiffImagePlugin.ImageFileDirectory_v2()
            if kinds and kinds[number]:
                info[254] = kinds[number]
            image.save(file, "TIFF", tiffinfo=info, **options)
            file.newFrame()
    return path


def document(path, *images, **options):
    images[0].save(path, "PDF", save_all=True, append_images=images[1:], **options)
    return path


def found(path):
    with OriginalFile(path) as original:
        return [part.name for part in pages.further_pages(original)]


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "jpeg"])
def test_pages_of_a_tiff_are_pictures_of_their_own(tmp_path, compression):
    images = [picture(1), picture(2, (300, 500)), picture(3, mode="L")]
    path = tiff(tmp_path / "a.tif", *images, compression=compression)

    assert found(path) == ["page 2", "page 3"]

    for number, image in enumerate(images, 1):
        place = path if number == 1 else page_path(path, number)
        read = read_picture(place)
        assert (read.width, read.height) == image.size
        wanted = np.asarray(image.convert("RGB")).astype(int)
        assert np.abs(read.pixels - wanted).mean() < (8 if compression == "jpeg" else 0.01)


def test_each_page_is_turned_as_it_says(tmp_path):
    path = tmp_path / "a.tif"
    with TiffImagePlugin.AppendingTiffWriter(path, new=True) as file:
        for turn in (1, 6, 3):
            info = TiffImagePlugin.ImageFileDirectory_v2()
            info[274] = turn
            picture(turn).save(file, "TIFF", tiffinfo=info)
            file.newFrame()

    with OriginalFile(path) as original:
        parts = [original, *map(original.part, pages.further_pages(original))]
        assert [read_orientation(part) for part in parts] == [1, 6, 3]
        assert [(s.width, s.height) for s in map(read_shape, parts)] == [
            (400, 300),
            (300, 400),
            (400, 300),
        ]
        turned = np.rot90(np.asarray(picture(6)), -1)
        assert np.array_equal(read_picture(parts[1]).pixels, turned)


def test_large_pages_are_read_in_bands_as_well(tmp_path, monkeypatch):
    from photoclust.media import decode

    monkeypatch.setattr(decode, "HEAVY_BYTES", 0)
    images = [picture(1, (600, 500)), picture(2, (500, 700))]
    path = tiff(tmp_path / "a.tif", *images, compression="tiff_lzw")

    assert np.array_equal(read_picture(page_path(path, 2)).pixels, np.asarray(images[1]))


def test_what_is_no_photo_is_no_page(tmp_path):
    whole = picture(1, (1200, 800))
    path = tiff(
        tmp_path / "scan.tiff",
        whole,
        picture(1, (600, 400)),  # said to be reduced
        picture(1, (300, 200)),  # not said to be, but it is
        picture(3, (1200, 800), "1"),  # a fax
        picture(4, (200, 100)),
        picture(5, (1200, 800), "L"),  # a mask
        picture(6, (900, 900)),
        kinds=[0, 1, 0, 0, 0, 4, 0],
    )

    assert found(path) == ["page 7"]


@pytest.mark.parametrize(("bits", "expected"), [(16, []), (8, ["page 2"])])
def test_infrared_behind_colour_is_no_page(tmp_path, bits, expected):
    """Pillow writes no colours of 16 bits; their tags will do."""
    path = tiff(tmp_path / "a.tif", picture(1), picture(2, mode="I;16" if bits == 16 else "L"))
    if bits == 16:
        data = bytearray(path.read_bytes())
        (first,) = struct.unpack_from("<I", data, 4)
        (count,) = struct.unpack_from("<H", data, first)
        entries = [struct.unpack_from("<HHII", data, first + 2 + 12 * n) for n in range(count)]
        (at,) = (value for tag, _, _, value in entries if tag == 258)
        struct.pack_into("<3H", data, at, 16, 16, 16)
        path.write_bytes(data)

    assert found(path) == expected


def test_a_directory_that_leads_to_itself_has_an_end(tmp_path):
    path = tiff(tmp_path / "a.tif", picture(1), picture(2))
    data = bytearray(path.read_bytes())
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    second = int.from_bytes(data[first + 2 + 12 * count :][:4], "little")
    count = int.from_bytes(data[second : second + 2], "little")
    end = second + 2 + 12 * count
    data[end : end + 4] = first.to_bytes(4, "little")
    path.write_bytes(data)

    assert found(path) == ["page 2"]


def test_a_page_that_is_gone_is_told(tmp_path):
    path = tiff(tmp_path / "a.tif", picture(1), picture(2))

    with pytest.raises(UnreadableFileError) as caught:
        read_picture(page_path(path, 3))

    assert caught.value.path == page_path(path, 3)


def test_other_files_have_no_pages_and_are_not_opened_for_it(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"nothing")

    assert found(path) == []


def test_a_page_has_a_content_of_its_own(tmp_path):
    path = tiff(tmp_path / "a.tif", picture(1), picture(2))
    other = tiff(tmp_path / "b.tif", picture(1), picture(2))

    def contents(path):
        with OriginalFile(path) as file:
            part = file.part(page_path(path, 2))
            assert part.stat.path == part.path
            return file.content_hash(), part.content_hash()

    assert contents(path) == contents(other)
    assert len(set(contents(path))) == 2
    with OriginalFile(page_path(path, 2)) as alone:
        assert alone.content_hash() == contents(path)[1]


# PDF


def test_pages_of_a_pdf_that_are_photos(tmp_path):
    letter = Image.new("RGB", (800, 1100), (247, 245, 240))
    letter.paste((20, 20, 20), (100, 100, 700, 160))
    path = document(tmp_path / "a.pdf", letter, picture(1, (640, 480)), letter, picture(2))

    assert found(path) == ["page 4"]
    first, second = read_picture(path), read_picture(page_path(path, 4))

    assert (first.width, first.height) == (640, 480)
    assert np.abs(first.pixels - np.asarray(picture(1, (640, 480))).astype(int)).mean() < 6
    assert np.abs(second.pixels - np.asarray(picture(2)).astype(int)).mean() < 6


def test_dark_pages_are_photos(tmp_path):
    night = Image.new("RGB", (600, 400), (8, 8, 12))
    night.paste((200, 180, 150), (280, 180, 300, 200))

    with document(tmp_path / "a.pdf", night).open("rb") as stream:
        assert pdf.photo_pages(stream) == [1]


def test_a_document_without_photos_says_so(tmp_path):
    path = document(tmp_path / "a.pdf", Image.new("RGB", (800, 1100), "white"))

    assert found(path) == []
    with pytest.raises(UnreadableFileError, match="document without photos"):
        read_picture(path)


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n" + bytes(3000)])
def test_a_damaged_pdf_is_told(tmp_path, data):
    path = tmp_path / "a.pdf"
    path.write_bytes(data)

    with pytest.raises(UnreadableFileError, match="the PDF data is damaged"):
        found(path)


def test_without_its_extra_a_pdf_is_refused_with_what_to_do(tmp_path, monkeypatch):
    path = document(tmp_path / "a.pdf", picture(1))
    monkeypatch.setattr(pdf, "is_readable", lambda: False)

    with pytest.raises(UnreadableFileError, match=r"install photoclust\[pdf\]") as caught:
        read_picture(path)

    assert caught.value.try_again


def test_a_picture_is_rendered_with_the_pixels_it_has(tmp_path):
    path = document(tmp_path / "a.pdf", picture(1, (1500, 1000)), resolution=72 * 5)

    read = read_picture(path)

    assert max(read.width, read.height) == 1500


def test_threads_read_pdfs_at_once(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    path = document(tmp_path / "a.pdf", *(picture(seed) for seed in range(4)))
    places = [path, *(page_path(path, number) for number in (2, 3, 4))] * 5

    with ThreadPoolExecutor(4) as pool:
        sizes = {read.pixels.shape for read in pool.map(read_picture, places)}

    assert sizes == {(300, 400, 3)}
