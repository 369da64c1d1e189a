"""Loads the photos of the viewer off the main thread: the one that is shown, its neighbours in
advance, and all pixels of one that is looked at closely. What is not wanted any more is cancelled.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from photoclust.core.language import marked
from photoclust.core.types import LibraryChanges, PhotoId
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import viewing
from photoclust.gui.operations.viewing import PhotoView
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane

if TYPE_CHECKING:
    from photoclust.core.arrays import Pixels

KEPT = 5
"""Photos in memory: 13 MB each."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A photo with its picture, null where there is none."""

    view: PhotoView
    image: QImage


class PhotoLoader(QObject):
    """Knows which photos are wanted, and tells when they are there."""

    arrived = Signal(object, object)
    """A PhotoId and its Loaded."""
    failed = Signal(object)
    """A PhotoId that cannot be shown; the reason was told."""
    sharpened = Signal(object, object)
    """A PhotoId and a list of QImage, the smallest first: all its pixels."""

    def __init__(self, shared: Shared, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shared = shared
        self._kept: OrderedDict[PhotoId, Loaded] = OrderedDict()
        self._jobs: dict[PhotoId, Job] = {}
        self._sharp: tuple[PhotoId, Job] | None = None
        self._wanted: PhotoId | None = None
        self._neighbours: tuple[PhotoId, ...] = ()
        shared.changed.connect(self._forget)
        shared.library_changed.connect(self._forget_all)

    def want(self, photo: PhotoId, neighbours: Sequence[PhotoId]) -> None:
        """Show `photo` as soon as it is there, at once where it is; then load `neighbours`."""
        self._wanted, self._neighbours = photo, tuple(neighbours)
        for other in list(self._jobs):
            if other != photo and other not in neighbours:
                self._jobs.pop(other).cancel()
        if self._sharp is not None and self._sharp[0] != photo:
            self._cancel_sharp()
        kept = self._kept.get(photo)
        if kept is None:
            self._load(photo)
        else:
            self._kept.move_to_end(photo)
            self.arrived.emit(photo, kept)
            self._prefetch()

    def reload(self, photo: PhotoId, known: Loaded | None) -> None:
        """Read again what is known of `photo`, and its pixels where they are not those of `known`
        any more.
        """
        before = self._jobs.pop(photo, None)
        if before is not None:
            before.cancel()
        self._load(photo, known)

    def want_sharp(self, photo: PhotoId) -> None:
        """Load all pixels of `photo`, unless that is under way."""
        if self._sharp is not None and self._sharp[0] == photo:
            return
        self._cancel_sharp()

        def done(levels: list[QImage]) -> None:
            if photo == self._wanted:
                self.sharpened.emit(photo, levels)

        job = self._start(lambda library: _levels(viewing.sharp_picture(library, photo)), done)
        if job is not None:
            self._sharp = photo, job

    def _load(self, photo: PhotoId, known: Loaded | None = None) -> None:
        if photo in self._jobs:
            return

        def done(loaded: Loaded) -> None:
            self._jobs.pop(photo, None)  # who wants it from now on wants it as it is then
            self._keep(photo, loaded)
            if photo == self._wanted:
                self.arrived.emit(photo, loaded)
                self._prefetch()

        def complain(message: str) -> None:
            if photo == self._wanted:  # a neighbour's reason is told when it is looked at
                self._shared.complained.emit(message)
                self.failed.emit(photo)
                self._prefetch()

        job = self._start(lambda library: _load(library, photo, known), done, complain)
        if job is not None:
            self._jobs[photo] = job
            job.finished.connect(lambda: self._finish(photo, job))

    def _start(
        self,
        read: Callable[[OpenLibrary], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None] = lambda _: None,
    ) -> Job | None:
        library = self._shared.library
        if library is None:
            return None
        job = Job(marked("Showing a photo"), lambda _: read(library))

        def current(receive: Callable[[Any], None], value: Any) -> None:
            if self._shared.library is library and not job.control.cancelled:
                receive(value)

        job.succeeded.connect(lambda result: current(done, result))
        job.failed.connect(lambda message: current(failed, message))
        self._shared.desk.start(job, Lane.READ)
        return job

    def _prefetch(self) -> None:
        for photo in self._neighbours:
            if photo not in self._kept:
                self._load(photo)

    def _keep(self, photo: PhotoId, loaded: Loaded) -> None:
        self._kept[photo] = loaded
        self._kept.move_to_end(photo)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _finish(self, photo: PhotoId, job: Job) -> None:
        if self._jobs.get(photo) is job:
            del self._jobs[photo]

    def _cancel_sharp(self) -> None:
        if self._sharp is not None:
            self._sharp[1].cancel()
            self._sharp = None

    def _forget(self, changes: LibraryChanges) -> None:
        for photo in changes.photos:
            self._kept.pop(photo, None)
            if photo in self._jobs:  # it may have been read before the change
                self.reload(photo, None)

    def _forget_all(self) -> None:
        self._kept.clear()
        while self._jobs:
            self._jobs.popitem()[1].cancel()
        self._cancel_sharp()


def _load(library: OpenLibrary, photo: PhotoId, known: Loaded | None) -> Loaded:
    view = viewing.view_photo(library, photo)
    if known is not None and known.view.looks_like(view):
        return Loaded(view, known.image)
    pixels = viewing.preview(library, view)
    return Loaded(view, QImage() if pixels is None else _image(pixels))


def _image(pixels: Pixels) -> QImage:
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # its own copy, quick to paint


def _levels(pixels: Pixels) -> list[QImage]:
    """`pixels` at full size and at halves of it that are more than what was loaded first."""
    levels = [_image(pixels)]
    while max(levels[0].width(), levels[0].height()) > 2 * viewing.PREVIEW_SIDE:
        half = levels[0].scaledToWidth(
            levels[0].width() // 2, Qt.TransformationMode.SmoothTransformation
        )
        levels.insert(0, half)
    return levels
