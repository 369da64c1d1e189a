"""Searching: which photos a text means, what its words were taken for, and how it may go on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import reduce

from photoclust.core.folding import fold, spellings
from photoclust.core.forms import Shots, as_shown
from photoclust.core.language import marked, tr
from photoclust.core.query.completing import Typed, typed_at
from photoclust.core.query.errors import quoted
from photoclust.core.query.naming import KnownName, Names, understand
from photoclust.core.query.parser import as_written, parse
from photoclust.core.query.tree import (
    And,
    Bounds,
    FaceCount,
    Node,
    Not,
    Only,
    OnlyWords,
    Or,
    People,
    Place,
    Quality,
    Taken,
    Unnamed,
    Where,
    Word,
    leaves,
)
from photoclust.core.query.words import KEYS, UNNAMED, said, ways_to_say
from photoclust.core.types import FaceId, PersonId, PhotoId
from photoclust.store import file_names, stacks
from photoclust.store import search as search_store
from photoclust.store.database import Library, Transaction

COMPLETIONS = 20
"""How many ways to go on are offered at most."""
_SHOWN_NAMES = 5
_OF_ONE = (Bounds(1, 1), Bounds(low=1, low_open=True), Bounds(high=1, high_open=True))
"""Of which "face" is said, and not "faces"."""
_NAMED_SO = {
    Where.ANY: marked("files and folders with {text} in their name"),
    Where.FOLDER: marked("folders with {text} in their name"),
    Where.FILE: marked("files with {text} in their name"),
}


class Kind(StrEnum):
    """What a part of a search is about, and what a completion is."""

    PEOPLE = "people"
    ONLY = "only"
    PLACE = "place"
    """Names of files or folders."""
    TIME = "time"
    FACES = "faces"
    QUALITY = "quality"
    UNNAMED = "unnamed"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the part of the text from `start` to before `end` was taken for.

    `says` puts it into words; `people` are those who are meant; `photos` is how many photos have a
    file or folder called so, None where it is about something else; `left_out` tells that photos of
    it are not wanted.
    """

    start: int
    end: int
    kind: Kind
    says: str
    people: tuple[PersonId, ...] = ()
    photos: int | None = None
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Instead:
    """A search that finds something where another finds nothing: by its `text`, in which `folder`
    is looked for as the name of a folder.
    """

    text: str
    folder: str
    photos: int


@dataclass(frozen=True, slots=True)
class Found:
    """The photos that `text` means, the newest first, and what each part of it was taken for;
    `shots` are these photos as they are shown: of the forms of a shot one that is meant.
    """

    text: str
    photos: tuple[PhotoId, ...]
    shots: Shots
    meanings: tuple[Meaning, ...]
    hint: str | None = None
    """Why there may be no photo, as a sentence; None where there are some."""
    instead: Instead | None = None
    """Another search, where there is no photo and one that was meant so is easily found."""

    @property
    def people(self) -> frozenset[PersonId]:
        """Those who are looked for."""
        return frozenset(
            person for each in self.meanings if not each.left_out for person in each.people
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on: `text` instead of what stands from `start` to before `end`.

    `label` is how it is shown; `photos` tells in how many photos (of folders: files) it is found,
    None for keys.
    """

    start: int
    end: int
    text: str
    kind: Kind
    label: str
    photos: int | None = None


def search(library: Library, text: str) -> Found:
    """The photos that `text` means; an empty one means all of them.

    Raises QueryError, which tells the place, where it cannot be understood.
    """
    tree = parse(text)
    with library.read() as tx:
        has_names = any(isinstance(leaf, Word | OnlyWords) for leaf in leaves(tree))
        names = search_store.known_names(tx) if has_names else []
        meant = understand(tree, Names(names), text)
        wanted = [leaf for leaf in leaves(meant) if isinstance(leaf, Place)]
        places = file_names.photos_named(tx, wanted)
        photos = search_store.find(tx, meant, places)
        shots = as_shown(photos, stacks.covers_among(tx, photos))
        called = {each.person: each.name for each in names if not each.alias}
        meanings = tuple(_meanings(meant, called, places))
        instead = None if photos else _instead(tx, text, meanings, names)
    hint = None if photos else _hint(meanings, places, names)
    return Found(text, tuple(photos), shots, meanings, hint, instead)


def faces_found(
    library: Library, found: Found, photos: Sequence[PhotoId]
) -> dict[PhotoId, list[FaceId]]:
    """The faces of the people looked for, in each of `photos`, from left to right."""
    with library.read() as tx:
        return search_store.faces_of(tx, found.people, photos)


def names_in(
    library: Library, photos: Sequence[PhotoId], found: Found | None = None
) -> dict[PhotoId, list[tuple[PersonId, str]]]:
    """Who is in each of `photos`, those in most photos of the library first; hidden people only
    where `found` was asked for them.
    """
    with library.read() as tx:
        return search_store.names_in(tx, photos, () if found is None else found.people)


# --- what the words were taken for --------------------------------------------------------------


def _meanings(
    node: Node,
    called: Mapping[PersonId, str],
    places: Mapping[Place, Collection[PhotoId]],
    left_out: bool = False,
) -> Iterator[Meaning]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _meanings(part, called, places, left_out)
        case Not(part):
            yield from _meanings(part, called, places, not left_out)
        case People(people, span):
            who = sorted(people)
            says = _names(who, called)
            yield Meaning(span.start, span.end, Kind.PEOPLE, says, tuple(who), left_out=left_out)
        case Only(groups, span):
            who = sorted(frozenset().union(*(group.people for group in groups)))
            each = (_names(sorted(group.people), called) for group in groups)
            says = tr("{names}, and nobody else", names=reduce(_both, each))
            yield Meaning(span.start, span.end, Kind.ONLY, says, tuple(who), left_out=left_out)
        case Place(text, where, span):
            says = tr(_NAMED_SO[where], text=quoted(text))
            count = len(places[node])
            yield Meaning(span.start, span.end, Kind.PLACE, says, photos=count, left_out=left_out)
        case _:
            kind, says = _says(node)
            yield Meaning(node.span.start, node.span.end, kind, says, left_out=left_out)


def _time(first: datetime | None, end: datetime | None) -> str:
    begun = "" if first is None else _day(first)
    over = "" if end is None else _day(end)
    if begun and over:
        return tr("taken from {first} and before {end}", first=begun, end=over)
    return tr("taken from {first} on", first=begun) if begun else tr("taken before {end}", end=over)


def _day(moment: datetime) -> str:
    return tr("{year:04}-{month:02}-{day:02}", year=moment.year, month=moment.month, day=moment.day)


def _says(leaf: Node) -> tuple[Kind, str]:
    match leaf:
        case Taken(first, end):
            return Kind.TIME, _time(first, end)
        case FaceCount(bounds):
            words = bounds.describe()
            if bounds in _OF_ONE:
                return Kind.FACES, tr("photos with {number} face", number=words)
            return Kind.FACES, tr("photos with {number} faces", number=words)
        case Quality(bounds):
            return Kind.QUALITY, tr("a face with a quality of {number}", number=bounds.describe())
        case Unnamed():
            return Kind.UNNAMED, tr("a face without a name")
        case _:
            raise ValueError(f"not understood yet: {leaf}")


def _names(people: Sequence[PersonId], called: Mapping[PersonId, str]) -> str:
    shown = [f"{called.get(person, '')} (p{person})".strip() for person in people[:_SHOWN_NAMES]]
    listed = reduce(_either, shown)
    more = len(people) - len(shown)
    return tr("{names} or {more} more", names=listed, more=more) if more else listed


def _either(one: str, other: str) -> str:
    return tr("{one} or {other}", one=one, other=other)


def _both(one: str, other: str) -> str:
    return tr("{one} and {other}", one=one, other=other)


def _instead(
    tx: Transaction, text: str, meanings: Sequence[Meaning], names: Sequence[KnownName]
) -> Instead | None:
    """The search with a word that was taken for a time, and may well be the name of a folder."""
    for each in meanings:
        word = text[each.start : each.end]
        if each.kind is not Kind.TIME or each.left_out or ":" in word:
            continue
        other = f"{text[: each.start]}{said('folder')}:{word}{text[each.end :]}"
        tree = understand(parse(other), Names(names), other)
        wanted = [leaf for leaf in leaves(tree) if isinstance(leaf, Place)]
        photos = search_store.find(tx, tree, file_names.photos_named(tx, wanted))
        if photos:
            shots = as_shown(photos, stacks.covers_among(tx, photos))
            return Instead(other, word, len(shots.shown))
    return None


def _hint(
    meanings: Sequence[Meaning],
    places: Mapping[Place, Collection[PhotoId]],
    names: Sequence[KnownName],
) -> str:
    wanted = {each.start for each in meanings if not each.left_out}
    for place, photos in places.items():
        if photos or place.span.start not in wanted:
            continue
        text = quoted(place.text)
        match place.where:
            case Where.FOLDER:
                return tr("no folder is called {text}; check the word", text=text)
            case Where.FILE:
                return tr("no file is called {text}; check the word", text=text)
        if like := _alike(place.text, names):
            return tr(
                "nobody, and no file or folder is called {text}; did you mean {name}?",
                text=text,
                name=like,
            )
        return tr("nobody, and no file or folder is called {text}; check the word", text=text)
    if len(meanings) > 1:
        return tr("no photo fits all of it; leave a word out")
    return tr("no photo fits it")


def _alike(word: str, names: Sequence[KnownName]) -> str | None:
    by_word = {
        part: each.name
        for each in names
        if not each.hidden
        for spelling in spellings(each.name)
        for part in (spelling, *spelling.split())
    }
    close = get_close_matches(fold(word), by_word, n=1, cutoff=0.6)
    return by_word[close[0]] if close else None


# --- how it may go on ---------------------------------------------------------------------------


def complete(
    library: Library, text: str, cursor: int, *, limit: int = COMPLETIONS
) -> list[Completion]:
    """What the word before `cursor` may become: names, keys, folders and years, of each kind the
    most frequent first.
    """
    typed = typed_at(text, cursor)
    with library.read() as tx:
        match typed.key:
            case "year" | "before" | "after":
                found = list(_times(tx, typed))
            case "folder":
                found = list(_folders(tx, typed, key=""))
            case "only":
                found = list(_people(tx, typed, text))
            case None:
                found = [*_people(tx, typed, text), *_keys(typed)]
                if len(found) < limit and typed.word:
                    found += _folders(tx, typed, key=f"{said('folder')}:")
            case _:
                found = []
    return found[:limit]


def _people(tx: Transaction, typed: Typed, text: str) -> Iterator[Completion]:
    known = [each for each in search_store.known_names(tx) if not each.hidden]
    people, names = search_store.named_people(tx), Names(known)
    seen: set[str] = set()
    # The more of what was typed belongs to the name, the better.
    for count in range(len(typed.before), -1, -1):
        start = typed.before[-count].span.start if count else typed.span.start
        beginning = text[start : typed.span.start] + typed.word
        counts: dict[str, int] = {}
        for each in names.beginning(beginning) if typed.word else known:
            counts[each.name] = counts.get(each.name, 0) + people.get(each.person, ("", 0))[1]
        for name in sorted(counts.keys() - seen, key=lambda name: (-counts[name], name)):
            yield Completion(
                start, typed.span.end, as_written(name), Kind.PEOPLE, name, counts[name]
            )
        seen |= counts.keys()


def _keys(typed: Typed) -> Iterator[Completion]:
    begun = typed.word.casefold()
    every = [[f"{way}:" for way in ways_to_say(key)] for key in KEYS] + [[*ways_to_say(UNNAMED)]]
    spoken = [next((way for way in ways[:-1] if way.startswith(begun)), None) for ways in every]
    # In the words of the code goes on who has begun so, and cannot mean another word.
    own = [ways[-1] for ways in every if ways[-1].startswith(begun)]
    for key in list(filter(None, spoken)) or own:
        yield Completion(typed.span.start, typed.span.end, key, Kind.KEY, key)


def _folders(tx: Transaction, typed: Typed, key: str) -> Iterator[Completion]:
    wanted = spellings(typed.word)
    counted = file_names.folder_names(tx).items()
    for name, count in sorted(counted, key=lambda item: (-item[1], item[0])):
        if any(each in spelling for each in wanted for spelling in spellings(name)):
            text = key + as_written(name)
            yield Completion(typed.span.start, typed.span.end, text, Kind.PLACE, name, count)


def _times(tx: Transaction, typed: Typed) -> Iterator[Completion]:
    """Years; of a year with a minus behind it, its months. In a range, what is behind the dots."""
    begun, dots, word = typed.word.rpartition("..")
    start = typed.span.start + len(begun) + len(dots)
    counts = search_store.times(tx, months="-" in word)
    for time in sorted(counts, reverse=True):
        if time.startswith(word):
            yield Completion(start, typed.span.end, time, Kind.TIME, time, counts[time])
