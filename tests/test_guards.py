"""The guards of conftest.py and guards/ do what they say, in this process and in those below it."""

import socket
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

REACH_OUT = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
BAD_TESTS = """
import multiprocessing, socket, subprocess, sys, threading, time

def test_thread():
    threading.Thread(target=time.sleep, args=(2,), name="forgotten").start()

def test_process():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])

def test_fork_server_worker():
    multiprocessing.get_context("forkserver").Process(target=time.sleep, args=(30,)).start()

def test_swallowed_connection():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    except RuntimeError:
        pass

def test_fine():
    worker = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(0,))
    worker.start()
    worker.join()
"""


def test_internet_sockets_are_refused_here(refused_connections):
    with pytest.raises(RuntimeError, match="without the internet"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(RuntimeError, match="without the internet"):
        socket.getaddrinfo("localhost", 80)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        pytest.raises(RuntimeError, match="without the internet"),
    ):
        sender.sendto(b"", ("192.0.2.1", 53))
    assert len(refused_connections()) == 3


def test_internet_sockets_are_refused_in_a_subprocess(refused_connections):
    done = subprocess.run(
        [sys.executable, "-c", REACH_OUT], check=False, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "InternetRefusedError" in done.stderr
    assert refused_connections()


def test_sockets_of_the_machine_itself_work(tmp_path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        client.connect(str(tmp_path / "socket"))


def test_home_is_private_and_new(private_home):
    for folder in (
        Path.home(),
        platformdirs.user_data_path("photoclust"),
        platformdirs.user_cache_path("photoclust"),
        platformdirs.user_config_path("photoclust"),
    ):
        assert folder.is_relative_to(private_home)
        assert not (folder / "library").exists()


def test_blocked_packages_look_uninstalled_to_subprocesses(monkeypatch):
    monkeypatch.setenv("PHOTOCLUST_TEST_BLOCK", "PIL,torch")
    code = (
        "import importlib.util, numpy; assert importlib.util.find_spec('PIL') is None; import PIL"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "ModuleNotFoundError: No module named 'PIL'" in done.stderr


def test_leaks_and_swallowed_connections_fail(tmp_path, repository, monkeypatch):
    here = repository / "tests"
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "guards").symlink_to(here / "guards")
    (tmp_path / "tests" / "conftest.py").write_bytes((here / "conftest.py").read_bytes())
    (tmp_path / "tests" / "test_bad.py").write_text(BAD_TESTS)
    monkeypatch.setenv("PHOTOCLUST_TEST_GRACE_S", "0.4")
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:pytest-qt", "-q"]
    done = subprocess.run(
        [*command, "-rA", "tests"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "left running 0.4 s after the test: thread forgotten" in done.stdout
    for line in (
        "ERROR tests/test_bad.py::test_thread",
        "ERROR tests/test_bad.py::test_process",
        "ERROR tests/test_bad.py::test_fork_server_worker",
        "ERROR tests/test_bad.py::test_swallowed_connection",
        "PASSED tests/test_bad.py::test_fine",
    ):
        assert line in done.stdout
    assert "ERROR tests/test_bad.py::test_fine" not in done.stdout
