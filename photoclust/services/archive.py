"""Backups that people keep elsewhere: one file with the library, its own models and the settings.

The file is a zip without compression: `library.sqlite3`, `models/…`, `settings.json`, and a
`manifest.json` with the SHA-256 and size of each. Photos and what can be made again, such as
thumbnails, are not in it. `restoring` brings it back.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from photoclust import __version__
from photoclust.core.errors import LibraryError, UserError
from photoclust.core.paths import BACKUPS, LIBRARY_FILE, LIBRARY_PARTS, OWN_MODELS, absolute_path
from photoclust.core.paths import make_private_folder as private
from photoclust.store import backups, contents
from photoclust.store.database import Library

FORMAT = 1
"""Version of the layout; a newer one is refused."""
MANIFEST = "manifest.json"
SETTINGS = "settings.json"
_PIECE = 2**20
_MAX_MANIFEST = 2**24


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: hex SHA-256 and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself; `made_at` is in UTC, `members` go by their name in it."""

    photoclust: str
    schema: str
    made_at: datetime
    photos: int
    faces: int
    people: int
    members: Mapping[str, Member]


def backup(library: Library, target: Path, settings: Path, *, force: bool = False) -> Manifest:
    """Write an archive of `library` and the user's `settings` file to `target`.

    The library may be in use. `target` appears when it is whole, readable by its owner only.
    Raises UserError when it exists and `force` is not said, lies in a library's folder, or cannot
    be written.
    """
    target = absolute_path(target)
    require_place(target, force)
    try:
        workplace = private(library.folder / BACKUPS) if _is_writable(library) else target.parent
        with tempfile.TemporaryDirectory(dir=workplace, prefix=".backup-", suffix=".tmp") as place:
            copy = Path(place) / LIBRARY_FILE
            library.run_outside(lambda connection: backups.copy(connection, copy))
            files = {LIBRARY_FILE: copy, **_own_models(library.folder)}
            if settings.is_file():
                files[SETTINGS] = settings
            return _write(target, files, contents.inspect(copy))
    except OSError as error:
        raise UserError(
            f"the backup {target} could not be written ({error.strerror or error}); make room on "
            "the disk or choose another place"
        ) from error


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """The manifest of the archive at `path`, after a look at the names it lists.

    Raises UserError when it is none that this program can bring back.
    """
    try:
        info = archive.getinfo(MANIFEST)
        with archive.open(info) as file:
            raw = json.loads(file.read(_MAX_MANIFEST))
        newer = int(raw["format"]) > FORMAT
        members = {
            str(name): Member(str(member["sha256"]), int(member["size"]))
            for name, member in raw["members"].items()
        }
        manifest = Manifest(
            photoclust=str(raw["photoclust"]),
            schema=str(raw["schema"]),
            made_at=datetime.fromisoformat(raw["made_at"]),
            members=members,
            **{key: int(raw[key]) for key in ("photos", "faces", "people")},
        )
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise LibraryError(
            f"{path} is no backup of photoclust, or damaged ({error}); choose another file"
        ) from error
    if newer:
        raise LibraryError(
            f"{path} was made by photoclust {manifest.photoclust}, which is newer than this one; "
            "update photoclust to bring it back"
        )
    odd = [name for name in members if not _is_expected(name)]
    if odd or LIBRARY_FILE not in members:
        what = f"it holds {odd[0]!r}" if odd else "it holds no library"
        raise LibraryError(f"{path} is no backup of photoclust ({what}); choose another file")
    return manifest


def unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path, path: Path) -> None:
    """Write the members of the archive at `path` below `folder`, each checked against the manifest.

    Raises LibraryError when one is missing or not what it was when the archive was made.
    """
    for name, member in manifest.members.items():
        target = folder / name
        private(target.parent)
        try:
            with archive.open(name) as source, target.open("xb") as file:
                found = _copy(source, file, member.size)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise LibraryError(f"{path} is damaged ({error}); take another backup") from error
        target.chmod(0o600)
        if found != member:
            raise LibraryError(
                f"{path} is damaged ({name} is not what it was when the backup was made); "
                "take another backup"
            )


def require_place(target: Path, force: bool) -> None:
    """Raise UserError where `target` is no file that may be written: one that exists, unless
    `force` is said, or one within a library.
    """
    if target.is_dir():
        raise UserError(f"{target} is a folder; name the file to write, such as {target}.zip")
    if target.exists() and not force:
        raise UserError(f"{target} exists already; choose another name or say --force")
    if not target.parent.is_dir():
        raise UserError(f"there is no folder {target.parent}; make it or choose another place")
    real = target.parent.resolve()
    for folder in (real, *real.parents):
        inside = target.name if folder == real else real.relative_to(folder).parts[0]
        if (folder / LIBRARY_FILE).exists() and (folder == real or inside in LIBRARY_PARTS):
            raise UserError(
                f"{target} lies in the library {folder}, and would be lost with it; choose a "
                "place outside, on another drive if you can"
            )


def _is_writable(library: Library) -> bool:
    return os.access(library.folder, os.W_OK)


def _own_models(folder: Path) -> dict[str, Path]:
    """The files of the library's own models by their name in the archive."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted((folder / OWN_MODELS).rglob("*"))
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    }


def _write(target: Path, files: Mapping[str, Path], held: contents.Contents) -> Manifest:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}", suffix=".tmp")
    temporary = Path(name)
    members: dict[str, Member] = {}
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for member, path in files.items():
                    info = zipfile.ZipInfo.from_file(path, member, strict_timestamps=False)
                    with path.open("rb") as source, archive.open(info, "w") as into:
                        members[member] = _copy(source, into)
                made_at = datetime.now(UTC).replace(microsecond=0)
                manifest = Manifest(
                    __version__,
                    held.schema,
                    made_at,
                    held.photos,
                    held.faces,
                    held.people,
                    members,
                )
                archive.writestr(MANIFEST, json.dumps(_document(manifest), indent=2))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return manifest


def _document(manifest: Manifest) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "photoclust": manifest.photoclust,
        "schema": manifest.schema,
        "made_at": manifest.made_at.isoformat(),
        "photos": manifest.photos,
        "faces": manifest.faces,
        "people": manifest.people,
        "members": {
            name: {"sha256": member.sha256, "size": member.size}
            for name, member in manifest.members.items()
        },
    }


def _copy(source: IO[bytes], into: IO[bytes], limit: int | None = None) -> Member:
    """Copy `source`, at most one piece beyond `limit` bytes; says what was copied."""
    digest = hashlib.sha256()
    size = 0
    while piece := source.read(_PIECE):
        into.write(piece)
        digest.update(piece)
        size += len(piece)
        if limit is not None and size > limit:
            break
    return Member(digest.hexdigest(), size)


def _is_expected(name: str) -> bool:
    """Whether a member may have this name, which becomes a path."""
    if name in {LIBRARY_FILE, SETTINGS}:
        return True
    parts = PurePosixPath(name).parts
    plain = all(part not in {"", ".", ".."} and not set(part) & set("\\:\0") for part in parts)
    return plain and len(parts) > 1 and parts[0] == OWN_MODELS and "/".join(parts) == name


def free_bytes(folder: Path) -> int:
    """How much can be written to the disk that `folder` lies on."""
    return shutil.disk_usage(folder).free
