"""The mounted file systems: on which one a path lies, and whether a drive is there.

Owns the rule that an unplugged drive is offline, which is not the same as its photos deleted, and
the search for a drive that came back under another letter or mount point. Reads what the operating
system tells; writes nothing.
"""

import errno
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from photoclust.core.types import FileStat

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p", "afpfs", "afs", "ceph", "cephfs", "cifs", "curlftpfs", "davfs", "davfs2", "drvfs",
        "glusterfs", "gvfsd-fuse", "lustre", "ncpfs", "nfs", "nfs3", "nfs4", "prl_fs", "rclone",
        "remote", "s3fs", "smb", "smb2", "smb3", "smbfs", "smbnetfs", "sshfs", "vboxsf",
        "virtiofs", "vmhgfs", "vmhgfs-fuse", "webdav",
    }
)  # fmt: skip
"""File systems whose files another machine, or the host of a virtual one, writes as well.

The shared memory of SQLite's write-ahead log does not reach across machines, so a database in that
mode is damaged there; and the system tells of no change that was made elsewhere.
"""

FAT_FILE_SYSTEMS = frozenset(
    {
        "exfat", "fat", "fat12", "fat16", "fat32", "msdos", "umsdos", "vfat",
    }
)  # fmt: skip
"""File systems of memory cards and sticks that keep no permissions: whoever holds the drive, or
has an account on the machine, can read every file. Times are kept to 2 s and in local time.
"""

_PSEUDO_FILE_SYSTEMS = frozenset(
    {
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devfs",
        "devpts", "devtmpfs", "efivarfs", "fuse.portal", "fusectl", "hugetlbfs", "mqueue",
        "nsfs", "proc", "procfs", "pstore", "rpc_pipefs", "securityfs", "selinuxfs", "sysfs",
        "tracefs",
    }
)  # fmt: skip
"""No files of a user's lie there; looking below an autofs would mount what it stands for."""

_MOUNT_PLACES = (
    (("run", "media"), 4),
    (("media",), 3),
    (("mnt",), 2),
    (("Volumes",), 2),
)
"""Where drives are mounted, below the root, and which part of a path is the name of the drive."""
_BY_UUID = Path("/dev/disk/by-uuid")
_UNC_PREFIX = "\\\\"

_OFFLINE_ERRNOS = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ENODEV,
        errno.ENXIO,
        errno.EIO,
        errno.ESTALE,
        errno.ENOTCONN,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ETIMEDOUT,
    }
)
_OFFLINE_WINDOWS_ERRORS = frozenset({21, 53, 55, 59, 64, 67, 121, 1167, 1231, 1232})
"""winerror.h: not ready, no such network path, device gone, network failure … Python turns some of
them into errnos that mean something else, "not ready" into EACCES."""

_SHARE_FOUND = 0.8
"""Of the known files, how many must be where a drive is thought to be: some may have been deleted
or edited on another machine."""
_TIME_TOLERANCE_NS = 2 * 10**9
_HOUR_NS = 3600 * 10**9
_WIDEST_ZONES_H = 26
"""Hours between the clocks of the easternmost and the westernmost time zone."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted file system.

    `file_system`: its kind in lower case as the system names it, `remote` for a network drive of
    Windows. `identity`: what stays the same wherever it is mounted; None where the system does not
    tell.
    """

    mount_point: Path
    file_system: str
    identity: str | None = None


class RootState(StrEnum):
    """Whether a folder of the library is there to be looked at."""

    PRESENT = "present"
    OFFLINE = "offline"


def mounted_volumes(*, by_uuid: Path = _BY_UUID) -> list[Volume]:
    """Every mounted file system that can hold a user's files, each mount point once.

    `by_uuid` is the folder in which Linux keeps a link to each device, named by its identity.
    """
    identities = _identities(by_uuid)
    found: dict[Path, Volume] = {}
    for partition in psutil.disk_partitions(all=True):
        mount_point = Path(partition.mountpoint)
        kind = partition.fstype.lower()
        # Of several file systems mounted on one folder, the last one hides the others.
        found.pop(mount_point, None)
        if kind in _PSEUDO_FILE_SYSTEMS:
            continue
        # Windows names the kind that the server uses itself, as if the drive were its own.
        if "remote" in partition.opts.split(","):
            kind = "remote"
        found[mount_point] = Volume(mount_point, kind, identities.get(Path(partition.device)))
    return list(found.values())


def volume_of(path: Path, volumes: Sequence[Volume] | None = None) -> Volume:
    """The volume on which `path` lies, links followed; a path that does not exist lies on that of
    its nearest parent. `volumes` are the mounted ones, asked for when not given.

    A volume of the kind "" at the path's anchor when no mount point contains it.
    """
    if _is_unc(path):
        return Volume(Path(path.anchor), "remote")
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        resolved = path.absolute()
    holding = [
        volume
        for volume in (mounted_volumes() if volumes is None else volumes)
        if resolved.is_relative_to(volume.mount_point)
    ]
    if not holding:
        return Volume(Path(resolved.anchor), "remote" if _is_unc(resolved) else "")
    return max(holding, key=lambda volume: len(volume.mount_point.parts))


def is_network(volume: Volume) -> bool:
    """Whether other machines can write to the volume; see NETWORK_FILE_SYSTEMS."""
    return _bare_kind(volume) in NETWORK_FILE_SYSTEMS or _is_unc(volume.mount_point)


def is_fat(volume: Volume) -> bool:
    """Whether the volume keeps no permissions and only coarse times; see FAT_FILE_SYSTEMS."""
    return _bare_kind(volume) in FAT_FILE_SYSTEMS


def drive_name(folder: Path) -> str | None:
    """What the drive or network folder is called that `folder` lies on, if it lies where such are
    mounted or has a letter of its own; told by the path alone, whether it is there or not.
    """
    if _is_unc(folder) or (folder.drive and folder.drive != os.environ.get("SYSTEMDRIVE")):
        return folder.anchor.rstrip("\\") or None
    parts = folder.parts
    for place, depth in _MOUNT_PLACES:
        if parts[1 : 1 + len(place)] == place:
            # Where there is no folder for each user, the drive is one place further up.
            return next(iter(parts[depth : depth + 1] or parts[depth - 1 : depth]), None)
    return None


def root_state(root: Path, had_files: bool) -> RootState:
    """Whether a folder is there, or with its drive offline; `had_files` says whether the library
    knows files below it.

    A folder that does not exist or whose drive fails is offline, and so is one that is completely
    empty while files are known below it: that is what an unplugged drive leaves of its mount point.
    A folder that may not be read is present: its drive is there.
    """
    try:
        with os.scandir(root) as entries:
            empty = next(entries, None) is None
    except OSError as error:
        offline = (
            error.errno in _OFFLINE_ERRNOS
            or getattr(error, "winerror", None) in _OFFLINE_WINDOWS_ERRORS
        )
        return RootState.OFFLINE if offline else RootState.PRESENT
    return RootState.OFFLINE if empty and had_files else RootState.PRESENT


def find_moved_root(
    root: Path, sample: Sequence[FileStat], volumes: Sequence[Volume] | None = None
) -> Path | None:
    """Where the offline folder `root` is now, when its drive came back under another letter or
    mount point; `sample` are about 20 known files below it.

    Looked for are the last parts of its path, the most first, on every volume. A folder is the one
    when 80 % of the sample, and at least one file, lie below it with the same size and the same
    time; FAT keeps times to 2 s and in local time, so they may differ by that much and by whole
    hours. None when there is no such folder, or more than one: the user has to say which it is.

    A network volume, which may hang, is looked at only where its mount point has the name that it
    had in `root`.
    """
    known = [
        (file.path.relative_to(root), file) for file in sample if file.path.is_relative_to(root)
    ]
    if not known:
        return None
    found: dict[tuple[int, int] | Path, Path] = {}
    for candidate in _candidates(root, mounted_volumes() if volumes is None else volumes):
        status = _stat(candidate)
        if status is None:
            continue
        # One folder may be reached by two ways: through a bind mount, or a drive mounted twice.
        key = (status.st_dev, status.st_ino) if status.st_ino else candidate
        if key not in found and _holds(candidate, known):
            found[key] = candidate
    return next(iter(found.values())) if len(found) == 1 else None


def _bare_kind(volume: Volume) -> str:
    return volume.file_system.removeprefix("fuse.")


def _candidates(root: Path, volumes: Sequence[Volume]) -> Iterator[Path]:
    parts = root.parts[1:]  # without the anchor: `/`, or the letter of a drive
    for volume in volumes:
        name = volume.mount_point.name
        for first in range(len(parts) + 1):
            if is_network(volume) and (first == 0 or parts[first - 1] != name):
                continue
            candidate = volume.mount_point.joinpath(*parts[first:])
            if candidate != root:
                yield candidate


def _holds(folder: Path, known: Sequence[tuple[Path, FileStat]]) -> bool:
    """Whether enough of the known files lie below `folder`; looks no further than it must."""
    needed = math.ceil(_SHARE_FOUND * len(known))
    hits = 0
    for position, (relative, file) in enumerate(known):
        status = _stat(folder / relative)
        if status is not None and _is_same(file, status):
            hits += 1
        if hits >= needed:
            return True
        if hits + len(known) - position - 1 < needed:
            return False
    return False


def _is_same(file: FileStat, status: os.stat_result) -> bool:
    difference = abs(file.mtime_ns - status.st_mtime_ns)
    hours = round(difference / _HOUR_NS)
    return (
        file.size == status.st_size
        and hours <= _WIDEST_ZONES_H
        and abs(difference - hours * _HOUR_NS) <= _TIME_TOLERANCE_NS
    )


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):  # ValueError: a name that this system cannot have
        return None


def _identities(by_uuid: Path) -> dict[Path, str]:
    try:
        return {link.resolve(): link.name for link in by_uuid.iterdir()}
    except OSError:
        return {}


def _is_unc(path: Path) -> bool:
    return str(path).startswith(_UNC_PREFIX)
