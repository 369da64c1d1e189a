"""Searches in words: what their parts were taken for, and where in a text field something stands.

Qt counts UTF-16 units, Python code points: an emoji is two of the former and one of the latter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from photoclust.core.language import tr, tr_n
from photoclust.gui import text

if TYPE_CHECKING:
    from photoclust.services.searching import Completion, Found, Instead, Meaning

_ID = re.compile(r" \(p\d+\)")


def to_units(words: str, place: int) -> int:
    """The place `place` in `words`, counted as Qt counts."""
    return len(words[:place].encode("utf-16-le")) // 2


def from_units(words: str, units: int) -> int:
    """The place in `words` that Qt calls `units`."""
    return len(words.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


def hits(found: Found) -> str:
    """`12 photos (15 with all forms)`"""
    return text.photos_with_forms(len(found.shots.shown), found.shots.all_forms)


def instead(other: Instead) -> str:
    """`Folder 2019: 60 photos`"""
    return tr_n(
        other.photos,
        "Folder {name}: {n} photo",
        "Folder {name}: {n} photos",
        name=other.folder,
    )


def meanings(found: Found) -> list[tuple[str, str]]:
    """Each part of a search as it was typed, and what it was taken for."""
    return [(found.text[each.start : each.end], _says(each)) for each in found.meanings]


def completion(offered: Completion) -> str:
    """How often what a completion names is found; empty where that says nothing."""
    if offered.photos is None:
        return ""
    return (text.files if offered.kind == "place" else text.photos)(offered.photos)


def _says(meaning: Meaning) -> str:
    # Who is meant is told by the id only where several people have the name.
    says = meaning.says
    *names, _ = _ID.split(says)
    # Between two names stands one word, "or" or "and" in some language.
    names[1:] = [name.split(maxsplit=1)[-1] for name in names[1:]]
    if len(set(names)) == len(names):
        says = _ID.sub("", says)
    return tr("not {meaning}", meaning=says) if meaning.left_out else says
