"""How far processes stand back, as the system tells it of them."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from photoclust.core.progress import JobControl
from photoclust.services import child, priority

linux = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
GROUP = Path("/proc/self/autogroup")


@pytest.fixture(autouse=True)
def not_equal(monkeypatch):
    """Processes stand back here, as they do not in other tests."""
    monkeypatch.delenv("PHOTOCLUST_TEST_EQUALS")


def standing():
    """Of this process: how nice it is, its scheduling, its session and how nice that is."""
    group = GROUP.read_text(encoding="ascii") if GROUP.exists() else ""
    return (
        psutil.Process().nice(),
        os.sched_getscheduler(0),
        os.getsid(0),
        int(group.split("nice")[1]) if group else None,
    )


def lowered():
    priority.lower_fully()
    return standing(), os.getpid()


def lowered_in_a_session_of_its_own():
    os.setsid()
    return lowered()


def lowered_as_a_writer():
    priority.lower_writer()
    return standing()


def long_work(control):
    return standing(), os.getpid()


@linux
def test_what_computes_for_long_gets_what_nobody_else_wants():
    before = standing()
    (nice, scheduling, session, session_nice), pid = child.call(lowered)
    assert (nice, scheduling) == (19, os.SCHED_IDLE)
    # A niceness counts within a session: this one would compete with the others as an equal.
    assert session == pid
    assert session_nice == (19 if GROUP.exists() else None)
    assert standing() == before, "nothing but that process is lowered"


@linux
def test_one_that_leads_a_session_already_does_not_lower_those_in_it():
    (nice, _, _, session_nice), _ = child.call(lowered_in_a_session_of_its_own)
    assert nice == 19
    assert session_nice in {0, None}


@linux
def test_several_processes_lower_their_sessions_at_the_same_time():
    """The kernel takes only one such word every 100 ms."""
    if not GROUP.exists():
        pytest.skip("this kernel shares nothing out by sessions")
    for _ in range(2):
        assert child.call(lowered)[0][3] == 19


@linux
def test_what_writes_the_library_stands_back_less_and_stays_in_its_session():
    nice, scheduling, session, session_nice = child.call(lowered_as_a_writer)
    assert nice == min(psutil.Process().nice() + priority.WRITER_NICENESS, 19)
    assert scheduling == os.SCHED_OTHER
    assert (session, session_nice) == standing()[2:]


@linux
def test_long_work_stands_back_and_short_work_does_not():
    (nice, scheduling, _, _), _ = child.call(long_work, control=JobControl(), reporting=True)
    assert (nice, scheduling) == (19, os.SCHED_IDLE)
    assert child.call(standing)[0] == psutil.Process().nice()
