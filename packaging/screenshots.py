"""Pictures of every page of the window, without a screen: `python screenshots.py FOLDER`.

By default the demo album is shown. `--photos` takes another folder, `--library` keeps the library
made from it for the next time. `--readme` only writes the one picture that the README shows.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from photoclust.core.settings import Settings
from photoclust.core.types import GroupKind, PhotoId
from photoclust.gui.app import application
from photoclust.gui.operations import viewing
from photoclust.gui.views.unnamed import Part
from photoclust.gui.window import MainWindow
from photoclust.services import browse, naming
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library

REPOSITORY = Path(__file__).resolve().parents[1]
DEMO = REPOSITORY / "resources" / "demo" / "album"
NAMES = (
    "Anna Muster",
    "Željko 🎸 Öztürk",
    "نجيب محفوظ",
    "Maximiliane Friederike von und zu Hohenstein-Württemberg & Söhne",
    "陈小明",
)
DEMO_NAMES = {"astronaut.png": "Eileen Collins", "side by side.jpg": "Joe Biden"}
SIZES = {"small": (900, 600), "large": (1600, 1000)}


def wait_until(app: QApplication, condition: Callable[[], object], seconds: float = 60) -> None:
    """Let the window work until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not come to rest")
        app.processEvents()
        time.sleep(0.01)


def settle(app: QApplication, window: MainWindow) -> None:
    """Wait until everything visible is loaded and painted."""
    for _ in range(6):
        for _ in range(6):
            app.processEvents()
            time.sleep(0.03)
        wait_until(app, lambda: window.shared.thumbnails.is_idle)


def prepare_demo(folder: Path) -> None:
    """A library of the demo album in which everybody has their name."""
    with Library(folder) as library:
        scan_and_group(library, [DEMO], Settings())
        naming.name(library, browse.groups(library)[0].key, "Barack Obama")
        for face in browse.single_faces(library):
            if face.path is not None:
                naming.name(library, f"f{face.id}", DEMO_NAMES[face.path.name])


def prepare(folder: Path, photos: Path) -> None:
    """A library of `photos` in which some of the largest groups have names."""
    with Library(folder) as library:
        if browse.counts(library)[0]:
            return
        scan_and_group(library, [photos], Settings())
        unnamed = [group for group in browse.groups(library) if group.kind is GroupKind.CLUSTER]
        for group, name in zip(unnamed[::2], NAMES, strict=False):
            naming.name(library, group.key, name)


class Photographer:
    """Shows pages and takes pictures of them."""

    def __init__(self, app: QApplication, window: MainWindow, folder: Path) -> None:
        self.app, self.window, self.folder = app, window, folder
        self.suffix = ""

    def take(self, name: str) -> None:
        """Save what the window shows."""
        settle(self.app, self.window)
        path = self.folder / f"{name}{self.suffix}.png"
        if not self.window.grab().save(str(path)):
            raise OSError(f"cannot write {path}")
        print(path)

    def tour(self) -> None:
        """Every page."""
        window = self.window
        window.show_list("people")
        self.take("people")
        groups = window.pages.people.model.items
        named = next((group for group in groups if group.name), groups[0])
        window.show_group(named)
        self.take("person")
        window.pages.people.list.open_next_unnamed()
        settle(self.app, window)
        self.take("group")
        QTest.keyClicks(window.pages.group.editor.edit, (named.name or "")[:3].lower())
        settle(self.app, window)
        window.pages.group.editor.edit.setText(named.name or "")
        QTest.keyClick(window.pages.group.editor.edit, Qt.Key.Key_Return)
        self.take("naming")
        window.show_list("unnamed")
        self.take("unnamed")
        unnamed = window.pages.unnamed
        unnamed.show_part(Part.FACES)
        settle(self.app, window)
        unnamed.single_faces.grid.select(unnamed.single_faces.model.index(0))
        self.take("single-faces")
        window.show_list("photos")
        self.take("photos")
        window.show_list("years")
        self.take("years")
        self.photo_of_two("photo")
        face = window.pages.photo.canvas.faces[0][0]
        QTest.mouseClick(
            window.pages.photo.canvas,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            window.pages.photo.canvas.area(face).center().toPoint(),
        )
        self.take("photo-naming")
        window.show_list("failures")
        self.take("failures")
        window.show_list("training")
        self.take("training")

    def photo_of_two(self, name: str) -> None:
        """The first photo with more than one face."""
        window = self.window
        window.show_list("photos")
        settle(self.app, window)
        photos = window.pages.photos.model.items
        crowded = next((p for p in photos if self._faces(p) > 1), photos[0])
        window.show_photo(crowded, photos)
        wait_until(self.app, lambda: window.pages.photo.canvas.faces)
        self.take(name)

    def _faces(self, photo: int) -> int:
        library = self.window.shared.library
        assert library is not None
        return len(viewing.view_photo(library, PhotoId(photo)).faces)


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=Path, default=DEMO)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    app = application(Settings(theme="light"))
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CONFIG_HOME"] = scratch
        library = options.library or Path(scratch) / "library"
        if options.readme:
            prepare_demo(library)
        else:
            prepare(library, options.photos)
        window = MainWindow(library, Settings(theme="light"))
        window.show()
        wait_until(app, lambda: window.shared.overview)
        photographer = Photographer(app, window, options.folder)
        if options.readme:
            photographer.photo_of_two("screenshot")
        else:
            for theme in ("light", "dark"):
                window.set_theme(theme)
                for size, (width, height) in SIZES.items():
                    window.resize(width, height)
                    photographer.suffix = f"-{theme}-{size}"
                    photographer.tour()
        window.close()
        if not options.readme:
            first_run(app, Path(scratch), options.folder)
    sys.stdout.flush()


def first_run(app: QApplication, scratch: Path, folder: Path) -> None:
    """The welcome, and a scan on its way."""
    window = MainWindow(scratch / "empty", Settings(theme="light"))
    window.resize(*SIZES["small"])
    window.show()
    wait_until(app, lambda: window.shared.overview)
    photographer = Photographer(app, window, folder)
    for theme in ("light", "dark"):
        window.set_theme(theme)
        photographer.suffix = f"-{theme}"
        photographer.take("welcome")
    window.scan([DEMO])
    wait_until(app, lambda: window.job_bar.rows and window.job_bar.rows[0].bar.value() > 1)
    photographer.take("scanning")
    window.job_bar.rows[0].toggle_pause()
    photographer.take("paused")
    window.close()


if __name__ == "__main__":
    main()
