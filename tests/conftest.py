"""What holds for every test: no internet, no real home folder, nothing left running.

No Qt here: the layers below the window are tested where Qt cannot even be imported.
"""

import contextlib
import ctypes
import functools
import gc
import hashlib
import importlib.util
import inspect
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
GUARDS = REPOSITORY / "tests" / "guards"
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
SCRATCH = Path(tempfile.mkdtemp(prefix="photoclust-tests-"))
REFUSALS = SCRATCH / "refused-connections.txt"
GRACE_S = float(os.environ.get("PHOTOCLUST_TEST_GRACE_S", "3"))
"""How long threads and processes may take to end after a test."""
HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
"""Processes that multiprocessing starts once and keeps until the interpreter ends."""
WORKER_BYTES = 3 << 30
"""What a process of tests may take that has loaded torch, Qt and all that is tested."""
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 4 << 30
"""What must be free there for the tests' folders to be made in it."""
KERNEL_LISTS_CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children").exists()

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each core has a test of its own: threads of FAISS and BLAS would only wait for one another.
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))


def _point_home_at(folder: Path) -> dict[str, str]:
    """Environment in which settings, data and caches of any program land below `folder`."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, parents=True)  # Qt complains about a runtime folder others can read
    return {
        "HOME": str(folder),
        "USERPROFILE": str(folder),
        "APPDATA": str(folder / "AppData" / "Roaming"),
        "LOCALAPPDATA": str(folder / "AppData" / "Local"),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_DATA_HOME": str(folder / ".local" / "share"),
        "XDG_STATE_HOME": str(folder / ".local" / "state"),
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "XDG_RUNTIME_DIR": str(runtime),
    }


def _keep_folders_in_memory() -> None:
    """Let pytest make its temporary folders in memory, where there is room.

    No test is about power cuts, and every act waits milliseconds for the disk, several times.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_configure() -> None:
    """Put the guards up before any test module, and so before photoclust, is imported."""
    _keep_folders_in_memory()
    os.environ.update(_point_home_at(SCRATCH / "home"))
    # Or every process that a test starts would compile every module anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ["PHOTOCLUST_TEST_REFUSALS"] = str(REFUSALS)
    os.environ["PHOTOCLUST_TEST_EQUALS"] = "1"
    python_path = [str(GUARDS), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(python_path)
    spec = importlib.util.spec_from_file_location("test_guards_here", GUARDS / "sitecustomize.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    # A deadline per example makes tests fail on a busy machine and tells nothing.
    hypothesis.settings.register_profile("photoclust", deadline=None)
    hypothesis.settings.load_profile("photoclust")


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, as one of them always waits for a window, a worker
    or a pause; fewer where memory is short.
    """
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    return max(1, min(cores + 1, psutil.virtual_memory().available // WORKER_BYTES))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[object]:
    """Import what is tested without looking for garbage, and never look through it again.

    What is imported stays. With torch it is 700 000 objects, through all of which the collector
    would go two dozen times while they come, and at each of its great rounds later. Those are
    rarer, too: what a test makes is gone with it, and mostly without a collector.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


def pytest_unconfigure() -> None:
    """Leave nothing behind in the temporary folder."""
    shutil.rmtree(SCRATCH, ignore_errors=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs the extra `train` where it is not installed."""
    if item.get_closest_marker("train") and importlib.util.find_spec("torch") is None:
        pytest.skip("needs torch: install the extra `train`")


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> None:
    """Let all libraries of this process share the SQL that SQLAlchemy made of the statements.

    It keeps that per engine, which is per library: as good as every test would start anew.
    """
    from sqlalchemy import Connection, Engine, event
    from sqlalchemy.dialects import registry
    from sqlalchemy.dialects.sqlite.pysqlite import dialect as sqlite_dialect

    class Alike(sqlite_dialect):
        """SQLite, whichever file it is: what one engine compiled serves another."""

        supports_statement_cache = True

        def __eq__(self, other: object) -> bool:
            return type(self) is type(other)

        def __hash__(self) -> int:
            return hash(type(self))

    compiled: dict[object, object] = {}

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    registry.impls["sqlite"] = lambda: Alike


@pytest.fixture(scope="session", autouse=True)
def commands_built_once() -> Iterator[None]:
    """Let Typer's runner keep the commands that it makes of the application, for each call anew
    otherwise; that takes longer than most of them.
    """
    import typer.testing

    with pytest.MonkeyPatch.context() as patch:
        build = typer.testing._get_command
        patch.setattr(typer.testing, "_get_command", functools.cache(build))
        yield


class PowerLine:
    """What the computer runs on, as a test says, and how often it was kept awake and let sleep."""

    def __init__(self) -> None:
        self.on_battery = False
        self.percent = 80.0
        self.kept = self.let_go = 0

    def supply(self) -> object:
        from photoclust.services.power import Supply

        return Supply(self.on_battery, self.percent)

    @contextlib.contextmanager
    def awake(self) -> Iterator[None]:
        self.kept += 1
        yield
        self.let_go += 1


@pytest.fixture(scope="session", autouse=True)
def plugged_in() -> Iterator[None]:
    """Nothing waits because the computer on which the tests run has a battery."""
    from photoclust.services import power

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            power, "attended", functools.partial(power.attended, supply=PowerLine().supply)
        )
        yield


@pytest.fixture
def power_line(monkeypatch: pytest.MonkeyPatch) -> PowerLine:
    """What long work in this process runs on; it looks often."""
    from photoclust.services import power

    line = PowerLine()
    attended = functools.partial(power.attended, supply=line.supply, awake=line.awake, poll_s=0.02)
    monkeypatch.setattr(power, "attended", attended)
    return line


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, a new one for every test."""
    home = tmp_path_factory.mktemp("home") / "user"
    for name, value in _point_home_at(home).items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Speaks another language, until the test is over."""
    from photoclust.core import language

    monkeypatch.setenv("PHOTOCLUST_LANGUAGE", language.CODE)
    yield language.use
    language.use(language.CODE)


@pytest.fixture(autouse=True)
def refused_connections() -> Iterator[Callable[[], list[str]]]:
    """Fail a test during which anything, in any process, tried to reach the internet.

    The value takes away and returns what was refused so far, for tests that expect a refusal.
    """

    def take() -> list[str]:
        lines = REFUSALS.read_text(encoding="utf-8").splitlines() if REFUSALS.exists() else []
        REFUSALS.unlink(missing_ok=True)
        return lines

    take()
    yield take
    left = take()
    if left:
        pytest.fail(f"the test tried to reach the internet: {'; '.join(left)}")


class DeadServer:
    """What lies in `folder` does not answer between `die` and `revive`, as on a network drive whose
    server is gone: a file system of the kernel's own without anybody behind it is put there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fuse: int | None = None

    def die(self) -> None:
        """Raises OSError where this process may not mount anything."""
        self._fuse = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self._fuse},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
        place = os.fsencode(self.folder)
        if self._libc.mount(b"dead", place, b"fuse", 0, options.encode()):
            os.close(self._fuse)
            self._fuse = None
            raise OSError(ctypes.get_errno(), "cannot be mounted")

    def revive(self) -> None:
        """Whoever waits gets an error; who looks again finds what was there."""
        if self._fuse is not None:
            os.close(self._fuse)
            self._libc.umount2(os.fsencode(self.folder), 2)
            self._fuse = None


class HangingCalls(DeadServer):
    """The same by the calls that Python makes, where nothing may be mounted."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._answers = threading.Event()
        self._answers.set()
        for owner, name in ((os, "stat"), (os, "lstat"), (os, "scandir"), (io, "open")):
            monkeypatch.setattr(owner, name, self._hanging(getattr(owner, name)))

    def die(self) -> None:
        self._answers.clear()

    def revive(self) -> None:
        self._answers.set()

    def _hanging(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def hang(path: Any = ".", *args: Any, **options: Any) -> Any:
            if isinstance(path, str | Path) and Path(path).is_relative_to(self.folder):
                self._answers.wait()
            return call(path, *args, **options)

        return hang


@pytest.fixture
def dead_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_left_running: None
) -> Iterator[DeadServer]:
    """A folder on a server that can die. A second is long enough to wait for it."""
    from photoclust.media import answering

    monkeypatch.setattr(answering, "LIMIT_S", 0.5)
    monkeypatch.setattr(answering, "PATIENT_S", 0.5)
    folder = tmp_path / "server"
    folder.mkdir()
    server = DeadServer(folder)
    try:
        server.die()
        server.revive()
    except (OSError, AttributeError):
        server = HangingCalls(folder, monkeypatch)
    yield server
    server.revive()


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread or a process behind, and end the processes."""
    threads, processes = set(threading.enumerate()), set(_children())
    yield
    deadline = time.monotonic() + GRACE_S
    while True:
        # A foreign thread (one of Qt's) that once ran Python code stays listed for ever, and what
        # looks after the progress bars of torch's exporter lives as long as its process.
        left_threads = [
            thread
            for thread in set(threading.enumerate()) - threads
            if thread.is_alive()
            and not isinstance(thread, threading._DummyThread)
            and thread.name != "tqdm_monitor"
        ]
        left_processes = [child for child in _children() if child not in processes]
        if not left_threads and not left_processes:
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    described = [f"thread {thread.name}" for thread in left_threads]
    for child in left_processes:
        described.append(f"process {child.pid}")
        child.kill()
    pytest.fail(f"left running {GRACE_S:g} s after the test: {', '.join(described)}")


_helpers: set[int] = set()
"""The ids of those that were seen: what is known of them need not be read twice a test."""


def _children() -> list[psutil.Process]:
    found = []
    for child in _descendants(os.getpid()):
        if child.pid in _helpers:
            continue
        try:
            if child.status() != psutil.STATUS_ZOMBIE and not _is_helper(child):
                found.append(child)
        except psutil.NoSuchProcess:  # it ended between the two looks
            continue
    return found


def _descendants(process: int) -> list[psutil.Process]:
    if not KERNEL_LISTS_CHILDREN:
        return psutil.Process(process).children(recursive=True)
    # psutil looks through all processes of the machine, which takes longer than many a test.
    found = []
    for pid in _child_ids(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [psutil.Process(pid), *_descendants(pid)]
    return found


def _child_ids(pid: int) -> list[int]:
    ids: list[int] = []
    with contextlib.suppress(OSError):  # the process has ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):  # this thread has ended
                ids += map(int, (task / "children").read_text(encoding="ascii").split())
    return ids


def _is_helper(child: psutil.Process) -> bool:
    # What a fork server forks bears its command line, so only a child of this process counts.
    command = " ".join(child.cmdline())
    if child.ppid() == os.getpid() and any(name in command for name in HELPERS):
        _helpers.add(child.pid)
        return True
    return False


class Mounts:
    """Mounts file systems, and unmounts those that are left."""

    def __init__(self) -> None:
        self._mounted: list[Path] = []

    def __call__(self, folder: Path, *arguments: str) -> Path:
        """Call mount(8) with `arguments` for `folder`, which is made when missing."""
        if not sys.platform.startswith("linux") or shutil.which("mount") is None:
            pytest.skip("needs mount(8) of Linux")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", *arguments, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"may not mount here: {done.stderr.strip()}")
        self._mounted.append(folder)
        return folder

    def again(self, folder: Path, options: str) -> None:
        """Mount what is mounted on `folder` with other `options`."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)

    def undo(self, folder: Path) -> None:
        """Unmount it."""
        # Lazy: whoever looks into it at the moment would keep it mounted.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        self._mounted.remove(folder)

    def undo_all(self) -> None:
        """Unmount what is left, the last one first."""
        for folder in reversed(self._mounted.copy()):
            self.undo(folder)


@pytest.fixture
def mount() -> Iterator[Mounts]:
    """`mount(folder, *arguments)`, where the process may; it ends with the test."""
    mounts = Mounts()
    yield mounts
    mounts.undo_all()


class _Line:
    """The pipe of a worker that is no process: what it sends is kept, its questions are answered
    at once.
    """

    def __init__(self, is_known: Callable[[str], bool], is_same: Callable[[str], bool]) -> None:
        self._ask = {"Hashed": is_known, "Decoded": is_same}
        self._answers: list[bool] = []
        self.outcomes: list[object] = []

    def send(self, message: object) -> None:
        kind = type(message).__name__
        if kind in self._ask:
            (digest,) = (getattr(message, name) for name in message.__slots__)
            self._answers.append(self._ask[kind](digest))
        elif kind not in {"Started", "Loading", "NextPart"}:
            self.outcomes.append(message)

    def recv(self) -> bool:
        return self._answers.pop()


class _Remembering:
    """A bundled network that makes of the same but once what it makes of it.

    That hangs on nothing else, and most tests look at the few photos of the bundled album.
    """

    def __init__(self, network: object) -> None:
        self.spec = network.spec
        self.engine = network.engine
        self._network = network
        self._made: dict[bytes, object] = {}

    def detect(
        self, images: Sequence[object], min_score: float | None = None
    ) -> list[list[object]]:
        found = self._once(lambda: self._network.detect(images, min_score), images, min_score)
        return [list(each) for each in found]

    def embed(self, crops: object) -> object:
        return self._once(lambda: self._network.embed(crops), [crops], None).copy()

    def _once(
        self, make: Callable[[], object], arrays: Sequence[object], setting: float | None
    ) -> object:
        about = hashlib.blake2b(repr(setting).encode())
        for array in arrays:
            about.update(repr((array.shape, array.dtype.str)).encode() + array.tobytes())
        key = about.digest()
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


@functools.cache
def _remembering(load: Callable[..., object]) -> Callable[..., object]:
    """As `load`, but a bundled network is loaded once for all tests. One of a library's own is
    loaded anew each time: its folder goes with the test.
    """
    from photoclust.vision import models

    signature = inspect.signature(load)

    @functools.cache
    def bundled(model: str, threads: int, engine: object) -> _Remembering:
        return _Remembering(load(model, threads, engine=engine))

    @functools.wraps(load)
    def loaded(*given: object, **named: object) -> object:
        asked = signature.bind(*given, **named)
        asked.apply_defaults()
        model, threads, engine = (asked.arguments[key] for key in ("model_id", "threads", "engine"))
        if any(model == spec.id for spec in models.list_models()):
            return bundled(model, threads, engine)
        return load(*asked.args, **asked.kwargs)

    return loaded


@pytest.fixture
def in_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real scans and groupings, without the seconds that processes of their own take to start and
    to load the networks; for all tests of a module but those with the mark `processes`.
    """
    if not request.node.get_closest_marker("processes"):
        _work_in_process(monkeypatch)


@pytest.fixture(scope="session")
def without_processes() -> Callable[[], AbstractContextManager[None]]:
    """`with without_processes(): …` is as `in_process`, for what a fixture makes for many tests."""

    @contextlib.contextmanager
    def in_process() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            _work_in_process(patch)
            yield

    return in_process


def _work_in_process(patch: pytest.MonkeyPatch) -> None:
    from photoclust.core.progress import JobControl
    from photoclust.services import (
        child,
        deputy,
        ingest,
        labelled,
        reembedding,
        training_crops,
        verifying,
        worker,
    )
    from photoclust.services.analysis import Analyst
    from photoclust.services.known_faces import FacesToCut, KnownFaceEmbedder
    from photoclust.vision import models

    def call(
        function: Callable,
        *args: object,
        control: JobControl | None = None,
        reporting: bool = False,
        **options: object,
    ) -> object:
        if control is not None:
            control.checkpoint()
        if reporting:
            options["control"] = control
        return function(*args, **options)

    def analyse(
        paths: Iterable[Path],
        options: object,
        *,
        workers: int | None = None,
        is_known: Callable[[str], bool] = lambda _: False,
        is_known_picture: Callable[[str], bool] = lambda _: False,
        control: JobControl,
    ) -> Iterator[object]:
        line = _Line(is_known, is_known_picture)
        desk = worker._Desk(line, Analyst(options))
        for path in paths:
            control.checkpoint()
            with desk.recorded(path):
                desk.read(path)
            desk.finish_pending()
            yield from line.outcomes
            line.outcomes.clear()

    def embed_known(
        faces: Iterable[object],
        options: object,
        *,
        workers: int | None = None,
        control: JobControl,
    ) -> Iterator[object]:
        line = _Line(lambda _: False, lambda _: False)
        desk = worker._Desk(line, None, KnownFaceEmbedder(options))
        for each in faces:
            control.checkpoint()
            with desk.recorded(each.path):
                desk.embed_known(each)
            yield from line.outcomes
            line.outcomes.clear()

    def cut_known(
        faces: Iterable[object],
        side: int,
        *,
        workers: int | None = None,
        control: JobControl,
    ) -> Iterator[object]:
        line = _Line(lambda _: False, lambda _: False)
        desk = worker._Desk(line, None)
        for each in faces:
            control.checkpoint()
            with desk.recorded(each.path):
                desk.cut_known(FacesToCut(each, side))
            yield from line.outcomes
            line.outcomes.clear()

    patch.setattr(worker, "_ROOMY_BYTES", 2**40)  # a process of tests is not a worker
    patch.setattr(child, "call", call)
    patch.setattr(deputy, "call", lambda library, work, *args, **told: work(library, *args, **told))
    patch.setattr(ingest, "analyse", analyse)
    patch.setattr(labelled, "analyse", analyse)
    patch.setattr(verifying, "analyse", analyse)
    patch.setattr(reembedding, "embed_known", embed_known)
    patch.setattr(training_crops, "cut_known", cut_known)
    for load in (models.load_detector, models.load_embedder):
        patch.setattr(models, load.__name__, _remembering(load))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the photo sets that are not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the photo sets are not there: {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def demo_album() -> Path:
    """The bundled album, to be read only."""
    return REPOSITORY / "resources" / "demo" / "album"


@pytest.fixture(scope="session")
def as_film() -> Callable:
    """`as_film(pixels, colour=…)` gives what a camera sees of the negative of a photo ([h, w, 3])
    on a light table: densities that grow with the exposure, the orange mask, grain.
    """
    import numpy as np

    def negative(pixels, *, colour, mask=0.8, seed=0):
        light = (pixels / 255.0) ** 2.2
        if not colour:
            light = np.repeat(light.mean(axis=2, keepdims=True), 3, axis=2)
        density = 0.6 * (np.log10(light + 0.01) + 2)
        if colour:
            density = density * (1, 1.05, 1.15) + mask * np.array((0, 0.42, 0.64))
        density = density + np.random.default_rng(seed).normal(0, 0.01, density.shape) + 0.1
        return (255 * np.clip(10**-density, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)

    return negative


@pytest.fixture(scope="session")
def repository() -> Path:
    """The project's top folder."""
    return REPOSITORY


@pytest.fixture(scope="session")
def empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a new library; to be copied, not opened."""
    from photoclust.store.database import Library

    folder = tmp_path_factory.mktemp("empty") / "library"
    Library(folder).close()
    return folder


@pytest.fixture
def library(empty_library: Path, tmp_path: Path) -> Iterator[object]:
    """An empty library, open: a copy, which takes a fifth of the time of making one."""
    from photoclust.store.database import Library

    with Library(shutil.copytree(empty_library, tmp_path / "library")) as library:
        yield library


@pytest.fixture(scope="session")
def begin_library(
    empty_library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], object]:
    """`with begin_library() as library: …` makes once what many tests begin with a copy of."""
    from photoclust.store.database import Library

    def begin() -> Library:
        return Library(shutil.copytree(empty_library, tmp_path_factory.mktemp("begun") / "library"))

    return begin


@pytest.fixture(scope="session")
def fill() -> Callable[[object, Path], None]:
    """`fill(library, folder)`: puts into a library, which is empty and open, what is in that of
    `folder`, which is closed.
    """
    from photoclust.core.paths import LIBRARY_FILE, LOCK_FILE

    def put(library: object, folder: Path) -> None:
        # Not by copying the file: the library is open.
        with contextlib.closing(sqlite3.connect(folder / LIBRARY_FILE)) as source:
            library.run_outside(source.backup)
        besides = shutil.ignore_patterns(f"{LIBRARY_FILE}*", LOCK_FILE)
        shutil.copytree(folder, library.folder, ignore=besides, dirs_exist_ok=True)

    return put


@pytest.fixture(scope="session")
def crowd_in() -> Callable[..., object]:
    """What puts photos with one made-up face each into a library: see `Crowd` in it."""
    import numpy as np
    from sqlalchemy import insert, select

    from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata
    from photoclust.store import faces as face_store
    from photoclust.store import files as file_store
    from photoclust.store import photos as photo_store
    from photoclust.store import schema
    from photoclust.vision.models import DEFAULT_EMBEDDER

    size = (400, 300)
    points = ((70, 70), (110, 70), (90, 95), (75, 115), (105, 115))

    @dataclass
    class Crowd:
        """Puts photos with one face each into a library; faces of one person are alike."""

        library: object
        made: int = 0

        def photos_of(self, person: int, count: int) -> list[int]:
            """As many photos of the person with this number; the ids of their faces."""
            centre = np.random.default_rng([1, person]).standard_normal(512)
            with self.library.write() as tx:
                return self._with_others(tx, self._photo(tx, centre), centre, count)

        def _vector(self, centre: np.ndarray) -> np.ndarray:
            noise = np.random.default_rng([2, self.made]).standard_normal(512)
            vector = (centre + 0.4 * noise).astype(np.float32)
            return vector / np.linalg.norm(vector)

        def _with_others(self, tx: object, first: int, centre: np.ndarray, count: int) -> list[int]:
            """The face `first`, and with it `count` faces in all: the rows of the others are those
            of the first with what is their own. One after the other takes ten times as long.
            """
            tables = schema.photo, schema.file, schema.face, schema.vector
            (photo_id,) = tx.execute(
                select(schema.face.c.photo_id).where(schema.face.c.id == first)
            ).one()
            keys = (
                schema.photo.c.id,
                schema.file.c.photo_id,
                schema.face.c.id,
                schema.vector.c.face_id,
            )
            ids = photo_id, photo_id, first, first
            photo, file, face, vector = (
                dict(tx.execute(select(table).where(key == number)).one()._mapping)
                for table, key, number in zip(tables, keys, ids, strict=True)
            )
            rows: tuple[list[dict[str, object]], ...] = ([], [], [], [])
            for number in range(1, count):
                self.made += 1
                place = {"photo_id": photo_id + number}
                name = {"path": Path(f"/photos/{self.made}.jpg"), "id": file["id"] + number}
                rows[0].append({**photo, "id": photo_id + number})
                digest = bytes.fromhex(f"{self.made:040x}")
                rows[1].append({**file, **place, **name, "hash": digest})
                quality = {"id": first + number, "quality": 0.5 + self.made / 1000}
                rows[2].append({**face, **place, **quality})
                data = self._vector(centre).astype(np.float16).tobytes()
                rows[3].append({**vector, "face_id": first + number, "data": data})
            for table, made in zip(tables, rows, strict=True):
                if made:
                    tx.execute(insert(table), made)
            return [first + number for number in range(count)]

        def _photo(self, tx: object, centre: np.ndarray) -> int:
            self.made += 1
            face = FoundFace(
                Detection(Box(40, 30, 100, 110), points, 0.9),
                0.5 + self.made / 1000,
                self._vector(centre),
            )
            stat = FileStat(Path(f"/photos/{self.made}.jpg"), 1, 1)
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=size,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            file_store.write_file(tx, stat, photo, f"{self.made:040x}")
            (number,) = face_store.replace_faces(tx, photo, [face], size, DEFAULT_EMBEDDER)
            return number

    return Crowd


def _people(
    rng: object, count: int, faces: object, spread: float = 0.5, dim: int = 32
) -> tuple[object, object]:
    # Not above: numpy would start its threads before there is a limit to them.
    import numpy as np

    centres = rng.normal(size=(count, dim))
    truth = np.repeat(np.arange(count), faces)
    vectors = centres[truth] + spread * rng.normal(size=(len(truth), dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), truth


@pytest.fixture
def people() -> Callable:
    """`people(rng, count, faces, spread, dim)`: unit vectors and who is who.

    `faces` is how many each has, or [count] how many.
    """
    return _people


@dataclass
class OwnModels:
    """Makes own models in folders: small ones, and the bundled one with a matrix behind it."""

    def small(self, own: Path, name: str, dimension: int = 8, **changes: object) -> Path:
        """A model in `own` that takes crops of 32 px for their colours, as `dimension` numbers;
        `changes` are what its record says instead.
        """
        import numpy as np

        weights = np.random.default_rng(dimension).standard_normal((dimension, 3))
        return self._write(own, name, {"network.onnx": _colours(weights)}, dimension, 32, changes)

    def behind(
        self, own: Path, name: str, weights: object, *, head: bool = True, **changes: object
    ) -> Path:
        """The bundled network with `weights` [d, 512] behind it, and that as a head of its own."""
        files = {"network.onnx": _with_matrix(weights)}
        if head:
            files["head.onnx"] = _matrix(weights)
            changes = {"head": {"of": "facenet-vggface2", "file": "head.onnx"}, **changes}
        return self._write(own, name, files, len(weights), 160, changes)

    def _write(
        self,
        own: Path,
        name: str,
        files: dict[str, bytes],
        dimension: int,
        side: int,
        changes: dict[str, object],
    ) -> Path:
        folder = own / name
        folder.mkdir(parents=True, mode=0o700)
        own.chmod(0o700)
        for file, data in files.items():
            (folder / file).write_bytes(data)
        (folder / "licence.txt").write_text("Made for a test.\n")
        people = changes.pop("people", [])
        (folder / "people.json").write_text(json.dumps(people))
        record = {
            "id": name,
            "kind": "embedder",
            "implementation": "facenet",
            "title": "Made for a test",
            "files": [
                {"name": file, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
                for file, data in files.items()
            ],
            "licence": "MIT",
            "licence_file": "licence.txt",
            "source": {"origin": "a test"},
            "input_size": side,
            "channel_order": "RGB",
            "mean": 127.5,
            "std": 128.0,
            "dimension": dimension,
            "thresholds": {"same": 0.435, "far_1e-3": 0.558, "far_1e-4": 0.636},
            "calibration": {"pair": [15.128, -5.555], "match": [3.162, -7.91]},
            "accuracy": {},
            **changes,
        }
        (folder / "manifest.json").write_text(json.dumps([record]))
        for path in folder.iterdir():
            path.chmod(0o600)
        return folder


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., Path]:
    """Writes a video of pictures, each for a second, with a key frame at its beginning."""
    from fractions import Fraction

    import av

    def make(
        path: Path,
        pictures: Sequence[object],
        *,
        codec: str = "libx264",
        rate: int = 10,
        aspect: int = 1,
        metadata: Mapping[str, str] | None = None,
        options: Mapping[str, str] | None = None,
    ) -> Path:
        kind = "mpegts" if path.suffix == ".mts" else None
        rate = 25 if codec == "mpeg2video" else rate
        with av.open(str(path), "w", format=kind, options=dict(options or {})) as container:
            container.metadata.update(metadata or {})
            stream = container.add_stream(codec, rate=rate)
            stream.width, stream.height = pictures[0].size
            stream.pix_fmt = "yuv420p"
            stream.codec_context.gop_size = rate
            stream.codec_context.sample_aspect_ratio = Fraction(aspect)
            for picture in pictures:
                for _ in range(rate):
                    container.mux(stream.encode(av.VideoFrame.from_image(picture)))
            container.mux(stream.encode(None))
        return path

    return make


@pytest.fixture(scope="session")
def own_models() -> OwnModels:
    """Makes own models; see there."""
    pytest.importorskip("onnx", reason="needs onnx: install the extra `build`")
    return OwnModels()


class NamedPhotos:
    """Writes XMP as other programs do, and photos that hold it."""

    NAMESPACES = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
        'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" '
        'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" '
        'xmlns:MP="http://ns.microsoft.com/photo/1.2/" '
        'xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#" '
        'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" '
        'xmlns:pc="https://photoclust.org/ns/faces/1.0/"'
    )

    def document(self, *properties: str) -> bytes:
        """An XMP packet of these properties."""
        inner = "".join(properties)
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
            f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {self.NAMESPACES}>'
            f'<rdf:Description rdf:about="">{inner}</rdf:Description>'
            '</rdf:RDF></x:xmpmeta>   <?xpacket end="w"?>'
        ).encode()

    def mwg(
        self,
        faces: dict[str, tuple[float, float, float, float]],
        size: tuple[int, int] | None,
        *,
        kind: str = "Face",
        extra: str = "",
        as_attributes: bool = False,
    ) -> str:
        """MWG regions: `faces` are left, top, width and height in the stored picture by name."""
        items = []
        for name, (x, y, w, h) in faces.items():
            area = {"x": x + w / 2, "y": y + h / 2, "w": w, "h": h, "unit": "normalized"}
            if as_attributes:
                told = " ".join(f'stArea:{key}="{value}"' for key, value in area.items())
                items.append(
                    f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="{kind}">'
                    f"<mwg-rs:Area {told}/>{extra}</rdf:Description></rdf:li>"
                )
                continue
            told = "".join(f"<stArea:{key}>{value}</stArea:{key}>" for key, value in area.items())
            items.append(
                '<rdf:li rdf:parseType="Resource"><mwg-rs:Area rdf:parseType="Resource">'
                f"{told}</mwg-rs:Area><mwg-rs:Name>{name}</mwg-rs:Name>"
                f"<mwg-rs:Type>{kind}</mwg-rs:Type>{extra}</rdf:li>"
            )
        applied = (
            ""
            if size is None
            else f'<mwg-rs:AppliedToDimensions stDim:w="{size[0]}" stDim:h="{size[1]}" '
            'stDim:unit="pixel"/>'
        )
        return (
            f'<mwg-rs:Regions rdf:parseType="Resource">{applied}<mwg-rs:RegionList><rdf:Bag>'
            f"{''.join(items)}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
        )

    def people_tags(
        self, faces: dict[str, tuple[float, float, float, float]], *, as_attributes: bool = False
    ) -> str:
        """Microsoft people tags."""
        items = []
        for name, box in faces.items():
            place = ", ".join(map(str, box))
            items.append(
                f'<rdf:li MPReg:PersonDisplayName="{name}" MPReg:Rectangle="{place}"/>'
                if as_attributes
                else '<rdf:li rdf:parseType="Resource">'
                f"<MPReg:PersonDisplayName>{name}</MPReg:PersonDisplayName>"
                f"<MPReg:Rectangle>{place}</MPReg:Rectangle></rdf:li>"
            )
        return (
            '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>'
            f"{''.join(items)}</rdf:Bag></MPRI:Regions></MP:RegionInfo>"
        )

    def into_jpeg(self, path: Path, packet: bytes) -> None:
        """Put a packet into the JPEG file `path`."""
        data = path.read_bytes()
        content = b"http://ns.adobe.com/xap/1.0/\0" + packet
        segment = b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content
        path.write_bytes(data[:2] + segment + data[2:])


@pytest.fixture(scope="session")
def named_photos() -> NamedPhotos:
    """What writes names as other programs do."""
    return NamedPhotos()


def _graph(nodes: list, tensors: list, source: tuple, dimension: int) -> bytes:
    import onnx
    from onnx import helper

    last = helper.make_node("LpNormalization", ["raw"], ["vectors"], axis=1, p=2)
    output = helper.make_tensor_value_info("vectors", onnx.TensorProto.FLOAT, ["N", dimension])
    given = helper.make_tensor_value_info(source[0], onnx.TensorProto.FLOAT, source[1])
    graph = helper.make_graph([*nodes, last], "test", [given], [output], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return model.SerializeToString()


def _gemm(source: str, weights: object, target: str) -> tuple[object, object]:
    import numpy as np
    from onnx import helper, numpy_helper

    tensor = numpy_helper.from_array(np.asarray(weights, np.float32), "weights")
    return helper.make_node("Gemm", [source, "weights"], [target], transB=1), tensor


def _colours(weights: object) -> bytes:
    from onnx import helper

    node, tensor = _gemm("flat", weights, "raw")
    nodes = [
        helper.make_node("GlobalAveragePool", ["crops"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        node,
    ]
    return _graph(nodes, [tensor], ("crops", ["N", 3, 32, 32]), len(weights))


def _matrix(weights: object) -> bytes:
    node, tensor = _gemm("known", weights, "raw")
    return _graph([node], [tensor], ("known", ["N", len(weights[0])]), len(weights))


def _with_matrix(weights: object) -> bytes:
    import onnx
    from onnx import helper

    model = onnx.load(str(REPOSITORY / "resources" / "models" / "facenet-vggface2.onnx"))
    graph = model.graph
    (last,) = (node for node in graph.node if "vectors" in node.output)
    last.output[list(last.output).index("vectors")] = "bundled"
    node, tensor = _gemm("bundled", weights, "raw")
    tail = helper.make_node("LpNormalization", ["raw"], ["vectors"], axis=1, p=2)
    graph.node.extend([node, tail])
    graph.initializer.append(tensor)
    del graph.output[:]
    output = helper.make_tensor_value_info("vectors", onnx.TensorProto.FLOAT, ["N", len(weights)])
    graph.output.append(output)
    return model.SerializeToString()


@pytest.fixture(scope="session")
def rotation() -> object:
    """An orthogonal matrix [512, 512] float32, which leaves every cosine as it is."""
    import numpy as np

    numbers = np.random.default_rng(7).standard_normal((512, 512))
    return np.linalg.qr(numbers)[0].astype(np.float32)


@pytest.fixture(scope="session")
def acquainted(crowd_in: Callable[..., object]) -> Callable[..., None]:
    """`acquainted(library, people, faces, groups)`: puts so many people with a name and so many
    faces each into a library, and so many groups of four faces without one.
    """

    def make(library: object, people: int = 12, faces: int = 12, groups: int = 12) -> None:
        from photoclust.services import browse, naming
        from photoclust.store.cluster_table import ClusterContent, replace_clusters

        crowd = crowd_in(library)
        sizes = [faces] * people + [4] * groups
        found = [crowd.photos_of(number, size) for number, size in enumerate(sizes)]
        with library.write() as tx:
            replace_clusters(tx, [ClusterContent(None, None, each) for each in found])
        clusters = sorted(group.id for group in browse.groups(library))
        for number, cluster in enumerate(clusters[:people]):
            naming.name(library, f"g{cluster}", f"Person {number:03}")

    return make


@pytest.fixture(scope="session")
def write_run() -> Callable[..., Path]:
    """`write_run(folder, accepted=…)`: what a training in `folder`, a folder of a library's
    trainings, leaves there; with `accepted` None, one that was cut off.
    """

    def write(folder: Path, *, accepted: bool | None, looks: int = 3) -> Path:
        from PIL import Image

        from photoclust.training.options import Options
        from photoclust.training.run_folder import Curve, Request, write_json, write_request

        folder.mkdir(parents=True, exist_ok=True)
        model = f"own-{folder.name}"
        write_request(folder, Request(Options(), {}, "facenet-vggface2", model, ("Anna", "Ben")))
        curve = Curve(folder / "semi-hard")
        curve.restart([])
        for step in range(1, looks + 1):
            curve.add({"step": 25.0 * step, "loss": 0.4 / step, "active": 0.5, "spread": 1.5})
        if accepted is None:
            return folder
        (folder / "report").mkdir()
        (folder / "report" / "report.html").write_text("<p>report</p>")
        for name in ("roc-0", "distances-0", "roc-1", "distances-1", "training"):
            for look, grey in (("light", 250), ("dark", 20)):
                picture = Image.new("L", (128, 96), grey)
                picture.save(folder / "report" / f"{name}-{look}.png")
        sides = {
            side: {
                "trained": {"val_at_far": {"0.001": first, "0.0001": 0.5}},
                "held_out": None,
                "strangers": {"val_at_far": {"0.001": 0.9, "0.0001": 0.8}},
            }
            for side, first in (("before", 0.6), ("after", 0.85 if accepted else 0.6))
        }
        reason = "It is better." if accepted else "It is not offered, because it is no better."
        write_json(
            folder / "result.json",
            {"accepted": accepted, "model": model, "reason": reason, **sides},
        )
        if accepted:
            (folder.parents[1] / "models" / model).mkdir(parents=True)
        return folder

    return write


@pytest.fixture
def german(monkeypatch):
    """German is spoken, in this process and in those that it starts."""
    from photoclust.core import language

    monkeypatch.setenv("PHOTOCLUST_LANGUAGE", language.current())
    language.use("de")
    yield
    language.use("en")
