"""Settling: when noted files and folders are told, on a clock that the tests turn."""

import os

import pytest

from photoclust.services.settling import LATEST_S, FolderChange, Settling


def change(*, changed=(), gone=(), folders=()):
    return FolderChange(frozenset(changed), frozenset(gone), frozenset(folders))


@pytest.fixture
def settling():
    return Settling(settle_s=1.0)


def test_nothing_noted_is_never_due(settling):
    assert settling.due is None
    assert settling.take(100.0) == FolderChange()


def test_a_file_is_told_when_it_was_quiet_for_the_settling_time(settling, tmp_path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"x")

    settling.note_file(photo, 10.0)
    settling.note_file(photo, 10.5)

    assert settling.due == 11.5
    assert settling.take(11.4) == FolderChange()
    assert settling.take(11.5) == change(changed=[photo])
    assert settling.due is None


@pytest.mark.parametrize(
    "grow",
    [
        lambda photo: photo.write_bytes(b"more"),
        lambda photo: os.utime(photo, ns=(5, 5)),
        lambda photo: photo.unlink(),
    ],
)
def test_a_file_that_differs_from_the_last_look_waits_a_round(grow, settling, tmp_path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"x")
    settling.note_file(photo, 10.0)
    grow(photo)

    assert settling.take(11.0) == FolderChange()
    assert settling.due == 12.0
    told = settling.take(12.0)
    assert told.changed | told.gone == {photo}


def test_one_that_is_written_on_and_on_holds_up_no_other(settling, tmp_path):
    quiet, busy = tmp_path / "quiet.jpg", tmp_path / "busy.jpg"
    for photo in (quiet, busy):
        photo.write_bytes(b"x")
    settling.note_file(quiet, 10.0)
    for tenth in range(1, 31):
        settling.note_file(busy, 10.0 + tenth / 10)

    assert settling.due == 10.0 + LATEST_S
    assert settling.take(10.0 + LATEST_S) == change(changed=[quiet])
    assert settling.due == 14.0


def test_what_is_there_decides_not_what_was_reported(settling, tmp_path):
    saved, deleted = tmp_path / "saved.jpg", tmp_path / "deleted.jpg"
    for photo in (saved, deleted):
        settling.note_file(photo, 10.0)
    saved.write_bytes(b"put in place of the old one")
    settling.note_file(saved, 10.1)

    assert settling.take(11.1) == change(changed=[saved], gone=[deleted])


def test_a_file_that_cannot_be_asked_for_is_not_told_as_gone(settling, tmp_path):
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")

    settling.note_file(tmp_path / "loop.jpg", 10.0)

    assert settling.take(11.0) == FolderChange()
    assert settling.due is None


def test_a_folder_waits_for_the_files_that_are_written_in_it(settling, tmp_path):
    folder = tmp_path / "album"
    (folder / "day").mkdir(parents=True)
    photo = folder / "day" / "a.jpg"
    photo.write_bytes(b"x")
    settling.note_folder(folder, 10.0)
    settling.note_file(photo, 10.0)
    photo.write_bytes(b"more")

    assert settling.take(11.0) == FolderChange()
    assert settling.take(12.0) == change(changed=[photo], folders=[folder])


def test_of_nested_folders_the_topmost_is_told(settling, tmp_path):
    for name in ("a/b/c", "a", "a/b", "ab", "z/y"):
        settling.note_folder(tmp_path / name, 10.0)

    assert settling.take(11.0) == change(folders=[tmp_path / name for name in ("a", "ab", "z/y")])


def test_what_lies_below_a_forgotten_root_is_not_told(settling, tmp_path):
    settling.note_file(tmp_path / "drive" / "a.jpg", 10.0)
    settling.note_folder(tmp_path / "drive" / "album", 10.0)
    settling.note_file(tmp_path / "other" / "a.jpg", 10.0)

    settling.forget_below(tmp_path / "drive")

    assert settling.take(11.0) == change(gone=[tmp_path / "other" / "a.jpg"])
