"""The list of acts of the history page."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from photoclust.core.language import marked, tr
from photoclust.gui import text
from photoclust.gui.models.keyed import KeyedListModel

if TYPE_CHECKING:
    from photoclust.services.history import Act

NEXT = marked("Ctrl+Z undoes this")
UNDONE = marked("Undone")


def state(act: Act) -> str:
    """What is to be said of an act besides its words; mostly nothing."""
    if not act.stands:
        return tr(UNDONE)
    return tr(NEXT) if act.is_next else ""


class ActModel(KeyedListModel["Act"]):
    """Acts by the number of their entry, the newest first."""

    def key(self, item: Act) -> Hashable:
        """The number."""
        return item.id

    def text(self, item: Act) -> str:
        """The words, the time and the state."""
        return ". ".join(filter(None, (item.title, text.moment(item.made_at), state(item))))
