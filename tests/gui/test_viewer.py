"""The viewer as a user works with it: real library, real clicks, real keys."""

import shutil
import threading
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.core.types import Box, GroupKind, LibraryChanges
from photoclust.gui import files
from photoclust.gui.views.viewport import Viewport
from photoclust.services import browse
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library

Key, Button = Qt.Key, Qt.MouseButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="session")
def scanned_portrait(tmp_path_factory, demo_album, without_processes) -> Path:
    """A library of a made-up group portrait: six faces in two rows; and of a single photo."""
    folder = tmp_path_factory.mktemp("portrait")
    photos = folder / "photos"
    photos.mkdir()
    with Image.open(demo_album / "Space" / "astronaut.png") as image:
        person = image.convert("RGB").resize((256, 256))
    portrait = Image.new("RGB", (3 * 256, 2 * 256), "white")
    for place in range(6):
        portrait.paste(person.rotate(2 * place), (256 * (place % 3), 256 * (place // 3)))
    portrait = portrait.resize((1536, 1024))
    portrait.save(photos / "portrait.jpg", quality=92)
    person.save(photos / "single.jpg", quality=92)
    with without_processes(), Library(folder / "library") as library:
        scan_and_group(library, [photos], Settings())
    return folder


@pytest.fixture
def portrait(scanned_portrait, tmp_path) -> Path:
    """The library, the album's photos stay where they are."""
    return Path(shutil.copytree(scanned_portrait / "library", tmp_path / "portrait library"))


@pytest.fixture
def window(open_window, portrait, in_process):
    return open_window(portrait)


@pytest.fixture
def page(qtbot, window, portrait):
    """The viewer with the portrait."""
    with Library(portrait) as library:
        by_faces = sorted(
            browse.photo_ids(library), key=lambda p: -len(browse.faces_of_photo(library, p))
        )
    window.show_photo(by_faces[0], by_faces)
    qtbot.waitUntil(lambda: len(window.pages.photo.canvas.faces) == 6)
    return window.pages.photo


def names(page):
    return [name for _, name in page.canvas.faces]


def people(folder):
    with Library(folder) as library:
        return {g.name: g for g in browse.groups(library) if g.kind is GroupKind.PERSON}


def drag(qtbot, canvas, start, end):
    """Press at `start`, move in steps to `end`, release."""
    start, end = QPointF(start).toPoint(), QPointF(end).toPoint()
    qtbot.mousePress(canvas, Button.LeftButton, pos=start)
    qtbot.mouseMove(canvas, (start + end) / 2)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Button.LeftButton, pos=end)


def wheel(canvas, at, steps):
    event = QWheelEvent(
        QPointF(at),
        canvas.mapToGlobal(QPointF(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Button.NoButton,
        NO_KEYS,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


# --- naming ------------------------------------------------------------------------------------


def test_everybody_is_named_in_one_pass_of_the_keyboard(qtbot, window, page, portrait):
    qtbot.keyClick(page.canvas, Key.Key_F2)
    edit = page.people.popup.editor.edit
    given = ["Anna", "Ben", None, "Cleo", "Anna", "Dora"]
    for row, name in enumerate(given):
        face = page.canvas.faces[row][0]
        assert page.people.popup.face.id == face.id  # without waiting for anything
        assert page.canvas.selected.id == face.id
        if name is None:
            qtbot.keyClick(edit, Key.Key_Tab)
        else:
            qtbot.keyClicks(edit, name)
            qtbot.keyClick(edit, Key.Key_Return)
    assert page.people.popup.isHidden()
    qtbot.waitUntil(lambda: names(page) == given)
    found = people(portrait)
    assert {name: group.faces for name, group in found.items()} == {
        "Anna": 2,
        "Ben": 1,
        "Cleo": 1,
        "Dora": 1,
    }
    # Once more: only the one that was passed over is asked about.
    qtbot.keyClick(page.canvas, Key.Key_F2)
    assert page.people.popup.face.id == page.canvas.faces[2][0].id
    qtbot.keyClick(edit, Key.Key_Escape)
    assert page.people.popup.isHidden()
    assert window.page is page


def test_a_suggestion_takes_three_keys_beside_what_is_typed(qtbot, page):
    edit = page.people.popup.editor.edit
    qtbot.keyClick(page.canvas, Key.Key_F2)
    qtbot.keyClicks(edit, "Maximiliane")
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.waitUntil(lambda: names(page)[0] == "Maximiliane")
    second = page.canvas.faces[1][0].id
    assert page.people.popup.face.id == second
    qtbot.keyClicks(edit, "max")
    popup = edit.completer().popup()
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    qtbot.keyClick(edit, Key.Key_Return)
    assert page.people.popup.face.id != second
    qtbot.waitUntil(lambda: names(page)[:2] == ["Maximiliane"] * 2)


def test_letters_begin_the_name_of_a_chosen_face(qtbot, page):
    qtbot.keyClick(page.canvas, Key.Key_Tab)
    qtbot.keyClick(page.canvas, "b")  # no box is hidden
    edit = page.people.popup.editor.edit
    qtbot.keyClicks(edit, "en")
    assert edit.text() == "ben"
    assert page.header.boxes_button.isChecked()


def test_a_click_in_the_list_asks_for_the_name_and_undo_takes_it_back(qtbot, window, page):
    rows = page.panel.list
    area = rows.visualRect(rows.model().index(3, 0))
    qtbot.mouseClick(rows.viewport(), Button.LeftButton, pos=area.center())
    assert page.people.popup.face.id == page.canvas.faces[3][0].id
    qtbot.keyClicks(page.people.popup.editor.edit, "Eve")
    qtbot.keyClick(page.people.popup.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: names(page)[3] == "Eve")
    assert page.panel.model.item(3).name == "Eve"
    qtbot.waitUntil(window.history.undo_action.isEnabled)
    qtbot.keyClick(window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: names(page)[3] is None)


def test_the_list_and_the_boxes_point_at_each_other(qtbot, page):
    rows = page.panel.list
    qtbot.mouseMove(rows.viewport(), rows.visualRect(rows.model().index(2, 0)).center())
    qtbot.waitUntil(lambda: page.canvas._hovered == 2)
    face, _ = page.canvas.faces[4]
    qtbot.mouseMove(page.canvas, page.canvas.area(face).center().toPoint())
    qtbot.waitUntil(lambda: rows._row.highlighted == 4)


# --- looking -----------------------------------------------------------------------------------


def test_the_wheel_zooms_where_the_mouse_is_and_all_pixels_come(qtbot, page):
    canvas = page.canvas
    canvas.resize(400, 300)
    face, _ = canvas.faces[5]
    at = canvas.area(face).center()
    wheel(canvas, at, 6)
    assert not canvas.viewport.is_fitted
    assert (canvas.area(face).center() - at).manhattanLength() < 40
    before = canvas.area(face).center()
    drag(qtbot, canvas, QPointF(200, 150), QPointF(150, 120))
    moved = canvas.area(face).center() - before
    assert moved.manhattanLength() > 0
    qtbot.keyClicks(canvas, "0")
    assert canvas.viewport.is_fitted


def test_more_pixels_are_loaded_when_looked_at_closely(qtbot, page, monkeypatch):
    from photoclust.gui.operations import viewing

    monkeypatch.setattr(viewing, "PREVIEW_SIDE", 200)
    page.loader._forget_all()
    page._loaded = None
    page._load()
    qtbot.waitUntil(lambda: page.canvas.image.width() == 200)
    qtbot.keyClicks(page.canvas, "1")
    qtbot.waitUntil(lambda: page.canvas._levels[-1].width() == 1536)
    assert not page.canvas.wants_sharper


def test_a_photo_that_changed_as_it_arrived_is_read_again(qtbot, page):
    photo, loader = page.photo, page.loader
    arrivals = []

    def arrived(_, loaded):
        arrivals.append(loaded)
        if len(arrivals) == 1:
            loader._forget(LibraryChanges(photos=frozenset({photo})))
            loader.want(photo, [])

    loader._forget_all()
    loader.arrived.connect(arrived)
    loader.want(photo, [])
    qtbot.waitUntil(lambda: len(arrivals) == 2)


def test_arrows_move_what_is_zoomed_and_page_keys_leaf(qtbot, page):
    first = page.photo
    qtbot.keyClicks(page.canvas, "+++++++")
    left = page.canvas.viewport.area.left()
    qtbot.keyClick(page.canvas, Key.Key_Right)
    assert page.photo == first
    assert page.canvas.viewport.area.left() < left
    qtbot.keyClick(page.canvas, Key.Key_PageDown)
    assert page.photo != first


def test_the_next_photo_is_there_before_it_is_asked_for(qtbot, page):
    following = page._ids[1]
    qtbot.waitUntil(lambda: following in page.loader._kept)
    qtbot.keyClick(page.canvas, Key.Key_Right)
    assert page.loaded.view.photo.id == following  # without an event in between


def test_a_neighbour_that_is_named_while_it_is_read_shows_the_name(
    qtbot, window, page, monkeypatch
):
    from photoclust.gui.operations import viewing

    following = page._ids[1]
    qtbot.waitUntil(lambda: following in page.loader._kept and not page.loader._jobs)
    view = page.loader._kept[following].view
    read, go_on = threading.Event(), threading.Event()
    preview = viewing.preview

    def slow(*known):
        read.set()
        assert go_on.wait(30)
        return preview(*known)

    monkeypatch.setattr(viewing, "preview", slow)
    page.loader._forget(LibraryChanges(photos=frozenset([following])))
    page.loader.want(page.photo, [following])
    qtbot.waitUntil(read.is_set)
    named = []
    window.shared.name(f"f{view.faces[0].id}", "Anna", named.append)
    qtbot.waitUntil(lambda: bool(named))
    go_on.set()
    qtbot.waitUntil(lambda: following in page.loader._kept and not page.loader._jobs)
    qtbot.keyClick(page.canvas, Key.Key_Right)
    qtbot.waitUntil(lambda: names(page) == ["Anna"])


def test_boxes_are_hidden_and_shown_with_a_key(qtbot, page):
    before = page.canvas.grab().toImage()
    qtbot.keyClicks(page.canvas, "b")
    assert not page.header.boxes_button.isChecked()
    without = page.canvas.grab().toImage()
    assert before != without
    qtbot.keyClicks(page.canvas, "b")
    assert page.canvas.grab().toImage() == before


def test_the_line_below_the_name_tells_size_and_file(page):
    size = page.loaded.view.file.size
    assert "1536 × 1024" in page.header.details.text()
    assert f"{size / 1000:.0f} kB" in page.header.details.text()
    assert "6 faces" in page.header.details.text()


# --- changing ----------------------------------------------------------------------------------


def test_a_missed_face_is_drawn_named_and_undone(qtbot, window, page, portrait):
    canvas = page.canvas
    qtbot.keyClicks(canvas, "d")
    assert page.panel.draw_button.isChecked()
    area = canvas.viewport.area
    start = area.topLeft() + QPointF(area.width() * 0.30, area.height() * 0.02)
    expected = canvas.viewport.box(QRectF(start, start + QPointF(60, 70)))
    drag(qtbot, canvas, start, start + QPointF(60, 70))
    qtbot.waitUntil(lambda: len(canvas.faces) == 7)
    assert not page.panel.draw_button.isChecked()
    (drawn,) = [face for face, _ in canvas.faces if face.drawn]
    assert drawn.box.iou(expected) > 0.95
    assert page.people.popup.face.id == drawn.id
    qtbot.keyClicks(page.people.popup.editor.edit, "Fay")
    qtbot.keyClick(page.people.popup.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: "Fay" in names(page))
    canvas.select(drawn.id)
    qtbot.keyClick(canvas, Key.Key_Delete)
    qtbot.waitUntil(lambda: len(canvas.faces) == 6)
    window.history.undo_offered()
    qtbot.waitUntil(lambda: "Fay" in names(page))


@pytest.fixture
def begun_face(qtbot, page):
    """A box was just drawn; nobody knows yet whether there is a face in it."""
    canvas = page.canvas
    qtbot.keyClicks(canvas, "d")
    start = canvas.viewport.area.topLeft() + QPointF(canvas.viewport.area.width() * 0.30, 10)
    drag(qtbot, canvas, start, start + QPointF(60, 70))
    assert len(canvas.faces) == 6
    return page.people.popup


def test_the_name_is_typed_while_a_drawn_face_is_looked_at(qtbot, window, page, begun_face):
    edit = begun_face.editor.edit
    assert window.focusWidget() is edit
    qtbot.keyClicks(edit, "Fa")
    qtbot.waitUntil(lambda: begun_face.face is not None)
    assert edit.text() == "Fa"
    qtbot.keyClicks(edit, "y")
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.waitUntil(lambda: "Fay" in names(page))
    assert begun_face.isHidden()


def test_a_name_entered_before_the_face_is_there_is_given_to_it(qtbot, page, begun_face):
    qtbot.keyClicks(begun_face.editor.edit, "Fay")
    qtbot.keyClick(begun_face.editor.edit, Key.Key_Return)
    assert begun_face.isHidden()
    page.show_photo(page._ids[1], page._ids)  # nobody waits for it
    page.show_photo(page._ids[0], page._ids)
    qtbot.waitUntil(lambda: "Fay" in names(page))
    assert begun_face.isHidden()
    (face,) = [face for face, name in page.canvas.faces if name == "Fay"]
    assert face.drawn


def test_who_ends_the_question_about_a_drawn_face_is_not_asked_again(qtbot, page, begun_face):
    qtbot.keyClick(begun_face.editor.edit, Key.Key_Escape)
    assert begun_face.isHidden()
    qtbot.waitUntil(lambda: len(page.canvas.faces) == 7)
    assert begun_face.isHidden()


def test_where_no_face_can_be_added_nobody_is_asked_for(qtbot, window, page, monkeypatch):
    def refuse(*_):
        raise UserError("there is no disk")

    monkeypatch.setattr("photoclust.services.drawing.draw", refuse)
    canvas = page.canvas
    qtbot.keyClicks(canvas, "d")
    start = canvas.viewport.area.topLeft() + QPointF(200, 10)
    drag(qtbot, canvas, start, start + QPointF(60, 70))
    qtbot.waitUntil(lambda: "There is no disk" in window.notice.message)
    qtbot.waitUntil(page.people.popup.isHidden)
    assert window.focusWidget() is canvas


def test_a_box_is_resized_by_its_corner_and_keeps_its_name(qtbot, page, portrait):
    canvas = page.canvas
    face, _ = canvas.faces[1]
    qtbot.mouseClick(canvas, Button.LeftButton, pos=canvas.area(face).center().toPoint())
    qtbot.keyClicks(page.people.popup.editor.edit, "Gil")
    qtbot.keyClick(page.people.popup.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: names(page)[1] == "Gil")
    canvas.select(face.id)
    area = canvas.area(face)
    expected = canvas.viewport.box(area.adjusted(0, 0, 14, 18))
    drag(qtbot, canvas, area.bottomRight(), area.bottomRight() + QPointF(14, 18))
    resized = lambda: next((f for f, name in canvas.faces if name == "Gil"), face)  # noqa: E731
    qtbot.waitUntil(lambda: resized().id != face.id)
    assert resized().box.iou(expected) > 0.95
    assert len(canvas.faces) == 6


def test_no_face_is_said_with_delete_and_taken_back(qtbot, window, page):
    qtbot.keyClick(page.canvas, Key.Key_Tab)
    qtbot.keyClick(page.canvas, Key.Key_Delete)
    qtbot.waitUntil(lambda: len(page.canvas.faces) == 5)
    qtbot.waitUntil(lambda: window.notice.message == "This is no face.")
    window.notice.acted.emit("undo")
    qtbot.waitUntil(lambda: len(page.canvas.faces) == 6)


def test_somebody_without_a_face_is_added_and_removed(qtbot, window, page, portrait):
    edit = page.people.popup.editor.edit
    qtbot.keyClick(page.canvas, Key.Key_F2)
    qtbot.keyClicks(edit, "Zoe")
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.keyClick(edit, Key.Key_Escape)
    qtbot.waitUntil(lambda: window.shared.names() == ["Zoe"])
    qtbot.keyClick(page.canvas, Key.Key_Right)
    qtbot.waitUntil(lambda: page.loaded is not None and len(page.canvas.faces) == 1)
    qtbot.keyClicks(page.canvas, "t")
    assert page.people.picker.isVisible()
    qtbot.keyClicks(page.people.picker.editor.edit, "zoe")
    qtbot.keyClick(page.people.picker.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: page.panel.model.rowCount() == 2)
    assert page.panel.model.item(1).name == "Zoe"
    assert "no face seen" in page.panel.model.item(1).note
    with Library(portrait) as library:
        found = browse.people_without_face(library, [page.photo])[page.photo]
    assert [name for _, name in found] == ["Zoe"]
    page.panel.list.setCurrentIndex(page.panel.model.index(1))
    qtbot.keyClick(page.panel.list, Key.Key_Delete)
    qtbot.waitUntil(lambda: page.panel.model.rowCount() == 1)


def test_a_name_that_nobody_has_cannot_be_added_without_a_face(qtbot, window, page):
    qtbot.keyClicks(page.canvas, "t")
    qtbot.keyClicks(page.people.picker.editor.edit, "Nobody")
    qtbot.keyClick(page.people.picker.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: "nobody is called" in window.notice.message.lower())
    qtbot.keyClick(page.people.picker.editor.edit, Key.Key_Escape)


# --- turning, and the file ------------------------------------------------------------------------


def test_the_photo_is_turned_with_its_boxes_and_back(qtbot, page, portrait):
    file = page.loaded.view.photo.paths[0]
    bytes_before = file.read_bytes()
    face = page.canvas.faces[0][0]
    qtbot.keyClicks(page.canvas, "r")
    qtbot.waitUntil(lambda: page.loaded.view.size == (1024, 1536))
    assert page.canvas.image.width() < page.canvas.image.height()
    turned = next(f for f, _ in page.canvas.faces if f.id == face.id)
    # Clockwise: what was the top left corner is the top right one.
    assert turned.box.x == pytest.approx(1024 - face.box.y - face.box.h)
    assert turned.box.y == pytest.approx(face.box.x)
    qtbot.keyClick(page.canvas, "R", Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: page.loaded.view.size == (1536, 1024))
    assert file.read_bytes() == bytes_before


def test_a_photo_is_shown_as_a_positive_and_back(qtbot, window, page):
    file = page.loaded.view.photo.paths[0]
    bytes_before = file.read_bytes()

    def corner():
        return page.canvas.image.pixelColor(3, 3).lightness()

    def choose(words):
        page.canvas.menu_wanted.emit(None, QPoint(5, 5))
        menus = [menu for menu in page.findChildren(QMenu) if menu.title() == "Film negative"]
        (action,) = [each for each in menus[-1].actions() if each.text() == words]
        action.trigger()
        page.findChild(QMenu).close()

    before = corner()
    choose("Show as a positive")
    qtbot.waitUntil(lambda: page.loaded.view.photo.negative)
    qtbot.waitUntil(lambda: abs(corner() - before) > 60)
    assert "1 photo is shown as a positive" in window.notice.message
    assert file.read_bytes() == bytes_before
    choose("Show as it is")
    qtbot.waitUntil(lambda: corner() == before)
    qtbot.waitUntil(lambda: len(page.canvas.faces) == 6)


def test_a_box_drawn_on_a_turned_photo_lies_where_it_was_drawn(qtbot, page, portrait):
    qtbot.keyClicks(page.canvas, "r")
    qtbot.waitUntil(lambda: page.loaded.view.size == (1024, 1536))
    qtbot.keyClicks(page.canvas, "d")
    start = page.canvas.viewport.area.topLeft() + QPointF(20, 30)
    expected = page.canvas.viewport.box(QRectF(start, start + QPointF(60, 40)))
    drag(qtbot, page.canvas, start, start + QPointF(60, 40))
    qtbot.waitUntil(lambda: len(page.canvas.faces) == 7)
    (drawn,) = [face for face, _ in page.canvas.faces if face.drawn]
    assert drawn.box.iou(expected) > 0.95


def test_the_path_is_copied(qtbot, window, page):
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(page.canvas, Key.Key_C, both)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() != "")
    assert QGuiApplication.clipboard().text() == str(page.loaded.view.photo.paths[0])


def test_the_photo_is_dragged_out_as_a_copy(qtbot, page, monkeypatch):
    dragged = []
    monkeypatch.setattr(files, "drag_out", lambda paths, *_: dragged.append(paths))
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Button.LeftButton)
    corner = page.canvas.viewport.area.bottomLeft() + QPointF(5, -5)
    drag(qtbot, page.canvas, corner, corner + QPointF(40, -40))
    qtbot.waitUntil(lambda: dragged == [[page.loaded.view.photo.paths[0]]])


def test_the_menu_shows_the_file_and_says_where_no_file_manager_is(
    qtbot, window, page, monkeypatch
):
    monkeypatch.setattr(files, "_ask_file_manager", lambda path, parent, otherwise: otherwise())
    monkeypatch.setattr(files.QDesktopServices, "openUrl", lambda url: False)
    page.canvas.menu_wanted.emit(None, QPoint(5, 5))
    menu = page.findChild(QMenu)
    menu.actions()[1].trigger()
    menu.close()
    qtbot.waitUntil(lambda: "no file manager" in window.notice.message.lower())
    assert "portrait.jpg" in window.notice.message


def test_a_copy_goes_to_the_chosen_folder(qtbot, window, page, tmp_path, monkeypatch):
    from photoclust.gui.dialogs.copying import CopyDialog

    target = tmp_path / "target"
    target.mkdir()

    def accept(dialog):
        dialog._folder = target
        dialog._show()
        dialog.place_box.setChecked(True)
        qtbot.mouseClick(dialog.copy_button, Button.LeftButton)
        return dialog.result()

    monkeypatch.setattr(CopyDialog, "exec", accept)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.canvas, Key.Key_E, both)
    qtbot.waitUntil(lambda: "Copied 1 photo" in window.notice.message)
    assert [path.name for path in target.iterdir()] == ["portrait.jpg"]


# --- geometry -------------------------------------------------------------------------------------


def test_a_viewport_keeps_what_is_under_the_anchor_and_never_leaves_the_picture():
    view = Viewport()
    view.set_room(QRectF(0, 0, 400, 300))
    view.set_picture((4000, 2000))
    assert view.scale == pytest.approx(0.1)
    anchor = QPointF(120, 170)
    held = view.to_picture(anchor)
    view.zoom_to(1.0, anchor)
    assert (view.to_picture(anchor) - held).manhattanLength() < 1e-6
    view.pan(10_000, 10_000)
    assert view.area.topLeft() == QPointF(0, 0)
    view.pan(-10_000, -10_000)
    assert view.area.bottomRight() == QPointF(400, 300)
    view.zoom_to(0.0001)
    assert view.is_fitted
    box = Box(100, 200, 300, 400)
    back = view.box(view.to_widget(box))
    assert (back.x, back.y, back.w, back.h) == pytest.approx((100, 200, 300, 400))


def test_where_the_window_is_narrow_the_list_lies_over_the_photo_when_it_is_wanted(
    qtbot, window, page
):
    window.resize(1200, 700)
    assert page.panel.isVisible()
    window.resize(800, 560)
    button, panel = page.header.faces_button, page.panel
    assert button.isVisible()
    assert not panel.isVisible(), "the photo has all the room"
    whole = page.canvas.geometry()
    qtbot.keyClick(page.canvas, Key.Key_F)
    assert panel.isVisible()
    assert button.isChecked()
    assert page.canvas.geometry() == whole
    assert page.canvas.geometry().contains(panel.geometry())
    for part in (panel.list, panel.draw_button, panel.tag_button):
        assert part.isVisible()
        assert panel.rect().contains(part.geometry())
    assert window.focusWidget() is panel.list
    qtbot.keyClick(panel.list, Key.Key_Escape)
    assert not panel.isVisible()
    assert (window.page, window.focusWidget()) == (page, page.canvas)
    qtbot.mouseClick(button, Button.LeftButton)
    assert panel.isVisible()
    qtbot.mouseClick(panel.draw_button, Button.LeftButton)
    assert not panel.isVisible(), "nothing is in the way of drawing"
    assert page.canvas.is_drawing
    window.resize(1200, 700)
    assert panel.isVisible(), "where there is room it is beside the photo as before"
    assert not page.canvas.geometry().intersects(panel.geometry())
