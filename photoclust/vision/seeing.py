"""In which tones a picture is looked at: as it is, with contrast given back, or inverted.

A film negative is noticed by its faces (`polarity`): in the inverted picture there is one with dark
eyes, surely, and in the picture as it is there is none that is as good. A picture with faces that
are positives costs one comparison of eyes and cheeks; the second look is for pictures whose faces
may be negatives, and a glance for those that have none and may be negatives by their pixels.
"""

from dataclasses import dataclass
from typing import Protocol

from photoclust.core.arrays import Pixels
from photoclust.vision.contrast import picture_stretch
from photoclust.vision.finder import FaceFinder, Findings, turned
from photoclust.vision.negatives import as_positive, may_be_negative
from photoclust.vision.polarity import CLEAR, polarity

SEEN_SCORE = 0.6
"""A face with a lower score says nothing of the picture that it is in."""
CONVINCING_SCORE = 0.75
"""A face in an inverted picture says with less that there is none like it in the picture itself."""
SURE_POLARITY = 0.6
"""A face with more is a positive beyond doubt, and the picture is not looked at again."""


class Tone(Protocol):
    """What gives the pixels of a picture, or of a part of it, other values."""

    def apply(self, pixels: Pixels) -> Pixels:
        """`pixels` ([h, w, 3]) with the values that they are to be looked at with."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What one face says."""

    score: float
    polarity: float


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
    said = _evidence(looked, seen.findings, SEEN_SCORE)
    if any(each.polarity > SURE_POLARITY for each in said):
        return seen
    doubtful = any(each.polarity < -CLEAR for each in said)
    if not doubtful and not may_be_negative(pixels):
        return seen
    positive = as_positive(pixels)
    inverted = positive.apply(pixels)
    if not said and not finder.glance(inverted):
        return seen
    found = finder.find(inverted)
    best = max((each.score for each in said), default=0.0)
    clearest = max((each.polarity for each in said), default=0.0)
    for each in _evidence(inverted, found, CONVINCING_SCORE):
        # The detector learnt from positives. A white cap over shaded eyes is a negative by its
        # polarity alone, but it scores higher as it is.
        if each.score > best and each.polarity > max(CLEAR, clearest):
            return Seen(found, positive, negative=True)
    return seen


def _evidence(pixels: Pixels, findings: Findings, least_score: float) -> list[_Evidence]:
    """What the faces of a picture of at least that score say of it."""
    clear = [item for item in findings.detections if item.score >= least_score]
    upright = turned(pixels, findings.turn) if clear else pixels
    return [_Evidence(item.score, polarity(upright, item)) for item in clear]
