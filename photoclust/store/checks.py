"""Whether what a library says holds together; `mending` puts right what does not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select

from photoclust.core.types import Box, EntryStatus
from photoclust.store import contents, decisions, faces, guesses, journal, photos, schema
from photoclust.store.database import Transaction, driver_connection

DUPLICATE_IOU = 0.9
"""Overlap from which two faces of one photo are one that was written twice."""
_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Faces that repeat another one of their photo: `spare` ones nobody decided about, and how many
    pairs there are with decisions about both.
    """

    spare: tuple[int, ...]
    decided: int


def file_faults(tx: Transaction) -> list[str]:
    """What SQLite finds wrong with the library's file."""
    return contents.faults(driver_connection(tx))


def broken_references(tx: Transaction) -> dict[str, int]:
    """How many rows of each table refer to something that is gone."""
    return dict(Counter(row[0] for row in tx.exec_driver_sql("PRAGMA foreign_key_check")))


def lost_subjects(tx: Transaction) -> int:
    """How many changes in the journal speak of a face, photo or person that is gone."""
    return sum(tx.exec_driver_sql(f"SELECT count(*) {_lost(*each)}").scalar_one() for each in LOST)


LOST = (
    ("face", "a", "subject IN (4, 5, 6)"),
    ("photo", "a", "subject IN (7, 8, 13, 14)"),
    ("folder_rule", "a", "subject = 9"),
    ("person", "a", "subject IN (1, 2, 3, 10, 11, 12)"),
    ("person", "b", "subject IN (5, 13)"),
    ("person", "value", "subject = 4 AND value IS NOT NULL"),
    ("face", "value", "subject = 12 AND value IS NOT NULL"),
)
"""Which table each column of `change` speaks of, and in which rows (see `decisions.Subject`)."""


def _lost(table: str, column: str, rows: str) -> str:
    return f"FROM change WHERE {rows} AND {column} NOT IN (SELECT id FROM {table})"  # noqa: S608


def unlike_journal(tx: Transaction) -> int:
    """How many decisions are not what the journal amounts to."""
    said, there = journal.standing(tx), decisions.everything(tx)
    return sum(said.get(register) != there.get(register) for register in said.keys() | there.keys())


def stale_guesses(tx: Transaction) -> int:
    """How many shown people and counts are not what follows from decisions and groups."""
    return guesses.count_stale(tx)


def bad_vectors(tx: Transaction, dimensions: Mapping[str, int]) -> list[tuple[int, int]]:
    """Face and model row of the vectors that cannot be used: of another length than `dimensions`
    says of their model by name (than most have, where it says nothing), or not finite.
    """
    connection = driver_connection(tx)
    found: list[tuple[int, int]] = []
    for row, name in connection.execute("SELECT id, name FROM model").fetchall():
        usual = connection.execute(
            "SELECT length(data) FROM vector WHERE model_id = ? GROUP BY 1 "
            "ORDER BY count(*) DESC LIMIT 1",
            (row,),
        ).fetchone()
        if usual is None:
            continue
        size = 2 * dimensions[name] if name in dimensions else usual[0]
        cursor = connection.execute("SELECT face_id, data FROM vector WHERE model_id = ?", (row,))
        while part := cursor.fetchmany(_ROWS):
            whole = [pair for pair in part if len(pair[1]) == size and size % 2 == 0]
            usable = _usable(whole)
            found += [(face, row) for face, _ in part if face not in usable]
    return found


def _usable(rows: list[tuple[int, bytes]]) -> set[int]:
    if not rows:
        return set()
    block = np.frombuffer(b"".join(data for _, data in rows), np.float16).reshape(len(rows), -1)
    good = np.isfinite(block).all(axis=1) & (block != 0).any(axis=1)
    return {face for (face, _), fine in zip(rows, good, strict=True) if fine}


def idle_photos(tx: Transaction) -> list[int]:
    """The photos that no file holds and nothing was decided about."""
    photo, file = schema.photo.c, schema.file.c
    held = select(file.photo_id)
    alone = list(tx.execute(select(photo.id).where(photo.id.not_in(held))).scalars())
    decided = photos.decided(tx, alone)
    return [number for number in alone if number not in decided]


def duplicates(tx: Transaction) -> Duplicates:
    """Faces that were written twice."""
    one, other = schema.face.alias("one"), schema.face.alias("other")
    near = select(one, other.c.id, other.c.x, other.c.y, other.c.w, other.c.h).where(
        one.c.photo_id == other.c.photo_id,
        one.c.id < other.c.id,
        ~one.c.excluded,
        ~other.c.excluded,
        func.abs(one.c.x - other.c.x) < one.c.w,
        func.abs(one.c.y - other.c.y) < one.c.h,
    )
    columns = [one.c[name] for name in ("id", *"xywh")] + [
        other.c[name] for name in ("id", *"xywh")
    ]
    pairs = [
        (row[0], row[5])
        for row in tx.execute(near.with_only_columns(*columns))
        if Box(*row[1:5]).iou(Box(*row[6:10])) >= DUPLICATE_IOU
    ]
    free = set(faces.undecided(tx, sorted({face for pair in pairs for face in pair})))
    spare: set[int] = set()
    decided = 0
    for first, second in sorted(pairs):
        if first in spare or second in spare:
            continue
        if second in free:
            spare.add(second)
        elif first in free:
            spare.add(first)
        else:
            decided += 1
    return Duplicates(tuple(sorted(spare)), decided)


def running(tx: Transaction) -> int:
    """How many runs have not ended."""
    entry = schema.entry.c
    return tx.execute(select(func.count()).where(entry.status == EntryStatus.RUNNING)).scalar_one()


def model_names(tx: Transaction) -> list[str]:
    """The models that vectors in the library are of."""
    used = select(schema.vector.c.model_id)
    return list(
        tx.execute(select(schema.model.c.name).where(schema.model.c.id.in_(used))).scalars()
    )


def face_ids(tx: Transaction) -> set[int]:
    """Every face there is, also those that are none."""
    return set(tx.execute(select(schema.face.c.id)).scalars())


def photo_ids(tx: Transaction) -> set[int]:
    """Every photo there is."""
    return set(tx.execute(select(schema.photo.c.id)).scalars())
