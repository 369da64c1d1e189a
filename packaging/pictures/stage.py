"""What brings a window to a view, and takes the picture."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from photoclust.core.types import Group, GroupKind, PhotoId
from photoclust.gui.operations import viewing
from photoclust.gui.tasks import Lane
from photoclust.gui.window import MainWindow
from pictures.rest import NotOfferedError, UnreachableError, come_to_rest, wait_for

_FRAME = QColor(128, 128, 128)


class Stage:
    """A window and the ways through it that several views share."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.pages = window.pages
        wait_for(lambda: window.shared.overview, "the library to be read")
        window.pages.all()
        catching_up = partial(window.shared.desk.jobs, Lane.SCAN)
        wait_for(lambda: not catching_up(), "the folders to be looked at", seconds=120)
        self.rest()

    def rest(self) -> None:
        """Wait until everything is there."""
        come_to_rest(self.window)

    def clear(self) -> None:
        """Back to the people, with nothing open, chosen, typed or told."""
        for widget in others(self.window):
            widget.close()
        pages = self.pages
        self.window.searching.clear()
        pages.people.acts.panel.close_panel()
        pages.people.grid.pick_none()
        pages.people.tools.show_hidden.setChecked(False)
        pages.people.tools.field.clear()
        pages.group.note.ended.emit()
        pages.group.tools.faces_button.click()
        pages.group.portraits.grid.pick_none()
        pages.group.show_about(shown=False)
        pages.photo.people.close_panels()
        pages.photo.canvas.begin_drawing(False)
        pages.photo.canvas.zoom_fit()
        pages.training.show_setup()
        self.window.notice.clear()
        self.window.show_list("people")
        self.window.activateWindow()
        self.rest()

    # --- keys -------------------------------------------------------------------------------------

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
        """Press a key where the keyboard is."""
        none = Qt.KeyboardModifier.NoModifier
        QTest.keyClick(self._focus(), key, modifiers or none)

    def write(self, words: str) -> None:
        """Type `words`, of any script, where the keyboard is."""
        for letter in words:
            event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
            QApplication.sendEvent(self._focus(), event)

    def _focus(self) -> QWidget:
        return QApplication.activePopupWidget() or QApplication.focusWidget() or self.window

    # --- what is in the library -------------------------------------------------------------------

    @property
    def groups(self) -> list[Group]:
        """Everybody, in the order shown."""
        return list(self.pages.people.model.items)

    def person(self) -> Group:
        """Somebody with a name, whose name is a long one if there is such."""
        people = [group for group in self.groups if group.kind is GroupKind.PERSON and group.name]
        if not people:
            raise NotOfferedError("nobody has a name")
        return max(people, key=lambda group: (group.faces > 2, len(group.name or "")))

    def unnamed(self) -> Group:
        """A group without a name."""
        found = next((group for group in self.groups if group.name is None), None)
        if found is None:
            raise NotOfferedError("every group has a name")
        return found

    def open_photo(self, wanted: Callable[[viewing.PhotoView], bool], what: str) -> None:
        """Open the first photo of which `wanted` holds, and wait until it can be seen."""
        library = self.window.shared.library
        if library is None:
            raise UnreachableError("no library is open")
        self.window.show_list("photos")
        self.rest()
        photos: list[PhotoId] = list(self.pages.photos.model.items)
        found = next((each for each in photos if wanted(viewing.view_photo(library, each))), None)
        if found is None:
            raise NotOfferedError(f"no photo with {what}")
        self.window.show_photo(found, photos)
        page = self.pages.photo
        wait_for(
            lambda: page.loaded is not None and page.loaded.view.photo.id == found,
            f"photo {found}",
        )
        self.rest()


Show = Callable[[Stage], object]


@dataclass(frozen=True, slots=True)
class View:
    """Something the window can show: `show` brings it there. One that `waits` is a dialog which
    `show` opens and does not leave before it is closed. `main` ones are shown in every language.
    """

    name: str
    show: Show
    waits: bool = False
    main: bool = False


def take(stage: Stage, view: View) -> QPixmap:
    """The picture of `view`."""
    if not view.waits:
        view.show(stage)
        stage.rest()
        return picture(stage.window)
    pictures: list[QPixmap] = []
    wrong: list[Exception] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            wrong.append(UnreachableError("no dialog is opened"))
            return
        try:
            stage.rest()
            pictures.append(picture(stage.window))
        except Exception as error:  # raised again once the dialog is left
            wrong.append(error)
        dialog.close()

    QTimer.singleShot(0, look)
    view.show(stage)
    if wrong:
        raise wrong[0]
    return pictures[0]


def others(window: QWidget) -> list[QWidget]:
    """What is open beside `window`: dialogs, menus, lists of completions."""
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget is not window and widget.isVisible()
    ]


def picture(window: QWidget) -> QPixmap:
    """`window` with everything that is open over it, and what hangs over its edges."""
    open_ones = sorted(others(window), key=lambda widget: not widget.isModal())
    corner = window.mapToGlobal(QPoint())
    places = [QRect(widget.mapToGlobal(QPoint()) - corner, widget.size()) for widget in open_ones]
    whole = QRect(QPoint(), window.size())
    for place in places:
        whole = whole.united(place.adjusted(-1, -1, 1, 1))
    pixmap = QPixmap(whole.size())
    pixmap.fill(_FRAME)
    painter = QPainter(pixmap)
    painter.translate(-whole.topLeft())
    painter.drawPixmap(0, 0, window.grab())
    painter.setPen(_FRAME)
    for widget, place in zip(open_ones, places, strict=True):
        painter.drawPixmap(place.topLeft(), widget.grab())
        painter.drawRect(place.adjusted(-1, -1, 0, 0))
    painter.end()
    return pixmap
