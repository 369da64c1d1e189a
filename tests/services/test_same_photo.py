"""Photos in which one person may be there several times: said, and proposed."""

from pathlib import Path

import numpy as np
import pytest

from photoclust.core.errors import UserError
from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata
from photoclust.services import deciding, history, naming, same_photo
from photoclust.store import cluster_table
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.store import same_photo as rules
from photoclust.store.cluster_table import ClusterContent
from photoclust.vision.models import DEFAULT_EMBEDDER

SIZE = (400, 300)


class Album:
    """Photos of people, several in each; faces of one person are alike."""

    def __init__(self, library, folder):
        self.library = library
        self.folder = folder
        self.rng = np.random.default_rng(0)
        folder.mkdir()
        with library.write() as tx:
            file_store.add_folders(tx, [folder])

    def photo(self, name, *people):
        """A photo with a face of each of these people (numbers); its path and the faces."""
        found = [self.face(place, person) for place, person in enumerate(people)]
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        stat = FileStat(path, 1, 1)
        with self.library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=SIZE,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            file_store.write_file(tx, stat, photo, f"{photo:040x}")
            return path, face_store.replace_faces(tx, photo, found, SIZE, DEFAULT_EMBEDDER)

    def face(self, place, person):
        centre = np.random.default_rng([1, person]).standard_normal(512)
        vector = (centre + 0.4 * self.rng.standard_normal(512)).astype(np.float32)
        box = Box(10.0 + 90 * place, 20.0, 80.0, 90.0)
        corners = ((box.x, box.y),) * 5
        return FoundFace(Detection(box, corners, 0.9), 0.5, vector / np.linalg.norm(vector))


@pytest.fixture
def album(library, tmp_path):
    return Album(library, tmp_path / "photos")


def excepted(library):
    with library.read() as tx:
        photos = photo_store.photos(tx, sorted(rules.exceptions(tx)))
    return {photo.paths[0].name for photo in photos}


def group(library, *contents):
    with library.write() as tx:
        cluster_table.replace_clusters(
            tx, [ClusterContent(None, None, faces) for faces in contents]
        )


# Said


def test_photos_and_folders_are_allowed_and_forbidden_in_one_act(library, album):
    one, _ = album.photo("one.jpg", 1)
    album.photo("scans/two.jpg", 1)
    said = same_photo.allow(library, [one, album.folder / "scans"])
    assert excepted(library) == {"one.jpg", "two.jpg"}
    assert (said.photos, said.folders, len(said.changes.photos)) == (1, 1, 1)
    (entry,) = history.entries(library)
    assert history.title(entry) == "Allowed one person several times in 1 photo and 1 folder"
    album.photo("scans/three.jpg", 1)
    same_photo.allow(library, [one, album.folder / "scans" / "two.jpg"], allowed=False)
    assert excepted(library) == {"three.jpg"}
    assert history.title(history.entries(library)[0]) == "Allowed one person once in 2 photos"
    history.undo(library)
    assert excepted(library) == {"one.jpg", "two.jpg", "three.jpg"}
    history.undo(library)
    assert excepted(library) == set()


def test_what_was_said_already_leaves_no_entry(library, album):
    one, _ = album.photo("one.jpg", 1)
    same_photo.allow(library, [one])
    same_photo.allow(library, [one, one])
    assert len(history.entries(library)) == 1


def test_a_folder_without_photos_yet_can_be_named(library, album):
    (album.folder / "later").mkdir()
    same_photo.allow(library, [album.folder / "later"])
    album.photo("later/one.jpg", 1)
    assert excepted(library) == {"one.jpg"}


@pytest.mark.parametrize("name", ["missing.jpg", "missing", "../elsewhere", "../"])
def test_other_places_are_refused(library, album, name, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(UserError, match="no photo and no folder"):
        same_photo.allow(library, [album.folder / name])
    assert history.entries(library) == []


# Proposed


def test_a_person_that_is_there_twice_is_proposed(library, album):
    path, (one, other, alone) = album.photo("mirror.jpg", 1, 1, 2)
    _, (third,) = album.photo("portrait.jpg", 1)
    group(library, [one, third])
    found = same_photo.overview(library)
    assert (found.photos, found.folders) == ((), ())
    (suspicion,) = found.suspicions
    assert (suspicion.path, suspicion.key, suspicion.name) == (path, "g1", None)
    assert suspicion.faces == (one, other)
    naming.name(library, "g1", "Anna")
    naming.name(library, f"f{other}", "Anna")
    naming.name(library, f"f{alone}", "Otto")
    (suspicion,) = same_photo.overview(library).suspicions
    assert (suspicion.key, suspicion.name, suspicion.faces) == ("p1", "Anna", (one, other))


def test_whoever_is_there_once_is_not(library, album):
    _, (one, _) = album.photo("pair.jpg", 1, 2)
    _, (other,) = album.photo("portrait.jpg", 1)
    group(library, [one, other])
    assert same_photo.overview(library).suspicions == ()


@pytest.mark.parametrize("allowed", [True, False])
def test_what_was_decided_is_listed_and_not_proposed_again(library, album, allowed):
    path, (one, other) = album.photo("scans/mirror.jpg", 1, 1)
    group(library, [one, other])
    same_photo.allow(library, [path.parent])
    if not allowed:
        same_photo.allow(library, [path], allowed=False)
    found = same_photo.overview(library)
    assert found.folders == (path.parent,)
    assert found.photos == (() if allowed else ((path, False),))
    assert found.suspicions == ()


def test_a_face_that_is_said_to_be_nobody_there_is_not_proposed(library, album):
    _, (one, other) = album.photo("mirror.jpg", 1, 1)
    group(library, [one, other])
    deciding.exclude(library, [f"f{other}"])
    assert same_photo.overview(library).suspicions == ()


def test_an_empty_library_has_nothing_to_tell(library):
    assert same_photo.overview(library) == same_photo.SamePhoto((), (), ())


def test_paths_are_taken_as_a_scan_takes_them(library, album, monkeypatch):
    album.photo("one.jpg", 1)
    monkeypatch.chdir(album.folder)
    same_photo.allow(library, [Path("one.jpg")])
    assert excepted(library) == {"one.jpg"}
