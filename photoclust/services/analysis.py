"""One file from its bytes to faces with vectors: media and vision joined, nothing stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Pixels
from photoclust.core.pages import moment_path
from photoclust.core.regions import FoundNames
from photoclust.core.types import Box, Compute, Engine, FileStat, FoundFace, Metadata, ModelId
from photoclust.media.decode import Picture, read_picture
from photoclust.media.files import OriginalFile
from photoclust.media.look_hash import look_hash
from photoclust.media.named import read_names
from photoclust.media.pages import video_moments
from photoclust.media.thumbnails import encode, face_thumbnail, photo_thumbnail
from photoclust.services.cutting import cut
from photoclust.services.moments import Sighting, chosen
from photoclust.vision import models
from photoclust.vision.crop import landmarks_in_crop
from photoclust.vision.finder import WORKING_SIDE, FaceFinder, turned, turned_back
from photoclust.vision.models import Detector, Embedder
from photoclust.vision.quality import face_quality
from photoclust.vision.seeing import see

_SAME_BOX_IOU = 0.5
FADED_QUALITY = 0.85
"""A face on a faded print or a negative serves as well to tell who it is, but is a poorer picture
of them.
"""


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """Which models look, with how many threads each, whether thumbnails are made, and whether the
    faces as they were cut out for the embedder are handed on (`crops`). `own_models` is the folder
    in which an embedder that is not bundled lies. With `names`, those are read that other programs
    wrote into the file and beside it; with `pages`, the further pictures in a file are looked at,
    too (`core.pages`). `negative` says whether the pictures are film negatives, None that their
    faces tell. `compute` is in which numbers is to be computed, None for what is fastest; `engines`
    are those chosen by that (`services.computing`), the processor in float32 for a model without.
    """

    detector: ModelId = models.DEFAULT_DETECTOR
    embedder: ModelId = models.DEFAULT_EMBEDDER
    threads: int = 1
    thumbnails: bool = True
    crops: bool = False
    own_models: Path | None = None
    names: bool = False
    pages: bool = False
    negative: bool | None = None
    compute: Compute | None = Compute.FLOAT32
    engines: Mapping[ModelId, Engine] = field(default_factory=dict)

    def load_detector(self) -> Detector:
        """The detector, ready to run. Raises ModelError when it is missing or damaged."""
        engine = self.engines.get(self.detector, Engine())
        return models.load_detector(self.detector, self.threads, engine)

    def load_embedder(self) -> Embedder:
        """The embedder, ready to run. Raises ModelError when it is missing or damaged."""
        engine = self.engines.get(self.embedder, Engine())
        return models.load_embedder(self.embedder, self.threads, self.own_models, engine)


@dataclass(frozen=True, slots=True)
class PhotoAnalysis:
    """All there is to know of a photo. `digest` is that of the file, `picture_digest` that
    of the picture (see `Picture.digest`). `width` and `height` are those of the picture as its EXIF
    orientation says, and boxes are in its pixels; `turn` is by how many degrees, counter-clockwise,
    its faces say that it must still be turned, `negative` whether they say that it is one of film,
    which is then looked at as a positive. `thumbnails` are JPEG files, one a face, upright, in
    the order of `faces`; so are `crops`, where these were asked for, and `landmarks`, [5, 2] each,
    in px of these. `photo_thumbnail` is that of the whole photo, upright; it and `thumbnails` are
    empty where none was asked for. `look` is what it looks like (`media.look_hash`). `names` are
    those that other programs wrote.
    """

    path: Path
    stat: FileStat
    digest: str
    picture_digest: str
    width: int
    height: int
    turn: int
    metadata: Metadata
    faces: tuple[FoundFace, ...]
    thumbnails: tuple[bytes, ...] = field(repr=False)
    photo_thumbnail: bytes = field(default=b"", repr=False)
    look: bytes | None = field(default=None, repr=False)
    crops: tuple[Pixels, ...] = field(default=(), repr=False, compare=False)
    landmarks: tuple[NDArray[np.float32], ...] = field(default=(), repr=False, compare=False)
    names: FoundNames = field(default=FoundNames(), repr=False, compare=False)
    negative: bool = False


@dataclass(frozen=True, slots=True)
class SamePicture:
    """A new content with a picture that is known already: nothing was detected again, but
    `metadata` and `names` may have changed. The digests are those of `PhotoAnalysis`.
    """

    path: Path
    stat: FileStat
    digest: str
    picture_digest: str
    metadata: Metadata
    names: FoundNames = field(default=FoundNames(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """A photo whose faces are found and cut out, and wait for their vectors."""

    analysis: PhotoAnalysis
    crops: tuple[Pixels, ...]

    def with_faces_in(self, boxes: Sequence[Box]) -> "Pending":
        """With none but the faces in `boxes`, in px of the picture as its orientation says."""
        found = self.analysis
        kept = [
            any(face.detection.box.iou(box) >= _SAME_BOX_IOU for box in boxes)
            for face in found.faces
        ]
        return Pending(
            replace(
                found,
                faces=tuple(compress(found.faces, kept)),
                thumbnails=tuple(compress(found.thumbnails, kept)),
                landmarks=tuple(compress(found.landmarks, kept)),
            ),
            tuple(compress(self.crops, kept)),
        )


class Analyst:
    """Holds the networks of one process.

    They are loaded for the first picture that needs them: a file that was only moved, or has other
    metadata, is done without. `on_loading` is called with True before and with False after that.
    """

    def __init__(
        self, options: AnalysisOptions, on_loading: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._options = options
        self._on_loading = on_loading

    @property
    def wants_pages(self) -> bool:
        """Whether the further pictures in a file are to be looked at."""
        return self._options.pages

    @cached_property
    def _networks(self) -> tuple[FaceFinder, Embedder]:
        options = self._options
        self._on_loading(True)
        finder = FaceFinder(options.load_detector())
        embedder = options.load_embedder()
        self._on_loading(False)
        return finder, embedder

    def look(
        self,
        original: OriginalFile,
        digest: str,
        is_same_picture: Callable[[str], bool] = lambda _: False,
        only: Sequence[Box] | None = None,
    ) -> Pending | SamePicture:
        """Find and cut out the faces of an open file whose content has the hash `digest`, or those
        that `watch` says are to be kept (`only`).

        `is_same_picture` is asked with the digest of the decoded picture; where it says yes,
        nothing is detected. Raises UnreadableFileError when there is no readable picture,
        ModelError when a model is missing or damaged.
        """
        picture = read_picture(original, max_side=WORKING_SIDE, looking=True)
        picture_digest = picture.digest()
        names = self._names(original, picture)
        if is_same_picture(picture_digest):
            return SamePicture(
                original.path, original.stat, digest, picture_digest, picture.metadata, names
            )
        pending = self._detect(original, digest, picture, picture_digest)
        if only is not None:
            pending = pending.with_faces_in(only)
        return replace(pending, analysis=replace(pending.analysis, names=names))

    def _names(self, original: OriginalFile, picture: Picture) -> FoundNames:
        if not self._options.names:
            return FoundNames()
        return read_names(original, lambda: picture.shape)

    def watch(self, original: OriginalFile) -> dict[Path, list[Box]]:
        """The pictures of a video that show who is in it, each with the boxes of the faces that are
        to be kept of it; the first, which may have none, has the path of the video itself.

        Raises as `look`.
        """
        poster, moments = video_moments(original)
        sightings = []
        for at_ms in sorted({poster, *moments}):
            part = original.part(moment_path(original.path, at_ms))
            picture = read_picture(part, max_side=WORKING_SIDE, looking=True)
            found = self._detect(part, "", picture, "")
            sightings += [
                Sighting(at_ms, face.detection.box, face.quality, face.vector)
                for face in self.embed([found])[0].faces
                if face.vector is not None
            ]
        kept = chosen(sightings, poster)
        return {
            original.path: kept.pop(poster, []),
            **{moment_path(original.path, at_ms): boxes for at_ms, boxes in sorted(kept.items())},
        }

    def _detect(
        self, original: OriginalFile, digest: str, picture: Picture, picture_digest: str
    ) -> Pending:
        finder, embedder = self._networks
        seen = see(finder, picture.pixels, self._options.negative)
        findings, tone = seen.findings, seen.tone
        boxes = [item.box for item in findings.detections]
        side = embedder.spec.input_size or 160
        crops = cut(original, picture, boxes, turn=findings.turn, side=side, tone=tone)
        shown = tone.apply(picture.pixels) if tone and seen.negative else picture.pixels
        upright = turned(shown, findings.turn)
        thumbnails = (
            tuple(encode(face_thumbnail(upright, item.box)) for item in findings.detections)
            if self._options.thumbnails
            else ()
        )
        up = 1 / picture.scale
        faces = tuple(
            FoundFace(
                turned_back(item.scaled(up), findings.turn, picture.width, picture.height),
                face_quality(crop, item, item.side * up) * (FADED_QUALITY if tone else 1.0),
            )
            for item, crop in zip(findings.detections, crops, strict=True)
        )
        return Pending(
            PhotoAnalysis(
                path=original.path,
                stat=original.stat,
                digest=digest,
                picture_digest=picture_digest,
                width=picture.width,
                height=picture.height,
                turn=findings.turn,
                negative=seen.negative,
                metadata=picture.metadata,
                faces=faces,
                thumbnails=thumbnails,
                photo_thumbnail=(
                    encode(photo_thumbnail(findings.look)) if self._options.thumbnails else b""
                ),
                look=look_hash(findings.look),
                landmarks=tuple(landmarks_in_crop(item, side) for item in findings.detections)
                if self._options.crops
                else (),
            ),
            crops,
        )

    def embed(self, pending: Sequence[Pending]) -> list[PhotoAnalysis]:
        """The photos of `pending` with a vector for each face, computed in one batch."""
        crops = [crop for item in pending for crop in item.crops]
        _, embedder = self._networks
        vectors = iter(embedder.embed(np.stack(crops)) if crops else ())
        return [
            replace(
                item.analysis,
                faces=tuple(
                    replace(face, vector=next(vectors), engine=embedder.engine)
                    for face in item.analysis.faces
                ),
                crops=item.crops if self._options.crops else (),
            )
            for item in pending
        ]
