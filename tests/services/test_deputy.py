"""A deputy does its work on the library of another process: told, held, cancelled, killed."""

import gc
import os
import threading
import time

import psutil
import pytest

from photoclust.core.errors import CancelledError, InternalError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryStatus, LibraryChanges, PhotoId
from photoclust.services import deputy
from photoclust.store import journal
from photoclust.store.database import Library
from photoclust.store.names import clean_name

CANCEL_S = 3.0
"""Far less than the work would go on; on a machine that has nothing else to do it takes 0.3 s."""

pytestmark = pytest.mark.processes


# What deputies do here; they find it by name.


def write_entry(library, name, *, control, on_changes):
    control.report("Writing", 1, 2)
    with library.write() as tx:
        journal.add_entry(tx, "name", {"target": name})
    on_changes(LibraryChanges(photos=frozenset({PhotoId(7)})))
    control.report("Writing", 2, 2)
    return os.getpid()


def refuse(library, *, control, on_changes):
    raise UserError("the disk is full")


def name_nobody(library, *, control, on_changes):
    clean_name(" ")


def fall(library, *, control, on_changes):
    raise ZeroDivisionError


def die(library, *, control, on_changes):
    os._exit(3)


def write_on(library, *, control, on_changes):
    """Write until told otherwise, as a run."""
    with library.write() as tx:
        run = journal.start_run(tx, "scan", {})
    try:
        while True:
            control.checkpoint()
            with library.write() as tx:
                journal.add_entry(tx, "name", {})
            on_changes(LibraryChanges())
            time.sleep(0.01)
    finally:
        with library.write() as tx:
            journal.end_run(tx, run, EntryStatus.CANCELLED)


def be_deaf(library, *, control, on_changes):
    """Hold the library's file in a transaction, and never look whether to end."""
    with library.write() as tx:
        journal.start_run(tx, "scan", {})
    with library.write() as tx:
        journal.add_entry(tx, "name", {"target": "half"})
        on_changes(LibraryChanges())
        time.sleep(600)


def do(library, work, *args, control=None, on_changes=lambda _: None):
    return deputy.call(library, work, *args, control=control or JobControl(), on_changes=on_changes)


def entries(library):
    with library.read() as tx:
        return journal.entries(tx)


def deputies():
    """The processes that were started here and work."""
    children = psutil.Process().children()
    return [each for each in children if "spawn_main" in " ".join(each.cmdline())]


def assert_nobody_is_left():
    assert deputies() == []


@pytest.fixture
def going_on(library):
    """A call of `write_on` in a thread, that has written something."""
    heard, ended = threading.Event(), []
    control = JobControl()

    def run():
        try:
            do(library, write_on, control=control, on_changes=lambda _: heard.set())
        except (CancelledError, InternalError):
            ended.append(time.monotonic())

    thread = threading.Thread(target=run)
    thread.start()
    assert heard.wait(60)
    yield control, thread, ended
    control.cancel()
    thread.join(20)


def test_work_is_done_in_another_process_on_the_same_library(library):
    reports, changes = [], []
    control = JobControl(lambda progress: reports.append((progress.stage, progress.done)))
    pid = do(library, write_entry, "Anna", control=control, on_changes=changes.append)
    assert pid != os.getpid()
    assert [entry.details["target"] for entry in entries(library)] == ["Anna"]
    assert changes == [LibraryChanges(photos=frozenset({PhotoId(7)}))]
    assert reports[-1] == ("Writing", 2)
    assert_nobody_is_left()


def test_a_deputy_speaks_the_language_of_who_called_it(library, german):
    with pytest.raises(UserError, match="der Name ist leer"):
        do(library, name_nobody)


@pytest.mark.parametrize(
    ("work", "error"), [(refuse, UserError), (fall, InternalError), (die, InternalError)]
)
def test_what_goes_wrong_is_raised_here(work, error, library):
    with pytest.raises(error) as raised:
        do(library, work)
    if work is refuse:
        assert str(raised.value) == "the disk is full"
    assert_nobody_is_left()


def test_cancel_ends_it_and_the_run_is_closed(library, going_on):
    control, thread, ended = going_on
    start = time.monotonic()
    control.cancel()
    thread.join(20)
    assert ended
    assert ended[0] - start < CANCEL_S
    written = len(entries(library))
    time.sleep(0.3)
    assert len(entries(library)) == written, "something was written after the end"
    assert [e.status for e in entries(library) if e.kind == "scan"] == [EntryStatus.CANCELLED]
    assert_nobody_is_left()


def test_pause_holds_it_and_others_can_write_meanwhile(library, going_on):
    control, _, _ = going_on
    control.pause()
    time.sleep(0.5)
    held = len(entries(library))
    with library.write() as tx:
        journal.add_entry(tx, "name", {"target": "here"})
    time.sleep(0.5)
    assert len(entries(library)) == held + 1
    control.resume()
    deadline = time.monotonic() + 20
    while len(entries(library)) <= held + 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_one_that_does_not_listen_is_killed_and_nothing_of_it_stays(library):
    control = JobControl()
    with pytest.raises(CancelledError):
        do(library, be_deaf, control=control, on_changes=lambda _: control.cancel())
    (run,) = entries(library)
    assert (run.kind, run.status) == ("scan", EntryStatus.INTERRUPTED)
    with library.write() as tx:
        journal.add_entry(tx, "name", {})
    assert_nobody_is_left()


def test_one_that_is_cancelled_before_it_begins_is_not_started(library):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        do(library, write_entry, "Anna", control=control)
    assert entries(library) == []


def test_where_one_connection_has_the_file_the_work_is_done_here(tmp_path):
    with Library(tmp_path / "library", shared_disk=True) as library:
        assert do(library, write_entry, "Anna") == os.getpid()
        assert len(entries(library)) == 1


# Whoever follows the deputy loses the pipe in the midst of reading, as if dead.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_deputy_ends_with_the_process_that_started_it(library, going_on):
    (process,) = deputies()
    before = len(entries(library))
    # As when this process dies: its side of the pipe is closed.
    for held in gc.get_objects():
        if isinstance(held, deputy._Deputy):
            held.pipe.close()
    process.wait(10)
    time.sleep(0.1)
    written = len(entries(library))
    time.sleep(0.3)
    assert len(entries(library)) == written >= before
