"""Reviewing as a user does it: real keys and clicks on a library of made-up faces."""

import threading
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.gui.operations import review as operations
from photoclust.gui.operations.review import Mode
from photoclust.services import browse, deciding, history, naming, recognition
from photoclust.services.questions import Reply
from photoclust.store import cluster_table
from photoclust.store import people as people_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
ASKING = Settings(theme="light", naming_precision=1.0)
"""Nobody is named automatically, so that all are asked about."""


class Album:
    """Twelve people of four named faces each; eight faces of the first of them by themselves, four
    of the second and five of a stranger in groups, and nine that are one stranger in two.
    """

    def __init__(self, folder, crowd_in):
        self.folder = folder
        with Library(folder) as library:
            crowd = crowd_in(library)
            for number in range(12):
                first, *others = crowd.photos_of(number, 4)
                named = naming.name(library, f"f{first}", f"Person {number}")
                keys = [f"f{face}" for face in others]
                deciding.move(library, keys, f"p{named.person}")
            self.alone = crowd.photos_of(0, 8)
            self.group = crowd.photos_of(1, 4)
            self.stranger = crowd.photos_of(50, 5)
            self.halves = crowd.photos_of(51, 5), crowd.photos_of(51, 4)
            with library.write() as tx:
                groups = (self.group, self.stranger, *self.halves)
                contents = [ClusterContent(None, None, faces) for faces in groups]
                cluster_table.add_to_clusters(tx, contents, ())
            recognition.recognize(library, ASKING)

    def shown(self, faces):
        """The names that `faces` are shown with."""
        with Library(self.folder, look_only=True) as library:
            found = browse.faces_by_id(library, faces)
            with library.read() as tx:
                return [
                    None if face.person is None else people_store.person_name(tx, face.person)
                    for face in found
                ]

    def entries(self):
        """What the journal tells, the newest first."""
        with Library(self.folder, look_only=True) as library:
            return [history.title(entry) for entry in history.entries(library, limit=30)]


@pytest.fixture(scope="session")
def made_album(tmp_path_factory, crowd_in, without_processes):
    with without_processes():
        return Album(tmp_path_factory.mktemp("reviewed") / "library", crowd_in)


@pytest.fixture
def album(made_album, tmp_path):
    import copy
    import shutil

    album = copy.copy(made_album)
    album.folder = shutil.copytree(made_album.folder, tmp_path / "library")
    return album


@pytest.fixture
def window(qtbot, open_window, album):
    window = open_window(album.folder)
    window.show_list("review")
    reviewing = window.pages.review.reviewing
    qtbot.waitUntil(lambda: None not in (reviewing.current, reviewing.found))
    return window


@pytest.fixture
def page(window):
    return window.pages.review


def press(qtbot, page, *keys):
    for key in keys:
        qtbot.keyClick(page, key)


def settle(qtbot, page):
    """Wait until all is written and read."""
    desk = page._shared.desk
    qtbot.waitUntil(lambda: not desk._jobs and not page.reviewing._quiet.isActive())


def ask(qtbot, page, key):
    """Skip until the question about `key` is asked."""
    for _ in range(60):
        if page.reviewing.current.key == key:
            return page.reviewing.current
        press(qtbot, page, Key.Key_S)
        qtbot.waitUntil(lambda: page.reviewing.current is not None)
    raise AssertionError(f"nothing is asked about {key}")


def choose(qtbot, page, mode):
    qtbot.mouseClick(page.header.modes[mode], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.reviewing.mode is mode)
    settle(qtbot, page)


def key_of(album, faces):
    with Library(album.folder, look_only=True) as library:
        return f"g{browse.faces_by_id(library, faces[:1])[0].cluster}"


def test_the_page_is_below_people_with_the_number_of_questions(qtbot, window, page):
    item = window.navigation.list.item(1)
    assert item.text() == "Review"
    count = page.reviewing.found.count
    assert count == 8 + 4
    qtbot.waitUntil(lambda: item.data(Qt.ItemDataRole.AccessibleTextRole) == f"Review, {count}")
    assert page.header.modes[Mode.WHO].text() == f"Who is it?  {count}"


@pytest.fixture
def judging(monkeypatch):
    """To judge all faces waits until this is set."""
    questions, go_on = operations.questions, threading.Event()

    def later(*what):
        assert go_on.wait(20)
        return questions(*what)

    monkeypatch.setattr(operations, "questions", later)
    yield go_on
    go_on.set()


def test_the_first_questions_do_not_wait_for_all_faces_to_be_judged(
    qtbot, open_window, album, judging
):
    window = open_window(album.folder)
    window.show_list("review")
    page = window.pages.review
    qtbot.waitUntil(lambda: page.reviewing.current is not None)
    assert page.reviewing.found is None
    first = page.reviewing.current
    assert first.count == max(len(each) for each in (album.stranger, album.group, *album.halves))
    press(qtbot, page, Key.Key_U)
    second = page.reviewing.current
    assert second.id != first.id
    judging.set()
    settle(qtbot, page)
    # The place is kept, and what was answered meanwhile is not asked again.
    assert page.reviewing.current.id == second.id
    asked = [each.id for each in page.reviewing._queue]
    assert first.id not in asked
    assert len(asked) == page.reviewing.found.count - 1 >= 10


def test_a_kept_question_that_is_none_any_more_gives_way(
    qtbot, open_window, album, judging, monkeypatch
):
    kept = operations.kept_questions
    outdated = []

    def some(*what):
        outdated.append(replace(kept(*what)[0], key="g999"))
        return tuple(outdated)

    monkeypatch.setattr(operations, "kept_questions", some)
    window = open_window(album.folder)
    window.show_list("review")
    page = window.pages.review
    qtbot.waitUntil(lambda: page.reviewing.current is not None)
    assert page.reviewing.current.key == "g999"
    judging.set()
    qtbot.waitUntil(lambda: page.reviewing.current.key != "g999")
    settle(qtbot, page)


def test_kept_questions_are_asked_only_before_faces_are_judged(qtbot, window, page):
    library, settings = window.shared.library, window.shared.settings
    assert operations.kept_questions(library, settings) == ()


def test_a_question_shows_its_evidence(qtbot, page, album):
    face = album.alone[0]
    asked = ask(qtbot, page, f"f{face}")
    assert page.heading.text() == "Is this Person 0?"
    assert page.face_view.picture.face == face
    assert page.face_view.name.text() == "Person 0"
    assert page.face_view.sure.text().endswith(" %)")
    nearest = [each.picture.face for each in page.face_view.nearest]
    assert nearest == [each.face.id for each in asked.candidate.nearest]
    assert album.shown(nearest) == ["Person 0"] * 3
    words = [each.words.text() for each in page.face_view.nearest]
    assert all(each.endswith(" % alike") for each in words)
    assert words == sorted(words, reverse=True)
    other = asked.runner_up.name
    assert page.face_view.other_name.text().startswith(f"Or {other}?")
    assert page.answers.buttons[Reply.OTHER].words == f"It is {other}"


def test_the_face_asked_about_is_marked_where_another_is_seen_beside_it(qtbot, page, album):
    one, other = album.alone[:2]
    with page._shared.library.opened.write() as tx:
        tx.exec_driver_sql(
            "UPDATE face SET (photo_id, x, y) = (SELECT photo_id, x, y FROM face WHERE id = ?) "
            "WHERE id = ?",
            (one, other),
        )
    picture = page.face_view.picture
    ask(qtbot, page, f"f{one}")
    qtbot.waitUntil(lambda: picture.place is not None)
    assert picture.place.centre == pytest.approx((0.5, 0.5), abs=0.1)
    ask(qtbot, page, f"f{album.alone[2]}")
    assert picture.place is None


def test_yes_asks_the_next_at_once_and_is_written(qtbot, page, album):
    face = album.alone[0]
    ask(qtbot, page, f"f{face}")
    press(qtbot, page, Key.Key_Y)
    assert page.reviewing.current.key != f"f{face}"
    settle(qtbot, page)
    assert album.shown([face]) == ["Person 0"]
    assert f"f{face}" not in [each.key for each in page.reviewing._queue]


def test_letters_are_keys_of_the_page_while_the_navigation_has_the_keyboard(
    qtbot, window, page, album
):
    face = album.alone[0]
    ask(qtbot, page, f"f{face}")
    names = window.navigation.list
    names.setFocus()
    qtbot.keyClick(names, Key.Key_Y)
    settle(qtbot, page)
    assert window.stack.page is page
    assert album.shown([face]) == ["Person 0"]
    qtbot.keyClick(names, Key.Key_Down)
    assert window.stack.page is not page


def test_no_is_remembered(qtbot, page, album):
    face = album.alone[0]
    ask(qtbot, page, f"f{face}")
    qtbot.mouseClick(page.answers.buttons[Reply.NO], Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    assert album.shown([face]) == [None]
    assert album.entries()[0] == "Marked as somebody else: 1 face not Person 0"
    asked = [page.reviewing.current, *page.reviewing._queue]
    assert all(
        (each.key, each.candidate.name) != (f"f{face}", "Person 0")
        for each in asked
        if each.candidate
    )


def test_the_runner_up_is_one_key_away(qtbot, page, album):
    face = album.alone[0]
    other = ask(qtbot, page, f"f{face}").runner_up.name
    press(qtbot, page, Key.Key_2)
    settle(qtbot, page)
    assert album.shown([face]) == [other]


def test_what_is_no_face_is_none_from_then_on(qtbot, page, album):
    ask(qtbot, page, key_of(album, album.stranger))
    assert page.answers.buttons[Reply.NOT_A_FACE].words == "Not faces"
    press(qtbot, page, Key.Key_X)
    settle(qtbot, page)
    with Library(album.folder, look_only=True) as library:
        assert all(face.excluded for face in browse.faces_by_id(library, album.stranger))


def test_not_sure_is_not_asked_again(qtbot, page, album, open_window):
    face = album.alone[0]
    count = page.reviewing.found.count
    ask(qtbot, page, f"f{face}")
    press(qtbot, page, Key.Key_U)
    settle(qtbot, page)
    assert page.reviewing.found.count == count - 1
    assert album.entries()[0] == "Not sure whether somebody is Person 0"
    qtbot.waitUntil(lambda: page._shared.overview.questions == count - 1)


def test_a_group_is_named_as_a_whole(qtbot, page, album):
    ask(qtbot, page, key_of(album, album.group))
    assert page.heading.text() == "Are they Person 1?"
    press(qtbot, page, Key.Key_Return)
    settle(qtbot, page)
    assert album.shown(album.group) == ["Person 1"] * 4


def test_what_is_skipped_comes_again_after_all_others(qtbot, page):
    first = page.reviewing.current.id
    seen = []
    for _ in range(page.reviewing.found.count):
        seen.append(page.reviewing.current.id)
        press(qtbot, page, Key.Key_S)
    assert len(set(seen)) == len(seen)
    assert page.reviewing.current.id == first
    settle(qtbot, page)
    assert page.reviewing.current.id == first


def test_back_shows_the_question_before_and_takes_its_answer_back(qtbot, page, album):
    face = album.alone[0]
    asked = ask(qtbot, page, f"f{face}")
    press(qtbot, page, Key.Key_Y, Key.Key_S)
    after = page.reviewing.current
    qtbot.keyClick(page, Key.Key_Z, CTRL)
    qtbot.keyClick(page, Key.Key_Z, CTRL)
    assert page.reviewing.current.id == asked.id
    settle(qtbot, page)
    assert album.shown([face]) == [None]
    assert page.reviewing.current.id == asked.id
    assert after.id in [each.id for each in page.reviewing._queue]
    press(qtbot, page, Key.Key_Y)
    settle(qtbot, page)
    assert album.shown([face]) == ["Person 0"]


def test_undo_in_the_menu_goes_back_as_well(qtbot, window, page, album):
    face = album.alone[0]
    ask(qtbot, page, f"f{face}")
    press(qtbot, page, Key.Key_Y)
    settle(qtbot, page)
    qtbot.waitUntil(window.history.undo_action.isEnabled)
    window.history.undo_action.activate(QAction.ActionEvent.Trigger)
    assert page.reviewing.current.key == f"f{face}"
    settle(qtbot, page)
    assert album.shown([face]) == [None]


def test_ten_answers_a_second_lose_nothing(qtbot, page, album):
    keys = []
    for _ in range(8):
        keys.append(ask(qtbot, page, f"f{album.alone[len(keys)]}").key)
        press(qtbot, page, Key.Key_Y)
    assert len(set(keys)) == 8
    settle(qtbot, page)
    assert album.shown(album.alone) == ["Person 0"] * 8
    for _ in range(8):
        # Skipping went between: those are gone back over as well.
        while page.reviewing._given[-1].skipped:
            qtbot.keyClick(page, Key.Key_Z, CTRL)
        qtbot.keyClick(page, Key.Key_Z, CTRL)
    settle(qtbot, page)
    assert album.shown(album.alone) == [None] * 8


def test_the_next_question_does_not_wait_for_the_disk(qtbot, page, monkeypatch):
    write = operations.reply

    def slowly(*what):
        time.sleep(0.3)
        return write(*what)

    monkeypatch.setattr(operations, "reply", slowly)
    before = time.monotonic()
    seen = set()
    for _ in range(5):
        seen.add(page.reviewing.current.id)
        press(qtbot, page, Key.Key_U)
    assert time.monotonic() - before < 0.6
    assert len(seen) == 5
    settle(qtbot, page)


def test_answers_that_cannot_be_written_are_told_and_asked_again(qtbot, window, page, monkeypatch):
    write, refused = operations.reply, []

    def reply(library, question, said):
        if len(refused) < 3:
            refused.append(question.id)
            raise UserError("the disk is full")
        return write(library, question, said)

    monkeypatch.setattr(operations, "reply", reply)
    press(qtbot, page, Key.Key_U, Key.Key_U, Key.Key_U)
    settle(qtbot, page)
    qtbot.waitUntil(lambda: "3 answers could not be written" in window.notice.message)
    assert "the disk is full" in window.notice.message
    asked = {each.id for each in (page.reviewing.current, *page.reviewing._queue)}
    assert set(refused) <= asked
    assert not page.reviewing.can_go_back


def test_somebody_else_is_typed_and_enter_is_no_answer(qtbot, page, album):
    face = album.alone[0]
    ask(qtbot, page, f"f{face}")
    press(qtbot, page, Key.Key_W)
    edit = page.face_view.editor.edit
    assert page.focusWidget() is edit
    qtbot.keyClicks(edit, "syn")
    assert edit.text() == "syn"
    assert page.reviewing.current.key == f"f{face}"
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.waitUntil(lambda: page.reviewing.current.key != f"f{face}")
    settle(qtbot, page)
    assert album.shown([face]) == ["syn"]
    assert album.entries()[0] == "Named 1 face syn"
    qtbot.keyClick(page, Key.Key_Z, CTRL)
    settle(qtbot, page)
    assert page.reviewing.current.key == f"f{face}"
    assert album.shown([face]) == [None]


def test_escape_leaves_the_name_then_the_page_stays(qtbot, window, page, album):
    ask(qtbot, page, f"f{album.alone[0]}")
    press(qtbot, page, Key.Key_W)
    qtbot.keyClick(page.face_view.editor.edit, Key.Key_Escape)
    assert page.focusWidget() is not page.face_view.editor.edit
    assert page.face_view.editor.isHidden()
    assert window.page is page


def test_who_asks_for_a_name(qtbot, page, album):
    key = key_of(album, album.stranger)
    ask(qtbot, page, key)
    assert page.heading.text() == "Who are they?"
    assert not page.answers.can_say(Reply.YES)
    press(qtbot, page, Key.Key_Return)
    qtbot.keyClicks(page.face_view.editor.edit, "Zoe")
    qtbot.keyClick(page.face_view.editor.edit, Key.Key_Return)
    qtbot.waitUntil(lambda: page.reviewing.current.key != key)
    settle(qtbot, page)
    assert album.shown(album.stranger) == ["Zoe"] * 5


def test_space_shows_the_whole_photo_and_goes_with_an_answer(qtbot, page):
    press(qtbot, page, Key.Key_Space)
    assert page.peek.isVisible()
    press(qtbot, page, Key.Key_Space)
    assert page.peek.isHidden()
    qtbot.mouseClick(page.face_view.picture, Qt.MouseButton.LeftButton)
    assert page.peek.isVisible()
    press(qtbot, page, Key.Key_S)
    assert page.peek.isHidden()


def test_two_groups_become_one_person_or_stay_two(qtbot, page, album):
    choose(qtbot, page, Mode.ONE_PERSON)
    halves = {key_of(album, half) for half in album.halves}
    for _ in range(page.reviewing.found.count):
        asked = page.reviewing.current
        if {asked.one.key, asked.other.key} == halves:
            break
        press(qtbot, page, Key.Key_S)
    assert {asked.one.key, asked.other.key} == halves
    assert page.heading.text() == "Are they one person?"
    press(qtbot, page, Key.Key_N)
    settle(qtbot, page)
    assert asked.id not in page.reviewing.found.still_open
    qtbot.keyClick(page, Key.Key_Z, CTRL)
    assert page.reviewing.current.id == asked.id
    settle(qtbot, page)
    assert page.reviewing.current.id == asked.id
    press(qtbot, page, Key.Key_Y)
    settle(qtbot, page)
    with Library(album.folder, look_only=True) as library:
        faces = browse.faces_by_id(library, [*album.halves[0], *album.halves[1]])
    assert len({face.person for face in faces}) == 1
    assert faces[0].person is not None


@pytest.fixture
def slip(album):
    """A face of the first person that was said to be the second."""
    with Library(album.folder) as library:
        (second,) = browse.people_called(library, "Person 1")
        deciding.move(library, [f"f{album.alone[0]}"], second.key)
    return album.alone[0]


def test_a_face_out_of_place_is_put_right(qtbot, slip, page, album):
    choose(qtbot, page, Mode.DOUBTFUL)
    assert page.reviewing.current.key == f"f{slip}"
    assert page.heading.text() == "Is this really Person 1?"
    assert page.answers.buttons[Reply.OTHER].words == "It is Person 0"
    press(qtbot, page, Key.Key_2)
    settle(qtbot, page)
    assert album.shown([slip]) == ["Person 0"]
    assert page.nothing[Mode.DOUBTFUL].isVisible()


def test_a_face_looked_at_again_is_not_asked_about_again(qtbot, slip, page, album):
    choose(qtbot, page, Mode.DOUBTFUL)
    press(qtbot, page, Key.Key_Y)
    settle(qtbot, page)
    assert album.shown([slip]) == ["Person 1"]
    assert page.reviewing.found.count == 0
    assert album.entries()[0] == "Looked again at a face of Person 1"


def test_nobody_named_and_nothing_left_are_told_apart(qtbot, open_window, two_groups):
    window = open_window(two_groups)
    window.show_list("review")
    page = window.pages.review
    qtbot.waitUntil(page.nobody.isVisible)
    assert "0" not in page.header.modes[Mode.WHO].text()
    qtbot.mouseClick(page.people_button, Qt.MouseButton.LeftButton)
    assert window.page is window.pages.people
    for group in window.pages.people.model.items:
        window.shared.library.name(group.key, f"Somebody {group.key}")
    window.shared.decided.emit()
    window.show_list("review")
    qtbot.waitUntil(lambda: page.reviewing.found is not None and page.reviewing.found.anybody)
    settle(qtbot, page)
    while page.reviewing.current is not None:
        press(qtbot, page, Key.Key_N)
        settle(qtbot, page)
    assert page.nothing[Mode.WHO].isVisible()


def test_the_place_is_kept_when_somebody_is_named_elsewhere(qtbot, window, page, album):
    asked = ask(qtbot, page, f"f{album.alone[3]}")
    window.shared.name(f"f{album.alone[0]}", "Eve", lambda _: None)
    qtbot.waitUntil(lambda: "Eve" in window.shared.names())
    settle(qtbot, page)
    assert page.reviewing.current.id == asked.id
    assert f"f{album.alone[0]}" not in [each.key for each in page.reviewing._queue]


def test_a_question_settled_elsewhere_goes_and_keys_meant_for_it_do_nothing(
    qtbot, window, page, album
):
    asked = ask(qtbot, page, f"f{album.alone[3]}")
    window.shared.name(asked.key, "Eve", lambda _: None)
    qtbot.waitUntil(lambda: page.reviewing.current.id != asked.id)
    press(qtbot, page, Key.Key_Y)
    after = page.reviewing.current
    assert not [each for each in page.reviewing._given if not each.skipped]
    qtbot.wait(450)
    press(qtbot, page, Key.Key_N)
    assert page.reviewing.current.id != after.id
    settle(qtbot, page)


def test_progress_says_how_many_answers_are_left(qtbot, page, album):
    words = page.header.progress.text()
    left = int(words.split()[0])
    assert words == f"{left} answers to 95 % named"
    assert 0 < page.header.bar.value() < 1000
    ask(qtbot, page, key_of(album, album.group))
    before = page.header.bar.value()
    press(qtbot, page, Key.Key_Y)
    assert int(page.header.progress.text().split()[0]) == left - 1
    settle(qtbot, page)
    assert page.header.bar.value() > before


def test_names_are_shown_as_they_are_and_never_too_wide(qtbot, open_window, album):
    with Library(album.folder) as library:
        (first,) = browse.people_called(library, "Person 0")
        naming.name(library, first.key, "<b>Annegret</b> & " + "Annegret" * 22)
    window = open_window(album.folder)
    window.resize(760, 520)
    window.show_list("review")
    page = window.pages.review
    qtbot.waitUntil(lambda: page.reviewing.current is not None)
    settle(qtbot, page)
    ask(qtbot, page, f"f{album.alone[0]}")
    assert page.heading.text().startswith("Is this <b>Annegret</b> & ")
    assert page.heading.textFormat() == Qt.TextFormat.PlainText
    assert "<b>" not in page.answers.buttons[Reply.OTHER].toolTip()
    qtbot.wait(10)
    assert window.width() == 760
    assert page.minimumSizeHint().width() <= 760 - window.navigation.width()


def test_a_library_that_cannot_be_changed_can_be_looked_at(qtbot, open_window, album):
    with Library(album.folder):
        window = open_window(album.folder)
        window.show_list("review")
        page = window.pages.review
        qtbot.waitUntil(lambda: page.reviewing.current is not None)
        asked = page.reviewing.current.id
        press(qtbot, page, Key.Key_Y, Key.Key_X, Key.Key_W)
        assert page.reviewing.current.id == asked
        assert "Nothing can be answered" in page.answers.buttons[Reply.NO].toolTip()
        press(qtbot, page, Key.Key_S)
        assert page.reviewing.current.id != asked
        window.close()
