"""Names, paths and reasons are shown as they are, never as markup, and never too wide."""

import pytest
from PySide6.QtCore import QItemSelectionModel, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMessageBox, QWidget

from photoclust.core.types import Failure
from photoclust.gui.app import refusal
from photoclust.gui.dialogs import about
from photoclust.gui.pages import LISTS
from photoclust.gui.views.unnamed import Part
from photoclust.services import browse, naming
from photoclust.store import files as file_store
from photoclust.store.database import Library

MARKUP = "<b>Anna</b> & <img src=x>"
LONG = "Annegret" * 25
BAD_FILE = "<b>Anna & <img src=x>.jpg"


@pytest.fixture
def odd_library(demo_library, tmp_path):
    """The demo library with somebody of a name like markup, a long name, and such a failure."""
    with Library(demo_library) as library:
        single, *_ = browse.single_faces(library)
        naming.name(library, browse.groups(library)[0].key, MARKUP)
        naming.name(library, f"f{single.id}", LONG)
        bad = tmp_path / LONG / BAD_FILE
        bad.parent.mkdir()
        bad.write_bytes(b"")
        with library.write() as tx:
            file_store.write_failure(tx, Failure(bad, f"the file is {MARKUP}", 1, 2))
    return demo_library


@pytest.fixture
def window(qtbot, open_window, odd_library):
    window = open_window(odd_library)
    qtbot.waitUntil(lambda: window.shared.steps is not None)
    return window


def assert_literal(top: QWidget) -> None:
    """No widget below `top` can take what it shows for markup, or a letter for a key."""
    for label in top.findChildren(QLabel):
        if "<b>" in label.text():
            assert label.textFormat().name == "PlainText", label.text()
    for widget in [top, *top.findChildren(QWidget)]:
        assert "<b>" not in widget.toolTip()
        if isinstance(widget, QAbstractButton) and "<b>" in widget.text():
            assert "</b> && <img" in widget.text()
    for action in top.findChildren(QAction):
        assert "<b>" not in action.toolTip()
        if "<b>" in action.text():
            assert "</b> && <img" in action.text()


def tour(qtbot, window):
    """Every page with every kind of name on it."""
    for name in LISTS[:6]:
        window.show_list(name)
        yield
    qtbot.waitUntil(lambda: window.pages.failures.model.rowCount() == 2)
    row = next(r for r in range(2) if BAD_FILE in str(window.pages.failures.model.failure(r).path))
    # selectRow() adds to what is chosen where a test before sent a key with Ctrl.
    flags = QItemSelectionModel.SelectionFlag
    window.pages.failures.table.selectionModel().setCurrentIndex(
        window.pages.failures.model.index(row, 0), flags.ClearAndSelect | flags.Rows
    )
    yield
    for name in (MARKUP, LONG):
        group = next(g for g in window.pages.people.model.items if g.name == name)
        window.show_group(group)
        qtbot.waitUntil(lambda group=group: window.pages.group.model.rowCount() == group.faces)
        yield
        photo = window.pages.group.model.item(0).photo
        window.show_photo(photo, [photo])
        qtbot.waitUntil(lambda: bool(window.pages.photo.canvas.faces))
        yield
    window.shared.named.emit(naming.Named(1, MARKUP, True, None, 1))
    yield
    window.shared.complained.emit(f"{LONG}: the file is {MARKUP}")
    yield


def test_nothing_on_any_page_is_taken_for_markup(qtbot, window):
    assert len(window.history.undo_action.text()) < 80
    for _ in tour(qtbot, window):
        assert_literal(window)
    assert window.pages.failures.model.rowCount() == 2
    assert window.pages.failures.chosen_path.text().endswith(BAD_FILE)


def test_a_long_name_makes_no_page_wider_than_the_smallest_window(qtbot, window):
    window.resize(760, 520)
    for _ in tour(qtbot, window):
        QApplication.processEvents()
        assert window.minimumSizeHint().width() <= 760
        assert window.width() == 760


def test_the_question_who_is_meant_shows_the_name_as_it_is(qtbot, window):
    editor = window.pages.unnamed.single_faces.editor
    window.show_list("unnamed")
    window.pages.unnamed.show_part(Part.FACES)
    editor.choices.ask(window.shared.library.people_called(MARKUP), MARKUP)
    assert_literal(window)
    assert editor.choices.buttons[0].accessibleName().startswith(f"This {MARKUP}")


def test_an_entry_that_is_undone_is_told_as_it_is(qtbot, window):
    window.history.undo()
    qtbot.waitUntil(lambda: window.notice.message.startswith("Undone: "))
    window.history.undo()
    qtbot.waitUntil(lambda: MARKUP in window.notice.message)
    qtbot.waitUntil(lambda: MARKUP.replace("&", "&&") in window.history.redo_action.text())
    assert_literal(window)


def dialog_text(show) -> tuple[QMessageBox, str]:
    """What the message box says that `show` opens; it is closed."""
    found = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        found.append((box.textFormat().name, box.text(), box.informativeText()))
        box.reject()

    QTimer.singleShot(50, look)
    show()
    ((form, words, more),) = found
    assert form == "PlainText"
    assert more == "", "Qt takes it for markup where it looks like it"
    return words


def test_dialogs_show_paths_as_they_are(qtbot, window, tmp_path):
    words = dialog_text(lambda: about.tell_where(window, tmp_path / MARKUP))
    assert str(tmp_path / MARKUP) in words
    words = dialog_text(refusal(f"{MARKUP} is damaged").exec)
    assert words == f"{MARKUP} is damaged."
