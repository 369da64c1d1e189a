"""How much of its speed a job of the user keeps while photos are scanned.

    python tests/benchmarks/quiet.py FOLDER [--rounds 7] [--seconds 2] [--same-session]

The job computes in one process, then in one a core; it is timed alone, beside `photoclust scan` of
the photos in FOLDER, and beside as many busy loops as there are cores: of the lowest priority, and
of the same priority as the job. All take turns in every round, and the shares are of what the job
did alone in the same round. The job has a session of its own, as what is started in another
terminal or from the desktop has; with `--same-session` it has that of the scan.

The loops tell what priorities can do on this machine: where two of its cores are threads of one,
or are shared with other machines, whoever computes beside the job slows it down whatever the
priority.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from common import PHOTOCLUST, Judge, environment, spread

from photoclust.console import table
from photoclust.services.worker_pool import usable_cores

WANTED_SHARE = 0.9
START_S = 120.0
_JOB = """
import sys, time
end, done = time.perf_counter() + float(sys.argv[1]), 0
while time.perf_counter() < end:
    sum(range(2000))
    done += 1
print(done)
"""
_LOOP = """
import sys
from photoclust.services import priority
if sys.argv[1] == "lowest":
    priority.lower_fully()
print("ready", flush=True)
while True:
    sum(range(2000))
"""


def job(processes: int, seconds: float, *, own_session: bool) -> int:
    """How much a job of so many processes does."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _JOB, str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=own_session,
        )
        for _ in range(processes)
    ]
    return sum(int(process.communicate()[0]) for process in started)


@contextmanager
def busy_loops(priority: str) -> Iterator[None]:
    """One on each core."""
    loops = [
        subprocess.Popen([sys.executable, "-c", _LOOP, priority], stdout=subprocess.PIPE, text=True)
        for _ in range(usable_cores())
    ]
    try:
        for loop in loops:
            assert loop.stdout is not None
            loop.stdout.readline()
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.communicate()


@dataclass
class Scan:
    """A scan that goes on only while it is wanted, and begins anew when it is through."""

    photos: Path
    top: Path
    runs: int = 0
    process: psutil.Popen | None = None

    @contextmanager
    def going_on(self) -> Iterator[None]:
        if self.process is None or self.process.poll() is not None:
            self._start()
        self._each(psutil.Process.resume)
        yield
        if self.process.poll() is not None:
            raise RuntimeError("the scan was through too soon: give it more photos")
        self._each(psutil.Process.suspend)

    def end(self) -> None:
        self._each(psutil.Process.kill)
        if self.process is not None:
            self.process.wait()

    def _start(self) -> None:
        self.runs += 1
        library = self.top / f"library {self.runs}"
        command = [*PHOTOCLUST, "scan", str(self.photos), "--library", str(library)]
        self.process = psutil.Popen(
            command, env=environment(self.top), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_S
        while not any((library / "thumbnails").rglob("*.*")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no photo of {self.photos} was read")
            time.sleep(0.1)

    def _each(self, act: Callable[[psutil.Process], None]) -> None:
        if self.process is not None:
            with suppress(psutil.NoSuchProcess):
                for each in (*self.process.children(recursive=True), self.process):
                    with suppress(psutil.NoSuchProcess):
                        act(each)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--same-session", action="store_true")
    asked = parser.parse_args()
    jobs = {"one process": 1, f"{usable_cores()} processes": usable_cores()}
    judge = Judge()
    with tempfile.TemporaryDirectory(prefix="photoclust-quiet-") as top:
        scan = Scan(asked.folder.resolve(), Path(top))
        beside: dict[str, Callable[[], AbstractContextManager[None]]] = {
            "alone": nullcontext,
            "a scan": scan.going_on,
            "loops of the lowest priority": lambda: busy_loops("lowest"),
            "loops of the same priority": lambda: busy_loops("same"),
        }
        shares: dict[tuple[str, str], list[float]] = {}
        try:
            for _ in range(asked.rounds):
                for name, processes in jobs.items():
                    done = {}
                    for what, neighbour in beside.items():
                        with neighbour():
                            done[what] = job(
                                processes, asked.seconds, own_session=not asked.same_session
                            )
                        shares.setdefault((name, what), []).append(done[what] / done["alone"])
        finally:
            scan.end()
    table(
        ("A job of", "beside", "keeps of its speed"),
        [
            (name, what, spread(values, 3))
            for (name, what), values in shares.items()
            if what != "alone"
        ],
    )
    for name in jobs:
        kept = statistics.median(shares[name, "a scan"])
        judge.judge(
            f"a job of {name} keeps {kept:.0%} beside a scan, {WANTED_SHARE:.0%} wanted",
            kept >= WANTED_SHARE,
        )
    raise SystemExit(bool(judge.misses))


if __name__ == "__main__":
    main()
