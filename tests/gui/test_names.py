"""The dialog that takes over names from other programs."""

import shutil

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from photoclust.core.settings import Settings
from photoclust.gui.dialogs.names import NamesDialog
from photoclust.gui.operations import names as operations
from photoclust.services import browse, naming
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library

SETTINGS = Settings(theme="light", naming_precision=1.0, names_from_files=False)
"""The window itself takes over nothing: what it scans meanwhile would come before the dialog."""
FACE = (0.36, 0.14, 0.18, 0.24)
ELSEWHERE = (0.05, 0.7, 0.1, 0.12)


@pytest.fixture
def folder(tmp_path, demo_album, named_photos, without_processes):
    """A library of a photo that was scanned before somebody wrote names into it."""
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copyfile(demo_album / "Space" / "astronaut.png", photos / "astronaut.png")
    with without_processes(), Library(tmp_path / "library") as library:
        scan_and_group(library, [photos], Settings(workers=1))
    with Image.open(photos / "astronaut.png") as image:
        size = image.size
    faces = {"Eileen": FACE, "Alien": ELSEWHERE}
    document = named_photos.document(named_photos.mwg(faces, size))
    (photos / "astronaut.png.xmp").write_bytes(document)
    return tmp_path / "library"


def opened(window):
    window.taking_names.ask()
    return next(each for each in window.findChildren(NamesDialog) if each.isVisible())


def look(qtbot, dialog):
    qtbot.mouseClick(dialog.look_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.take_button.isVisible, timeout=10_000)


@pytest.mark.usefixtures("in_process")
def test_names_are_previewed_taken_over_and_undone(qtbot, open_window, folder):
    window = open_window(folder, SETTINGS)
    dialog = opened(window)
    look(qtbot, dialog)
    assert "2 faces in 1 photo get a name." in dialog.figures.text()
    assert "2 people, 2 of them new" in dialog.figures.text()
    assert "1 box in which no face was found is drawn." in dialog.figures.text()
    assert dialog.take_button.text() == "Take over 2 names"
    with qtbot.waitSignal(window.shared.acted) as told:
        qtbot.mouseClick(dialog.take_button, Qt.MouseButton.LeftButton)
    assert told.args[0].told == "2 names from files taken over."
    qtbot.waitUntil(lambda: {"Eileen", "Alien"} <= set(window.shared.names()))
    library = window.shared.library.opened
    window.history.undo()
    qtbot.waitUntil(lambda: window.shared.names() == [])
    assert not any(face.confirmed for face in browse.faces(library))


@pytest.mark.usefixtures("in_process")
def test_conflicts_are_listed_and_nothing_new_is_not_offered(qtbot, open_window, folder):
    with Library(folder) as library:
        (face,) = browse.faces(library)
        naming.name(library, f"f{face.id}", "Sally")
    window = open_window(folder, SETTINGS)
    dialog = opened(window)
    look(qtbot, dialog)
    assert "1 name is left because you decided otherwise here." in dialog.rest.text()
    model = dialog.model
    cells = [model.index(0, column).data() for column in range(4)]
    assert cells == ["Eileen", "astronaut.png", "Sally", "Another name is confirmed here"]
    assert dialog.table.isVisible()
    assert dialog.take_button.text() == "Take over 1 name"
    qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    assert set(window.shared.names()) == {"Sally"}


@pytest.mark.usefixtures("in_process")
def test_names_without_a_box_alone_can_be_taken_over(qtbot, open_window, folder, named_photos):
    sidecar = folder.parent / "photos" / "astronaut.png.xmp"
    words = (
        '<lr:hierarchicalSubject xmlns:lr="http://ns.adobe.com/lightroom/1.0/"><rdf:Bag>'
        "<rdf:li>People|Doro</rdf:li></rdf:Bag></lr:hierarchicalSubject>"
    )
    sidecar.write_bytes(named_photos.document(words))
    window = open_window(folder, SETTINGS)
    dialog = opened(window)
    look(qtbot, dialog)
    assert dialog.figures.text() == (
        "1 name without a box tells who is in a photo; no face is named by it. "
        "That is 1 person, 1 of them new."
    )
    assert dialog.take_button.text() == "Take over 1 name"
    with qtbot.waitSignal(window.shared.acted) as told:
        qtbot.mouseClick(dialog.take_button, Qt.MouseButton.LeftButton)
    assert told.args[0].told == "1 name from files taken over."


def test_other_sources_want_a_file(qtbot, open_window, folder, tmp_path):
    window = open_window(folder, SETTINGS)
    dialog = opened(window)
    assert not dialog.choose_button.isVisible()
    dialog.source.setCurrentIndex(dialog.source.findData(operations.DIGIKAM))
    assert dialog.choose_button.isVisible()
    assert not dialog.look_button.isEnabled()
    (tmp_path / "digikam4.db").write_bytes(b"nothing")
    dialog.use_file(tmp_path / "digikam4.db")
    qtbot.mouseClick(dialog.look_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "digiKam's database" in dialog.figures.text())
    assert dialog.look_button.isEnabled()
    dialog.source.setCurrentIndex(dialog.source.findData(operations.PICASA))
    assert dialog.look_button.isEnabled()
    assert dialog.wanted == operations.Wanted(operations.PICASA)


def test_a_library_that_cannot_be_changed_says_so(qtbot, open_window, folder):
    with Library(folder):
        window = open_window(folder, SETTINGS)
        with qtbot.waitSignal(window.shared.complained) as told:
            window.taking_names.ask()
        assert "no names can be taken over" in told.args[0]
