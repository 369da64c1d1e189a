"""No network, and no file outside photoclust's own folders: its system calls show it (Linux).

`photoclust scan`, `photoclust group` and the window (off screen) run under strace, with an empty
home folder and without the variable CI, which is said to silence the telemetry of libraries. The
scan has enough to do for `--seconds`, as telemetry may wait a minute before it speaks. Listed are:
sockets of any family but AF_UNIX, and everything made, opened for writing, renamed or deleted
outside the folders for the library, the cache and the settings. Exit code 1 if there is any.

    apt-get install strace
    python tests/benchmarks/privacy.py
    python tests/benchmarks/privacy.py --selftest   (plants both faults and must see them)
"""

import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from common import PHOTOCLUST, environment, parser
from PIL import Image

from photoclust.console import table
from photoclust.core.paths import APP_NAME, resource

CALLS = (
    "%network,?open,openat,?creat,?mkdir,mkdirat,?rename,?renameat,?renameat2,?unlink,unlinkat,"
    "?rmdir,?link,linkat,?symlink,symlinkat"
)
PHOTOS = 3000
GRACE_S = 20.0
HARMLESS = re.compile(r"/dev/(null|tty|pts/\d+|urandom)|/proc/(self|\d+)/.*|(pipe|socket):.*")
BYTE_CODE = re.compile(r".*/__pycache__(/[^/]*)?")
"""The interpreter's own cache beside each module, whichever program imports it."""
SHARED_MEMORY = "/dev/shm/"
FAULTS = """
import socket, sys
from contextlib import suppress
with suppress(OSError):
    socket.create_connection(("127.0.0.1", 9), 1)
open(sys.argv[1], "w").close()
"""

_CALL = re.compile(r"(\w+)\((.*)\)\s+=\s+(-?\d+)(?:<(.*)>)?")
_TEXT = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")


@dataclass
class Findings:
    """What the traces showed. `noted` is told but is no fault."""

    faults: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    calls: int = 0


def trace(
    command: list[str], log: Path, environ: dict[str, str], seconds: float | None = None
) -> float:
    """Run a command under strace, ask it to end after `seconds`; how long it ran.

    The calls of every process go to `log`.PID. Ends the benchmark when the command fails.
    """
    strace = ["strace", "-ff", "-qq", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(log)]
    start = time.monotonic()
    tracer = subprocess.Popen([*strace, *command], env=environ, stdout=subprocess.DEVNULL)
    try:
        if tracer.wait(seconds):
            raise SystemExit(f"{' '.join(command)} failed with {tracer.returncode}")
    except subprocess.TimeoutExpired:
        traced = psutil.Process(tracer.pid).children(recursive=True)
        traced[0].terminate()
        _, alive = psutil.wait_procs(traced, GRACE_S)
        for process in alive:
            process.kill()
        tracer.wait()
    return time.monotonic() - start


def judge(log: Path, own: list[Path]) -> Findings:
    """Read the traces beside `log`; `own` are the folders in which anything may be written."""
    findings = Findings()
    for path in sorted(log.parent.glob(f"{log.name}.*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            findings.calls += 1
            families = set(re.findall(r"\bAF_[A-Z0-9]+", line)) - {"AF_UNIX", "AF_UNSPEC"}
            if families:
                findings.faults[f"network: {line}"] += 1
            elif line.startswith("connect("):
                findings.noted[f"local socket: {line}"] += 1
            elif call := _CALL.match(line):
                for target in written_paths(*call.groups()):
                    file_verdict(Path(target), call[1], own, findings)
    return findings


def written_paths(name: str, arguments: str, result: str, opened: str | None) -> list[str]:
    """The paths that a successful call made, changed or deleted."""
    if int(result) < 0:
        return []
    if name in {"open", "openat", "creat"}:
        return [opened or ""] if name == "creat" or _WRITES.search(arguments) else []
    if name.startswith(("mkdir", "rename", "unlink", "rmdir", "link", "symlink")):
        return [
            f"{folder}/{text}" if folder and text[:1] != "/" else text
            for folder, text in _TEXT.findall(arguments)
        ]
    return []


def file_verdict(path: Path, call: str, own: list[Path], findings: Findings) -> None:
    """Count a write to `path` as a fault, as something to tell, or as nothing."""
    name = str(path).removesuffix(" (deleted)")
    if any(Path(name).is_relative_to(folder) for folder in own) or HARMLESS.fullmatch(name):
        return
    if call.startswith("mkdir") and any(folder.is_relative_to(name) for folder in own):
        return
    if BYTE_CODE.fullmatch(name):
        findings.noted["byte code of Python modules"] += 1
    elif name.startswith(SHARED_MEMORY):
        findings.noted[f"shared memory: {name}"] += 1
    else:
        findings.faults[f"file: {call} {name}"] += 1


def make_photos(out: Path, count: int) -> None:
    """`count` files, no two alike, from the demo album."""
    out.mkdir()
    originals = []
    for path in sorted(resource("demo", "album").iterdir()):
        with suppress(OSError), Image.open(path) as opened:
            originals.append(opened.convert("RGB"))
    rng = np.random.default_rng(0)
    for number in range(count):
        picture = originals[number % len(originals)].copy()
        picture.putpixel((0, 0), tuple(int(value) for value in rng.integers(0, 256, 3)))
        picture.thumbnail((900, 900 + number))
        picture.save(out / f"{number:05d}.jpg", quality=int(rng.integers(60, 95)))


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--seconds", type=float, default=120, help="of the scan, of the window")
    arguments.add_argument("--count", type=int, default=PHOTOS, help="photos to scan at most")
    arguments.add_argument("--selftest", action="store_true", help="plant faults and see them")
    options = arguments.parse_args()
    if shutil.which("strace") is None:
        raise SystemExit("this needs strace: apt-get install strace")
    with TemporaryDirectory(prefix="photoclust-privacy-") as temporary:
        # strace tells resolved paths.
        folder = Path(temporary).resolve()
        home, library, log = folder / "home", folder / "library", folder / "trace"
        home.mkdir()
        places = (".cache", ".config", ".local/share")
        own = [library, *(home / place / APP_NAME for place in places)]
        environ = environment(home)
        if options.selftest:
            outside = home / "outside.txt"
            trace([sys.executable, "-c", FAULTS, str(outside)], log, environ)
            faults = judge(log, own).faults
            print("\n".join(faults))
            seen = [any(key in fault for fault in faults) for key in ("AF_INET", outside.name)]
            print("both faults were seen" if all(seen) else "a planted fault was NOT seen")
            sys.exit(not all(seen))
        photos = folder / "photos"
        make_photos(photos, options.count)
        where = ["--library", str(library)]
        ran = {}
        for what, command, seconds in (
            ("scan", [*PHOTOCLUST, "scan", str(photos), *where], options.seconds),
            ("group", [*PHOTOCLUST, "group", *where], None),
            ("window", [*PHOTOCLUST, *where], options.seconds),
        ):
            ran[what] = trace(command, log.with_name(f"trace-{what}"), environ, seconds)
        if ran["window"] < options.seconds:
            raise SystemExit("the window did not stay open")
        rows = []
        faults: Counter[str] = Counter()
        for what, seconds in ran.items():
            findings = judge(log.with_name(f"trace-{what}"), own)
            processes = len(list(folder.glob(f"trace-{what}.*")))
            rows.append((what, f"{seconds:.0f}", processes, findings.calls, len(findings.faults)))
            faults += findings.faults
            for line, count in findings.noted.items():
                print(f"{what}: noted {count} ×: {line}")
    table(("", "Seconds", "Threads and processes", "Calls looked at", "Faults"), rows)
    for fault, count in faults.items():
        print(f"{count} × {fault}")
    print("FAULTS" if faults else "no network, nothing written elsewhere")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
