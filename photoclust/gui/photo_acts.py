"""What can be done with photos wherever they are shown: turn, invert, date, find, drag, copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from photoclust.core.dates import PhotoDate
from photoclust.core.language import marked, tr, tr_n
from photoclust.core.types import PhotoId
from photoclust.gui import files, text
from photoclust.gui.dialogs.copying import CopyDialog, CopyWish
from photoclust.gui.dialogs.dating import DateDialog
from photoclust.gui.jobbar import JobBar
from photoclust.gui.operations import editing, sharing
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.services.copying import Copied

_LISTED = 3
_TURNS = {"r": -90, "R": 90}
"""By how many degrees, counter-clockwise, a typed letter turns photos."""


class PhotoActs(QObject):
    """Acts on ids; what they need to know is read off the main thread."""

    def __init__(self, shared: Shared, job_bar: JobBar) -> None:
        super().__init__(shared)
        self._shared = shared
        self._job_bar = job_bar
        self._last_copy: CopyWish | None = None

    def turn(self, photos: Sequence[PhotoId], degrees: int) -> None:
        """Show `photos` turned by `degrees`, counter-clockwise; no file is changed."""
        if not photos:
            return
        if self._shared.read_only is not None:
            self._shared.complained.emit(
                tr("nothing can be turned: {reason}", reason=self._shared.read_only)
            )
            return
        chosen = list(photos)
        self._shared.act(marked("Turning"), lambda library: editing.turn(library, chosen, degrees))

    def say_negative(self, photos: Sequence[PhotoId], negative: bool) -> None:
        """Say whether `photos` are film negatives; no file is changed."""
        chosen, settings = list(photos), self._shared.settings
        self._shared.act(
            marked("Looking for faces in negatives again"),
            lambda library: editing.say_negative(library, chosen, negative, settings),
        )

    def ask_date(self, photos: Sequence[PhotoId], parent: QWidget) -> None:
        """Ask when `photos` were taken."""
        if not photos:
            return
        if self._shared.read_only is not None:
            self._shared.complained.emit(
                tr("nothing can be dated: {reason}", reason=self._shared.read_only)
            )
            return
        chosen = list(photos)
        if len(chosen) > 1:
            self._ask_date(chosen, parent, None)
        else:
            self._shared.read(
                lambda library: editing.known_date(library, chosen[0]),
                lambda date: self._ask_date(chosen, parent, date),
            )

    def reveal(self, photo: PhotoId) -> None:
        """Show the file of `photo` in the file manager."""
        self._with_files(
            [photo], lambda paths: files.reveal(paths[0], self, self._shared.complained.emit)
        )

    def open_outside(self, photo: PhotoId) -> None:
        """Open the file of `photo` with the program that the desktop has for it."""
        self._with_files(
            [photo], lambda paths: files.open_outside(paths[0], self._shared.complained.emit)
        )

    def copy_paths(self, photos: Sequence[PhotoId]) -> None:
        """Put the paths of `photos` on the clipboard."""

        def copy(paths: list[Path]) -> None:
            files.copy_paths(paths)
            self._shared.told.emit(tr_n(len(paths), "Copied {n} path.", "Copied {n} paths."))

        self._with_files(photos, copy)

    def drag_out(self, photos: Sequence[PhotoId], source: QWidget, picture: QPixmap | None) -> None:
        """Drag the files of `photos` away, as long as the mouse button is held."""

        def drag(paths: list[Path]) -> None:
            if QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
                files.drag_out(paths, source, picture)

        self._with_files(photos, drag)

    def copy_to_folder(self, photos: Sequence[PhotoId], parent: QWidget) -> None:
        """Ask where to, and copy the files of `photos` there."""
        if not photos:
            return
        dialog = CopyDialog(parent, len(photos), self._last_copy)
        accepted = dialog.exec()
        wish = dialog.wish
        dialog.deleteLater()
        if accepted and wish is not None:
            self._copy(list(photos), wish)

    def take_key(self, event: QKeyEvent, photos: Sequence[PhotoId], parent: QWidget) -> bool:
        """Whether a key was one of these acts; it is done with `photos` then."""
        with_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.modifiers() == with_shift and event.key() == Qt.Key.Key_C:
            self.copy_paths(photos)
        elif event.modifiers() == with_shift and event.key() == Qt.Key.Key_E:
            self.copy_to_folder(photos, parent)
        elif (
            event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_D
        ):
            self.ask_date(photos, parent)
        elif event.text() in _TURNS:
            self.turn(photos, _TURNS[event.text()])
        else:
            return False
        return True

    def menu(self, photos: Sequence[PhotoId], menu: QMenu, parent: QWidget) -> None:
        """Add what can be done with `photos`, which `parent` shows, to `menu`."""
        chosen = list(photos)
        one = len(chosen) == 1
        outside = menu.addAction(tr("Open in its program"))
        outside.setEnabled(one)
        outside.triggered.connect(lambda: self.open_outside(chosen[0]))
        where = menu.addAction(tr("Show in the file manager"))
        where.setEnabled(one)
        where.triggered.connect(lambda: self.reveal(chosen[0]))
        paths = menu.addAction(tr("Copy the path") if one else tr("Copy the paths"))
        paths.triggered.connect(lambda: self.copy_paths(chosen))
        show_key(paths, "Ctrl+Shift+C")
        copies = menu.addAction(tr("Copy to a folder…"))
        copies.triggered.connect(lambda: self.copy_to_folder(chosen, parent))
        show_key(copies, "Ctrl+Shift+E")
        menu.addSeparator()
        changeable = self._shared.read_only is None
        turns = ((tr("Turn right"), -90, "R"), (tr("Turn left"), 90, "Shift+R"))
        for words, degrees, key in turns:
            action = menu.addAction(words)
            action.setEnabled(changeable)
            action.triggered.connect(lambda _=False, by=degrees: self.turn(chosen, by))
            show_key(action, key)
        film = menu.addMenu(tr("Film negative"))
        film.setEnabled(changeable)
        for words, negative in ((tr("Show as a positive"), True), (tr("Show as it is"), False)):
            film.addAction(words).triggered.connect(
                lambda _=False, said=negative: self.say_negative(chosen, said)
            )
        dates = menu.addAction(tr("Date…"))
        dates.setEnabled(changeable)
        dates.triggered.connect(lambda: self.ask_date(chosen, parent))
        show_key(dates, "Ctrl+D")

    def show_menu(self, photos: Sequence[PhotoId], parent: QWidget, at: QPoint) -> None:
        """Show a menu of what can be done with `photos`."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu(photos, menu, parent)
        menu.popup(at)

    def _ask_date(self, photos: list[PhotoId], parent: QWidget, before: PhotoDate | None) -> None:
        dialog = DateDialog(parent, len(photos), before)

        def set_date() -> None:
            date = dialog.date
            self._shared.act(
                marked("Dating photos"), lambda library: editing.set_date(library, photos, date)
            )

        dialog.accepted.connect(set_date)
        dialog.open()

    def _copy(self, photos: list[PhotoId], wish: CopyWish) -> None:
        library = self._shared.library
        if library is None:
            return
        self._last_copy = wish
        job = Job(
            marked("Copying photos"),
            lambda job: sharing.copy(
                library, photos, wish.folder, with_place=wish.with_place, control=job.control
            ),
        )
        job.succeeded.connect(lambda copied: self._tell(copied, wish.folder))
        job.failed.connect(self._shared.complained)
        job.cancelled.connect(
            lambda: self._shared.told.emit(
                tr("Copying cancelled. What was copied until then stays.")
            )
        )
        job.started.connect(lambda: self._job_bar.watch(job))
        self._shared.desk.start(job, Lane.COPY)

    def _tell(self, copied: Copied, folder: Path) -> None:
        made, where = len(copied.files), text.shown_path(folder)
        if not copied.failed:
            words = tr_n(
                made,
                "Copied {n} photo to {folder}.",
                "Copied {n} photos to {folder}.",
                folder=where,
            )
            self._shared.told.emit(words)
            return
        reasons = [f"{each.path.name}: {each.reason}" for each in copied.failed[:_LISTED]]
        more = len(copied.failed) - len(reasons)
        reasons += [tr_n(more, "and {n} more", "and {n} more")] if more else []
        self._shared.complained.emit(
            tr_n(
                len(copied.failed),
                "{copied}; {n} photo could not be copied. {reasons}",
                "{copied}; {n} photos could not be copied. {reasons}",
                copied=tr_n(
                    made,
                    "Copied {n} photo to {folder}",
                    "Copied {n} photos to {folder}",
                    folder=where,
                ),
                reasons="; ".join(reasons),
            )
        )

    def _with_files(self, photos: Sequence[PhotoId], use: Callable[[list[Path]], None]) -> None:
        chosen = list(photos)

        def receive(paths: list[Path]) -> None:
            if paths:  # what went out of the library meanwhile has none
                use(paths)

        if chosen:
            self._shared.read(lambda library: sharing.files(library, chosen), receive)


def show_key(action: QAction, key: str) -> None:
    """Show the key beside the words; the page itself listens to it."""
    action.setShortcut(QKeySequence(key))
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
