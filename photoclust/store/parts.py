"""Further pictures in files: pages of documents, moments of videos (see `core.pages`)."""

from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import String, delete, func, or_, select, type_coerce

from photoclust.core.pages import PARTED_EXTENSIONS, VIDEO_EXTENSIONS, is_part
from photoclust.core.types import FileStat, PhotoId
from photoclust.store import files, photos, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction


def with_parts(tx: Transaction, paths: Sequence[Path]) -> list[Path]:
    """`paths`, each followed by the further pictures in that file that are known."""
    found = []
    for path in paths:
        found.append(path)
        if path.suffix.lower() in PARTED_EXTENSIONS:
            found += (part for part, _ in files.known_below(tx, path) if is_part(part))
    return found


def copy_parts(tx: Transaction, stat: FileStat, digest: str) -> dict[Path, PhotoId] | None:
    """Say that the file holds the further pictures that a file of the same content (`digest`, 40
    hex digits), itself before others, is known to hold; gives these by their paths, None where no
    such file is known.
    """
    file = schema.file.c
    same = select(file.path).where(file.hash == bytes.fromhex(digest))
    known = tx.execute(same.order_by(file.path != stat.path).limit(1)).scalar()
    if known is None:
        return None
    copies: dict[Path, PhotoId] = {}
    for some in chunks([part for part, _ in files.known_below(tx, known)]):
        for row in tx.execute(select(schema.file).where(file.path.in_(some))).all():
            path = stat.path / row.path.name
            copies[path] = PhotoId(row.photo_id)
            there = FileStat(path, stat.size, stat.mtime_ns)
            files.write_file(tx, there, row.photo_id, row.hash.hex())
    return copies


def drop_parts(tx: Transaction, path: Path, but: Collection[Path]) -> None:
    """Forget the further pictures in a file, save for `but`. Photos go with their last file, save
    for those that the user decided something about.
    """
    left = [part for part, _ in files.known_below(tx, path, but) if is_part(part)]
    file, failure = schema.file.c, schema.failure.c
    lost: dict[PhotoId, bytes] = {}
    for part in chunks(left):
        rows = tx.execute(select(file.photo_id, file.hash).where(file.path.in_(part)))
        lost |= {PhotoId(row.photo_id): row.hash for row in rows}
        tx.execute(delete(schema.file).where(file.path.in_(part)))
    photos.drop_orphans(tx, lost)
    tx.execute(
        delete(schema.failure).where(files.below(failure.path, path), failure.path.not_in(but))
    )


def video_photos(tx: Transaction) -> list[PhotoId]:
    """The photos that a video file holds, not those of its further moments."""
    file = schema.file.c
    lengths: dict[int, list[str]] = {}
    for extension in VIDEO_EXTENSIONS:
        lengths.setdefault(len(extension), []).append(extension)
    path = type_coerce(file.path, String)
    named = [
        func.lower(func.substr(path, -length)).in_(extensions)
        for length, extensions in lengths.items()
    ]
    return list(tx.execute(select(file.photo_id).distinct().where(or_(*named))).scalars())
