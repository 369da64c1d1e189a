"""What is said of folders that are away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from photoclust.core.language import tr, tr_n
from photoclust.gui import text

if TYPE_CHECKING:
    from photoclust.services.roots import Away


def in_short(folders: Sequence[Away], shorten: Callable[[str], str] = str) -> str:
    """What is away in a few words, the name of a drive made short; nothing where all is there."""
    names = list(dict.fromkeys(each.drive or each.folder.name for each in folders))
    photos = sum(each.photos for each in folders)
    if not names:
        return ""
    if len(names) > 1:
        return tr_n(photos, "{n} photo is away", "{n} photos are away")
    drive = shorten(names[0])
    return tr_n(photos, "{drive} away: {n} photo", "{drive} away: {n} photos", drive=drive)


def in_full(folders: Sequence[Away]) -> str:
    """A sentence for each folder that is away, and what becomes of its photos."""
    said = [
        tr_n(
            each.photos,
            "{folder} does not answer now: {n} photo.",
            "{folder} does not answer now: {n} photos.",
            folder=text.shown_path(each.folder),
        )
        if each.silent
        else tr_n(
            each.photos,
            "{folder} is not there now: {n} photo.",
            "{folder} is not there now: {n} photos.",
            folder=text.shown_path(each.folder),
        )
        for each in folders
    ]
    return " ".join((*said, tr("Names and faces are kept; the photos come back with it.")))
