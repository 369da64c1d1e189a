"""Another grouping as a difference in the window: told, accepted, left alone, taken back."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from photoclust.cluster import Grouping
from photoclust.gui.tasks import Lane
from photoclust.services import browse, grouping, history, naming
from photoclust.services.neighbour_index import Found
from photoclust.store import cluster_table
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def groups(tmp_path, crowd_in):
    """Folder and faces of a library: four each in g1, g2 and Anna; four wait."""
    folder = tmp_path / "library"
    with Library(folder) as library:
        ids = crowd_in(library).photos_of(1, 16)
        with library.write() as tx:
            parts = [ids[:4], ids[4:8], ids[8:12]]
            cluster_table.replace_clusters(tx, [ClusterContent(None, None, part) for part in parts])
        naming.name(library, "g3", "Anna")
    return folder, ids


@pytest.fixture
def come_to(monkeypatch):
    """`come_to(labels)`: what the clustering comes to, face by face."""

    def set_labels(labels):
        def call(_measured, _function, vectors, _index, *, control, **_):
            control.checkpoint()
            found = Grouping(np.array(labels, np.int64), np.zeros(len(vectors), np.float32), 0)
            return Found(found, "state"), 1.0

        monkeypatch.setattr(grouping.child, "call", call)

    return set_labels


@pytest.fixture
def part(qtbot, open_window, groups, come_to):
    """One face of g1 goes to g2, one that waits to Anna, and three that wait become a group."""
    come_to([0] * 3 + [1] * 5 + [2] * 5 + [3] * 3)
    window = open_window(groups[0])
    window.show_list("review")
    page = window.pages.review
    qtbot.mouseClick(page.header.regroup, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.regroup.look_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.regroup.model.rowCount() > 0)
    return page.regroup


def homes(groups):
    folder, ids = groups
    with Library(folder, look_only=True) as library:
        return [
            f"p{face.person}" if face.person else f"g{face.cluster}" if face.cluster else None
            for face in browse.faces_by_id(library, ids)
        ]


def listed(part):
    return [(change.title, change.size) for change in part.model.items]


def choose(part, title):
    row = next(row for row, change in enumerate(part.model.items) if change.title == title)
    part.list.setCurrentIndex(part.model.index(row))


def settle(qtbot, part):
    qtbot.waitUntil(lambda: not part._shared.desk._jobs)


def test_what_would_change_is_listed_with_faces_and_nothing_changes(qtbot, part, groups):
    before = ["g1"] * 4 + ["g2"] * 4 + ["p1"] * 4 + [None] * 4
    assert homes(groups) == before
    assert sorted(listed(part)) == [
        ("A new group", "+3"),
        ("Anna", "+1"),
        ("Without a name", "+1"),
        ("Without a name", "−1"),
    ]
    choose(part, "A new group")
    assert part.name.text() == "A new group"
    qtbot.waitUntil(lambda: part.coming.model.rowCount() == 3)
    assert {face.id for face in part.coming.model.items} == set(groups[1][13:])
    assert part.going.isHidden()
    assert homes(groups) == before


def test_one_change_is_accepted_and_the_rest_stays_to_be_seen(qtbot, part, groups):
    choose(part, "Anna")
    qtbot.keyClick(part.list, Key.Key_Y)
    settle(qtbot, part)
    after = homes(groups)
    assert after[12] == "p1"
    assert after[:4] + after[13:] == ["g1"] * 4 + [None] * 3
    assert "Anna" not in [title for title, _ in listed(part)]
    assert len(listed(part)) == 3
    qtbot.keyClick(part, Key.Key_Z, CTRL)
    settle(qtbot, part)
    assert homes(groups)[12] is None
    assert ("Anna", "+1") in listed(part)


def test_what_is_accepted_for_somebody_is_decided_and_outlasts_its_group(qtbot, part, groups):
    choose(part, "Anna")
    qtbot.keyClick(part.list, Key.Key_Y)
    settle(qtbot, part)
    ids = groups[1]
    library = part._shared.library.opened
    (face,) = browse.faces_by_id(library, [ids[12]])
    assert (face.person, face.confirmed) == (1, True)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [])
    assert browse.faces_by_id(library, [ids[12]])[0].person == 1


def test_what_is_accepted_is_in_the_history_and_undone_from_the_banner(qtbot, part, groups):
    before = homes(groups)
    window = part.window()
    choose(part, "A new group")
    qtbot.keyClick(part.list, Key.Key_Y)
    settle(qtbot, part)
    assert window.notice.message == "3 faces moved to better groups."
    with Library(groups[0], look_only=True) as library:
        (newest, *_) = history.acts(library, limit=5)
    assert newest.title == "Moved to better groups: 3 faces"
    assert newest.undoable
    assert newest.is_next
    qtbot.mouseClick(window.notice._button, Qt.MouseButton.LeftButton)
    settle(qtbot, part)
    assert homes(groups) == before
    assert ("A new group", "+3") in listed(part)
    window.history.redo()
    settle(qtbot, part)
    assert len(set(homes(groups)[13:])) == 1
    assert homes(groups)[13] is not None


def test_what_was_undone_from_the_banner_is_not_undone_again(qtbot, part, groups):
    before = homes(groups)
    for title in ("A new group", "Anna"):
        choose(part, title)
        qtbot.keyClick(part.list, Key.Key_Y)
        settle(qtbot, part)
    window = part.window()
    qtbot.mouseClick(window.notice._button, Qt.MouseButton.LeftButton)
    settle(qtbot, part)
    assert homes(groups)[12] is None
    qtbot.mouseClick(part.undo_button, Qt.MouseButton.LeftButton)
    settle(qtbot, part)
    assert homes(groups) == before


def test_a_new_group_is_accepted_by_itself(qtbot, part, groups):
    choose(part, "A new group")
    qtbot.mouseClick(part.accept_button, Qt.MouseButton.LeftButton)
    settle(qtbot, part)
    after = homes(groups)
    assert len(set(after[13:])) == 1
    assert after[13] is not None
    assert after[12] is None


def test_what_is_left_alone_stays_whoever_else_is_accepted(qtbot, part, groups):
    choose(part, "Anna")
    qtbot.keyClick(part.list, Key.Key_N)
    assert "Anna" not in [title for title, _ in listed(part)]
    qtbot.keyClick(part.list, Key.Key_A)
    settle(qtbot, part)
    after = homes(groups)
    assert after[12] is None
    assert after[3] == "g2"
    assert after[13] is not None
    assert part.start.title.text() == "That was all"
    assert part.can_undo
    qtbot.keyClick(part, Key.Key_Z, CTRL)
    settle(qtbot, part)
    qtbot.keyClick(part, Key.Key_Z, CTRL)
    assert ("Anna", "+1") in listed(part)
    assert homes(groups)[3] == "g1"


def test_everything_is_accepted_and_taken_back(qtbot, part, groups):
    before = homes(groups)
    qtbot.mouseClick(part.all_button, Qt.MouseButton.LeftButton)
    settle(qtbot, part)
    assert homes(groups)[3] == "g2"
    assert homes(groups)[12] == "p1"
    qtbot.mouseClick(part.undo_button, Qt.MouseButton.LeftButton)
    settle(qtbot, part)
    back = homes(groups)
    assert back[:12] == before[:12]
    assert back[12:] == before[12:]
    assert ("Anna", "+1") in listed(part)


def test_a_faces_name_given_meanwhile_is_heeded(qtbot, part, groups):
    part._shared.name(f"f{groups[1][12]}", "Eve", lambda _: None)
    qtbot.waitUntil(lambda: "Anna" not in [title for title, _ in listed(part)])
    qtbot.keyClick(part.list, Key.Key_A)
    settle(qtbot, part)
    assert homes(groups)[12] not in {"p1", None}


def test_looking_can_be_cancelled(qtbot, open_window, groups, monkeypatch):
    def call(_measured, _function, _vectors, _index, *, control, **_):
        while True:
            control.checkpoint()

    monkeypatch.setattr(grouping.child, "call", call)
    window = open_window(groups[0])
    window.show_list("review")
    page = window.pages.review
    qtbot.mouseClick(page.header.regroup, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.regroup.look_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.job_bar.isVisible)
    (row,) = window.job_bar.rows
    qtbot.mouseClick(row.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.shared.desk.jobs(Lane.SCAN))
    assert window.notice.message == "Cancelled. Nothing was changed."
    assert page.regroup.look_button.isVisible()


def test_no_better_groups_are_told(qtbot, open_window, groups, come_to):
    come_to([0] * 4 + [1] * 4 + [2] * 4 + [-1] * 4)
    window = open_window(groups[0])
    window.show_list("review")
    page = window.pages.review
    qtbot.mouseClick(page.header.regroup, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.regroup.look_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: page.regroup.start.title.text() == "The groups are as good as they get",
    )


def test_keys_answer_wherever_the_keyboard_is_and_it_comes_to_the_first_proposal(
    qtbot, part, groups
):
    window = part.window()
    assert window.focusWidget() is part.list
    assert part.list.currentIndex().row() == 0
    before, number = homes(groups), part.model.rowCount()
    window.navigation.list.setFocus()
    qtbot.keyClick(window.focusWidget(), Key.Key_N)
    assert part.model.rowCount() < number
    assert len(part._steps) == 1
    window.navigation.list.setFocus()
    qtbot.keyClick(window.focusWidget(), Key.Key_Y)
    qtbot.waitUntil(lambda: homes(groups) != before)
    settle(qtbot, part)
    window.show_list("people")
    window.show_list("review")
    assert window.focusWidget() is part.list
    assert part.list.currentIndex().row() == 0
    window.navigation.list.setFocus()
    row = next(r for r in range(9) if window.navigation.list.item(r).text() == "Review")
    place = window.navigation.list.visualItemRect(window.navigation.list.item(row)).center()
    qtbot.mouseClick(window.navigation.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.focusWidget() is part.list


def test_the_keyboard_comes_to_the_first_proposal_when_the_list_is_chosen_again(qtbot, part):
    window = part.window()
    page = window.pages.review
    part.list.setCurrentIndex(part.model.index(2))
    qtbot.mouseClick(next(iter(page.header.modes.values())), Qt.MouseButton.LeftButton)
    assert not part.isVisible()
    qtbot.mouseClick(page.header.regroup, Qt.MouseButton.LeftButton)
    assert window.focusWidget() is part.list
    assert part.list.currentIndex().row() == 2, "where one was is kept"
