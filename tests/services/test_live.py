"""Changes that are taken in while a library is open, from real watched folders."""

import shutil
import threading

import pytest
from PIL import Image

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services import browse, ingest, live, naming
from photoclust.services.watching import FolderChange
from photoclust.store import files as file_store

pytestmark = pytest.mark.usefixtures("in_process")

SETTINGS = Settings(workers=1)
WAIT_S = 60


@pytest.fixture
def photos(library, demo_album, tmp_path):
    """A folder of the library with one photo whose face is Anna."""
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copyfile(demo_album / "Space" / "astronaut.png", folder / "one.png")
    ingest.ingest(library, [folder], SETTINGS)
    (face,) = browse.faces(library)
    naming.name(library, f"f{face.id}", "Anna")
    return folder


def change(changed=(), gone=(), folders=()):
    return FolderChange(frozenset(changed), frozenset(gone), frozenset(folders))


def states(library, folder):
    with library.read() as tx:
        return {path.name: state for path, state in file_store.known_below(tx, folder)}


def test_a_new_photo_is_read_and_grouped_and_no_folder_is_added(library, photos, demo_album):
    told = []
    shutil.copyfile(demo_album / "2010 Blue Room" / "waiting.jpg", photos / "new.jpg")
    report = live.take_in(
        library, change(changed=[photos / "new.jpg"]), SETTINGS, on_changes=told.append
    )
    assert (report.photos, report.faces) == (1, 1)
    assert browse.folders(library) == [str(photos)]
    assert len(told) == 2


def test_a_new_photo_of_a_known_person_is_recognised(library, photos, demo_album):
    with Image.open(demo_album / "Space" / "astronaut.png") as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / "mirrored.png")
    live.take_in(
        library,
        change(changed=[photos / "mirrored.png"]),
        Settings(workers=1, naming_precision=0.7),
    )
    assert [face.person is not None for face in browse.faces(library)] == [True, True]
    (automatic,) = browse.faces(library, automatic=True)
    assert automatic.path == photos / "mirrored.png"


def test_a_file_that_is_gone_is_deleted_and_one_that_moved_is_not(library, photos):
    (photos / "one.png").rename(photos / "renamed.png")
    live.take_in(
        library,
        change(changed=[photos / "renamed.png"], gone=[photos / "one.png"]),
        SETTINGS,
    )
    assert states(library, photos) == {"renamed.png": None}
    (photos / "renamed.png").unlink()
    live.take_in(library, change(gone=[photos / "renamed.png"]), SETTINGS)
    assert states(library, photos) == {"renamed.png": "deleted"}
    assert [group.name for group in browse.groups(library)] == ["Anna"]


def test_a_folder_that_came_or_went_is_looked_through(library, photos, tmp_path):
    inside = photos / "inside"
    inside.mkdir()
    (photos / "one.png").rename(inside / "one.png")
    live.take_in(library, change(gone=[photos / "one.png"], folders=[inside]), SETTINGS)
    assert states(library, photos) == {"one.png": None}
    inside.rename(tmp_path / "elsewhere")
    live.take_in(library, change(folders=[inside]), SETTINGS)
    assert states(library, photos) == {"one.png": "deleted"}


def test_a_folder_of_the_library_that_went_is_offline_and_comes_back(library, photos, tmp_path):
    photos.rename(tmp_path / "unplugged")
    told = []
    live.take_in(
        library,
        change(gone=[photos / "one.png"], folders=[photos]),
        SETTINGS,
        on_changes=told.append,
    )
    assert states(library, photos) == {"one.png": "offline"}
    assert len(told[0].photos) == 1
    (tmp_path / "unplugged").rename(photos)
    live.take_in(library, change(folders=[photos]), SETTINGS)
    assert states(library, photos) == {"one.png": None}


def test_what_is_told_but_still_there_is_left_alone(library, photos):
    report = live.take_in(
        library, change(changed=[photos / "one.png", photos / "never.png"]), SETTINGS
    )
    assert (report.photos, report.unchanged) == (0, 1)
    live.take_in(library, change(gone=[photos / "one.png"]), SETTINGS)
    assert states(library, photos) == {"one.png": None}


class Watched:
    """A library that is watched in a thread, and what is said of it."""

    def __init__(self, library):
        self.said, self.control = [], JobControl()
        self.started, self.read = threading.Event(), threading.Event()
        self.was_cancelled = False
        self._thread = threading.Thread(target=self._run, args=(library,))

    def __enter__(self):
        self._thread.start()
        assert self.started.wait(WAIT_S)
        return self

    def __exit__(self, *_):
        self.control.cancel()
        self._thread.join()

    def _run(self, library):
        try:
            live.Watching(library, SETTINGS, self._say).run(self.control)
        except CancelledError:
            self.was_cancelled = True

    def _say(self, sentence):
        self.said.append(sentence)
        (self.started if sentence.startswith("Watching") else self.read).set()


def test_folders_are_watched_until_it_is_cancelled(library, photos, demo_album):
    with Watched(library) as watched:
        shutil.copyfile(demo_album / "2010 Blue Room" / "waiting.jpg", photos / "new.jpg")
        assert watched.read.wait(WAIT_S)
    assert watched.said == [f"Watching {photos}; Ctrl-C ends it.", "1 read, 1 faces found"]
    assert watched.was_cancelled
    assert states(library, photos) == {"one.png": None, "new.jpg": None}


def test_what_is_watched_waits_on_a_low_battery(library, photos, demo_album, power_line):
    power_line.on_battery, power_line.percent = True, 10.0
    with Watched(library) as watched:
        shutil.copyfile(demo_album / "2010 Blue Room" / "waiting.jpg", photos / "new.jpg")
        while not watched.control.paused:
            assert not watched.read.wait(0.01)
        power_line.on_battery = False
        assert watched.read.wait(WAIT_S)
    assert states(library, photos) == {"one.png": None, "new.jpg": None}


def test_a_library_without_folders_cannot_be_watched(library):
    with pytest.raises(UserError, match="no folders yet"):
        live.Watching(library, SETTINGS, print).run(JobControl())
