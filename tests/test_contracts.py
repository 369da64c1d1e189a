"""The import contracts hold, and each kind of them notices when it is broken. What they do not see,
imports by a made-up name and what other packages import, is not there either.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ABOVE = ("photoclust.gui", "photoclust.training")
SCRIPTS = {"photoclust.__main__", "photoclust.store.migrations.env"}
"""What is run, not imported."""


def below_the_window(repository: Path) -> dict[str, Path]:
    """The modules that need neither Qt nor torch, by name."""
    files = sorted((repository / "photoclust").rglob("*.py"))
    names = {
        ".".join(file.relative_to(repository).with_suffix("").parts).removesuffix(".__init__"): file
        for file in files
    }
    return {
        name: file
        for name, file in names.items()
        if not name.startswith(ABOVE) and name not in SCRIPTS
    }


def lint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> "subprocess.CompletedProcess[str]":
    """Run import-linter on the photoclust that lies in `folder`."""
    monkeypatch.setenv("PYTHONPATH", str(folder))
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(
        [*command, "--config", "pyproject.toml"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy_of_project(repository, tmp_path) -> Path:
    """The package and its contracts, to be spoilt."""
    skip = shutil.ignore_patterns("*.pyc")
    shutil.copytree(repository / "photoclust", tmp_path / "photoclust", ignore=skip)
    shutil.copy(repository / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_hold(repository, monkeypatch):
    done = lint(repository, monkeypatch)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/types.py", "import PIL", "The core needs"),
        ("core/types.py", "import PySide6.QtCore", "Qt only in the window"),
        ("store/schema.py", "import photoclust.gui", "Imports go one way"),
        ("vision/__init__.py", "import photoclust.media", "Imports go one way"),
        ("media/__init__.py", "import photoclust.cluster", "know no clustering"),
        ("services/__init__.py", "import torch", "torch and matplotlib only in training"),
        ("gui/__init__.py", "import matplotlib", "torch and matplotlib only in training"),
        ("services/__init__.py", "import sqlalchemy", "SQLAlchemy only in the store"),
        ("gui/__init__.py", "import onnxruntime", "ONNX Runtime only in vision"),
    ],
)
def test_a_planted_violation_is_noticed(module, line, contract, copy_of_project, monkeypatch):
    with (copy_of_project / "photoclust" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = lint(copy_of_project, monkeypatch)
    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert len(broken) == 1
    assert contract in broken[0]


def test_all_below_the_window_is_loaded_where_qt_and_torch_are_not(repository, monkeypatch):
    monkeypatch.setenv("PHOTOCLUST_TEST_BLOCK", "PySide6,shiboken6,torch,torchvision")
    names = below_the_window(repository)
    assert len(names) > 200
    code = f"import {', '.join(names)}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_nothing_below_the_window_is_imported_by_a_made_up_name(repository):
    made_up = re.compile(r"\b(import_module|__import__|exec|eval)\(")
    for name, file in below_the_window(repository).items():
        assert not made_up.search(file.read_text(encoding="utf-8")), name
