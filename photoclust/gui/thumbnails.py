"""Thumbnails for the views: asked for while painting, loaded by threads of their own.

What was asked for last is loaded first, because it is what is on the screen; what was scrolled past
long ago is forgotten.
"""

import logging
import os
import threading
from collections import OrderedDict
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QDataStream, QObject, QThreadPool, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from photoclust.core.errors import PhotoclustError
from photoclust.core.types import FaceId, LibraryChanges, PhotoId
from photoclust.gui.library import OpenLibrary

KEPT = 700
"""Pixmaps in memory: about 150 kB for a face, 450 kB for a photo."""
WAITING = 300
_THREADS = max(1, min(2, (os.cpu_count() or 1) - 1))
"""One core is left to the main thread, which paints."""
_AT_ONCE, _TAKING_MS = 5, 8
"""How many pictures are taken over at once, and how long it then takes to the next."""

log = logging.getLogger(__name__)


class Key(NamedTuple):
    """Which picture: `face`, `photo` or `closeup` (of a face), and its id."""

    kind: str
    id: int


class Thumbnails(QObject):
    """A cache of pixmaps that fills itself."""

    loaded = Signal()
    """More pictures can be painted now."""
    arrived = Signal(object)
    """The picture with this Key can be painted now, or it is known that there is none."""
    _received = Signal(object, object, int)

    def __init__(self, parent: QObject | None = None, *, kept: int = KEPT) -> None:
        super().__init__(parent)
        self._kept = kept
        self._library: OpenLibrary | None = None
        self._generation = 0
        self._pixmaps: OrderedDict[Key, QPixmap | None] = OrderedDict()
        self._waiting: OrderedDict[Key, None] = OrderedDict()
        self._underway: set[Key] = set()
        self._images: dict[Key, QImage] = {}
        self._taking = QTimer(self, singleShot=True, interval=_TAKING_MS)
        self._taking.timeout.connect(self._take)
        self._lock = threading.Lock()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._received.connect(self._receive)

    def set_library(self, library: OpenLibrary | None) -> None:
        """Take the pictures from `library` from now on."""
        with self._lock:
            self._library = library
            self._generation += 1
            self._waiting.clear()
            self._underway.clear()
        self._images.clear()
        self._pixmaps.clear()

    def get(self, key: Key) -> QPixmap | None:
        """A thumbnail; None while it is not there, or when it cannot be made."""
        if key in self._pixmaps:
            self._pixmaps.move_to_end(key)
            return self._pixmaps[key]
        with self._lock:
            known = key in self._underway or key in self._images
            if not known and self._library is not None:
                self._waiting[key] = None
                self._waiting.move_to_end(key)
                while len(self._waiting) > WAITING:
                    self._waiting.popitem(last=False)
                if self._pool.activeThreadCount() < _THREADS:
                    self._pool.start(self._load)
        return None

    def has(self, key: Key) -> bool:
        """Whether it is known what `get` returns for good."""
        return key in self._pixmaps

    def face(self, face: FaceId | None) -> QPixmap | None:
        """The thumbnail of a face; as `get`."""
        return None if face is None else self.get(Key("face", face))

    def closeup(self, face: FaceId) -> QPixmap | None:
        """A face, large; as `face`."""
        return self.get(Key("closeup", face))

    def photo(self, photo: PhotoId) -> QPixmap | None:
        """The thumbnail of a photo; as `get`."""
        return self.get(Key("photo", photo))

    def forget(self, changes: LibraryChanges) -> None:
        """Load what `changes` touched anew."""
        for face in changes.faces:
            self._pixmaps.pop(Key("face", face), None)
        for photo in changes.photos:
            self._pixmaps.pop(Key("photo", photo), None)

    @property
    def is_idle(self) -> bool:
        """Whether everything asked for has arrived."""
        with self._lock:
            return not self._waiting and not self._underway and not self._images

    def shut_down(self) -> None:
        """Load nothing more and wait for what is being loaded."""
        with self._lock:
            self._waiting.clear()
            self._generation += 1
        self._pool.waitForDone()

    def _load(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._library is None:
                    return
                key, _ = self._waiting.popitem(last=True)
                self._underway.add(key)
                library, generation = self._library, self._generation
            image = QImage()
            try:
                image = _decoded(library.picture(key.kind, key.id))
            except (PhotoclustError, OSError) as error:
                log.info("no thumbnail of %s %d: %s", key.kind, key.id, error)
            except Exception:
                log.exception("no thumbnail of %s %d", key.kind, key.id)
            self._received.emit(key, image, generation)

    def _receive(self, key: Key, image: QImage, generation: int) -> None:
        if generation != self._generation:
            return
        with self._lock:
            self._underway.discard(key)
        self._images[key] = image
        if not self._taking.isActive():
            self._taking.start()

    def _take(self) -> None:
        """Take over a few pictures: all at once would hold up a window that is scrolled."""
        for key in list(self._images)[:_AT_ONCE]:
            image = self._images.pop(key)
            self._pixmaps[key] = None if image.isNull() else QPixmap.fromImage(image)
            self.arrived.emit(key)
        while len(self._pixmaps) > self._kept:
            self._pixmaps.popitem(last=False)
        if self._images:
            self._taking.start()
        self.loaded.emit()


def _decoded(jpeg: bytes) -> QImage:
    """The picture, null where it is none; other threads go on meanwhile, which they do not while
    QImage.fromData decodes.
    """
    # The stream's buffer is Qt's own. A QBuffer made here asks Python at every read, and waits for
    # its lock while Qt holds that of the image formats: a deadlock as soon as another thread, in
    # Python, opens a picture.
    stream = QDataStream(QByteArray(jpeg))
    image = QImageReader(stream.device(), QByteArray(b"JPEG")).read()
    return image.convertToFormat(QImage.Format.Format_RGB32)  # as pixmaps have it
