"""Files beside photos, XMP and Picasa's, as they were when the names in them were read last."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from photoclust.core.types import FileStat
from photoclust.store import schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection


def changed(tx: Transaction, stats: Sequence[FileStat]) -> list[FileStat]:
    """Those of `stats` that were not read as they are."""
    if not stats:
        return []
    # A rescan asks for every file there is: by the driver, and without making a Path of each row.
    known: dict[str | bytes, tuple[int, int]] = {}
    for part in chunks([schema.as_stored(stat.path) for stat in stats]):
        places = ", ".join("?" * len(part))
        held = f"SELECT path, size, mtime_ns FROM sidecar WHERE path IN ({places})"  # noqa: S608
        for path, size, mtime_ns in driver_connection(tx).execute(held, part):
            known[path] = size, mtime_ns
    return [
        stat
        for stat in stats
        if known.get(schema.as_stored(stat.path)) != (stat.size, stat.mtime_ns)
    ]


def note(tx: Transaction, stats: Iterable[FileStat]) -> None:
    """Say that files were read as they are, or hold nothing that this library did not say."""
    rows = [(schema.as_stored(stat.path), stat.size, stat.mtime_ns) for stat in stats]
    driver_connection(tx).executemany(
        "INSERT INTO sidecar (path, size, mtime_ns) VALUES (?, ?, ?) ON CONFLICT (path) "
        "DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns",
        rows,
    )


def forget(tx: Transaction, seen: Collection[FileStat], folders: Collection[Path]) -> None:
    """Drop what is known of files directly in `folders` that are not among those `seen`."""
    there = {schema.as_stored(stat.path) for stat in seen}
    sql = driver_connection(tx)
    gone = [
        (path,)
        for (path,) in sql.execute("SELECT path FROM sidecar")
        if path not in there and schema.from_stored(path).parent in folders
    ]
    sql.executemany("DELETE FROM sidecar WHERE path = ?", gone)
