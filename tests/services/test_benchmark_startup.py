"""How long photoclust takes to start, in processes of its own."""

import os
import sys
import threading
import time

import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.services import benchmark_startup
from photoclust.store.database import Library


def python(code):
    return [sys.executable, "-c", code]


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "another home"
    folder.mkdir()
    return folder


def test_lines_and_the_end_are_timed(home):
    code = "import time; print('one', flush=True); time.sleep(0.2); print('two')"
    ran = benchmark_startup.started(python(code), home, JobControl())
    assert list(ran.lines) == ["one", "two"]
    assert 0 < ran.lines["one"] <= ran.lines["two"]
    assert ran.lines["two"] >= 0.2
    assert ran.end >= 0.2


def test_a_process_has_another_home_and_no_screen(home):
    code = "import os; from photoclust.core import paths; print(paths.settings_file());"
    code += "print(os.environ['QT_QPA_PLATFORM'])"
    settings, platform = benchmark_startup.started(python(code), home, JobControl()).lines
    assert settings.startswith(str(home))
    assert platform == "offscreen"


def test_a_process_that_fails_is_told_with_its_last_line(home):
    code = "import sys; sys.stderr.write('first\\nno fonts here\\n'); sys.exit(3)"
    with pytest.raises(UserError, match="failed here: no fonts here"):
        benchmark_startup.started(python(code), home, JobControl())
    with pytest.raises(UserError, match="exit status 4"):
        benchmark_startup.started(python("raise SystemExit(4)"), home, JobControl())


def test_a_process_that_does_not_end_is_given_up(home, monkeypatch):
    monkeypatch.setattr(benchmark_startup, "LONGEST_S", 0.2)
    with pytest.raises(UserError, match="has not ended"):
        benchmark_startup.started(python("import time; time.sleep(60)"), home, JobControl())


def test_cancel_ends_the_process(home):
    control = JobControl()
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    threading.Timer(0.3, control.cancel).start()
    start = time.monotonic()
    with pytest.raises(CancelledError):
        benchmark_startup.started(python(code), home, control)
    assert time.monotonic() - start < 10


@pytest.mark.processes
def test_the_window_tells_when_it_is_painted(home, tmp_path):
    Library(tmp_path / "empty").close()
    moments = benchmark_startup.window_times(tmp_path / "empty", home, "window", JobControl())
    assert list(moments) == ["window"]
    assert moments["window"] > 0


def test_figures_leave_out_the_first_start(home, tmp_path, monkeypatch):
    seconds = iter(range(1, 100))

    def started(command, _home, _control):
        number = float(next(seconds))
        lines = {"window": number} if "bench" in command else {}
        if "people" in command:
            lines["people"] = number + 0.5
        return benchmark_startup.Started(lines, number)

    monkeypatch.setattr(benchmark_startup, "started", started)
    figures = benchmark_startup._figures(home, tmp_path / "a", tmp_path / "b", 2, JobControl())
    assert {each.key: each.values for each in figures} == {
        "import": (6.0, 10.0),
        "version": (5.0, 9.0),
        "window_empty": (7.0, 11.0),
        "window_demo": (8.0, 12.0),
        "people_demo": (8.5, 12.5),
    }


def test_a_frozen_app_starts_itself_and_imports_nothing(home, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert benchmark_startup.program() == [sys.executable]
    ended = benchmark_startup.Started({"window": 1.0, "people": 1.0}, 1.0)
    monkeypatch.setattr(benchmark_startup, "started", lambda *_: ended)
    figures = benchmark_startup._figures(home, tmp_path, tmp_path, 1, JobControl())
    assert "import" not in {each.key for each in figures}


def test_what_was_installed_for_the_user_alone_is_found(home):
    assert benchmark_startup._environment(home)["PYTHONUSERBASE"] != str(home)
    assert os.environ["HOME"] not in benchmark_startup._environment(home)["HOME"]
