"""A library of real pictures with faces at known places, which nobody had to find."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base

from photoclust.core.types import Box, Detection, FaceId, FoundFace, Metadata, ModelId, PhotoId
from photoclust.media.files import OriginalFile
from photoclust.services import deciding, describing, naming
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.store import stacks
from photoclust.store.database import Library

UPRIGHT = (400, 300)
BOXES = (Box(20, 20, 80, 90), Box(150, 30, 80, 90), Box(280, 40, 80, 90))
"""Where faces are in every photo, in px of the upright picture."""


@dataclass(frozen=True)
class Shelf:
    """A library, the folder of its photos, and what was put into it, by the names of the files."""

    library: Library
    folder: Path
    photos: dict[str, PhotoId]
    faces: dict[str, list[FaceId]]

    def add(self, name, *, orientation=1, boxes=BOXES):
        """A picture of noise, stored so that `orientation` turns it upright."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size = UPRIGHT if orientation < 5 else UPRIGHT[::-1]
        noise = np.random.default_rng(len(self.photos)).integers(0, 255, (*size[::-1], 3), np.uint8)
        exif = Image.Exif()
        exif[Base.Orientation] = orientation
        Image.fromarray(noise).save(path, exif=exif)
        self.know(path, boxes)
        return path

    def know(self, path, boxes=BOXES, size=UPRIGHT):
        """Put a file that is there into the library."""
        with OriginalFile(path) as original:
            stat, digest = original.stat, original.content_hash()
        pixels = hashlib.blake2b(digest.encode(), digest_size=16).hexdigest()
        found = [FoundFace(Detection(box, (), 0.9), 0.5) for box in boxes]
        with self.library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=size,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            file_store.write_file(tx, stat, photo, digest, pixels)
            ids = face_store.replace_faces(tx, photo, found, size, ModelId("made-up"))
        key = str(path.relative_to(self.folder))
        self.photos[key], self.faces[key] = photo, ids

    def stack(self, *names):
        """Have these files shown as one, by the first of them."""
        photos = [self.photos[name] for name in names]
        with self.library.write() as tx:
            stacks.write_covers(tx, dict.fromkeys(photos, photos[0]))

    def name(self, file, place, name):
        """Say who a face is; gives the key of the person."""
        face = self.faces[file][place]
        return f"p{naming.name(self.library, f'f{face}', name).person}"


@pytest.fixture
def shelf(tmp_path):
    """Without photos yet."""
    folder = tmp_path / "photos"
    folder.mkdir()
    with Library(tmp_path / "library") as library:
        with library.write() as tx:
            file_store.add_folders(tx, [folder])
        yield Shelf(library, folder, {}, {})


@pytest.fixture
def decided(shelf):
    """Two photos: Anna and Berta, somebody who is hidden, a face that is none, one that is not
    Anna, and Berta without a face.
    """
    shelf.add("a.jpg")
    shelf.add("trip/b.jpg", orientation=6)
    anna = shelf.name("a.jpg", 0, "Anna Ö.")
    berta = shelf.name("a.jpg", 1, "Berta")
    stranger = shelf.name("trip/b.jpg", 1, "Carla")
    deciding.hide(shelf.library, [stranger])
    deciding.reject(shelf.library, [f"f{shelf.faces['trip/b.jpg'][0]}"], anna)
    deciding.exclude(shelf.library, [f"f{shelf.faces['trip/b.jpg'][2]}"])
    describing.tag(shelf.library, berta, [shelf.photos["trip/b.jpg"]])
    return shelf


@pytest.fixture
def exiftool():
    """Where it is."""
    found = shutil.which("exiftool")
    if found is None:
        pytest.skip("needs exiftool: install the package libimage-exiftool-perl")
    return found
