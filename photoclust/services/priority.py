"""How far a process stands back for whatever else the user does with the machine.

Two steps: what computes for minutes or hours takes only what nobody else wants; what writes the
library stands back less, because a name that is given meanwhile waits for its transactions.
"""

import contextlib
import os
import sys
import time
from pathlib import Path

WRITER_NICENESS = 15
_LOWEST = 19
_TRIES = 20
_WAIT_S = 0.1
"""The kernel takes one word on a group of sessions every 100 ms, from all processes together."""


def lower_writer() -> None:
    """Let this process, which writes the library, run after what the user does."""
    if sys.platform == "win32":
        import psutil  # noqa: PLC0415 - the window need not wait for it

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(WRITER_NICENESS)


def lower_fully() -> None:
    """Let this process, and what it starts from now on, have what nobody else wants of the
    processor and the disks. For a process that holds no lock: it may stand still for seconds.

    What the system does not allow is left as it is.
    """
    if sys.platform == "win32":
        import psutil  # noqa: PLC0415 - the window need not wait for it

        process = psutil.Process()
        process.nice(psutil.IDLE_PRIORITY_CLASS)
        process.ionice(psutil.IOPRIO_LOW)
        return
    os.nice(_LOWEST)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            # Whatever wakes up goes before it at once; its reading from disks is idle by that, too.
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        _lower_session()


def _lower_session() -> None:
    """Stand back for what runs in other sessions, too.

    Where Linux shares the processor out among sessions first (sched(7), autogroup), as most
    desktops do, a niceness counts within one session only: a scan that the window started took
    half of each core from a job in a terminal. So this process gets a session of its own, and that
    is lowered.
    """
    try:
        os.setsid()
    except OSError:
        return  # it would lower others along with this one
    for _ in range(_TRIES):
        try:
            Path("/proc/self/autogroup").write_text(str(_LOWEST), encoding="ascii")
        except BlockingIOError:
            time.sleep(_WAIT_S)
        except OSError:  # no groups here
            return
        else:
            return
