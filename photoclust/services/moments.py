"""Which moments of a video show who is in it: of every person that appears one face, where they are
to be seen best, in as few pictures as may be.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vector
from photoclust.core.types import Box

ONE_PERSON = 0.6
"""Mean cosine above which faces of one video are one person; strangers reach .575 in one of a
thousand pairs.
"""
ALONE_QUALITY = 0.3
"""A face that is seen at one moment only counts from this quality on: others are mostly none."""
AS_GOOD = 0.9
"""A face with this share of the quality of the best of a person will do."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A face at a moment, `at_ms`: its `box` there, its quality and its unit `vector` [dim]."""

    at_ms: int
    box: Box
    quality: float
    vector: Vector = field(repr=False)


def chosen(sightings: Sequence[Sighting], first: int) -> dict[int, list[Box]]:
    """The moments to be kept, each with the boxes of the faces that are to be kept of it; of equal
    ones the moment `first`, which is shown for the video anyway.
    """
    wanted = _tracks(sightings)
    good: dict[int, dict[int, Sighting]] = defaultdict(dict)
    for person, track in enumerate(wanted):
        best = max(each.quality for each in track)
        for each in track:
            if each.quality >= AS_GOOD * best:
                good[each.at_ms][person] = each
    kept: dict[int, list[Box]] = {}
    missing = set(range(len(wanted)))
    while missing:
        moment = max(good, key=lambda at: (len(missing & good[at].keys()), at == first, -at))
        found = missing & good[moment].keys()
        kept[moment] = [good[moment][person].box for person in sorted(found)]
        missing -= found
    return kept


def _tracks(sightings: Sequence[Sighting]) -> list[list[Sighting]]:
    """The faces of each person."""
    by_label: dict[int, list[Sighting]] = defaultdict(list)
    alone: list[Sighting] = []
    for sighting, label in zip(sightings, _labels(sightings).tolist(), strict=True):
        (by_label[label] if label >= 0 else alone).append(sighting)
    return [*by_label.values(), *([each] for each in alone if each.quality >= ALONE_QUALITY)]


def _labels(sightings: Sequence[Sighting]) -> NDArray[np.int64]:
    # Most scans meet no video: a worker need not load what groups before.
    from photoclust.cluster.agglomerative import average_linkage  # noqa: PLC0415
    from photoclust.cluster.neighbors import nearest  # noqa: PLC0415

    if len(sightings) < 2:
        return np.full(len(sightings), -1)
    vectors = np.stack([each.vector for each in sightings])
    at = np.array([each.at_ms for each in sightings])
    together = np.argwhere(np.triu(at[:, None] == at, 1))
    lists = nearest(vectors, len(vectors) - 1)
    return average_linkage(vectors, lists, threshold=ONE_PERSON, cannot_link=together)
