"""What the Help menu tells: where the data lives, and what this program is."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from photoclust import __version__
from photoclust.core.language import tr
from photoclust.core.paths import cache_folder, settings_file
from photoclust.gui import text


def tell_where(parent: QWidget, library: Path) -> None:
    """Show the folders that photoclust writes to, and open the library's on request."""
    box = QMessageBox(parent)
    box.setWindowTitle(tr("Where is my data?"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    # Not as informative text, which Qt takes for HTML where it looks like it.
    words = tr(
        "Names, faces and thumbnails are in the library folder. Deleting it deletes all that "
        "photoclust knows; your photos stay as they are.\n\n"
        "Library: {library}\n"
        "Settings: {settings}\n"
        "Cache: {cache}",
        library=text.shown_path(library),
        settings=text.shown_path(settings_file().parent),
        cache=text.shown_path(cache_folder()),
    )
    box.setText(text.breakable(words))
    show = box.addButton(tr("Open the library folder"), QMessageBox.ButtonRole.ActionRole)
    box.addButton(QMessageBox.StandardButton.Close)
    box.exec()
    if box.clickedButton() is show:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(library)))


def tell_about(parent: QWidget) -> None:
    """Show version and licence."""
    QMessageBox.about(
        parent,
        tr("About photoclust"),
        tr(
            "photoclust {version}\n\nFinds, groups and names the faces in your photos, on "
            "this computer alone.\n\nMIT licence. The face models have licences of their own; "
            "“photoclust model list” shows them.",
            version=__version__,
        ),
    )
