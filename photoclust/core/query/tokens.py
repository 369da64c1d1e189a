"""A search cut into tokens."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from photoclust.core.language import tr
from photoclust.core.query.errors import QueryError, Span, quoted
from photoclust.core.query.words import KEYS, key_of, meaning_of, phrase_at, said

QUOTES = '"“”„'
_QUOTED = re.compile(f"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}]")
_SEPARATORS = re.compile(r"[\s,]+")
_KEY = re.compile(r"([^\W\d_]{2,}):")
_ENDS = f",(){QUOTES}"
_WORD = re.compile(rf"[^\s{_ENDS}]+")


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED = auto()
    KEY = auto()
    MINUS = auto()
    OPEN = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: `text` is a word (or several that mean one thing), what stands between
    quotation marks, or a key, by its word in the code.
    """

    kind: Kind
    text: str
    span: Span

    def is_word(self, *words: str) -> bool:
        """Whether it means one of these words of the code, and is not in quotation marks."""
        return self.kind is Kind.WORD and meaning_of(self.text.casefold()) in words


_SIGNS = {"(": Kind.OPEN, ")": Kind.CLOSE, "-": Kind.MINUS}


def tokens(text: str) -> list[Token]:
    """The tokens of `text`; commas part words as spaces do.

    Raises QueryError where a quotation mark is not closed, or a word with a colon is no key.
    """
    found: list[Token] = []
    place = separators_end(text, 0)
    while place < len(text):
        found.append(token_at(text, place))
        place = separators_end(text, found[-1].span.end)
    return found


def separators_end(text: str, place: int) -> int:
    """Where the next token begins, from `place` on."""
    gap = _SEPARATORS.match(text, place)
    return gap.end() if gap else place


def token_at(text: str, place: int) -> Token:
    """The token that begins at `place`. Raises QueryError as `tokens` does."""
    sign = text[place]
    if sign in _SIGNS:
        return Token(_SIGNS[sign], sign, Span(place, place + 1))
    if sign in QUOTES:
        if whole := _QUOTED.match(text, place):
            return Token(Kind.QUOTED, whole[1], Span(place, whole.end()))
        raise QueryError(
            tr("this quotation mark is not closed; put one behind the words that belong together"),
            text,
            Span(place, place + 1),
        )
    if key := _KEY.match(text, place):
        return Token(Kind.KEY, _known_key(text, key), Span(place, key.end()))
    if end := phrase_at(text, place, _ENDS):
        return Token(Kind.WORD, text[place:end], Span(place, end))
    word = _WORD.match(text, place)
    if word is None:  # every character is a separator, a sign, a quotation mark or part of a word
        raise ValueError(f"no token at {place}")
    return Token(Kind.WORD, word[0], Span(place, word.end()))


def _known_key(text: str, found: re.Match[str]) -> str:
    key = key_of(found[1].casefold())
    if key is None:
        known = ", ".join(f"{said(each)}:" for each in KEYS)
        raise QueryError(
            tr(
                "there is no {word}; there are {known}; to look for the word itself, put it in "
                "quotation marks",
                word=quoted(found[0]),
                known=known,
            ),
            text,
            Span(*found.span()),
        )
    return key
