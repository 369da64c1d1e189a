"""Which of the photos in a grid are shown for a stack, and which stacks are opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from photoclust.core.forms import Shots
from photoclust.core.language import thousands, tr
from photoclust.core.types import PhotoId


class Stacks:
    """The state that a grid of photos, its tiles and its model share."""

    def __init__(self) -> None:
        self.opened: frozenset[PhotoId] = frozenset()
        """The photos that are shown for stacks of which all are wanted."""
        self._counts: Mapping[PhotoId, int] = {}
        self._spread: Mapping[PhotoId, PhotoId] = {}

    def show(self, counts: Mapping[PhotoId, int], spread: Mapping[PhotoId, PhotoId]) -> None:
        """`counts` says of how many photos each is shown for; `spread` are the photos of stacks
        that are opened, each with the one that is shown for it.
        """
        self._counts, self._spread = counts, spread

    def spread(self, shots: Shots) -> tuple[PhotoId, ...]:
        """The photos to show of `shots`: of stacks that are opened, all."""
        counts = {cover: len(mine) for cover, mine in shots.forms.items()}
        opened = {cover: mine for cover, mine in shots.forms.items() if cover in self.opened}
        self.show(counts, {photo: cover for cover, mine in opened.items() for photo in mine})
        return tuple(shots.spread(opened)) if opened else shots.shown

    def clear(self) -> None:
        """There are no photos any more: another library is shown."""
        self.opened = frozenset()
        self.show({}, {})

    def count(self, photo: PhotoId) -> int:
        """How many photos it is shown for; 0 where it is no stack."""
        return self._counts.get(photo, 0)

    def is_open(self, photo: PhotoId) -> bool:
        """Whether it is of a stack of which all photos are shown."""
        return photo in self._spread

    def covers(self, photos: Sequence[PhotoId]) -> frozenset[PhotoId]:
        """The photos that are shown for the stacks which some of `photos` are of."""
        covers = (self._spread.get(photo, photo) for photo in photos)
        return frozenset(cover for cover in covers if cover in self._counts)

    def toggle(self, photos: Sequence[PhotoId]) -> frozenset[PhotoId]:
        """Open the stacks of `photos`, or close them where all are open; gives their covers."""
        covers = self.covers(photos)
        closes = covers <= self.opened
        self.opened = self.opened - covers if closes else self.opened | covers
        return covers

    def words(self, covers: Collection[PhotoId]) -> str:
        """What a menu calls opening or closing the stacks with these `covers`."""
        is_open = self.opened.issuperset(covers)
        return tr("Show one photo of the stack") if is_open else tr("Show all of the stack")

    def said(self, words: str, photo: PhotoId) -> str:
        """`words`, which tell of `photo`, with the stack it is of, as its badge shows."""
        if count := self.count(photo):
            return tr("{photo}, a stack of {number} photos", photo=words, number=thousands(count))
        return tr("{photo}, of the stack before it", photo=words) if self.is_open(photo) else words
