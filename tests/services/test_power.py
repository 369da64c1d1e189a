"""Long work waits while the battery is to be spared, and keeps the computer awake while it goes on.

No computer of a test has a battery that it may empty: what it runs on is said here.
"""

import threading
import time

import pytest

from photoclust.core.errors import CancelledError
from photoclust.core.progress import Hold, JobControl
from photoclust.services import power
from photoclust.services.power import Supply

HANG_S = 30
MAINS = Supply(on_battery=False, percent=10.0)


def wait_until(condition):
    deadline = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("on_battery", "supply", "waits", "expected"),
    [
        ("pause", MAINS, True, False),
        ("pause", Supply(True, 100.0), False, True),
        ("pause", Supply(True), False, True),
        ("low", MAINS, True, False),
        ("low", Supply(True, 31.0), False, False),
        ("low", Supply(True, 29.0), False, True),
        ("low", Supply(True, 31.0), True, True),
        ("low", Supply(True, 36.0), True, False),
        ("low", Supply(True), False, False),
        ("run", Supply(True, 1.0), True, False),
    ],
)
def test_what_waits_on_battery(on_battery, supply, waits, expected):
    assert power.must_wait(supply, on_battery, waits=waits) is expected


# --- what the kernel of Linux tells ---------------------------------------------------------------


@pytest.fixture
def plug(tmp_path):
    """`plug("BAT0", type="Battery", …)` makes a supply as the kernel lists it."""

    def make(name, **words):
        folder = tmp_path / name
        folder.mkdir()
        for key, word in words.items():
            (folder / key).write_text(f"{word}\n", encoding="ascii")
        return tmp_path

    return make


def test_a_laptop_runs_on_battery_when_it_is_not_plugged_in(plug):
    plug("AC", type="Mains", online=0)
    folder = plug("BAT0", type="Battery", status="Discharging", capacity=41)
    assert power.linux_supply(folder) == Supply(on_battery=True, percent=41.0)


@pytest.mark.parametrize("kind", ["Mains", "USB"])
def test_a_laptop_that_is_plugged_in_does_not(plug, kind):
    """Even where it takes more than the plug gives."""
    plug("BAT0", type="Battery", status="Discharging", capacity=41)
    folder = plug("source", type=kind, online=1)
    assert not power.linux_supply(folder).on_battery


def test_two_batteries_are_one(plug):
    plug("BAT0", type="Battery", status="Unknown", capacity=80)
    folder = plug("BAT1", type="Battery", status="Discharging", capacity=10)
    assert power.linux_supply(folder) == Supply(on_battery=True, percent=45.0)


def test_the_battery_of_a_mouse_is_not_that_of_the_computer(plug):
    folder = plug(
        "hidpp_battery_0", type="Battery", scope="Device", status="Discharging", capacity=5
    )
    assert power.linux_supply(folder) == Supply(on_battery=False)


def test_what_cannot_be_read_is_not_known(plug, tmp_path):
    assert power.linux_supply(tmp_path / "nowhere") == Supply(on_battery=False)
    plug("strange", type="Wireless")
    folder = plug("BAT0", type="Battery", status="Discharging", capacity="half")
    assert power.linux_supply(folder) == Supply(on_battery=True, percent=None)


def test_this_computer_tells_what_it_runs_on():
    assert isinstance(power.read_supply(), Supply)


# --- work that is attended ------------------------------------------------------------------------


def test_work_waits_from_the_first_moment_and_goes_on_when_plugged_in(power_line):
    power_line.on_battery = True
    control = JobControl()
    with power.attended(control, lambda: "pause"):
        assert control.holds == {Hold.BATTERY}
        power_line.on_battery = False
        wait_until(lambda: not control.paused)
        power_line.on_battery = True
        wait_until(lambda: control.paused)


def test_what_is_set_meanwhile_counts(power_line):
    power_line.on_battery = True
    said = ["pause"]
    control = JobControl()
    with power.attended(control, lambda: said[-1]):
        assert control.paused
        said.append("low")
        wait_until(lambda: not control.paused)
        power_line.percent = 20.0
        wait_until(lambda: control.paused)
        said.append("run")
        wait_until(lambda: not control.paused)


def test_the_pause_of_the_user_and_of_the_battery_do_not_undo_each_other(power_line):
    control = JobControl()
    with power.attended(control, lambda: "pause"):
        control.pause()
        time.sleep(0.1)
        assert control.holds == {Hold.USER}, "the mains do not end the pause of the user"
        power_line.on_battery = True
        wait_until(lambda: Hold.BATTERY in control.holds)
        control.resume()
        time.sleep(0.1)
        assert control.holds == {Hold.BATTERY}


def test_who_goes_on_anyway_is_not_held_again(power_line):
    power_line.on_battery = True
    control = JobControl()
    with power.attended(control, lambda: "pause"):
        control.overrule(Hold.BATTERY)
        time.sleep(0.1)
        control.checkpoint()


def test_work_that_waits_for_power_can_be_cancelled(power_line):
    power_line.on_battery = True
    control = JobControl()
    threading.Timer(0.1, control.cancel).start()
    with pytest.raises(CancelledError), power.attended(control, lambda: "pause"):
        control.checkpoint()


def test_the_computer_is_kept_awake_while_work_goes_on_and_no_longer(power_line):
    control = JobControl()
    with power.attended(control, lambda: "pause"):
        wait_until(lambda: power_line.kept == 1)
        time.sleep(0.1)
        assert (power_line.kept, power_line.let_go) == (1, 0)
        control.pause()
        wait_until(lambda: power_line.let_go == 1)
        control.resume()
        wait_until(lambda: power_line.kept == 2)
        power_line.on_battery = True
        wait_until(lambda: power_line.let_go == 2)
        power_line.on_battery = False
        wait_until(lambda: power_line.kept == 3)
    assert power_line.let_go == 3


def test_the_computer_may_sleep_after_work_that_failed(power_line):
    def fail():
        with power.attended(JobControl(), lambda: "run"):
            wait_until(lambda: power_line.kept == 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert power_line.let_go == 1


def test_short_work_keeps_nothing_awake_and_leaves_no_thread(power_line):
    control = JobControl()
    before = set(threading.enumerate())  # one of another test may end meanwhile
    with power.attended(control, lambda: "low", poll_s=60):
        assert set(threading.enumerate()) - before
        time.sleep(0.05)
    assert power_line.kept == 0
    assert set(threading.enumerate()) - before == set()
