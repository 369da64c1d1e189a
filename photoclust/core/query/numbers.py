"""Numbers in a search: `4`, `>4`, `<=0.3`, `2..4`."""

import re

from photoclust.core.language import tr
from photoclust.core.query.times import RANGE
from photoclust.core.query.tree import Bounds

COMPARISONS = ("<", "<=", ">", ">=", "=")
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
_COMPARED = re.compile(f"(<=|>=|<|>|=)?{_NUMBER}")
_BETWEEN = re.compile(rf"{_NUMBER}?{re.escape(RANGE)}{_NUMBER}?")


class NumberError(ValueError):
    """A text that is no number; the message is the end of a sentence."""


def bounds_of(text: str) -> Bounds:
    """Which numbers are meant. Raises NumberError where none are."""
    if found := _COMPARED.fullmatch(text):
        sign, number = found[1], float(found[2])
        match sign:
            case "<" | "<=":
                return Bounds(high=number, high_open=sign == "<")
            case ">" | ">=":
                return Bounds(low=number, low_open=sign == ">")
            case _:
                return Bounds(number, number)
    found = _BETWEEN.fullmatch(text)
    if found is None or not any(found.groups()):
        raise NumberError(tr("write a number, or a comparison such as >4, <=2 or 2..4"))
    low, high = found.groups()
    bounds = Bounds(float(low or "-inf"), float(high or "inf"))
    if bounds.low > bounds.high:
        raise NumberError(tr("that range runs backwards; write {high}..{low}", high=high, low=low))
    return bounds
