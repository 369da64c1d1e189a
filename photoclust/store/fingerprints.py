"""What a grouping is made from, in a few letters: whether anything is new is told by comparing."""

import hashlib

from photoclust.core.types import ModelId
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.unborn import LAST_DAY

_FACES = (
    # A photo that was read again, and so has other vectors, bears the id of another run.
    # Not who is shown for a face: who was only recognised is nothing that a grouping heeds.
    "SELECT face.id, photo_id, entry_id, repeats, quality, excluded, cluster_id, "
    "iif(excluded, NULL, person.id), (SELECT count(*) FROM vector WHERE face_id = face.id AND "
    "model_id IN (SELECT id FROM model WHERE name IN (:model, :fallback))) "
    "FROM face JOIN photo ON photo.id = photo_id "
    "LEFT JOIN confirmation ON confirmation.face_id = face.id "
    "LEFT JOIN person ON person.id = confirmation.person_id AND person.alive ORDER BY face.id"
)
_GROUPS = (
    "SELECT cluster.id, person.id FROM cluster "
    "LEFT JOIN person ON person.id = cluster.person_id AND person.alive ORDER BY cluster.id"
)
_REJECTIONS = "SELECT face_id, person_id FROM rejection ORDER BY face_id, person_id"
# Of photos only what birthdays are compared with, and that only where there are any.
_BIRTHDAYS = "SELECT id, born FROM person WHERE born IS NOT NULL AND alive ORDER BY id"
_DATES = (
    f"SELECT id, {LAST_DAY} FROM photo "  # noqa: S608
    "WHERE EXISTS (SELECT * FROM person WHERE born IS NOT NULL AND alive) ORDER BY id"
)
_FOLDERS = "SELECT path FROM folder_rule WHERE repeats ORDER BY path"
_ROWS = 1024


def fingerprint(tx: Transaction, model: ModelId, fallback: ModelId | None = None) -> str:
    """The same as long as grouping the faces with a vector of `model`, or else of `fallback`, would
    come to the same.
    """
    connection = driver_connection(tx)
    digest = hashlib.blake2b(digest_size=16)
    for query in (_FACES, _GROUPS, _REJECTIONS, _BIRTHDAYS, _DATES, _FOLDERS):
        cursor = connection.execute(query, {"model": model, "fallback": fallback})
        while rows := cursor.fetchmany(_ROWS):
            digest.update(repr(rows).encode())
        digest.update(b"\0")
    return digest.hexdigest()
