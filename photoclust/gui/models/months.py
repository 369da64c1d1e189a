"""The months of a library, by their names."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from photoclust.gui import photo_text
from photoclust.gui.models.keyed import KeyedListModel

if TYPE_CHECKING:
    from photoclust.services.years import MonthSeen


class MonthModel(KeyedListModel["MonthSeen"]):
    """Months stay the same whatever comes into them."""

    def key(self, item: MonthSeen) -> Hashable:
        """Which month it is."""
        return item.month.name

    def text(self, item: MonthSeen) -> str:
        """All that its tile says, and the year."""
        return photo_text.month_seen(item)
