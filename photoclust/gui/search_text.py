"""Searches in words: what their parts were taken for, and where in a text field something stands.

Qt counts UTF-16 units, Python code points: an emoji is two of the former and one of the latter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from photoclust.gui import text

if TYPE_CHECKING:
    from photoclust.services.searching import Completion, Found, Meaning

_ID = re.compile(r" \(p\d+\)")


def to_units(words: str, place: int) -> int:
    """The place `place` in `words`, counted as Qt counts."""
    return len(words[:place].encode("utf-16-le")) // 2


def from_units(words: str, units: int) -> int:
    """The place in `words` that Qt calls `units`."""
    return len(words.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


def hits(found: Found) -> str:
    """`12 photos`"""
    return text.count(len(found.photos), "photo")


def meanings(found: Found) -> list[tuple[str, str]]:
    """Each part of a search as it was typed, and what it was taken for."""
    return [(found.text[each.start : each.end], _says(each)) for each in found.meanings]


def completion(offered: Completion) -> str:
    """How often what a completion names is found; empty where that says nothing."""
    if offered.photos is None:
        return ""
    return text.count(offered.photos, "file" if offered.kind == "place" else "photo")


def _says(meaning: Meaning) -> str:
    # Who is meant is told by the id only where several people have the name.
    ids = _ID.findall(meaning.says)
    names = re.split(r" or | and |, and nobody else", _ID.sub("", meaning.says))
    says = meaning.says
    if len(ids) <= 1 or len(set(names)) == len(names):
        says = _ID.sub("", says)
    return f"not {says}" if meaning.left_out else says
