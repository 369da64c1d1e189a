"""The folders of a library that come and go, and what is told of them."""

import shutil
import time
from pathlib import Path

import pytest
from PIL import Image

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.media import answering
from photoclust.media.volumes import RootState, drive_name
from photoclust.services import browse, health, ingest, roots, session, worker, worker_pool
from photoclust.store import files as file_store
from photoclust.store.files import FileState

pytestmark = pytest.mark.usefixtures("in_process")

SETTINGS = Settings(workers=1)


def picture(path, shade):
    path.parent.mkdir(exist_ok=True)
    Image.new("L", (64, 64), shade).save(path)


@pytest.fixture
def two_roots(library, dead_server, tmp_path):
    """A library of two pictures on a server and one on a disk, with the folders of both."""
    picture(dead_server.folder / "a.png", 10)
    picture(dead_server.folder / "b.png", 60)
    picture(tmp_path / "disk" / "c.png", 110)
    ingest.ingest(library, [dead_server.folder, tmp_path / "disk"], SETTINGS)
    return dead_server.folder, tmp_path / "disk"


def states(library, folder):
    with library.read() as tx:
        return {path.name: state for path, state in file_store.known_below(tx, folder)}


def test_a_server_that_is_dead_does_not_hold_up_the_scan_of_a_disk(library, two_roots, dead_server):
    server, disk = two_roots
    picture(disk / "d.png", 160)
    dead_server.die()
    start = time.monotonic()
    report = session.scan_again(library, SETTINGS)
    assert time.monotonic() - start < 20
    assert report.scan.photos == 1
    assert report.missing == (server,)
    assert set(states(library, server).values()) == {FileState.OFFLINE}
    assert "does not answer" in roots.say_missing(server)
    assert any("does not answer" in problem for problem, _ in health._folders(library))


def test_a_dead_server_is_told_that_is_to_be_scanned(library, two_roots, dead_server):
    server, disk = two_roots
    dead_server.die()
    report = ingest.ingest(library, [server, disk], SETTINGS)
    assert report.silent == [server]
    assert (report.unchanged, report.deleted, report.failed) == (1, 0, [])


def test_a_server_that_is_back_has_its_photos_again(library, two_roots, dead_server):
    server, _ = two_roots
    dead_server.die()
    assert session.catch_up(library, SETTINGS).missing == (server,)
    dead_server.revive()
    while answering.is_silent(server):
        time.sleep(0.01)
    report = session.catch_up(library, SETTINGS)
    assert (report.missing, report.scan.returned, report.scan.photos) == ((), 2, 0)
    assert set(states(library, server).values()) == {None}


def test_a_server_that_dies_below_a_folder_loses_nothing(library, dead_server, tmp_path):
    picture(dead_server.folder / "a.png", 10)
    picture(tmp_path / "b.png", 60)
    ingest.ingest(library, [tmp_path], SETTINGS)
    dead_server.die()
    report = ingest.ingest(library, [tmp_path], SETTINGS)
    assert report.silent == [dead_server.folder]
    assert (report.unchanged, report.deleted) == (1, 0)
    assert FileState.DELETED not in states(library, tmp_path).values()


def test_a_dead_server_is_noted_without_a_scan(library, two_roots, dead_server):
    server, disk = two_roots
    dead_server.die()
    assert roots.states(library) == {server: None, disk: RootState.PRESENT}


def test_what_is_away_is_told_by_folder(library, two_roots, tmp_path):
    server, disk = two_roots
    shutil.copy(disk / "c.png", server / "copy.png")
    ingest.ingest(library, [server], SETTINGS)
    assert roots.all_away(library) == roots.AllAway()
    server.rename(tmp_path / "gone")
    roots.find_roots(library, volumes=[])
    away = roots.all_away(library)
    assert away.folders == (roots.Away(server, 3, None, silent=False),)
    assert len(away.photos) == 2, "the copy is on the disk still"
    photos = {photo.paths[0].name: photo for photo in browse.photos(library)}
    with pytest.raises(UserError, match=f"is in {server}, which is not there now"):
        roots.require_file(library, photos["a.png"])
    assert roots.require_file(library, photos["c.png"]) == disk / "c.png"
    (tmp_path / "gone").rename(server)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("/media/anna/FOTOS/Bilder", "FOTOS"),
        ("/media/anna/FOTOS", "FOTOS"),
        ("/media/usb", "usb"),
        ("/run/media/anna/FOTOS/Bilder/2010", "FOTOS"),
        ("/Volumes/Fotos/Bilder", "Fotos"),
        ("/mnt/nas/photos", "nas"),
        ("/home/anna/Pictures", None),
        ("/media", None),
    ],
)
def test_a_drive_has_the_name_that_its_folder_has(folder, name):
    assert drive_name(Path(folder)) == name


def test_a_drive_that_is_unplugged_while_it_is_scanned_leaves_no_failures(
    library, tmp_path, monkeypatch
):
    drive = tmp_path / "drive"
    drive.mkdir()
    for shade in range(10, 100, 10):
        picture(drive / f"{shade}.png", shade)
    read = worker._Desk.read
    unplugged = tmp_path / "unplugged"

    def unplug(desk, path):
        if path.name == "50.png":
            drive.rename(unplugged)
        read(desk, path)

    monkeypatch.setattr(worker._Desk, "read", unplug)
    report = ingest.ingest(library, [drive], SETTINGS)
    monkeypatch.undo()

    assert (report.photos, report.went, report.failed) == (4, 5, [])
    assert browse.failures(library) == []
    unplugged.rename(drive)
    again = ingest.ingest(library, [drive], SETTINGS)
    assert (again.photos + again.unchanged, again.failed) == (9, [])


@pytest.mark.processes
def test_a_server_that_dies_while_it_is_scanned_is_given_up(
    library, dead_server, tmp_path, monkeypatch
):
    if not hasattr(dead_server, "_fuse"):
        pytest.skip("nothing may be mounted here, and calls of other processes cannot be held up")
    for shade in range(10, 100, 10):
        picture(dead_server.folder / f"{shade}.png", shade)
    picture(tmp_path / "disk" / "a.png", 5)
    limits = worker_pool.WorkerLimits(file_s=0.5, still_s=0.5)
    monkeypatch.setattr(worker_pool, "WorkerLimits", lambda: limits)
    known = ingest.ScanWriter.is_known

    def die(writer, digest):
        if dead_server._fuse is None:
            dead_server.die()
        return known(writer, digest)

    monkeypatch.setattr(ingest.ScanWriter, "is_known", die)
    report = ingest.ingest(library, [dead_server.folder, tmp_path / "disk"], SETTINGS)
    dead_server.revive()
    monkeypatch.undo()

    assert report.failed == []
    assert report.went >= 5
    assert browse.failures(library) == []
    assert report.photos + report.went == 10
    assert ingest.ingest(library, [dead_server.folder], SETTINGS).photos == report.went
