"""Icons are drawn in the colours of the theme, each once."""

import pytest
from PySide6.QtGui import QPixmapCache

from photoclust.gui import icons, theme


@pytest.fixture
def drawn(qapp, monkeypatch):
    """How often something was drawn."""
    draw, calls = icons._draw, []
    monkeypatch.setattr(icons, "_draw", lambda *how: calls.append(how) or draw(*how))
    QPixmapCache.clear()
    return calls


def test_an_icon_is_drawn_once_for_each_look_of_it(drawn):
    first = icons.pixmap("pause").toImage()
    assert icons.pixmap("pause").toImage() == first
    assert len(drawn) == 1
    others = [icons.pixmap("resume"), icons.pixmap("pause", "#ff0000")]
    others.append(icons.pixmap("pause", side=40))
    assert len(drawn) == 4
    assert all(other.toImage() != first for other in others)


def test_an_icon_has_the_colour_of_the_text(qapp):
    image = icons.pixmap("pause").toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {theme.colours().text}
