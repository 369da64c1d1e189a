"""How fast a library of 100 000 photos and 250 000 faces answers, and how much memory that takes.

The library is made up: real small files in 1 000 folders, vectors around the centres of 5 000
people, all but some of them named through the journal. Times are medians; those of whole processes
run from their start to their end. `--library FOLDER` keeps what was made there for the next run.

    python tests/benchmarks/library_speed.py --library /tmp/large
"""

import gc
import hashlib
import statistics
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from common import PHOTOCLUST, contradictions, parser, photoclust, timed

from photoclust.console import table
from photoclust.core.types import ClusterId, EntryStatus, ModelId
from photoclust.services import browse, history, naming, timeline, years
from photoclust.store import (
    cluster_table,
    face_table,
    faces,
    files,
    journal,
    people,
    recognitions,
    schema,
    undoing,
)
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import FILE_NAME, Library, Transaction
from photoclust.store.journal import Act
from photoclust.store.recognitions import Verdicts

MODEL = ModelId("facenet-vggface2")
FACES_PER_PHOTO, PHOTOS_PER_FOLDER, PHOTOS_PER_PERSON = 2.5, 100, 20
LARGEST = 0.2
"""The share of the faces that one person has."""
NAMED_AT_ONCE = 1000
"""The faces of the group that is named and unnamed again."""
CHANGED = 1000
"""The verdicts that differ after one person was confirmed."""
UNNAMED_GROUPS, UNNAMED_FACES = 400, 12
SINGLE_FACES = 0.05
PAGE = 200
BLOCK = 5000
"""Rows written at a time."""
DAY_ONE = datetime(2004, 5, 1, 12)  # noqa: DTZ001 - photos are dated in local time


@dataclass
class Row:
    """One thing that is measured: its times in ms, its limit, and the memory it took at most."""

    what: str
    limit_ms: float | None
    times_ms: list[float] = field(default_factory=list)
    peak_mb: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.times_ms)

    def cells(self) -> tuple[str, str, str, str, str]:
        limit = "" if self.limit_ms is None else f"{self.limit_ms:,.0f}"
        verdict = "" if self.limit_ms is None else "ok" if self.median <= self.limit_ms else "MISS"
        memory = f"{self.peak_mb:,.0f}" if self.peak_mb else ""
        return self.what, f"{self.median:,.1f}", limit, verdict, memory


# Making the library


def picture(number: int) -> bytes:
    """A valid PNG of one grey pixel that no other number has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = b"\0\0\0\1\0\0\0\1\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            chunk(b"IHDR", header),
            chunk(b"tEXt", b"Comment\0%d" % number),
            chunk(b"IDAT", zlib.compress(b"\0\x80")),
            chunk(b"IEND", b""),
        )
    )


def write_photos(library: Library, folder: Path, count: int) -> None:
    """`count` files in `folder`, and photos with the very size, time and hash of these."""
    with library.write() as tx:
        files.add_folders(tx, [folder])
        run = journal.start_run(tx, "scan", {"roots": [str(folder)]})
        photo_rows, file_rows = [], []
        for number in range(count):
            place = folder / f"{number // PHOTOS_PER_FOLDER:04d}"
            if number % PHOTOS_PER_FOLDER == 0:
                place.mkdir(parents=True)
            path, data = place / f"IMG_{number:06d}.png", picture(number)
            path.write_bytes(data)
            stat = path.stat()
            photo_rows.append(
                {
                    "id": number + 1,
                    "width": 4000,
                    "height": 3000,
                    "turn": 0,
                    "taken_at": DAY_ONE + timedelta(hours=number),
                    "date_source": "exif",
                    "camera": "Canon EOS 350D",
                    "detector": "centerface",
                    "entry_id": run,
                }
            )
            file_rows.append(
                {
                    "photo_id": number + 1,
                    "path": path,
                    "size": stat.st_size,
                    "mtime_ns": stat.st_mtime_ns,
                    "hash": hashlib.blake2b(data, digest_size=20).digest(),
                    "picture_hash": hashlib.blake2b(data, digest_size=16).digest(),
                }
            )
        for start in range(0, count, BLOCK):
            tx.execute(schema.photo.insert(), photo_rows[start : start + BLOCK])
            tx.execute(schema.file.insert(), file_rows[start : start + BLOCK])
        journal.end_run(tx, run, EntryStatus.DONE, {"photos": count, "faces": 0})


def groups_of_faces(rng: np.random.Generator, count: int, people_count: int) -> list[np.ndarray]:
    """The faces (ids from 1) of the groups: first those that get a name, the largest at the head,
    then those that get none; the last of these is the one to be named.
    """
    order = rng.permutation(count) + 1
    largest = round(LARGEST * count)
    unnamed = [UNNAMED_FACES] * UNNAMED_GROUPS + [min(NAMED_AT_ONCE, count // 10)]
    rest = count - largest - sum(unnamed) - round(SINGLE_FACES * count)
    shares = 1 / np.arange(20, people_count + 19)
    sizes = np.maximum(1, rest * shares / shares.sum()).astype(int)
    ends = np.cumsum([largest, *sizes, *unnamed])
    return np.split(order[: ends[-1]], ends[:-1])


def write_faces(
    library: Library, rng: np.random.Generator, count: int, groups: Sequence[np.ndarray]
) -> None:
    """Faces with vectors around the centre of their group, in photos in the order of their ids."""
    group_of = np.full(count + 1, -1)
    for number, members in enumerate(groups):
        group_of[members] = number
    centres = rng.standard_normal((len(groups) + 1, 512), np.float32)
    with library.write() as tx:
        model = add_model(tx)
        for start in range(0, count, BLOCK):
            ids = np.arange(start, min(start + BLOCK, count)) + 1
            vectors = centres[group_of[ids]]
            vectors = vectors + 0.5 * rng.standard_normal(vectors.shape, np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            photos = ((ids - 1) / FACES_PER_PHOTO).astype(np.int64) + 1
            add_faces(tx, model, rng, ids=ids, photos=photos, vectors=vectors)


def add_model(tx: Transaction) -> int:
    model = schema.model
    return tx.execute(model.insert().values(name=MODEL).returning(model.c.id)).scalar_one()


def add_faces(
    tx: Transaction,
    model: int,
    rng: np.random.Generator,
    *,
    ids: np.ndarray,
    photos: np.ndarray,
    vectors: np.ndarray,
    quality: np.ndarray | None = None,
) -> None:
    """Faces with these `ids` [n], in `photos` [n], with unit `vectors` [n, dim] of `model`; what
    else there is to a face is made up.
    """
    landmarks = rng.random((5, 2), np.float32).tobytes()
    placed = rng.random((len(ids), 5))
    quality = rng.beta(4, 3, len(ids)) if quality is None else quality
    tx.execute(
        schema.face.insert(),
        [
            {
                "id": int(face),
                "photo_id": int(photo),
                "x": float(place[0]),
                "y": float(place[1]),
                "w": float(place[2] / 5),
                "h": float(place[3] / 5),
                "landmarks": landmarks,
                "score": float(0.5 + place[4] / 2),
                "quality": float(good),
            }
            for face, photo, place, good in zip(ids, photos, placed, quality, strict=True)
        ],
    )
    tx.execute(
        schema.vector.insert(),
        [
            {"face_id": int(face), "model_id": model, "data": vector.tobytes()}
            for face, vector in zip(ids, vectors.astype(np.float16), strict=True)
        ],
    )


def write_groups(library: Library, groups: Sequence[np.ndarray], people_count: int) -> None:
    """The groups, and an act for each of the first of them that names it."""
    with library.write() as tx:
        run = journal.start_run(tx, "group", {"method": "hdbscan", "model": MODEL})
        contents = [ClusterContent(None, None, members.tolist()) for members in groups]
        cluster_table.replace_clusters(tx, contents, run)
        journal.end_run(tx, run, EntryStatus.DONE, {"groups": len(groups)})
    for start in range(0, people_count, 100):
        with library.write() as tx:
            for number in range(start + 1, min(start + 100, people_count) + 1):
                act = Act(tx, "name", {"target": f"g{number}"})
                person = people.add_person(act, f"Person {number}")
                people.name_cluster(act, ClusterId(number), person)
                act.note_person(person, f"Person {number}")
                act.finish()


def make(folder: Path, photos: int) -> None:
    """The library in `folder`/library and its files in `folder`/photos."""
    rng = np.random.default_rng(0)
    count, people_count = round(photos * FACES_PER_PHOTO), photos // PHOTOS_PER_PERSON
    groups = groups_of_faces(rng, count, people_count)
    (folder / "photos").mkdir(parents=True)
    with Library(folder / "library") as library:
        for what, work in (
            ("photos", lambda: write_photos(library, folder / "photos", photos)),
            ("faces", lambda: write_faces(library, rng, count, groups)),
            ("people", lambda: write_groups(library, groups, people_count)),
        ):
            print(f"making {what} …", file=sys.stderr)
            work()


# Measuring


@contextmanager
def peak_of(row: Row) -> Iterator[None]:
    """Note the time of what is done inside, and by how much the process grew (Linux)."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    before = psutil.Process().memory_info().rss
    with suppress(OSError):
        reset.write_text("5")
    start = time.perf_counter()
    yield
    row.times_ms.append((time.perf_counter() - start) * 1000)
    with suppress(OSError, StopIteration):
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        row.peak_mb = max(row.peak_mb, (int(line.split()[1]) * 1024 - before) / 1e6)


def measure(what: str, limit_ms: float | None, runs: int, work: Callable[[], object]) -> Row:
    """The row of `work`, done once to warm up and then `runs` times."""
    row = Row(what, limit_ms)
    work()
    for _ in range(runs):
        gc.collect()
        with peak_of(row):
            work()
    return row


def name_and_undo(library: Library, runs: int) -> list[Row]:
    """The last group named and unnamed again."""
    with library.read() as tx:
        loose = [group for group in people.groups(tx) if group.name is None]
    rows = [
        Row(f"name a group of {loose[0].faces:,} faces", 150),
        Row("undo it", 150),
        Row("redo it", 150),
    ]
    for number in range(runs):
        for row, work in zip(
            rows,
            (
                lambda number=number: naming.name(library, loose[0].key, f"Somebody {number}"),
                lambda: history.undo(library),
                lambda: history.redo(library),
            ),
            strict=True,
        ):
            with peak_of(row):
                work()
        history.undo(library)
    return rows


def recognize(library: Library, runs: int) -> list[Row]:
    """Verdicts about the faces that nobody decided about, and about some of them to the contrary;
    nothing of it stays.
    """
    queries = (
        "SELECT id FROM face WHERE person_id IS NULL AND NOT excluded ORDER BY id",
        "SELECT id FROM person WHERE alive LIMIT 50",
    )
    with library.read() as tx:
        loose, known = (np.array(tx.exec_driver_sql(query).scalars().all()) for query in queries)
    some = loose[:CHANGED]
    rows = [
        Row(f"write {len(loose):,} verdicts", 20 * len(loose) / 1000),
        Row(f"change {len(some):,} verdicts", 150),
        Row("take the names back", 150),
    ]

    def said(faces: np.ndarray, person: int, *, named: bool) -> Verdicts:
        sure = np.full(len(faces), 0.9)
        people = np.resize(np.roll(known, person), len(faces))
        return Verdicts(
            faces, people, sure, sure, np.roll(people, 1), sure, sure, np.full(len(faces), named)
        )

    for _ in range(runs):
        with library.write() as tx:
            with peak_of(rows[0]):
                recognitions.write(tx, said(loose, 0, named=False), None, model=MODEL)
            with peak_of(rows[1]):
                named = recognitions.write(tx, said(some, 1, named=True), some, model=MODEL)
            with peak_of(rows[2]):
                undoing.undo(tx, named.entry)
            tx.rollback()
    return rows


def measured(folder: Path, photos: int, runs: int) -> list[Row]:
    """Everything but the processes."""
    rows = [measure("open the library", 500, runs, lambda: Library(folder / "library").close())]
    with Library(folder / "library") as library:
        largest = browse.groups(library)[0]

        def groups() -> object:
            with library.read() as tx:
                covers = [group.cover for group in people.groups(tx)]
                return faces.faces(tx, ids=[cover for cover in covers[:PAGE] if cover is not None])

        def vectors() -> object:
            with library.read() as tx:
                return face_table.load_vectors(tx, MODEL)

        def page(offset: int) -> Callable[[], object]:
            return lambda: browse.faces(library, largest.key, limit=PAGE, offset=offset)

        def table_() -> object:
            with library.read() as tx:
                return face_table.load_table(tx, MODEL)

        rows += [
            measure("people with counts and cover faces", 100, runs, groups),
            measure("overview for the window", None, runs, lambda: browse.overview(library)),
        ]
        for name, offset in (
            ("first", 0),
            ("middle", largest.faces // 2),
            ("last", largest.faces - PAGE),
        ):
            what = f"{name} page of {PAGE} of {largest.faces:,} faces"
            rows.append(measure(what, 20, runs, page(offset)))
        rows += [
            measure("all vectors as float32", 1500, 3, vectors),
            measure("all there is to group by", None, 3, table_),
            measure(
                "a page of the journal", None, runs, lambda: history.entries(library, limit=100)
            ),
            measure("all photo ids by date", None, 3, lambda: browse.photo_ids(library)),
            measure("the timeline", None, runs, lambda: timeline.timeline(library)),
            measure("the months, with who is in them", None, runs, lambda: years.months(library)),
            measure("what to undo and redo next", None, runs, lambda: history.next_steps(library)),
        ]
        rows += name_and_undo(library, runs)
        rows += recognize(library, runs)
    command = [*PHOTOCLUST, "people", "--json", "--library", str(folder / "library")]
    rows.append(Row("photoclust people, the process", None, [timed(*command) * 1000] * 3))
    scan = Row(f"rescan of {photos:,} files, the process", 10_000)
    for _ in range(3):
        start = time.perf_counter()
        report = photoclust("scan", folder / "photos", library=folder / "library")
        scan.times_ms.append((time.perf_counter() - start) * 1000)
        if report["unchanged"] != photos:
            raise SystemExit(f"a rescan found {report['unchanged']} of {photos} files unchanged")
    return [*rows, scan]


def sizes(folder: Path) -> tuple[list[tuple[str, int]], int]:
    """Bytes of each table and index, the largest first, and of the whole file."""
    with Library(folder / "library") as library:
        library.run_outside(lambda sqlite: sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        with library.read() as tx:
            parts = tx.exec_driver_sql(
                "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"
            )
            named = [(row[0], row[1]) for row in parts]
    return named, (folder / "library" / FILE_NAME).stat().st_size


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--library", type=Path, help="folder to make it in, or to reuse it from")
    arguments.add_argument("-n", "--count", type=int, default=100_000, help="photos")
    arguments.add_argument("--runs", type=int, default=9)
    options = arguments.parse_args()
    with TemporaryDirectory(prefix="photoclust-library-") as temporary:
        folder = (options.library or Path(temporary)).absolute()
        if not (folder / "library" / FILE_NAME).exists():
            start = time.monotonic()
            make(folder, options.count)
            print(f"made in {time.monotonic() - start:.0f} s", file=sys.stderr)
        with Library(folder / "library") as library:
            photos, face_count = browse.counts(library)
            wrong = contradictions(library)
        rows = measured(folder, photos, options.runs)
        with Library(folder / "library") as library:
            wrong += contradictions(library)
        parts, size = sizes(folder)
    table(("", "ms, median", "Limit", "", "MB more"), [row.cells() for row in rows])
    per_face = size / face_count
    table(
        ("On disk", "MB", "Bytes per face"),
        [(name, f"{n / 1e6:.1f}", f"{n / face_count:.0f}") for name, n in parts[:14]]
        + [("the whole file", f"{size / 1e6:.1f}", f"{per_face:.0f}")],
    )
    print(f"{'ok' if per_face <= 1600 else 'MISS'}  {per_face:.0f} bytes per face ≤ 1600")
    print("\n".join(wrong) or "the library is consistent")
    missed = per_face > 1600 or any(row.limit_ms and row.median > row.limit_ms for row in rows)
    sys.exit(bool(wrong) or missed)


if __name__ == "__main__":
    main()
