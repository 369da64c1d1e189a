"""Photo view, failures, themes and the first run, on a real library."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from photoclust.core.paths import cache_folder, settings_file
from photoclust.core.settings import Settings
from photoclust.core.types import FileStat, GroupKind
from photoclust.gui import theme
from photoclust.gui.pages import LISTS
from photoclust.services import browse
from photoclust.store import files as file_store
from photoclust.store.database import Library


@pytest.fixture
def window(open_window, demo_library):
    return open_window(demo_library)


def photo_with_faces(folder, number):
    with Library(folder) as library:
        return next(
            photo
            for photo in browse.photo_ids(library)
            if len(browse.faces_of_photo(library, photo)) == number
        )


def show_photo(qtbot, window, photo, faces):
    window.show_photo(photo, [photo])
    qtbot.waitUntil(lambda: len(window.pages.photo.canvas.faces) == faces)


def label_contrast(label: QLabel) -> float:
    """Contrast of a label's text on its window, or the button it is in, as WCAG 2 defines it."""

    def linear(value):
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    def luminance(colour):
        red, green, blue, _ = colour.getRgbF()
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)

    label.ensurePolished()
    palette = label.palette()
    ink = luminance(palette.color(label.foregroundRole()))
    on_accent = str(label.property("role")).lower().endswith("onaccent")
    accent = QColor(theme.colours().accent)
    paper = luminance(accent if on_accent else QApplication.palette().window().color())
    return (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)


def test_the_photo_shows_a_box_for_each_face_where_the_face_is(qtbot, window, demo_library):
    photo = photo_with_faces(demo_library, 2)
    show_photo(qtbot, window, photo, 2)
    canvas = window.pages.photo.canvas
    with Library(demo_library) as library:
        full = browse.photo(library, photo)
    left, right = (canvas.area(face) for face, _ in canvas.faces)
    assert left.center().x() < right.center().x()
    for (face, _), area in zip(canvas.faces, (left, right), strict=True):
        assert area.width() / area.height() == pytest.approx(face.box.w / face.box.h)
        assert canvas.rect().contains(area.toRect())
        assert area.width() < canvas.width() * face.box.w / full.width + 1


def test_a_sideways_photo_is_shown_upright(qtbot, window, demo_library):
    with Library(demo_library) as library:
        photo = next(
            photo
            for photo in browse.photo_ids(library)
            if "sideways" in browse.photo(library, photo).paths[0].name
        )
        faces = len(browse.faces_of_photo(library, photo))
        full = browse.photo(library, photo)
    show_photo(qtbot, window, photo, faces)
    image = window.pages.photo.canvas.image
    assert image.width() / image.height() == pytest.approx(full.width / full.height, rel=0.01)


def test_a_click_on_a_box_names_that_face(qtbot, window, demo_library):
    photo = photo_with_faces(demo_library, 2)
    show_photo(qtbot, window, photo, 2)
    canvas = window.pages.photo.canvas
    face, _ = canvas.faces[1]
    centre = canvas.area(face).center().toPoint()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=centre)
    assert window.pages.photo.people.popup.isVisible()
    qtbot.keyClicks(window.pages.photo.people.popup.editor.edit, "Joe")
    qtbot.keyClick(window.pages.photo.people.popup.editor.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [name for _, name in canvas.faces] == [None, "Joe"])
    assert not window.pages.photo.people.popup.isVisible()
    with Library(demo_library) as library:
        (joe,) = [g for g in browse.groups(library) if g.kind is GroupKind.PERSON]
        assert [found.id for found in browse.faces(library, joe.key)] == [face.id]


def test_the_arrow_keys_leaf_through_and_escape_goes_back(qtbot, window):
    window.show_list("photos")
    photos = window.pages.photos
    qtbot.waitUntil(lambda: photos.model.rowCount() > 2)
    first, second = photos.model.items[:2]
    area = photos.grid.visualRect(photos.model.index(0))
    qtbot.mouseClick(photos.grid.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert (window.page, window.pages.photo.photo) == (window.pages.photo, first)
    qtbot.keyClick(window.pages.photo.canvas, Qt.Key.Key_Right)
    assert window.pages.photo.photo == second
    qtbot.keyClick(window.pages.photo.canvas, Qt.Key.Key_Left)
    qtbot.keyClick(window.pages.photo.canvas, Qt.Key.Key_Left)
    assert window.pages.photo.photo == first
    qtbot.keyClick(window.pages.photo.canvas, Qt.Key.Key_Escape)
    assert window.page is photos


def test_tab_goes_from_face_to_face_and_enter_asks_for_the_name(qtbot, window, demo_library):
    show_photo(qtbot, window, photo_with_faces(demo_library, 2), 2)
    canvas = window.pages.photo.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert window.pages.photo.people.popup.editor.key == f"f{canvas.faces[1][0].id}"


def test_a_photo_that_cannot_be_read_any_more_says_so(qtbot, open_window, demo_library, tmp_path):
    photo = photo_with_faces(demo_library, 1)
    spoilt = tmp_path / "spoilt.jpg"
    spoilt.write_bytes(b"no picture any more")
    with Library(demo_library) as library, library.write() as tx:
        file_store.write_file(tx, FileStat(spoilt, 1, 1), photo, "0" * 40)
        tx.exec_driver_sql(
            "DELETE FROM file WHERE photo_id = ? AND path != ?", (photo, str(spoilt))
        )
    window = open_window(demo_library)
    window.show_photo(photo, [photo])
    qtbot.waitUntil(lambda: "spoilt.jpg" in window.notice.message)
    qtbot.waitUntil(lambda: window.pages.photo.header.title.text() == "This photo cannot be shown")


def test_failures_list_the_file_and_the_reason_and_the_path_can_be_copied(qtbot, window):
    window.show_list("failures")
    page = window.pages.failures
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    assert page.model.index(0, 0).data() == "half copied.jpg"
    assert page.model.index(0, 1).data()
    qtbot.waitUntil(lambda: page.chosen_path.text().endswith("half copied.jpg"))
    qtbot.mouseClick(page.copy_button, Qt.MouseButton.LeftButton)
    assert Path(QGuiApplication.clipboard().text()).is_file()


def test_a_chosen_failure_stays_chosen_when_more_fail(qtbot, window):
    window.show_list("failures")
    page = window.pages.failures
    qtbot.waitUntil(lambda: page.chosen_path.text().endswith("half copied.jpg"))
    failure = page.model.failure(0)
    page._show([replace(failure, path=failure.path.with_name("a.jpg")), failure])
    assert [index.row() for index in page.table.selectionModel().selectedRows()] == [1]
    assert page.chosen_path.text().endswith("half copied.jpg")
    page._show([])
    assert page.chosen_path.text() == ""


def test_a_thumbnail_that_is_gone_is_made_again(qtbot, demo_library, open_window):
    for file in (demo_library / "thumbnails").rglob("*.jpg"):
        file.unlink()
    window = open_window(demo_library)
    cover = window.pages.people.model.item(0).cover
    qtbot.waitUntil(lambda: window.shared.thumbnails.face(cover) is not None)
    assert list((demo_library / "thumbnails").rglob(f"{cover}.jpg"))


@pytest.mark.parametrize(("name", "colours"), [("light", theme.LIGHT), ("dark", theme.DARK)])
def test_the_theme_is_shown_and_kept(name, colours, window):
    action = next(action for action in window.menus.themes.actions() if action.data() == name)
    action.trigger()
    assert theme.colours() is colours
    assert QApplication.palette().window().color().name() == colours.window
    window.preferences.flush()
    assert json.loads(settings_file().read_text(encoding="utf-8"))["theme"] == name
    labels = [label for label in window.findChildren(QLabel) if label.text()]
    assert min(label_contrast(label) for label in labels) >= 4.5


def test_the_first_run_leads_through_the_demo_to_people_and_back(qtbot, open_window, tmp_path):
    window = open_window(tmp_path / "library")
    assert window.pages.people.welcome.isVisible()
    qtbot.mouseClick(window.pages.people.demo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.pages.people.model.rowCount() > 0, timeout=120_000)
    assert window.pages.people.grid.isVisible()
    qtbot.waitUntil(lambda: "looked at" in window.notice.message)
    window.notice.acted.emit("leave demo")
    qtbot.waitUntil(window.pages.people.welcome.isVisible)
    with Library(tmp_path / "library") as own, Library(cache_folder() / "demo-library") as demo:
        assert browse.counts(own) == (0, 0)
        assert browse.counts(demo)[0] > 5


def test_dropped_folders_are_scanned(qtbot, open_window, tmp_path):
    window = open_window(tmp_path / "library")
    folder = tmp_path / "dropped"
    folder.mkdir()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    window.dropEvent(event)
    qtbot.waitUntil(lambda: window.shared.overview.folders == (folder,))


def test_a_library_that_cannot_be_opened_is_told(qtbot, tmp_path):
    from photoclust.gui.app import application
    from photoclust.gui.window import MainWindow

    (tmp_path / "library.sqlite3").write_bytes(b"this is no database" * 100)
    application(Settings())
    window = MainWindow(tmp_path, Settings())
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.library_failed) as told:
        window.show()
    assert "library.sqlite3" in told.args[0]
    window.close()


def test_the_window_is_imported_without_anything_heavy():
    heavy = ("torch", "onnxruntime", "sqlalchemy", "PIL", "faiss", "sklearn", "hdbscan", "alembic")
    heavy += ("matplotlib", "pyqtgraph")
    code = f"import sys, photoclust.gui.app; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_nothing_is_written_outside_library_cache_and_settings(
    qtbot, open_window, demo_library, private_home
):
    window = open_window(demo_library)
    for name in LISTS[:5]:
        window.show_list(name)
    window.set_theme("dark")
    qtbot.waitUntil(lambda: window.shared.thumbnails.is_idle)
    window.close()
    allowed = {settings_file().parent, cache_folder()}
    written = [path for path in private_home.rglob("*") if path.is_file()]
    assert [path for path in written if not allowed & set(path.parents)] == []
