import threading
import time

import pytest

from photoclust.core import progress
from photoclust.core.errors import CancelledError
from photoclust.core.progress import Hold, JobControl

HANG_S = 30
"""No test waits for anything longer than this."""


class Clock:
    """A clock that a test sets; progress reads it in place of the real one."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def start_job(control):
    """A thread that takes checkpoints until it is cancelled; counts them and says how it ended."""
    seen = {"steps": 0, "cancelled": False}

    def run():
        try:
            while True:
                control.checkpoint()
                seen["steps"] += 1
                time.sleep(0.001)
        except CancelledError:
            seen["cancelled"] = True

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, seen


def wait_until(condition):
    deadline = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


def test_a_job_is_paused_resumed_and_cancelled_from_another_thread():
    control = JobControl()
    thread, seen = start_job(control)
    wait_until(lambda: seen["steps"] > 3)
    control.pause()
    assert control.paused
    time.sleep(0.05)  # the step it was in
    held_at = seen["steps"]
    time.sleep(0.1)
    assert seen["steps"] == held_at
    control.resume()
    assert not control.paused
    wait_until(lambda: seen["steps"] > held_at)
    control.cancel()
    thread.join(HANG_S)
    assert not thread.is_alive()
    assert seen["cancelled"]


def test_cancel_reaches_a_held_job():
    control = JobControl()
    control.pause()
    thread, seen = start_job(control)
    time.sleep(0.05)
    control.cancel()
    thread.join(HANG_S)
    assert not thread.is_alive()
    assert seen == {"steps": 0, "cancelled": True}


def test_a_cancelled_job_cannot_be_held():
    control = JobControl()
    control.cancel()
    control.pause()
    thread, seen = start_job(control)
    thread.join(HANG_S)
    assert not thread.is_alive()
    assert seen["cancelled"]


def test_a_job_goes_on_when_nobody_holds_it_any_more():
    told = []
    control = JobControl(on_hold=lambda: told.append(control.holds))
    control.pause()
    control.pause(Hold.BATTERY)
    control.pause(Hold.BATTERY)
    thread, seen = start_job(control)
    control.resume(Hold.BATTERY)
    control.resume(Hold.BATTERY)
    time.sleep(0.05)
    assert (control.paused, seen["steps"]) == (True, 0), "the user holds it still"
    control.pause(Hold.BATTERY)
    control.resume()
    time.sleep(0.05)
    assert (control.paused, seen["steps"]) == (True, 0), "there is still no power"
    control.resume(Hold.BATTERY)
    wait_until(lambda: seen["steps"] > 0)
    control.cancel()
    thread.join(HANG_S)
    user, battery = {Hold.USER}, {Hold.BATTERY}
    assert told == [user, user | battery, user, user | battery, battery, set()]


def test_a_hold_that_was_overruled_does_not_come_again():
    control = JobControl()
    control.pause()
    control.pause(Hold.BATTERY)
    control.overrule(Hold.BATTERY)
    control.pause(Hold.BATTERY)
    assert control.holds == {Hold.USER}
    control.resume()
    control.checkpoint()


def test_a_cancelled_job_stays_cancelled():
    control = JobControl()
    control.cancel()
    control.resume()
    assert control.cancelled
    for _ in range(2):
        with pytest.raises(CancelledError):
            control.checkpoint()


def test_reports_are_throttled_but_the_first_and_the_last_get_through(clock):
    seen = []
    control = JobControl(seen.append)
    for done in range(1001):
        control.report("reading", done, 1000)
        clock.now += 0.01
    assert [seen[0].done, seen[-1].done] == [0, 1000]
    # 10 s at one report every 0.1 s; a floating-point step more or less does not matter.
    assert 90 <= len(seen) <= 102


def test_a_new_stage_gets_through_at_once(clock):
    seen = []
    control = JobControl(seen.append)
    control.report("walking", 5)
    control.report("walking", 6)
    control.report("reading", 0, 7)
    assert [(item.stage, item.done, item.total) for item in seen] == [
        ("walking", 5, None),
        ("reading", 0, 7),
    ]


def test_rate_and_time_left_speak_of_this_stage(clock):
    seen = []
    control = JobControl(seen.append)
    control.report("walking", 0)
    clock.now += 100
    control.report("reading", 10, 50)  # ten were done before: they are not this run's speed
    assert (seen[-1].rate, seen[-1].remaining_s) == (0.0, None)
    clock.now += 4
    control.report("reading", 30, 50)
    assert seen[-1].rate == pytest.approx(5.0)
    assert seen[-1].remaining_s == pytest.approx(4.0)


def test_no_time_left_is_told_where_the_end_is_not_known(clock):
    seen = []
    control = JobControl(seen.append)
    control.report("walking", 0)
    clock.now += 1
    control.report("walking", 3)
    assert seen[-1].rate == pytest.approx(3.0)
    assert seen[-1].remaining_s is None


def test_the_rate_leaves_pauses_out():
    seen = []
    control = JobControl(seen.append)
    control.report("reading", 0, 10)
    control.pause()
    threading.Timer(0.5, control.resume).start()
    control.checkpoint()
    time.sleep(0.1)
    control.report("reading", 5, 10)
    # Five in some 0.1 s; with the pause it would be fewer than ten a second.
    assert seen[-1].rate > 10


def test_the_rate_leaves_pauses_out_where_another_process_is_held(clock):
    """Nobody waits here then; and the last of what it did may be told while it is held."""
    seen = []
    control = JobControl(seen.append)
    control.report("reading", 0, 10)
    clock.now += 1
    control.pause()
    clock.now += 50
    control.report("reading", 4, 10)
    assert seen[-1].rate == pytest.approx(4)
    clock.now += 50
    control.pause(Hold.BATTERY)
    control.resume()
    clock.now += 50
    control.resume(Hold.BATTERY)
    clock.now += 1
    control.report("reading", 8, 10)
    assert seen[-1].rate == pytest.approx(4)


def test_without_a_listener_reports_go_nowhere():
    JobControl().report("reading", 1, 2)
