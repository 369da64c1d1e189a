"""Keeps the thumbnails of a library within the room that the user gives them."""

from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services.ingest import photo_thumbnail_key, thumbnails
from photoclust.store import faces as face_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library

_MB = 10**6


def keep_bounded(library: Library, settings: Settings, *, control: JobControl | None = None) -> int:
    """Remove the thumbnails that were not looked at for longest, where all of them take more than
    `settings.thumbnails_mb`; gives how many. What is removed is made again when it is asked for, so
    those of photos whose files are not there now stay.
    """
    with library.read() as tx:
        away = photo_store.photos_away(tx)
        kept = {photo_thumbnail_key(photo) for photo in away}
        kept.update(map(str, face_store.face_ids(tx, away)))
    limit = settings.thumbnails_mb * _MB
    return thumbnails(library).trim(limit, kept.__contains__, control=control)
