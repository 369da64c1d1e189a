"""Looking a library over, and mending it.

Every check tells what it found as sentences. A library whose file itself is damaged cannot be
looked over: what can still be read of it is told instead, and mending puts the newest whole backup
in its place and takes over what was decided since.
"""

from dataclasses import dataclass
from pathlib import Path

from photoclust.core.errors import DamagedLibraryError, LibraryError, UserError
from photoclust.core.paths import LIBRARY_FILE, make_library_folder
from photoclust.media.volumes import volume_of
from photoclust.services import health, leftovers, restoring
from photoclust.services.forgetting import finish
from photoclust.services.health import Finding
from photoclust.services.opening import is_shared
from photoclust.store import backups, contents, journal, mending, salvage, takeover
from photoclust.store.adoption import Taken
from photoclust.store.database import Library
from photoclust.store.lock import WriterLock
from photoclust.store.salvage import Readable

LABEL = "before-repair"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found; `readable` tells what there is in a damaged file, None where it is whole."""

    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    readable: Readable | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Repair:
    """What was found before and is still found after mending, and what was done: the copy made
    first, the backup a damaged file was replaced by, where that file is kept, what was taken over.
    """

    before: Diagnosis
    after: Diagnosis
    copy: Path | None = None
    restored: Path | None = None
    aside: Path | None = None
    taken: Taken | None = None


def examine(folder: Path) -> Diagnosis:
    """Look the library in `folder` over; nothing is changed.

    Raises UserError when there is no library or it cannot be read at all.
    """
    damage = _damage(folder)
    if damage is not None:
        return damage
    with _open(folder, look_only=True) as library:
        return _look_over(library)


def repair(folder: Path) -> Repair:
    """Mend the library in `folder` as far as it can be, after a copy of it was made.

    Raises UserError when there is no library, or somebody else has it open.
    """
    before = _damage(folder)
    restored = aside = None
    if before is not None:
        restored, aside = _replace_damaged(folder)
    with _open(folder, look_only=False) as library:
        library.require_writable()
        if before is None:
            before = _look_over(library)
        copies: list[Path] = []
        if not before.sound and before.readable is None:
            library.run_outside(
                lambda connection: copies.append(backups.keep(connection, folder, LABEL))
            )
        taken = _take_over(library)
        _mend(library)
        after = _look_over(library)
    return Repair(before, after, copies[0] if copies else None, restored, aside, taken)


def _open(folder: Path, *, look_only: bool) -> Library:
    """The library without any of what is done when one is opened to be used."""
    shared = is_shared(volume_of(folder))
    return Library(folder, look_only=look_only, shared_disk=shared)


def _damage(folder: Path) -> Diagnosis | None:
    """What there is to say of a damaged file; None where it is whole."""
    path = folder / LIBRARY_FILE
    if not path.exists():
        raise UserError(f"there is no library in {folder}; photoclust restore brings a backup back")
    try:
        contents.inspect(path)
    except DamagedLibraryError as error:
        readable = salvage.readable(path)
        newest, _ = backups.newest_sound(folder)
        what = f"the backup {newest}" if newest else "an empty library, as there is no backup"
        finding = Finding(
            "file",
            f"{error}; --repair puts {what} in its place and takes over what can be read",
            True,
        )
        return Diagnosis(("file",), (finding,), readable)
    return None


def _replace_damaged(folder: Path) -> tuple[Path | None, Path]:
    """Put the newest whole backup, or nothing, in the place of the damaged file; gives that backup
    and where the damaged file is now.
    """
    newest, _ = backups.newest_sound(folder)
    if newest is not None:
        done = restoring.restore(folder, newest)
        if done.aside is not None and done.was_damaged:
            return newest, done.aside
        raise LibraryError(f"{folder} was mended by somebody else; run the command again")
    with WriterLock(make_library_folder(folder)) as lock:
        if lock.refused is not None:
            raise LibraryError(f"the library {folder} cannot be replaced: {lock.refused}")
        return None, backups.move_damaged(folder)


def _look_over(library: Library) -> Diagnosis:
    findings: list[Finding] = []
    for name, check in health.CHECKS.items():
        findings += (Finding(name, text, mendable) for text, mendable in check(library))
    return Diagnosis(tuple(health.CHECKS), tuple(findings))


def _take_over(library: Library) -> Taken | None:
    """Take over what can be read of every damaged file that was put aside."""
    total = Taken()
    waiting = health.damaged_asides(library)
    for place in waiting:
        with salvage.open_wreck(place / LIBRARY_FILE) as wreck, library.write() as tx:
            total += takeover.take_over(tx, wreck, place.name)
    return total if waiting else None


def _mend(library: Library) -> None:
    with library.write() as tx:
        journal.close_unfinished(tx)
        mending.mend(tx, health.dimensions(library))
    finish(library)
    leftovers.sweep_thumbnails(library)
    leftovers.remove(leftovers.temporary_files(library.folder))
    health.close_permissions(library.folder)
    if not backups.listed(library.folder):
        library.run_outside(lambda connection: backups.rotate(connection, library.folder))
