"""Photos as they are shown: of those that are a stack, the forms of one shot, only one.

Every list of photos and every count of them goes by this: a stack is one photo. The one that is
chosen for it (its cover) is shown wherever it is in a list, else the first of its forms there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import filterfalse

from photoclust.core.types import PhotoId


@dataclass(frozen=True, slots=True)
class Shots:
    """The photos `shown` for a list, in its order, and `forms`: of those that are shown for several
    all of these, themselves first.
    """

    shown: tuple[PhotoId, ...] = ()
    forms: Mapping[PhotoId, tuple[PhotoId, ...]] = field(default_factory=dict)

    @property
    def all_forms(self) -> int:
        """How many photos there are, every form counted."""
        return len(self.shown) + sum(len(mine) - 1 for mine in self.forms.values())

    def cover_of(self) -> dict[PhotoId, PhotoId]:
        """The photos that have several forms, and these, each with the one that is shown."""
        return {photo: cover for cover, mine in self.forms.items() for photo in mine}

    def among(self, some: Collection[int]) -> "Shots":
        """Those of these photos that are in `some`, as they are shown."""
        every = [photo for photo in self.spread(self.forms) if photo in some]
        return as_shown(every, self.cover_of())

    def spread(self, opened: Collection[PhotoId]) -> Iterator[PhotoId]:
        """The photos shown; behind those that are `opened`, their other forms."""
        for photo in self.shown:
            yield from self.forms[photo] if photo in opened and photo in self.forms else (photo,)


def as_shown(photos: Sequence[PhotoId], covers: Mapping[PhotoId, PhotoId]) -> Shots:
    """`photos` with one for each stack; `covers` are the photos in stacks, each with its cover."""
    if not covers:
        return Shots(tuple(photos))
    # A search may find a hundred thousand: loops in C take a third of the time.
    stacks: dict[PhotoId, list[PhotoId]] = {}
    for photo in filter(covers.__contains__, photos):
        stacks.setdefault(covers[photo], []).append(photo)
    forms: dict[PhotoId, tuple[PhotoId, ...]] = {}
    hidden: set[PhotoId] = set()
    for cover, mine in stacks.items():
        if len(mine) > 1:
            if mine[0] != cover and cover in mine:
                mine.remove(cover)
                mine.insert(0, cover)
            forms[mine[0]] = tuple(mine)
            hidden.update(mine[1:])
    return Shots(tuple(filterfalse(hidden.__contains__, photos)), forms)
