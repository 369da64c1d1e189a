"""The list of trainings of a library, and how one is thrown away."""

from datetime import UTC, datetime

import pytest

from photoclust.core.errors import LibraryError, UserError
from photoclust.services import training_runs
from photoclust.services.training_runs import Figure, RunState
from photoclust.store.database import Library
from photoclust.training.options import Kind
from photoclust.training.run_folder import write_failure

FIRST, SECOND, THIRD = (f"2026112{day}-101500-0000000{day}" for day in (1, 2, 3))


@pytest.fixture
def place(library):
    return library.folder / "training"


def test_the_latest_come_first_with_what_became_of_them(library, place, write_run):
    write_run(place / FIRST, accepted=True)
    write_run(place / THIRD, accepted=None)
    write_run(place / SECOND, accepted=False)
    (place / "cache").mkdir()
    (place / ".20261124-101500-00000004.tmp").mkdir()
    third, second, first = training_runs.runs(library)
    assert [run.state for run in (first, second, third)] == [
        RunState.ACCEPTED,
        RunState.REFUSED,
        RunState.UNFINISHED,
    ]
    assert first.begun == datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
    assert first.recipe is Kind.HEAD
    assert first.model == f"own-{FIRST}"
    assert (second.model, third.model) == (None, None)
    assert first.gain == pytest.approx(0.25)
    assert (second.gain, third.gain) == (0.0, None)


def test_one_that_failed_says_why_until_it_is_done(place, write_run):
    folder = write_run(place / FIRST, accepted=None)
    write_failure(folder, "the embedding collapsed")
    run = training_runs.run(folder)
    assert (run.state, run.reason) == (RunState.FAILED, "the embedding collapsed")
    write_run(folder, accepted=True)
    assert training_runs.run(folder).state is RunState.ACCEPTED
    other = write_run(place / SECOND, accepted=None)
    (other / "failure.json").write_text("{")
    assert training_runs.run(other).state is RunState.UNFINISHED


def test_there_are_none_in_a_new_library(library):
    assert training_runs.runs(library) == []


def test_a_model_that_was_removed_is_not_offered(library, place, write_run):
    write_run(place / FIRST, accepted=True)
    (library.folder / "models" / f"own-{FIRST}").rmdir()
    (run,) = training_runs.runs(library)
    assert (run.state, run.model) == (RunState.ACCEPTED, None)


def test_figures_leave_out_sets_that_were_not_measured(place, write_run):
    run = training_runs.run(write_run(place / FIRST, accepted=True))
    assert run.figures == (
        Figure("People trained on, other photos", "1 in 1,000", 0.6, 0.85),
        Figure("People trained on, other photos", "1 in 10,000", 0.5, 0.5),
        Figure("Strangers", "1 in 1,000", 0.9, 0.9),
        Figure("Strangers", "1 in 10,000", 0.8, 0.8),
    )


def test_pictures_are_told_by_the_set_that_they_show(place, write_run):
    run = training_runs.run(write_run(place / FIRST, accepted=True))
    pictures = run.pictures("dark")
    assert [path.name for _, path in pictures] == [
        "roc-0-dark.png",
        "distances-0-dark.png",
        "roc-1-dark.png",
        "distances-1-dark.png",
        "training-dark.png",
    ]
    assert pictures[2][0].startswith("Strangers: recognised")
    assert run.report.name == "report.html"
    (run.folder / "report" / "roc-1-dark.png").unlink()
    assert len(run.pictures("dark")) == 4


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"accepted": true, "model": "x"}'])
def test_a_damaged_result_counts_as_cut_off(place, write_run, content):
    folder = write_run(place / FIRST, accepted=True)
    (folder / "result.json").write_text(content)
    assert training_runs.run(folder).state is RunState.UNFINISHED


def test_a_damaged_request_leaves_the_rest_readable(place, write_run):
    folder = write_run(place / FIRST, accepted=False)
    (folder / "run.json").write_text("{")
    run = training_runs.run(folder)
    assert (run.recipe, run.state) == (None, RunState.REFUSED)


def test_curves_are_those_of_each_way_of_mining_also_half_written(place, write_run):
    folder = write_run(place / FIRST, accepted=None, looks=2)
    (folder / "random").mkdir()
    (folder / "random" / "curve.jsonl").write_text('{"step": 25.0, "loss": 0.2}\n{"step": 5')
    curves = training_runs.curves(folder)
    assert [look["step"] for look in curves["semi-hard"]] == [25.0, 50.0]
    assert curves["random"] == [{"step": 25.0, "loss": 0.2}]
    assert set(curves) == {"semi-hard", "random"}


def test_discarding_takes_the_model_along_and_nothing_else(library, place, write_run):
    gone, kept = (write_run(place / name, accepted=True) for name in (FIRST, SECOND))
    training_runs.discard(library, gone)
    assert [path.name for path in place.iterdir()] == [SECOND]
    assert [path.name for path in (library.folder / "models").iterdir()] == [f"own-{SECOND}"]
    assert training_runs.run(kept).model == f"own-{SECOND}"


def test_only_trainings_of_the_library_are_discarded(library, tmp_path, write_run):
    other = write_run(tmp_path / "other" / "training" / FIRST, accepted=None)
    with pytest.raises(UserError, match="is no training of the library"):
        training_runs.discard(library, other)
    assert other.is_dir()


def test_nothing_is_discarded_in_a_library_that_cannot_be_written(library, place, write_run):
    folder = write_run(place / FIRST, accepted=False)
    with (
        Library(library.folder, look_only=True) as opened,
        pytest.raises(LibraryError, match="cannot be changed"),
    ):
        training_runs.discard(opened, folder)
    assert folder.is_dir()


def test_what_cannot_be_deleted_is_told(library, place, write_run, monkeypatch):
    folder = write_run(place / FIRST, accepted=False)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(training_runs.shutil, "rmtree", refuse)
    with pytest.raises(UserError, match=f"{FIRST} cannot be deleted"):
        training_runs.discard(library, folder)
