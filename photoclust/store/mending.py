"""Putting right what `checks` finds wrong, in one transaction, with no decision lost that the
journal tells of.
"""

from collections.abc import Mapping

from sqlalchemy import delete, exists, func, select, text, update

from photoclust.core.types import PhotoId
from photoclust.store import checks, faces, guesses, journal, photos, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction

_DANGLING_ROWS = (
    ("vector", "face_id", "face"),
    ("vector", "model_id", "model"),
    ("confirmation", "face_id", "face"),
    ("confirmation", "person_id", "person"),
    ("rejection", "face_id", "face"),
    ("rejection", "person_id", "person"),
    ("alias", "person_id", "person"),
    ("presence", "photo_id", "photo"),
    ("presence", "person_id", "person"),
    ("proposal_face", "face_id", "face"),
    ("proposal_face", "proposal_id", "proposal"),
    ("recognition", "face_id", "face"),
    ("recognition", "person_id", "person"),
    ("recognition", "runner_up_id", "person"),
    ("recognition", "entry_id", "entry"),
    ("given_name", "face_id", "face"),
    ("given_name", "person_id", "person"),
    ("given_name", "entry_id", "entry"),
    ("change", "entry_id", "entry"),
    ("file", "photo_id", "photo"),
)
_DANGLING_VALUES = (
    ("photo", "entry_id", "entry"),
    ("cluster", "entry_id", "entry"),
    ("cluster", "person_id", "person"),
    ("face", "cluster_id", "cluster"),
    ("face", "person_id", "person"),
    ("person", "chosen_cover_id", "face"),
)


def mend(tx: Transaction, dimensions: Mapping[str, int]) -> None:
    """Mend all that can be mended; `dimensions` as `checks.bad_vectors` takes them."""
    _mend_references(tx)
    _drop_vectors(tx, checks.bad_vectors(tx, dimensions))
    photos.delete_photos(tx, [PhotoId(photo) for photo in checks.idle_photos(tx)])
    faces.delete_faces(tx, checks.duplicates(tx).spare)
    if checks.unlike_journal(tx):
        journal.replay(tx)
    guesses.refresh_everything(tx)


def _mend_references(tx: Transaction) -> None:
    # People are never deleted: one who is spoken of comes back and is who the journal says.
    for table, column, rows in checks.LOST:
        if table == "person":
            wanted = f"SELECT DISTINCT {column} FROM change WHERE {rows}"  # noqa: S608
            for (person,) in tx.exec_driver_sql(wanted).all():
                known = select(schema.person.c.id).where(schema.person.c.id == person)
                if tx.execute(known).first() is None:
                    tx.execute(schema.person.insert().values(id=person, alive=False))
    for table, column, target in _DANGLING_VALUES:
        tx.execute(
            text(
                f"UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL "  # noqa: S608
                f"AND {column} NOT IN (SELECT id FROM {target})"
            )
        )
    photo, face = schema.photo.c, schema.face.c
    lost = select(face.id).where(~exists().where(photo.id == face.photo_id))
    faces.delete_faces(tx, list(tx.execute(lost).scalars()))
    for table, column, target in _DANGLING_ROWS:
        tx.execute(
            text(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {target})")  # noqa: S608
        )
    for table, column, rows in checks.LOST:
        tx.execute(
            text(f"DELETE FROM change WHERE {rows} AND {column} NOT IN (SELECT id FROM {table})")  # noqa: S608
        )


def _drop_vectors(tx: Transaction, bad: list[tuple[int, int]]) -> None:
    """Delete vectors, and have the next scan look at their photos again where it can tell which
    photo a file is without knowing its content: where it is the only one.
    """
    vector, file, face = schema.vector.c, schema.file.c, schema.face.c
    for face_id, model in bad:
        tx.execute(delete(schema.vector).where(vector.face_id == face_id, vector.model_id == model))
    single = select(file.photo_id).group_by(file.photo_id).having(func.count() == 1)
    for part in chunks(sorted({face_id for face_id, _ in bad})):
        mine = select(face.photo_id).where(face.id.in_(part))
        tx.execute(
            update(schema.file)
            .where(file.photo_id.in_(mine), file.photo_id.in_(single))
            .values(hash=b"", picture_hash=None, mtime_ns=file.mtime_ns - 1)
        )
