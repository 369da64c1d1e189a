"""What is too long for a file: not the time for which others had the processor."""

import pytest

from photoclust.services import file_clock
from photoclust.services.file_clock import FileClock

LIMIT_S = 100.0
STILL_S = 10.0


class Machine:
    """A clock and a worker that a test moves; they stand in for the real ones."""

    def __init__(self) -> None:
        self.now = 5000.0
        self.computed = 40.0

    def monotonic(self) -> float:
        return self.now

    def go_on(self, seconds: float, share: float) -> None:
        """Let time pass of which the worker computed a `share`."""
        self.now += seconds
        self.computed += share * seconds


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    monkeypatch.setattr(file_clock, "time", machine)
    return machine


@pytest.fixture
def clock(machine):
    clock = FileClock(LIMIT_S, STILL_S, lambda: machine.computed)
    clock.start()
    return clock


def over_after(clock, machine, share, at_most=100_000.0):
    """Seconds until the file took too long, where the worker computes a `share` of the time."""
    begun = machine.now
    while not clock.is_over:
        machine.go_on(1.0, share)
        assert machine.now - begun < at_most
    return machine.now - begun


def test_one_that_computes_all_the_time_has_the_limit(clock, machine):
    assert over_after(clock, machine, 1.0) == pytest.approx(LIMIT_S, abs=2)


def test_one_that_hangs_is_given_up_soon_after_the_limit(clock, machine):
    assert over_after(clock, machine, 0.0) == pytest.approx(LIMIT_S + STILL_S, abs=2)


def test_one_that_gets_little_of_a_busy_machine_has_as_much_to_compute(clock, machine):
    assert over_after(clock, machine, 0.015) == pytest.approx(LIMIT_S / 0.015, rel=0.01)


def test_one_that_hangs_after_a_long_time_on_a_busy_machine_is_given_up(clock, machine):
    for _ in range(3000):
        machine.go_on(1.0, 0.01)
        assert not clock.is_over
    assert over_after(clock, machine, 0.0) == pytest.approx(STILL_S, abs=2)


def test_the_next_file_has_the_limit_for_itself(clock, machine):
    over_after(clock, machine, 1.0)
    clock.start()
    assert not clock.is_over
    assert over_after(clock, machine, 1.0) == pytest.approx(LIMIT_S, abs=2)


def test_what_is_left_out_counts_against_no_file(clock, machine):
    machine.go_on(10 * LIMIT_S, 0.0)
    clock.leave_out(10 * LIMIT_S)
    assert over_after(clock, machine, 1.0) == pytest.approx(LIMIT_S, abs=2)
