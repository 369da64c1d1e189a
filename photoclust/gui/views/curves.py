"""Curves of a training while it runs: a plot for each figure, a line for each way of mining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from photoclust.core.language import decimal, marked, significant, tr
from photoclust.gui import theme
from photoclust.gui.widgets import label

FIGURES = {
    "loss": marked("Loss"),
    "active": marked("Triplets that still cost anything"),
    "spread": marked("Mean squared distance of two faces"),
    "val": marked("Recognised at 1 in 1,000 mixed up"),
}
"""What is drawn, by its name in a look, and the title of its plot."""
_SHARES = frozenset(("active", "val"))
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
Looks = Mapping[str, Sequence[Mapping[str, float]]]


class Curves(QWidget):
    """Two plots in a row; those of figures that nobody measured are not there."""

    def __init__(self) -> None:
        super().__init__()
        self._looks: Looks = {}
        self._plots: dict[str, _Plot] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        for place, (figure, title) in enumerate(FIGURES.items()):
            plot = _Plot(tr(title), is_share=figure in _SHARES)
            self._plots[figure] = plot
            self._grid.addWidget(plot, place // 2, place % 2)
        self.show_looks({})

    def plot(self, figure: str) -> _Plot:
        """The plot of `figure`, one of FIGURES."""
        return self._plots[figure]

    def show_looks(self, looks: Looks) -> None:
        """Draw `looks`, by the way of mining."""
        self._looks = looks
        for figure, plot in self._plots.items():
            lines = {
                name: [(look["step"], look[figure]) for look in those if figure in look]
                for name, those in looks.items()
            }
            plot.draw({name: points for name, points in lines.items() if points})
            plot.setVisible(figure != "val" or plot.has_points)

    def refresh_icon(self) -> None:
        """Draw in the colours of the theme."""
        for plot in self._plots.values():
            plot.paint()
        self.show_looks(self._looks)


class _Plot(QWidget):
    """A figure over the steps, with the latest value in words."""

    def __init__(self, title: str, *, is_share: bool) -> None:
        super().__init__()
        self._title, self._is_share = title, is_share
        self.words = label(title, wrap=True)
        self.has_points = False
        self._canvas = pyqtgraph.PlotWidget()
        self._canvas.setMouseEnabled(x=False, y=False)
        self._canvas.setMenuEnabled(False)
        self._canvas.hideButtons()
        self._canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas.setMinimumSize(160, 90)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.words)
        layout.addWidget(self._canvas, 1)
        self.paint()

    def draw(self, lines: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        """Show `lines`, points (step, value) by name."""
        self._canvas.clear()
        self.has_points = bool(lines)
        for place, points in enumerate(lines.values()):
            pen = QPen(QColor(theme.colours().accent), 2)
            pen.setCosmetic(True)
            pen.setStyle(_STYLES[place % len(_STYLES)])
            steps, values = zip(*points, strict=True)
            self._canvas.plot(
                list(steps),
                list(values),
                pen=pen,
                symbol="o",
                symbolSize=6,
                symbolPen=None,
                symbolBrush=QColor(theme.colours().accent),
            )
        parts = [
            self._latest(points, name if len(lines) > 1 else "") for name, points in lines.items()
        ]
        self.words.setText(f"{self._title}: {', '.join(parts)}" if parts else self._title)
        self._canvas.setAccessibleName(self.words.text())

    def paint(self) -> None:
        """Take the colours of the theme."""
        colours = theme.colours()
        self._canvas.setBackground(QColor(colours.card))
        for side in ("left", "bottom"):
            axis = self._canvas.getAxis(side)
            axis.setPen(QPen(QColor(colours.border)))
            axis.setTextPen(QPen(QColor(colours.muted)))
        self._canvas.showGrid(x=True, y=True, alpha=0.25)

    def _latest(self, points: Sequence[tuple[float, float]], name: str) -> str:
        value = points[-1][1]
        shown = f"{decimal(100 * value, 1)} %" if self._is_share else significant(value, 3)
        return f"{shown} ({name})" if name else shown
