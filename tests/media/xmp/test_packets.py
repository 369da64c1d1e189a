import io
import struct
import zlib

import pytest
from PIL import Image

from photoclust.core.errors import UserError
from photoclust.media.files import OriginalFile
from photoclust.media.xmp import packets

PACKET = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>a packet</x:xmpmeta>"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"


def written(tmp_path, name, **options):
    path = tmp_path / name
    Image.new("RGB", (32, 24), "grey").save(path, **options)
    return path


def read(path):
    with OriginalFile(path) as original:
        return packets.read_packets(original)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.avif", "a.tif", "a.png"])
def test_the_packet_of_each_format_is_found(tmp_path, name):
    if name == "a.tif":
        from PIL.TiffImagePlugin import ImageFileDirectory_v2

        tags = ImageFileDirectory_v2()
        tags[700] = PACKET
        path = written(tmp_path, name, tiffinfo=tags)
    elif name == "a.png":
        from PIL.PngImagePlugin import PngInfo

        told = PngInfo()
        told.add_itxt("XML:com.adobe.xmp", PACKET.decode(), zip=True)
        path = written(tmp_path, name, pnginfo=told)
    else:
        path = written(tmp_path, name, xmp=PACKET)
    assert read(path) == [PACKET]


def test_big_endian_and_big_tiff(tmp_path):
    entry = struct.pack(">HHII", 700, 1, len(PACKET), 26)
    classic = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4) + PACKET
    (tmp_path / "a.tif").write_bytes(classic)
    assert read(tmp_path / "a.tif") == [PACKET]
    entry = struct.pack("<HHQQ", 700, 7, len(PACKET), 52)
    big = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 1) + entry + bytes(8) + PACKET
    (tmp_path / "b.tif").write_bytes(big)
    assert read(tmp_path / "b.tif") == [PACKET]


def test_extended_packets_are_put_together_in_any_order(tmp_path):
    path = written(tmp_path, "a.jpg", xmp=PACKET)
    whole = bytes(range(256)) * 300
    pieces = []
    for start in (40_000, 0):
        piece = whole[start : start + 40_000]
        head = EXTENDED + b"G" * 32 + struct.pack(">II", len(whole), start)
        content = head + piece
        pieces.append(b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content)
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"".join(pieces) + data[2:])
    assert sorted(read(path), key=len) == [PACKET, whole]


def test_a_packet_that_unpacks_to_more_than_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packets, "MAX_PACKET_BYTES", 1000)
    data = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(10**6))
    chunk = struct.pack(">I", len(data)) + b"iTXt" + data + struct.pack(">I", zlib.crc32(data))
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "PNG")
    png = file.getvalue()
    (tmp_path / "a.png").write_bytes(png[:33] + chunk + png[33:])
    if len(data) > 1000:
        assert read(tmp_path / "a.png") == []
    else:
        with pytest.raises(UserError, match=r"larger than"):
            read(tmp_path / "a.png")


def test_sidecars_beside_a_photo_the_longer_name_first(tmp_path):
    photo = tmp_path / "a.jpg"
    photo.touch()
    assert packets.sidecars(photo) == []
    for name in ("a.xmp", "a.jpg.xmp", "b.xmp"):
        (tmp_path / name).write_bytes(PACKET)
    assert [path.name for path in packets.sidecars(photo)] == ["a.jpg.xmp", "a.xmp"]
    assert packets.read_sidecar(tmp_path / "a.xmp") == PACKET


def test_a_sidecar_that_cannot_be_read_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(packets, "MAX_PACKET_BYTES", 10)
    (tmp_path / "a.xmp").write_bytes(PACKET)
    with pytest.raises(UserError, match=r"a\.xmp: its XMP data is larger than"):
        packets.read_sidecar(tmp_path / "a.xmp")
    with pytest.raises(UserError, match=r"b\.xmp"):
        packets.read_sidecar(tmp_path / "b.xmp")


def test_cut_off_anywhere_a_file_has_its_packet_or_none(tmp_path):
    path = written(tmp_path, "a.jpg", xmp=PACKET)
    data = path.read_bytes()
    for end in range(2, 400, 7):
        path.write_bytes(data[:end])
        assert all(PACKET.startswith(packet) or packet == PACKET for packet in read(path))
