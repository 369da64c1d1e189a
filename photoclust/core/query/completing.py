"""What stands at the cursor of a search that is being typed, which may still make no sense."""

from dataclasses import dataclass

from photoclust.core.query.errors import QueryError, Span
from photoclust.core.query.tokens import QUOTES, Kind, Token, separators_end, token_at
from photoclust.core.query.words import AND, OR


@dataclass(frozen=True, slots=True)
class Typed:
    """The `word` before the cursor, and the part of the text that a completion replaces.

    `key` is the key that it belongs to, by its word in the code (`only`, `year` …), None for a word
    by itself. `before` are the plain words next to it that may be the beginning of the same name,
    from left to right.
    """

    word: str
    span: Span
    key: str | None = None
    before: tuple[Token, ...] = ()


def typed_at(text: str, cursor: int) -> Typed:
    """What is being typed at `cursor`, a place between two characters of `text`."""
    cursor = min(max(cursor, 0), len(text))
    head = text[:cursor]
    found: list[Token] = []
    place = separators_end(head, 0)
    while place < len(head):
        try:
            token = token_at(head, place)
        except QueryError:
            if head[place] in QUOTES:
                end = cursor + _length_to(text[cursor:], QUOTES, including=True)
                return Typed(head[place + 1 :], Span(place, end), _key(found))
            token = Token(Kind.WORD, head[place:].split()[0], Span(place, len(head)))
        found.append(token)
        place = separators_end(head, token.span.end)
    last = found[-1] if found else None
    if last is None or last.kind is not Kind.WORD or last.span.end < cursor:
        return Typed("", Span(cursor, cursor), _key(found))
    end = cursor + _length_to(text[cursor:], f"(),{QUOTES} \t\n", including=False, otherwise=True)
    before = found[:-1]
    return Typed(last.text, Span(last.span.start, end), _key(before), _words_before(text, found))


def _key(before: list[Token]) -> str | None:
    """The key to which what comes behind `before` belongs: that right before it, and `only:` with
    nothing but names in between.
    """
    if not before:
        return None
    if before[-1].kind is Kind.KEY:
        return before[-1].text
    for token in reversed(before):
        if token.kind is Kind.KEY:
            return token.text if token.text == "only" else None
        if token.kind not in {Kind.WORD, Kind.QUOTED} or token.is_word(OR):
            return None
    return None


def _words_before(text: str, found: list[Token]) -> tuple[Token, ...]:
    """The plain words right before the last of `found`, with nothing but space in between."""
    words: list[Token] = []
    behind = found[-1]
    for token in reversed(found[:-1]):
        joined = text[token.span.end : behind.span.start].isspace()
        if token.kind is not Kind.WORD or not joined or token.is_word(AND, OR):
            break
        words.append(token)
        behind = token
    first = len(found) - 1 - len(words)
    if words and first and found[first - 1].kind is Kind.KEY and found[first - 1].text != "only":
        words.pop()  # the value of a key
    return tuple(reversed(words))


def _length_to(text: str, ends: str, *, including: bool, otherwise: bool = False) -> int:
    """How far it is to the first of `ends`; if there is none, to nothing or to the end."""
    for place, char in enumerate(text):
        if char in ends:
            return place + including
    return len(text) if otherwise else 0
