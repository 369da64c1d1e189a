"""How fast 100 000 faces are recognised: as arrays, and in a library on disk."""

import gc
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from common import spread
from library_speed import (
    BLOCK,
    MODEL,
    Row,
    add_faces,
    add_model,
    peak_of,
    write_groups,
    write_photos,
)
from made_up_faces import resample
from numpy.typing import NDArray
from real_faces import Real
from recognition_albums import NO_ONE, Bench

from photoclust.cluster.neighbor_graph import NeighbourGraph
from photoclust.cluster.neighbors import nearest
from photoclust.console import table
from photoclust.core.settings import Settings
from photoclust.recognize import candidates, gallery, lookalikes
from photoclust.recognize.faces import NO_FACE, Decisions, Faces, Ids
from photoclust.recognize.lookalikes import NEAREST
from photoclust.recognize.recognizer import Recognizer
from photoclust.services import naming
from photoclust.services.benchmark_faces import MadeUp
from photoclust.services.neighbour_index import Index
from photoclust.services.recognition import LibraryRecognizer
from photoclust.store import face_table
from photoclust.store.database import Library

T = TypeVar("T")

FACES, NEW, FACES_PER_PERSON = 100_000, 1_000, 25.0
NEW_STRANGERS = 0.5
"""The share of new faces that are of nobody known."""
STRANGERS, LEFT_OUT = 0.15, 0.08
"""In the library: faces of people with one photo, and the share of each person's faces that are
in no group.
"""
UNNAMED_GROUPS, NAMED_FACES = 400, 30
"""Groups without a name, and how large those are that get one while it is timed."""
HOUR_S = 3600
"""From photo to photo: 100 000 faces are of six years."""
RUNS = 5
LATER = "later.npz"
"""What comes to the library while it is timed: new faces, and the groups that get a name."""
LIMIT_S = 1.0
"""For recognising new faces, and for an update after an answer."""


def speed(bench: Bench) -> None:
    """New faces beside 100 000 confirmed ones, all of it in memory; medians of five."""
    share = NEW_STRANGERS * NEW / (FACES + NEW)
    made = made_up(bench.real, FACES + NEW, strangers=share)
    rng = np.random.default_rng(0)
    alone = np.bincount(made.people)[made.people] == 1
    others = rng.choice(np.flatnonzero(~alone), NEW - int(alone.sum()), replace=False)
    new = np.sort(np.append(np.flatnonzero(alone), others))
    person = made.people.copy()
    person[new] = NO_ONE
    times = made.photo_ids.astype(np.float64) * HOUR_S
    print("looking for their neighbours …", file=sys.stderr)
    near = nearest(made.vectors, NEAREST)
    faces = Faces(made.vectors, made.photo_ids, made.quality, times, near)
    precision = Settings().naming_precision
    ready = Recognizer(faces, bench.before)
    not_there = person.copy()
    not_there[new] = NO_FACE
    blended = lookalikes.blended(made.vectors, lookalikes.weights(near, person, faces.photo))
    known = gallery.build(blended, person, faces.quality, times)
    vectors = blended[new]
    match, again, anew = (
        Row(what, None)
        for what in (
            f"match {NEW:,} new faces with the people known, whose prototypes are there",
            "recognise them, where the others have been judged: odds, photo mates, names",
            "recognise them from nothing: look-alikes, prototypes and odds made anew",
        )
    )
    for _ in range(RUNS):
        timed(match, lambda: candidates.find(known, vectors, times[new]))
        ready.recognize(Decisions(not_there), precision)
        timed(again, lambda: ready.recognize(Decisions(person), precision))
        timed(anew, lambda: Recognizer(faces, bench.before).recognize(Decisions(person), precision))
    print(
        f"{FACES:,} confirmed faces of {len(known.people):,} people, who have "
        f"{len(known.prototypes):,} prototypes; vectors and neighbours are in memory:"
    )
    report(bench, [match, again, anew], {match.what, again.what})


def library(bench: Bench) -> None:
    """A library of 100 000 faces on disk, judged again after an answer; medians of five."""
    with TemporaryDirectory(prefix="photoclust-recognition-") as scratch:
        folder = (bench.library or Path(scratch, "large")).absolute()
        if not (folder / LATER).exists():
            make_library(bench.real, folder)
        rows, told = timed_library(folder, Path(scratch, "copy"))
    print(told)
    report(bench, rows, {rows[2].what})


def timed_library(folder: Path, copy: Path) -> tuple[list[Row], str]:
    """What is measured, on a `copy` for each run, and a sentence on what was there."""
    with np.load(folder / LATER, allow_pickle=False) as file:
        later = dict(file)
    cold, still, answered, reopened, grown = (
        Row(what, None)
        for what in (
            "cold: read all, judge all, write all verdicts",
            "nothing new",
            f"after a name for a group of {NAMED_FACES} faces",
            "opened again: read all, judge all; hardly anything to write",
            f"after {NEW:,} new faces came, which the neighbour graph does not know yet",
        )
    )
    changed = []
    for run in range(RUNS):
        shutil.copytree(folder / "library", copy)
        with Library(copy) as opened:
            recognizer = LibraryRecognizer(opened, Settings())
            first = timed(cold, recognizer.update)
            timed(still, recognizer.update)
            naming.name(opened, f"g{later['groups'][run]}", "Somebody new")
            after = timed(answered, recognizer.update)
            changed.append(f"+{len(after.newly_named)} −{len(after.no_longer_named)}")
            del recognizer
            recognizer = LibraryRecognizer(opened, Settings())
            timed(reopened, recognizer.update)
            add_later_faces(opened, later)
            timed(grown, recognizer.update)
            del recognizer
        shutil.rmtree(copy)
    told = (
        f"A library of {FACES:,} faces: {first.people:,} people known, {first.faces:,} faces "
        f"to judge, {first.named:,} of them named and {first.asked:,} asked about;\n"
        f"names that came and went after an answer: {', '.join(changed)}"
    )
    return [cold, still, answered, reopened, grown], told


def timed(row: Row, work: Callable[[], T]) -> T:
    """What `work` returns, its time noted in `row`."""
    gc.collect()
    with peak_of(row):
        return work()


def report(bench: Bench, rows: list[Row], limited: set[str]) -> None:
    """The rows, and a verdict on those of `limited`."""
    table(
        ("", "s, median", "MB more"),
        [
            (row.what, spread([ms / 1000 for ms in row.times_ms]), f"{row.peak_mb:,.0f}")
            for row in rows
        ],
    )
    for row in rows:
        if row.what in limited:
            seconds = row.median / 1000
            bench.judge(f"{row.what}: {seconds:.2f} s ≤ {LIMIT_S:.0f} s", seconds <= LIMIT_S)


def made_up(real: Real, faces: int, *, strangers: float) -> MadeUp:
    print(f"making {faces:,} faces …", file=sys.stderr)
    return resample(
        real.vectors,
        real.people,
        real_quality=real.quality,
        faces=faces,
        seed=0,
        strangers=strangers,
        faces_per_person=FACES_PER_PERSON,
    )


# Making the library


def make_library(real: Real, folder: Path) -> None:
    """A library of FACES in `folder`/library, with its neighbour graph, and LATER beside it."""
    made = made_up(real, FACES + NEW, strangers=STRANGERS)
    rng = np.random.default_rng(0)
    groups, answered = groups_of(made.people[:FACES], rng)
    photos = made.photo_ids + 1
    (folder / "photos").mkdir(parents=True)
    print("making the library …", file=sys.stderr)
    with Library(folder / "library") as library:
        write_photos(library, folder / "photos", int(photos.max()))
        with library.write() as tx:
            model = add_model(tx)
            for start in range(0, FACES, BLOCK):
                rows = np.arange(start, min(start + BLOCK, FACES))
                add_faces(
                    tx,
                    model,
                    rng,
                    ids=rows + 1,
                    photos=photos[rows],
                    vectors=made.vectors[rows],
                    quality=made.quality[rows],
                )
        write_groups(library, groups, len(groups) - UNNAMED_GROUPS)
        with library.read() as tx:
            ids, vectors = face_table.load_vectors(tx, MODEL)
    print("making its neighbour graph …", file=sys.stderr)
    NeighbourGraph.build(ids, vectors).save(Index(folder / "library", MODEL, ids).path, MODEL)
    new = slice(FACES, None)
    np.savez(
        folder / LATER,
        groups=answered,
        photos=photos[new],
        vectors=made.vectors[new],
        quality=made.quality[new],
    )


def groups_of(people: Ids, rng: np.random.Generator) -> tuple[list[Ids], Ids]:
    """The faces (ids from 1) of the groups, those that stay without a name last; the numbers of
    groups of about NAMED_FACES among the latter.
    """
    sizes = np.bincount(people)
    everybody = np.flatnonzero(sizes > 1)
    by_size = everybody[np.argsort(np.abs(sizes[everybody] - NAMED_FACES), kind="stable")]
    answered, others = by_size[:RUNS], rng.permutation(by_size[RUNS:])
    named = others[UNNAMED_GROUPS - RUNS :]
    order = np.concatenate([named, others[: UNNAMED_GROUPS - RUNS], answered])
    groups = []
    for person in order.tolist():
        mine = np.flatnonzero(people == person) + 1
        kept = rng.random(len(mine)) >= LEFT_OUT
        kept[:2] = True
        groups.append(mine[kept])
    return groups, np.arange(len(order) - RUNS, len(order)) + 1


def add_later_faces(library: Library, later: dict[str, NDArray[Any]]) -> None:
    with library.write() as tx:
        model = tx.exec_driver_sql("SELECT id FROM model WHERE name = ?", (MODEL,)).scalar_one()
        add_faces(
            tx,
            model,
            np.random.default_rng(1),
            ids=FACES + 1 + np.arange(NEW),
            photos=later["photos"],
            vectors=later["vectors"],
            quality=later["quality"],
        )
