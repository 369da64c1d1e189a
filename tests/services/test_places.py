"""Files that move, change, vanish and come back, found by real scans of small pictures."""

import os
import shutil

import pytest
from PIL import Image, ImageOps

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.media.volumes import Volume
from photoclust.services import browse, history, ingest, naming, places, roots
from photoclust.store import files as file_store
from photoclust.store.database import Library
from photoclust.store.files import FileState

SETTINGS = Settings(workers=1)
FACE = "2012 Oval Office/portrait sitting.jpg"
OTHER_FACE = "Space/astronaut.png"


@pytest.fixture(scope="module")
def small_faces(demo_album, tmp_path_factory):
    """Two photos with one face each, small enough to be read in no time."""
    folder = tmp_path_factory.mktemp("faces")
    for name, source in (("one.jpg", FACE), ("two.jpg", OTHER_FACE)):
        with Image.open(demo_album / source) as picture:
            small = picture.convert("RGB")
            small.thumbnail((420, 420))
            small.save(folder / name, quality=92)
    return folder


@pytest.fixture(scope="module")
def scanned(small_faces, tmp_path_factory):
    """A folder with the two of them and a picture without a face, and the library of a scan of it
    with a name for the face in one.jpg; and a copy of both to start again from.
    """
    place = tmp_path_factory.mktemp("places")
    shutil.copytree(small_faces, place / "photos")
    Image.new("L", (64, 64), 90).save(place / "photos" / "blank.png")
    with Library(place / "library") as library:
        ingest.ingest(library, [place / "photos"], SETTINGS)
        (face,) = [f for f in browse.faces(library) if f.path.name == "one.jpg"]
        naming.name(library, f"f{face.id}", "Anna")
    kept = shutil.copytree(place, tmp_path_factory.mktemp("kept") / "places")
    return place, kept


@pytest.fixture
def photos(scanned):
    """The folder of photos, as it was after the first scan."""
    place, kept = scanned
    shutil.rmtree(place)
    shutil.copytree(kept, place)
    return place / "photos"


@pytest.fixture
def named(photos):
    """The library, as it was after the first scan and the naming."""
    with Library(photos.parent / "library") as library:
        yield library


def scan(library, *roots, **options):
    return ingest.ingest(library, list(roots), SETTINGS, **options)


def anna(library):
    """File names of the photos in which Anna is shown, by face id."""
    (person,) = browse.people_called(library, "Anna")
    return {face.id: face.path and face.path.name for face in browse.faces(library, person.key)}


def states(library):
    with library.read() as tx:
        return {
            path.name: state
            for folder in file_store.folders(tx)
            for path, state in file_store.known_below(tx, folder)
        }


def turn(path):
    with Image.open(path) as picture:
        picture.transpose(Image.Transpose.ROTATE_90).save(path, quality=92)


def add_rating(path):
    """What a photo manager does to a JPEG: other metadata, the same picture."""
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xfe\x00\x08rating" + data[2:])


# Moved, renamed, copied


def test_a_renamed_file_keeps_everything_and_is_not_looked_at_again(named, photos):
    before = anna(named)
    (photos / "one.jpg").rename(photos / "renamed.jpg")
    report = scan(named, photos)
    assert (report.photos, report.faces, report.deleted) == (1, 0, 0)
    assert list(anna(named).items()) == [(face, "renamed.jpg") for face in before]
    assert set(states(named)) == {"renamed.jpg", "two.jpg", "blank.png"}


def test_a_folder_that_was_moved_within_the_library_keeps_everything(named, photos):
    (photos / "deep").mkdir()
    before = anna(named)
    for path in photos.glob("*.jpg"):
        path.rename(photos / "deep" / path.name)
    assert scan(named, photos).faces == 0
    assert anna(named).keys() == before.keys()
    assert set(states(named).values()) == {None}


def test_two_files_that_change_names_keep_their_own_faces(named, photos):
    before = anna(named)
    (photos / "one.jpg").rename(photos / "between.jpg")
    (photos / "two.jpg").rename(photos / "one.jpg")
    (photos / "between.jpg").rename(photos / "two.jpg")
    os.utime(photos / "one.jpg", (1, 1))
    os.utime(photos / "two.jpg", (2, 2))
    scan(named, photos)
    assert list(anna(named).items()) == [(face, "two.jpg") for face in before]
    assert len(browse.faces(named)) == 2


def test_a_new_picture_under_an_old_name_takes_no_name_over(named, photos, small_faces):
    (photos / "one.jpg").rename(photos / "kept.jpg")
    shutil.copyfile(small_faces / "two.jpg", photos / "one.jpg")
    turn(photos / "one.jpg")
    scan(named, photos)
    assert list(anna(named).values()) == ["kept.jpg"]


def test_another_picture_in_the_place_of_a_named_one_gets_no_name(named, photos, small_faces):
    """And the named face comes back with its picture."""
    before = anna(named)
    shutil.copyfile(small_faces / "one.jpg", photos.parent / "aside.jpg")
    with Image.open(small_faces / "two.jpg") as picture:
        ImageOps.mirror(picture).save(photos / "one.jpg")
    scan(named, photos)
    assert list(anna(named).items()) == [(face, None) for face in before]
    shutil.copyfile(photos.parent / "aside.jpg", photos / "again.jpg")
    scan(named, photos)
    assert list(anna(named).items()) == [(face, "again.jpg") for face in before]


def test_copies_share_one_photo_with_several_paths(named, photos):
    shutil.copyfile(photos / "one.jpg", photos / "copy.jpg")
    add_rating(photos / "copy.jpg")
    shutil.copyfile(photos / "one.jpg", photos / "second copy.jpg")
    report = scan(named, photos)
    assert (report.photos, report.faces) == (2, 0)
    (face,) = anna(named)
    photo = browse.photo(named, browse.faces_by_id(named, [face])[0].photo)
    assert {path.name for path in photo.paths} == {"one.jpg", "copy.jpg", "second copy.jpg"}


# Changed


def test_other_metadata_cost_no_detection(named, photos):
    before = anna(named)
    add_rating(photos / "one.jpg")
    report = scan(named, photos)
    assert (report.photos, report.faces) == (1, 0)
    assert anna(named) == before
    assert scan(named, photos).photos == 0


def test_a_turned_picture_keeps_its_names(named, photos):
    before = anna(named)
    turn(photos / "one.jpg")
    assert scan(named, photos).faces == 1
    assert anna(named) == before
    assert len(browse.faces(named)) == 2


def test_a_cropped_picture_keeps_its_names(named, photos):
    before = anna(named)
    (face,) = browse.faces_by_id(named, list(before))
    with Image.open(photos / "one.jpg") as picture:
        left, top = face.box.x * 0.6, face.box.y * 0.6
        frame = (left, top, face.box.x + 1.6 * face.box.w, face.box.y + 1.6 * face.box.h)
        picture.crop(tuple(map(int, frame))).save(photos / "one.jpg", quality=95)
    scan(named, photos)
    assert anna(named) == before


# Deleted, offline, back


def test_a_deleted_file_leaves_its_photo_until_it_is_purged(named, photos):
    before = anna(named)
    (photos / "one.jpg").unlink()
    report = scan(named, photos)
    assert report.deleted == 1
    assert states(named)["one.jpg"] is FileState.DELETED
    assert anna(named) == before
    removed = places.purge(named)
    assert (removed.photos, removed.faces) == (1, 1)
    assert anna(named) == {}
    assert len(browse.faces(named)) == 1
    assert places.purge(named).photos == 0


def test_what_was_purged_does_not_hinder_undo(named, photos):
    (photos / "one.jpg").unlink()
    scan(named, photos)
    places.purge(named)
    history.undo(named)
    history.redo(named)
    assert anna(named) == {}


def test_a_deleted_file_that_comes_back_is_there_again(named, photos, tmp_path):
    before = anna(named)
    (photos / "one.jpg").rename(tmp_path / "away.jpg")
    scan(named, photos)
    (tmp_path / "away.jpg").rename(photos / "one.jpg")
    report = scan(named, photos)
    assert (report.returned, report.photos) == (1, 0)
    assert states(named)["one.jpg"] is None
    assert anna(named) == before


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_an_unplugged_drive_is_offline_and_comes_back(named, photos, tmp_path, how):
    before = anna(named)
    away = tmp_path / "away"
    photos.rename(away)
    if how == "empty":
        photos.mkdir()
        assert scan(named, photos).offline == 3
    else:
        assert roots.find_roots(named, volumes=[]) == ([], [photos])
    assert set(states(named).values()) == {FileState.OFFLINE}
    assert places.purge(named).photos == 0
    if how == "empty":
        photos.rmdir()
    away.rename(photos)
    report = scan(named, photos)
    assert (report.returned, report.photos) == (3, 0)
    assert anna(named) == before


def test_a_sub_folder_that_cannot_be_listed_loses_nothing(named, photos):
    deep = photos / "deep"
    deep.mkdir()
    (photos / "one.jpg").rename(deep / "one.jpg")
    scan(named, photos)
    before = states(named)
    shutil.rmtree(deep)
    deep.symlink_to(deep)
    scan(named, photos)
    assert states(named)["one.jpg"] is FileState.DELETED
    assert before["one.jpg"] is None
    assert len(anna(named)) == 1


def test_an_empty_mount_point_inside_a_folder_is_offline(named, photos, mount):
    inside = photos / "drive"
    inside.mkdir()
    mount(inside, "-t", "tmpfs", "drive")
    (photos / "one.jpg").rename(photos / "two copy.jpg")
    shutil.move(photos / "two copy.jpg", inside / "one.jpg")
    scan(named, photos)
    before = anna(named)
    mount.undo(inside)
    report = scan(named, photos)
    assert (report.offline, report.deleted) == (1, 0)
    assert states(named)["one.jpg"] is FileState.OFFLINE
    assert anna(named).keys() == before.keys()


def test_a_drive_at_another_mount_point_needs_no_act(named, photos, tmp_path):
    before = anna(named)
    other = tmp_path / "other place"
    other.mkdir()
    photos.rename(other / "photos")
    volumes = [Volume(other, "ext4", None)]
    assert roots.find_roots(named, volumes) == ([other / "photos"], [])
    assert anna(named) == before
    assert scan(named, other / "photos").photos == 0


# Folders


def test_a_folder_is_relocated(named, photos, tmp_path):
    before = anna(named)
    photos.rename(tmp_path / "new place")
    assert places.relocate(named, photos, tmp_path / "new place") == 3
    assert anna(named) == before
    report = scan(named, tmp_path / "new place")
    assert (report.photos, report.unchanged) == (0, 3)
    assert browse.folders(named) == [str(tmp_path / "new place")]


def test_a_folder_is_not_relocated_to_nowhere(named, photos, tmp_path):
    with pytest.raises(UserError, match="is no folder"):
        places.relocate(named, photos, tmp_path / "nowhere")
    with pytest.raises(UserError, match="knows no photos below"):
        places.relocate(named, tmp_path / "never", photos)
    for other in (photos, photos.parent):
        with pytest.raises(UserError, match="one lies in the other"):
            places.relocate(named, photos, other)


def test_a_removed_folder_may_leave_its_people(named, photos):
    before = anna(named)
    removed = places.remove_folder(named, photos, forget_people=False)
    assert removed.photos == 2
    assert anna(named) == dict.fromkeys(before)
    assert browse.folders(named) == []
    scan(named, photos)
    assert anna(named) == before


def test_a_removed_folder_may_take_its_people_along(named, photos):
    removed = places.remove_folder(named, photos, forget_people=True)
    assert (removed.photos, removed.faces) == (3, 2)
    assert anna(named) == {}
    assert browse.person(named, 1).name == "Anna"
    assert not list((named.folder / "thumbnails").rglob("*.jpg"))


def test_a_removed_folder_leaves_what_lies_in_another_one(named, photos, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(photos, other)
    scan(named, other)
    places.remove_folder(named, photos, forget_people=True)
    assert list(anna(named).values()) == ["one.jpg"]
    assert browse.counts(named) == (3, 2)


def test_a_folder_within_another_is_not_added(named, photos):
    shutil.copytree(photos, photos / "2008")
    shutil.copytree(photos / "2008", photos / "Left out")
    assert scan(named, photos / "2008").failed == []
    assert browse.folders(named) == [str(photos)]
    left_out = Settings(workers=1, skip_patterns=("left out",))
    ingest.ingest(named, [photos / "Left out"], left_out)
    assert browse.folders(named) == [str(photos), str(photos / "Left out")]


def test_of_folders_that_are_scanned_together_the_outer_one_is_added(photos, tmp_path):
    (photos / "2008").mkdir()
    with Library(tmp_path / "library") as library:
        scan(library, photos / "2008", photos)
        assert browse.folders(library) == [str(photos)]


@pytest.mark.parametrize("forget", [False, True])
def test_photos_of_a_removed_folder_stay_with_the_one_it_is_in(named, photos, forget):
    inside = photos / "2008"
    inside.mkdir()
    (photos / "one.jpg").rename(inside / "one.jpg")
    scan(named, photos)
    with named.write() as tx:  # as earlier versions did
        file_store.add_folders(tx, [inside])
    before = anna(named), browse.counts(named), states(named)
    removed = places.remove_folder(named, inside, forget_people=forget)
    assert (removed.photos, removed.within) == (0, photos)
    assert browse.folders(named) == [str(photos)]
    assert (anna(named), browse.counts(named), states(named)) == before


def test_only_a_folder_of_the_library_can_be_removed(named, tmp_path):
    with pytest.raises(UserError, match="no folder of the library"):
        places.remove_folder(named, tmp_path, forget_people=False)


def test_originals_are_never_written(named, photos, small_faces):
    add_rating(photos / "two.jpg")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in photos.iterdir()}
    scan(named, photos)
    (photos / "one.jpg").rename(photos / "renamed.jpg")
    before[photos / "renamed.jpg"] = before.pop(photos / "one.jpg")
    scan(named, photos)
    places.remove_folder(named, photos, forget_people=True)
    assert before == {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in photos.iterdir()
    }
