"""What is shipped: a light import, one version, honest dependencies and a complete wheel."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

HEAVY = [
    *("PySide6", "torch", "onnxruntime", "sqlalchemy", "sklearn", "hdbscan"),
    *("faiss", "scipy", "PIL", "pyqtgraph", "typer", "rich", "watchdog"),
]
EXTRAS = {"train": "training", "raw": "media", "pdf": "media", "video": "media"}
"""Extras whose packages the program imports, and the one folder that may."""


@pytest.fixture(scope="module")
def project(repository) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def imports(repository) -> dict[str, set[str]]:
    """Third-party distributions imported below photoclust/: name to the top folders that do."""
    owners = importlib.metadata.packages_distributions()
    found: dict[str, set[str]] = {}
    package = repository / "photoclust"
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for name in {name.partition(".")[0] for name in names}:
                if name not in sys.stdlib_module_names and name != "photoclust":
                    for owner in set(owners.get(name, [name])):
                        found.setdefault(canonical(owner), set()).add(
                            path.relative_to(package).parts[0]
                        )
    return found


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(
        [*command, "--directory", str(target)], cwd=repository, check=True, capture_output=True
    )
    (built,) = target.glob("*.whl")
    return built


def canonical(requirement: str) -> str:
    """A distribution's name as PEP 503 compares it, without version and extras."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def test_import_is_light():
    code = f"import photoclust, sys; print(*(set({HEAVY}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_version_has_one_source(repository, project, wheel):
    import photoclust

    assert "version" not in project
    assert wheel.name.startswith(f"photoclust-{photoclust.__version__}-")
    quoted = re.compile(rf"""["']{re.escape(photoclust.__version__)}["']""")
    assert [
        path.name
        for path in (repository / "photoclust").rglob("*.py")
        if quoted.search(path.read_text(encoding="utf-8"))
    ] == ["__init__.py"]


def test_every_runtime_dependency_is_imported(project, imports):
    declared = {canonical(requirement) for requirement in project["dependencies"]}
    assert declared - imports.keys() == set()


def test_every_import_is_declared(project, imports):
    declared = {canonical(requirement) for requirement in project["dependencies"]}
    extras = {
        canonical(requirement): {folder}
        for extra, folder in EXTRAS.items()
        for requirement in project["optional-dependencies"][extra]
    }
    undeclared = {name: where for name, where in imports.items() if name not in declared}
    assert {name: where for name, where in undeclared.items() if where != extras.get(name)} == {}


def test_wheel_holds_the_program_its_resources_and_its_licences_only(wheel, repository):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {re.sub(r"-\d.*", "", top) for top in tops} == {"photoclust"}
    assert len(tops) == 2
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    modules = {
        path.relative_to(repository).as_posix()
        for path in (repository / "photoclust").rglob("*.py")
    }
    assert modules <= set(names)


def test_every_resource_opens_from_the_wheel(wheel, repository, tmp_path, monkeypatch):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = [sys.executable, str(repository / "packaging" / "check_install.py")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(tmp_path) in done.stdout


def test_library_list_is_one_package_a_line(repository):
    text = (repository / "packaging" / "linux-libraries.txt").read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert packages == list(dict.fromkeys(packages))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", package) for package in packages)
