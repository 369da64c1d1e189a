"""What the app is made of, and under which licences: `python app_licences.py SOURCES TARGET`.

Run by the Python of the environment that the app was made from. SOURCES lists the files that went
into it, one a line; TARGET becomes a folder with `NOTICE.txt` and the licence texts of each part.
A file whose origin nobody knows is an error, so that nothing is shipped without its licence.
"""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import cast

TEXTS = ("licen", "copying", "notice", "copyright", "authors")
"""How the names of files with licences begin, or what they hold."""
BASE = Path(sys.base_prefix)
STARTER = "pyinstaller"


@dataclass
class Part:
    """Something that the app contains: a package from the index, or one of the system."""

    name: str
    version: str
    licence: str
    home: str
    texts: list[Path] = field(default_factory=list)


def main(sources: Path, target: Path) -> int:
    """Write the licences of the files that `sources` lists to `target`."""
    files = {Path(line) for line in sources.read_text(encoding="utf-8").splitlines()}
    own = Path(__file__).resolve().parent
    files = {path for path in files if not path.is_relative_to(own) and path.exists()}
    owners = owners_of_files()
    wanted: dict[str, Distribution] = {}
    others: list[Path] = []
    for path in files:
        owner = owners.get(path)
        if owner is not None:
            if owner.metadata["Name"] != STARTER:
                wanted[owner.metadata["Name"]] = owner
        elif not path.is_relative_to(BASE) and "PyInstaller" not in path.parts:
            others.append(path)
    parts = [from_index(each) for each in wanted.values()]
    parts += [python(), starter(), *of_system(others)]
    write(sorted(parts, key=lambda part: part.name.lower()), target)
    print(f"{len(parts)} parts of {len(files)} files: {target / 'NOTICE.txt'}")
    return 0


def owners_of_files() -> dict[Path, Distribution]:
    """Which installed package each file belongs to."""
    return {
        Path(str(each.locate_file(file))).resolve(): each
        for each in distributions()
        for file in each.files or ()
    }


def from_index(package: Distribution) -> Part:
    """A package that pip installed; its licence files lie beside its metadata."""
    data = cast(Message, package.metadata)  # which Python's own stubs do not tell
    texts = [
        Path(str(package.locate_file(file)))
        for file in package.files or ()
        if ".dist-info" in str(file) and any(word in file.name.lower() for word in TEXTS)
    ]
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in data.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    said = data.get("License-Expression") or ", ".join(classifiers) or data.get("License") or ""
    homes = [line.partition(", ")[2] for line in data.get_all("Project-URL") or ()]
    home = data.get("Home-page") or next(iter(homes), "")
    return Part(data["Name"], package.version, said.splitlines()[0] if said else "", home, texts)


def python() -> Part:
    """Python itself."""
    text = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    version = sys.version.split()[0]
    return Part("Python", version, "PSF-2.0", "https://www.python.org", [text])


def starter() -> Part:
    """The program that starts Python in the app."""
    (package,) = (each for each in distributions() if each.metadata["Name"] == STARTER)
    part = from_index(package)
    part.name = "PyInstaller bootloader"
    part.licence = "GPL-2.0-or-later, with an exception for the apps that it starts"
    return part


def of_system(files: Iterable[Path]) -> list[Part]:
    """The packages of Debian that libraries of the system come from."""
    found: dict[str, Part] = {}
    unknown = []
    for path in sorted(files):
        package = debian_package(path)
        if package is None:
            unknown.append(path)
            continue
        name = package.partition(":")[0]
        if name not in found:
            asked = ["dpkg-query", "-W", "-f", "${Version}\t${Homepage}", package]
            version, _, home = said(asked).partition("\t")
            text = Path("/usr/share/doc") / name / "copyright"
            found[name] = Part(name, version, "see its text", home, [text])
    if unknown:
        raise SystemExit(f"nobody knows where these come from: {', '.join(map(str, unknown))}")
    return list(found.values())


def debian_package(path: Path) -> str | None:
    """The package that `path` belongs to, which may be listed by an older name of its folder."""
    resolved = path.resolve()
    spelt = [path, resolved]
    spelt += [Path("/", *each.parts[2:]) for each in spelt if each.parts[1:2] == ("usr",)]
    for each in spelt:
        owner = said(["dpkg-query", "-S", str(each)])
        if owner:
            return owner.partition(": ")[0].split(", ")[0]
    return None


def said(command: Sequence[str]) -> str:
    """What a command prints; nothing where it fails or is not there."""
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def write(parts: Sequence[Part], target: Path) -> None:
    """One text that lists the parts, and a folder with the licences of each."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    lines = ["photoclust is under the MIT licence, see photoclust/. It comes with these works:", ""]
    for part in parts:
        lines.append(f"{part.name} {part.version}: {part.licence or 'see its text'}  {part.home}")
        folder = target / part.name.replace(" ", "-")
        for number, text in enumerate(part.texts):
            if text.is_file():
                folder.mkdir(exist_ok=True)
                name = text.name if not (folder / text.name).exists() else f"{number}-{text.name}"
                shutil.copyfile(text, folder / name)
    lines += [
        "",
        "Qt, PySide6, pyqtgraph and the libraries under the LGPL are separate files, which you may",
        "replace by other versions of them.",
    ]
    (target / "NOTICE.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
