"""Where something stands in a search, and what is wrong with it there."""

import unicodedata
from dataclasses import dataclass

from photoclust.core.errors import UserError
from photoclust.core.language import tr

_SHOWN = 60
"""Characters of a search that are shown on either side of what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text, from `start` to before `end`, in characters (Unicode code points)."""

    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """From here to the end of `other`."""
        return Span(self.start, other.end)


class QueryError(UserError):
    """A search that cannot be understood: what is wrong with which part of `text`."""

    def __init__(self, message: str, text: str, span: Span) -> None:
        super().__init__(message)
        self.text = text
        self.span = span

    def __reduce__(self) -> tuple[type["QueryError"], tuple[str, str, Span]]:
        return type(self), (str(self), self.text, self.span)

    def pointed(self) -> str:
        """Two lines for a terminal: the search, and carets below what is wrong."""
        first = max(0, self.span.start - _SHOWN)
        last = min(len(self.text), max(self.span.end, self.span.start + 1) + _SHOWN)
        before = _one_line(self.text[first : self.span.start])
        wrong = _one_line(self.text[self.span.start : self.span.end])[:_SHOWN]
        behind = _one_line(self.text[self.span.end : last])
        carets = "^" * max(1, _columns(wrong))
        return f"  {before}{wrong}{behind}\n  {' ' * _columns(before)}{carets}"


def _one_line(text: str) -> str:
    return "".join(
        " " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in text
    )


def _columns(text: str) -> int:
    """How wide a terminal draws `text`."""
    return sum(
        0
        if unicodedata.category(char) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def quoted(text: str) -> str:
    """`text` in quotation marks for a sentence, its middle left out where it is long."""
    short = text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}…{text[-_SHOWN // 2 :]}"
    return tr('"{text}"', text=_one_line(short))
