"""Where the thumbnails of a library are, and keeping them within the room that the user gives."""

from photoclust.core.paths import THUMBNAILS
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import PhotoId
from photoclust.media.thumbnails import ThumbnailCache
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


def thumbnails(library: Library) -> ThumbnailCache:
    """The face thumbnails of a library, by face id."""
    return ThumbnailCache(library.folder / THUMBNAILS)


def photo_thumbnail_key(photo: PhotoId) -> str:
    """What the thumbnail of a whole photo is kept as; faces' are kept by their id alone."""
    return f"photo-{photo}"
