"""How fast a library of 100 000 photos and 250 000 faces is searched.

The library is made up: folders of 100 photos, named by month and place, half of the places with
letters that are no ASCII; one photo in 50 is dated by hand. One person has a fifth of the faces,
5 000 others the rest, falling like a power of their rank. Times are medians of whole searches,
from the text to the ids of the photos. `--library FOLDER` keeps the library for the next run.

    python tests/benchmarks/search.py --library /tmp/search
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from common import PHOTOCLUST, parser, timed

from photoclust.console import table
from photoclust.services import searching
from photoclust.store import files, schema
from photoclust.store.database import FILE_NAME, Library, Transaction

LIMIT_MS = 100
FACES_PER_PHOTO, PHOTOS_PER_FOLDER = 2.5, 100
PEOPLE, LARGEST, NAMELESS = 5000, 0.2, 0.1
DATED_EVERY, EXCLUDED_EVERY = 50, 97
DAY_ONE = datetime(2004, 5, 1, 12)  # noqa: DTZ001 - photos are dated in local time
ROOT = Path("/home/anna/Pictures")
PLACES = ("Italien", "Österreich", "Berlin", "Köln", "Rom", "München", "Türkei", "Strand", "Åland")
FIRST = ("Anna", "Jörg", "Maria", "Ben", "Zoë", "Thomas", "Łucja", "Karl", "Jürgen", "Lea", "Søren")
LAST = ("Schmidt", "Müller", "Weiß", "Kowalska", "Nuñez", "Fischer", "Weber", "Larsen", "Lang")
BLOCK = 5000
"""Rows written at a time."""
QUERIES = (
    # Who has a fifth of the faces, and somebody with a usual number of them.
    "p0",
    "p20",
    "p0 p20",
    "p0 or p20",
    "p20 -p0",
    "p0 -p20",
    "only: p20",
    "only: p0 p20",
    "anna",
    "jorg muller",
    "2019",
    "2018..2021 p20",
    "before:1950",
    "faces:>4",
    "faces:0",
    "unnamed",
    "unnamed 2019",
    "quality:<0.3",
    "italien",
    "folder:osterreich",
    "file:img_01234",
    "(p20 or p30) italien 2015..2019 faces:>2",
    "",
)
COMPLETIONS = ("an", "jorg m", "folder:ber", "year:20", "year:2019-", "only: p0 zo")


def name_of(number: int) -> str:
    """Of every person another name, the number being a part of it."""
    return f"{FIRST[number % len(FIRST)]} {LAST[number // 3 % len(LAST)]} P{number}"


def write_photos(tx: Transaction, count: int) -> None:
    files.add_folders(tx, [ROOT])
    photos, held = [], []
    for number in range(count):
        taken = DAY_ONE + timedelta(hours=1.9 * number)
        by_hand = f"{1900 + number % 100}-01-01 00:00:00|year|"
        photos.append(
            {
                "id": number + 1,
                "width": 4000,
                "height": 3000,
                "turn": 0,
                "taken_at": taken,
                "date_source": "exif",
                "dated": None if number % DATED_EVERY else by_hand,
                "detector": "centerface",
            }
        )
        folder = number // PHOTOS_PER_FOLDER
        place = f"{taken:%Y-%m} {PLACES[folder % len(PLACES)]} {folder}"
        held.append(
            {
                "photo_id": number + 1,
                "path": ROOT / f"{taken:%Y}" / place / f"IMG_{number:06d}.jpg",
                "size": 1,
                "mtime_ns": 1,
                "hash": number.to_bytes(20, "big"),
                "picture_hash": number.to_bytes(16, "big"),
            }
        )
    for start in range(0, count, BLOCK):
        tx.execute(schema.photo.insert(), photos[start : start + BLOCK])
        tx.execute(schema.file.insert(), held[start : start + BLOCK])


def write_people(tx: Transaction) -> None:
    tx.execute(
        schema.person.insert(),
        [
            {
                "id": number + 1,
                "alive": True,
                "name": name_of(number),
                "name_key": name_of(number).casefold(),
            }
            for number in range(PEOPLE + 1)
        ],
    )


def write_faces(tx: Transaction, rng: np.random.Generator, count: int) -> None:
    shares = 1 / np.arange(20, PEOPLE + 20)
    shares *= (1 - LARGEST - NAMELESS) / shares.sum()
    who = rng.choice(PEOPLE + 2, size=count, p=[LARGEST, *shares, NAMELESS])
    quality = rng.beta(4, 3, count)
    for start in range(0, count, BLOCK):
        rows = []
        for number in range(start, min(start + BLOCK, count)):
            excluded = number % EXCLUDED_EVERY == 0
            nobody = excluded or who[number] > PEOPLE
            rows.append(
                {
                    "photo_id": int(number / FACES_PER_PHOTO) + 1,
                    "x": 0.1,
                    "y": 0.1,
                    "w": 0.1,
                    "h": 0.1,
                    "landmarks": bytes(40),
                    "score": 0.9,
                    "quality": float(quality[number]),
                    "excluded": excluded,
                    "person_id": None if nobody else int(who[number]) + 1,
                }
            )
        tx.execute(schema.face.insert(), rows)
    tx.exec_driver_sql(
        "UPDATE person SET (face_count, photo_count) = (SELECT count(*), count(DISTINCT photo_id) "
        "FROM face WHERE person_id = person.id)"
    )


def make(folder: Path, photos: int) -> None:
    rng = np.random.default_rng(0)
    with Library(folder) as library, library.write() as tx:
        write_photos(tx, photos)
        write_people(tx)
        write_faces(tx, rng, round(photos * FACES_PER_PHOTO))


def median_ms(runs: int, work: Callable[[], object]) -> float:
    """The median time of `work`, done once to warm up and then `runs` times."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measured(folder: Path, runs: int) -> list[tuple[str, int, float]]:
    """What is done, how many photos or completions that gives, and how long it takes."""
    rows = []
    with Library(folder, look_only=True) as library:
        for query in QUERIES:
            found = searching.search(library, query)
            took = median_ms(runs, lambda query=query: searching.search(library, query))
            rows.append((f"find {query!r}", len(found.photos), took))
        for text in COMPLETIONS:
            offered = searching.complete(library, text, len(text))
            took = median_ms(runs, lambda text=text: searching.complete(library, text, len(text)))
            rows.append((f"complete {text!r}", len(offered), took))
    return rows


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--library", type=Path, help="folder to make it in, or to reuse it from")
    arguments.add_argument("-n", "--count", type=int, default=100_000, help="photos")
    arguments.add_argument("--runs", type=int, default=9)
    options = arguments.parse_args()
    with TemporaryDirectory(prefix="photoclust-search-") as temporary:
        folder = (options.library or Path(temporary)).absolute()
        if not (folder / FILE_NAME).exists():
            print("making the library …", file=sys.stderr)
            make(folder, options.count)
        rows = measured(folder, options.runs)
        command = [*PHOTOCLUST, "find", "p20", "--json", "--library", str(folder)]
        process = statistics.median(timed(*command) * 1000 for _ in range(3))
    table(
        ("", "Found", "ms, median", f"≤ {LIMIT_MS}"),
        [
            (what, count, f"{took:,.1f}", "ok" if took <= LIMIT_MS else "MISS")
            for what, count, took in rows
        ],
    )
    print(f"photoclust find p20, the process: {process:,.0f} ms")
    sys.exit(any(took > LIMIT_MS for _, _, took in rows))


if __name__ == "__main__":
    main()
