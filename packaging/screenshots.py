"""Pictures of everything that the window can show, without a screen: `screenshots.py FOLDER`.

Each view is shown light and dark, small and large, and the main ones in German as well;
`index.html` in FOLDER shows all pictures in a table. By default they are of the demo album.
`--photos` takes another folder of photos, `--library` a library, which is made of them where it is
not there. `--only WORD` takes just the views whose name holds the word, `--language` shows all of
them in one language. `--readme` only writes the one picture that the README shows. Ends with 1,
and says why, where a view cannot be reached.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from pictures import beginnings, dialogs, libraries, people, places, table
from pictures.rest import NotOfferedError, UnreachableError
from pictures.stage import Stage, View, take
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QImage

from photoclust.core.language import LANGUAGES
from photoclust.gui.app import application
from photoclust.gui.window import MainWindow

SIZES = {"small": (900, 600), "large": (1600, 1000)}
README_SIZE = (1200, 750)
_SCREEN = {"name": "wide", "x": 0, "y": 0, "width": 2000, "height": 1300}


@dataclass(frozen=True, slots=True)
class Look:
    """How views are shown."""

    language: str
    theme: str
    size: str
    all_views: bool = True

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.size}"


EVERY = tuple(Look("en", theme, size) for theme in ("light", "dark") for size in SIZES)
ALSO = (Look("de", "light", "small", all_views=False), Look("de", "dark", "large", all_views=False))


@dataclass
class Photographer:
    """Takes pictures into `folder`, of views whose name holds `word`, in `looks`."""

    folder: Path
    word: str
    looks: Sequence[Look]
    taken: dict[str, dict[str, Path]] = field(default_factory=dict)
    left_out: dict[str, None] = field(default_factory=dict)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _writing: list[Future[None]] = field(default_factory=list)

    def wants(self, views: Sequence[View]) -> list[View]:
        """Those of `views` of which there are to be pictures."""
        return [view for view in views if self.word in view.name]

    def visit(self, library: Path, views: Sequence[View]) -> None:
        """Show `library` in a window of each language, and take pictures of `views`."""
        wanted = self.wants(views)
        for language in dict.fromkeys(look.language for look in self.looks):
            looks = [look for look in self.looks if look.language == language]
            if any(look.all_views or view.main for look in looks for view in wanted):
                with opened(library, language) as stage:
                    for look in looks:
                        self._show(stage, look, wanted)

    def _show(self, stage: Stage, look: Look, views: Sequence[View]) -> None:
        stage.window.set_theme(look.theme)
        stage.window.resize(*SIZES[look.size])
        for view in views:
            if look.all_views or view.main:
                stage.clear()
                try:
                    self._take(stage, look, view)
                except NotOfferedError as reason:
                    self.left_out[f"{view.name}: {reason}"] = None
                except UnreachableError as reason:
                    raise UnreachableError(f"{view.name} ({look}): {reason}") from reason

    def _take(self, stage: Stage, look: Look, view: View) -> None:
        path = self.folder / f"{view.name}-{look}.png"
        # Packing a picture takes as long as showing the next view.
        self._writing.append(self._writer.submit(save, take(stage, view).toImage(), path))
        self.taken.setdefault(view.name, {})[str(look)] = path

    def finish(self) -> None:
        """Wait until all pictures are written. Raises OSError where one cannot be."""
        for each in self._writing:
            each.result()


def save(picture: QImage, path: Path) -> None:
    """Write a picture. Raises OSError."""
    if not picture.save(str(path)):
        raise OSError(f"{path} cannot be written")


@contextmanager
def opened(library: Path, language: str) -> Iterator[Stage]:
    """A window on `library`, which it closes in the end."""
    settings = replace(libraries.SETTINGS, theme="light", language=language)
    application(settings)
    window = MainWindow(library, settings)
    window.resize(*SIZES["small"])
    window.show()
    try:
        yield Stage(window)
    finally:
        window.close()
        window.deleteLater()


def main() -> int:
    """Write the pictures; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=Path, default=libraries.DEMO)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--only", metavar="WORD", default="")
    parser.add_argument("--language", choices=list(LANGUAGES))
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    looks = (*EVERY, *ALSO)
    if options.language is not None:
        looks = tuple(replace(look, language=options.language) for look in EVERY)
    photographer = Photographer(options.folder, options.only, looks)
    begun = time.monotonic()
    qInstallMessageHandler(tell)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        on_wide_screen(scratch)
        try:
            if options.readme:
                readme_picture(scratch / "named", options.folder)
                return 0
            take_all(photographer, scratch, options.library, options.photos)
            photographer.finish()
        except UnreachableError as error:
            print(error, file=sys.stderr)
            return 1
    for reason in photographer.left_out:
        print(f"left out: {reason}")
    number = sum(map(len, photographer.taken.values()))
    index = table.write(options.folder, photographer.taken, list(photographer.left_out))
    print(f"{number} pictures in {time.monotonic() - begun:.0f} s: {index}")
    return 0


def take_all(photographer: Photographer, scratch: Path, library: Path | None, photos: Path) -> None:
    """Everything that there is."""
    library = library or scratch / "library"
    views = (*people.VIEWS, *places.VIEWS, *dialogs.VIEWS)
    if photographer.wants(views):
        libraries.of_everything(library, photos)
        photographer.visit(library, views)
    if photographer.wants(people.DONE):
        libraries.everybody_named(scratch / "named")
        photographer.visit(scratch / "named", people.DONE)
    photographer.visit(scratch / "empty", beginnings.EMPTY)
    scanning = beginnings.scanning(libraries.many_photos(scratch / "photos"))
    for language in dict.fromkeys(look.language for look in photographer.looks):
        looks = [look for look in photographer.looks if look.language == language]
        replace(photographer, looks=looks).visit(scratch / f"scanned-{language}", scanning)


def readme_picture(library: Path, folder: Path) -> None:
    """The photo viewer with two people who have names, as `screenshot.png`."""
    libraries.everybody_named(library)
    with opened(library, "en") as stage:
        stage.window.resize(*README_SIZE)
        stage.open_photo(lambda view: len(view.faces) > 1, "two faces")
        save(stage.window.grab().toImage(), folder / "screenshot.png")
        print(folder / "screenshot.png")


def tell(_kind: QtMsgType, _where: QMessageLogContext, words: str) -> None:
    """What Qt says, but for what a screen in memory cannot do."""
    if not words.startswith("This plugin does not support"):
        print(words, file=sys.stderr)


def on_wide_screen(scratch: Path) -> None:
    """Let the screen in memory be large enough for everything, and nothing of the user's be used.

    Before Qt is started.
    """
    screens = scratch / "screens.json"
    screens.write_text(json.dumps({"screens": [_SCREEN]}))
    if os.environ["QT_QPA_PLATFORM"] == "offscreen":
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screens}"
    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        os.environ[variable] = str(scratch / variable.lower())


if __name__ == "__main__":
    sys.exit(main())
