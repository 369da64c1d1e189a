"""The walk: what it finds, in which order, and what it leaves out and reports."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import DEFAULT_SKIP_PATTERNS
from photoclust.media import pdf, scan, video
from photoclust.media.files import is_placeholder
from photoclust.media.scan import SkipPatterns, WalkReport, walk


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(*roots: Path, patterns: tuple[str, ...] = (), report: WalkReport | None = None):
    return [file.path for file in walk(roots, patterns, report=report)]


def test_finds_pictures_by_extension_in_a_fixed_order(tmp_path):
    touch(tmp_path, "b.JPG", "a.heic", "c.txt", "a.MOV", "x.xmp", "z/1.png", "m/2.jxl", "m/a/3.tif")

    names = [path.relative_to(tmp_path).as_posix() for path in found(tmp_path)]

    assert names == ["a.heic", "b.JPG", "m/2.jxl", "m/a/3.tif", "z/1.png"]


def test_tells_of_what_lies_beside_pictures(tmp_path):
    touch(tmp_path, "a.jpg", "a.jpg.xmp", "b/a.XMP", "b/.picasa.ini", "b/notes.txt", "left/c.xmp")
    report = WalkReport()

    found(tmp_path, patterns=("left",), report=report)

    beside = [file.path.relative_to(tmp_path).as_posix() for file in report.beside]
    assert beside == ["a.jpg.xmp", "b/.picasa.ini", "b/a.XMP"]
    assert {file.size for file in report.beside} == {1}


@pytest.mark.parametrize("readable", [True, False])
def test_videos_are_candidates_where_they_can_be_read_and_counted_elsewhere(
    tmp_path, monkeypatch, readable
):
    monkeypatch.setattr(video, "is_readable", lambda: readable)
    touch(tmp_path, "a.mp4", "b.MOV", "IMG_1.HEIC", "IMG_1.MOV", "c.JPG", "c.avi")
    report = WalkReport()

    names = [path.name for path in found(tmp_path, report=report)]

    assert [name for name in names if name[-3:] not in {"EIC", "JPG"}] == (
        ["a.mp4", "b.MOV", "c.avi"] if readable else []
    )
    assert report.videos == (0 if readable else 3)


@pytest.mark.parametrize("readable", [True, False])
def test_so_are_pdf_documents(tmp_path, monkeypatch, readable):
    monkeypatch.setattr(pdf, "is_readable", lambda: readable)
    touch(tmp_path, "a.PDF", "b.pdf")
    report = WalkReport()

    assert len(found(tmp_path, report=report)) == (2 if readable else 0)
    assert report.pdfs == (0 if readable else 2)


def test_the_moving_part_of_a_photo_is_told_by_its_name_and_size(tmp_path):
    touch(tmp_path, "IMG_1.HEIC", "IMG_1.MOV", "IMG_10.MOV", "2.JPG", "2.mp4", "3.MOV")
    with (tmp_path / "2.mp4").open("wb") as long:
        long.truncate(50 * 2**20)

    assert [path.name for path in found(tmp_path)] == [
        "2.JPG",
        "2.mp4",
        "3.MOV",
        "IMG_1.HEIC",
        "IMG_10.MOV",
    ]


@pytest.mark.parametrize("readable", [True, False])
def test_raw_files_are_candidates_where_they_can_be_read_and_counted_elsewhere(
    tmp_path, monkeypatch, readable
):
    monkeypatch.setattr(scan.raw, "is_readable", lambda: readable)
    touch(tmp_path, "a.CR2", "a.jpg", "b/c.nef", "b/c.xmp", "left/d.dng")
    report = WalkReport()

    names = [path.name for path in found(tmp_path, patterns=("left",), report=report)]

    assert names == (["a.CR2", "a.jpg", "c.nef"] if readable else ["a.jpg"])
    assert report.raw == (0 if readable else 2)
    assert found(tmp_path / "a.CR2") == [tmp_path / "a.CR2"]  # asked for by name


def test_tells_size_and_time_of_each_file(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 1_700_000_000_123_456_000))

    (file,) = walk([tmp_path], ())

    assert (file.path, file.size, file.mtime_ns) == (path, 5, path.stat().st_mtime_ns)


def test_a_file_given_by_name_is_always_a_candidate_and_comes_once(tmp_path):
    touch(tmp_path, "odd.bin", "._a.jpg", "b.jpg")
    odd, dotted = tmp_path / "odd.bin", tmp_path / "._a.jpg"

    assert found(odd, dotted, odd, tmp_path, dotted, patterns=("._*",)) == [
        odd,
        dotted,
        tmp_path / "b.jpg",
    ]


def test_relative_roots_give_absolute_paths(tmp_path, monkeypatch):
    touch(tmp_path, "p.photoslibrary/originals/a.jpg", "p.photoslibrary/resources/b.jpg")
    monkeypatch.chdir(tmp_path / "p.photoslibrary")

    assert found(Path(), patterns=DEFAULT_SKIP_PATTERNS) == [
        tmp_path / "p.photoslibrary" / "originals" / "a.jpg"
    ]


@pytest.mark.parametrize("reverse", [False, True])
def test_overlapping_roots_give_each_file_once(tmp_path, reverse):
    touch(tmp_path, "a.jpg", "sub/b.jpg", "sub/deep/c.jpg")
    roots = [tmp_path, tmp_path / "sub", tmp_path / "sub" / "deep", tmp_path / "a.jpg"]

    paths = found(*(reversed(roots) if reverse else roots))

    assert sorted(path.name for path in paths) == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_root_that_does_not_exist_is_named_before_the_walk_begins(tmp_path):
    with pytest.raises(UserError, match=r"no-such-folder: there is no such file or folder"):
        walk([tmp_path, tmp_path / "no-such-folder"], ())


def test_default_patterns_skip_derivatives_whatever_their_case(tmp_path):
    touch(
        tmp_path,
        "keep.jpg",
        "@EADIR/x.jpg/thumb.jpg",
        "#recycle/a.jpg",
        ".picasaoriginals/a.jpg",
        "Catalog Previews.lrdata/0/a.jpg",
        "._keep.jpg",
        "Mine.photoslibrary/resources/a.jpg",
        "Mine.photoslibrary/originals/kept too.jpg",
        "resources/kept as well.jpg",
    )
    report = WalkReport()

    names = [p.name for p in found(tmp_path, patterns=DEFAULT_SKIP_PATTERNS, report=report)]

    assert names == ["keep.jpg", "kept too.jpg", "kept as well.jpg"]
    assert report.skipped == 6


def test_a_skipped_folder_that_is_itself_asked_for_is_walked(tmp_path):
    touch(tmp_path, "@eaDir/a.jpg")

    assert found(tmp_path / "@eaDir", patterns=DEFAULT_SKIP_PATTERNS)


def test_patterns_match_both_unicode_forms():
    assert SkipPatterns(["Entwürfe"]).match(Path("x/Entwu\u0308rfe"))


def test_links_are_followed_once_and_loops_end(tmp_path):
    touch(tmp_path, "real/a.jpg")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    touch(outside, "b.jpg")
    (tmp_path / "real" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "again").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "outside").symlink_to(outside, target_is_directory=True)
    (tmp_path / "circle.jpg").symlink_to(tmp_path / "circle.jpg")
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "linked.jpg").symlink_to(outside / "b.jpg")
    report = WalkReport()

    names = [p.relative_to(tmp_path).as_posix() for p in found(tmp_path, report=report)]

    assert names == ["linked.jpg", "again/a.jpg", "outside/b.jpg"]
    assert not report.unreadable


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux file names are plain bytes")
def test_names_that_are_not_utf8_survive(tmp_path):
    name = b"caf\xe9.jpg"
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")

    (path,) = found(tmp_path)

    assert os.fsencode(path.name) == name
    assert path.read_bytes() == b"x"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read it all")
def test_a_closed_folder_is_reported(tmp_path):
    touch(tmp_path, "a.jpg", "closed/b.jpg")
    (tmp_path / "closed").chmod(0)
    report = WalkReport()
    try:
        paths = found(tmp_path, report=report)
    finally:
        (tmp_path / "closed").chmod(0o700)

    assert [path.name for path in paths] == ["a.jpg"]
    assert [(f.path.name, f.reason) for f in report.unreadable] == [
        ("closed", "no permission to read it")
    ]


def test_a_folder_that_cannot_be_listed_does_not_end_the_walk(tmp_path, monkeypatch):
    touch(tmp_path, "bad/a.jpg", "good/b.jpg")
    scandir = os.scandir

    def failing(folder):
        if folder == tmp_path / "bad":
            raise OSError(5, "Input/output error")
        return scandir(folder)

    monkeypatch.setattr(scan.os, "scandir", failing)
    report = WalkReport()

    assert [path.name for path in found(tmp_path, report=report)] == ["b.jpg"]
    assert [(f.path.name, f.reason) for f in report.unreadable] == [
        ("bad", "it cannot be read (Input/output error)")
    ]


def test_a_folder_that_vanishes_during_the_walk_is_reported(tmp_path, monkeypatch):
    touch(tmp_path, "a.jpg", "b/c.jpg")
    report = WalkReport()
    scandir = os.scandir

    def vanishing(folder):
        if folder == tmp_path / "b":
            (folder / "c.jpg").unlink()
            folder.rmdir()
        return scandir(folder)

    monkeypatch.setattr(scan.os, "scandir", vanishing)
    assert [path.name for path in found(tmp_path, report=report)] == ["a.jpg"]
    assert [(f.path.name, f.reason) for f in report.unreadable] == [("b", "the file is gone")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (SimpleNamespace(st_flags=0x40000000), True),
        (SimpleNamespace(st_flags=0x20), False),
        (SimpleNamespace(st_file_attributes=0x400000), True),
        (SimpleNamespace(st_file_attributes=0x40000), True),
        (SimpleNamespace(st_file_attributes=0x1000), True),
        (SimpleNamespace(st_file_attributes=0x20), False),
        (SimpleNamespace(st_blocks=0, st_size=5000), False),
    ],
)
def test_placeholders_are_told_by_what_the_system_marks(status, expected):
    assert is_placeholder(status) is expected


def test_placeholders_are_counted_and_left_out(tmp_path, monkeypatch):
    touch(
        tmp_path,
        "here.jpg",
        ".IMG_1.HEIC.icloud",
        "b.jpg.nextcloud",
        "c.txt.nextcloud",
        "cloud.jpg",
    )
    (tmp_path / "cloud.jpg").write_bytes(b"cloud")
    monkeypatch.setattr(scan, "is_placeholder", lambda status: status.st_size == 5)
    report = WalkReport()

    assert [path.name for path in found(tmp_path, report=report)] == ["here.jpg"]
    assert report.placeholders == 3


def test_cancel_ends_the_walk(tmp_path):
    touch(tmp_path, "a.jpg", "b.jpg", "c/d.jpg")
    control = JobControl()
    files = walk([tmp_path], (), control=control)
    next(files)
    control.cancel()

    with pytest.raises(CancelledError):
        next(files)
