"""Pictures that share a file: the pages of a TIFF or PDF, the moments of a video.

The first is known by the path of the file. Each further one has a path of its own below that, as if
the file were a folder: `album.tif/page 2`, `party.mp4/at 12.480 s`. No file system has anything
there, so that such a path is never that of a file, and whoever keeps, moves, sorts or types paths
needs to know nothing of it; only who opens or looks for a file asks for `file_of`.
"""

import os
import re
from pathlib import Path, PurePath

PAGED_EXTENSIONS = frozenset((".tif", ".tiff", ".pdf"))
"""Files with these may have pages."""
VIDEO_EXTENSIONS = frozenset(
    f".{name}"
    for name in ("3gp", "avi", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "webm")
)
"""Files with these have moments."""
PARTED_EXTENSIONS = PAGED_EXTENSIONS | VIDEO_EXTENSIONS
_PAGE = re.compile(r"page ([1-9]\d{0,4})")
_BESIDE = re.compile(r"(.+\.\w+) ((?:page|at) [\d.]+(?: s)?)")
_MOMENT = re.compile(r"at (\d{1,6})\.(\d{3}) s")


def page_path(file: Path, number: int) -> Path:
    """The path of page `number` ≥ 2 of `file`."""
    return file / f"page {number}"


def moment_path(file: Path, at_ms: int) -> Path:
    """The path of what a video shows `at_ms` milliseconds after its beginning."""
    return file / f"at {at_ms // 1000}.{at_ms % 1000:03d} s"


def page_of(path: Path) -> int:
    """The number of the page at `path`; 1 for a file itself."""
    found = _PAGE.fullmatch(path.name) if is_part(path) else None
    return int(found[1]) if found else 1


def moment_of(path: Path) -> int | None:
    """How many milliseconds after the beginning of a video what is at `path` lies; None for a file
    itself and for a page.
    """
    found = _MOMENT.fullmatch(path.name) if is_part(path) else None
    return int(found[1] + found[2]) if found else None


def is_part(path: PurePath) -> bool:
    """Whether `path` is that of a further picture in a file."""
    return is_part_of(path.parent.name, path.name)


def is_part_of(file: str, name: str) -> bool:
    """Whether what is called `name` below `file`, a name or a path, is a further picture in it."""
    return (
        name.startswith(("page ", "at "))
        and os.path.splitext(file)[1].lower() in PARTED_EXTENSIONS  # noqa: PTH122 - no Path more
        and (_PAGE.fullmatch(name) or _MOMENT.fullmatch(name)) is not None
    )


def file_of(path: Path) -> Path:
    """The file that the picture at `path` is in: mostly `path` itself."""
    return path.parent if is_part(path) else path


def beside(path: Path) -> Path:
    """The path that names of files which lie beside a picture begin with: `path` itself, for a
    further picture in a file `album.tif page 2`.
    """
    return path.parent.with_name(f"{path.parent.name} {path.name}") if is_part(path) else path


def told_of(path: Path) -> Path:
    """The picture of which `beside` gives `path`."""
    found = _BESIDE.fullmatch(path.name)
    part = path.parent / found[1] / found[2] if found else path
    return part if is_part(part) else path
