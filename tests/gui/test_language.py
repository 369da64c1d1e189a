"""The window in other languages: in German, and in one that shows what would not be translated."""

import gettext
import json
import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path

import pytest
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QCoreApplication,
    Qt,
    QTimer,
)
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QSpinBox,
    QTableView,
    QWidget,
)

from photoclust.core import language
from photoclust.core.paths import cache_folder, default_library, settings_file
from photoclust.core.progress import Progress
from photoclust.core.settings import Settings, load
from photoclust.core.types import GroupKind
from photoclust.gui import text
from photoclust.gui.app import application
from photoclust.gui.dialogs import about
from photoclust.gui.dialogs.copying import CopyDialog
from photoclust.gui.dialogs.exporting import ExportDialog
from photoclust.gui.dialogs.first_scan import ScanDialog
from photoclust.gui.dialogs.folders import RemoveFolderDialog
from photoclust.gui.dialogs.hide_small import HideSmallDialog
from photoclust.gui.dialogs.shortcuts import ShortcutSheet
from photoclust.gui.jobbar import JobRow
from photoclust.gui.pages import LISTS
from photoclust.gui.shortcuts import keys_of
from photoclust.gui.tasks import Job
from photoclust.services import browse, guide, naming
from photoclust.services.forecast import Forecast
from photoclust.store.database import Library

NAME = "Wilhelmine"


@pytest.fixture
def library(two_groups) -> Path:
    """A library with a person and a group without a name."""
    with Library(two_groups) as opened:
        first, *_ = browse.groups(opened)
        naming.name(opened, first.key, NAME)
    return two_groups


# --- German ---------------------------------------------------------------------------------------


@pytest.fixture
def german(open_window, library) -> Iterator[QWidget]:
    """A window that speaks German."""
    yield open_window(library, Settings(theme="light", naming_precision=1.0, language="de"))
    application(Settings(theme="light", language="en"))


def plain(words: str) -> str:
    return words.replace("&", "")


def menus(window) -> list[QMenu]:
    return [
        menu for action in window.menuBar().actions() if isinstance(menu := action.menu(), QMenu)
    ]


def test_the_window_speaks_german(german):
    titles = [plain(menu.title()) for menu in menus(german)]
    assert titles == ["Datei", "Bearbeiten", "Gehe zu", "Ansicht", "Hilfe"]
    pages = german.navigation.list
    assert [pages.item(row).text() for row in range(pages.count())] == [
        *("Personen", "Prüfen", "Ohne Namen", "Fotos", "Jahre", "Nicht lesbar"),
        *("Training", "Einstellungen"),
    ]
    assert german.navigation.add_button.text() == "Ordner hinzufügen…"
    assert german.searching.box.placeholderText() == "Personen, Jahre, Ordner suchen…"
    languages = german.pages.settings.language
    assert [languages.itemText(row) for row in range(languages.count())] == [
        *("Wie das System", "English", "Deutsch"),
    ]


def test_qt_speaks_german_too_and_english_again(german):
    said = QCoreApplication.translate("QPlatformTheme", "Cancel")
    application(Settings(theme="light", language="en"))
    assert (said, QCoreApplication.translate("QPlatformTheme", "Cancel")) == ("Abbrechen", "Cancel")


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_no_letter_opens_two_entries_of_a_menu(open_window, library, spoken):
    window = open_window(library, Settings(theme="light", naming_precision=1.0, language=spoken))
    for entries in (window.menuBar().actions(), *(menu.actions() for menu in menus(window))):
        letters = [entry.text().partition("&")[2][:1].lower() for entry in entries if entry.text()]
        assert all(letters), [entry.text() for entry in entries]
        assert len(set(letters)) == len(letters), [entry.text() for entry in entries]
    application(Settings(theme="light", language="en"))


def test_the_language_that_is_chosen_is_kept_and_spoken_from_the_next_start_on(
    qtbot, open_window, library
):
    window = open_window(library)
    window.show_list("settings")
    box = window.pages.settings.language
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    assert box.currentData() == "de"
    qtbot.waitUntil(settings_file().exists)
    assert json.loads(settings_file().read_text(encoding="utf-8"))["language"] == "de"
    assert language.current() == "en"
    settings, _ = load(settings_file())
    application(settings)
    assert language.current() == "de"
    application(Settings(theme="light", language="en"))


def test_a_language_of_the_system_that_is_not_there_is_english(monkeypatch):
    from photoclust.gui import app

    class Elsewhere:
        @staticmethod
        def system():
            return Elsewhere

        @staticmethod
        def uiLanguages():
            return ["tlh-QO", "fr-CA"]

    monkeypatch.undo()
    monkeypatch.setattr(app, "QLocale", Elsewhere)
    assert app._of_system() == "en"
    monkeypatch.setattr(Elsewhere, "uiLanguages", staticmethod(lambda: ["fr-CA", "de-AT", "en"]))
    assert app._of_system() == "de"


# --- a language that shows what would not be translated -------------------------------------------

OWN_NAMES = ("photoclust", *language.LANGUAGES.values(), NAME)
"""What is called the same in every language: the program, the languages, people."""
SEARCHES = (
    *("", "faces:>1", "faces:1 after:2001", "-unnamed or year:1950..1960", "quality:>0.5"),
    *("folder:nowhere", "only:nobody", "year:"),
)
"""What is looked for besides a name: that there is, that there is not, and that makes no sense."""
LISTED = 30
"""So many rows of a list are looked at."""
_SAID = re.compile("⟦[^⟦⟧]*⟧")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DISPLAY = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
_ROLES = (*_DISPLAY, Qt.ItemDataRole.ToolTipRole)


class Bracketed(gettext.NullTranslations):
    """A language whose words are those of English, in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return f"⟦{singular if number == 1 else plural}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return f"⟦{message}⟧"


@pytest.fixture
def bracketed(english_system) -> Iterator[None]:
    """Speak that language, whatever the settings say, until English is spoken again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "use", lambda _: None)
        patch.setattr(language, "_catalogue_of", lambda _: Bracketed())
        language._spoken.change("brackets")
        yield


@pytest.fixture
def window(bracketed, open_window, library, qtbot):
    """A window that speaks it."""
    window = open_window(library)
    qtbot.waitUntil(lambda: window.shared.steps is not None)
    return window


@pytest.fixture
def own(demo_album, library, tmp_path) -> frozenset[str]:
    """The words that are the user's: those of paths, cameras and models."""
    with Library(library) as opened:
        photos = browse.photos_by_id(opened, browse.photo_ids(opened))
        files = [failure.path for failure in browse.failures(opened)]
    files += [path for photo in photos for path in photo.paths]
    paths = (
        demo_album,
        library,
        tmp_path,
        settings_file(),
        cache_folder(),
        default_library(),
        *files,
    )
    named = [part for path in paths for part in (*path.parts, path.stem)]
    cameras = [photo.camera for photo in photos if photo.camera]
    models = [each.name for each in (Path("resources") / "models").glob("*")]
    return frozenset(_WORD.findall(" ".join([*OWN_NAMES, *named, *cameras, *models])))


def unsaid(words: str) -> list[str]:
    """The words of `words` outside of all brackets."""
    words = unescape(re.sub("</?span>", "", words)).replace("\u200b", "")
    while (left := _SAID.sub(" ", words)) != words:
        words = left
    return _WORD.findall(words)


def visible(widget: QWidget) -> Iterator[str]:
    """What is to be seen, or to be heard, of a widget alone."""
    yield from (widget.windowTitle(), widget.toolTip(), widget.statusTip())
    yield from (widget.accessibleName(), widget.accessibleDescription())
    match widget:
        case QMessageBox():
            yield widget.text()
        case QLabel() | QAbstractButton():
            yield widget.text()
        case QLineEdit() | QPlainTextEdit():
            yield widget.placeholderText()
        case QComboBox():
            yield from (widget.itemText(row) for row in range(widget.count()))
        case QSpinBox():
            yield from (widget.prefix(), widget.suffix(), widget.specialValueText())
        case QMenu():
            yield widget.title()
        case QTableView():
            model, across = widget.model(), Qt.Orientation.Horizontal
            yield from (str(model.headerData(n, across)) for n in range(model.columnCount()))
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from listed(widget.model())


def listed(model: QAbstractItemModel) -> Iterator[str]:
    """What a list says of each row."""
    for row in range(min(LISTED, model.rowCount())):
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount()):
            for role in _ROLES:
                words = model.index(row, column).data(role)
                yield words if isinstance(words, str) else ""


def of_qt(widget: QWidget) -> bool:
    """Whether it is a button that Qt gave a dialog."""
    box = widget.window()
    return (
        isinstance(box, QMessageBox)
        and isinstance(widget, QAbstractButton)
        and box.standardButton(widget) != QMessageBox.StandardButton.NoButton
    )


def in_english(top: QWidget, own: frozenset[str]) -> set[tuple[str, str]]:
    """What would stay English below `top`: the class that says it, and what."""
    found, keys = set(), set()
    for widget in (top, *top.findChildren(QWidget)):
        if not of_qt(widget):
            found |= {(type(widget).__name__, words) for words in visible(widget)}
    for action in top.findChildren(QAction):
        keys.add(keys_of(action))
        found |= {(type(action).__name__, words) for words in (action.text(), action.toolTip())}
    return {(who, words) for who, words in found if words not in keys and set(unsaid(words)) - own}


def settled_in_english(qtbot, window, own: frozenset[str]) -> set[tuple[str, str]]:
    """As `in_english`, once nothing is read any more."""
    qtbot.waitUntil(lambda: not window.shared.desk._jobs)
    return in_english(window, own)


def test_what_is_not_translated_would_be_found(qtbot, bracketed):
    window = QWidget()
    qtbot.addWidget(window)
    QLabel(language.tr("Said as it should be"), window)
    QLabel(f"{language.tr('Said')} and not said", window).setToolTip("A hint")
    QLineEdit(window).setPlaceholderText("Type")
    box = QComboBox(window)
    box.addItems([NAME, "1.5 MB", language.tr_n(3, "{n} choice", "{n} choices")])
    window.addAction("An act")
    assert in_english(window, frozenset(OWN_NAMES)) == {
        ("QLabel", "⟦Said⟧ and not said"),
        ("QLabel", "A hint"),
        ("QLineEdit", "Type"),
        ("QComboBox", "1.5 MB"),
        ("QListView", "1.5 MB"),
        ("QAction", "An act"),
    }


def test_every_word_of_every_page_can_be_translated(qtbot, window, own):
    found = set()
    for name in LISTS:
        window.show_list(name)
        found |= settled_in_english(qtbot, window, own)
    assert found == set()


def test_every_word_of_what_is_opened_from_pages_can_be_translated(qtbot, window, own):
    with Library(window.folder) as opened:
        photos = browse.photo_ids(opened)
    groups = window.shared.overview.groups
    assert {group.kind for group in groups} == set(GroupKind)
    own |= set(_WORD.findall(" ".join(SEARCHES)))
    acts = [
        *(partial(window.show_details, group) for group in groups),
        *(partial(window.show_photo, photo, photos) for photo in photos),
        *(window.show_history, window.show_news),
        *(partial(search, window, f"{NAME} {words}") for words in SEARCHES),
    ]
    found = set()
    for act in acts:
        act()
        found |= settled_in_english(qtbot, window, own)
    assert found == set()


def search(window, words: str) -> None:
    """Search as who types this and presses Enter."""
    window.searching.box.setText(words)
    window.searching.box.wanted.emit(words, True)


def test_every_word_of_a_window_without_photos_can_be_translated(
    qtbot, bracketed, open_window, tmp_path, own
):
    window = open_window(tmp_path / NAME)
    found = set()
    for name in LISTS:
        window.show_list(name)
        found |= settled_in_english(qtbot, window, own)
    assert found == set()


def test_every_word_of_the_dialogs_can_be_translated(qtbot, window, own, tmp_path):
    groups = window.shared.overview.groups
    expected = Forecast(photos=1, size=10**9, seconds=400, growth=10**8, free=10**7)
    for dialog in (
        CopyDialog(window, 3, None),
        ExportDialog(window, groups),
        ScanDialog(window, expected),
        RemoveFolderDialog(window, tmp_path),
        HideSmallDialog(groups, window),
    ):
        qtbot.addWidget(dialog)
        assert in_english(dialog, own) == set()


def test_every_word_of_the_help_can_be_translated(qtbot, window, own):
    def look() -> None:
        box = QApplication.activeModalWidget()
        found.append(in_english(box, own))
        box.close()

    found: list[set[tuple[str, str]]] = []
    for tell in (lambda: about.tell_about(window), lambda: about.tell_where(window, window.folder)):
        QTimer.singleShot(0, look)
        tell()
    assert found == [set(), set()]


def test_every_word_around_the_guide_can_be_translated(qtbot, window, own):
    opened = window.help.show_guide()
    titles = " ".join(topic.title for topic in guide.topics(language.current()))
    opened.field.setText("zeppelin")
    assert in_english(opened, own | set(_WORD.findall(titles)) | {"zeppelin"}) == set()
    opened.close()


def test_every_word_of_the_sheet_of_keys_can_be_translated(qtbot, window, own):
    window.help.show_keys()
    (sheet,) = window.findChildren(ShortcutSheet)
    keys = {keys_of(action) for action in window.findChildren(QAction)}
    said = {words for row in sheet.shown for words in row} - keys
    assert {words for words in said if set(unsaid(words)) - own} == set()
    sheet.close()


@pytest.mark.parametrize("stage", [*text.STAGE_UNITS, "Finding faces"])
@pytest.mark.parametrize(("done", "total"), [(0, 9), (3, 9), (3, None)])
def test_every_word_about_a_job_can_be_translated(qtbot, window, own, stage, done, total):
    row = JobRow(Job("Scanning", lambda _: None), window)
    assert in_english(row, own) == set()
    row.job.progressed.emit(Progress(stage, done, total, 1.5, 70.0))
    assert in_english(row, own) == set()
    row.toggle_pause()
    assert in_english(row, own) == set()
    row.cancel()
    assert in_english(row, own) == set()
