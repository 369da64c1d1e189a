"""Open every bundled resource of the photoclust that is installed: `python check_install.py`.

Compares what the installed package finds with the source tree this script lies in, byte for byte,
and refuses to look at a package imported from that tree.
"""

import sys
from pathlib import Path

import photoclust
from photoclust.core import paths

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> int:
    """Print how many resources the installation holds, or what is wrong with it (exit code 1)."""
    package = Path(photoclust.__file__).resolve().parent
    if package == REPOSITORY / "photoclust":
        print(f"{package} is the source tree: install a wheel first")
        return 1
    source = REPOSITORY / "resources"
    files = [path.relative_to(source) for path in sorted(source.rglob("*")) if path.is_file()]
    for file in files:
        found = paths.resource(*file.parts)
        if not found.resolve().is_relative_to(package):
            print(f"{file} is found outside the installation, at {found}")
            return 1
        if found.read_bytes() != (source / file).read_bytes():
            print(f"{file} differs from the source tree's")
            return 1
    print(f"{len(files)} resources opened in {package}")
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main())
