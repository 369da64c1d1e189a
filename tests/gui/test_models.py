"""Lists that change in small steps, and words made from numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from photoclust.core.progress import Progress
from photoclust.core.types import ClusterId, Group, GroupKind
from photoclust.gui import text
from photoclust.gui.models.lists import GroupModel, PhotoModel
from photoclust.gui.models.stacks import Stacks
from photoclust.gui.views.cards import GroupCard
from photoclust.gui.views.picking import PickGrid

lists = st.lists(st.integers(0, 40), unique=True)


def group(number, faces=3, name=None):
    kind = GroupKind.PERSON if name else GroupKind.CLUSTER
    return Group(ClusterId(number), kind, name, faces, faces, None)


@given(before=lists, after=lists)
def test_any_list_becomes_any_other_and_indexes_follow_their_items(before, after):
    model = PhotoModel(Stacks())
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_items(before)
    kept = {item: QPersistentModelIndex(model.index_of(item)) for item in before}
    model.set_items(after)
    assert list(model.items) == after
    for item, index in kept.items():
        assert index.isValid() == (item in after)
        if item in after:
            assert index.row() == after.index(item)


def test_a_changed_item_is_told(qtbot):
    model = GroupModel()
    model.set_items([group(1), group(2)])
    with qtbot.waitSignal(model.dataChanged) as told:
        model.set_items([group(1), group(2, faces=4)])
    assert told.args[0].row() == 1
    assert model.item(1).faces == 4


def test_the_grid_keeps_what_is_at_its_top_when_groups_come_and_go(qtbot):
    from photoclust.gui.thumbnails import Thumbnails

    model = GroupModel()
    thumbnails = Thumbnails()
    grid = PickGrid(model, GroupCard(thumbnails), "People")
    qtbot.addWidget(grid)
    grid.resize(700, 500)
    grid.show()
    groups = [group(number) for number in range(1, 200)]
    grid.show_items(groups)
    qtbot.wait(20)
    grid.verticalScrollBar().setValue(2000)
    top = model.item(grid.indexAt(grid.viewport().rect().topLeft()).row()).key
    height = grid.visualRect(model.index_of(top)).top()
    grid.show_items([group(number) for number in range(300, 330)] + groups[:5] + groups[8:])
    qtbot.wait(20)
    assert grid.visualRect(model.index_of(top)).top() == height
    thumbnails.shut_down()


def test_a_grid_with_nothing_in_it_is_painted(qtbot):
    from photoclust.gui.thumbnails import Thumbnails

    thumbnails = Thumbnails()
    grid = PickGrid(GroupModel(), GroupCard(thumbnails), "People", title=lambda _: "A heading")
    qtbot.addWidget(grid)
    grid.resize(300, 200)
    picture = grid.grab().toImage()
    assert picture.pixelColor(20, 20) == picture.pixelColor(150, 150)
    thumbnails.shut_down()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (8, "8 seconds"),
        (43, "45 seconds"),
        (100, "2 minutes"),
        (3599, "1 h 0 min"),
        (7900, "2 h 12 min"),
    ],
)
def test_durations(seconds, words):
    assert text.duration(seconds) == words


def test_progress_in_words():
    scan = Progress("Finding faces", 120, 3400, 4.2, 781.0)
    assert text.progress_details(scan) == (
        "120 of 3\u202f400 photos · 4.2 photos/s · about 13 minutes left"
    )
    assert text.progress_details(Progress("Looking for photos", 5, None, 1, None)) == (
        "5 photos so far"
    )


def test_the_stages_that_count_faces_are_those_of_the_services():
    from photoclust.cluster import neighbors
    from photoclust.services import grouping, recognition

    stages = {grouping.STAGE, neighbors.STAGE, recognition.STAGE}
    assert stages == {stage for stage, unit in text.STAGE_UNITS.items() if unit == "face"} - {
        "Running the frozen part of the network"
    }


@pytest.mark.train
def test_the_stages_of_a_training_are_known():
    from photoclust.training import bootstrap, loop, views

    units = {views.STAGE: "face", loop.STAGE: "step", bootstrap.STAGE: "draw"}
    assert units.items() <= text.STAGE_UNITS.items()


def test_a_path_that_is_not_utf8_can_be_shown():
    from pathlib import Path

    assert text.shown_path(Path("bad\udcff.jpg")) == "bad�.jpg"


def test_tooltips_escape_what_they_show():
    assert "<b>" not in text.tooltip("<b>Anna</b>")
