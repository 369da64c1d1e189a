"""The thumbnails keep within their room, and photos that are away keep theirs."""

import pytest

from photoclust.core.settings import Settings
from photoclust.services import browse, pictures, thumbnail_care
from photoclust.services.ingest import ingest
from photoclust.services.thumbnail_care import thumbnails
from photoclust.store import files
from photoclust.store.database import Library
from photoclust.store.files import FileState

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def library(tmp_path, demo_album):
    with Library(tmp_path / "library") as library:
        ingest(library, [demo_album / "Space"], Settings(workers=1))
        yield library


def test_a_scan_leaves_a_thumbnail_of_each_photo_and_face(library):
    keys = set(thumbnails(library).every_key())
    assert {f"photo-{photo}" for photo in browse.photo_ids(library)} <= keys
    assert {str(face.id) for face in browse.single_faces(library)} <= keys


def test_photos_that_are_away_keep_their_thumbnails_and_others_come_back(library, monkeypatch):
    monkeypatch.setattr(thumbnail_care, "_MB", 1)  # 50 bytes are less than any thumbnail
    photos = browse.photo_ids(library)
    away, *_ = browse.single_faces(library)
    with library.write() as tx:
        files.set_state(tx, browse.photo(library, away.photo).paths, FileState.OFFLINE)
    before = set(thumbnails(library).every_key())
    removed = thumbnail_care.keep_bounded(library, Settings(thumbnails_mb=50))
    left = set(thumbnails(library).every_key())
    assert removed == len(before) - len(left)
    assert {f"photo-{away.photo}", str(away.id)} <= left
    gone = [photo for photo in photos if f"photo-{photo}" not in left]
    assert gone
    assert pictures.photo_picture(library, gone[0]).startswith(b"\xff\xd8")


def test_nothing_goes_where_there_is_room(library):
    assert thumbnail_care.keep_bounded(library, Settings()) == 0
