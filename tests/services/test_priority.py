"""How far processes stand back, as the system tells it of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from photoclust.core.progress import JobControl
from photoclust.services import child, priority
from photoclust.services.analysis import AnalysisOptions
from photoclust.services.worker_pool import Known, analyse

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
@pytest.mark.skipif(not GROUP.exists(), reason="this kernel shares nothing out by sessions")
def test_several_processes_lower_their_sessions_at_the_same_time(repository):
    """The kernel takes only one such word every 100 ms, but from root."""
    code = (
        "from pathlib import Path\n"
        "from photoclust.services import priority\n"
        "priority.lower_fully()\n"
        f"print(Path({str(GROUP)!r}).read_text())\n"
    )
    is_limitable = os.geteuid() == 0 and shutil.which("setpriv")
    without = ["setpriv", "--bounding-set=-sys_admin"] if is_limitable else []
    command = [*without, sys.executable, "-c", code]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=repository)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[0] for process in started]
    assert [line.split("nice")[-1].strip() for line in said] == ["19"] * 4


@linux
def test_what_reads_photos_stands_back(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"known")
    seen = []

    def is_known(_):
        workers = [
            each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())
        ]
        seen.extend((each.nice(), os.sched_getscheduler(each.pid)) for each in workers)
        return True

    (known,) = analyse([path], AnalysisOptions(), workers=1, is_known=is_known)
    assert isinstance(known, Known)
    assert seen == [(19, os.SCHED_IDLE)]


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
