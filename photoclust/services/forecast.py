"""What a scan of folders would take, before it is begun: a quick walk that opens no file."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.media.scan import walk
from photoclust.services.ingest import STAGE_WALK
from photoclust.services.worker_pool import crew_size
from photoclust.store import files as file_store
from photoclust.store.database import Library

CORE_S_PER_PHOTO = 0.6
"""What a core needs for a photo, as tests/benchmarks/scan_rate.py measures it; the true rate shows
as soon as the scan runs.
"""
LIBRARY_BYTES_PER_PHOTO = 50_000
"""A thumbnail of each face and of the photo, vectors and records, of photos with a face or two."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """So many `photos` would be read, of `size` bytes in all, in about `seconds`; the library would
    grow by about `growth` bytes on a disk with `free` bytes left.
    """

    photos: int
    size: int
    seconds: float
    growth: int
    free: int

    @property
    def fits(self) -> bool:
        """Whether there is room for what the library would need."""
        return self.growth < self.free


def forecast(
    library: Library,
    roots: Sequence[Path],
    settings: Settings,
    *,
    control: JobControl | None = None,
) -> Forecast:
    """What a scan of `roots` would take; what the library holds as it is does not count.

    Raises UserError when a root does not exist, CancelledError when cancelled.
    """
    control = control or JobControl()
    stats = []
    for stat in walk(roots, settings.skip_patterns, control=control):
        stats.append(stat)
        control.report(STAGE_WALK, len(stats))
    with library.read() as tx:
        known = file_store.unchanged(tx, stats)
    todo = [stat for stat in stats if stat.path not in known]
    workers, threads = crew_size(settings.workers, files=len(todo))
    return Forecast(
        photos=len(todo),
        size=sum(stat.size for stat in todo),
        seconds=len(todo) * CORE_S_PER_PHOTO / (workers * threads),
        growth=len(todo) * LIBRARY_BYTES_PER_PHOTO,
        free=shutil.disk_usage(library.folder).free,
    )
