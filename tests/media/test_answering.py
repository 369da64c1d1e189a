"""File systems that do not answer: nobody waits long for them, and nothing else waits with them."""

import threading
import time

import pytest

from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl
from photoclust.media import answering
from photoclust.media.scan import WalkReport, walk


def waits():
    return [each for each in threading.enumerate() if each.name.startswith("asking ")]


def until(happened):
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def names(stats):
    return [stat.path.name for stat in stats]


def test_what_answers_is_given_and_what_is_raised_is_raised(tmp_path):
    assert answering.ask(tmp_path, lambda: 7) == 7
    with pytest.raises(FileNotFoundError):
        answering.ask(tmp_path, (tmp_path / "none").stat)
    assert not answering.is_silent(tmp_path)


def test_a_place_that_hangs_is_left_and_asked_no_more_until_it_answers(dead_server):
    place = dead_server.folder
    dead_server.die()
    with pytest.raises(TimeoutError):
        answering.ask(place, place.stat, limit_s=0.2)
    assert answering.is_silent(place / "in it")
    assert not answering.is_silent(place.parent)
    start = time.monotonic()
    for _ in range(20):
        assert not answering.is_folder(place / "in it")
    assert time.monotonic() - start < 0.2
    assert len(waits()) == 1
    dead_server.revive()
    until(lambda: not answering.is_silent(place))
    assert answering.is_folder(place)


def test_places_hang_at_the_same_time(dead_server):
    dead_server.die()
    places = [dead_server.folder / str(number) for number in range(5)]
    questions = {place: place.is_dir for place in places} | {dead_server.folder.parent: lambda: 1}
    start = time.monotonic()
    answers = answering.ask_all(questions, limit_s=0.3)
    assert time.monotonic() - start < 1
    assert answers.pop(dead_server.folder.parent) == 1
    assert all(isinstance(answer, TimeoutError) for answer in answers.values())


def test_a_root_that_hangs_is_told_and_the_others_are_walked(dead_server, tmp_path):
    for folder in (dead_server.folder, tmp_path / "disk"):
        folder.mkdir(exist_ok=True)
        (folder / "a.jpg").touch()
    dead_server.die()
    report = WalkReport()
    roots = [dead_server.folder, tmp_path / "disk"]
    assert names(walk(roots, (), report=report)) == ["a.jpg"]
    assert report.silent == [dead_server.folder]
    assert report.unreadable == []


def test_a_folder_that_hangs_in_a_walk_is_passed_over(dead_server, tmp_path):
    for name in ("before/a.jpg", "server/b.jpg", "then/c.jpg", "d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    dead_server.die()
    report = WalkReport()
    assert names(walk([tmp_path], (), report=report)) == ["d.jpg", "a.jpg", "c.jpg"]
    assert report.silent == [dead_server.folder]


def test_a_link_to_what_hangs_is_passed_over(dead_server, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").touch()
    (photos / "b").symlink_to(dead_server.folder)
    (photos / "c.jpg").touch()
    report = WalkReport()
    dead_server.die()
    if type(dead_server).__name__ == "HangingCalls":
        pytest.skip("a link is followed by C alone")
    assert names(walk([photos], (), report=report)) == ["a.jpg", "c.jpg"]
    assert report.silent == [photos / "b"]


def test_a_walk_that_hangs_is_cancelled(dead_server):
    dead_server.die()
    control = JobControl()
    found = answering.items(
        lambda steps: iter([dead_server.folder.stat()]),
        lambda: dead_server.folder,
        control,
        limit_s=60,
    )
    threading.Timer(0.1, control.cancel).start()
    start = time.monotonic()
    with pytest.raises(CancelledError):
        next(found)
    assert time.monotonic() - start < 1


def test_a_walk_that_is_held_for_long_does_not_hang(tmp_path):
    control = JobControl()
    steps = 20_000

    def produce(inner):
        for number in range(steps):
            inner.checkpoint()
            yield number

    found = answering.items(produce, lambda: tmp_path, control, limit_s=0.2)
    assert next(found) == 0
    control.pause()
    threading.Timer(0.6, control.resume).start()
    assert list(found) == list(range(1, steps))
    assert not answering.is_silent(tmp_path)
