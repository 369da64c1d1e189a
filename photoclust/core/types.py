"""Values that cross layers: frozen, hashable where it helps, and free of behaviour.

Units: boxes and landmarks are in pixels of the *upright* picture, that is, with its EXIF
orientation applied, as every viewer shows it; `turn` says by how many degrees, counter-clockwise,
the faces in it tell that it must still be turned. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NewType

from photoclust.core.dates import PhotoDate

if TYPE_CHECKING:
    from photoclust.core.arrays import Vector  # numpy takes longer to load than all the rest

PhotoId = NewType("PhotoId", int)
FaceId = NewType("FaceId", int)
PersonId = NewType("PersonId", int)
ClusterId = NewType("ClusterId", int)
EntryId = NewType("EntryId", int)
ModelId = NewType("ModelId", str)


def turned_point(x: float, y: float, turn: int, width: float, height: float) -> tuple[float, float]:
    """Where (x, y) of a picture of `width` × `height` px lies once it is turned by `turn` degrees,
    a multiple of 90, counter-clockwise.
    """
    match turn % 360:
        case 90:
            return y, width - x
        case 180:
            return width - x, height - y
        case 270:
            return height - y, x
        case _:
            return x, y


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def area(self) -> float:
        """Width times height."""
        return self.w * self.h

    def scaled(self, sx: float, sy: float) -> Box:
        """The same rectangle in a picture scaled by `sx`, `sy`."""
        return Box(self.x * sx, self.y * sy, self.w * sx, self.h * sy)

    def turned(self, turn: int, width: float, height: float) -> Box:
        """The same rectangle once its picture is turned; see `turned_point`."""
        x0, y0 = turned_point(self.x, self.y, turn, width, height)
        x1, y1 = turned_point(self.x + self.w, self.y + self.h, turn, width, height)
        return Box(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))

    def iou(self, other: Box) -> float:
        """Intersection over union with `other`, 0 to 1."""
        w = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        h = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        if w <= 0 or h <= 0:
            return 0.0
        return w * h / (self.area + other.area - w * h)


Landmarks = tuple[tuple[float, float], ...]
"""Five points (x, y): right eye, left eye, nose, right and left mouth corner, as the viewer sees
them from left to right on an upright frontal face."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One face found in one picture, in that picture's pixels."""

    box: Box
    landmarks: Landmarks
    score: float

    @property
    def side(self) -> float:
        """The longer side of the box."""
        return max(self.box.w, self.box.h)

    def scaled(self, scale: float) -> Detection:
        """The same face in the picture enlarged by `scale`."""
        points = tuple((x * scale, y * scale) for x, y in self.landmarks)
        return Detection(self.box.scaled(scale, scale), points, self.score)

    def moved(self, dx: float, dy: float) -> Detection:
        """The same face in a picture whose origin lies `dx`, `dy` further left and up."""
        points = tuple((x + dx, y + dy) for x, y in self.landmarks)
        box = Box(self.box.x + dx, self.box.y + dy, self.box.w, self.box.h)
        return Detection(box, points, self.score)


@dataclass(frozen=True, slots=True)
class FoundFace:
    """What the vision layer says about one face: where, how good, and its vector.

    `vector` is [dim] float32 of unit length, computed by `engine`, or None before embedding.
    """

    detection: Detection
    quality: float
    vector: Vector | None = field(default=None, compare=False)
    engine: Engine | None = field(default=None, compare=False)


class Compute(StrEnum):
    """In which numbers a network computes; an 8-bit form is a file of its own."""

    FLOAT32 = "float32"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Engine:
    """What runs a network: a `device` of `vision.engines.DEVICES`, and in which numbers."""

    device: str = "cpu"
    compute: Compute = Compute.FLOAT32

    def __str__(self) -> str:
        return f"{self.device} {self.compute}"


@dataclass(frozen=True, slots=True)
class FileStat:
    """Identity of a file between two scans: unchanged means equal size and modification time."""

    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """What EXIF tells about a photo; None where it does not say or cannot be read.

    `scanned`: a scanner wrote it, and `taken_at` is when a print or a film was scanned.
    """

    taken_at: datetime | None = None
    camera: str | None = None
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of the library with the files that hold it, those that are there first.

    `present` tells whether one is; the others are on a drive that is not there, or deleted.
    `view_turn` (0, 90, 180 or 270) is by how many degrees, counter-clockwise, whoever shows the
    upright picture is to turn it, as the user said; no file is ever turned. `width`, `height`, the
    boxes of faces and `turn` speak of the upright picture all the same: what is drawn over a
    picture that is shown turned goes through `Box.turned(view_turn, width, height)`, and what a
    user draws there comes back by `Box.turned(-view_turn, …)` with the sides of the turned picture.
    A `negative` is one of film, and shown as the positive that it is of.
    """

    id: PhotoId
    paths: tuple[Path, ...]
    width: int
    height: int
    turn: int
    date: PhotoDate | None = None
    camera: str | None = None
    present: bool = True
    view_turn: int = 0
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """A face of the library; `box` in pixels of the upright photo.

    `person` is the person shown for it; `confirmed` tells whether a user said so. `path` is None
    when no file holds the photo any more. `drawn` faces were drawn by hand; `excluded` ones are no
    faces, as the user said.
    """

    id: FaceId
    photo: PhotoId
    path: Path | None
    box: Box
    landmarks: Landmarks
    score: float
    quality: float
    cluster: ClusterId | None
    person: PersonId | None
    confirmed: bool
    drawn: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A row of the People list: a person with a name, or a group that has none yet.

    `photos` counts those too that a person is in without a face. `aliases` are other names of a
    person, `birthday` is when they were born, as far as the user said.
    """

    id: PersonId | ClusterId
    kind: GroupKind
    name: str | None
    faces: int
    photos: int
    cover: FaceId | None
    aliases: tuple[str, ...] = ()
    birthday: PhotoDate | None = None

    @property
    def key(self) -> str:
        """`p7` for a person, `g31` for a group without a name."""
        return self.kind + str(self.id)  # a window asks it of thousands at once

    @property
    def is_seen(self) -> bool:
        """Whether there is a photo of them: a name may be all that is left of somebody."""
        return self.faces > 0 or self.photos > 0


class GroupKind(StrEnum):
    """Which id a `Group` carries; the value is the letter that ids start with."""

    PERSON = "p"
    CLUSTER = "g"


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, and why."""

    path: Path
    reason: str
    size: int = 0
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class LibraryChanges:
    """The ids that an act touched, so that views refresh only those."""

    photos: frozenset[PhotoId] = frozenset()
    faces: frozenset[FaceId] = frozenset()
    people: frozenset[PersonId] = frozenset()
    clusters: frozenset[ClusterId] = frozenset()

    @classmethod
    def joined(cls, parts: Iterable[LibraryChanges]) -> LibraryChanges:
        """What all of `parts` touched."""
        every = list(parts)
        return cls(
            photos=frozenset().union(*(part.photos for part in every)),
            faces=frozenset().union(*(part.faces for part in every)),
            people=frozenset().union(*(part.people for part in every)),
            clusters=frozenset().union(*(part.clusters for part in every)),
        )


class EntryStatus(StrEnum):
    """What became of a journal entry: acts stand or are undone, runs go on or have ended."""

    STANDS = "stands"
    UNDONE = "undone"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One act of a user or one run; times are in UTC, `details` is what JSON can hold.

    `author` is None for whoever uses this library. `guesses` are the groups whose person the act
    changed along with its decisions: (group, person before, person after).
    """

    id: EntryId
    kind: str
    status: EntryStatus
    made_at: datetime
    ended_at: datetime | None
    author: str | None
    details: Mapping[str, Any]
    guesses: tuple[tuple[Any, ...], ...] = ()


class ModelKind(StrEnum):
    """What a model does."""

    DETECTOR = "detector"
    EMBEDDER = "embedder"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model and its fingerprint."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ModelHead:
    """A small network behind another model: `file` maps the unit vectors [N, d] of the model `of`
    to those [N, d'] of the model that it belongs to, without a look at any picture.
    """

    of: ModelId
    file: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """All that is needed to find, check and feed a model: a record of
    `resources/models/manifest.json`, or of an own model of a library.

    A pixel value v (0..255) enters the network as `(v - mean) / std`, channels in
    `channel_order`. `input_size` is the side in pixels, None where it is free.
    `thresholds` are named decision values: `score` for a detector; cosines for an embedder
    (`same` best single threshold, `far_1e-3`, `far_1e-4`). `calibration` holds slope and offset of
    lines from an embedder's scores to log-odds, right and wrong being equally likely beforehand, by
    what they are for: `pair`, from the cosine of two faces to whether they are one person; `match`,
    from how many standard deviations a face is more like a person than wrong matches are.

    `int8_files` are the forms of `files` that compute in 8-bit integers, one for each, with the
    same inputs and outputs; there may be none.

    Of own models only: `head` where the vectors can be had from those of another model,
    `comparable_with` the model whose vectors may be compared with these, `trained` what is to be
    told of its training, and the `folder` of its files (None: among the bundled resources).
    """

    id: ModelId
    kind: ModelKind
    implementation: str
    title: str
    files: tuple[ModelFile, ...]
    licence: str
    licence_file: str
    source: Mapping[str, str]
    input_size: int | None
    channel_order: str
    mean: float
    std: float
    dimension: int | None
    thresholds: Mapping[str, float]
    calibration: Mapping[str, tuple[float, float]]
    accuracy: Mapping[str, object]
    int8_files: tuple[ModelFile, ...] = ()
    head: ModelHead | None = None
    comparable_with: ModelId | None = None
    trained: Mapping[str, object] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def total_bytes(self) -> int:
        """What its files take on the disk."""
        return sum(file.size for file in (*self.files, *self.int8_files))
