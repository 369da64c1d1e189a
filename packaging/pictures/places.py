"""Views of photos, of files that failed, of training, settings, searches, history and news."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QMenu

from photoclust.gui.operations import news
from photoclust.services.training import Prepared
from photoclust.services.training_runs import SETS, Figure, Run, RunState
from photoclust.training.options import Kind
from pictures.rest import NotOfferedError, wait_for
from pictures.stage import Stage, View

# --- photos ---------------------------------------------------------------------------------------


def _photos_chosen(stage: Stage) -> None:
    stage.window.show_list("photos")
    stage.rest()
    grid = stage.pages.photos.grid
    grid.select_rows([range(1, min(4, stage.pages.photos.model.rowCount()))])


def _photos_menu(stage: Stage) -> None:
    _photos_chosen(stage)
    page = stage.pages.photos
    page.grid.menu_wanted.emit(page.grid.mapToGlobal(QPoint(120, 120)))


def _photo(stage: Stage) -> None:
    stage.open_photo(lambda view: len(view.faces) > 1, "more than one face")


def _photo_with_unnamed(stage: Stage) -> None:
    stage.open_photo(
        lambda view: any(face.person is None for face in view.faces), "a face without a name"
    )


def _photo_face(stage: Stage) -> None:
    _photo(stage)
    face, _ = stage.pages.photo.canvas.faces[0]
    stage.pages.photo.canvas.select(face.id)


def _photo_pass(stage: Stage) -> None:
    _photo_with_unnamed(stage)
    stage.press(Qt.Key.Key_F2)


def _photo_zoomed(stage: Stage) -> None:
    _photo(stage)
    stage.pages.photo.canvas.zoom_full()


def _photo_drawing(stage: Stage) -> None:
    _photo(stage)
    stage.press(Qt.Key.Key_D)


def _photo_tagging(stage: Stage) -> None:
    _photo(stage)
    stage.press(Qt.Key.Key_T)


def _photo_tagged(stage: Stage) -> None:
    stage.open_photo(lambda view: bool(view.unseen), "somebody without a face")


def _photo_without_faces(stage: Stage) -> None:
    stage.open_photo(lambda view: not view.faces and not view.unseen, "nobody in it")


def _failure_chosen(stage: Stage) -> None:
    stage.window.show_list("failures")
    stage.rest()
    page = stage.pages.failures
    if not page.model.rowCount():
        raise NotOfferedError("no file failed")
    page.table.selectRow(0)


# --- training -------------------------------------------------------------------------------------

_FOLDER = Path("training") / "20260101-120000"
_LOOKS = {
    mining: [
        {
            "step": float(step),
            "loss": 0.2 * 0.98**step + low,
            "active": 0.6 * 0.985**step,
            "spread": 1.2 + 0.004 * step,
            "val": 0.9 - 0.3 * 0.97**step - low,
        }
        for step in range(0, 200, 10)
    ]
    for mining, low in (("semi-hard", 0.02), ("hardest", 0.05))
}
_FIGURES = tuple(
    Figure(title, told, before, after)
    for title, told, before, after in (
        (SETS["trained"], "1 in 1,000", 0.912, 0.964),
        (SETS["trained"], "1 in 10,000", 0.811, 0.903),
        (SETS["strangers"], "1 in 1,000", 0.951, 0.949),
        (SETS["strangers"], "1 in 10,000", 0.902, 0.904),
    )
)


def _run(state: RunState, reason: str = "", model: str | None = None) -> Run:
    done = state in {RunState.ACCEPTED, RunState.REFUSED}
    begun = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return Run(_FOLDER, begun, Kind.BLOCKS, state, reason, _FIGURES if done else (), model)


def _training(stage: Stage) -> None:
    stage.window.show_list("training")
    stage.rest()


def _training_waits(stage: Stage) -> None:
    _training(stage)
    stage.window.trainings.queued.emit()


def _training_runs(stage: Stage) -> None:
    _training_waits(stage)
    stage.window.trainings.begun.emit()
    prepared = Prepared(_FOLDER, 12, 1_345, 2_210, (), is_begun=False)
    stage.window.trainings.prepared.emit(prepared)
    stage.pages.training.progress.show_curves(_LOOKS)


def _training_of(run: Run) -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        _training(stage)
        stage.pages.training.show_run(run)
        stage.rest()

    return show


# --- settings, search and what was done -----------------------------------------------------------


def _settings(stage: Stage, *, to_end: bool = False) -> None:
    stage.window.show_list("settings")
    stage.rest()
    for area in stage.pages.settings.findChildren(QAbstractScrollArea):
        bar = area.verticalScrollBar()
        bar.setValue(bar.maximum() if to_end else 0)


def _type_search(stage: Stage, words: str) -> None:
    stage.window.search()
    wait_for(stage.window.searching.box.hasFocus, "the search box to have the keyboard")
    stage.write(words)
    stage.rest()


def _search_for(words: str | None) -> Callable[[Stage], None]:
    """Searches for `words`; None: for somebody with a name."""

    def show(stage: Stage) -> None:
        wanted = words if words is not None else f'"{stage.person().name}"'
        _type_search(stage, wanted)
        stage.window.searching.box.popup.hide()  # or Enter might take what it offers
        stage.press(Qt.Key.Key_Return)
        page = stage.window.pages.search
        wait_for(lambda: stage.window.page is page, f"the photos found by {wanted}")
        stage.rest()

    return show


def _search_completions(stage: Stage) -> None:
    _type_search(stage, "")
    stage.write((stage.person().name or "")[:1])
    wait_for(stage.window.searching.box.popup.isVisible, "completions of a search")


def _told(stage: Stage) -> None:
    stage.window.notices.complain(
        "/media/family/Photos/2019 Summer holidays with everybody cannot be read: it is on a disk "
        "that is not connected"
    )


def _menu(place: int) -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        bar = stage.window.menuBar()
        action = bar.actions()[place]
        menu = action.menu()
        assert isinstance(menu, QMenu)
        menu.popup(bar.mapToGlobal(bar.actionGeometry(action).bottomLeft()))

    return show


def _list(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.window.show_list(name)


def _news(stage: Stage) -> None:
    """Everything is new."""
    page = stage.pages.news
    stage.window.stack.open(page)
    stage.window.shared.read(lambda library: news.news(library, ""), page.show_news)


VIEWS = (
    View("photos", _list("photos"), main=True),
    View("photos-chosen", _photos_chosen),
    View("photos-menu", _photos_menu, main=True),
    View("years", _list("years"), main=True),
    View("photo", _photo, main=True),
    View("photo-face", _photo_face),
    View("photo-pass", _photo_pass, main=True),
    View("photo-zoomed", _photo_zoomed),
    View("photo-drawing", _photo_drawing),
    View("photo-tagging", _photo_tagging, main=True),
    View("photo-tagged", _photo_tagged),
    View("photo-without-faces", _photo_without_faces),
    View("failures", _list("failures"), main=True),
    View("failure-chosen", _failure_chosen),
    View("training", _training, main=True),
    View("training-waits", _training_waits),
    View("training-runs", _training_runs, main=True),
    View("training-cut-off", _training_of(_run(RunState.UNFINISHED))),
    View("training-failed", _training_of(_run(RunState.FAILED, "the disk is full"))),
    View(
        "training-accepted",
        _training_of(
            _run(RunState.ACCEPTED, "recognises more of the people that it was trained with", "own")
        ),
        main=True,
    ),
    View(
        "training-refused",
        _training_of(_run(RunState.REFUSED, "recognises fewer of the other people")),
    ),
    View("settings", _settings, main=True),
    View("settings-end", partial(_settings, to_end=True), main=True),
    View("search", _search_for(None), main=True),
    View("search-nothing", _search_for("1875"), main=True),
    View("search-wrong", _search_for("2012 (or"), main=True),
    View("search-completions", _search_completions, main=True),
    View("history", lambda stage: stage.window.show_history(), main=True),
    View("news", _news, main=True),
    View("complaint", _told),
    *(
        View(f"menu-{name}", _menu(place), main=True)
        for place, name in enumerate(("file", "edit", "go", "view", "help"))
    ),
)
