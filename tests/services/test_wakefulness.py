"""A desktop is asked over D-Bus to stay awake, and told when it may sleep again."""

import gc
import shutil
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from photoclust.services.wakefulness import kept_awake

HANG_S = 30
POWER = "org.freedesktop.PowerManagement"

linux = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None, reason="needs dbus-daemon"
)


def wait_until(condition):
    deadline = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture(autouse=True, scope="module")
def nothing_old_looked_through():
    """wakepy collects garbage after every connection, for which Python would look through all that
    the tests before have loaded and made, torch's modules among it.
    """
    gc.freeze()


@pytest.fixture
def bus(monkeypatch):
    """A session bus on which no desktop is; its address is in the environment."""
    monkeypatch.delenv("XDG_SESSION_DESKTOP", raising=False)
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as daemon:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().strip())
        yield daemon
        daemon.terminate()


class Desktop:
    """Answers those who ask that the computer stays awake, and knows who still wants that."""

    def __init__(self):
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        self.wanted: dict[str, tuple[str, str]] = {}
        self.asked: list[tuple[str, str]] = []
        self._connection = open_dbus_connection()
        bus = Proxy(message_bus, self._connection)
        assert bus.RequestName(POWER) == (1,)
        gone = MatchRule(type="signal", member="NameOwnerChanged", sender=message_bus.bus_name)
        bus.AddMatch(gone)
        self._over = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        from jeepney import HeaderFields, MessageType, new_method_return

        while not self._over:
            try:
                message = self._connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            fields = message.header.fields
            kind = (message.header.message_type, fields.get(HeaderFields.member))
            if kind == (MessageType.method_call, "Inhibit"):
                self.asked.append(message.body)
                self.wanted[fields[HeaderFields.sender]] = message.body
                self._connection.send(new_method_return(message, "u", (7,)))
            elif kind == (MessageType.method_call, "UnInhibit"):
                assert message.body == (7,)
                del self.wanted[fields[HeaderFields.sender]]
                self._connection.send(new_method_return(message))
            elif kind == (MessageType.signal, "NameOwnerChanged"):
                name, _, owner = message.body
                if not owner:  # as desktops do when who asked has gone
                    self.wanted.pop(name, None)

    def end(self):
        self._over = True
        self._thread.join(HANG_S)
        self._connection.close()


@pytest.fixture
def desktop(bus):
    desktop = Desktop()
    yield desktop
    desktop.end()


@linux
def test_a_desktop_is_asked_in_the_name_of_photoclust_until_it_ends(desktop):
    with kept_awake():
        assert list(desktop.wanted.values()) == [("photoclust", "Photos are being worked on")]
    assert desktop.wanted == {}
    with kept_awake():
        assert len(desktop.wanted) == 1
    assert len(desktop.asked) == 2


@linux
def test_the_reason_is_in_the_language_of_the_window(desktop, german):
    with kept_awake():
        assert list(desktop.wanted.values()) == [("photoclust", "Fotos werden bearbeitet")]


@linux
def test_a_process_that_is_killed_keeps_nothing_awake(desktop):
    code = (
        "import time\n"
        "from photoclust.services.wakefulness import kept_awake\n"
        "with kept_awake():\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        wait_until(lambda: desktop.wanted)
        process.kill()
        wait_until(lambda: not desktop.wanted)


@linux
def test_a_desktop_that_has_gone_meanwhile_is_no_error(bus, caplog):
    desktop = Desktop()
    with kept_awake():
        desktop.end()
    (record,) = caplog.records
    assert record.name == "photoclust.services.wakefulness"


@linux
def test_a_bus_without_a_desktop_is_no_error_and_nothing_stays_open(bus):
    def open_files():
        return len(list(Path("/proc/self/fd").iterdir()))

    with kept_awake():
        pass
    before = open_files()
    with kept_awake():
        assert open_files() == before


@pytest.mark.parametrize("address", [None, "", "nonsense", "unix:path=/nowhere/bus"])
def test_without_a_bus_nothing_happens(monkeypatch, address):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    if address is not None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with kept_awake():
            pass
