"""The tables of keys in the guide: `python packaging/guide_keys.py` writes them from the program.

In `resources/help/LANGUAGE/keys.md` all that stands below the line `<!-- keys -->` is made by this.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from photoclust.core.language import LANGUAGES, current
from photoclust.core.settings import Settings
from photoclust.gui.app import application
from photoclust.gui.shortcuts import Section
from photoclust.gui.window import MainWindow

HELP = Path(__file__).resolve().parents[1] / "resources" / "help"
MARK = "<!-- keys -->\n"
HEADINGS = {"en": ("key", "what it does"), "de": ("Taste", "was sie tut")}


def file_of(language: str) -> Path:
    """The topic in `language`."""
    return HELP / language / "keys.md"


def with_keys(text: str, sections: Sequence[Section]) -> str:
    """The `text` of the topic with the keys in `sections` in the place of those that it has."""
    tables = [_table(section) for section in sections]
    return f"{text.partition(MARK)[0]}{MARK}\n" + "\n".join(tables)


def _table(section: Section) -> str:
    rows = [f"| {_cell(key.keys)} | {_cell(key.what)} |" for key in section.keys]
    columns = " | ".join(HEADINGS[current()])
    return "\n".join((f"## {section.title}", "", f"| {columns} |", "|---|---|", *rows)) + "\n"


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("*", "\\*")


def main() -> int:
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as name:
            for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
                os.environ[variable] = str(Path(name) / variable.lower())
            settings = Settings(language=language)
            app = application(settings)
            window = MainWindow(Path(name) / "library", settings)
            path = file_of(language)
            path.write_text(
                with_keys(path.read_text(encoding="utf-8"), window.help.keys()), encoding="utf-8"
            )
            window.close()
            window.deleteLater()
            app.processEvents()
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
