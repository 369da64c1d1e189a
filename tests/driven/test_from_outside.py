"""The program as a user has it: started in a home folder that is empty, on a screen in memory, and
driven by keys alone. Nothing of it runs in this process.

`PHOTOCLUST_TEST_PYTHON` is the interpreter whose photoclust is started, as in an installation; else
it is the one beside these tests.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageGrab, features

MISSING = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.screen,
    pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} not installed"),
    pytest.mark.skipif(not features.check("xcb"), reason="Pillow here cannot take pictures of X11"),
]
REPOSITORY = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 1100, 750
NAME = "Grace Hopper"
FEW, MANY = 100, 2_000
"""Colours where the pages are: an empty page has fewer than the one, words have fewer than the
other, and a photo has more.
"""
START_S, SCAN_S, ACT_S, END_S = 60, 180, 30, 30


def wait_until(condition: Callable[[], object], what: str, seconds: float) -> None:
    """Look again and again; a test fails where `what` does not come."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)


class Screen:
    """An X server in memory. The keyboard is where `focus` puts it: there is no window manager."""

    def __init__(self, number: str) -> None:
        self.name = f":{number}"
        self._environment = {**os.environ, "DISPLAY": self.name}

    def _xdotool(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def focus(self, title: str) -> None:
        """Wait for the window called `title`, and give it the whole screen and the keyboard."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self._xdotool("search", "--onlyvisible", "--name", title).stdout.split()
            return bool(found)

        wait_until(is_there, f"a window called {title!r}", START_S)
        window = found[-1]
        for act in (
            ("windowmove", window, "0", "0"),
            ("windowsize", window, str(WIDTH), str(HEIGHT)),
            ("windowfocus", "--sync", window),
        ):
            done = self._xdotool(*act)
            assert done.returncode == 0, done.stderr

    def press(self, *keys: str) -> None:
        """Press keys, as xdotool calls them, one after the other."""
        done = self._xdotool("key", "--delay", "60", *keys)
        assert done.returncode == 0, done.stderr

    def write(self, words: str) -> None:
        """Type `words`."""
        done = self._xdotool("type", "--delay", "30", words)
        assert done.returncode == 0, done.stderr

    def picture(self) -> Image.Image:
        """What is on it."""
        return ImageGrab.grab(xdisplay=self.name)

    def colours(self) -> int:
        """How many colours there are where the pages are; see FEW and MANY."""
        page = self.picture().crop((220, 120, WIDTH, HEIGHT))
        return len(page.getcolors(page.width * page.height))


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A screen of one's own."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
    with subprocess.Popen(
        [*command, "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()  # empty where the server has ended
        try:
            assert number, "Xvfb did not start"
            yield Screen(number)
        finally:
            server.terminate()
            try:
                server.wait(END_S)
            except subprocess.TimeoutExpired:
                server.kill()


class Program:
    """photoclust with the home folder `home`."""

    def __init__(self, home: Path, screen: Screen) -> None:
        self._screen = screen
        installed = os.environ.get("PHOTOCLUST_TEST_PYTHON")
        # The last one: on a busy machine what stands back for others would stand still.
        names = ("PATH", "OMP_NUM_THREADS", "PHOTOCLUST_TEST_EQUALS")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        below = [REPOSITORY / "tests" / "guards"] + ([] if installed else [REPOSITORY])
        self._command = [installed or sys.executable, "-m", "photoclust"]
        self._home = home
        self._environment = {
            **kept,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "DISPLAY": screen.name,
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": os.pathsep.join(map(str, below)),
        }
        self.demo_library = home / ".cache" / "photoclust" / "demo-library"

    @contextmanager
    def window(self) -> Iterator[None]:
        """The window with the keyboard; it must have been quit when this is left."""
        log = self._home / "said.txt"
        with log.open("a") as said:
            program = subprocess.Popen(
                self._command, env=self._environment, cwd=self._home, stdout=said, stderr=said
            )
        family = psutil.Process(program.pid)
        try:
            self._screen.focus("photoclust")
            yield
            code = program.wait(END_S)
            assert code == 0, log.read_text()
        except BaseException as error:
            error.add_note(f"photoclust said:\n{log.read_text()}")
            raise
        finally:
            left = family.children(recursive=True) if program.poll() is None else []
            for process in (*left, program):
                process.kill()
            program.wait(END_S)

    def people(self) -> list[str | None]:
        """What `photoclust people` says of the demo album: the name of each group."""
        told = subprocess.run(
            [*self._command, "people", "--json", "--library", str(self.demo_library)],
            env=self._environment,
            cwd=self._home,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        assert told.returncode == 0, told.stderr
        return [each["name"] for each in json.loads(told.stdout)]

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the demo album's library, which is not touched; none before there is one."""
        file = self.demo_library / "library.sqlite3"
        if not file.exists():
            return []
        try:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
                return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # it is being made

    def is_alone(self) -> bool:
        """Whether no process of this home folder is left."""
        for process in psutil.process_iter():
            try:
                if process.environ().get("HOME") == str(self._home):
                    return False
            except psutil.Error:
                continue
        return True


@pytest.fixture
def program(tmp_path, screen) -> Iterator[Program]:
    """A program that was never started before."""
    home = tmp_path / "home"
    home.mkdir()
    program = Program(home, screen)
    yield program
    wait_until(program.is_alone, "the end of all processes", END_S)


def try_the_demo_album(screen: Screen) -> None:
    """By the menu, as soon as the library is open."""
    wait_until(lambda: screen.colours() > FEW, "the welcome", START_S)
    screen.press("alt+f", "t")


def test_a_name_given_by_keys_is_there_after_the_next_start(screen, program):
    with program.window():
        try_the_demo_album(screen)
        groups = "SELECT id FROM cluster WHERE face_count > 1"
        wait_until(lambda: program.ask(groups), "a group of faces", SCAN_S)
        wait_until(lambda: screen.colours() > MANY, "faces in the window", ACT_S)
        screen.press("ctrl+1", "Home", "F2")
        screen.write(NAME)
        screen.press("Return")
        named = f"SELECT id FROM person WHERE name = '{NAME}'"
        wait_until(lambda: program.ask(named), "the name in the library", ACT_S)
        screen.press("ctrl+q")
    assert program.people().count(NAME) == 1

    with program.window():
        try_the_demo_album(screen)
        wait_until(lambda: screen.colours() > MANY, "faces in the window", SCAN_S)
        screen.press("ctrl+f")
        screen.write("Nobody Atall")
        screen.press("Return")
        wait_until(lambda: screen.colours() < MANY, "a search that finds nothing", ACT_S)
        screen.press("ctrl+f")
        screen.write(NAME)
        screen.press("Return")
        wait_until(lambda: screen.colours() > MANY, "the photos of who was named", ACT_S)
        screen.press("ctrl+q")
    assert program.people().count(NAME) == 1
