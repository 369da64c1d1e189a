"""Bringing a backup back: an archive that `archive` wrote, or a copy out of a library's backups.

Everything is unpacked and checked beside the library first; only then is the present library put
aside and the backup put in its place, in one step. Cut off before that step, it has changed
nothing but what lies among the backups.
"""

import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from photoclust.core.errors import LibraryError, UserError
from photoclust.core.paths import (
    BACKUPS,
    INDEXES,
    LIBRARY_FILE,
    OWN_MODELS,
    THUMBNAILS,
    make_library_folder,
    make_private_folder,
)
from photoclust.services import archive, opening
from photoclust.store import backups, contents
from photoclust.store.contents import Contents
from photoclust.store.database import SCHEMA_VERSION
from photoclust.store.lock import WriterLock

LABEL = "before-restore"
_SQLITE = b"SQLite format 3\0"
_ZIP = b"PK"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back from `source`, made at `made_at` (UTC), and where what was there before
    is now: `aside`, None where there was no library; `was_damaged` when it was of no use.

    `skipped` are newer copies that are damaged themselves, `settings` whether the settings were
    brought back too.
    """

    source: Path
    made_at: datetime
    photos: int
    faces: int
    people: int
    models: int
    settings: bool
    aside: Path | None
    was_damaged: bool
    skipped: tuple[Path, ...] = ()


def restore(folder: Path, source: Path, *, settings: Path | None = None) -> Restored:
    """Make the library in `folder` what it was when the backup `source` was made.

    With `settings`, the path of the user's settings, these are brought back as well. Works where
    the present library is damaged or missing. Raises UserError when `source` is no backup, damaged
    or made by a newer photoclust, or somebody else has the library open.
    """
    folder = make_library_folder(folder)
    with WriterLock(folder) as lock:
        if lock.refused is not None:
            raise LibraryError(f"the library {folder} cannot be replaced: {lock.refused}")
        done = _restore(folder, source, settings)
    # An older schema is upgraded at once: to look at a library is not enough for that.
    opening.open_library(folder).library.close()
    return done


def restore_latest(folder: Path) -> Restored:
    """As `restore`, from the newest whole copy among the backups of the library in `folder`."""
    found, damaged = backups.newest_sound(folder)
    if found is None:
        what = f"all {len(damaged)} copies there are damaged" if damaged else "there is none"
        raise UserError(
            f"{folder / BACKUPS} holds no backup that can be brought back: {what}; give the file "
            "of a backup you made yourself"
        )
    return replace(restore(folder, found), skipped=tuple(damaged))


def _restore(folder: Path, source: Path, settings: Path | None) -> Restored:
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".restore-", suffix=".tmp") as name:
            place = Path(name)
            made_at = _stage(source, place)
            held = _check(place / LIBRARY_FILE, source)
            aside, was_damaged = _put_aside(folder)
            backups.put_in_place(place / LIBRARY_FILE, folder)
            # Kept by ids that mean other faces now.
            for part in (THUMBNAILS, INDEXES):
                shutil.rmtree(folder / part, ignore_errors=True)
            models = _restore_models(place / OWN_MODELS, folder)
            brought = settings is not None and _restore_settings(place, settings)
    except OSError as error:
        what = error.filename or folder
        raise UserError(
            f"{source} could not be brought back ({what}: {error.strerror or error}); make room on "
            "the disk and check the permissions"
        ) from error
    return Restored(
        source=source,
        made_at=made_at,
        photos=held.photos,
        faces=held.faces,
        people=held.people,
        models=models,
        settings=brought,
        aside=aside,
        was_damaged=was_damaged,
    )


def _stage(source: Path, place: Path) -> datetime:
    """Unpack `source` into `place`; gives when it was made."""
    try:
        with source.open("rb") as file:
            beginning = file.read(len(_SQLITE))
    except OSError as error:
        raise UserError(f"{source} cannot be read ({error.strerror}); check the path") from error
    if beginning == _SQLITE:
        _require_room(source.stat().st_size, place, source)
        shutil.copyfile(source, place / LIBRARY_FILE)
        (place / LIBRARY_FILE).chmod(0o600)
        return datetime.fromtimestamp(int(source.stat().st_mtime), UTC)
    if not beginning.startswith(_ZIP):
        raise UserError(f"{source} is no backup of photoclust; choose another file")
    try:
        with zipfile.ZipFile(source) as packed:
            manifest = archive.read_manifest(packed, source)
            _require_room(sum(each.size for each in manifest.members.values()), place, source)
            archive.unpack(packed, manifest, place, source)
    except zipfile.BadZipFile as error:
        raise LibraryError(f"{source} is damaged ({error}); take another backup") from error
    return manifest.made_at


def _require_room(size: int, place: Path, source: Path) -> None:
    if size > archive.free_bytes(place):
        raise UserError(
            f"there is no room for {source}: {size / 1e6:,.0f} MB are needed on the disk of "
            f"{place.parent}; make room and try again"
        )


def _check(staged: Path, source: Path) -> Contents:
    try:
        held = contents.inspect(staged)
    except LibraryError as error:
        reason = str(error).replace(str(staged), str(source))
        raise type(error)(f"{reason}; nothing was changed") from error
    if held.schema > SCHEMA_VERSION:
        raise LibraryError(
            f"{source} was made by a newer photoclust; update photoclust to bring it back"
        )
    return held


def _put_aside(folder: Path) -> tuple[Path | None, bool]:
    """Where the present library was put, and whether it is damaged."""
    present = folder / LIBRARY_FILE
    if not present.exists() or not present.stat().st_size:
        present.unlink(missing_ok=True)
        return None, False
    try:
        contents.inspect(present)
    except LibraryError:
        return backups.move_damaged(folder), True
    return backups.put_aside(folder, LABEL), False


def _restore_models(staged: Path, folder: Path) -> int:
    """Put the models in `staged` in place; one of the same name is put among the backups."""
    models = sorted(staged.iterdir()) if staged.is_dir() else []
    for model in models:
        target = make_private_folder(folder / OWN_MODELS) / model.name
        if target.exists():
            kept = Path(
                tempfile.mkdtemp(dir=folder / BACKUPS, prefix=f"{LABEL}-{model.name}-", suffix="")
            )
            shutil.move(target, kept / model.name)
        model.replace(target)
    return len(models)


def _restore_settings(place: Path, settings: Path) -> bool:
    staged = place / archive.SETTINGS
    if not staged.is_file():
        return False
    make_private_folder(settings.parent)
    temporary = settings.with_name(f".{settings.name}.restored.tmp")
    shutil.copyfile(staged, temporary)
    temporary.chmod(0o600)
    temporary.replace(settings)
    return True
