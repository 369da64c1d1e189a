"""kill -9 at random moments of scans, groupings and namings: no decision may be lost or half there.

A process that names, merges, rejects, excludes, undoes and redoes without a pause (or groups faces
between such acts) says on a pipe what it has done; it is killed, and its library is looked at: it
is whole, it says what its journal says, everything that was said to be done is done, and at most
one act more, all of it. Scans are killed with their process group until one gets to its end, whose
library is compared with that of a scan that was left alone. POSIX only.

    python tests/benchmarks/kill.py --faces ../shared/data/lfw
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from common import FACES, PHOTOCLUST, contradictions, parser, photoclust, small_photos
from library_speed import write_faces, write_photos

from photoclust.console import table
from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.errors import UserError
from photoclust.core.types import EntryId, EntryStatus, PhotoId
from photoclust.services import browse, deciding, grouping, history, naming
from photoclust.services.opening import open_library
from photoclust.store import cluster_table, decisions, journal, undoing
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import FILE_NAME, Library, Transaction
from photoclust.store.undoing import Later

PHOTOS, GROUPS, GROUP_FACES = 160, 40, 8
"""The library of the namings; a quarter of its 400 faces is in no group."""
SHARES = {"scans": 0.24, "groupings": 0.16, "namings": 0.6}
KILLS_PER_LIBRARY = 40
LONGEST_S = {"namings": 0.4, "groupings": 3.0}
"""A process is killed within this time after it has begun."""
NAME_EVERY = 10
"""Kills of scans between two names."""
BOX_TOLERANCE = 1e-4
VECTOR_TOLERANCE = 2e-3
"""Photos are embedded in batches that differ from run to run, which rounds differently."""

FILES = "SELECT path, hex(hash) FROM file"
PHOTOS_BY_HASH = "SELECT hex(hash), count(DISTINCT photo_id) FROM file GROUP BY hash"
FACES_OF_PHOTOS = (
    "SELECT hex(file.hash), face.x, face.y, face.w, face.h, vector.data FROM face "
    "JOIN file ON file.id = (SELECT min(id) FROM file WHERE file.photo_id = face.photo_id) "
    "LEFT JOIN vector ON vector.face_id = face.id ORDER BY 1, 2, 3"
)


@dataclass
class Tally:
    """What there was, and what was wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    acts: int = 0
    in_full: int = 0
    middle: int = 0
    libraries: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, kind: str, problems: list[str]) -> None:
        self.kills[kind] += 1
        self.problems += [f"{kind}, kill {self.kills[kind]}: {problem}" for problem in problems]
        print(f"{kind} {self.kills[kind]} {'; '.join(problems)}", file=sys.stderr)


# What is killed: acts without a pause


def prepare_faces(folder: Path) -> None:
    """A library with groups that nobody has named."""
    rng = np.random.default_rng(0)
    groups = np.split(np.arange(1, GROUPS * GROUP_FACES + 1), GROUPS)
    with Library(folder / "library") as library:
        write_photos(library, folder / "photos", PHOTOS)
        write_faces(library, rng, round(PHOTOS * 2.5), groups)
        with library.write() as tx:
            cluster_table.replace_clusters(
                tx, [ClusterContent(None, None, members.tolist()) for members in groups]
            )


def act_at_random(library: Library, rng: random.Random) -> None:
    """One act. Raises UserError where chance chose what cannot be done."""
    listed = browse.groups(library)
    group, other = rng.choice(listed).key, rng.choice(listed).key
    face, name = f"f{rng.randint(1, round(PHOTOS * 2.5))}", f"Person {rng.randint(1, 30)}"
    of_group = [f"f{face.id}" for face in browse.faces(library, group)[:3]]
    oldest = max(1, _newest(library) - 30)
    acts: tuple[Callable[[], object], ...] = (
        lambda: naming.name(library, rng.choice((group, face)), name),
        lambda: deciding.merge(library, group, other),
        lambda: deciding.reject(library, of_group),
        lambda: deciding.move(library, [face], other),
        lambda: deciding.split(library, of_group[:1]),
        lambda: deciding.exclude(library, [face], excluded=rng.random() < 0.7),
        lambda: deciding.hide(library, [group]),
        lambda: deciding.delete(library, group),
        lambda: deciding.set_date(library, [PhotoId(rng.randint(1, PHOTOS))], _date(rng)),
        *[lambda: history.undo(library)] * 3,
        *[lambda: history.redo(library)] * 2,
        lambda: history.undo(
            library, EntryId(rng.randint(oldest, oldest + 30)), rng.choice(list(Later))
        ),
    )
    rng.choice(acts)()


def _date(rng: random.Random) -> PhotoDate:
    return PhotoDate(datetime(rng.randint(1950, 2020), 1, 1), DatePrecision.YEAR, DateSource.HAND)  # noqa: DTZ001


def _newest(library: Library) -> int:
    with library.read() as tx:
        return max((entry.id for entry in journal.entries(tx, limit=1)), default=0)


def said(tx: Transaction) -> str:
    """A fingerprint of every decision."""
    everything = sorted((*map(int, key), value) for key, value in decisions.everything(tx).items())
    return hashlib.blake2b(repr(everything).encode(), digest_size=8).hexdigest()


def act_until_killed(folder: Path, kind: str, seed: int, pipe: int) -> None:
    """Act, and say after each act on `pipe` what the newest entry is and what is decided."""
    rng = random.Random(seed)
    library = open_library(folder).library
    while True:
        with library.read() as tx:
            newest = max((entry.id for entry in journal.entries(tx, limit=1)), default=0)
            os.write(pipe, json.dumps([newest, said(tx)]).encode() + b"\n")
        with suppress(UserError):
            act_at_random(library, rng)
        if kind == "groupings":
            grouping.group(library)


def act_and_kill(folder: Path, kind: str, rng: random.Random) -> list[tuple[int, str]]:
    """Let a new process act, and kill it; what it said that it had done."""
    told, tell = os.pipe()
    seed, seconds = rng.randrange(2**32), rng.uniform(0, LONGEST_S[kind])
    # Forked, so that not all of photoclust must be loaded anew for each of hundreds of kills.
    if (child := os.fork()) == 0:
        try:
            os.setpgid(0, 0)
            os.close(told)
            act_until_killed(folder, kind, seed, tell)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(tell)
    with os.fdopen(told, "rb") as lines:
        first = lines.readline()
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit(f"the process that acts ended by itself, with {status}")
        whole = [line for line in (first + lines.read()).splitlines(True) if line.endswith(b"\n")]
    return [(number, print_) for number, print_ in map(json.loads, whole)]


# Whether a library has come through


def look_at(folder: Path) -> list[str]:
    """What is wrong with a library that was killed, whatever was in it."""
    connection = sqlite3.connect(folder / FILE_NAME)
    (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    found = [] if integrity == "ok" else [f"integrity_check: {integrity}"]
    library = open_library(folder).library
    try:
        found += contradictions(library)
        with library.read() as tx:
            entries = journal.entries(tx)
            doubled = tx.exec_driver_sql(
                "SELECT count(*) - count(DISTINCT photo_id || ' ' || x || ' ' || y) FROM face"
            ).scalar_one()
    finally:
        library.close()
    if doubled:
        found.append(f"{doubled} faces are there twice")
    if any(entry.status is EntryStatus.RUNNING for entry in entries):
        found.append("a run that was killed is said to go on")
    acts = {entry.id: True for entry in entries if entry.kind not in journal.NOT_UNDOABLE}
    for entry in reversed(entries):
        if entry.kind in {"undo", "redo"}:
            acts |= dict.fromkeys(entry.details["entries"], entry.kind == "redo")
    stand = {entry.id: entry.status is EntryStatus.STANDS for entry in entries if entry.id in acts}
    if stand != acts:
        found.append("what is undone is not what the undos say")
    return found


def look_for(folder: Path, told: list[tuple[int, str]], tally: Tally) -> list[str]:
    """What is missing of what was said to be done, or there by half."""
    last, decided = told[-1]
    tally.acts += len(told) - 1
    with Library(folder) as library, library.read() as tx:
        entries = {entry.id: entry for entry in journal.entries(tx)}
        now = said(tx)
    found = [
        f"entry {number} was done and is gone"
        for number, _ in told
        if number and number not in entries
    ]
    more = [entry for entry in entries.values() if entry.id > last]
    more = [entry for entry in more if entry.kind not in journal.RUNS]
    if not more:
        return found if now == decided else [*found, "what was decided is not what is there"]
    if len(more) > 1:
        return [*found, f"{len(more)} acts are there that nobody said were done"]
    tally.in_full += 1
    # Without it, everything must be as it was: then all of it was there.
    with Library(folder) as library, library.write() as tx:
        if more[0].kind == "undo":
            undoing.redo(tx)
        elif more[0].kind == "redo":
            gone = more[0].details["entries"]
            undoing.undo(tx, EntryId(min(gone)), Later.UNDO if len(gone) > 1 else Later.KEEP)
        else:
            undoing.undo(tx, more[0].id)
        if said(tx) != decided:
            found.append(f"entry {more[0].id} ({more[0].kind}) is there by half")
        tx.rollback()
    return found


def kill_acts(kind: str, kills: int, rng: random.Random, tally: Tally) -> None:
    """Kill a process that acts as often as that, with a new library now and then."""
    with TemporaryDirectory(prefix="photoclust-kill-") as temporary:
        begun, folder = Path(temporary, "begun"), Path(temporary, "library")
        if kills:
            prepare_faces(begun)
        for number in range(kills):
            if number % KILLS_PER_LIBRARY == 0:
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(begun / "library", folder)
            told = act_and_kill(folder, kind, rng)
            problems = look_at(folder)
            tally.add(kind, problems + look_for(folder, told, tally))


# Scans


@dataclass
class Content:
    """What a library holds, without its ids."""

    files: dict[str, str]
    photos: dict[str, int]
    failures: dict[str, str]
    faces: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    vectors: dict[str, list[np.ndarray]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read(library: Path) -> Content:
    """The content of a library."""
    connection = sqlite3.connect(library / FILE_NAME)
    ask = connection.execute
    content = Content(
        dict(ask(FILES).fetchall()),
        dict(ask(PHOTOS_BY_HASH).fetchall()),
        dict(ask("SELECT path, reason FROM failure").fetchall()),
    )
    for digest, *box, vector in ask(FACES_OF_PHOTOS):
        content.faces.setdefault(digest, []).append(tuple(box))
        if vector is None:
            content.problems.append(f"a face of {digest[:8]} has no vector")
        else:
            content.vectors.setdefault(digest, []).append(np.frombuffer(vector, np.float16))
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


def kill_scans(kills: int, options: argparse.Namespace, rng: random.Random, tally: Tally) -> None:
    """Scan and kill; compare what gets to its end with a scan that was left alone."""
    if not kills:
        return
    with TemporaryDirectory(prefix="photoclust-kill-") as temporary:
        photos = Path(temporary, "photos")
        prepare(options.faces, photos, options.count)
        start = time.monotonic()
        photoclust("scan", photos, library=Path(temporary, "whole"))
        latest = options.share * (time.monotonic() - start)
        earliest_end = latest / 2
        expected, libraries = read(Path(temporary, "whole")), 0
        while tally.kills["scans"] < kills:
            library = Path(temporary, f"killed-{libraries}")
            named: dict[str, set[str]] = {}
            while tally.kills["scans"] < kills and scan_and_kill(
                photos, library, rng.uniform(0.1, latest)
            ):
                tally.middle += 0 < photos_in(library) < sum(expected.photos.values())
                tally.add("scans", look_at(library) if (library / FILE_NAME).exists() else [])
                if tally.kills["scans"] % NAME_EVERY == 0 and photos_in(library):
                    name = f"Person {len(named)}"
                    if faces := name_a_group(library, name):
                        named[name] = faces
            # Of a scan that was faster than the first one, the end is not to be waited for.
            latest = max(earliest_end, 0.9 * latest)
            photoclust("scan", photos, library=library)
            found = differences(expected, read(library)) + look_at(library)
            kept = faces_of(library)
            found += [
                f"{name} has lost {len(faces - kept.get(name, set()))} faces"
                for name, faces in named.items()
                if not faces <= kept.get(name, set())
            ]
            again = photoclust("scan", photos, library=library)
            if again["photos"]:
                found.append(f"a scan after the last one looked at {again['photos']} photos again")
            tally.problems += found
            libraries += 1
        tally.libraries = libraries


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("-n", "--count", type=int, default=24, help="photos to scan")
    arguments.add_argument("--faces", type=Path, default=FACES)
    arguments.add_argument("--kills", type=int, default=500, help="24 : 16 : 60, unless these say")
    for kind in SHARES:
        arguments.add_argument(f"--{kind}", type=int, help=f"kills of {kind}")
    arguments.add_argument(
        "--share", type=float, default=0.9, help="kill before this share of a whole scan's time"
    )
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    given = {kind: getattr(options, kind) for kind in SHARES}
    if all(number is None for number in given.values()):
        given = {kind: round(share * options.kills) for kind, share in SHARES.items()}
    kills = {kind: number or 0 for kind, number in given.items()}
    rng, tally, start = random.Random(options.seed), Tally(), time.monotonic()
    for kind in ("namings", "groupings"):
        kill_acts(kind, kills[kind], rng, tally)
    kill_scans(kills["scans"], options, rng, tally)
    table(
        ("", ""),
        [
            *[(f"kills of {kind}", number) for kind, number in tally.kills.items()],
            ("acts that were said to be done", tally.acts),
            ("acts that were there in full, though nobody said so", tally.in_full),
            ("scans killed in the middle", tally.middle),
            ("libraries scanned to the end", tally.libraries),
            ("seconds", round(time.monotonic() - start)),
            ("problems", len(tally.problems)),
        ],
    )
    print("\n".join(tally.problems))
    sys.exit(bool(tally.problems))


if __name__ == "__main__":
    main()
