"""A search cut into tokens."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from photoclust.core.language import tr
from photoclust.core.query.errors import QueryError, Span, quoted

KEYS = ("year", "before", "after", "only", "faces", "quality", "folder", "file")
"""Words that mean something with a colon behind them."""
QUOTES = '"“”„'
_QUOTED = re.compile(f"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}]")
_SEPARATORS = re.compile(r"[\s,]+")
_KEY = re.compile(r"([^\W\d_]{2,}):")
_WORD = re.compile(rf"[^\s,(){QUOTES}]+")


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
    """A piece of the text: `text` is a word, what stands between quotation marks, or a key."""

    kind: Kind
    text: str
    span: Span

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, not in quotation marks."""
        return self.kind is Kind.WORD and self.text.casefold() in words


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
    word = _WORD.match(text, place)
    if word is None:  # every character is a separator, a sign, a quotation mark or part of a word
        raise ValueError(f"no token at {place}")
    return Token(Kind.WORD, word[0], Span(place, word.end()))


def _known_key(text: str, found: re.Match[str]) -> str:
    key = found[1].casefold()
    if key not in KEYS:
        known = ", ".join(f"{each}:" for each in KEYS)
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
