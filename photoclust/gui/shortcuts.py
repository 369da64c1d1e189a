"""Every key of the window, from the menus and from what the pages say of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from photoclust.core.language import tr


class PageKey(NamedTuple):
    """A key of a page: `keys` as they are written on it, and what it does.

    A page lists its own in KEYS, under its TITLE, all of it marked to be translated.
    """

    keys: str
    what: str


@dataclass(frozen=True, slots=True)
class Section:
    """Keys that belong together."""

    title: str
    keys: tuple[PageKey, ...]


def sections(menus: QMenuBar, pages: Iterable[QWidget | type[QWidget]]) -> list[Section]:
    """The keys of the menus, then those of each page that has some, or of a class of such."""
    found = [Section(_plain(menu.title()), tuple(_of_menu(menu))) for menu in _menus(menus)]
    found += [_of_page(page) for page in pages if getattr(page, "KEYS", ())]
    return [section for section in found if section.keys]


def keys_of(action: QAction) -> str:
    """The keys of an action as this system writes them; empty where it has none."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(key.toString(native) for key in action.shortcuts())


def _menus(menus: QMenuBar) -> list[QMenu]:
    return [
        menu for menu in (action.menu() for action in menus.actions()) if isinstance(menu, QMenu)
    ]


def _of_page(page: Any) -> Section:
    return Section(tr(page.TITLE), tuple(PageKey(tr(keys), tr(what)) for keys, what in page.KEYS))


def _of_menu(menu: QMenu) -> Iterator[PageKey]:
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            yield from _of_menu(below)
        elif action.shortcuts():
            yield PageKey(keys_of(action), _plain(action.text()))


def _plain(words: str) -> str:
    """What an entry is called, without its key and without the act that it speaks of just now."""
    return words.replace("&", "").partition(": ")[0].removesuffix("…")
