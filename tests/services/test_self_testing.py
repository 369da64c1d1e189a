"""Whether an installation works, told by itself."""

import sys
import tempfile

import pytest
from PIL import Image

from photoclust.core.errors import ModelError, UserError
from photoclust.core.progress import JobControl
from photoclust.services import self_testing
from photoclust.services.benchmark_startup import Started


@pytest.fixture
def painted(monkeypatch):
    """Lets the window be painted as the picture that is given."""

    def use(picture):
        def started(command, _home, _control, *, screen=None):
            picture.save(command[command.index("--picture") + 1])
            return Started({"window": 0.1, "people": 0.2}, 0.3)

        monkeypatch.setattr(self_testing, "started", started)

    return use


def window(tmp_path):
    return self_testing._step(
        "window",
        lambda: self_testing._window(tmp_path, tmp_path, tmp_path / "window.png", JobControl()),
    )


@pytest.mark.processes
def test_what_is_installed_here_works_and_leaves_nothing(private_home, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    steps = list(self_testing.run())
    assert [step.text for step in steps if not step.ok] == []
    names = "program resources models upgrade demo window"
    assert [step.name for step in steps] == names.split()
    assert list(tmp_path.iterdir()) == []
    assert [path for path in private_home.rglob("*") if path.is_file()] == []


def test_a_blank_window_is_told(painted, tmp_path):
    painted(Image.new("RGB", (300, 200), "white"))
    step = window(tmp_path)
    assert not step.ok
    assert step.text == "the window is blank: 1 colours in 300 × 200 px"


def test_a_window_with_pictures_is_not_blank(painted, tmp_path):
    painted(Image.radial_gradient("L").convert("RGB"))
    step = window(tmp_path)
    assert step.ok, step.text
    assert "256 colours" in step.text


def test_a_damaged_model_is_told_and_the_rest_is_tried(monkeypatch):
    def damaged(_spec):
        raise ModelError("centerface.onnx is damaged")

    monkeypatch.setattr(self_testing.models, "verify", damaged)
    step = self_testing._step("models", self_testing._models)
    assert (step.ok, step.text) == (False, "centerface.onnx is damaged")


def test_another_version_that_answers_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(self_testing, "started", lambda *_: Started({"photoclust 0.0.1": 0.1}, 0.1))
    with pytest.raises(UserError, match=r"photoclust 0\.0\.1"):
        self_testing._program(tmp_path, JobControl())


@pytest.mark.parametrize(
    ("environment", "screen"),
    [
        ({}, "offscreen"),
        ({"DISPLAY": ":7"}, None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, None),
        ({"DISPLAY": ":7", "QT_QPA_PLATFORM": "minimal"}, "minimal"),
    ],
)
def test_the_window_opens_where_there_is_a_screen(environment, screen, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    assert self_testing._screen() == screen
