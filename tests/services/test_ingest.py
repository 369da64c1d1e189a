"""Scans of small folders with copies of demo photos."""

import hashlib
import os
import shutil
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PIL import Image
from sqlalchemy import select

from photoclust.core.errors import CancelledError, ModelError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Compute, Engine, LibraryChanges
from photoclust.media.files import OriginalFile
from photoclust.services import browse, ingest, naming, scan_writer
from photoclust.services.thumbnail_care import thumbnails
from photoclust.services.worker_pool import Known, Unreadable
from photoclust.store import embeddings, schema
from photoclust.store.database import Library

PHOTOS = {
    "one.png": "Space/astronaut.png",
    "two.jpg": "2010 Blue Room/side by side.jpg",
    "coffee/none.webp": "coffee break.webp",
    "broken.jpg": "2012 Oval Office/half copied.jpg",
}
SETTINGS = Settings(workers=1)

pytestmark = pytest.mark.usefixtures("in_process")


def put(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target


def fill(folder, demo_album):
    for name, source in PHOTOS.items():
        put(demo_album / source, folder / name)
    put(folder / "one.png", folder / "coffee" / "one again.png")
    return folder


@pytest.fixture
def folder(tmp_path, demo_album):
    """Three photos, one of them twice, and a broken file."""
    return fill(tmp_path / "photos", demo_album)


@pytest.fixture
def blank(tmp_path):
    """A maker of pictures without a face that take next to no time."""

    def make(name, grey):
        path = tmp_path / "photos" / name
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (64, 64), grey).save(path)
        return path

    return make


def scan(library, folder, **options):
    return ingest.ingest(library, [folder], SETTINGS, **options)


def content(library):
    """Everything a library knows, without ids and times: what two equal libraries share."""
    faces = sorted(
        (face.path.name, round(face.box.x), round(face.box.y), round(face.score, 3))
        for face in browse.faces(library)
    )
    with library.read() as tx:
        hashes = tx.execute(select(schema.file.c.path, schema.file.c.hash))
        files = {row.path.name: row.hash for row in hashes}
        vectors = tx.execute(select(schema.vector.c.data)).scalars().all()
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    failures = [(failure.path.name, failure.reason) for failure in browse.failures(library)]
    return faces, files, failures, sorted(vectors)


def fingerprints(folder):
    return {
        path: (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory, demo_album):
    """What one uninterrupted scan by a worker process finds in such a folder."""
    folder = fill(tmp_path_factory.mktemp("whole") / "photos", demo_album)
    with Library(tmp_path_factory.mktemp("library")) as library:
        scan(library, folder)
        return content(library)


# A first scan


def test_a_scan_finds_everything_and_changes_no_original(library, folder, expected):
    before = fingerprints(folder)
    heard = []
    report = scan(library, folder, on_changes=heard.append)
    assert fingerprints(folder) == before
    assert (report.photos, report.unchanged, report.faces) == (4, 0, 3)
    assert [failure.path for failure in report.failed] == [folder / "broken.jpg"]
    assert "truncated" in report.failed[0].reason
    assert report.photos_per_second == pytest.approx(4 / report.seconds)
    assert browse.counts(library) == (3, 3)  # one of the four files is a copy
    assert browse.failures(library) == report.failed
    assert browse.folders(library) == [str(folder)]
    faces = {face.id for face in browse.faces(library)}
    assert set().union(*(changes.faces for changes in heard)) == faces
    assert set().union(*(changes.photos for changes in heard)) == set(browse.photo_ids(library))
    assert content(library) == expected


@pytest.mark.parametrize("compute", ["float32", "int8"])
def test_each_vector_says_in_which_numbers_it_was_computed(library, folder, compute):
    report = ingest.ingest(library, [folder], replace(SETTINGS, compute=compute))
    engine = Engine(compute=Compute(compute))
    assert report.engines == {"centerface": engine, "facenet-vggface2": engine}
    with library.read() as tx:
        found = embeddings.counts_by_engine(tx)
    assert found == {"facenet-vggface2": {f"cpu {compute}": report.faces}}


def test_every_face_has_a_thumbnail_that_only_the_owner_can_read(library, folder):
    scan(library, folder)
    cache = thumbnails(library)
    faces = browse.faces(library)
    assert faces
    for face in faces:
        path = cache.path(str(face.id))
        assert path.read_bytes().startswith(b"\xff\xd8\xff")
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_boxes_are_in_pixels_of_the_original(library, tmp_path, demo_album):
    """The astronaut at six times her size: detected small, told large."""
    photos = tmp_path / "photos"
    photos.mkdir()
    with Image.open(demo_album / "Space" / "astronaut.png") as opened:
        picture = opened.convert("RGB")
    picture.save(photos / "a.jpg")
    scale = 6
    picture.resize((picture.width * scale, picture.height * scale)).save(photos / "b.jpg")
    scan(library, photos)
    small, large = sorted(browse.faces(library), key=lambda face: face.path)
    assert large.box.iou(small.box.scaled(scale, scale)) > 0.8
    assert browse.photo(library, large.photo).width == picture.width * scale


def test_progress_reaches_its_end(library, blank):
    for grey in (10, 20):
        blank(f"{grey}.png", grey)
    folder = blank("30.png", 30).parent
    seen = []
    scan(library, folder, control=JobControl(seen.append))
    assert (seen[0].stage, seen[-1].stage) == (ingest.STAGE_WALK, ingest.STAGE_SCAN)
    assert (seen[-1].done, seen[-1].total) == (3, 3)


# Scanning again


def test_a_rescan_of_an_unchanged_folder_touches_nothing(library, folder):
    first = scan(library, folder)
    watcher = sqlite3.connect(library.path)
    version = watcher.execute("PRAGMA data_version").fetchone()
    files = {
        path: path.stat().st_mtime_ns
        for path in library.folder.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }
    heard = []
    again = scan(library, folder, on_changes=heard.append)
    assert watcher.execute("PRAGMA data_version").fetchone() == version
    watcher.close()
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert heard == []
    assert (again.photos, again.unchanged, again.faces) == (0, 4, 0)
    assert again.failed == first.failed  # told again, though not read again


@pytest.mark.parametrize("after", [1, 3])
@pytest.mark.processes
def test_a_scan_that_was_cancelled_goes_on_where_it_was(
    library, folder, expected, monkeypatch, after
):
    monkeypatch.setattr(scan_writer, "COMMIT_PHOTOS", 1)
    control = JobControl()
    heard: list[LibraryChanges] = []

    def cancel_late(changes):
        heard.append(changes)
        if len(heard) == after:
            control.cancel()

    with pytest.raises(CancelledError):
        scan(library, folder, control=control, on_changes=cancel_late)
    told = len(heard)
    between = browse.counts(library)[0]
    assert 0 < between <= told
    again = scan(library, folder)
    assert again.unchanged >= after
    assert len(heard) == told  # nothing came after it was reported as cancelled
    assert content(library) == expected


def test_a_failure_is_not_tried_again_until_the_file_changes(library, folder, demo_album):
    broken = folder / "broken.jpg"
    scan(library, broken.parent)
    broken.rename(folder / "aside")
    # Same size and time, but readable now: it must not even be opened.
    status = (folder / "aside").stat()
    good = (demo_album / PHOTOS["two.jpg"]).read_bytes()[: status.st_size]
    broken.write_bytes(good.ljust(status.st_size, b"\0"))
    os.utime(broken, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert [failure.path for failure in scan(library, folder).failed] == [broken]
    assert len(browse.failures(library)) == 1
    shutil.copyfile(demo_album / PHOTOS["coffee/none.webp"], broken)
    report = scan(library, folder)
    assert report.failed == browse.failures(library) == []
    assert report.photos == 1


def test_the_failure_of_a_file_that_was_deleted_goes(library, folder):
    scan(library, folder)
    (folder / "broken.jpg").unlink()
    assert scan(library, folder).failed == browse.failures(library) == []


def test_a_moved_file_keeps_its_photo_its_faces_and_their_names(library, folder):
    (folder / "coffee" / "one again.png").unlink()
    scan(library, folder)
    (face,) = (face for face in browse.faces(library) if face.path.name == "one.png")
    naming.name(library, f"f{face.id}", "Eileen")
    (folder / "one.png").rename(folder / "coffee" / "renamed.png")
    report = scan(library, folder)
    assert (report.photos, report.unchanged, report.faces) == (1, 2, 0)
    (found,) = browse.faces_by_id(library, [face.id])
    assert (found.person, found.confirmed) == (1, True)
    # The path that is shown is the one where it is.
    assert found.path == folder / "coffee" / "renamed.png"
    assert browse.photo(library, found.photo).paths == (found.path,)


def test_an_edited_file_keeps_its_photo_and_its_names(library, tmp_path, demo_album):
    path = put(demo_album / PHOTOS["one.png"], tmp_path / "photos" / "one.png")
    scan(library, path.parent)
    (before,) = browse.faces(library)
    naming.name(library, f"f{before.id}", "Eileen")
    with Image.open(path) as opened:
        grey = opened.convert("L")
    grey.save(path)
    report = scan(library, path.parent)
    assert (report.photos, report.faces) == (1, 1)
    (after,) = browse.faces(library)
    assert (after.id, after.photo, after.person) == (before.id, before.photo, 1)


def test_a_copy_of_what_is_edited_at_the_same_time_is_not_lost(library, blank, monkeypatch):
    """The copy is found to be known; by the time it is written, its photo holds the edited file."""
    original = blank("b.png", 10)
    scan(library, original.parent)
    with OriginalFile(original) as opened:
        copy = Known(original.with_name("a.png"), opened.stat, opened.content_hash())
    shutil.copyfile(original, copy.path)
    blank("b.png", 200)
    real, runs = ingest.analyse, []

    def edited_first(paths, *args, **options):
        runs.append(paths)
        found = real(paths, *args, **options)
        outcomes = sorted(found, key=lambda outcome: outcome.path, reverse=True)
        if len(runs) == 1:
            assert [type(outcome).__name__ for outcome in outcomes] == ["PhotoAnalysis", "Known"]
        yield from outcomes

    monkeypatch.setattr(ingest, "analyse", edited_first)
    report = scan(library, original.parent)
    assert (report.photos, report.failed) == (2, [])
    assert runs == [[copy.path, original], [copy.path]]
    assert browse.counts(library)[0] == 2
    assert scan(library, original.parent).unchanged == 2


def test_copies_that_are_found_at_the_same_time_are_one_photo(library, tmp_path, demo_album):
    """Two workers may both look at them; faces are counted once."""
    for number in range(4):
        put(demo_album / PHOTOS["one.png"], tmp_path / "photos" / f"{number}.png")
    report = scan(library, tmp_path / "photos", workers=2)
    assert (report.photos, report.faces) == (4, 1)
    assert browse.counts(library) == (1, 1)
    (photo,) = browse.photo_ids(library)
    assert len(browse.photo(library, photo).paths) == 4


# What is told


def test_a_folder_is_remembered_as_it_is_walked(library, blank, monkeypatch):
    folder = blank("a.png", 10).parent
    monkeypatch.chdir(folder)
    ingest.ingest(library, [Path("../photos")], SETTINGS)
    ingest.ingest(library, [folder, folder / "a.png"], SETTINGS)
    assert browse.folders(library) == [str(folder)]


def test_a_folder_that_cannot_be_listed_is_among_the_failed(library, blank, monkeypatch):
    folder = blank("a.png", 10).parent
    (folder / "closed").mkdir()
    real = os.scandir

    def refuse(path):
        if path == folder / "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)  # the superuser may list everything
    report = scan(library, folder)
    assert [(item.path.name, item.reason) for item in report.failed] == [
        ("closed", "no permission to read it")
    ]
    assert report.photos == 1


def test_what_is_skipped_is_counted(library, blank):
    folder = blank("a.png", 10).parent
    blank("._a.png", 20)
    report = scan(library, folder)
    assert (report.photos, report.skipped) == (1, 1)


# What goes wrong


def test_a_root_that_is_not_there_is_the_users_business(library, tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        scan(library, tmp_path / "nowhere")
    assert browse.folders(library) == []


def test_a_model_that_is_not_there_ends_the_scan(library, blank):
    folder = blank("a.png", 10).parent
    with pytest.raises(ModelError, match="no-such"):
        ingest.ingest(library, [folder], Settings(workers=1, detector="no-such"))
    assert browse.counts(library) == (0, 0)


@pytest.mark.processes
def test_no_worker_outlives_an_error_of_the_listener(library, folder, monkeypatch):
    monkeypatch.setattr(scan_writer, "COMMIT_PHOTOS", 1)

    def refuse(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        scan(library, folder, on_changes=refuse)
    # `caught` keeps the frames alive; the workers must have ended all the same.
    commands = [" ".join(child.cmdline()) for child in psutil.Process().children()]
    assert not any("spawn_main" in command for command in commands), caught


def test_a_library_among_the_photos_is_not_scanned(tmp_path, demo_album):
    folder = tmp_path / "photos"
    put(demo_album / "Space" / "astronaut.png", folder / "one.png")
    folder.chmod(0o755)
    for _ in range(2):
        with Library(folder) as library:
            ingest.ingest(library, [folder], SETTINGS)
            assert browse.counts(library) == (1, 1)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "library.sqlite3").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "thumbnails").stat().st_mode) == 0o700


def test_a_file_that_need_not_be_to_blame_is_tried_again(tmp_path, demo_album, monkeypatch):
    folder = tmp_path / "photos"
    path = put(demo_album / "Space" / "astronaut.png", folder / "one.png")
    with Library(tmp_path / "library") as library:
        with monkeypatch.context() as patch:
            crashed = Unreadable(path, "the file made the reader crash", try_again=True)
            patch.setattr(ingest, "analyse", lambda *_, **__: (item for item in [crashed]))
            assert [failure.path for failure in ingest.ingest(library, [folder], SETTINGS).failed]
        report = ingest.ingest(library, [folder], SETTINGS)
        assert (report.photos, report.failed) == (1, [])
        assert browse.failures(library) == []


def test_a_folder_that_cannot_be_listed_is_a_failure_until_it_can(
    tmp_path, demo_album, monkeypatch
):
    folder = tmp_path / "photos"
    put(demo_album / "Space" / "astronaut.png", folder / "open" / "one.png")
    closed = folder / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refuse(path):
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with Library(tmp_path / "library") as library:
        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", refuse)
            ingest.ingest(library, [folder], SETTINGS)
        assert [failure.path for failure in browse.failures(library)] == [closed]
        ingest.ingest(library, [folder / "open"], SETTINGS)
        assert [failure.path for failure in browse.failures(library)] == [closed]
        ingest.ingest(library, [folder], SETTINGS)
        assert browse.failures(library) == []


def test_a_root_that_is_not_there_is_told_at_once(tmp_path):
    with pytest.raises(UserError, match="no such file or folder"):
        ingest.require_roots([tmp_path, tmp_path / "gone"])
