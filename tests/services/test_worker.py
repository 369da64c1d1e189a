"""The inside of a worker, in this process, at the other end of a real pipe."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pytest

from photoclust.media.files import OriginalFile
from photoclust.services.analysis import AnalysisOptions, Analyst
from photoclust.services.worker import Unreadable, _Desk


@pytest.fixture(scope="module")
def analyst():
    return Analyst(AnalysisOptions())


@pytest.fixture
def desk(analyst):
    """A worker's desk, and the parent's end of its pipe."""
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        yield _Desk(theirs, analyst), ours


def said(pipe):
    messages = []
    while pipe.poll():
        messages.append(pipe.recv())
    return messages


def test_a_photo_that_cannot_be_embedded_does_not_cost_those_beside_it(desk, analyst, demo_album):
    desk, pipe = desk
    names = ["Space/astronaut.png", "2010 Blue Room/side by side.jpg"]
    for name in names:
        with OriginalFile(demo_album / name) as original:
            desk.pending.append(analyst.look(original, name))
    one, two = desk.pending
    misshapen = tuple(np.zeros((3, 3, 3), np.uint8) for _ in two.crops)
    desk.pending[1] = replace(two, crops=misshapen)

    desk.finish_pending()

    found, failed = said(pipe)
    assert found.path == one.analysis.path
    assert np.linalg.norm(found.faces[0].vector) == pytest.approx(1, abs=1e-3)
    assert isinstance(failed, Unreadable)
    assert failed.path == two.analysis.path
    assert "photoclust failed on it" in failed.reason
    assert not failed.try_again
    assert desk.pending == []


@pytest.mark.parametrize(
    ("error", "reason", "try_again"),
    [
        (MemoryError(), "there is not enough memory to read it", True),
        (RuntimeError("std::bad_alloc"), "there is not enough memory to read it", True),
        (
            RuntimeError("Failed to allocate memory for requested buffer of size 1"),
            "there is not enough memory to read it",
            True,
        ),
        (ValueError("a bug"), "photoclust failed on it (ValueError)", False),
    ],
)
def test_whatever_goes_wrong_with_a_file_is_its_outcome(desk, tmp_path, error, reason, try_again):
    desk, pipe = desk
    path = tmp_path / "a.jpg"

    with desk.recorded(path):
        raise error

    assert said(pipe) == [Unreadable(path, reason, try_again)]


def test_a_broken_pipe_is_no_failure_of_the_file(desk, tmp_path):
    desk, pipe = desk

    with pytest.raises(BrokenPipeError), desk.recorded(tmp_path / "a.jpg"):
        raise BrokenPipeError

    assert said(pipe) == []
