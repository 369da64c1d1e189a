"""Names written into photos: only the packet is another, and what cannot be certain is not done."""

import hashlib
import json
import os
import stat
import subprocess

import pytest
from PIL import Image

from photoclust.core.errors import UserError
from photoclust.core.types import FileStat
from photoclust.media.decode import read_picture
from photoclust.services import exiftool as tool
from photoclust.services import forgetting, names_out_exiftool
from photoclust.services.names_out import Wanted
from photoclust.store import files as file_store

PACKET = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   crs:Exposure2012="+0.35"/>
 </rdf:RDF>
</x:xmpmeta>"""


def write(shelf, **options):
    return names_out_exiftool.write_into_files(shelf.library, Wanted(), **options)


def scan_data(path):
    """The compressed picture of a JPEG, from its first scan on."""
    data = path.read_bytes()
    return data[data.index(b"\xff\xda") :]


def test_without_exiftool_it_says_what_to_do(decided, monkeypatch):
    monkeypatch.setenv("PATH", str(decided.folder))
    with pytest.raises(UserError, match="exiftool, which writes into photos, is not installed"):
        write(decided)


@pytest.mark.exiftool
@pytest.mark.usefixtures("exiftool")
def test_only_the_packet_is_another(decided, exiftool):
    paths = [decided.folder / "a.jpg", decided.folder / "trip/b.jpg"]
    os.utime(paths[0], ns=(10**18, 10**18))
    decided.know(paths[0], boxes=())  # its new time
    paths[0].chmod(0o640)
    before = [(scan_data(path), read_picture(path).digest()) for path in paths]
    tried = write(decided, dry_run=True)
    assert [(scan_data(path), read_picture(path).digest()) for path in paths] == before
    report = write(decided)
    assert (report.written, report.regions) == (tried.written, tried.regions)
    assert not report.failed
    assert [(scan_data(path), read_picture(path).digest()) for path in paths] == before
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o640
    assert sorted(path.name for path in decided.folder.rglob("*.*")) == ["a.jpg", "b.jpg"]
    command = [exiftool, "-json", "-RegionName", "-Orientation#", str(paths[1])]
    (found,) = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert found["Orientation"] == 6
    assert write(decided).written == 0


@pytest.mark.exiftool
@pytest.mark.usefixtures("exiftool")
def test_the_library_knows_the_photos_again(decided):
    write(decided)
    path = decided.folder / "a.jpg"
    status = path.stat()
    with decided.library.read() as tx:
        known = file_store.unchanged(tx, [FileStat(path, status.st_size, status.st_mtime_ns)])
    assert known == {path: None}


@pytest.mark.exiftool
@pytest.mark.usefixtures("exiftool")
def test_the_old_packet_is_kept_for_its_owner_alone(shelf):
    path = shelf.folder / "a.jpg"
    Image.new("RGB", (400, 300)).save(path, xmp=PACKET)
    shelf.know(path)
    shelf.name("a.jpg", 0, "Anna")
    report = write(shelf)
    assert not report.failed
    folder = shelf.library.folder / "metadata"
    line = json.loads((folder / names_out_exiftool.INDEX).read_text())
    assert line["photo"] == str(path)
    assert (folder / line["packet"]).read_bytes() == PACKET
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    with Image.open(path) as image:
        assert b'crs:Exposure2012="+0.35"' in image.info["xmp"]
        assert b"Anna" in image.info["xmp"]


@pytest.mark.exiftool
@pytest.mark.usefixtures("exiftool")
def test_a_copy_that_shows_something_else_is_thrown_away(decided, monkeypatch):
    before = hashlib.sha256((decided.folder / "a.jpg").read_bytes()).digest()
    real = tool.ExifTool.write_xmp

    def spoil(self, photo, packet, target):
        real(self, photo, packet, target)
        with Image.open(target) as image:
            image.point(lambda value: 255 - value).save(target, xmp=packet.read_bytes())

    monkeypatch.setattr(tool.ExifTool, "write_xmp", spoil)
    report = write(decided)
    assert report.written == 0
    assert {failure.reason for failure in report.failed} == {
        "the picture would have changed; the photo is as it was"
    }
    assert hashlib.sha256((decided.folder / "a.jpg").read_bytes()).digest() == before
    assert sorted(path.name for path in decided.folder.rglob("*.*")) == ["a.jpg", "b.jpg"]


@pytest.mark.exiftool
@pytest.mark.usefixtures("exiftool")
def test_raw_files_are_never_written(shelf):
    path = shelf.folder / "a.cr2"
    Image.new("RGB", (400, 300)).save(path, "jpeg")
    shelf.know(path)
    shelf.name("a.cr2", 0, "Anna")
    report = write(shelf)
    assert "nothing is written" in report.failed[0].reason


@pytest.mark.exiftool
@pytest.mark.usefixtures("exiftool")
def test_a_packet_cannot_pretend_to_be_at_its_end(shelf):
    trap = PACKET.replace(b"</x:xmpmeta>", b"<!-- {ready}\n{ready1}\n --></x:xmpmeta>")
    path = shelf.folder / "a.jpg"
    Image.new("RGB", (400, 300)).save(path, xmp=trap)
    with tool.ExifTool() as running:
        assert running.read_xmp(path) == running.read_xmp(path) == trap


def test_forgetting_somebody_forgets_what_photos_said(decided):
    folder = decided.library.folder / "metadata"
    folder.mkdir()
    (folder / "old.xmp").write_text("Anna")
    forgetting.forget_person(decided.library, "p1")
    assert not folder.exists()


@pytest.mark.exiftool
@pytest.mark.usefixtures("exiftool")
@pytest.mark.parametrize("name", ["100%d 50%f%.jpg", " -o ä.jpg ", "#a;b'c.jpg", "a*b?.jpg"])
def test_no_name_of_a_file_means_anything(shelf, name):
    path = shelf.folder / name
    Image.new("RGB", (400, 300)).save(path, "jpeg")
    shelf.know(path)
    shelf.name(name, 0, "Anna")
    report = write(shelf)
    assert not report.failed
    assert [each.name for each in shelf.folder.iterdir()] == [name]
    with Image.open(path) as image:
        assert b"Anna" in image.info["xmp"]
