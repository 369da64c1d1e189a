"""In which tones a picture is looked at: as it is, with contrast given back, or inverted.

A film negative is noticed by its faces (`polarity`): in the picture as it is there is none with
dark eyes, in the inverted one there is, and surely. A picture with faces that are positives costs
one comparison of eyes and cheeks; the second look is for pictures whose faces are negatives, and a
glance for those that have none and may be negatives by their pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from photoclust.core.arrays import Pixels
from photoclust.core.types import Detection
from photoclust.vision import polarity
from photoclust.vision.contrast import picture_stretch
from photoclust.vision.finder import FaceFinder, Findings, turned
from photoclust.vision.negatives import as_positive, may_be_negative


class Tone(Protocol):
    """What gives the pixels of a picture, or of a part of it, other values."""

    def apply(self, pixels: Pixels) -> Pixels:
        """`pixels` ([h, w, 3]) with the values that they are to be looked at with."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a picture, in which `tone` (None: as it is), and whether it is a film
    negative.
    """

    findings: Findings
    tone: Tone | None
    negative: bool


def tone_of(pixels: Pixels, negative: bool) -> Tone | None:
    """The tone in which a picture is looked at, None for as it is."""
    return as_positive(pixels) if negative else picture_stretch(pixels)


def see(finder: FaceFinder, pixels: Pixels, negative: bool | None = None) -> Seen:
    """The faces of a picture (see `FaceFinder.find`), which is a film `negative` or not; None: as
    its faces say.
    """
    tone = tone_of(pixels, negative or False)
    looked = tone.apply(pixels) if tone else pixels
    seen = Seen(finder.find(looked), tone, negative or False)
    if negative is not None:
        return seen
    said = _polarities(looked, seen.findings, polarity.SEEN_SCORE)
    if any(value > polarity.CLEAR for value in said):
        return seen
    doubtful = any(value < -polarity.CLEAR for value in said)
    if not doubtful and not may_be_negative(pixels):
        return seen
    positive = as_positive(pixels)
    inverted = positive.apply(pixels)
    if not doubtful and not finder.glance(inverted):
        return seen
    found = finder.find(inverted)
    sure = _polarities(inverted, found, polarity.CONVINCING_SCORE)
    if any(value > polarity.CLEAR for value in sure):
        return Seen(found, positive, negative=True)
    return seen


def _polarities(pixels: Pixels, findings: Findings, least_score: float) -> Sequence[float]:
    clear: list[Detection] = [item for item in findings.detections if item.score >= least_score]
    if not clear:
        return []
    upright = turned(pixels, findings.turn)
    return [polarity.polarity(upright, item) for item in clear]
