"""The import contracts hold, and each kind of them notices when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


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
