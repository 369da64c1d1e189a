"""What is drawn is what there is to show, in both schemes, and nothing global is touched."""

import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from photoclust.training.curves import Curve, Harmonic, Panel, roc, set_curves
from photoclust.training.plots import (
    DARK,
    LIGHT,
    LOOKS,
    distances_plot,
    harmonic_plot,
    png,
    roc_plot,
    training_plot,
)


@pytest.fixture
def shown(make_faces):
    before, people = make_faces(1, [6] * 8, dimension=32, noise=1.0)
    after, _ = make_faces(1, [6] * 8, dimension=32, noise=0.8)
    return set_curves(before, after, people)


def contrast(one, other):
    """Of two colours #rrggbb, as WCAG defines it."""

    def luminance(colour):
        parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_roc_curves_differ_in_dash_and_colour(shown, look):
    (axes,) = roc_plot(shown, look).axes
    before, after = axes.get_lines()
    assert np.array_equal(before.get_ydata(), shown.roc_before.val)
    assert np.array_equal(after.get_ydata(), shown.roc_after.val)
    assert before.get_linestyle() != after.get_linestyle()
    assert before.get_color() != after.get_color()
    assert (axes.get_xscale(), axes.get_xlim()) == ("log", (1e-5, 1.0))
    low, high = axes.get_ylim()
    assert low < shown.roc_before.val.min()
    assert high > 1


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_what_is_drawn_can_be_told_from_the_background(look):
    assert contrast(look.text, look.background) > 4.5
    for colour in (look.before, look.after, *look.series):
        assert contrast(colour, look.background) > 2.5


def test_distances_have_one_scale(shown):
    upper, lower = distances_plot(shown, LIGHT).axes
    assert upper.get_ylim() == lower.get_ylim()
    assert upper.get_xlim() == lower.get_xlim()
    same, different = (line.get_ydata() for line in upper.get_lines())
    assert np.array_equal(same, shown.distances_before.same)
    assert np.array_equal(different, shown.distances_before.different)
    last = np.flatnonzero(shown.distances_after.different).max()
    assert upper.get_xlim()[1] >= shown.distances_after.edges[last + 1]


def test_harmonic_curves_are_three(shown):
    curves = Harmonic(shown.roc_before, shown.roc_after, roc(np.array([0.5]), np.array([0.1])))
    (axes,) = harmonic_plot(curves, DARK).axes
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["old and old", "new and new", "new and old"]
    assert len({line.get_linestyle() for line in axes.get_lines()}) == 3


def runs(title, names):
    steps = np.arange(20.0)
    return Panel(title, tuple(Curve(name, steps, steps / 10) for name in names))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_each_figure_of_a_training_has_a_panel(count):
    names = [f"run ${number}" for number in range(7)]
    figure = training_plot([runs(f"figure {number}", names) for number in range(count)], LIGHT)
    visible = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in visible] == [f"figure {n}" for n in range(count)]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == names
    looks = {(line.get_color(), line.get_linestyle()) for line in visible[0].get_lines()}
    assert len(looks) >= 5


def test_a_run_looks_the_same_in_every_panel():
    figure = training_plot([runs("loss", ["a", "b"]), runs("spread", ["b"])], LIGHT)
    first, second = figure.axes
    assert first.get_lines()[1].get_color() == second.get_lines()[0].get_color()


def test_missing_values_are_left_out_and_few_are_marked():
    curve = Curve("a", np.arange(4.0), np.array([np.nan, 1, np.inf, 2]))
    (line,) = training_plot([Panel("VAL", (curve,))], LIGHT).axes[0].get_lines()
    assert line.get_xdata().tolist() == [1, 3]
    assert line.get_marker() == "o"
    nothing = Curve("a", np.arange(1.0), np.array([np.nan]))
    assert png(training_plot([Panel("VAL", (nothing,))], LIGHT))


def test_no_label_is_cut_off_and_no_two_overlap(shown):
    for figure in (
        roc_plot(shown, LIGHT),
        distances_plot(shown, LIGHT),
        training_plot([runs(f"figure {n}", ["semi-hard", "hardest"]) for n in range(3)], LIGHT),
    ):
        figure.canvas.draw()
        width, height = figure.get_size_inches()
        drawn = figure.get_tightbbox()
        assert drawn.x0 >= 0
        assert drawn.y0 >= 0
        assert drawn.x1 <= width
        assert drawn.y1 <= height
        for axes in (axes for axes in figure.axes if axes.get_visible()):
            low, high = axes.get_xlim()
            ticks = axes.get_xticklabels()
            shown_ticks = [text for text in ticks if low <= text.get_position()[0] <= high]
            labels = [axes.xaxis.label, axes.yaxis.label, axes.title, *shown_ticks]
            boxes = [text.get_window_extent() for text in labels if text.get_text()]
            assert not any(
                one.overlaps(other)
                for place, one in enumerate(boxes)
                for other in boxes[place + 1 :]
            )


def test_the_same_plot_is_the_same_file_and_no_window_library_is_loaded(shown):
    file = png(roc_plot(shown, LIGHT))
    assert file.startswith(b"\x89PNG")
    assert file == png(roc_plot(shown, LIGHT)) != png(roc_plot(shown, DARK))
    assert "matplotlib.pyplot" not in sys.modules
