"""Names of files that hold several pictures: other programs see one document, one video."""

import subprocess

import pytest
from PIL import Image

from photoclust.core.pages import page_path
from photoclust.media.xmp.editing import Packet, items, structure
from photoclust.media.xmp.forms import MWG, mwg_region
from photoclust.services import deciding, describing, names_out_exiftool
from photoclust.services.names_in import take_over
from photoclust.services.names_in_sources import Source, find_names
from photoclust.services.names_out import Wanted, find_people
from photoclust.services.names_out_xmp import export_sidecars

LISTS = {
    "PersonInImage": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "subject": "http://purl.org/dc/elements/1.1/",
}


@pytest.fixture
def album(shelf):
    """`album.tif` of three pages, with Anna on the first, Berta and, out of sight, Carla on the
    second, and on the third Dora without a face.
    """
    path = shelf.folder / "album.tif"
    pages = [Image.new("RGB", (400, 300), (shade, shade, shade)) for shade in (60, 120, 180)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    for file in (path, page_path(path, 2), page_path(path, 3)):
        shelf.know(file)
    shelf.name("album.tif", 0, "Anna")
    shelf.name("album.tif/page 2", 0, "Berta")
    deciding.hide(shelf.library, [shelf.name("album.tif/page 2", 1, "Carla")])
    shelf.add("elsewhere.jpg")
    dora = shelf.name("elsewhere.jpg", 0, "Dora")
    describing.tag(shelf.library, dora, [shelf.photos["album.tif/page 3"]])
    return shelf


def told(sidecar):
    packet = Packet(sidecar.read_bytes())
    return {local: packet.texts((space, local)) for local, space in LISTS.items()}


def regions(sidecar):
    listed = structure(Packet(sidecar.read_bytes()).property((MWG, "Regions"))).holder
    there = items(listed.find((MWG, "RegionList")))
    return [mwg_region(structure(item)).name for item in there]


def test_the_sidecar_of_a_file_names_who_is_in_any_of_its_pictures(album):
    export_sidecars(album.library, Wanted())
    names = ["Anna", "Berta", "Dora"]
    main, second = (album.folder / f"{name}.xmp" for name in ("album.tif", "album.tif page 2"))
    assert told(main) == {"PersonInImage": names, "subject": names}
    assert told(second) == {"PersonInImage": ["Berta"], "subject": ["Berta"]}
    # As words alone: their boxes are of other pictures.
    assert regions(main) == ["Anna"]
    assert b"Carla" not in main.read_bytes()
    assert export_sidecars(album.library, Wanted()).written == 0


def test_who_is_in_no_picture_any_more_leaves_the_sidecar_of_the_file(album):
    export_sidecars(album.library, Wanted())
    (berta,) = find_people(album.library, ["Berta"])
    deciding.delete(album.library, f"p{berta}")
    assert export_sidecars(album.library, Wanted()).written == 2
    assert told(album.folder / "album.tif.xmp")["subject"] == ["Anna", "Dora"]


def test_a_file_of_whose_first_picture_nothing_is_known_names_the_others(album):
    (anna,) = find_people(album.library, ["Anna"])
    deciding.delete(album.library, f"p{anna}")
    export_sidecars(album.library, Wanted())
    assert told(album.folder / "album.tif.xmp")["PersonInImage"] == ["Berta", "Dora"]


def test_of_some_people_alone(album):
    export_sidecars(album.library, Wanted(find_people(album.library, ["Berta"])))
    assert told(album.folder / "album.tif.xmp")["PersonInImage"] == ["Berta"]


def test_a_round_trip_makes_nobody_present_in_the_first_picture(album):
    export_sidecars(album.library, Wanted())
    report = take_over(album.library, find_names(album.library, Source.FILES), "files")
    assert (report.names, report.tagged, report.left) == (0, 0, ())


def test_names_that_another_program_copied_make_nobody_present_either(album):
    sidecar = album.folder / "album.tif.xmp"
    export_sidecars(album.library, Wanted())
    # Written anew by a program that drops what it does not know.
    text = sidecar.read_text("utf-8").replace("pc:Written", "pc:Gone")
    sidecar.write_text(text, "utf-8")
    found = find_names(album.library, Source.FILES).photos[album.photos["album.tif"]]
    assert {each.name for each in found.tagged} == {"Anna", "Berta", "Dora"}
    report = take_over(album.library, find_names(album.library, Source.FILES), "files")
    assert (report.names, report.tagged) == (0, 0)


@pytest.mark.exiftool
def test_the_file_itself_names_them_too(album, exiftool):
    report = names_out_exiftool.write_into_files(album.library, Wanted())
    assert report.written == 2
    path = album.folder / "album.tif"
    asked = [exiftool, "-s3", "-XMP-iptcExt:PersonInImage", "-XMP-mwg-rs:RegionName", str(path)]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["Anna, Berta, Dora", "Anna"]
    assert {each.path.name for each in report.failed} == {"page 2", "page 3"}
