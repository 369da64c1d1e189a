"""The file of a photo outside the window: shown in the file manager, as a path, dragged away."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QProcess, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QGuiApplication, QPixmap
from PySide6.QtWidgets import QWidget

from photoclust.core.language import tr

_DRAGGED = 96


def reveal(path: Path, parent: QObject, complain: Callable[[str], None]) -> None:
    """Show the file `path` in the file manager, selected where that can be done.

    `complain` is called with a sentence where no file manager answers.
    """
    programs = {"win32": ("explorer", ["/select,"]), "darwin": ("open", ["-R"])}
    if sys.platform not in programs:
        _ask_file_manager(path, parent, lambda: _open_folder(path, complain))
        return
    program, arguments = programs[sys.platform]
    if not QProcess.startDetached(program, [*arguments, str(path)]):
        _open_folder(path, complain)


def open_outside(path: Path, complain: Callable[[str], None]) -> None:
    """Open the file `path` with the program that the desktop has for it: a video is played.

    `complain` is called with a sentence where there is none.
    """
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        complain(tr("no program opens {path}; choose one for such files", path=path))


def copy_paths(paths: Sequence[Path]) -> None:
    """Put paths on the clipboard, one a line."""
    QGuiApplication.clipboard().setText("\n".join(map(str, paths)))


def drag_out(paths: Sequence[Path], source: QWidget, picture: QPixmap | None) -> None:
    """Let the user drop copies of files anywhere; the originals are never moved."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drag = QDrag(source)
    drag.setMimeData(data)
    if picture is not None and not picture.isNull():
        drag.setPixmap(
            picture.scaled(
                _DRAGGED,
                _DRAGGED,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    drag.exec(Qt.DropAction.CopyAction)


def _ask_file_manager(path: Path, parent: QObject, otherwise: Callable[[], None]) -> None:
    """By the interface that the file managers of Linux share; see freedesktop.org's
    file-manager-interface.
    """
    from PySide6.QtDBus import (  # noqa: PLC0415 - not part of every build of Qt
        QDBusConnection,
        QDBusMessage,
        QDBusPendingCallWatcher,
    )

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        otherwise()
        return
    name, place = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"
    message = QDBusMessage.createMethodCall(name, place, name, "ShowItems")
    message.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    watcher = QDBusPendingCallWatcher(bus.asyncCall(message), parent)

    def answered(call: QDBusPendingCallWatcher) -> None:
        if call.isError():
            otherwise()
        call.deleteLater()

    watcher.finished.connect(answered)


def _open_folder(path: Path, complain: Callable[[str], None]) -> None:
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
        complain(tr("no file manager can be opened; the file is {path}", path=path))
