"""What a scan would take, counted without opening a file."""

import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import FileStat
from photoclust.services import forecast as service
from photoclust.services.forecast import CORE_S_PER_PHOTO, LIBRARY_BYTES_PER_PHOTO, forecast
from photoclust.services.ingest import _spread


@pytest.fixture
def photos(tmp_path):
    """Twelve files of 1000 bytes that are named like photos, and one that is not."""
    for folder in ("a", "b/c"):
        (tmp_path / "photos" / folder).mkdir(parents=True)
        for number in range(6):
            (tmp_path / "photos" / folder / f"{number}.jpg").write_bytes(bytes(1000))
    (tmp_path / "photos" / "notes.txt").write_bytes(bytes(1000))
    return tmp_path / "photos"


def test_photos_are_counted_with_their_size_time_and_the_room_they_need(library, photos):
    expected = forecast(library, [photos], Settings(workers=1))
    assert (expected.photos, expected.size) == (12, 12_000)
    assert expected.growth == 12 * LIBRARY_BYTES_PER_PHOTO
    assert 0 < expected.seconds <= 12 * CORE_S_PER_PHOTO
    assert expected.fits
    assert expected.free > 0


def test_what_the_library_holds_as_it_is_does_not_count(library, photos, monkeypatch):
    path = photos / "a" / "0.jpg"
    monkeypatch.setattr(service.file_store, "unchanged", lambda tx, stats: {path: None})
    assert forecast(library, [photos], Settings()).photos == 11


def test_nothing_takes_no_time(library, tmp_path):
    expected = forecast(library, [tmp_path], Settings(skip_patterns=("*",)))
    assert (expected.photos, expected.seconds, expected.growth) == (0, 0, 0)


def test_a_folder_that_is_not_there_is_refused(library, tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        forecast(library, [tmp_path / "nowhere"], Settings())


def test_counting_can_be_cancelled(library, photos):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        forecast(library, [photos], Settings(), control=control)


def spread(*names, root):
    stats = [FileStat(root / name, 1, 1) for name in names]
    return [str(stat.path.relative_to(root)) for stat in _spread(stats)]


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ([], []),
        (["a/1"], ["a/1"]),
        (["a/1", "a/2", "a/3", "b/1", "c/1", "c/2"], ["a/1", "b/1", "c/1", "a/2", "c/2", "a/3"]),
    ],
)
def test_folders_are_read_in_turn(names, order, tmp_path):
    assert spread(*names, root=tmp_path) == order
