"""The composition root of the window: application, theme, main window."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# No process of photoclust lets ONNX Runtime report anything; its workers inherit this.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from PySide6.QtCore import QLibraryInfo, QLocale, QSettings, Qt, QTranslator
from PySide6.QtWidgets import QApplication, QMessageBox

from photoclust.core import language
from photoclust.core.paths import APP_NAME, settings_file
from photoclust.core.settings import Settings
from photoclust.gui import icons, text, theme
from photoclust.gui.window import MainWindow

_GARBAGE = (5_000, 10, 100)
"""How many new objects the three kinds of search for garbage wait for: what lives long is rarely
looked through, as that holds up everything else for so long as there is much of it.
"""
SWITCH_S = 0.001
"""After how many seconds a thread that runs Python lets another one do so."""


def run(library_folder: Path, *, folders_to_scan: Sequence[Path] = (), settings: Settings) -> int:
    """Show the window until it is closed, scanning `folders_to_scan` at once; the exit code.

    A library that cannot be opened is told in a dialog, and the code is 1.
    """
    app = application(settings)
    window = MainWindow(library_folder, settings)
    window.library_failed.connect(lambda message: _refuse(app, window, message))
    window.library_opened.connect(spare_pauses)
    window.show()
    if folders_to_scan:
        window.scan(folders_to_scan)
    code = app.exec()
    # A window that was closed while it still began may have begun something since; no thread may
    # tell of its end while Qt is taken apart.
    window.shared.shut_down()
    return code


def spare_pauses() -> None:
    """Let no later search for garbage look through what stays for good: modules, classes, widgets;
    and let there be searches, where the start went without.

    Such a search takes 60 ms and more, four frames of scrolling, and finds nothing there.
    """
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    gc.enable()


def application(settings: Settings) -> QApplication:
    """The one QApplication, made if it is not there, with icon and theme."""
    # Qt's own file dialog remembers its columns; that belongs with the other settings.
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(settings_file().parent))
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = _new_application()
    # While others compute, the main thread may wait so long for its turn, several times a frame.
    sys.setswitchinterval(SWITCH_S)
    _speak(app, settings.language)
    theme.apply(app, settings.theme)
    return app


def _speak(app: QApplication, wanted: str) -> None:
    """Use the language that is `wanted`, or the first of the user's that there is."""
    language.use(wanted if wanted in language.LANGUAGES else _of_system())
    QLocale.setDefault(QLocale(language.current()))
    of_qt = app.findChild(QTranslator) or QTranslator(app)
    app.removeTranslator(of_qt)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if of_qt.load(f"qtbase_{language.current()}", folder):
        app.installTranslator(of_qt)


def _of_system() -> str:
    codes = (name.partition("-")[0] for name in QLocale.system().uiLanguages())
    return next((code for code in codes if code in language.LANGUAGES), language.CODE)


def _new_application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName(APP_NAME)
    app.setDesktopFileName(APP_NAME)
    app.setStyle("Fusion")
    app.setWindowIcon(icons.application_icon())
    app.styleHints().colorSchemeChanged.connect(lambda: theme.follow_system(app))
    return app


def refusal(message: str) -> QMessageBox:
    """The dialog that tells why the library cannot be opened."""
    box = QMessageBox(QMessageBox.Icon.Critical, "photoclust", "")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text.breakable(text.sentence(message)))
    theme.dress(box)
    return box


def _refuse(app: QApplication, window: MainWindow, message: str) -> None:
    refusal(message).exec()
    window.close()
    app.exit(1)
