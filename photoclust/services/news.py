"""What is new in a library since somebody looked last."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from photoclust.core.forms import Shots, as_shown
from photoclust.core.types import ClusterId, EntryId, FaceId, LibraryChanges, PhotoId
from photoclust.services.history import History, title
from photoclust.store import news as news_store
from photoclust.store import recognitions, stacks, undoing
from photoclust.store.database import Library
from photoclust.store.news import Mark

__all__ = ["Mark", "News", "now", "since", "take_names_back"]


@dataclass(frozen=True, slots=True)
class News:
    """New `photos`, the newest taken first, and these as they are shown (`shots`); faces `named`
    automatically by the runs `namings`; `groups` without a name that are new, the largest first;
    and how many faces wait for an answer. `until` is the moment that this was so.
    """

    photos: tuple[PhotoId, ...] = ()
    shots: Shots = field(default_factory=Shots)
    named: tuple[FaceId, ...] = ()
    namings: tuple[EntryId, ...] = ()
    groups: tuple[ClusterId, ...] = ()
    questions: int = 0
    until: Mark = field(default_factory=Mark)


def now(library: Library) -> Mark:
    """The present moment of `library`."""
    with library.read() as tx:
        return news_store.mark(tx)


def since(library: Library, mark: Mark) -> News:
    """What came after `mark`."""
    with library.read() as tx:
        namings, named = news_store.named_since(tx, mark)
        photos = news_store.photos_since(tx, mark)
        return News(
            photos=tuple(photos),
            shots=as_shown(photos, stacks.covers_among(tx, photos)),
            named=tuple(named),
            namings=tuple(namings),
            groups=tuple(news_store.groups_since(tx, mark)),
            questions=recognitions.counts(tx).asked,
            until=news_store.mark(tx),
        )


def take_names_back(library: Library, namings: Sequence[EntryId]) -> History:
    """Undo runs of recognition, all of them or none. Raises as `services.history.undo`."""
    with library.write() as tx:
        undone = [undoing.undo(tx, naming) for naming in sorted(namings, reverse=True)]
    entries = tuple(entry for each in undone for entry in each.entries)
    changes = LibraryChanges.joined(each.changes for each in undone)
    return History(entries, tuple(map(title, entries)), changes)
