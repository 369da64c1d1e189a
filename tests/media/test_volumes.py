"""Volumes: which one a path lies on, when a folder is offline, and where a drive came back.

Where the process may mount, real file systems are mounted; plain folders stand for mount points in
the tests of what follows from a list of volumes.
"""

import errno
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from photoclust.core.types import FileStat
from photoclust.media import volumes
from photoclust.media.volumes import (
    RootState,
    Volume,
    find_moved_root,
    is_fat,
    is_network,
    mounted_volumes,
    root_state,
    volume_of,
)

HOUR_NS = 3600 * 10**9
SECOND_NS = 10**9
TAKEN_NS = 1_700_000_000 * SECOND_NS


def photos(folder: Path, count: int = 5) -> list[FileStat]:
    """`count` files in `folder`, each of another size and time."""
    folder.mkdir(parents=True, exist_ok=True)
    return [photo(folder / f"{number}.jpg", number) for number in range(count)]


def photo(path: Path, number: int = 0) -> FileStat:
    path.write_bytes(b"x" * (number + 1))
    os.utime(path, ns=(TAKEN_NS, TAKEN_NS + number * 5 * SECOND_NS))
    status = path.stat()
    return FileStat(path, status.st_size, status.st_mtime_ns)


def drive(folder: Path, kind: str = "ext4") -> Volume:
    return Volume(folder, kind)


def test_lists_a_mounted_file_system_with_its_kind_and_identity(mount, tmp_path):
    disk = tmp_path / "disk"
    by_uuid = tmp_path / "by-uuid"
    by_uuid.mkdir()
    (by_uuid / "1234-ABCD").symlink_to(disk)
    mount_point = mount(tmp_path / "mounted", "-t", "tmpfs", str(disk))

    listed = mounted_volumes(by_uuid=by_uuid)

    assert Volume(mount_point, "tmpfs", "1234-ABCD") in listed
    assert len({volume.mount_point for volume in listed}) == len(listed)


def test_of_two_file_systems_on_one_folder_the_upper_one_is_listed(mount, tmp_path):
    folder = mount(tmp_path / "mounted", "-t", "tmpfs", "lower")
    mount(folder, "-t", "ramfs", "upper")

    kinds = [each.file_system for each in mounted_volumes() if each.mount_point == folder]

    assert kinds == ["ramfs"]


def test_no_pseudo_file_system_is_listed():
    listed = {volume.file_system for volume in mounted_volumes()}

    assert listed
    assert not listed & {"proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2"}


def test_a_path_lies_on_the_innermost_mount_even_before_it_exists(mount, tmp_path):
    mounted = mount(tmp_path / "mounted", "-t", "tmpfs", "outer")
    inner = mount(mounted / "a" / "inner", "-t", "tmpfs", "inner")
    (tmp_path / "link").symlink_to(inner)

    assert volume_of(inner / "not" / "yet.jpg").mount_point == inner
    assert volume_of(tmp_path / "link" / "x").mount_point == inner
    assert volume_of(mounted / "a").mount_point == mounted
    assert volume_of(mounted / "a" / "inner-not").mount_point == mounted
    assert volume_of(tmp_path).mount_point not in (mounted, inner)


def test_a_path_that_no_mount_point_holds_lies_on_its_anchor(tmp_path):
    assert volume_of(tmp_path, []) == Volume(Path(tmp_path.anchor), "")


def test_links_in_a_circle_lie_where_they_are(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")

    assert volume_of(tmp_path / "a", [drive(tmp_path.resolve())]).mount_point == tmp_path.resolve()


@pytest.mark.parametrize(
    ("kind", "network", "fat"),
    [
        ("ext4", False, False),
        ("apfs", False, False),
        ("fuseblk", False, False),
        ("nfs4", True, False),
        ("cifs", True, False),
        ("fuse.sshfs", True, False),
        ("remote", True, False),
        ("vfat", False, True),
        ("fat32", False, True),
        ("exfat", False, True),
    ],
)
def test_network_and_fat_are_told_by_the_kind(kind, network, fat):
    volume = Volume(Path("/mnt/x"), kind)

    assert (is_network(volume), is_fat(volume)) == (network, fat)


def test_a_unc_path_lies_on_the_network_without_being_asked_for():
    assert is_network(volume_of(Path(r"\\nas\photos\2020"), []))
    assert is_network(Volume(Path(r"\\nas\photos"), "ntfs"))


@pytest.mark.parametrize(
    ("kind", "options", "network", "fat"),
    [
        ("NTFS", "rw,remote", True, False),
        ("NTFS", "rw,fixed", False, False),
        ("FAT32", "rw,removable", False, True),
    ],
)
def test_windows_drives_are_read_as_it_names_them(kind, options, network, fat, monkeypatch):
    row = SimpleNamespace(device="Z:\\", mountpoint="Z:\\", fstype=kind, opts=options)
    monkeypatch.setattr(volumes.psutil, "disk_partitions", lambda **_: [row])

    (volume,) = mounted_volumes()

    assert (is_network(volume), is_fat(volume)) == (network, fat)


def test_a_folder_is_offline_when_missing_or_emptied_and_present_otherwise(tmp_path):
    (tmp_path / "full").mkdir()
    photo(tmp_path / "full" / "a.jpg")
    (tmp_path / "empty").mkdir()

    assert root_state(tmp_path / "full", had_files=True) is RootState.PRESENT
    assert root_state(tmp_path / "empty", had_files=False) is RootState.PRESENT
    assert root_state(tmp_path / "empty", had_files=True) is RootState.OFFLINE
    assert root_state(tmp_path / "missing", had_files=False) is RootState.OFFLINE
    assert root_state(tmp_path / "full" / "a.jpg" / "x", had_files=False) is RootState.OFFLINE


def test_an_unmounted_drive_is_offline_though_its_mount_point_stays(mount, tmp_path):
    folder = mount(tmp_path / "drive", "-t", "tmpfs", "drive")
    photos(folder)
    assert root_state(folder, had_files=True) is RootState.PRESENT

    mount.undo(folder)

    assert root_state(folder, had_files=True) is RootState.OFFLINE


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (errno.EIO, RootState.OFFLINE),
        (errno.ESTALE, RootState.OFFLINE),
        (errno.ENOTCONN, RootState.OFFLINE),
        (errno.ETIMEDOUT, RootState.OFFLINE),
        (errno.EACCES, RootState.PRESENT),
    ],
)
def test_a_failing_drive_is_offline_and_a_forbidden_folder_is_not(
    number, state, tmp_path, monkeypatch
):
    def fail(_folder: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(volumes.os, "scandir", fail)

    assert root_state(tmp_path, had_files=True) is state


def test_a_windows_drive_that_is_not_ready_is_offline(tmp_path, monkeypatch):
    def fail(_folder: Path) -> None:
        error = PermissionError(errno.EACCES, "The device is not ready")
        error.winerror = 21
        raise error

    monkeypatch.setattr(volumes.os, "scandir", fail)

    assert root_state(tmp_path, had_files=True) is RootState.OFFLINE


def test_finds_a_drive_at_another_mount_point(mount, tmp_path):
    old = mount(tmp_path / "media" / "anna" / "DISK", "-t", "tmpfs", "drive")
    root = old / "Photos" / "2020"
    sample = photos(root)
    new = mount(tmp_path / "mnt" / "usb", "--bind", str(old))
    mount.undo(old)

    assert find_moved_root(root, sample) == new / "Photos" / "2020"


@pytest.mark.parametrize("suffix", ["", "2020", "Photos/2020", "DISK/Photos/2020"])
def test_finds_the_folder_whichever_part_of_its_path_was_the_mount_point(suffix, tmp_path):
    new = tmp_path / "new"
    known = photos(new / suffix)
    root = tmp_path / "old" / "DISK" / "Photos" / "2020"
    sample = [FileStat(root / file.path.name, file.size, file.mtime_ns) for file in known]

    assert find_moved_root(root, sample, [drive(tmp_path / "other"), drive(new)]) == new / suffix


def moved(tmp_path: Path, count: int = 5) -> tuple[Path, list[FileStat], Path]:
    """An offline root, its sample, and the folder where the same files are now."""
    root = tmp_path / "old" / "Photos"
    now = tmp_path / "new" / "Photos"
    sample = [
        FileStat(root / file.path.name, file.size, file.mtime_ns) for file in photos(now, count)
    ]
    return root, sample, now


def test_four_of_five_known_files_are_enough_and_three_are_not(tmp_path):
    root, sample, now = moved(tmp_path)
    here = [drive(tmp_path / "new")]

    (now / "0.jpg").unlink()
    assert find_moved_root(root, sample, here) == now
    (now / "4.jpg").write_bytes(b"another size")
    assert find_moved_root(root, sample, here) is None


@pytest.mark.parametrize(
    ("shift_ns", "same"),
    [
        (2 * SECOND_NS, True),
        (-HOUR_NS, True),
        (2 * HOUR_NS - 2 * SECOND_NS, True),
        (3 * SECOND_NS, False),
        (HOUR_NS // 2, False),
        (24 * 14 * HOUR_NS, False),
    ],
)
def test_times_may_differ_as_they_do_on_fat(shift_ns, same, tmp_path):
    root, sample, now = moved(tmp_path, 1)
    time_ns = sample[0].mtime_ns + shift_ns
    os.utime(now / "0.jpg", ns=(time_ns, time_ns))

    assert find_moved_root(root, sample, [drive(tmp_path / "new")]) == (now if same else None)


def test_photos_copied_to_a_fat_stick_are_known_by_its_coarse_times(mount, tmp_path):
    if shutil.which("mkfs.vfat") is None:
        pytest.skip("needs mkfs.vfat of dosfstools")
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(4 * 2**20)
    subprocess.run(["mkfs.vfat", str(image)], check=True, capture_output=True)
    stick = mount(tmp_path / "stick", "-o", "loop", str(image))
    root, sample, now = moved(tmp_path)
    shutil.copytree(now, stick / "Photos")

    assert is_fat(volume_of(stick / "Photos"))
    assert find_moved_root(root, sample, [volume_of(stick)]) == stick / "Photos"


def test_files_of_the_same_names_and_times_but_other_sizes_are_other_files(tmp_path):
    root, sample, now = moved(tmp_path, 1)
    (now / "0.jpg").write_bytes(b"yy")
    os.utime(now / "0.jpg", ns=(sample[0].mtime_ns, sample[0].mtime_ns))

    assert find_moved_root(root, sample, [drive(tmp_path / "new")]) is None


def test_two_places_that_fit_are_left_to_the_user(tmp_path):
    root, sample, now = moved(tmp_path)
    shutil.copytree(now, tmp_path / "copy" / "Photos")
    both = [drive(tmp_path / "new"), drive(tmp_path / "copy")]

    assert find_moved_root(root, sample, both[1:]) == tmp_path / "copy" / "Photos"
    assert find_moved_root(root, sample, both) is None


def test_one_folder_reached_by_two_ways_is_one_place(mount, tmp_path):
    root, sample, now = moved(tmp_path)
    twin = mount(tmp_path / "twin", "--bind", str(tmp_path / "new"))

    assert find_moved_root(root, sample, [drive(tmp_path / "new"), drive(twin)]) == now


def test_the_root_itself_is_never_its_new_place(tmp_path):
    sample = photos(tmp_path / "drive" / "Photos")

    assert find_moved_root(tmp_path / "drive" / "Photos", sample, [drive(tmp_path)]) is None


def test_without_known_files_nothing_is_found_or_touched(tmp_path, monkeypatch):
    monkeypatch.setattr(volumes, "_stat", lambda path: pytest.fail(f"looked at {path}"))

    assert find_moved_root(tmp_path / "Photos", [], [drive(tmp_path)]) is None
    stranger = FileStat(tmp_path / "elsewhere" / "a.jpg", 1, 1)
    assert find_moved_root(tmp_path / "Photos", [stranger], [drive(tmp_path)]) is None


def test_a_network_volume_is_looked_at_only_under_the_name_it_had(tmp_path, monkeypatch):
    looked_at: list[Path] = []
    stat = volumes._stat
    monkeypatch.setattr(volumes, "_stat", lambda path: looked_at.append(path) or stat(path))
    root = Path("/mnt/nas/photos/2020")
    new = tmp_path / "net" / "nas"
    known = photos(new / "photos" / "2020")
    sample = [FileStat(root / file.path.name, file.size, file.mtime_ns) for file in known]
    remote = [drive(tmp_path / "hangs" / "office", "nfs4"), drive(new, "cifs")]

    assert find_moved_root(root, sample, remote) == new / "photos" / "2020"
    assert all(path.is_relative_to(new / "photos" / "2020") for path in looked_at)


def test_no_more_files_are_looked_at_than_it_takes(tmp_path, monkeypatch):
    root, sample, now = moved(tmp_path, 20)
    for path in now.iterdir():
        path.unlink()
    looked_at: list[Path] = []
    stat = volumes._stat
    monkeypatch.setattr(volumes, "_stat", lambda path: looked_at.append(path) or stat(path))

    assert find_moved_root(root, sample, [drive(tmp_path / "new")]) is None

    files = [path for path in looked_at if path.parent == now]
    assert len(files) == 5, "after five misses of twenty, 80 % cannot be reached"
