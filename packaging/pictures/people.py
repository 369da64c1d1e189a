"""Views of people: the list, a person, a group that is named, single faces and questions."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from photoclust.core.types import GroupKind
from photoclust.gui.operations.review import Mode
from photoclust.gui.reviewing import Asked
from photoclust.gui.views.picking import PickGrid
from photoclust.gui.views.unnamed import Part
from photoclust.services.questions import FaceQuestion, Kind
from pictures.rest import NotOfferedError, wait_for
from pictures.stage import Stage, View


def _narrowed(stage: Stage) -> None:
    stage.pages.people.tools.field.setText((stage.person().name or "")[:2])


def _nobody_found(stage: Stage) -> None:
    stage.pages.people.tools.field.setText("xyzzy")


def _choose(stage: Stage, grid: PickGrid, number: int) -> None:
    """Choose the first `number` of `grid` by keys."""
    if grid.model().rowCount() < number:
        raise NotOfferedError(f"fewer than {number} can be chosen")
    grid.make_current(grid.model().index(0, 0))
    grid.setFocus()
    if not grid.picked:
        stage.press(Qt.Key.Key_Space)
    for _ in range(number - 1):
        stage.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)


def _chosen(stage: Stage) -> None:
    _choose(stage, stage.pages.people.grid, 3)


def _hidden(stage: Stage) -> None:
    overview = stage.window.shared.overview
    if overview is None or not overview.hidden:
        raise NotOfferedError("nobody is hidden")
    page = stage.pages.people
    page.tools.show_hidden.setChecked(True)
    page.tools.hidden_wanted.emit(True)
    stage.rest()
    page.grid.verticalScrollBar().setValue(page.grid.verticalScrollBar().maximum())


def _named_in_its_place(stage: Stage) -> None:
    page = stage.pages.people
    page.grid.make_current(page.model.index_of(stage.unnamed().key))
    page.grid.setFocus()
    stage.press(Qt.Key.Key_F2)


def _which_name_stays(stage: Stage) -> None:
    page = stage.pages.people
    if len([group for group in stage.groups[:2] if group.name]) < 2:
        raise NotOfferedError("the first two have no names")
    _choose(stage, page.grid, 2)
    page.acts.merge_chosen()


def _menu_of_people(stage: Stage) -> None:
    page = stage.pages.people
    menu = next(
        (button.menu() for button in page.tools.findChildren(QToolButton) if button.menu()),
        None,
    ) or next(iter(page.tools.findChildren(QMenu)))
    menu.popup(page.tools.mapToGlobal(QPoint(page.tools.width() - 240, page.tools.height())))


# --- a person or group ----------------------------------------------------------------------------


def _person(stage: Stage) -> None:
    stage.window.show_group(stage.person())
    stage.rest()


def _person_about(stage: Stage) -> None:
    stage.window.show_details(stage.person())


def _person_photos(stage: Stage) -> None:
    _person(stage)
    stage.pages.group.tools.photos_button.click()


def _person_chosen(stage: Stage) -> None:
    _person(stage)
    _choose(stage, stage.pages.group.grid, 2)


def _out_of_place(stage: Stage) -> None:
    page = stage.pages.group
    for person in stage.groups:
        if person.kind is not GroupKind.PERSON:
            continue
        stage.window.show_group(person)
        stage.rest()
        page.tools.doubt_button.click()
        wait_for(page.tools.doubt_button.isEnabled, "the faces that look out of place")
        stage.rest()
        if not page.note.isHidden():
            return
    raise NotOfferedError("no face looks out of place")


def _with_somebody(stage: Stage) -> None:
    page = stage.pages.group
    for person in stage.groups:
        if person.kind is not GroupKind.PERSON:
            continue
        stage.window.show_details(person)
        stage.rest()
        if page.panel.companions:
            page.panel.companions[0].click()
            wait_for(lambda: not page.note.isHidden(), "the photos of both")
            return
    raise NotOfferedError("nobody is seen with somebody who has a name")


def _group(stage: Stage) -> None:
    stage.window.show_group(stage.unnamed())
    stage.rest()


def _completions(stage: Stage) -> None:
    name = stage.person().name or ""
    _group(stage)
    stage.write(name[:1])


def _who_is_meant(stage: Stage) -> None:
    name = stage.person().name or ""
    _group(stage)
    editor = stage.pages.group.editor
    stage.write(name)
    stage.press(Qt.Key.Key_Return)
    wait_for(editor.choices.isVisible, "the question who is meant")


# --- single faces and questions -------------------------------------------------------------------


def _unnamed(part: Part) -> Callable[[Stage], None]:
    """Shows one of the parts of what has no name."""

    def show(stage: Stage) -> None:
        stage.window.show_list("unnamed")
        stage.rest()
        stage.pages.unnamed.show_part(part)

    return show


def _single_face_chosen(stage: Stage) -> None:
    _unnamed(Part.FACES)(stage)
    stage.rest()
    page = stage.pages.unnamed.single_faces
    if not page.model.rowCount():
        raise NotOfferedError("no face is single")
    page.grid.select(page.model.index(0))


def _question(mode: Mode, wanted: Callable[[Asked], bool], what: str) -> Callable[[Stage], None]:
    """Shows the first question of `mode` of which `wanted` holds."""

    def show(stage: Stage) -> None:
        page = stage.pages.review
        stage.window.show_list("review")
        other = Mode.DOUBTFUL if mode is not Mode.DOUBTFUL else Mode.WHO
        for each in (other, mode):  # what was skipped before is forgotten
            page.header.modes[each].click()
            wait_for(
                lambda: page.reviewing.found is not None and not page.reviewing.is_reading,
                "the questions",
            )
        stage.rest()
        found = page.reviewing.found
        for _ in range(0 if found is None else found.count):
            if page.reviewing.current is None or wanted(page.reviewing.current):
                break
            page.reviewing.skip()
        if page.reviewing.current is None or not wanted(page.reviewing.current):
            raise NotOfferedError(f"there is no question {what}")

    return show


def _is_kind(kind: Kind, *, several: bool = False) -> Callable[[Asked], bool]:
    def wanted(question: Asked) -> bool:
        right = isinstance(question, FaceQuestion) and question.kind is kind
        return right and (
            not several or (isinstance(question, FaceQuestion) and question.count > 1)
        )

    return wanted


def _any(_: Asked) -> bool:
    return True


_first = _question(Mode.WHO, _any, "who somebody is")


def _question_named(stage: Stage) -> None:
    _first(stage)
    stage.press(Qt.Key.Key_W)


def _question_photo(stage: Stage) -> None:
    _first(stage)
    stage.press(Qt.Key.Key_Space)


def _nothing_to_ask(stage: Stage) -> None:
    page = stage.pages.review
    stage.window.show_list("review")
    for mode in Mode:
        page.header.modes[mode].click()
        wait_for(
            lambda: page.reviewing.found is not None and not page.reviewing.is_reading,
            "the questions",
        )
        stage.rest()
        if page.reviewing.current is None:
            return
    raise NotOfferedError("every list of questions holds some")


def _better_groups(stage: Stage) -> None:
    stage.window.show_list("review")
    stage.pages.review.header.regroup.click()


def _better_groups_found(stage: Stage) -> None:
    _better_groups(stage)
    part = stage.pages.review.regroup
    if not part.model.rowCount():
        part.look()
        wait_for(lambda: not stage.window.job_bar.rows, "better groups", seconds=120)
        stage.rest()


VIEWS = (
    View("people", lambda stage: stage.window.show_list("people"), main=True),
    View("people-narrowed", _narrowed),
    View("people-nobody-found", _nobody_found),
    View("people-chosen", _chosen, main=True),
    View("people-hidden", _hidden),
    View("people-naming", _named_in_its_place, main=True),
    View("people-which-name", _which_name_stays),
    View("people-menu", _menu_of_people, main=True),
    View("person", _person, main=True),
    View("person-about", _person_about, main=True),
    View("person-photos", _person_photos),
    View("person-chosen", _person_chosen, main=True),
    View("person-out-of-place", _out_of_place),
    View("person-with-somebody", _with_somebody),
    View("group", _group, main=True),
    View("group-completions", _completions),
    View("group-who-is-meant", _who_is_meant, main=True),
    View("unnamed", _unnamed(Part.GROUPS), main=True),
    View("single-faces", _unnamed(Part.FACES), main=True),
    View("single-face-chosen", _single_face_chosen),
    View("review", _first, main=True),
    View("review-is-it", _question(Mode.WHO, _is_kind(Kind.IS), "whether it is somebody")),
    View(
        "review-are-they",
        _question(Mode.WHO, _is_kind(Kind.IS, several=True), "whether several are somebody"),
    ),
    View("review-who", _question(Mode.WHO, _is_kind(Kind.WHO), "that is open")),
    View("review-naming", _question_named),
    View("review-photo", _question_photo),
    View("review-one-person", _question(Mode.ONE_PERSON, _any, "whether two are one"), main=True),
    View("review-out-of-place", _question(Mode.DOUBTFUL, _any, "about a doubtful face"), main=True),
    View("review-better-groups", _better_groups, main=True),
    View("review-better-groups-found", _better_groups_found, main=True),
)
DONE = (View("review-end", _nothing_to_ask),)
"""Of a library in which everybody has a name."""
