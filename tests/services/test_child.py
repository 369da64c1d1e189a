import logging
import os
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from photoclust.core import logs
from photoclust.core.errors import (
    CancelledError,
    InternalError,
    UnreadableFileError,
    UserError,
)
from photoclust.core.progress import JobControl
from photoclust.services import child

HANG_S = 60


def double(values, *, plus=0):
    return values * 2 + plus


def fail(error):
    raise error


def end_at_once():
    os._exit(0)


def answer_in_part():
    """Die in the middle of an answer that is larger than the pipe holds."""
    threading.Timer(0.3, os._exit, (0,)).start()
    return np.zeros(50_000_000, np.uint8)


def end_with_the_pipe_held():
    """Die, while a process that outlives this one still holds the end of the pipe."""
    os.fork() and os._exit(0)
    time.sleep(5)
    os._exit(0)


def divide(number):
    return 1 / number


def hang(folder):
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def no_pickle():
    return lambda: None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no way to leave a pipe open behind")
def test_a_process_that_died_is_noticed_though_its_pipe_is_open():
    start = time.monotonic()
    with pytest.raises(InternalError):
        child.call(end_with_the_pipe_held)
    assert time.monotonic() - start < 4


def test_the_result_comes_back():
    values = np.arange(200_000, dtype=np.float32)
    np.testing.assert_array_equal(child.call(double, values, plus=1), values * 2 + 1)


def hold(size):
    return len(np.ones(size, np.uint8))


def count_to(number, control):
    for done in range(1, number + 1):
        control.report("Counting", done, number)
    return number


def test_what_it_reports_is_told_on():
    told = []
    assert child.call(count_to, 5, control=JobControl(told.append), reporting=True) == 5
    assert [(each.stage, each.done, each.total) for each in (told[0], told[-1])] == [
        ("Counting", 1, 5),
        ("Counting", 5, 5),
    ]


def test_who_cancels_where_something_is_reported_is_obeyed():
    control = JobControl(lambda _: control.cancel())
    with pytest.raises(CancelledError):
        child.call(count_to, 5, control=control, reporting=True)


def count_on(control):
    """Count until told otherwise."""
    done = 0
    while True:
        control.checkpoint()
        done += 1
        control.report("Counting", done, done)
        time.sleep(0.005)


def hang_after(folder, control):
    """Report once, and never look whether to end."""
    control.report("Counting", 1)
    hang(folder)


def test_one_that_reports_is_held_with_its_control_and_goes_on():
    told = []
    control = JobControl(lambda progress: told.append(progress.done))
    ended = []

    def run():
        with pytest.raises(CancelledError):
            child.call(count_on, control=control, reporting=True)
        ended.append(True)

    def wait_for_more(than):
        deadline = time.monotonic() + HANG_S
        while not told or told[-1] <= than:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for_more(3)
    control.pause()
    time.sleep(0.5)  # until it has heard of it
    held_at = told[-1]
    time.sleep(0.5)
    assert told[-1] == held_at
    control.resume()
    wait_for_more(held_at)
    control.cancel()
    thread.join(HANG_S)
    assert ended


def test_one_that_reports_and_does_not_listen_is_ended_when_cancelled(tmp_path):
    control = JobControl(lambda _: control.cancel())
    with pytest.raises(CancelledError):
        child.call(hang_after, tmp_path, control=control, reporting=True)
    for path in tmp_path.iterdir():
        assert not psutil.pid_exists(int(path.name))


def test_the_memory_that_it_held_is_told():
    own = np.ones(300 * 2**20, np.uint8)
    result, small = child.call(child.measured, hold, 1)
    assert result == 1
    assert small < 250, "it is not that of this process"
    _, large = child.call(child.measured, hold, 200 * 2**20)
    assert 150 < large - small < 250
    assert len(own)


def test_it_runs_in_a_process_of_its_own():
    assert child.call(os.getpid) != os.getpid()


@pytest.mark.parametrize(
    "error",
    [UserError("give another method"), UnreadableFileError(Path("/a.jpg"), "empty")],
    ids=lambda error: type(error).__name__,
)
def test_what_photoclust_raises_on_purpose_comes_through(error):
    with pytest.raises(type(error)) as caught:
        child.call(fail, error)
    assert str(caught.value) == str(error)


def test_any_other_exception_is_a_bug_and_says_where():
    with pytest.raises(InternalError, match="ZeroDivisionError") as caught:
        child.call(divide, 0)
    assert "return 1 / number" in str(caught.value)


@pytest.mark.parametrize("function", [end_at_once, no_pickle])
def test_a_process_without_a_result_is_a_bug(function):
    with pytest.raises(InternalError, match="without a result"):
        child.call(function)


def test_a_process_that_dies_in_the_middle_of_its_answer_is_a_bug(monkeypatch):
    # The answer is read only when its sender is dead.
    poll = child.Connection.poll

    def poll_late(pipe, timeout=0.0):
        ready = poll(pipe, timeout)
        if ready:
            time.sleep(1)
        return ready

    monkeypatch.setattr(child.Connection, "poll", poll_late)
    with pytest.raises(InternalError, match="without a result"):
        child.call(answer_in_part)


def test_cancelling_ends_the_process_whatever_it_does(tmp_path):
    control = JobControl()

    def cancel_when_it_runs():
        deadline = time.monotonic() + HANG_S
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.01)
        control.cancel()

    watcher = threading.Thread(target=cancel_when_it_runs)
    watcher.start()
    with pytest.raises(CancelledError):
        child.call(hang, tmp_path, control=control)
    watcher.join(HANG_S)
    (pid,) = (int(path.name) for path in tmp_path.iterdir())
    assert not psutil.pid_exists(pid)


def test_a_cancelled_job_gives_no_result():
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        child.call(os.getpid, control=control)


def complain():
    logging.getLogger("photoclust.test").warning("not for a terminal")


def test_what_a_child_logs_goes_into_the_log(capfd):
    child.call(complain)
    assert capfd.readouterr().err == ""
    assert "not for a terminal" in logs.log_file().read_text()
