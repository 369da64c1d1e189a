"""Scans in the window: progress, pause, cancel, and results while they run."""

import threading
import time
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.core.types import LibraryChanges
from photoclust.gui import jobbar
from photoclust.gui.jobbar import JobBar
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Desk, Job, Lane
from photoclust.services import browse, scan_writer
from photoclust.store.database import Library

CANCEL_MS = 5_000
"""Far less than the scan would go on; on a machine that has nothing else to do it takes 0.3 s."""
QUIET_MS = 1_200
"""In this time a scan that goes on writes."""

pytestmark = pytest.mark.usefixtures("in_process")


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file of a library."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")  # readers write their marks there
    }


def counts(folder):
    with Library(folder) as library:
        return browse.counts(library)


@pytest.fixture
def writes_often(monkeypatch):
    """A scan that writes its first photos soon: workers are busy as long as they are waited for."""
    monkeypatch.setattr(scan_writer, "COMMIT_INTERVAL_S", 0.2)


@pytest.fixture
def scanning(qtbot, open_window, tmp_path, many_photos):
    """A window in which a scan has written its first photos."""
    window = open_window(tmp_path / "library")
    window.scan([many_photos])
    qtbot.waitUntil(lambda: window.shared.overview.photos > 0, timeout=120_000)
    return window


def test_progress_and_results_show_while_the_scan_runs(qtbot, scanning):
    qtbot.waitUntil(lambda: bool(scanning.job_bar.rows), timeout=60_000)
    (bar,) = scanning.job_bar.rows
    qtbot.waitUntil(lambda: "left" in bar.details.text(), timeout=60_000)
    assert bar.isVisible()
    assert bar.stage.text() == "Finding faces"
    done, rate, left = bar.details.text().split(" · ")
    assert done.endswith(" of 60 photos")
    assert rate.endswith(" photos/s")
    assert left.startswith("about ")
    scanning.show_list("unnamed")
    qtbot.waitUntil(
        lambda: scanning.pages.unnamed.single_faces.model.rowCount() > 0, timeout=60_000
    )
    assert scanning.shared.desk.jobs(Lane.SCAN), "the scan should still be running"


@pytest.mark.processes
@pytest.mark.usefixtures("writes_often")
def test_cancel_ends_the_scan_and_nothing_is_written_after(qtbot, scanning, tmp_path):
    (job,) = scanning.shared.desk.jobs(Lane.SCAN)
    with qtbot.waitSignal(job.cancelled, timeout=CANCEL_MS):
        qtbot.mouseClick(scanning.job_bar.rows[0].cancel_button, Qt.MouseButton.LeftButton)
    before = state_of(tmp_path / "library")
    qtbot.wait(QUIET_MS)
    assert state_of(tmp_path / "library") == before
    assert not scanning.job_bar.isVisible()
    assert "cancelled" in scanning.notice.message
    assert 0 < counts(tmp_path / "library")[0] < 60


def test_pause_holds_resume_goes_on_and_a_paused_scan_can_be_cancelled(qtbot, scanning, tmp_path):
    (bar,) = scanning.job_bar.rows
    qtbot.mouseClick(bar.pause_button, Qt.MouseButton.LeftButton)
    assert bar.pause_button.text() == "Resume"
    held = state_of(tmp_path / "library")
    for _ in range(10):  # what was under way is written first, late where the machine is busy
        qtbot.wait(QUIET_MS)
        before, held = held, state_of(tmp_path / "library")
        if before == held:
            break
    assert 0 < counts(tmp_path / "library")[0] < 60
    qtbot.wait(QUIET_MS)
    assert state_of(tmp_path / "library") == held
    qtbot.mouseClick(bar.pause_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state_of(tmp_path / "library") != held)
    (job,) = scanning.shared.desk.jobs(Lane.SCAN)
    bar.toggle_pause()
    qtbot.wait(200)
    with qtbot.waitSignal(job.cancelled, timeout=CANCEL_MS):
        bar.cancel()


def test_a_name_can_be_given_while_a_scan_runs(qtbot, scanning, tmp_path):
    qtbot.waitUntil(lambda: scanning.shared.overview.single_faces > 0, timeout=60_000)
    with Library(tmp_path / "library") as library:
        face = browse.single_faces(library)[0]
    named = []
    scanning.shared.name(f"f{face.id}", "Anna", named.append)
    qtbot.waitUntil(lambda: bool(named), timeout=60_000)
    assert scanning.shared.desk.jobs(Lane.SCAN), "the scan should still be running"


@pytest.mark.processes
@pytest.mark.usefixtures("writes_often")
def test_closing_the_window_ends_the_scan_and_keeps_what_was_written(scanning, tmp_path):
    photos = scanning.shared.overview.photos
    scanning.close()
    assert scanning.shared.library is None
    assert photos <= counts(tmp_path / "library")[0] < 60


def test_an_unchanged_folder_is_told_as_such(qtbot, open_window, demo_library):
    window = open_window(demo_library)
    window.scan(None)
    qtbot.waitUntil(lambda: "No new photos" in window.notice.message)


def test_a_folder_that_is_gone_is_one_sentence(qtbot, open_window, tmp_path):
    window = open_window(tmp_path / "library")
    window.scan([tmp_path / "nowhere"])
    qtbot.waitUntil(lambda: str(tmp_path / "nowhere") in window.notice.message, timeout=60_000)
    assert "\n" not in window.notice.message


class Ends:
    """Records the signals with which a job ends."""

    def __init__(self, job: Job) -> None:
        self.seen: list[str] = []
        for name in ("started", "succeeded", "failed", "cancelled", "finished"):
            getattr(job, name).connect(lambda *values, name=name: self.seen.append(name))


@pytest.fixture
def desk(qtbot):
    desk = Desk()
    yield desk
    assert desk.shut_down()


def fail(error):
    raise error


@pytest.mark.parametrize(
    ("work", "end"),
    [
        (lambda job: 1, "succeeded"),
        (lambda job: fail(UserError("the disk is full")), "failed"),
        (lambda job: (job.cancel(), job.control.checkpoint()), "cancelled"),
    ],
)
def test_a_job_ends_once_and_always_finishes(work, end, qtbot, desk):
    job = Job("Testing", work)
    ends = Ends(job)
    with qtbot.waitSignal(job.finished):
        desk.start(job, Lane.ACT)
    assert ends.seen == ["started", end, "finished"]
    qtbot.waitUntil(lambda: not desk.jobs(Lane.ACT))


@pytest.fixture
def dock(qtbot, desk):
    dock = JobBar()
    qtbot.addWidget(dock)
    dock.follow(desk)
    return dock


def held(go_on, title="Testing"):
    """A job that goes on until the event is set, and listens to its control."""

    def work(job):
        while not go_on.wait(0.01):
            job.control.checkpoint()
            job.control.report("Counting", 3, 12)

    return Job(title, work)


def test_jobs_of_all_lanes_are_shown_when_they_take_longer_than_a_moment(
    qtbot, desk, dock, monkeypatch
):
    monkeypatch.setattr(jobbar, "MOMENT_MS", 50)
    go_on = threading.Event()
    scan, waiting, act = (held(go_on, title) for title in ("Scanning", "Again", "Naming"))
    desk.start(scan, Lane.SCAN)
    desk.start(waiting, Lane.SCAN)
    desk.start(act, Lane.ACT)
    desk.start(Job("Reading", lambda _: go_on.wait(10)), Lane.READ)
    shown_by_page = Job("Looking", lambda _: go_on.wait(10), on_page=True)
    desk.start(shown_by_page, Lane.RECOGNITION)
    assert not dock.isVisible()
    qtbot.waitUntil(lambda: [row.job for row in dock.rows] == [scan, waiting, act])
    assert dock.title.text() == "3 jobs"
    first, second, third = dock.rows
    qtbot.waitUntil(lambda: first.details.text().startswith("3 of 12 photos"))
    assert second.details.text() == "waits for its turn"
    assert third.cancel_button.isHidden(), "an act is over soon"
    first.cancel()
    second.cancel()
    assert first.stage.text() == "Cancelling…"
    go_on.set()
    qtbot.waitUntil(lambda: not dock.rows)
    assert dock.isHidden()


def test_the_dock_folds_to_one_line_and_remembers_it(qtbot, desk, dock, monkeypatch):
    monkeypatch.setattr(jobbar, "MOMENT_MS", 1)
    go_on = threading.Event()
    job = held(go_on)
    desk.start(job, Lane.SCAN)
    qtbot.waitUntil(lambda: len(dock.rows) == 1)
    (row,) = dock.rows
    qtbot.mouseClick(dock.fold_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.title.text().startswith("Counting · 3 of 12 photos"))
    assert not row.isVisible()
    folded = JobBar()
    qtbot.addWidget(folded)
    assert folded._folded
    dock.toggle_fold()
    assert row.isVisible()
    assert row.bar.value() == 3
    go_on.set()
    qtbot.waitUntil(lambda: not dock.rows)


@pytest.fixture
def spared(qtbot, power_line):
    """A desk whose scans spare the battery, and its dock."""
    shared = Shared(Settings(on_battery="pause"))
    dock = JobBar()
    qtbot.addWidget(dock)
    yield shared, dock
    assert shared.desk.shut_down()


def test_on_battery_a_scan_says_why_it_waits_and_goes_on_when_plugged_in(qtbot, spared, power_line):
    shared, dock = spared
    go_on = threading.Event()
    job = held(go_on)
    job.started.connect(lambda: dock.watch(job))
    power_line.on_battery = True
    shared.desk.start(job, Lane.SCAN)
    qtbot.waitUntil(lambda: len(dock.rows) == 1)
    (row,) = dock.rows
    qtbot.waitUntil(lambda: row.pause_button.text() == "Go on anyway")
    assert row.summary == "Testing… (paused) · on battery; goes on when it is plugged in"
    assert row.bar.maximum() == 1, "nothing moves"
    dock.toggle_fold()
    assert dock.title.text() == row.summary
    power_line.on_battery = False
    qtbot.waitUntil(lambda: dock.title.text().startswith("Counting · 3 of 12 photos"))
    assert dock.title.text() == row.summary
    assert row.pause_button.text() == "Pause"
    power_line.on_battery = True
    qtbot.waitUntil(lambda: "on battery" in dock.title.text())
    power_line.on_battery = False
    go_on.set()
    qtbot.waitUntil(lambda: not dock.rows)


def test_who_wants_to_goes_on_without_power_and_can_pause_all_the_same(qtbot, spared, power_line):
    shared, dock = spared
    go_on = threading.Event()
    job = held(go_on)
    # One that its button cannot hold is held by the battery all the same.
    job.started.connect(lambda: dock.watch(job, pausable=False))
    power_line.on_battery = True
    shared.desk.start(job, Lane.SCAN)
    qtbot.waitUntil(lambda: len(dock.rows) == 1)
    (row,) = dock.rows
    qtbot.waitUntil(lambda: not row.pause_button.isHidden())
    qtbot.mouseClick(row.pause_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.stage.text() == "Counting")
    assert row.pause_button.isHidden()
    row.toggle_pause()
    assert row.stage.text() == "Counting (paused)"
    assert "battery" not in row.details.text()
    row.toggle_pause()
    go_on.set()
    qtbot.waitUntil(lambda: not dock.rows)


def test_on_battery_what_is_set_now_counts_and_what_is_decided_does_not_wait(
    qtbot, spared, power_line
):
    shared, _ = spared
    power_line.on_battery = True
    act = Job("Naming", lambda job: job.control.checkpoint())
    with qtbot.waitSignal(act.succeeded):
        shared.desk.start(act, Lane.ACT)
    scan = Job("Scanning", lambda job: job.control.checkpoint())
    shared.desk.start(scan, Lane.SCAN)
    qtbot.waitUntil(lambda: scan.control.paused)
    shared.settings = Settings(on_battery="run")
    qtbot.waitSignal(scan.succeeded).wait()


def test_what_cannot_be_read_is_told_with_the_scan_that_met_it(qtbot, desk, dock):
    go_on = threading.Event()
    job = held(go_on)
    dock.set_failures(5)
    job.started.connect(lambda: dock.watch(job))
    desk.start(job, Lane.SCAN)
    qtbot.waitUntil(lambda: len(dock.rows) == 1)
    (row,) = dock.rows
    assert row.failed_button.isHidden()
    dock.set_failures(7)
    assert row.failed_button.text() == "2 files not readable"
    with qtbot.waitSignal(dock.failures_wanted):
        qtbot.mouseClick(row.failed_button, Qt.MouseButton.LeftButton)
    go_on.set()
    qtbot.waitUntil(lambda: not dock.rows)


def test_a_bug_is_told_in_one_sentence_and_logged(qtbot, desk, caplog):
    job = Job("Testing", lambda _: fail(ZeroDivisionError()))
    with qtbot.waitSignal(job.failed) as told:
        desk.start(job, Lane.ACT)
    assert told.args[0].startswith("Testing failed because of a fault in photoclust")
    assert "ZeroDivisionError" in caplog.text


def test_a_job_cancelled_before_its_turn_never_begins(qtbot, desk):
    first = Job(
        "First", lambda job: [job.control.checkpoint() or time.sleep(0.01) for _ in "x" * 20]
    )
    second = Job("Second", lambda _: pytest.fail("it began"))
    ends = Ends(second)
    desk.start(first, Lane.SCAN)
    desk.start(second, Lane.SCAN)
    second.cancel()
    with qtbot.waitSignal(second.finished):
        pass
    assert ends.seen == ["cancelled", "finished"]


def test_signals_arrive_in_the_main_thread(qtbot, desk):
    import threading

    threads = []
    job = Job("Testing", lambda _: threading.get_ident())
    job.succeeded.connect(lambda result: threads.append((result, threading.get_ident())))
    with qtbot.waitSignal(job.finished):
        desk.start(job, Lane.READ)
    ((worker, main),) = threads
    assert main == threading.get_ident()
    assert worker != main


def test_the_scan_uses_the_settings_of_the_window(qtbot, open_window, tmp_path, demo_album):
    window = open_window(tmp_path / "library", Settings(theme="light", skip_patterns=("*",)))
    window.scan([demo_album])
    qtbot.waitUntil(lambda: "No new photos" in window.notice.message)
    assert window.shared.overview.failures == 0


def test_a_job_that_outlives_its_program_ends_in_silence(caplog):
    done = []

    def outlive(job):
        shiboken6.delete(job)  # as the end of the program does to all that is Qt's
        job.tell(LibraryChanges())
        done.append(job)

    Job("Testing", outlive).run()
    assert done
    assert caplog.messages == []
