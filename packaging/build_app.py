"""Build the app for who has no Python: `build_app.py TARGET` makes the folder `TARGET/photoclust`.

A wheel is built from this source tree and installed into an empty environment, PyInstaller collects
what photoclust needs there, debugging symbols go, licences come, and the sizes are told. `--deb`
makes a Debian package of the folder, too.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
APP = REPOSITORY / "packaging" / "app"
LICENCES = REPOSITORY / "packaging" / "app_licences.py"
LARGEST_MB = 450
"""The folder is refused where it is larger, in MB of 2**20 bytes."""
_ELF = b"\x7fELF"


def main() -> int:
    """Build it; the exit code is 1 when the folder is too large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", type=Path, help="folder to build in")
    parser.add_argument("--deb", action="store_true", help="make a Debian package as well")
    parser.add_argument(
        "--environment",
        type=Path,
        help="an environment with the wheel of photoclust in it, to add PyInstaller to",
    )
    asked = parser.parse_args()
    target: Path = asked.target.resolve()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="photoclust-app-") as name:
        place = Path(name)
        python = environment(asked.environment, place)
        folder = build(python, target, place / "work")
    strip(folder)
    megabytes = tell_sizes(folder)
    if megabytes > LARGEST_MB:
        print(f"{megabytes:.0f} MB are more than the {LARGEST_MB} MB that are allowed")
        return 1
    if asked.deb:
        import build_deb  # noqa: PLC0415 - for Debian alone

        print(build_deb.build(folder, target))
    return 0


def environment(given: Path | None, place: Path) -> Path:
    """The Python of an environment with photoclust, what it reads raw files with, PyInstaller."""
    folder = given or place / "environment"
    if given is None:
        venv.create(folder, with_pip=True)
    python = folder.resolve() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if given is None:
        wheel = [str(python), "-m", "pip", "wheel", "--quiet", "--no-deps"]
        run([*wheel, "--wheel-dir", str(place), str(REPOSITORY)])
        (made,) = place.glob("photoclust-*.whl")
        run([*pip, f"{made}[app]"])
    else:
        run([*pip, "photoclust[app]"])
    return python


def build(python: Path, target: Path, work: Path) -> Path:
    """The folder of the app in `target`, with its licences."""
    folder = target / "photoclust"
    shutil.rmtree(folder, ignore_errors=True)
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR"]
    places = ["--distpath", str(target), "--workpath", str(work)]
    run([*command, *places, str(APP / "photoclust.spec")], cwd=work.parent)
    sources = next(work.rglob("sources.txt"))
    licences = folder / "licences"
    run([str(python), str(LICENCES), str(sources), str(licences)])
    return folder


def strip(folder: Path) -> None:
    """Take symbols for debugging out of the libraries: a tenth of the app.

    What a wheel brings in a folder `….libs` was edited when the wheel was made, in a way that
    strip breaks.
    """
    if shutil.which("strip") is None:
        return
    libraries = [path for path in real_files(folder) if ".so" in path.name and is_elf(path)]
    edited = [path for path in libraries if path.parent.name.endswith(".libs")]
    for path in set(libraries) - set(edited):
        run(["strip", "--strip-unneeded", str(path)])


def tell_sizes(folder: Path) -> float:
    """Print what takes how much, the largest first; gives the whole in MB."""
    parts: Counter[str] = Counter()
    for path in real_files(folder):
        inside = path.relative_to(folder).parts
        if inside[0] == "_internal" and len(inside) > 2:
            part = inside[1].removesuffix(".libs").replace("faiss_cpu", "faiss")
        elif inside[0] == "_internal":
            part = "libraries of the system, Python"
        else:
            part = inside[0]
        parts[part] += path.stat().st_size
    for part, size in parts.most_common(16):
        print(f"{size / 2**20:7.1f} MB  {part}")
    whole = sum(parts.values()) / 2**20
    print(f"{whole:7.1f} MB  in {folder}")
    return whole


def real_files(folder: Path) -> Iterator[Path]:
    """Every file below `folder` that is no link."""
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def is_elf(path: Path) -> bool:
    """Whether a file is a program or library of Linux."""
    with path.open("rb") as file:
        return file.read(len(_ELF)) == _ELF


def run(command: Sequence[str], cwd: Path = REPOSITORY) -> None:
    """Run a command; what it says is seen."""
    subprocess.run(command, cwd=cwd, check=True)


if __name__ == "__main__":
    sys.exit(main())
