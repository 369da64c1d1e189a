"""From the text of a search to its tree.

search  = [ either ]
either  = all { "or" all }
all     = part { [ "and" ] part }
part    = "-" part | "(" either ")" | term
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from photoclust.core.folding import fold
from photoclust.core.language import tr
from photoclust.core.query.errors import QueryError, Span, quoted
from photoclust.core.query.numbers import COMPARISONS, NumberError, bounds_of
from photoclust.core.query.times import RANGE, TimeError, looks_like_time, time_of
from photoclust.core.query.tokens import Kind, Token, tokens
from photoclust.core.query.tree import (
    And,
    FaceCount,
    Node,
    Not,
    OnlyWords,
    Or,
    Place,
    Quality,
    Taken,
    Unnamed,
    Where,
    Word,
)
from photoclust.core.query.words import AND, OR, UNNAMED, said

MAX_LENGTH = 1000
"""Characters of a search. SQLite takes no statement of which more than 1000 parts are joined."""
MAX_DEPTH = 20
"""How deep brackets and minuses may stand in one another."""
_JOINING = (AND, OR)

Value = TypeVar("Value")


def parse(text: str) -> Node:
    """What `text` says; an empty one says nothing, and that is true of every photo.

    Raises QueryError, with the place, for what cannot be understood.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(
            tr("the search is longer than {most} characters; shorten it", most=MAX_LENGTH),
            text,
            Span(MAX_LENGTH, len(text)),
        )
    return _Parser(text).search()


def as_written(name: str) -> str:
    """`name` as it is to be written into a search so that it is looked for as one word."""
    try:
        node = parse(name)
    except QueryError:
        node = None
    if isinstance(node, Word) and node.text == name:
        return name
    return '"' + "".join("'" if char in '"“”„' else char for char in name) + '"'


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    def search(self) -> Node:
        if not self._tokens:
            return And((), Span(0, len(self._text)))
        node = self._either()
        if token := self._peek():  # only a bracket ends what is between brackets
            raise self._not_opened(token)
        return node

    # What joins

    def _either(self) -> Node:
        parts = [self._all()]
        while (token := self._peek()) and token.is_word(OR):
            self._take()
            self._require_part_behind(token)
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts), _around(parts))

    def _all(self) -> Node:
        token = self._peek()
        if token is not None and token.is_word(*_JOINING):
            raise self._nothing_before(token)
        if token is not None and token.kind is Kind.CLOSE:
            raise self._not_opened(token)
        parts: list[Node] = []
        while (token := self._peek()) and token.kind is not Kind.CLOSE and not token.is_word(OR):
            if token.is_word(AND):
                self._take()
                self._require_part_behind(token)
                continue
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else And(tuple(parts), _around(parts))

    def _require_part_behind(self, joining: Token) -> None:
        token = self._peek()
        if token is None or token.kind is Kind.CLOSE or token.is_word(*_JOINING):
            raise self._error(
                tr(
                    "behind {word} something is missing; put it in quotation marks to look for "
                    "the word itself",
                    word=quoted(joining.text),
                ),
                joining,
            )

    def _nothing_before(self, joining: Token) -> QueryError:
        return self._error(
            tr(
                "{word} stands between two parts, and there is none before it; put it in "
                "quotation marks to look for the word itself",
                word=quoted(joining.text),
            ),
            joining,
        )

    def _not_opened(self, closing: Token) -> QueryError:
        return self._error(tr("there is no opening bracket for this one"), closing)

    # Parts

    def _part(self) -> Node:
        token = self._take()
        match token.kind:
            case Kind.MINUS:
                return self._deeper(token, self._negated)
            case Kind.OPEN:
                return self._deeper(token, self._between_brackets)
            case Kind.KEY:
                return self._keyed(token)
            case Kind.QUOTED:
                return self._word(token)
            case _:
                return self._plain(token)

    def _deeper(self, token: Token, read: Callable[[Token], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(
                tr(
                    "brackets stand more than {most} deep in one another here; leave some out",
                    most=MAX_DEPTH,
                ),
                token,
            )
        node = read(token)
        self._depth -= 1
        return node

    def _negated(self, minus: Token) -> Node:
        token = self._peek()
        touching = token is not None and token.span.start == minus.span.end
        if token is None or not touching or token.kind in {Kind.CLOSE, Kind.MINUS}:
            raise self._error(
                tr(
                    "a minus leaves out what stands right behind it, and there is nothing; write "
                    "it like -ben, or put it in quotation marks"
                ),
                minus,
            )
        if token.is_word(*_JOINING):
            raise self._nothing_before(token)
        part = self._part()
        return Not(part, minus.span.to(part.span))

    def _between_brackets(self, opening: Token) -> Node:
        token = self._peek()
        if token is not None and token.kind is Kind.CLOSE:
            raise self._error(tr("there is nothing between these brackets"), opening, token)
        inside = self._either() if token is not None else None
        if inside is None or self._peek() is None:
            raise self._error(
                tr("this bracket is not closed; put one behind what it is for"), opening
            )
        self._take()
        return inside

    def _plain(self, token: Token) -> Node:
        if token.is_word(UNNAMED):
            return Unnamed(token.span)
        behind = self._next
        text, span = self._with_range(token)
        if looks_like_time(text):
            return self._taken(text, span, span)
        self._next = behind
        return self._word(token)

    def _word(self, token: Token) -> Word:
        if not fold(token.text).strip():
            raise self._error(tr("there is nothing to look for here; write a word"), token)
        return Word(" ".join(token.text.split()), token.span, token.kind is Kind.QUOTED)

    # Terms with a key

    def _keyed(self, key: Token) -> Node:
        match key.text:
            case "only":
                return self._only(key)
            case "folder" | "file":
                word = self._word(self._value(key, tr("a part of its name, such as folder:italy")))
                return Place(word.text, Where(key.text), key.span.to(word.span))
            case "faces":
                text, value = self._joined(key, tr("a number, such as faces:4 or faces:>4"))
                bounds = self._read(bounds_of, text, value)
                return FaceCount(bounds, key.span.to(value))
            case "quality":
                text, value = self._joined(key, tr("a number from 0 to 1, such as quality:<0.3"))
                bounds = self._read(bounds_of, text, value)
                return Quality(bounds, key.span.to(value))
            case _:
                text, value = self._joined(
                    key, tr("a time, such as {key}:2019", key=said(key.text))
                )
                return self._taken(text, value, key.span.to(value), key.text)

    def _taken(self, text: str, value: Span, whole: Span, key: str = "year") -> Taken:
        first, end = self._read(time_of, text, value)
        if key != "year" and RANGE in text:
            raise QueryError(
                tr(
                    "{key}: takes one time, no range; write it like {key}:2019 or {key}:2019-07",
                    key=said(key),
                ),
                self._text,
                value,
            )
        times: dict[str, tuple[datetime | None, datetime | None]] = {
            "before": (None, first),
            "after": (end, None),
        }
        return Taken(*times.get(key, (first, end)), whole)

    def _only(self, key: Token) -> OnlyWords:
        names: list[Word] = []
        while token := self._peek():
            joined = bool(names) and token.is_word(AND)
            if joined:
                self._require_part_behind(self._take())
                continue
            if not self._is_name(token):
                break
            names.append(self._word(self._take()))
        if not names:
            raise self._missing(key, tr("names, such as only: anna ben"))
        return OnlyWords(tuple(names), key.span.to(names[-1].span))

    @staticmethod
    def _is_name(token: Token) -> bool:
        plain = token.kind is Kind.WORD and not token.is_word(UNNAMED, *_JOINING)
        return token.kind is Kind.QUOTED or (plain and not looks_like_time(token.text))

    def _value(self, key: Token, what: str) -> Token:
        token = self._peek()
        if token is None or token.kind not in {Kind.WORD, Kind.QUOTED}:
            raise self._missing(key, what)
        return self._take()

    def _joined(self, key: Token, what: str) -> tuple[str, Span]:
        """The value of `key`: a number or a time, which may have spaces within."""
        token = self._value(key, what)
        if token.text in COMPARISONS and (number := self._peek()) and number.kind is Kind.WORD:
            self._take()
            return token.text + number.text, token.span.to(number.span)
        return self._with_range(token)

    def _with_range(self, token: Token) -> tuple[str, Span]:
        """`token` with what follows it where the two, or the three, are a range with spaces."""
        text, span = token.text, token.span
        while token.kind is Kind.WORD and (follower := self._peek()):
            opens = text.endswith(RANGE) and follower.text[:1].isdecimal()
            goes_on = RANGE not in text and follower.text.startswith(RANGE)
            if follower.kind is not Kind.WORD or not (opens or goes_on):
                break
            self._take()
            text, span = text + follower.text, span.to(follower.span)
        return text, span

    def _read(self, read: Callable[[str], Value], text: str, span: Span) -> Value:
        try:
            return read(text)
        except (TimeError, NumberError) as error:
            message = tr("{text} is not understood: {why}", text=quoted(text), why=error)
            raise QueryError(message, self._text, span) from error

    # Tokens and errors

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _missing(self, key: Token, what: str) -> QueryError:
        return self._error(
            tr("behind {key}: something is missing: {what}", key=said(key.text), what=what), key
        )

    def _error(self, message: str, token: Token, last: Token | None = None) -> QueryError:
        return QueryError(message, self._text, token.span.to((last or token).span))


def _around(parts: list[Node]) -> Span:
    return parts[0].span.to(parts[-1].span)
