import os
from pathlib import Path

from photoclust.core.types import FileStat
from photoclust.store import relocation, sidecars

ONE, OTHER = FileStat(Path("/photos/a.xmp"), 10, 1), FileStat(Path("/photos/b/.picasa.ini"), 20, 2)
ODD = FileStat(Path(os.fsdecode(b"/photos/\xff.xmp")), 30, 3)


def test_a_file_is_read_once_for_each_size_and_time(library):
    with library.write() as tx:
        assert sidecars.changed(tx, [ONE, OTHER, ODD]) == [ONE, OTHER, ODD]
        sidecars.note(tx, [ONE, ODD])
        assert sidecars.changed(tx, [ONE, OTHER, ODD]) == [OTHER]
        later = FileStat(ONE.path, 10, 2)
        assert sidecars.changed(tx, [later]) == [later]
        sidecars.note(tx, [later])
        assert sidecars.changed(tx, [later]) == []
        assert sidecars.changed(tx, [ONE]) == [ONE]


def test_files_that_went_from_a_folder_that_was_seen_are_forgotten(library):
    with library.write() as tx:
        sidecars.note(tx, [ONE, OTHER, ODD])
        sidecars.forget(tx, [ODD], {Path("/photos")})
        assert sidecars.changed(tx, [ONE, OTHER, ODD]) == [ONE]


def test_they_move_with_their_photos(library):
    with library.write() as tx:
        sidecars.note(tx, [ONE])
        relocation.relocate(tx, Path("/photos"), Path("/pictures"))
        assert sidecars.changed(tx, [FileStat(Path("/pictures/a.xmp"), 10, 1)]) == []
