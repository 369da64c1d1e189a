"""Groupings that were computed and kept beside the present one, to be applied or not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select, update

from photoclust.core.types import ModelId
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction

KEPT = 5
"""Proposals kept; older ones go when a new one is written."""


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A grouping by `method` of the faces with a vector of `model`: face → label, -1 for none.

    `applied` tells that it was, as a whole.
    """

    id: int
    method: str
    model: ModelId
    applied: bool
    label_of: Mapping[int, int]


def add(
    tx: Transaction,
    method: str,
    model: ModelId,
    label_of: Mapping[int, int],
    *,
    kept: Collection[int] = (),
) -> int:
    """Keep a proposal; gives its id. Of the older ones only the newest stay, and those `kept`."""
    table = schema.proposal
    now = datetime.now(UTC).replace(tzinfo=None)
    values = {"made_at": now, "method": method, "model": model}
    number: int = tx.execute(table.insert().values(values).returning(table.c.id)).scalar_one()
    rows = [
        (face, number, label if label >= 0 else None) for face, label in sorted(label_of.items())
    ]
    if rows:
        tx.exec_driver_sql("INSERT INTO proposal_face VALUES (?, ?, ?)", rows)
    old = select(table.c.id).order_by(table.c.id.desc()).offset(KEPT)
    gone = [number for number in tx.execute(old).scalars() if number not in kept]
    for part in chunks(gone):
        faces = schema.proposal_face
        tx.execute(delete(faces).where(faces.c.proposal_id.in_(part)))
        tx.execute(delete(table).where(table.c.id.in_(part)))
    return number


def load(tx: Transaction, number: int) -> StoredProposal | None:
    """The proposal with this id, for the faces that are still there; None where there is none."""
    table, face = schema.proposal.c, schema.proposal_face.c
    row = tx.execute(select(schema.proposal).where(table.id == number)).one_or_none()
    if row is None:
        return None
    rows = tx.execute(select(face.face_id, face.label).where(face.proposal_id == number))
    label_of = {one.face_id: -1 if one.label is None else one.label for one in rows}
    return StoredProposal(row.id, row.method, ModelId(row.model), row.applied, label_of)


def set_applied(tx: Transaction, number: int) -> None:
    """Remember that a proposal was applied as a whole."""
    table = schema.proposal
    tx.execute(update(table).where(table.c.id == number).values(applied=True))
