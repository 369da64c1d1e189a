"""Watched folders, on real ones: what is told of them, how soon, and what is not."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from watchdog.events import FileDeletedEvent

from photoclust.core.paths import LIBRARY_FILE, THUMBNAILS
from photoclust.core.settings import DEFAULT_SKIP_PATTERNS
from photoclust.media.scan import SkipPatterns
from photoclust.services import watching
from photoclust.services.watching import FolderChange, FolderWatcher

PATIENCE_S = 20.0
"""How long to wait for what must come; a test that passes never waits so long."""
SETTLE_S = 0.1
POLL_S = 0.15


class Told:
    """What a watcher told, to be waited for."""

    def __init__(self) -> None:
        self.changes: list[FolderChange] = []
        self.sizes: dict[Path, list[int]] = {}
        self._news = threading.Condition()

    def __call__(self, change: FolderChange) -> None:
        with self._news:
            for path in change.changed:
                self.sizes.setdefault(path, []).append(path.stat().st_size)
            self.changes.append(change)
            self._news.notify_all()

    @property
    def changed(self) -> set[Path]:
        return {path for change in self.changes for path in change.changed}

    @property
    def gone(self) -> set[Path]:
        return {path for change in self.changes for path in change.gone}

    @property
    def folders(self) -> set[Path]:
        return {path for change in self.changes for path in change.folders}

    def wait(self, happened: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(happened, PATIENCE_S), f"told were only {self.changes}"

    def forget(self) -> None:
        self.changes.clear()


@contextmanager
def watched(
    *roots: Path, told: Callable[[FolderChange], None] | None = None, **options: object
) -> Iterator[Told]:
    """What is told of `roots` from here on."""
    told = told or Told()
    options = {"settle_s": SETTLE_S, "poll_interval_s": POLL_S, **options}
    with FolderWatcher(roots, told, **options) as watcher:
        assert watcher.wait_until_watching(PATIENCE_S)
        told.watcher = watcher
        yield told


@pytest.fixture(params=["native", "polled"])
def remote(request) -> Callable[[Path], bool]:
    return lambda _root: request.param == "polled"


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path / "photos"
    (folder / "album").mkdir(parents=True)
    (folder / "old.jpg").write_bytes(b"old")
    (folder / "album" / "a.jpg").write_bytes(b"a")
    return folder


def sync(told: Told, folder: Path) -> None:
    """Wait until all that happened before this is told: a file comes, and is told after it."""
    marker = folder / f"marker-{time.monotonic_ns()}.jpg"
    marker.write_bytes(b"marker")
    told.wait(lambda: marker in told.changed)
    told.changes = [
        FolderChange(change.changed - {marker}, change.gone, change.folders)
        for change in told.changes
    ]


def test_tells_a_new_a_written_and_a_deleted_file(root, remote):
    new, old = root / "album" / "new.JPG", root / "old.jpg"
    with watched(root, is_remote=remote) as told:
        new.write_bytes(b"new")
        told.wait(lambda: new in told.changed)
        old.write_bytes(b"edited")
        told.wait(lambda: old in told.changed)
        old.unlink()
        told.wait(lambda: old in told.gone)

    assert told.changed == {new, old}
    assert told.gone == {old}
    assert told.folders == set()


def test_a_file_moved_inside_is_gone_and_come(root, remote):
    old, new = root / "album" / "a.jpg", root / "renamed.jpg"
    with watched(root, is_remote=remote) as told:
        old.rename(new)
        told.wait(lambda: bool(told.changed and told.gone))

    assert (told.changed, told.gone) == ({new}, {old})


def test_a_file_moved_in_from_outside_is_told(root, remote, tmp_path):
    (tmp_path / "outside.jpg").write_bytes(b"x")
    with watched(root, is_remote=remote) as told:
        (tmp_path / "outside.jpg").rename(root / "inside.jpg")
        told.wait(lambda: bool(told.changed))

    assert told.changed == {root / "inside.jpg"}


def test_a_folder_moved_in_is_told_as_a_whole(root, remote, tmp_path):
    shutil.copytree(root / "album", tmp_path / "outside" / "deeper")
    with watched(root, is_remote=remote) as told:
        (tmp_path / "outside").rename(root / "inside")
        told.wait(lambda: bool(told.folders))
        later = root / "inside" / "deeper" / "later.jpg"
        later.write_bytes(b"x")
        told.wait(lambda: later in told.changed)

    assert told.folders == {root / "inside"}


def test_a_new_folder_and_the_files_written_into_it_are_told(root, remote):
    folder = root / "new" / "newer"
    with watched(root, is_remote=remote) as told:
        folder.mkdir(parents=True)
        (folder / "a.jpg").write_bytes(b"x")
        told.wait(lambda: bool(told.folders))
        (folder / "b.jpg").write_bytes(b"x")
        told.wait(lambda: folder / "b.jpg" in told.changed)

    assert told.folders == {root / "new"}


def test_a_folder_moved_away_or_deleted_is_told_as_a_whole(root, remote, tmp_path):
    shutil.copytree(root / "album", root / "album 2")
    with watched(root, is_remote=remote) as told:
        (root / "album").rename(tmp_path / "away")
        shutil.rmtree(root / "album 2")
        told.wait(lambda: {root / "album", root / "album 2"} <= told.folders)

    assert told.changed == set()


def test_a_folder_moved_inside_is_told_at_both_places(root, remote):
    with watched(root, is_remote=remote) as told:
        (root / "album").rename(root / "renamed")
        told.wait(lambda: {root / "album", root / "renamed"} <= told.folders)


def test_a_link_to_a_folder_is_told_as_a_folder(root, remote, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    with watched(root, is_remote=remote) as told:
        (root / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        told.wait(lambda: root / "link" in told.folders)


def test_links_that_lead_up_do_not_stop_a_look(root):
    for name in ("up", "album/up", "album/too"):
        (root / name).symlink_to(root, target_is_directory=True)
    with watched(root, is_remote=lambda _root: True) as told:
        sync(told, root / "album")


def test_a_growing_file_is_told_once_it_is_whole(root):
    photo = root / "growing.jpg"
    with watched(root, settle_s=0.6) as told:
        with photo.open("wb", buffering=0) as file:
            for _ in range(10):
                file.write(b"x" * 1000)
                time.sleep(0.02)
        told.wait(lambda: photo in told.changed)

    assert told.sizes == {photo: [10_000]}


def test_a_burst_of_files_is_told_in_few_changes(root, remote):
    photos = {root / "album" / f"{number}.jpg" for number in range(200)}
    with watched(root, is_remote=remote, settle_s=0.3) as told:
        for photo in photos:
            photo.write_bytes(b"x")
        told.wait(lambda: told.changed == photos)

    assert len(told.changes) <= 4


def test_reading_opening_and_listing_tell_nothing(root, remote):
    with watched(root, is_remote=remote) as told:
        for _ in range(3):
            assert (root / "old.jpg").read_bytes() == b"old"
            assert len(list(root.rglob("*.jpg"))) >= 2
            (root / "old.jpg").stat()
        sync(told, root)

    assert told.changed | told.gone | told.folders == set()


def test_what_is_no_photo_or_skipped_is_not_told(root, remote):
    library = root / "library"
    (library / THUMBNAILS).mkdir(parents=True)
    (library / LIBRARY_FILE).write_bytes(b"x")
    (root / THUMBNAILS).mkdir()
    (root / "@eaDir").mkdir()
    options = {"is_remote": remote, "skip_patterns": DEFAULT_SKIP_PATTERNS}
    with watched(root, **options) as told:
        for name in ("a.jpg.part", "b.crdownload", "c.jpg~", "d.tmp", "notes.txt", "._e.jpg"):
            (root / name).write_bytes(b"x")
        (root / "@eaDir" / "thumb.jpg").write_bytes(b"x")
        (library / THUMBNAILS / "face.jpg").write_bytes(b"x")
        (library / THUMBNAILS / "new").mkdir()
        (library / f"{LIBRARY_FILE}-wal").write_bytes(b"x")
        (root / "c.jpg~").unlink()
        (root / THUMBNAILS / "of a user.jpg").write_bytes(b"x")
        (root / "a.jpg.part").rename(root / "a.jpg")
        sync(told, root)

    assert told.changed == {root / "a.jpg", root / THUMBNAILS / "of a user.jpg"}
    assert told.gone | told.folders == set()


def test_a_root_that_comes_later_goes_and_comes_again_is_told_each_time(tmp_path, remote):
    root = tmp_path / "drive"
    with watched(root, is_remote=remote) as told:
        assert told.watcher.problems == (
            f"{root} is not there; it is looked for again every {POLL_S:g} s",
        )
        root.mkdir()
        (root / "a.jpg").write_bytes(b"x")
        told.wait(lambda: root in told.folders)
        told.forget()
        root.rename(tmp_path / "unplugged")
        told.wait(lambda: root in told.folders)
        told.forget()
        (tmp_path / "unplugged").rename(root)
        told.wait(lambda: root in told.folders)
        assert told.watcher.wait_until_watching(PATIENCE_S)
        (root / "a.jpg").unlink()
        told.wait(lambda: root / "a.jpg" in told.gone)


def test_a_deleted_root_is_told_and_found_again(root, remote):
    with watched(root, is_remote=remote) as told:
        shutil.rmtree(root)
        told.wait(lambda: root in told.folders)
        told.forget()
        root.mkdir()
        told.wait(lambda: root in told.folders)
        sync(told, root)

    assert told.gone <= {root / "old.jpg", root / "album" / "a.jpg"}


def test_the_photos_of_an_unplugged_drive_are_not_told_as_gone(mount, tmp_path, remote):
    root = mount(tmp_path / "drive", "-t", "tmpfs", "drive")
    (root / "a.jpg").write_bytes(b"x")
    with watched(root, is_remote=remote) as told:
        mount.undo(root)
        told.wait(lambda: root in told.folders)
        sync(told, root)  # the mount point, now a plain folder, is watched again

    assert told.gone == set()


@pytest.mark.parametrize(
    "order", [("note", "tell"), ("note", "tend", "tell"), ("tend", "note", "tell")]
)
def test_however_late_a_drive_is_missed_its_photos_are_not_gone(order, root, tmp_path):
    told = Told()
    loop = watching._Loop(
        told,
        patterns=SkipPatterns(()),
        settle_s=0.0,
        poll_interval_s=POLL_S,
        is_remote=lambda _root: False,
        roots=(root,),
    )
    loop._tend()
    deleted = loop._watches[root], FileDeletedEvent(str(root / "old.jpg"))
    root.rename(tmp_path / "unplugged")
    root.mkdir()  # the mount point that a drive leaves
    steps = {"note": lambda: loop._note(*deleted), "tend": loop._tend, "tell": loop._tell}
    try:
        for step in (*order, "tell"):
            steps[step]()
    finally:
        loop._unwatch(root)

    assert told.gone == set()
    assert told.folders == {root}


def test_a_drive_mounted_on_a_watched_folder_is_told_and_watched(mount, tmp_path, remote):
    root = tmp_path / "drive"
    root.mkdir()
    with watched(root, is_remote=remote) as told:
        mount(root, "-t", "tmpfs", "drive")
        told.wait(lambda: root in told.folders)
        sync(told, root)


def test_roots_can_be_exchanged(root, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with watched(root) as told:
        told.watcher.set_roots([other, other])
        assert told.watcher.wait_until_watching(PATIENCE_S)
        (root / "no longer.jpg").write_bytes(b"x")
        sync(told, other)
        assert told.changed | told.folders == set()
        told.watcher.set_roots([other, root])
        assert told.watcher.wait_until_watching(PATIENCE_S)
        sync(told, root)
        assert told.folders == set()


def test_an_error_of_the_receiver_is_logged_and_the_watching_goes_on(root, caplog):
    class Failing(Told):
        def __call__(self, change: FolderChange) -> None:
            super().__call__(change)
            if len(self.changes) == 1:
                raise ValueError("a bug of the receiver")

    with watched(root, told=Failing()) as told:
        (root / "first.jpg").write_bytes(b"x")
        told.wait(lambda: root / "first.jpg" in told.changed)
        (root / "second.jpg").write_bytes(b"x")
        told.wait(lambda: root / "second.jpg" in told.changed)

    assert "a bug of the receiver" in caplog.text


def test_changes_are_told_in_one_thread_that_is_not_the_callers(root):
    threads = set()

    class Noting(Told):
        def __call__(self, change: FolderChange) -> None:
            threads.add(threading.current_thread())
            super().__call__(change)

    with watched(root, told=Noting()) as told:
        sync(told, root)
        sync(told, root)

    assert len(threads) == 1
    assert threading.current_thread() not in threads


def test_stop_ends_every_thread_and_the_watcher_can_start_again(root, remote, tmp_path):
    before = set(threading.enumerate())
    told = Told()
    watcher = FolderWatcher([root, tmp_path / "missing"], told, is_remote=remote)
    for _ in range(2):
        watcher.start()
        watcher.start()
        assert watcher.wait_until_watching(PATIENCE_S)
        assert set(threading.enumerate()) > before
        watcher.stop()
        watcher.stop()
        assert set(threading.enumerate()) == before
    assert watcher.problems == ()
    assert not watcher.wait_until_watching(0)


def test_the_receiver_may_stop_the_watcher(root):
    stopped = threading.Event()

    def stop(_change: FolderChange) -> None:
        watcher.stop()
        stopped.set()

    watcher = FolderWatcher([root], stop, settle_s=SETTLE_S)
    watcher.start()
    assert watcher.wait_until_watching(PATIENCE_S)
    (root / "a.jpg").write_bytes(b"x")
    assert stopped.wait(PATIENCE_S)


def test_stop_ends_a_look_at_a_slow_drive(root, monkeypatch):
    looking = threading.Event()
    looked_at: list[Path] = []

    def slow(_loop: object, _root: Path, path: Path) -> bool:
        looked_at.append(path)
        looking.set()
        threading.current_thread().stopped_event.wait(PATIENCE_S)
        return False

    monkeypatch.setattr(watching._Loop, "_is_left_out", slow)
    watcher = FolderWatcher([root], Told(), is_remote=lambda _root: True)
    watcher.start()
    assert looking.wait(PATIENCE_S)
    assert not watcher.wait_until_watching(0), "the first look has not ended"
    watcher.stop()

    assert {path.parent for path in looked_at} == {root}, "it went on into the folders below"


def test_a_polled_root_says_so(root):
    with watched(root, is_remote=lambda _root: True) as told:
        (problem,) = told.watcher.problems
    assert problem == (
        f"{root} is on a network drive, which does not tell of changes; "
        f"it is looked through every {POLL_S:g} s or less often"
    )


def test_a_file_as_a_root_is_a_problem_not_an_end(root):
    with watched(root / "old.jpg", root) as told:
        assert len(told.watcher.problems) == 1
        assert "old.jpg cannot be watched" in told.watcher.problems[0]
        sync(told, root)


def test_a_deleted_folder_that_windows_calls_a_file_is_told_as_a_folder(monkeypatch):
    event = SimpleNamespace(event_type="deleted")
    assert not watching._may_be_folder(event, Path("album"))
    monkeypatch.setattr(watching, "_TELLS_NO_KIND", True)

    assert watching._may_be_folder(event, Path("album"))
    assert not watching._may_be_folder(event, Path("album.jpg"))


LIMITED = """
import sys, threading
from pathlib import Path
from photoclust.services.watching import FolderWatcher

root, folders_later = Path(sys.argv[1]), int(sys.argv[2])
arrived = threading.Event()
last = root / str(folders_later)
photo = last / "a.jpg"
told = set()

def on_change(change):
    told.update(change.changed, change.folders)
    if photo in change.changed:
        arrived.set()

with FolderWatcher([root], on_change, settle_s=0.1, poll_interval_s=0.2) as watcher:
    assert watcher.wait_until_watching(20)
    print(*watcher.problems)
    for number in range(folders_later + 1):
        (root / str(number)).mkdir(exist_ok=True)
    while not watcher.problems:
        threading.Event().wait(0.05)
    assert watcher.wait_until_watching(20)
    photo.write_bytes(b"x")
    assert arrived.wait(20), told
    print(*watcher.problems)
"""


def with_inotify_limit(name: str, limit: int, *arguments: object) -> list[str]:
    """Lines that LIMITED prints where the kernel grants so much only."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        pytest.skip("needs namespaces of Linux")
    lower = f'echo {limit} > /proc/sys/user/max_inotify_{name} && exec "$@"'
    unshare = ["unshare", "--user", "--map-root-user", "sh", "-c"]
    allowed = subprocess.run([*unshare, lower, "sh", "true"], capture_output=True, check=False)
    if allowed.returncode:
        pytest.skip("user namespaces are not permitted here")
    script = [sys.executable, "-c", LIMITED, *map(str, arguments)]
    done = subprocess.run(
        [*unshare, lower, "sh", *script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path))},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_without_an_inotify_instance_a_root_is_polled(root):
    first, _later = with_inotify_limit("instances", 0, root, 1)

    assert first.startswith(f"{root} cannot be watched: the system has no more watchers to give")


def test_with_too_few_inotify_watches_a_root_is_polled(root):
    for number in range(5):
        (root / str(number)).mkdir()

    first, _later = with_inotify_limit("watches", 3, root, 4)

    assert first.startswith(f"{root} cannot be watched: the system watches no more folders")
    assert first.endswith("it is looked through every 0.2 s or less often instead")


def test_a_root_whose_new_folders_exceed_the_limit_is_polled_from_then_on(root):
    first, later = with_inotify_limit("watches", 8, root, 10)

    assert first == ""
    assert later.startswith(f"{root} cannot be watched: the system watches no more folders")
