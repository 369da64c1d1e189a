"""The Training page, from who is trained with to what came of it."""

import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.gui import theme
from photoclust.gui.dialogs import training as dialogs
from photoclust.gui.tasks import Job, Lane
from photoclust.services import embedding_model, training, training_health
from photoclust.store.database import Library
from photoclust.training.options import Kind
from photoclust.training.run_folder import Curve, read_request, write_failure

TRAINING = "training"
ask_for_real = dialogs._ask
EARLIER = "20261121-101500-00000001"


class FakeRun:
    """Stands in for the process that trains: gives a few figures, then waits until it is told what
    comes of it. What it was called with is kept.
    """

    def __init__(self, write_run):
        self._write = write_run
        self.folders = []
        self.go = threading.Event()
        self.accepted = True
        self.error = None

    def __call__(self, library, folder, *, control):
        self.folders.append(folder)
        curve = Curve(folder / "semi-hard")
        curve.restart([])
        for step in (25.0, 50.0):
            curve.add({"step": step, "loss": 0.2, "active": 0.5, "spread": 1.5})
        control.report("Training", 50, 100)
        while not self.go.wait(0.02):
            control.checkpoint()
        if self.error is not None:
            raise self.error
        names = read_request(folder).names
        self._write(folder, accepted=self.accepted)
        return {"accepted": self.accepted, "people": names}


@pytest.fixture
def fake_run(monkeypatch, write_run):
    run = FakeRun(write_run)
    monkeypatch.setattr(training, "run", run)
    for module in (training, training_health):
        monkeypatch.setattr(module, "require_torch", lambda: None)
    yield run
    run.go.set()


@pytest.fixture(autouse=True)
def answers(monkeypatch):
    """What the questions are answered with, and which were asked: no dialog waits for anybody."""
    asked = []

    def ask(_parent, title, words, *, yes, no):
        asked.append((title, words, yes, no))
        return answers["say"]

    answers = {"say": True, "asked": asked}
    monkeypatch.setattr(dialogs, "_ask", ask)
    return answers


@pytest.fixture(scope="session")
def twelve(tmp_path_factory, acquainted):
    """A library of twelve people and twelve groups of strangers; to be copied, not opened."""
    folder = tmp_path_factory.mktemp("twelve") / "library"
    with Library(folder) as library:
        acquainted(library)
    return folder


@pytest.fixture
def folder(twelve, tmp_path):
    import shutil

    return Path(shutil.copytree(twelve, tmp_path / "twelve people"))


@pytest.fixture
def page_of(qtbot, open_window):
    """Opens a library on its Training page."""

    def show(folder):
        window = open_window(folder)
        window.show_list(TRAINING)
        qtbot.waitUntil(lambda: window.pages.training.setup._health is not None)
        return window

    return show


@pytest.fixture
def window(folder, fake_run, page_of):
    return page_of(folder)


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def start(qtbot, window):
    """Start training and wait until the first figures are there."""
    click(qtbot, window.pages.training.setup.start_button)
    page = window.pages.training.progress
    qtbot.waitUntil(lambda: page.curves is not None and page.curves.isVisible())


def ends(qtbot, window, fake_run):
    """Let the training come to its end, and wait for that."""
    fake_run.go.set()
    qtbot.waitUntil(lambda: not window.trainings.is_running)


def shown(window):
    return window.pages.training._stack.currentWidget()


def runs(window):
    model = window.pages.training.setup.runs
    return [model.run(row) for row in range(model.rowCount())]


def cells(table):
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


# --- before ---------------------------------------------------------------------------------------


def test_everybody_with_a_name_is_chosen_and_training_can_start(window):
    setup = window.pages.training.setup
    assert len(setup.trainees.chosen) == 12
    assert setup.summary.text().startswith("12 people chosen, with 144 confirmed faces. 48 faces")
    assert setup.missing.isHidden()
    assert setup.warning.isHidden()
    assert setup.start_button.isEnabled()
    assert setup.estimate.text().startswith("Takes about ")


def test_without_names_the_page_says_what_to_do(qtbot, open_window, demo_library, fake_run):
    window = open_window(demo_library)
    window.show_list(TRAINING)
    qtbot.waitUntil(lambda: shown(window) is window.pages.training.nobody)
    assert window.pages.training.nobody.title.text() == "Nobody has a name yet"


def test_leaving_people_out_can_leave_too_few(qtbot, window):
    setup = window.pages.training.setup
    click(qtbot, setup.none_button)
    assert setup.trainees.chosen == ()
    assert not setup.start_button.isEnabled()
    assert "at least 5 people" in setup.missing.text()
    assert setup.missing.isVisible()
    click(qtbot, setup.all_button)
    assert len(setup.trainees.chosen) == 12
    assert setup.start_button.isEnabled()


def test_a_filter_finds_words_and_all_and_none_are_for_those_it_shows(qtbot, window):
    setup = window.pages.training.setup
    qtbot.keyClicks(setup.filter, "00")
    names = [setup.by_name.index(row, 0).data() for row in range(setup.by_name.rowCount())]
    assert sorted(names) == [f"Person {number:03}" for number in range(10)]
    click(qtbot, setup.none_button)
    setup.filter.clear()
    left = {one.name for one in setup.trainees.people if one.id in setup.trainees.chosen}
    assert left == {"Person 010", "Person 011"}


def test_space_chooses_the_rows_that_are_selected_whatever_is_current(qtbot, window):
    setup = window.pages.training.setup
    setup.table.selectRow(2)
    setup.table.setCurrentIndex(setup.by_name.index(2, 1))
    qtbot.keyClick(setup.table, Qt.Key.Key_Space)
    assert not setup.trainees.is_chosen(2)
    assert setup.by_name.index(2, 0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked
    qtbot.keyClick(setup.table, Qt.Key.Key_Space)
    assert setup.trainees.is_chosen(2)


def test_a_click_on_a_box_leaves_a_person_out(qtbot, window):
    setup = window.pages.training.setup
    area = setup.table.visualRect(setup.by_name.index(1, 0))
    box = area.topLeft() + area.center() - area.topLeft()
    box.setX(area.left() + 20)
    qtbot.mouseClick(setup.table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert [setup.trainees.is_chosen(row) for row in range(3)] == [True, False, True]


def test_every_recipe_can_be_chosen_and_says_how_long_it_takes(qtbot, window):
    setup = window.pages.training.setup
    assert setup.recipes.chosen is Kind.HEAD
    estimates = {setup.estimate.text()}
    for kind in (Kind.BLOCKS, Kind.FULL):
        assert "About " in setup.recipes.button(kind).accessibleDescription()
        click(qtbot, setup.recipes.button(kind))
        assert setup.recipes.chosen is kind
        estimates.add(setup.estimate.text())
    assert len(estimates) == 3


def test_what_does_not_take_part_is_told(window):
    progress = window.pages.training.progress
    left_out = "12 faces are left out, of 3 photos that are not there."
    progress.show_prepared(training.Prepared(Path(), 5, 20, 30, (), False, (left_out,)))
    assert progress.with_what.text().endswith(f"aside to measure by. {left_out}")


def test_doubtful_faces_are_counted_on_request(qtbot, window):
    setup = window.pages.training.setup
    click(qtbot, setup.doubts_button)
    qtbot.waitUntil(lambda: setup.doubts.text() != "")
    assert setup.doubts.text() == "No confirmed face looks doubtful."
    assert not setup.without_doubtful.isEnabled()


def test_without_torch_the_page_says_how_to_install_it(folder, page_of, monkeypatch):
    def refuse():
        raise UserError("training needs torch; install it: pip install '.[train]'")

    monkeypatch.setattr(training_health, "require_torch", refuse)
    setup = page_of(folder).pages.training.setup
    assert not setup.start_button.isEnabled()
    assert "pip install '.[train]'" in setup.missing.text()


def test_a_new_name_is_chosen_as_well_and_who_was_left_out_stays_so(qtbot, window):
    setup = window.pages.training.setup
    setup.trainees.choose([0], chosen=False)
    left_out = setup.trainees.people[0].id
    group = next(one for one in window.shared.overview.groups if one.name is None)
    window.shared.name(group.key, "Zoe", lambda _: None)
    qtbot.waitUntil(lambda: len(setup.trainees.people) == 13)
    assert len(setup.trainees.chosen) == 12
    assert left_out not in setup.trainees.chosen


def test_everything_can_be_reached_by_the_keyboard_and_has_a_name(qtbot, window):
    setup = window.pages.training.setup
    wanted = {
        *(setup.filter, setup.all_button, setup.none_button, setup.table, setup.start_button),
        *(setup.without_doubtful, setup.doubts_button, setup.recipes.button(Kind.HEAD)),
    }
    seen = set()
    setup.start_button.setFocus()
    for _ in range(40):
        seen.add(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert wanted <= seen
    for widget in wanted:
        assert widget.accessibleName() or widget.text()


# --- while it runs --------------------------------------------------------------------------------


def test_a_training_shows_its_curves_and_then_its_verdict(qtbot, window, folder, fake_run):
    start(qtbot, window)
    progress = window.pages.training.progress
    assert shown(window) is progress
    assert progress.curves.plot("loss").words.text() == "Loss: 0.2"
    assert not progress.curves.plot("val").isVisible()
    assert progress.with_what.text().startswith("Learns from ")
    assert window.job_bar.isVisible()
    (row,) = window.job_bar.rows
    assert not row.pause_button.isHidden()
    qtbot.waitUntil(lambda: "50 of 100 steps" in row.details.text())
    ends(qtbot, window, fake_run)
    outcome = window.pages.training.outcome
    qtbot.waitUntil(lambda: shown(window) is outcome)
    assert outcome.title.text() == "The model is better"
    assert outcome.reason.text() == "It is better."
    assert cells(outcome.table) == [
        ["People trained on, other photos", "1 in 1,000", "60.00 %", "85.00 %", "+25.00"],
        ["People trained on, other photos", "1 in 10,000", "50.00 %", "50.00 %", "0.00"],
        ["Strangers", "1 in 1,000", "90.00 %", "90.00 %", "0.00"],
        ["Strangers", "1 in 10,000", "80.00 %", "80.00 %", "0.00"],
    ]
    assert len(outcome.pictures) == 5
    assert not window.job_bar.isVisible()
    qtbot.keyClick(outcome, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: [run.state for run in runs(window)] == ["accepted"])


def test_only_those_chosen_are_trained_with(qtbot, window, fake_run):
    window.pages.training.setup.trainees.choose(range(5), chosen=False)
    start(qtbot, window)
    assert len(read_request(fake_run.folders[0]).names) == 7


def test_a_training_can_be_cancelled_and_gone_on_with(qtbot, window, fake_run):
    start(qtbot, window)
    page = window.pages.training.progress
    click(qtbot, page.cancel_button)
    qtbot.waitUntil(lambda: page.title.text() == "Training cut off")
    assert not window.trainings.is_running
    assert page.cancel_button.isHidden()
    click(qtbot, page.go_on_button)
    qtbot.waitUntil(lambda: len(fake_run.folders) == 2)
    assert fake_run.folders[0] == fake_run.folders[1]
    fake_run.accepted = False
    ends(qtbot, window, fake_run)
    qtbot.waitUntil(lambda: shown(window) is window.pages.training.outcome)
    assert window.pages.training.outcome.title.text() == "The model is not accepted"
    assert window.pages.training.outcome.use_button.isHidden()


def test_one_that_was_cut_off_is_found_in_the_list_and_gone_on_with(qtbot, window, fake_run):
    start(qtbot, window)
    click(qtbot, window.pages.training.progress.cancel_button)
    qtbot.waitUntil(lambda: not window.trainings.is_running)
    click(qtbot, window.pages.training.progress.back_button)
    setup = window.pages.training.setup
    qtbot.waitUntil(lambda: [run.state for run in runs(window)] == ["unfinished"])
    setup.runs_table.setCurrentIndex(setup.runs.index(0, 2))
    qtbot.keyClick(setup.runs_table, Qt.Key.Key_Return)
    assert shown(window) is window.pages.training.progress
    qtbot.waitUntil(window.pages.training.progress.curves.isVisible)
    click(qtbot, window.pages.training.progress.go_on_button)
    ends(qtbot, window, fake_run)
    assert len(set(fake_run.folders)) == 1


def test_a_training_waits_for_a_scan_and_can_be_cancelled_meanwhile(qtbot, window, fake_run):
    held = threading.Event()
    before = Job("Scanning", lambda _: held.wait(20))
    window.shared.desk.start(before, Lane.SCAN)
    click(qtbot, window.pages.training.setup.start_button)
    page = window.pages.training.progress
    assert "scan that runs" in page.words.text()
    click(qtbot, page.cancel_button)
    assert shown(window) is window.pages.training.setup
    assert not window.trainings.is_running
    held.set()
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    assert fake_run.folders == []


def test_a_failure_is_told_with_its_reason_and_the_log(qtbot, window, fake_run, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    fake_run.error = UserError("the embedding collapsed; choose a smaller learning rate")
    start(qtbot, window)
    ends(qtbot, window, fake_run)
    page = window.pages.training.progress
    assert page.title.text() == "Training failed"
    assert page.words.text() == "The embedding collapsed; choose a smaller learning rate."
    click(qtbot, page.log_button)
    assert opened[0].toLocalFile().endswith("photoclust.log")
    assert page.go_on_button.isVisible()


def test_what_cannot_be_prepared_is_told_and_leaves_nothing(qtbot, window, fake_run, monkeypatch):
    def refuse(*_, **__):
        raise UserError("training needs more; name more people")

    monkeypatch.setattr(training, "prepare", refuse)
    click(qtbot, window.pages.training.setup.start_button)
    page = window.pages.training.progress
    qtbot.waitUntil(lambda: page.title.text() == "Training failed")
    assert page.go_on_button.isHidden()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert shown(window) is window.pages.training.setup


def test_elsewhere_the_end_is_told_above_the_page(qtbot, window, fake_run):
    start(qtbot, window)
    window.show_list("people")
    ends(qtbot, window, fake_run)
    qtbot.waitUntil(lambda: "training is done" in window.notice.message)
    assert window.page is window.pages.people
    window.show_list(TRAINING)
    qtbot.waitUntil(lambda: shown(window) is window.pages.training.outcome)


def test_closing_asks_first_and_cuts_off_what_can_be_gone_on_with(
    qtbot, window, folder, fake_run, answers
):
    start(qtbot, window)
    answers["say"] = False
    window.close()
    assert window.isVisible()
    assert window.trainings.is_running
    answers["say"] = True
    window.close()
    assert not window.isVisible()
    assert window.shared.library is None, "a thread hangs"
    assert len(answers["asked"]) == 2
    assert fake_run.folders[0].is_dir()
    assert not (fake_run.folders[0] / "result.json").exists()


def test_the_demo_is_not_opened_over_a_training_unasked(qtbot, window, fake_run, answers):
    start(qtbot, window)
    answers["say"] = False
    window.try_demo()
    assert window.trainings.is_running
    assert len(answers["asked"]) == 1
    answers["say"] = True


def test_no_question_without_a_training(window, answers):
    window.close()
    assert not window.isVisible()
    assert answers["asked"] == []


# --- what came of it ------------------------------------------------------------------------------


def test_one_that_failed_says_in_the_list_and_when_opened_why(
    qtbot, folder, fake_run, page_of, write_run
):
    reason = "the disk is full; make room"
    write_failure(write_run(folder / "training" / EARLIER, accepted=None), reason)
    window = page_of(folder)
    setup, progress = window.pages.training.setup, window.pages.training.progress
    qtbot.waitUntil(lambda: setup.runs.rowCount() == 1)
    outcome = setup.runs.index(0, 2)
    assert outcome.data() == "Failed"
    assert reason in outcome.data(Qt.ItemDataRole.ToolTipRole)
    setup.runs_table.opened.emit(outcome)
    assert progress.title.text() == "Training failed"
    assert progress.words.text() == "The disk is full; make room."
    assert progress.go_on_button.isVisible()


@pytest.fixture
def looked_at(qtbot, folder, fake_run, page_of, write_run):
    """A window that shows an earlier training that was accepted."""
    write_run(folder / "training" / EARLIER, accepted=True)
    window = page_of(folder)
    setup = window.pages.training.setup
    qtbot.waitUntil(lambda: setup.runs.rowCount() == 1)
    assert setup.runs_table.isVisible()
    assert [setup.runs.index(0, column).data() for column in (1, 2, 3)] == [
        "Head",
        "Accepted",
        "+25.00",
    ]
    setup.runs_table.opened.emit(setup.runs.index(0, 0))
    return window


def test_the_report_is_opened_in_the_browser(qtbot, looked_at, folder, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    click(qtbot, looked_at.pages.training.outcome.report_button)
    report = folder / "training" / EARLIER / "report" / "report.html"
    assert opened == [QUrl.fromLocalFile(str(report))]


def test_the_model_is_used_at_a_click_and_undone(qtbot, looked_at, folder, own_models, rotation):
    model = f"own-{EARLIER}"
    shutil.rmtree(folder / "models" / model)
    own_models.behind(folder / "models", model, rotation)
    button = looked_at.pages.training.outcome.use_button
    click(qtbot, button)
    assert not button.isEnabled()
    qtbot.waitUntil(button.isEnabled)
    assert looked_at.notice.message.startswith("The library uses this model now")
    read = []
    looked_at.shared.read(
        lambda library: embedding_model.current_model(library._library, Settings()), read.append
    )
    qtbot.waitUntil(lambda: read == [model])


def test_a_model_that_cannot_be_used_is_told(qtbot, looked_at, folder):
    shutil.rmtree(folder / "models" / f"own-{EARLIER}")
    button = looked_at.pages.training.outcome.use_button
    click(qtbot, button)
    qtbot.waitUntil(button.isEnabled)
    assert looked_at.notice.message.startswith("There is no model")


def test_plots_of_before_are_gone_at_once_when_others_are_shown(looked_at):
    outcome = looked_at.pages.training.outcome
    before = [*outcome.pictures, *outcome._titles]
    assert all(part.isVisible() for part in before)
    outcome.refresh_icon()
    assert not any(part.isVisible() for part in before)


def test_discarding_asks_then_deletes_run_and_model(qtbot, looked_at, folder, answers):
    outcome = looked_at.pages.training.outcome
    answers["say"] = False
    click(qtbot, outcome.discard_button)
    assert (folder / "training" / EARLIER).is_dir()
    answers["say"] = True
    click(qtbot, outcome.discard_button)
    qtbot.waitUntil(lambda: shown(looked_at) is looked_at.pages.training.setup)
    assert not (folder / "training" / EARLIER).exists()
    assert not (folder / "models" / f"own-{EARLIER}").exists()
    assert "the model that came of it" in answers["asked"][0][1]
    qtbot.waitUntil(lambda: looked_at.pages.training.setup.runs.rowCount() == 0)
    assert looked_at.pages.training.setup.runs_table.isHidden()


def test_the_plots_are_those_of_the_theme(looked_at):
    def grey():
        picture = looked_at.pages.training.outcome.pictures[0].pixmap().toImage()
        return picture.pixelColor(5, 5).lightness()

    assert grey() > 200
    looked_at.set_theme("dark")
    QApplication.processEvents()
    assert theme.is_dark()
    assert grey() < 50


def test_a_picture_keeps_its_shape_at_any_width(looked_at):
    picture = looked_at.pages.training.outcome.pictures[0]
    assert picture.heightForWidth(64) == 48
    assert picture.heightForWidth(1000) == 96


@pytest.mark.parametrize("width", [800, 1700])
def test_nothing_is_cut_off_at_the_right(looked_at, width):
    looked_at.resize(width, 560)
    for part in (looked_at.pages.training.outcome, looked_at.pages.training.setup):
        looked_at.pages.training._show(part)
        QApplication.processEvents()
        edge = part.mapToGlobal(part.rect().topRight()).x()
        for label in part.findChildren(QLabel):
            if label.isVisible() and label.text():
                assert label.mapToGlobal(label.rect().topRight()).x() <= edge, label.text()


def test_the_question_is_answered_by_its_buttons(qtbot):
    def press(role):
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        buttons = {box.buttonRole(button): button for button in box.buttons()}
        assert box.defaultButton() is buttons[QMessageBox.ButtonRole.RejectRole]
        buttons[role].click()

    roles = QMessageBox.ButtonRole
    for role, expected in ((roles.AcceptRole, True), (roles.RejectRole, False)):
        QTimer.singleShot(0, lambda role=role: press(role))
        assert ask_for_real(None, "Training", "Shall it?", yes="Yes", no="No") is expected


# --- for real -------------------------------------------------------------------------------------


@pytest.mark.train
def test_a_real_training_comes_to_a_verdict(qtbot, folder, page_of):
    window = page_of(folder)
    click(qtbot, window.pages.training.setup.start_button)
    outcome = window.pages.training.outcome
    qtbot.waitUntil(lambda: not window.trainings.is_running, timeout=240_000)
    qtbot.waitUntil(lambda: shown(window) is outcome)
    assert outcome.reason.text()
    assert outcome.table.rowCount() >= 4
    assert len(outcome.pictures) >= 5
    assert outcome.run.report.exists()
    assert window.pages.training.progress.curves.plot("loss").has_points
    assert Settings().embedder == "facenet-vggface2"
