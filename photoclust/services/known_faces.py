"""Cutting out faces anew that a library knows already, and embedding them: nothing is detected.

The counterpart of `analysis` in a worker process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import UnreadableFileError
from photoclust.core.language import marked
from photoclust.core.types import Box, Engine, FileStat
from photoclust.media.files import OriginalFile
from photoclust.services.analysis import AnalysisOptions
from photoclust.services.cutting import cut_known
from photoclust.vision.models import Embedder

if TYPE_CHECKING:  # a worker needs no database
    from photoclust.store.embeddings import FacesInPhoto

_DEFAULT_SIDE = 160


@dataclass(frozen=True, slots=True)
class KnownFaces:
    """The faces of a photo of `width` × `height` px, in a file that is as `stat` says: their
    `boxes` in px of the upright picture, by how many degrees, counter-clockwise, they say that it
    must be turned, and whether it is a film `negative`.
    """

    stat: FileStat
    width: int
    height: int
    turn: int
    boxes: tuple[Box, ...]
    negative: bool = False

    @classmethod
    def of(cls, photo: "FacesInPhoto") -> "KnownFaces":
        """The faces of a photo whose file is there."""
        assert photo.file is not None
        return cls(photo.file, photo.width, photo.height, photo.turn, photo.boxes, photo.negative)

    @property
    def path(self) -> Path:
        """The file."""
        return self.stat.path

    def cut(self, side: int) -> NDArray[np.uint8]:
        """These faces as a scan cuts them out, [N, side, side, 3].

        Raises UnreadableFileError when there is no readable picture, or another one than that in
        which the faces were found.
        """
        with OriginalFile(self.path) as original:
            if original.stat != self.stat:
                raise UnreadableFileError(self.path, marked("it has changed; scan it again"), True)
            found = cut_known(original, self.boxes, self.turn, side, negative=self.negative)
        if (found.picture.width, found.picture.height) != (self.width, self.height):
            raise UnreadableFileError(
                self.path, marked("it is another picture; scan it again"), True
            )
        return np.stack(found.crops)


@dataclass(frozen=True, slots=True)
class FacesToCut:
    """`known` faces that are to be cut out with `side` px, and not embedded."""

    known: KnownFaces
    side: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.known.path


@dataclass(frozen=True, slots=True)
class Embedded:
    """The `vectors` [N, dim] of the faces of a file, in the order of their boxes, as `engine`
    computed them.
    """

    path: Path
    vectors: Vectors = field(repr=False)
    engine: Engine


@dataclass(frozen=True, slots=True)
class CutFaces:
    """The `crops` [N, side, side, 3] of the faces of a file, in the order of their boxes."""

    path: Path
    crops: NDArray[np.uint8] = field(repr=False)


class KnownFaceEmbedder:
    """Holds the embedder of one process, which is loaded for the first photo.

    `on_loading` is called with True before and with False after that.
    """

    def __init__(
        self, options: AnalysisOptions, on_loading: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._options = options
        self._on_loading = on_loading

    @cached_property
    def _embedder(self) -> Embedder:
        options = self._options
        self._on_loading(True)
        embedder = options.load_embedder()
        self._on_loading(False)
        return embedder

    def embed(self, known: KnownFaces) -> Embedded:
        """The vectors of `known` faces.

        Raises UnreadableFileError when there is no readable picture, or another one than that in
        which the faces were found; ModelError when the model is missing or damaged.
        """
        embedder = self._embedder
        side = embedder.spec.input_size or _DEFAULT_SIDE
        vectors = embedder.embed(known.cut(side))
        return Embedded(known.path, vectors, embedder.engine)
