from pathlib import Path

import pytest
from sqlalchemy import select

from photoclust.core.types import Failure, FileStat
from photoclust.store import faces as face_store
from photoclust.store import files, people, photos, relocation, schema
from photoclust.store.files import MAX_ATTEMPTS, FileState

HERE = Path("/photos/a.jpg")
BAD = Path("/photos/bad.jpg")
COPY = Path("/photos/copy.jpg")


def stat(path, size=10, mtime_ns=20):
    return FileStat(Path(path), size, mtime_ns)


def states(tx, folder="/"):
    """Path, as text, of every known file below `folder` → where it is."""
    return {str(path): state for path, state in files.known_below(tx, Path(folder))}


def failed(path, reason="damaged", size=10, mtime_ns=20):
    return Failure(Path(path), reason, size, mtime_ns)


# Change detection


def test_a_file_is_unchanged_while_size_and_time_are(library, write):
    with library.write() as tx:
        write(tx, HERE, "one")
    with library.read() as tx:
        assert files.unchanged(tx, [stat(HERE)]) == {HERE: None}
        for other in (stat(HERE, 11), stat(HERE, 10, 21), stat("/photos/b.jpg")):
            assert files.unchanged(tx, [other]) == {}
        assert files.unchanged(tx, []) == {}


def test_an_unreadable_file_that_is_unchanged_comes_with_its_failure(library):
    failure = failed(HERE, "the file is empty")
    with library.write() as tx:
        files.write_failure(tx, failure)
    with library.read() as tx:
        assert files.unchanged(tx, [stat(HERE)]) == {HERE: failure}
        assert files.unchanged(tx, [stat(HERE, 11)]) == {}
        assert files.failures(tx) == [failure]
        assert files.count_failures(tx) == 1


def test_a_photo_that_broke_and_came_back_from_a_backup_is_looked_at_again(library, write):
    """With the old time and size; else its failure would stay in the list for ever."""
    with library.write() as tx:
        write(tx, HERE, "one")
        files.write_failure(tx, failed(HERE, size=9, mtime_ns=30))
        assert files.unchanged(tx, [stat(HERE, 9, 30)])[HERE].reason == "damaged"
        assert files.unchanged(tx, [stat(HERE)]) == {}
        write(tx, HERE, "one")
        assert files.failures(tx) == []
        assert files.unchanged(tx, [stat(HERE)]) == {HERE: None}


def test_a_failure_is_recorded_once_and_its_reason_is_the_newest(library):
    with library.write() as tx:
        files.write_failure(tx, failed(HERE, "empty", 0, 1))
        files.write_failure(tx, failed(HERE, "damaged", 5, 2))
        assert files.failures(tx) == [failed(HERE, "damaged", 5, 2)]


def test_a_file_that_need_not_be_to_blame_is_tried_a_few_times(library):
    with library.write() as tx:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            files.write_failure(tx, failed(HERE), try_again=True)
            tried_again = files.unchanged(tx, [stat(HERE)]) == {}
            assert tried_again == (attempt < MAX_ATTEMPTS)
        files.write_failure(tx, failed(HERE, size=11), try_again=True)
        assert files.unchanged(tx, [stat(HERE, 11)]) == {}, "another content is tried anew"


def test_any_number_of_files_is_asked_for(library, write, digest):
    paths: list[Path] = []
    with library.write() as tx:
        photo = write(tx, "/photos/0.jpg", "one")
        for count in (0, 1, 499, 500, 501, 1203):
            for number in range(len(paths), count):
                paths.append(Path(f"/photos/{number}.jpg"))
                files.write_file(tx, stat(paths[-1]), photo, digest("one"))
            assert files.unchanged(tx, [stat(path) for path in paths]) == dict.fromkeys(paths)
            (held,) = photos.photos(tx, [photo])
            assert len(held.paths) == max(1, count)
        assert len(paths) == 1203


# Names and folders


@pytest.mark.parametrize("name", ["bad-\udcff.jpg", "Grüße 50%.jpg", "a?b#c.jpg"])
def test_paths_of_every_kind_come_back(library, write, name):
    path = Path("/photos") / name
    broken = Path("/photos/failed") / name
    with library.write() as tx:
        photo = write(tx, path, "one")
        files.write_failure(tx, failed(broken))
    with library.read() as tx:
        assert files.unchanged(tx, [stat(path), stat(broken)]).keys() == {path, broken}
        assert photos.photos(tx, [photo])[0].paths == (path,)
        assert files.failures(tx)[0].path == broken


def test_folders_and_mounts_are_kept_once_in_the_order_they_came(library):
    with library.write() as tx:
        for add, listed in ((files.add_folders, files.folders), (files.add_mounts, files.mounts)):
            add(tx, [Path("/b"), Path("/a")])
            add(tx, [Path("/a"), Path("/c"), Path("/c")])
            assert listed(tx) == [Path("/b"), Path("/a"), Path("/c")]
        files.remove_folder(tx, Path("/a"))
        assert files.folders(tx) == [Path("/b"), Path("/c")]


INSIDE = {
    "/photos": ["/photos/a", "/photos/sub/b", "/photos/ä", "/photos/\udcff", "/photos/\U0010ffff"],
    "/ph%to": ["/ph%to/a"],
    "/ph_tos": ["/ph_tos/a", "/ph_tos/\udce4/b"],
    "/bad-\udcff": ["/bad-\udcff/a", "/bad-\udcff/sub/\udc80", "/bad-\udcff/ä"],
    "/it's [*]?": ["/it's [*]?/a"],
}
OUTSIDE = [
    "/photos",
    "/photos2/a",
    "/photos-old/a",
    "/photo/a",
    "/Photos/a",
    "/phato/a",
    "/ph%to2/a",
    "/bad-\udcfe/a",
    "/bad-\udcff2/a",
    "/other/photos/a",
    "/it's a/a",
]


@pytest.mark.parametrize("folder", INSIDE)
def test_below_a_folder_lies_what_is_in_it_and_nothing_else(library, write, folder):
    with library.write() as tx:
        for number, path in enumerate(
            [*OUTSIDE, *(path for own in INSIDE.values() for path in own)]
        ):
            write(tx, path, f"{number}")
        assert set(states(tx, folder)) == set(INSIDE[folder])
        root = states(tx, "/")
        assert len(root) == number + 1, "everything lies below the root"


def test_what_lies_below_a_folder_is_found_by_an_index(library):
    query = select(schema.file.c.state).where(files.below(schema.file.c.path, Path("/photos")))
    compiled = query.compile(
        dialect=library._engine.dialect, compile_kwargs={"literal_binds": True}
    )
    with library.read() as tx:
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all()
    assert all("SCAN" not in row.detail for row in plan), plan


# Where files are


def test_a_drive_that_goes_and_comes_back_changes_nothing_but_where_its_files_are(library, write):
    with library.write() as tx:
        gone, other = write(tx, "/usb/a.jpg", "one"), write(tx, "/usb2/b.jpg", "two")
        assert files.set_state_below(tx, Path("/usb"), FileState.OFFLINE) == [gone]
        assert files.set_state_below(tx, Path("/usb"), FileState.OFFLINE) == []
        assert states(tx) == {"/usb/a.jpg": FileState.OFFLINE, "/usb2/b.jpg": None}
        assert files.away(tx) == [Path("/usb/a.jpg")]
        assert files.counts_by_state(tx) == {None: 1, FileState.OFFLINE: 1}
        assert [found.present for found in photos.photos(tx, [gone, other])] == [False, True]
        assert files.unchanged(tx, [stat("/usb/a.jpg")]) == {Path("/usb/a.jpg"): None}
        files.set_state(tx, [Path("/usb/a.jpg")], None)
        assert files.away(tx) == []
        assert photos.photos(tx, [gone])[0].present


def test_a_file_that_is_written_again_is_at_its_place(library, write):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        files.set_state(tx, [HERE], FileState.DELETED)
        assert files.deleted_photos(tx) == [photo]
        assert write(tx, HERE, "one", mtime_ns=21) == photo
        assert states(tx) == {str(HERE): None}


def test_a_photo_is_deleted_once_all_its_files_are(library, write, digest):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        files.write_file(tx, stat(COPY), photo, digest("one"))
        files.set_state(tx, [HERE], FileState.DELETED)
        assert files.deleted_photos(tx) == []
        files.set_state(tx, [COPY], FileState.OFFLINE)
        assert files.deleted_photos(tx) == []
        files.set_state(tx, [COPY], FileState.DELETED)
        assert files.deleted_photos(tx) == [photo]


def test_a_moved_file_leaves_no_trace_of_its_old_place(library, write, digest):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        files.set_state(tx, [HERE], FileState.DELETED)
        files.drop_moved(tx, photo)
        assert states(tx) == {str(HERE): FileState.DELETED}, "it has no other place"
        files.write_file(tx, stat(COPY), photo, digest("one"))
        files.write_file(tx, stat("/usb/c.jpg"), photo, digest("one"))
        files.set_state(tx, [Path("/usb/c.jpg")], FileState.OFFLINE)
        files.drop_moved(tx, photo)
        assert states(tx) == {str(COPY): None, "/usb/c.jpg": FileState.OFFLINE}


def test_any_number_of_files_is_said_to_be_away(library, write, digest):
    paths = [Path(f"/photos/{number}.jpg") for number in range(1203)]
    with library.write() as tx:
        photo = write(tx, paths[0], "one")
        for path in paths:
            files.write_file(tx, stat(path), photo, digest("one"))
        files.set_state(tx, paths, FileState.DELETED)
        assert files.counts_by_state(tx) == {None: 0, FileState.DELETED: 1203}


@pytest.mark.parametrize(("count", "wanted"), [(3, 3), (20, 20), (100, 100), (1000, 103)])
def test_a_sample_is_spread_over_what_lies_below_a_folder(library, write, digest, count, wanted):
    with library.write() as tx:
        photo = write(tx, "/other/a.jpg", "one")
        for number in range(103):
            files.write_file(tx, stat(f"/photos/{number}.jpg", number), photo, digest("one"))
        sample = files.sample_below(tx, Path("/photos"), count)
    assert len({one.path for one in sample}) == wanted
    assert all(one == stat(f"/photos/{one.size}.jpg", one.size) for one in sample)
    assert max(one.size for one in sample) > 66


# Another place


def test_a_folder_that_moved_takes_all_along_that_is_known_of_it(library, write):
    names = ["a.jpg", "sub/ä.jpg", "sub/\udcff.jpg", "100%_.jpg"]
    with library.write() as tx:
        ids = [write(tx, f"/old/{name}", name) for name in names]
        write(tx, "/old2/a.jpg", "other")
        files.add_folders(tx, [Path("/old"), Path("/old/sub"), Path("/else")])
        files.add_mounts(tx, [Path("/old/sub")])
        files.write_failure(tx, failed("/old/bad.jpg"))
        assert relocation.relocate(tx, Path("/old"), Path("/new/place")) == len(names)
        moved = [f"/new/place/{name}" for name in names]
        assert set(states(tx)) == {*moved, "/old2/a.jpg"}
        held = [str(found.paths[0]) for found in photos.photos(tx, ids)]
        assert held == moved
        assert files.folders(tx) == [Path("/new/place"), Path("/new/place/sub"), Path("/else")]
        assert files.mounts(tx) == [Path("/new/place/sub")]
        assert files.failures(tx) == [failed("/new/place/bad.jpg")]
        assert files.unchanged(tx, [stat(path) for path in moved]).keys() == set(map(Path, moved))


@pytest.mark.parametrize(("old", "new"), [("/a", "/a/b"), ("/a/b", "/a")])
def test_a_folder_may_move_into_or_out_of_itself(library, write, old, new):
    with library.write() as tx:
        for number in range(3):
            write(tx, f"{old}/{number}.jpg", f"{number}")
        files.add_folders(tx, [Path(old)])
        assert relocation.relocate(tx, Path(old), Path(new)) == 3
        assert set(states(tx)) == {f"{new}/{number}.jpg" for number in range(3)}
        assert files.folders(tx) == [Path(new)]


def test_names_that_are_taken_at_the_new_place_stay_what_they_are_there(
    library, write, maker, make_face, do, person
):
    with library.write() as tx:
        plain, decided = write(tx, "/old/a.jpg", "one"), write(tx, "/old/b.jpg", "two")
        there = [write(tx, f"/new/{name}.jpg", f"new {name}") for name in "ab"]
    (face,) = maker.faces(decided, [make_face()])
    with library.write() as tx:
        do(tx, people.confirm, [face], person(tx, "Anna"))
        assert relocation.relocate(tx, Path("/old"), Path("/new")) == 0
        assert photos.photos_at(tx, [Path("/new/a.jpg"), Path("/new/b.jpg")]) == {
            Path("/new/a.jpg"): there[0],
            Path("/new/b.jpg"): there[1],
        }
        assert [found.id for found in photos.photos(tx, [plain, decided])] == [decided]
        assert face_store.count(tx) == 1


# What is forgotten


def test_files_that_are_gone_are_forgotten_and_their_photo_is_not(library, write):
    with library.write() as tx:
        photo = write(tx, HERE, "one")
        files.write_failure(tx, failed(BAD))
        files.forget_files(tx, [HERE, BAD, Path("/never/there.jpg")])
        assert photos.photos(tx, [photo])[0].paths == ()
        assert files.failures(tx) == []


def test_failures_are_forgotten_one_by_one(library):
    with library.write() as tx:
        for path in (BAD, HERE):
            files.write_failure(tx, failed(path))
        files.forget_failures(tx, [HERE])
        assert [failure.path for failure in files.failures(tx)] == [BAD]


def test_a_folder_is_forgotten_but_for_what_was_decided_and_what_lies_elsewhere_too(
    library, write, digest, maker, make_face, do, person
):
    with library.write() as tx:
        plain, decided, inner = (write(tx, f"/photos/{n}.jpg", n) for n in ("a", "b", "kept/c"))
        twice = write(tx, "/photos/d.jpg", "d")
        files.write_file(tx, stat("/photos2/d.jpg"), twice, digest("d"))
        files.add_mounts(tx, [Path("/photos/mounted"), Path("/mounted")])
        for path in (BAD, Path("/photos2/bad.jpg")):
            files.write_failure(tx, failed(path))
    (face,) = maker.faces(decided, [make_face()])
    with library.write() as tx:
        do(tx, people.confirm, [face], person(tx, "Anna"))
        kept = [Path("/photos/kept")]
        assert sorted(files.photos_only_below(tx, Path("/photos"), kept)) == [plain, decided]
        assert sorted(files.photos_only_below(tx, Path("/photos"))) == [plain, decided, inner]
        files.forget_below(tx, Path("/photos"), but=kept)
        assert set(states(tx)) == {"/photos/kept/c.jpg", "/photos2/d.jpg"}
        left = [found.id for found in photos.photos(tx, [plain, decided, inner, twice])]
        assert left == [decided, inner, twice]
        assert photos.find_by_hash(tx, digest("b")) == decided
        assert files.mounts(tx) == [Path("/mounted")]
        assert [failure.path for failure in files.failures(tx)] == [Path("/photos2/bad.jpg")]
