"""What holds for every test of the window: no screen is needed and no work outlives a test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def no_qt_work_left() -> Iterator[None]:
    """Fail a test whose tasks still run in Qt's global thread pool; it has no Python threads."""
    from PySide6.QtCore import QThreadPool

    yield
    assert QThreadPool.globalInstance().waitForDone(3000), "the global thread pool is still busy"


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """What is waited for has a minute to come: on a machine that does much else, processes stand
    still for more than the five seconds of pytest-qt. What is there sooner is not waited for.
    """
    from pytestqt.qtbot import QtBot

    with pytest.MonkeyPatch.context() as patch:
        for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals):
            patch.setitem(wait.__kwdefaults__, "timeout", 60_000)
        yield


@pytest.fixture(autouse=True)
def no_deputy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the folders, as every window does when it is opened, in this process; but where a
    test has the mark `processes`.
    """
    from photoclust.services import deputy

    if not request.node.get_closest_marker("processes"):
        monkeypatch.setattr(
            deputy, "call", lambda library, work, *args, **told: work(library, *args, **told)
        )


@pytest.fixture(autouse=True)
def english_system(monkeypatch: pytest.MonkeyPatch, speak: Callable[[str], None]) -> None:
    """Whatever the system speaks, a window speaks English where a test says nothing else."""
    from photoclust.gui import app

    monkeypatch.setattr(app, "_of_system", lambda: "en")
    speak("en")


@pytest.fixture(scope="session")
def qapp() -> object:
    """The QApplication as photoclust makes it, for all tests, in place of that of pytest-qt."""
    from photoclust.core.settings import Settings
    from photoclust.gui.app import application

    return application(Settings(theme="light"))


@pytest.fixture(scope="session")
def scanned_demo(tmp_path_factory, demo_album, without_processes) -> Path:
    """Library of a real scan of the demo album, grouped; to be copied, not opened."""
    from photoclust.core.settings import Settings
    from photoclust.services.session import scan_and_group
    from photoclust.store.database import Library

    folder = tmp_path_factory.mktemp("scanned") / "library"
    with without_processes(), Library(folder) as library:
        scan_and_group(library, [demo_album], Settings())
    return folder


@pytest.fixture
def demo_library(scanned_demo, tmp_path) -> Path:
    """A library folder of one's own that holds the demo album."""
    return Path(shutil.copytree(scanned_demo, tmp_path / "demo library"))


@pytest.fixture
def two_groups(demo_library) -> Path:
    """The demo library with its one large group cut in two, so that there are two to name."""
    from photoclust.services import browse
    from photoclust.store.cluster_table import ClusterContent, replace_clusters
    from photoclust.store.database import Library

    with Library(demo_library) as library:
        largest = browse.groups(library)[0]
        faces = [face.id for face in browse.faces(library, largest.key)]
        assert len(faces) >= 5
        with library.write() as tx:
            contents = [
                ClusterContent(largest.id, None, faces[:3]),
                ClusterContent(None, None, faces[3:]),
            ]
            replace_clusters(tx, contents)
    return demo_library


@pytest.fixture(scope="session")
def many_photos(tmp_path_factory, demo_album) -> Path:
    """Sixty photos with faces, all different: enough for a scan that can be interrupted."""
    folder = tmp_path_factory.mktemp("many")
    pictures = []
    for source in sorted(demo_album.glob("20*/*.jpg")):
        try:
            with Image.open(source) as image:
                pictures.append(image.convert("RGB"))
        except OSError:
            continue  # the album holds a broken file on purpose
    for number in range(60):
        picture = pictures[number % len(pictures)]
        narrower = picture.crop((0, 0, picture.width - number, picture.height))
        narrower.save(folder / f"{number:02}.jpg", quality=85)
    return folder


@pytest.fixture
def open_window(qtbot, monkeypatch) -> Iterator[Callable[..., "object"]]:
    """Opens a window on a library folder and waits until it shows what is in it. Of its pages those
    are made that the test looks at.
    """
    from photoclust.core.settings import Settings
    from photoclust.gui import window as window_module
    from photoclust.gui.app import application
    from photoclust.gui.window import MainWindow
    from photoclust.services.watching import FolderWatcher

    windows = []
    monkeypatch.setattr(window_module, "AFTER_START_MS", 3_600_000)
    # Nobody writes a file here for as long as a camera does.
    for name, seconds in (("settle_s", 0.2), ("poll_interval_s", 0.4)):
        monkeypatch.setitem(FolderWatcher.__init__.__kwdefaults__, name, seconds)

    def make(folder: Path, settings: Settings | None = None) -> MainWindow:
        # Where nothing else is said, only what a test does itself names faces.
        settings = settings or Settings(theme="light", naming_precision=1.0)
        application(settings)
        window = MainWindow(folder, settings)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(lambda: window.shared.overview is not None)
        return window

    yield make
    for window in windows:
        window.close()
