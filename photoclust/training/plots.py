"""The plots of a training report, light and dark.

matplotlib's figures are used as objects: no backend is chosen and no state kept for the process.
Old and new differ in dash as well as in colour (of Okabe and Ito, told apart by the colour-blind).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter

from photoclust.training.curves import (
    LOWEST_FAR,
    Curve,
    Harmonic,
    Histogram,
    Panel,
    Roc,
    SetCurves,
)

_DPI = 160
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
_PAD_INCHES = 0.1
_MARKED = 12
"""A curve of up to so many points shows them."""


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a scheme; `series` for what is compared, one after the other."""

    name: str
    background: str
    text: str
    grid: str
    before: str
    after: str
    series: tuple[str, ...]


LIGHT = Look(
    "light",
    background="#ffffff",
    text="#1b1e33",
    grid="#d9deec",
    before="#0072b2",
    after="#d55e00",
    series=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000"),
)
DARK = Look(
    "dark",
    background="#232733",
    text="#eceef7",
    grid="#414960",
    before="#56b4e9",
    after="#e69f00",
    series=("#56b4e9", "#e69f00", "#00c08b", "#e09bc4", "#f0f0f0"),
)
LOOKS = (LIGHT, DARK)


def png(figure: Figure) -> bytes:
    """`figure` as the bytes of a PNG file, the same for the same figure."""
    buffer = io.BytesIO()
    # Without the version of the library, which the file would otherwise name.
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    return buffer.getvalue()


def roc_plot(curves: SetCurves, look: Look) -> Figure:
    """VAL over FAR before and after."""
    figure, (axes,) = _figure(look, 1, 1, (6.4, 4.2))
    _draw_roc(
        axes,
        [
            ("before", curves.roc_before, look.before, "--"),
            ("after", curves.roc_after, look.after, "-"),
        ],
        look,
    )
    return figure


def harmonic_plot(curves: Harmonic, look: Look) -> Figure:
    """VAL over FAR of old and new vectors, each among themselves and mixed."""
    figure, (axes,) = _figure(look, 1, 1, (6.4, 4.2))
    named = (
        ("old and old", curves.old_old, look.before, "--"),
        ("new and new", curves.new_new, look.after, "-"),
        ("new and old", curves.new_old, look.series[2], ":"),
    )
    _draw_roc(axes, named, look)
    return figure


def distances_plot(curves: SetCurves, look: Look) -> Figure:
    """How distances of pairs are spread, before above after."""
    figure, panels = _figure(look, 2, 1, (6.4, 4.8), share=True)
    shown = (("before", curves.distances_before), ("after", curves.distances_after))
    top = max(max(each.same.max(), each.different.max()) for _, each in shown)
    for axes, (name, spread) in zip(panels, shown, strict=True):
        _draw_histogram(axes, spread, look)
        axes.set_ylim(0, top * 1.05)
        axes.set_title(name, loc="left", fontsize=10, color=look.text)
    panels[0].set_xlim(0, _last_bin([spread for _, spread in shown]))
    panels[0].legend(loc="upper right", **_legend(look))
    panels[1].set_xlabel("squared distance of two faces")
    return figure


def training_plot(panels: Sequence[Panel], look: Look) -> Figure:
    """A figure over the steps in each of `panels`, of which there is one at least."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, places = _figure(look, rows, columns, (4.4 * columns, 2.9 * rows + 0.5))
    names = list(dict.fromkeys(curve.name for panel in panels for curve in panel.curves))
    lines = {}
    for axes, panel in zip(places, panels, strict=False):
        for curve in panel.curves:
            lines[curve.name] = _draw_curve(axes, curve, names.index(curve.name), look)
        axes.set_title(panel.title, loc="left", fontsize=10, color=look.text)
        axes.set_xlabel("step")
    for axes in places[len(panels) :]:
        axes.set_visible(False)
    if len(names) > 1:
        legend = figure.legend(
            [lines[name] for name in names],
            names,
            loc="outside lower center",
            ncols=min(len(names), 2 * columns),
            **_legend(look),
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
    return figure


def _draw_curve(axes: Axes, curve: Curve, place: int, look: Look) -> Line2D:
    known = np.isfinite(curve.values)
    (line,) = axes.plot(
        curve.steps[known],
        curve.values[known],
        color=look.series[place % len(look.series)],
        linestyle=_DASHES[place % len(_DASHES)],
        marker="o" if known.sum() <= _MARKED else None,
        markersize=3.5,
        linewidth=1.6,
    )
    return line


def _draw_roc(axes: Axes, curves: Sequence[tuple[str, Roc, str, str]], look: Look) -> None:
    lowest = 1.0
    for name, curve, colour, dash in curves:
        axes.plot(curve.far, curve.val, label=name, color=colour, linestyle=dash, linewidth=1.9)
        lowest = min(lowest, float(curve.val.min()))
    axes.set_xscale("log")
    axes.set_xlim(LOWEST_FAR, 1)
    axes.xaxis.set_major_locator(LogLocator(10, numticks=8))
    axes.xaxis.set_minor_locator(NullLocator())
    # Most of what happens does so just below 100 %.
    margin = max(1 - lowest, 0.01) * 0.06
    axes.set_ylim(max(lowest - margin, 0), 1 + margin)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("different people taken for one (FAR)")
    axes.set_ylabel("same person recognised (VAL)")
    axes.legend(loc="lower right", **_legend(look))


def _draw_histogram(axes: Axes, spread: Histogram, look: Look) -> None:
    for name, shares, colour, dash in (
        ("same person", spread.same, look.series[2], "-"),
        ("different people", spread.different, look.series[3], "--"),
    ):
        # Through the middles of the bins: dashes on the steps of stairs would be ragged.
        middles = (spread.edges[1:] + spread.edges[:-1]) / 2
        axes.plot(middles, shares, label=name, color=colour, linestyle=dash, linewidth=1.6)
        axes.fill_between(middles, shares, color=colour, alpha=0.18, linewidth=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylabel("share of pairs")


def _last_bin(spreads: Sequence[Histogram]) -> float:
    """The end of the last bin in which there is anything."""
    filled = [np.flatnonzero(each.same + each.different).max() for each in spreads]
    return float(spreads[0].edges[max(filled) + 1])


def _figure(
    look: Look, rows: int, columns: int, size: tuple[float, float], *, share: bool = False
) -> tuple[Figure, list[Axes]]:
    layout = ConstrainedLayoutEngine(w_pad=_PAD_INCHES, h_pad=_PAD_INCHES)
    figure = Figure(figsize=size, layout=layout, facecolor=look.background)
    FigureCanvasAgg(figure)
    places = figure.subplots(rows, columns, sharex=share, squeeze=False).ravel().tolist()
    for axes in places:
        axes.set_facecolor(look.background)
        axes.grid(color=look.grid, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.tick_params(colors=look.text, labelsize=9)
        axes.xaxis.label.set_color(look.text)
        axes.yaxis.label.set_color(look.text)
        for name, spine in axes.spines.items():
            spine.set_color(look.grid)
            spine.set_visible(name in {"left", "bottom"})
    return figure, places


def _legend(look: Look) -> dict[str, Any]:
    return {
        "facecolor": look.background,
        "edgecolor": look.grid,
        "labelcolor": look.text,
        "fontsize": 9,
    }
