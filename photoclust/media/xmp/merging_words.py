"""Lists of names and keywords merged three ways, as `merging` merges regions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from photoclust.media.xmp.merging import Difference, Kind, is_among


@dataclass(frozen=True, slots=True)
class MergedWords:
    """The words to add and to remove, which are photoclust's then, what was left to others, and in
    what they are overruled.
    """

    add: tuple[str, ...]
    remove: frozenset[str]
    marks: tuple[str, ...]
    differences: tuple[Difference, ...]
    overruled: tuple[Difference, ...] = ()


def merge_words(
    marks: Sequence[str],
    wishes: Sequence[str],
    standing: Sequence[str],
    spoken: frozenset[str] | None = None,
    *,
    ours: bool = False,
    outdated: Collection[str] = (),
    theirs: Mapping[str, str] | None = None,
) -> MergedWords:
    """Merge a list of names or keywords. Of the words in `spoken` alone is spoken; None: of all.
    With `ours`, words that others took out are written again. `outdated` names give way to those
    that these people have now. `theirs` are the words that others gave instead of some of these, in
    another form: they take their place.

    Another word that stands there without photoclust having written it is never photoclust's.
    """
    there = set(standing)
    theirs = theirs or {}
    moved = {word for word in marks if word in theirs}
    wanted = dict.fromkeys(word for word in wishes if word not in theirs)
    others = moved if spoken is None else {*moved, *(word for word in marks if word not in spoken)}
    kept = [word for word in marks if word in wanted or word in others]
    gone = {word for word in marks if word not in kept} | moved
    new = [theirs[word] for word in marks if word in moved & there and theirs[word] not in there]
    add = [word for word in wanted if word not in there and word not in marks]
    refused = [word for word in wanted if word not in there and word in marks]
    named = {*wanted, *theirs.values()}
    old = {word for word in there if word not in named and is_among(word, outdated)}
    told = tuple(Difference(Kind.REMOVED, word, None) for word in refused)
    return MergedWords(
        add=(*add, *(refused if ours else ()), *dict.fromkeys(new)),
        remove=frozenset(gone & there | old),
        marks=(*kept, *add),
        differences=() if ours else told,
        overruled=told if ours else (),
    )
