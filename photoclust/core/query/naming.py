"""What the words of a search stand for: people where somebody is called so, else files and folders.

Who is called how is told to it; nothing here knows a library.
"""

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from photoclust.core.folding import spellings, words
from photoclust.core.query.errors import QueryError, quoted
from photoclust.core.query.tree import (
    And,
    Node,
    Not,
    Only,
    OnlyWords,
    Or,
    People,
    Place,
    Where,
    Word,
)
from photoclust.core.types import PersonId


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name of a person, or an `alias`; `hidden` people are found by the whole of it only."""

    person: PersonId
    name: str
    alias: bool = False
    hidden: bool = False


class Names:
    """Who is called how, for many searches."""

    def __init__(self, known: Iterable[KnownName]) -> None:
        self._whole: dict[tuple[str, ...], list[KnownName]] = defaultdict(list)
        self._by_word: dict[str, list[tuple[tuple[str, ...], KnownName]]] = defaultdict(list)
        for each in known:
            for spelling in spellings(each.name):
                parts = words(spelling)
                self._whole[parts].append(each)
                if not each.hidden:
                    for part in set(parts):
                        self._by_word[part].append((parts, each))
        self._words = sorted(self._by_word)
        self.longest = max(map(len, self._whole), default=0)
        """Words of the longest name."""

    def called(self, name: str) -> frozenset[PersonId]:
        """Everybody whose whole name this is: those written so, else those written alike; in either
        case those who are called so before those who are also called so.
        """
        found: dict[tuple[bool, bool], set[PersonId]] = defaultdict(set)
        for parts in _parts(name):
            for each in self._whole.get(parts, ()):
                found[_plain(each.name) != _plain(name), each.alias].add(each.person)
        return frozenset(found[min(found)]) if found else frozenset()

    def like(self, name: str) -> frozenset[PersonId]:
        """Everybody in whose name these words stand; if there is nobody, whose begins a word so."""
        parts = _parts(name)
        return self._with_words(parts) or self._beginning(parts)

    def completing(self, name: str) -> list[KnownName]:
        """The names in which one of the words begins like `name`, or several do in its order."""
        return list(dict.fromkeys(self._matches(_parts(name))))

    def _with_words(self, wanted: Sequence[tuple[str, ...]]) -> frozenset[PersonId]:
        return frozenset(
            each.person
            for parts in wanted
            for name, each in self._by_word.get(parts[0], ())
            if _place(name, parts, whole=True)
        )

    def _beginning(self, wanted: Sequence[tuple[str, ...]]) -> frozenset[PersonId]:
        return frozenset(each.person for each in self._matches(wanted))

    def _matches(self, wanted: Sequence[tuple[str, ...]]) -> Iterator[KnownName]:
        for parts in wanted:
            firsts = self._from(parts[0]) if len(parts) == 1 else iter(parts[:1])
            for first in firsts:
                for name, each in self._by_word.get(first, ()):
                    if _place(name, parts, whole=False):
                        yield each

    def _from(self, beginning: str) -> Iterator[str]:
        for place in range(bisect_left(self._words, beginning), len(self._words)):
            if not self._words[place].startswith(beginning):
                return
            yield self._words[place]


def _parts(name: str) -> list[tuple[str, ...]]:
    return [words(spelling) for spelling in spellings(name)]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name.casefold())


def _place(name: tuple[str, ...], parts: tuple[str, ...], *, whole: bool) -> bool:
    """Whether `parts` stand side by side in `name`, the last of them perhaps not to its end."""
    *first, last = parts
    return any(
        name[start : start + len(first)] == tuple(first)
        and (
            name[start + len(first)] == last if whole else name[start + len(first)].startswith(last)
        )
        for start in range(len(name) - len(parts) + 1)
    )


def understand(node: Node, names: Names, text: str) -> Node:
    """`node` with people, or files and folders, for its words.

    Of words side by side, as many as possible are taken for one name. Raises QueryError where
    nobody is called like a word behind `only:`.
    """
    return _Reader(names, text).read(node)


class _Reader:
    def __init__(self, names: Names, text: str) -> None:
        self._names = names
        self._text = text

    def read(self, node: Node) -> Node:
        match node:
            case And(parts, span):
                return And(tuple(self._row(parts)), span)
            case Or(parts, span):
                return Or(tuple(map(self.read, parts)), span)
            case Not(part, span):
                return Not(self.read(part), span)
            case OnlyWords(words_, span):
                people = tuple(self._person(found) for found in self._row(words_))
                return Only(people, span)
            case Word():
                return next(self._row([node]))
            case _:
                return node

    def _row(self, parts: Sequence[Node]) -> Iterator[Node]:
        """Parts side by side: the words among them, the longest names first."""
        place = 0
        while place < len(parts):
            part = parts[place]
            negated = part if isinstance(part, Not) else None
            word = part.part if isinstance(part, Not) else part
            if not isinstance(word, Word):
                yield self.read(part)
                place += 1
                continue
            found, taken = self._longest([word, *self._following(word, parts[place + 1 :])])
            yield found if negated is None else Not(found, negated.span.to(found.span))
            place += taken

    def _longest(self, row: Sequence[Word]) -> tuple[People | Place, int]:
        """What the first words of `row` are, and how many these are."""
        first = row[0]
        longest = 1 if first.quoted else min(len(row), self._names.longest)
        for count in range(longest, 0, -1):
            called = self._names.called(" ".join(word.text for word in row[:count]))
            if called:
                return People(called, first.span.to(row[count - 1].span)), count
        if like := self._names.like(first.text):
            return People(like, first.span), 1
        return Place(first.text, Where.ANY, first.span), 1

    def _following(self, word: Word, parts: Sequence[Node]) -> Iterator[Word]:
        """The words of `parts` that belong to `word`: with nothing but space in between."""
        end = word.span.end
        for part in parts:
            if not isinstance(part, Word) or part.quoted:
                return
            if not self._text[end : part.span.start].isspace():
                return
            end = part.span.end
            yield part

    def _person(self, found: Node) -> People:
        if isinstance(found, People):
            return found
        word = self._text[found.span.start : found.span.end].strip('"“”„')
        raise QueryError(
            f"nobody is called {quoted(word)}; behind only: come names, and files and folders are "
            "looked for with file: and folder:",
            self._text,
            found.span,
        )
