"""Videos in the window: told from photos, and one photo each."""

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from photoclust.core.settings import Settings
from photoclust.gui import files
from photoclust.gui.tasks import Lane
from photoclust.services import browse
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def library_folder(tmp_path, make_clip):
    """A library of a video and a photo that look alike."""
    folder = tmp_path / "photos"
    folder.mkdir()
    picture = Image.linear_gradient("L").convert("RGB").resize((320, 240))
    make_clip(folder / "party.mp4", [picture] * 3)
    picture.transpose(Image.Transpose.ROTATE_180).save(folder / "photo.png")
    with Library(tmp_path / "library") as library:
        scan_and_group(library, [folder], Settings(workers=1))
        return library.folder


def test_a_video_bears_a_badge_and_can_be_played(qtbot, open_window, library_folder, monkeypatch):
    window = open_window(library_folder)
    qtbot.waitUntil(lambda: len(window.shared.videos.photos) == 1)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    (video,) = window.shared.videos.photos
    window.show_list("photos")
    page = window.pages.photos
    qtbot.waitUntil(lambda: page.model.index_of(video).isValid())
    qtbot.waitUntil(lambda: window.shared.thumbnails.photo(video) is not None)

    def corner():
        """The pixels of the lower right corner of its tile."""
        rect = page.grid.visualRect(page.model.index_of(video))
        image = page.grid.viewport().grab(rect).toImage()
        return image.copy(image.width() - 50, image.height() // 2, 50, image.height() // 2)

    with_badge = corner()
    window.shared.videos.photos = frozenset()
    assert corner() != with_badge

    photos = browse.photo_ids(window.shared.library.opened)
    window.show_photo(video, photos)
    header = window.pages.photo.header
    qtbot.waitUntil(lambda: header.title.text() == "party.mp4")
    assert "video" in header.details.text()
    asked = []
    monkeypatch.setattr(files.QDesktopServices, "openUrl", lambda url: asked.append(url) or True)
    qtbot.mouseClick(header.play_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [url.fileName() for url in asked] == ["party.mp4"])
    (photo,) = (each for each in photos if each != video)
    window.show_photo(photo, photos)
    qtbot.waitUntil(lambda: header.title.text() == "photo.png")
    assert not header.play_button.isVisible()
