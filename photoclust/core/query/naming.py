"""What the words of a search stand for: people where somebody is called so, else files and folders.

Who is called how is told to it; nothing here knows a library.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from photoclust.core.folding import spaced, spellings
from photoclust.core.language import tr
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

_ID = re.compile("p([1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name of a person, or an `alias`; `hidden` people are found by the whole of it only."""

    person: PersonId
    name: str
    alias: bool = False
    hidden: bool = False


class Names:
    """Who is called how, for many words.

    The names are one text that is searched for the words, which for a few words takes less than
    taking thousands of names to pieces.
    """

    def __init__(self, known: Iterable[KnownName]) -> None:
        self._known = list(known)
        joined = "\n".join(each.name for each in self._known)
        self._texts = [f"\n{spaced(spelling)}\n" for spelling in spellings(joined)]
        self._ends = [_line_ends(text) for text in self._texts]

    def called(self, name: str) -> frozenset[PersonId]:
        """Everybody whose whole name this is: those written so, else those written alike; in either
        case those who are called so before those who are also called so.
        """
        found: dict[tuple[bool, bool], set[PersonId]] = defaultdict(set)
        for each in self._with("\n{}\n", name):
            found[_plain(each.name) != _plain(name), each.alias].add(each.person)
        return frozenset(found[min(found)]) if found else frozenset()

    def like(self, name: str) -> frozenset[PersonId]:
        """Everybody in whose name these words stand; if there is nobody, whose begins a word so."""
        for pattern in ("{}", " {}"):
            who = {each.person for each in self._with(pattern, name) if not each.hidden}
            if who:
                return frozenset(who)
        return frozenset()

    def beginning(self, name: str) -> list[KnownName]:
        """The names in which a word begins like `name`, or several in its order do."""
        return [each for each in self._with(" {}", name) if not each.hidden]

    def with_id(self, text: str) -> frozenset[PersonId]:
        """The person whose id (`p7`) this is, which tells two of one name apart."""
        found = _ID.fullmatch(text.casefold())
        wanted = PersonId(int(found[1])) if found else None
        return frozenset(each.person for each in self._known if each.person == wanted)

    def may_go_on(self, name: str) -> bool:
        """Whether a name begins with these whole words."""
        return any(self._with("\n{}", name))

    def _with(self, pattern: str, name: str) -> Iterator[KnownName]:
        """The names that have `name` in them as `pattern` says: `{}` with the spaces around it."""
        lines: set[int] = set()
        for spelling in spellings(name):
            words = spaced(spelling)
            if not words.strip():
                continue
            wanted = pattern.format(words.strip() if pattern.startswith(" ") else words)
            for text, ends in zip(self._texts, self._ends, strict=True):
                place = text.find(wanted)
                while place >= 0:
                    # A line begins with the break before it.
                    lines.add(bisect_right(ends, place))
                    place = text.find(wanted, place + 1)
        return (self._known[line] for line in sorted(lines))


def _line_ends(text: str) -> list[int]:
    """Where each line of `text` ends, which begins and ends with a break."""
    return [found.start() for found in re.finditer("\n", text)][1:]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name.casefold())


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
        texts = [first.text]
        for word in row[1:]:
            if first.quoted or not self._names.may_go_on(texts[-1]):
                break
            texts.append(f"{texts[-1]} {word.text}")
        for count in range(len(texts), 0, -1):
            if called := self._names.called(texts[count - 1]):
                return People(called, first.span.to(row[count - 1].span)), count
        if like := self._names.like(first.text) or self._names.with_id(first.text):
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
            tr(
                "nobody is called {word}; behind only: come names, and files and folders are "
                "looked for with file: and folder:",
                word=quoted(word),
            ),
            self._text,
            found.span,
        )
