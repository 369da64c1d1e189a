"""Line icons drawn from SVG in the colours of the theme, and the application's own icon."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from photoclust.core.paths import resource
from photoclust.gui import theme

_PATHS = {
    "people": '<circle cx="9" cy="8" r="3.5"/>'
    '<path d="M2.5 20c0-4 2.9-6.5 6.5-6.5s6.5 2.5 6.5 6.5"/>'
    '<path d="M15.5 4.9a3.5 3.5 0 0 1 0 6.2M18 14.2c2.2.9 3.5 3 3.5 5.8"/>',
    "review": '<circle cx="12" cy="12" r="8.5"/>'
    '<path d="M9.6 9.6a2.5 2.5 0 1 1 3.4 2.3c-.7.3-1 .8-1 1.6M12 16.4v.2"/>',
    "face": '<path d="M4 8V6a2 2 0 0 1 2-2h2M16 4h2a2 2 0 0 1 2 2v2M20 16v2a2 2 0 0 1-2 2h-2'
    'M8 20H6a2 2 0 0 1-2-2v-2"/><path d="M9 10v.5M15 10v.5M9 15c1.8 1.4 4.2 1.4 6 0"/>',
    "photos": '<rect x="3" y="4.5" width="18" height="15" rx="2.5"/>'
    '<path d="M3.5 16.5l5-5 4.5 4.5 2.5-2.5 5 5"/><circle cx="15.8" cy="9" r="1.5"/>',
    "stack": '<rect x="3.5" y="8.5" width="13" height="12" rx="2"/>'
    '<path d="M8 5.5h9.5a2 2 0 0 1 2 2V17"/>',
    "away": '<path d="M5.5 6h13l2 7.5v4a1.5 1.5 0 0 1-1.5 1.5H5a1.5 1.5 0 0 1-1.5-1.5v-4z"/>'
    '<path d="M3.7 13.5h16.6M16.5 16.3h.2M4 3l16 18"/>',
    "video": '<path d="M8 5.5v13l10.5-6.5z"/>',
    "years": '<rect x="3.5" y="5" width="17" height="15" rx="2.5"/>'
    '<path d="M8 3v4M16 3v4M3.5 10h17M8 14v.2M12 14v.2M16 14v.2M8 17v.2M12 17v.2"/>',
    "failures": '<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17v.3"/>',
    "training": '<path d="M4 4v16h16"/><path d="M7.5 15.5l3.5-4 3 2.5 5.5-7"/>'
    '<path d="M15.5 7H19.5v4"/>',
    "boxes": '<path d="M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9'
    'M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 20.5 20.5"/>',
    "history": '<path d="M4 5v4.5h4.5"/><path d="M4.6 9.3A8.2 8.2 0 1 1 3.8 12"/>'
    '<path d="M12 7.5V12l3.2 2"/>',
    "settings": '<circle cx="12" cy="12" r="3"/><path d="M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3'
    'M6 6l2.1 2.1M15.9 15.9 18 18M18 6l-2.1 2.1M8.1 15.9 6 18"/>',
    "add": '<path d="M12 5v14M5 12h14"/>',
    "back": '<path d="M14.5 5.5 8 12l6.5 6.5"/>',
    "next": '<path d="M9.5 5.5 16 12l-6.5 6.5"/>',
    "down": '<path d="M5.5 9.5 12 16l6.5-6.5"/>',
    "up": '<path d="M5.5 14.5 12 8l6.5 6.5"/>',
    "close": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "resume": '<path d="M8 5.5v13l10.5-6.5z"/>',
    "automatic": '<path d="M12 3.5l2.2 6.3 6.3 2.2-6.3 2.2L12 20.5l-2.2-6.3L3.5 12l6.3-2.2z"/>',
    "hidden": '<path d="M4 4l16 16M9.9 5.2A9.6 9.6 0 0 1 12 5c5 0 8.3 4.2 9.3 7'
    "c-.4 1-1.2 2.4-2.5 3.7M6.2 6.9C4.3 8.3 3.2 10.3 2.7 12c1 2.8 4.3 7 9.3 7"
    'c1.7 0 3.2-.5 4.4-1.2"/>'
    '<path d="M10 10a2.9 2.9 0 0 0 4 4"/>',
    "more": '<circle cx="5.5" cy="12" r=".9"/><circle cx="12" cy="12" r=".9"/>'
    '<circle cx="18.5" cy="12" r=".9"/>',
    "about": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 7.8v.2"/>',
    "sort": '<path d="M4 7h12M4 12h8M4 17h5M18 8v10M15 15l3 3 3-3"/>',
    "done": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
}


def pixmap(name: str, colour: str | None = None, side: int = 20, ratio: float = 2.0) -> QPixmap:
    """The icon `name`, `side` px wide at device pixel ratio `ratio`; text-coloured by default.

    It is drawn once: a row of jobs asks for its icons with every step that it shows.
    """
    stroke = colour or theme.colours().text
    key = f"photoclust icon {name} {stroke} {side} {ratio}"
    drawn = QPixmap()
    if not QPixmapCache.find(key, drawn):
        drawn = _draw(_PATHS[name], stroke, side, ratio)
        QPixmapCache.insert(key, drawn)
    return drawn


def _draw(path: str, stroke: str, side: int, ratio: float) -> QPixmap:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{stroke}" stroke-width="1.8" stroke-linecap="round" '
        f'stroke-linejoin="round">{path}</svg>'
    )
    result = QPixmap(round(side * ratio), round(side * ratio))
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return result


def icon(name: str, colour: str | None = None) -> QIcon:
    """As `pixmap`, for buttons and lists. It looks the same when selected."""
    picture = pixmap(name, colour)
    result = QIcon(picture)
    result.addPixmap(picture, QIcon.Mode.Selected)
    return result


def application_icon() -> QIcon:
    """The icon of photoclust in all sizes a desktop asks for."""
    result = QIcon()
    for side in (64, 128, 256, 512):
        result.addFile(str(resource("icons", f"photoclust-{side}.png")))
    return result
