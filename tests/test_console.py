"""How numbers, names and documents are written."""

import json
import math
import threading

import pytest

from photoclust import console
from photoclust.core.progress import Progress


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (4800, "1 h 20 min")],
)
def test_duration(seconds, text):
    assert console.duration(seconds) == text


def test_count():
    assert console.count(1, "face") == "1 face"
    assert console.count(0, "person", "people") == "0 people"
    assert console.count(12345, "photo") == "12,345 photos"


def test_pace_tells_what_is_known():
    assert console.pace(Progress("Finding faces", 5, 20, 4.12, 3.6)) == "4.1/s · 4 s left"
    assert console.pace(Progress("Looking for photos", 5, None, 4.12, None)) == "4.1/s"
    assert console.pace(Progress("Finding faces", 0, 20, 0.0, None)) == ""
    assert console.pace(Progress("Finding faces", 20, 20, 4.0, 0.0)) == "4.0/s"


def test_printable_disarms_what_steers_a_terminal_and_keeps_the_rest():
    assert console.printable("a\x1b[2Jb\r\udcff") == r"a\x1b[2Jb\r\udcff"
    family = "Zoë \N{MAN}\u200d\N{WOMAN} 山田"
    assert console.printable(family) == family


def test_json_is_utf8_and_never_fails():
    document = {"name": "Zoë", "path": "caf\udce9", "rates": [1.5, math.nan, (math.inf, 2)]}
    data = console.to_json(document)
    assert "Zoë".encode() in data
    assert json.loads(data) == {
        "name": "Zoë",
        "path": "caf\udce9",
        "rates": [1.5, None, [None, 2]],
    }


def plug_in_soon(line):
    threading.Timer(0.2, lambda: setattr(line, "on_battery", False)).start()


def test_a_job_that_may_take_hours_says_that_it_waits_for_power(power_line, capsys):
    power_line.on_battery = True
    plug_in_soon(power_line)
    with console.job("pause") as control:
        assert control.paused
        control.checkpoint()
    assert capsys.readouterr().err.splitlines() == [
        "Paused while on battery: plug in, or press Ctrl-C and go on with --on-battery run.",
        "Going on.",
    ]


def test_on_a_terminal_it_is_said_beside_the_progress(power_line, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    power_line.on_battery = True
    plug_in_soon(power_line)
    with console.job("pause") as control:
        control.checkpoint()
    said = capsys.readouterr().err
    assert "Paused while on battery" in said
    assert "Going on." in said


def test_any_other_job_does_not_wait(power_line):
    power_line.on_battery = True
    with console.job() as control:
        control.checkpoint()
