"""Stacks: photos that are shown as one. Which these are is derived and can be made anew; what the
user decided is kept for each photo and face.

Every photo of a stack has the id of the one that is shown; others have none.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from photoclust.core.dates import DateSource
from photoclust.core.types import EntryId, PhotoId
from photoclust.store import guesses, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection

LOOK_BYTES = 32
FEW = 2000
"""The stacks of so many photos are asked for by themselves: all of a large library take longer."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """All photos: `ids` [N], what they look like (`looks` [N, 32] uint8, where `seen` [N]), when
    they were taken as a camera says (`times` [N] in seconds, NaN where none does), how many
    `pixels` [N] they have, and whether a file of theirs is at its place now (`present` [N]).
    """

    ids: NDArray[np.int64]
    looks: NDArray[np.uint8]
    seen: NDArray[np.bool_]
    times: NDArray[np.float64]
    pixels: NDArray[np.int64]
    present: NDArray[np.bool_]


def looks(tx: Transaction) -> Looks:
    """What is known of the looks of all photos, by id."""
    query = (
        "SELECT id, look, CASE date_source WHEN ? THEN CAST(strftime('%s', taken_at) AS INTEGER)"
        " END, width * height, EXISTS (SELECT 1 FROM file"
        " WHERE photo_id = photo.id AND state IS NULL) FROM photo ORDER BY id"
    )
    rows = driver_connection(tx).execute(query, (DateSource.EXIF.value,)).fetchall()
    seen = [isinstance(row[1], bytes) and len(row[1]) == LOOK_BYTES for row in rows]
    data = b"".join(
        row[1] if known else bytes(LOOK_BYTES) for row, known in zip(rows, seen, strict=True)
    )
    return Looks(
        ids=np.array([row[0] for row in rows], np.int64),
        looks=np.frombuffer(data, np.uint8).reshape(len(rows), LOOK_BYTES),
        seen=np.array(seen, np.bool_),
        times=np.array([np.nan if row[2] is None else row[2] for row in rows], np.float64),
        pixels=np.array([row[3] for row in rows], np.int64),
        present=np.array([row[4] for row in rows], np.bool_),
    )


def without_look(tx: Transaction) -> list[PhotoId]:
    """The photos that were scanned before looks were noted, and those that look like nothing."""
    photo = schema.photo.c
    return list(tx.execute(select(photo.id).where(photo.look.is_(None))).scalars())


def write_looks(tx: Transaction, found: Mapping[PhotoId, bytes]) -> None:
    """Note what photos look like."""
    for photo, look in found.items():
        tx.execute(update(schema.photo).where(schema.photo.c.id == photo).values(look=look))


def covers(tx: Transaction) -> dict[PhotoId, PhotoId]:
    """The photos that are in a stack, each with the one that is shown for it."""
    query = "SELECT id, stack_id FROM photo WHERE stack_id IS NOT NULL"
    return dict(driver_connection(tx).execute(query).fetchall())


def covers_among(tx: Transaction, photos: Sequence[PhotoId]) -> dict[PhotoId, PhotoId]:
    """As `covers`, at least of `photos`."""
    if len(photos) > FEW:
        return covers(tx)
    query = (
        "SELECT id, stack_id FROM photo WHERE id IN (SELECT value FROM json_each(?)) "
        "AND +stack_id IS NOT NULL"  # by the ids: its index has all stacks there are
    )
    rows = driver_connection(tx).execute(query, (json.dumps(list(photos)),))
    return dict(rows.fetchall())


def write_covers(tx: Transaction, wanted: Mapping[PhotoId, PhotoId]) -> set[PhotoId]:
    """Make the stacks `wanted`, as `covers` gives them, the only ones; gives the photos for which
    that changed anything. Whoever is in these is counted again.
    """
    before = covers(tx)
    changed = {photo for photo in before | dict(wanted) if before.get(photo) != wanted.get(photo)}
    driver_connection(tx).executemany(
        "UPDATE photo SET stack_id = ? WHERE id = ?",
        [(wanted.get(photo), photo) for photo in sorted(changed)],
    )
    guesses.recount_in(tx, changed)
    return changed


def brought_since(tx: Transaction, run: EntryId) -> list[PhotoId]:
    """The photos in stacks that the scan `run` or a later one brought, or read anew."""
    photo = schema.photo.c
    query = select(photo.id).where(photo.stack_id.is_not(None), photo.entry_id >= run)
    return list(tx.execute(query).scalars())


def mates(tx: Transaction, photos: Collection[PhotoId]) -> list[list[PhotoId]]:
    """The stacks that some of `photos` are in, with all their photos by id."""
    photo = schema.photo.c
    found: dict[int, list[PhotoId]] = defaultdict(list)
    for part in chunks(sorted(photos)):
        mine = select(photo.stack_id).where(photo.id.in_(part), photo.stack_id.is_not(None))
        for row in tx.execute(
            select(photo.id, photo.stack_id).where(photo.stack_id.in_(mine)).order_by(photo.id)
        ):
            if row.id not in found[row.stack_id]:
                found[row.stack_id].append(PhotoId(row.id))
    return [found[cover] for cover in sorted(found)]
