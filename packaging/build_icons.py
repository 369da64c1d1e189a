"""Render the app icon from its SVG into the sizes a desktop asks for: `python build_icons.py`."""

import os
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parents[1] / "resources" / "icons"
SIZES_PX = (64, 128, 256, 512)


def render(source: Path, size: int) -> QImage:
    """Square picture of `source` with `size` px a side on a transparent ground."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(source)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def main() -> None:
    """Write `photoclust-<size>.png` beside the SVG."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication([])
    for size in SIZES_PX:
        target = ICONS / f"photoclust-{size}.png"
        if not render(ICONS / "photoclust.svg", size).save(str(target)):
            raise OSError(f"cannot write {target}")
        print(target.name, target.stat().st_size)
    app.quit()


if __name__ == "__main__":
    main()
