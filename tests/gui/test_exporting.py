"""Exports from the window: what the dialog lets choose, and what comes of it."""

from pathlib import Path

import pytest

from photoclust.gui.dialogs.exporting import ExportDialog
from photoclust.gui.operations.exporting import What
from photoclust.services import naming
from photoclust.store.database import Library


@pytest.fixture
def window(open_window, demo_library):
    with Library(demo_library) as library:
        naming.name(library, "f1", "Änna")
    return open_window(demo_library)


@pytest.fixture
def dialog(qtbot, window):
    window.exporting.ask()
    dialog = window.findChild(ExportDialog)
    qtbot.waitUntil(lambda: "1 face of 1 person in 1 photo" in dialog.figures.text())
    return dialog


def choose_person(dialog, name):
    dialog.whom.setCurrentIndex(dialog.whom.findText(name))


def test_a_list_is_exported_and_told(qtbot, window, dialog, tmp_path):
    dialog.choose(What.CSV)
    assert not dialog.export_button.isEnabled()  # nowhere chosen
    dialog.choose(What.CSV, tmp_path / "faces.csv")
    choose_person(dialog, "Änna")
    dialog.export_button.click()
    qtbot.waitUntil(lambda: "Listed 1 face." in window.notice.message)
    assert "Änna" in (tmp_path / "faces.csv").read_text("utf-8-sig")


def test_sidecars_need_no_place_and_go_where_they_are_told(qtbot, window, dialog, tmp_path):
    assert dialog.export_button.isEnabled()
    dialog.choose(What.SIDECARS, tmp_path / "out")
    dialog.accept()
    qtbot.waitUntil(lambda: "Wrote 1 sidecar." in window.notice.message)
    (sidecar,) = (tmp_path / "out").rglob("*.xmp")
    assert "Änna" in sidecar.read_text("utf-8")


def test_names_that_other_programs_changed_are_overruled_where_that_is_chosen(
    qtbot, window, dialog, tmp_path
):
    dialog.choose(What.SIDECARS, tmp_path / "out")
    window.exporting.export(dialog.wish)
    qtbot.waitUntil(lambda: "Wrote 1 sidecar." in window.notice.message)
    (sidecar,) = (tmp_path / "out").rglob("*.xmp")
    sidecar.write_text(sidecar.read_text("utf-8").replace('Name="Änna"', 'Name="Anja"'), "utf-8")
    window.exporting.export(dialog.wish)
    qtbot.waitUntil(lambda: "Anja instead of Änna" in window.notice.message)
    dialog.ours_box.setChecked(True)
    window.exporting.export(dialog.wish)
    qtbot.waitUntil(lambda: "Änna instead of Anja" in window.notice.message)
    assert "Anja" not in sidecar.read_text("utf-8")


def test_what_no_other_program_writes_into_overrules_nothing(dialog):
    dialog.ours_box.setChecked(True)
    assert dialog.wish.ours
    dialog.choose(What.CSV)
    assert dialog.ours_box.isHidden()
    assert not dialog.wish.ours


def test_folders_pages_and_sheets(qtbot, window, dialog, tmp_path):
    for what, told in (
        (What.FOLDERS, "Put 1 photo into a folder."),
        (What.SHEET, "has 1 page."),
        (What.GALLERY, "shows 1 photo."),
        (What.JSON, "Listed 1 face."),
    ):
        dialog.choose(what, tmp_path / what)
        choose_person(dialog, "Änna")
        window.exporting.export(dialog.wish)
        qtbot.waitUntil(lambda told=told: told in window.notice.message)
        assert (tmp_path / what).exists()


def test_copies_do_not_come_into_a_folder_of_the_library(qtbot, window, dialog):
    (folder,) = map(Path, window.shared.overview.folders)
    for what in (What.FOLDERS, What.GALLERY):
        window.notice.hide()
        dialog.choose(what, folder / "out")
        choose_person(dialog, "Änna")
        window.exporting.export(dialog.wish)
        qtbot.waitUntil(window.notice.isVisible)
        assert "next scan would take what is exported" in window.notice.message
    assert not (folder / "out").exists()


def test_a_sheet_is_of_one_person(dialog):
    dialog.choose(What.SHEET)
    assert dialog.whom.findText("Everybody") == -1
    assert not dialog.guesses_box.isEnabled()
    dialog.choose(What.CSV)
    assert dialog.whom.findText("Everybody") == 0
    assert dialog.link.isHidden()


def test_all_forms_of_a_shot_are_only_asked_for_where_photos_leave(dialog):
    dialog.choose(What.CSV)
    assert not dialog.forms_box.isEnabled()
    dialog.choose(What.FOLDERS)
    assert not dialog.wish.all_forms
    dialog.forms_box.click()
    assert dialog.wish.all_forms
    dialog.choose(What.CSV)
    assert not dialog.wish.all_forms


def test_figures_of_another_wish_are_not_shown(dialog):
    from photoclust.services.names_out import Counted

    old = dialog.wish
    dialog.choose(What.FOLDERS)
    dialog.show_count(old, Counted(7, 7, 7))
    assert "7" not in dialog.figures.text()


def test_a_library_without_names_is_told_as_such(dialog):
    from photoclust.services.names_out import Counted

    dialog.show_count(dialog.wish, Counted(0, 0, 0))
    assert dialog.figures.text() == "There is nobody yet whom you named or confirmed."


def test_without_exiftool_it_is_told(qtbot, window, dialog, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    dialog.choose(What.FILES)
    dialog.accept()
    qtbot.waitUntil(lambda: "exiftool" in window.notice.message)
