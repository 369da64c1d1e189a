"""Scanners are told from the cameras of the same makers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photoclust.media.decode import read_picture
from photoclust.media.metadata import read_metadata
from photoclust.media.scanners import is_scanner

SCANNERS = [
    ("EPSON", "Perfection V600", ""),
    ("EPSON", "Epson Perfection V850 Pro", ""),
    ("SEIKO EPSON CORP.", "GT-X980", ""),
    ("EPSON", "GT-9800F", ""),
    ("EPSON", "FF-680W", ""),
    ("EPSON", "Expression 12000XL", ""),
    ("EPSON", "ET-2750", "EPSON Scan 2"),
    ("EPSON", "FastFoto FF-640", "Epson FastFoto 1.0"),
    ("Canon", "CanoScan 9000F", ""),
    ("Canon", "CanoScan9000F Mark II", ""),
    ("Canon", "MG5300 series", "IJ Scan Utility"),
    ("Canon", "MX920", "ScanGear MP"),
    ("HP", "HP Scanjet G4050", ""),
    ("Hewlett-Packard", "ScanJet 8200", ""),
    ("HP", "OfficeJet Pro 8600", "HP Scan"),
    ("Plustek", "OpticFilm 8200i", ""),
    ("", "OpticFilm 120", ""),
    ("Nikon", "Nikon SUPER COOLSCAN 5000 ED", ""),
    ("Nikon", "LS-50 ED", "Nikon Scan 4.0.2"),
    ("Minolta", "DiMAGE Scan Elite 5400", ""),
    ("reflecta", "ProScan 7200", ""),
    ("Reflecta", "RPS 10M", ""),
    ("KODAK", "Pakon F135 Plus", ""),
    ("Kodak", "Mobile Film Scanner", ""),
    ("NORITSU KOKI", "QSS-32_33", "EZ Controller 6.70"),
    ("NORITSU KOKI", "HS-1800", ""),
    ("FUJI PHOTO FILM CO., LTD.", "SP-3000", ""),
    ("FUJIFILM", "SP500", ""),
    ("FUJI PHOTO FILM CO., LTD.", "SP-2000", "FDi V4.5 / FRONTIER355/375-1.8-0E-016"),
    ("Fujitsu", "ScanSnap SV600", ""),
    ("PFU", "ScanSnap iX1600", "ScanSnap Home"),
    ("Hasselblad", "Flextight X5", ""),
    ("", "", "VueScan 9 x64 (9.7.50)"),
    ("", "", "SilverFast 8.8"),
    ("Apple", "iPhone 12", "Photomyne"),
    ("Apple", "iPhone 12", "PhotoScan by Google"),
]

CAMERAS = {
    "SEIKO EPSON CORP.": ["R-D1", "R-D1s", "R-D1x", "PhotoPC 3100Z", "L-500V", "EPSON PhotoPC 650"],
    "Canon": ["Canon EOS 5D Mark IV", "Canon EOS R5", "Canon PowerShot G7 X", "Canon IXY 200"],
    "Hewlett-Packard": ["HP Photosmart R967", "HP PhotoSmart C850", "HP PhotoSmart 618"],
    "HP": ["HP Photosmart M547", "HP CB350"],
    "NIKON CORPORATION": ["NIKON D90", "NIKON Z 6_2", "NIKON D850", "NIKON 1 J5"],
    "NIKON": ["COOLPIX P1000", "E990", "COOLPIX L830"],
    "FUJIFILM": ["X-T5", "FinePix S3000", "FinePix S2000HD", "X100V", "FinePix S5000", "GFX 50S"],
    "FUJIFILM CORPORATION": ["FUJIFILM QuickSnap"],
    "EASTMAN KODAK COMPANY": ["KODAK DX7590 ZOOM DIGITAL CAMERA", "KODAK EASYSHARE Z981"],
    "KONICA MINOLTA": ["DiMAGE A2", "DiMAGE Z5", "DYNAX 5D"],
    "Minolta Co., Ltd.": ["DiMAGE 7Hi", "DiMAGE X"],
    "Hasselblad": ["Hasselblad X1D", "L1D-20c", "Hasselblad H6D-100c"],
    "SAMSUNG": ["GT-I9100", "GT-I9505", "SM-G991B", "NX1000"],
    "Apple": ["iPhone 15 Pro"],
    "SONY": ["ILCE-7M3", "DSC-RX100M3", "LS-1"],
    "Panasonic": ["DMC-LX100", "DC-LX100M2", "DMC-LS5"],
}
PROGRAMS = [
    "",
    "Adobe Photoshop Lightroom 6.1 (Windows)",
    "GIMP 2.10.36",
    "Ver.1.00",
    "digiKam-8.2.0",
    "17.4.1",
    "Scandinavian Film Look 2",
    "HP Photosmart Essential",
    "Digital Camera FinePix S3000 Ver1.00",
]


@pytest.mark.parametrize(("make", "model", "software"), SCANNERS)
@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_a_scanner_is_one_however_it_is_spelt(make, model, software, spelling):
    assert is_scanner(spelling(make), spelling(model), spelling(software))


@given(
    st.sampled_from([(make, model) for make, models in CAMERAS.items() for model in models]),
    st.sampled_from(PROGRAMS),
    st.from_regex(r"[ _-]?[vV]?[0-9]{1,5}(\.[0-9]{1,3}){0,2}", fullmatch=True),
    st.sampled_from([str, str.lower, str.upper]),
)
def test_a_camera_is_none_whatever_its_firmware(camera, program, version, spelling):
    make, model = camera
    assert not is_scanner(spelling(make), spelling(model), spelling(program + version))


def exif_of(tags: dict[int, object], source: object = None) -> Image.Exif:
    exif = Image.Exif()
    exif.update(tags)
    if source is not None:
        exif.get_ifd(0x8769)[0xA300] = source
    return exif


@pytest.mark.parametrize(
    ("source", "scanned"),
    [
        (None, False),
        (b"\x01", True),
        (b"\x02", True),
        (b"\x03", False),
        (b"\x03\0\0\0", False),
        (b"", False),
        (1, True),
        (3, False),
        ("\x01", False),
        ((1, 2), False),
    ],
)
def test_the_source_of_a_file_tells_a_scanner(source, scanned):
    camera = {0x010F: "NIKON CORPORATION", 0x0110: "NIKON D90"}
    assert read_metadata(exif_of(camera, source)).scanned == scanned


def test_a_scanner_that_calls_itself_a_camera_is_one(tmp_path):
    path = tmp_path / "a.jpg"
    exif = exif_of({0x010F: "EPSON\0", 0x0110: "Perfection V600", 0x0131: "?"}, b"\x03")
    Image.new("RGB", (16, 16)).save(path, exif=exif)

    assert read_picture(path).metadata.scanned


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_source_is_read_from_every_format(tmp_path, kind):
    path = tmp_path / "a"
    exif = exif_of({0x010F: "Unknown"}, b"\x02")
    tags = {"tiffinfo": {0x8769: {0xA300: b"\x02"}}} if kind == "TIFF" else {"exif": exif}
    Image.new("RGB", (16, 16)).save(path, kind, **tags)

    assert read_picture(path).metadata.scanned
