"""kill -9 at random moments of a scan, then scan again: nothing may be lost or doubled.

A scan's whole process group is killed again and again; whenever a scan gets to its end first, its
library is compared with the one of a scan that was left alone, and a new one is begun. Now and then
between two kills the faces are grouped and a group gets a name, which must be there at the end. The
folder holds photos, copies of some of them, and files that are broken.

    python tests/benchmarks/kill_scan.py --faces ../shared/data/lfw
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from common import FACES, PHOTOCLUST, parser, photoclust, small_photos

from photoclust.console import table
from photoclust.store.database import FILE_NAME

NAME_EVERY = 2
"""Kills between two names."""
BOX_TOLERANCE = 1e-4
VECTOR_TOLERANCE = 2e-3
"""Photos are embedded in batches that differ from run to run, which rounds differently."""

FILES = "SELECT file.path, photo.hash FROM file JOIN photo ON photo.id = file.photo_id"
FACES_OF_PHOTOS = (
    "SELECT photo.hash, face.x, face.y, face.w, face.h, vector.data FROM photo "
    "JOIN face ON face.photo_id = photo.id LEFT JOIN vector ON vector.face_id = face.id "
    "ORDER BY photo.hash, face.x, face.y"
)


@dataclass
class Content:
    """What a library holds, without its ids."""

    files: dict[str, str]
    photos: Counter[str]
    failures: dict[str, str]
    faces: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    vectors: dict[str, list[np.ndarray]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read(library: Path) -> Content:
    """The content of a library, and what SQLite has to say against it."""
    connection = sqlite3.connect(library / FILE_NAME)
    ask = connection.execute
    content = Content(
        dict(ask(FILES).fetchall()),
        Counter(row[0] for row in ask("SELECT hash FROM photo")),
        dict(ask("SELECT path, reason FROM failure").fetchall()),
    )
    for digest, *box, vector in ask(FACES_OF_PHOTOS):
        content.faces.setdefault(digest, []).append(tuple(box))
        if vector is None:
            content.problems.append(f"a face of {digest[:8]} has no vector")
        else:
            content.vectors.setdefault(digest, []).append(np.frombuffer(vector, np.float16))
    if (integrity := ask("PRAGMA integrity_check").fetchone()[0]) != "ok":
        content.problems.append(f"integrity_check: {integrity}")
    if broken := ask("PRAGMA foreign_key_check").fetchall():
        content.problems.append(f"foreign_key_check: {broken}")
    connection.close()
    return content


def differences(expected: Content, got: Content) -> list[str]:
    """In what `got` is not `expected`."""
    parts = ("files", "photos", "failures")
    found = [f"{part} differ" for part in parts if getattr(expected, part) != getattr(got, part)]
    found += got.problems
    for digest in expected.faces.keys() | got.faces.keys():
        before, after = expected.faces.get(digest, []), got.faces.get(digest, [])
        if len(before) != len(after):
            found.append(f"{digest[:8]} has {len(after)} faces, not {len(before)}")
        elif not np.allclose(before, after, atol=BOX_TOLERANCE):
            found.append(f"{digest[:8]} has other boxes")
        elif not np.allclose(
            expected.vectors.get(digest, []), got.vectors.get(digest, []), atol=VECTOR_TOLERANCE
        ):
            found.append(f"{digest[:8]} has other vectors")
    return found


def prepare(faces: Path, folder: Path, count: int) -> None:
    """Photos, copies of every tenth under another name, and two broken files."""
    small_photos(faces, folder, count)
    for path in sorted(folder.glob("*.jpg"))[::10]:
        shutil.copyfile(path, folder / f"copy-of-{path.name}")
    whole = next(folder.glob("*.jpg")).read_bytes()
    (folder / "cut-off.jpg").write_bytes(whole[:300])
    (folder / "empty.jpg").touch()


def scan_and_kill(photos: Path, library: Path, seconds: float) -> bool:
    """Scan, and kill it after `seconds`; whether the kill came first."""
    command = [*PHOTOCLUST, "scan", str(photos), "--library", str(library)]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        if process.wait(seconds):
            raise SystemExit(f"a scan failed with {process.returncode}")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def photos_in(library: Path) -> int:
    """Photos in a library after a kill, counted in a copy: reading it would already mend it."""
    with TemporaryDirectory(prefix="photoclust-kill-") as copy:
        for path in library.glob(f"{FILE_NAME}*"):
            shutil.copy(path, copy)
        connection = sqlite3.connect(Path(copy, FILE_NAME))
        count: int = 0
        with suppress(sqlite3.OperationalError):  # killed before there were tables
            count = connection.execute("SELECT count(*) FROM photo").fetchone()[0]
        connection.close()
    return count


def name_a_group(library: Path, name: str) -> set[str]:
    """Group, and name the largest group that has no name: its faces, none if there is no group."""
    photoclust("group", library=library)
    groups = [item for item in photoclust("people", library=library) if item["name"] is None]
    if not groups:
        return set()
    photoclust("name", groups[0]["id"], name, library=library)
    return faces_of(library).get(name, set())


def faces_of(library: Path) -> dict[str, set[str]]:
    """The faces of each person who has a name."""
    names = {item["id"]: item["name"] for item in photoclust("people", library=library)}
    people: dict[str, set[str]] = {}
    for face in photoclust("faces", library=library):
        if face["person"] is not None:
            people.setdefault(names[face["person"]], set()).add(face["face"])
    return people


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("-n", "--count", type=int, default=120, help="photos")
    arguments.add_argument("--faces", type=Path, default=FACES)
    arguments.add_argument("--kills", type=int, default=30)
    arguments.add_argument(
        "--share", type=float, default=0.7, help="kill before this share of a whole scan's time"
    )
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    rng = random.Random(options.seed)
    names = libraries = litter = 0
    kills: list[int] = []
    found: list[str] = []
    with TemporaryDirectory(prefix="photoclust-kill-") as temporary:
        photos = Path(temporary, "photos")
        prepare(options.faces, photos, options.count)
        start = time.monotonic()
        photoclust("scan", photos, library=Path(temporary, "whole"))
        whole = time.monotonic() - start
        expected = read(Path(temporary, "whole"))
        while len(kills) < options.kills:
            library = Path(temporary, f"killed-{libraries}")
            named: dict[str, set[str]] = {}
            while len(kills) < options.kills and scan_and_kill(
                photos, library, rng.uniform(0.1, options.share * whole)
            ):
                kills.append(photos_in(library))
                print(f"kill {len(kills)}, at {kills[-1]} photos", file=sys.stderr)
                if len(kills) % NAME_EVERY == 0 and kills[-1]:
                    name = f"Person {len(named)}"
                    if faces := name_a_group(library, name):
                        named[name] = faces
            photoclust("scan", photos, library=library)
            found += differences(expected, read(library))
            kept = faces_of(library)
            found += [
                f"{name} has lost {len(faces - kept.get(name, set()))} faces"
                for name, faces in named.items()
                if not faces <= kept.get(name, set())
            ]
            again = photoclust("scan", photos, library=library)
            if again["photos"]:
                found.append(f"a scan after the last one looked at {again['photos']} photos again")
            litter += sum(path.name.endswith(".tmp") for path in library.rglob("*"))
            libraries, names = libraries + 1, names + len(named)
    table(
        ("", ""),
        [
            ("scan left alone", f"{whole:.1f} s"),
            ("files", len(expected.files) + len(expected.failures)),
            ("photos", len(expected.photos)),
            ("faces", sum(map(len, expected.faces.values()))),
            ("kills", len(kills)),
            ("of them in the middle", sum(0 < done < len(expected.photos) for done in kills)),
            ("libraries brought to the end", libraries),
            ("names given in between", names),
            ("temporary files left behind", litter),
            ("differences", len(found)),
        ],
    )
    print("\n".join(found))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
