"""What came into a library after a certain moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from photoclust.core.types import ClusterId, EntryId, EntryStatus, FaceId, PhotoId
from photoclust.store import journal, schema
from photoclust.store import photos as photo_store
from photoclust.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of a library: the newest photo, group and entry that there were, 0 for none."""

    photo: int = 0
    cluster: int = 0
    entry: int = 0


def mark(tx: Transaction) -> Mark:
    """Now."""
    newest = [
        tx.execute(select(func.max(table.c.id))).scalar() or 0
        for table in (schema.photo, schema.cluster, schema.entry)
    ]
    return Mark(*newest)


def photos_since(tx: Transaction, since: Mark) -> list[PhotoId]:
    """The photos that came after `since`, the newest taken first."""
    query = photo_store.newest_first().where(schema.photo.c.id > since.photo)
    return list(tx.execute(query).scalars())


def groups_since(tx: Transaction, since: Mark) -> list[ClusterId]:
    """The groups without a person that came after `since`, the largest first."""
    table = schema.cluster.c
    query = select(table.id).where(
        table.id > since.cluster, table.person_id.is_(None), table.face_count > 0
    )
    return list(tx.execute(query.order_by(table.face_count.desc(), table.id)).scalars())


def named_since(tx: Transaction, since: Mark) -> tuple[list[EntryId], list[FaceId]]:
    """The runs of recognition after `since` whose names stand, the newest first, and the faces
    that they named.
    """
    entry, verdict = schema.entry.c, schema.recognition.c
    runs = select(entry.id).where(
        entry.id > since.entry,
        entry.kind == journal.RECOGNIZE,
        entry.status == EntryStatus.STANDS,
    )
    named: Sequence[FaceId] = (
        tx.execute(
            select(verdict.face_id)
            .where(verdict.named, verdict.entry_id.in_(runs))
            .order_by(verdict.face_id)
        )
        .scalars()
        .all()
    )
    return list(tx.execute(runs.order_by(entry.id.desc())).scalars()), list(named)
