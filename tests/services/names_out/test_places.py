"""Which file speaks of which photo."""

from pathlib import Path

import pytest

from photoclust.services.names_out_places import Sidecars, is_raw

ROOT = Path("/photos")


@pytest.mark.parametrize(
    ("photo", "sidecar"),
    [
        ("a.jpg", "a.jpg.xmp"),
        ("a.HEIC", "a.HEIC.xmp"),
        ("a.cr2", "a.xmp"),
        ("a.dng", "a.dng.xmp"),
        ("a.b.NEF", "a.b.xmp"),
    ],
)
def test_names_are_those_that_others_look_for(photo, sidecar, tmp_path):
    assert Sidecars(None, []).of(tmp_path / photo) == tmp_path / sidecar


def test_a_raw_file_and_its_jpeg_have_one_each(tmp_path):
    sidecars = Sidecars(None, [])
    assert sidecars.of(tmp_path / "a.cr2") == tmp_path / "a.xmp"
    assert sidecars.of(tmp_path / "a.jpg") == tmp_path / "a.jpg.xmp"
    assert sidecars.of(tmp_path / "a.orf") == tmp_path / "a.orf.xmp"  # taken already
    assert sidecars.of(tmp_path / "a.cr2") == tmp_path / "a.xmp"


def test_a_raw_file_keeps_to_the_sidecar_that_it_has(tmp_path):
    (tmp_path / "a.cr2.xmp").touch()
    assert Sidecars(None, []).of(tmp_path / "a.cr2") == tmp_path / "a.cr2.xmp"
    (tmp_path / "a.xmp").touch()
    assert Sidecars(None, []).of(tmp_path / "a.cr2") == tmp_path / "a.xmp"
    (tmp_path / "b.XMP").touch()
    assert Sidecars(None, []).of(tmp_path / "b.cr2").name.lower() == "b.xmp"


def test_folders_of_one_name_are_kept_apart():
    sidecars = Sidecars(Path("/out"), [ROOT / "x/pics", ROOT / "y/Pics", ROOT / "x/pics/sub"])
    assert sidecars.of(ROOT / "x/pics/a.jpg") == Path("/out/pics/a.jpg.xmp")
    assert sidecars.of(ROOT / "y/Pics/a.jpg") == Path("/out/Pics (2)/a.jpg.xmp")
    assert sidecars.of(ROOT / "x/pics/sub/a.jpg") == Path("/out/sub/a.jpg.xmp")
    assert sidecars.of(Path("/else/a.jpg")) == Path("/out/else/a.jpg.xmp")


def test_dng_is_no_raw_file_to_lightroom():
    assert is_raw(Path("a.ARW"))
    assert not is_raw(Path("a.dng"))
