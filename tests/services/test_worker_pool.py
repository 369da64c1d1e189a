"""Real worker processes on photos of the demo album."""

import multiprocessing
import os
import shutil
import struct
import sys
import time
from collections import Counter, deque
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from PIL.ExifTags import Base

from photoclust.core.errors import CancelledError, ModelError
from photoclust.core.progress import JobControl
from photoclust.core.types import ModelId
from photoclust.media import decode, files
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.services import worker_pool
from photoclust.services.analysis import AnalysisOptions, Analyst, PhotoAnalysis
from photoclust.services.file_clock import FileClock
from photoclust.services.worker import Started
from photoclust.services.worker_pool import (
    Known,
    SamePicture,
    Unreadable,
    WorkerLimits,
    analyse,
)
from photoclust.vision.finder import WORKING_SIDE

OPTIONS = AnalysisOptions()
HANG_S = 60


@pytest.fixture(scope="module")
def album(demo_album, tmp_path_factory):
    """Copies of some photos, by what is special about them."""
    folder = tmp_path_factory.mktemp("album")
    names = {
        "one": "Space/astronaut.png",
        "two": "2010 Blue Room/side by side.jpg",
        "none": "coffee break.webp",
        "broken": "2012 Oval Office/half copied.jpg",
        "close": "2012 Oval Office/close-up.webp",
    }
    files = {}
    for key, name in names.items():
        files[key] = folder / f"{key}{Path(name).suffix}"
        shutil.copyfile(demo_album / name, files[key])
    files["missing"] = folder / "missing.jpg"
    return files


@pytest.fixture(scope="module")
def blanks(tmp_path_factory):
    """Pictures that take next to no time, for tests in which time counts."""
    folder = tmp_path_factory.mktemp("blank")
    files = [folder / f"{grey}.png" for grey in (10, 20, 30, 40)]
    for path in files:
        Image.new("L", (64, 64), int(path.stem)).save(path)
    return files


def digest_of(path):
    with OriginalFile(path) as original:
        return original.content_hash()


def by_path(outcomes):
    found = {}
    for outcome in outcomes:
        assert outcome.path not in found, "a file had two outcomes"
        found[outcome.path] = outcome
    return found


def pool_processes():
    """The workers alive below this process."""
    return [
        process
        for process in psutil.Process().children()
        if "spawn_main" in " ".join(process.cmdline())
    ]


@pytest.fixture(scope="module")
def outcomes(album):
    """What two workers say about every file; the close-up is said to be known."""
    known = digest_of(album["close"])
    asked = []

    def is_known(digest):
        asked.append(digest)
        return digest == known

    found = by_path(analyse(album.values(), OPTIONS, workers=2, is_known=is_known))
    return found, asked


# What comes out


def test_every_file_has_one_outcome(album, outcomes):
    assert outcomes[0].keys() == {*album.values()}


@pytest.mark.parametrize(("key", "faces"), [("one", 1), ("two", 2), ("none", 0)])
def test_a_photo_comes_with_all_there_is_to_know(album, outcomes, key, faces):
    found = outcomes[0][album[key]]
    assert isinstance(found, PhotoAnalysis)
    assert found.digest == digest_of(album[key])
    assert found.stat.size == album[key].stat().st_size
    assert found.stat.mtime_ns == album[key].stat().st_mtime_ns
    assert len(found.faces) == len(found.thumbnails) == faces
    for face, jpeg in zip(found.faces, found.thumbnails, strict=True):
        assert np.linalg.norm(face.vector) == pytest.approx(1, abs=1e-3)
        assert 0 < face.quality <= 1
        assert jpeg.startswith(b"\xff\xd8\xff")


def test_vectors_go_to_their_own_faces_also_when_photos_share_a_batch(album, outcomes):
    """The same as one photo at a time in this process."""
    analyst = Analyst(OPTIONS)
    for key in ("one", "two"):
        with OriginalFile(album[key]) as original:
            (alone,) = analyst.embed([analyst.look(original, "")])
        found = outcomes[0][album[key]]
        assert found.faces == alone.faces
        for face, expected in zip(found.faces, alone.faces, strict=True):
            np.testing.assert_allclose(face.vector, expected.vector, atol=1e-4)


@pytest.mark.parametrize(
    ("key", "reason"), [("broken", "truncated"), ("missing", "the file is gone")]
)
def test_a_file_without_a_picture_says_why(album, outcomes, key, reason):
    found = outcomes[0][album[key]]
    assert isinstance(found, Unreadable)
    assert reason in found.reason


def test_a_known_file_is_not_looked_at(album, outcomes):
    found = outcomes[0][album["close"]]
    assert isinstance(found, Known)
    assert found.digest == digest_of(album["close"])
    assert found.stat.size == album["close"].stat().st_size


def test_every_content_is_asked_for_once(album, outcomes):
    readable = [path for key, path in album.items() if key != "missing"]
    assert sorted(outcomes[1]) == sorted(map(digest_of, readable))


def test_a_known_picture_is_read_but_no_face_is_looked_for(album, tmp_path):
    """Beside it lies a file with another picture, so that the question decides."""
    rated = tmp_path / "rated.jpg"
    exif = Image.Exif()
    exif[Base.DateTime] = "2012:05:06 07:08:09"
    block = exif.tobytes()
    content = album["two"].read_bytes()
    app1 = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    rated.write_bytes(content[:2] + app1 + content[2:])
    asked = []

    def is_known_picture(picture_digest):
        asked.append(picture_digest)
        return picture_digest == read_picture(album["two"], max_side=WORKING_SIDE).digest()

    paths = [rated, album["one"]]
    found = by_path(analyse(paths, OPTIONS, workers=1, is_known_picture=is_known_picture))

    assert digest_of(rated) != digest_of(album["two"])
    same = found[rated]
    assert isinstance(same, SamePicture)
    assert same.digest == digest_of(rated)
    assert same.stat.size == rated.stat().st_size
    assert same.metadata.taken_at.year == 2012
    other = found[album["one"]]
    assert isinstance(other, PhotoAnalysis)
    assert len(other.faces) == 1
    assert asked == [same.picture_digest, other.picture_digest]


def test_no_picture_is_asked_about_where_the_content_is_known(blanks):
    asked = []
    outcomes = list(
        analyse(blanks, OPTIONS, workers=1, is_known=lambda _: True, is_known_picture=asked.append)
    )
    assert {type(outcome) for outcome in outcomes} == {Known}
    assert asked == []


def test_no_files_need_no_workers():
    assert list(analyse([], OPTIONS, workers=2)) == []
    assert pool_processes() == []


# What goes wrong


def test_a_file_that_kills_its_worker_is_a_failure_and_the_rest_is_done(album):
    """The worker is killed while it waits to hear whether its second file is known."""
    order = [album[key] for key in ("one", "two", "none", "close")]
    culprit = digest_of(album["two"])
    killed = []

    def is_known(digest):
        if digest == culprit:
            for worker in pool_processes():
                worker.kill()
                worker.wait(HANG_S)
                killed.append(worker.pid)
        return False

    found = by_path(analyse(order, OPTIONS, workers=1, is_known=is_known))
    assert len(killed) == 1
    assert found.keys() == set(order)
    assert found.pop(album["two"]) == Unreadable(
        album["two"], "the file made the reader crash", try_again=True
    )
    assert all(isinstance(outcome, PhotoAnalysis) for outcome in found.values())


def test_a_file_that_hangs_its_worker_is_a_failure_and_the_rest_is_done(blanks):
    culprit = digest_of(blanks[0])

    def is_known(digest):
        if digest == culprit:
            for worker in pool_processes():
                worker.suspend()
        return False

    limits = WorkerLimits(file_s=1.0, still_s=2.0)
    found = by_path(analyse(blanks, OPTIONS, workers=1, is_known=is_known, limits=limits))
    assert found.keys() == set(blanks)
    assert found.pop(blanks[0]) == Unreadable(blanks[0], "the file took too long to read")
    assert all(isinstance(outcome, PhotoAnalysis) for outcome in found.values())


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    """100 megapixels in one compressed strip: small on the disk, 700 MB while it is decoded."""
    path = tmp_path_factory.mktemp("heavy") / "heavy.tif"
    picture = Image.new("RGB", (10_000, 10_000), (90, 80, 70))
    picture.save(path, compression="tiff_adobe_deflate", tiffinfo={278: 10_000})
    return path


def test_a_worker_that_takes_too_much_memory_is_ended_and_the_rest_is_done(heavy, blanks):
    limits = WorkerLimits(resident_bytes=400 * 2**20)
    paths = [*blanks[:2], heavy, *blanks[2:]]
    found = by_path(analyse(paths, OPTIONS, workers=1, limits=limits))
    assert found.keys() == set(paths)
    assert found.pop(heavy) == Unreadable(heavy, "the file took too much memory to read")
    assert {type(outcome) for outcome in found.values()} == {PhotoAnalysis}


@pytest.mark.skipif(sys.platform != "linux", reason="no limit on what is allocated here")
def test_a_file_that_needs_too_much_memory_fails_alone_and_its_worker_lives(heavy, blanks):
    workers = set()

    def is_known(_):
        workers.update(worker.pid for worker in pool_processes())
        return False

    limits = WorkerLimits(allowance_bytes=300 * 2**20)
    paths = [*blanks[:2], heavy, *blanks[2:]]
    found = by_path(analyse(paths, OPTIONS, workers=1, limits=limits, is_known=is_known))
    assert found.keys() == set(paths)
    reason = "there is not enough memory to decode it"
    assert found.pop(heavy) == Unreadable(heavy, reason, try_again=True)
    assert {type(outcome) for outcome in found.values()} == {PhotoAnalysis}
    assert len(workers) == 1


def test_what_a_library_prints_about_a_damaged_file_is_not_seen(heavy, tmp_path, capfd):
    """libtiff writes to the terminal itself."""
    damaged = bytearray(heavy.read_bytes())
    damaged[200:400] = bytes(200)
    path = tmp_path / "damaged.tif"
    path.write_bytes(damaged)
    (found,) = analyse([path], OPTIONS, workers=1)
    assert isinstance(found, Unreadable)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="no limit on what is allocated here")
def test_networks_without_memory_make_failures_of_their_files(album):
    """Decoding has enough; finding the faces or their vectors has not."""
    files = [album["one"], album["close"]]
    limits = WorkerLimits(allowance_bytes=12 * 2**20)
    found = by_path(analyse(files, OPTIONS, workers=1, limits=limits))
    reason = "there is not enough memory to read it"
    assert found == {path: Unreadable(path, reason, try_again=True) for path in files}


def test_the_largest_pictures_allowed_fit_into_what_a_worker_may_take():
    """Pillow's own four bytes a pixel, and a TIFF strip of the 2 GiB that libtiff allows."""
    limits = WorkerLimits()
    strip = 2**31
    assert limits.allowance_bytes > 1.1 * (4 * decode.MAX_PIXELS + strip)
    assert limits.resident_bytes > limits.allowance_bytes


def test_a_file_that_changes_between_its_hash_and_its_pixels_is_tried_again(tmp_path):
    """One too large to be held in memory."""
    path = tmp_path / "large.bmp"
    side = 6_800
    content = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54)
    content += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
    path.write_bytes(content)
    os.truncate(path, 54 + 3 * side * side)
    assert path.stat().st_size > files.IN_MEMORY_BYTES

    def is_known(_):
        with path.open("r+b") as file:
            file.write(b"BM")
        os.utime(path, ns=(0, 0))
        return False

    (found,) = analyse([path], OPTIONS, workers=1, is_known=is_known)
    assert isinstance(found, Unreadable)
    assert "it changed while it was read" in found.reason
    assert found.try_again


def test_workers_that_cannot_start_end_the_run(album):
    class KillsNewWorkers(JobControl):
        def checkpoint(self):
            for worker in pool_processes():
                worker.kill()
            super().checkpoint()

    with pytest.raises(ModelError, match="cannot be run"):
        list(analyse([album["one"]], OPTIONS, workers=1, control=KillsNewWorkers()))


def test_a_model_that_is_not_there_ends_the_run(album):
    options = AnalysisOptions(embedder=ModelId("no-such-model"))
    with pytest.raises(ModelError, match="no-such-model"):
        list(analyse([album["one"], album["two"]], options, workers=1))
    assert pool_processes() == []


def test_cancelling_ends_the_workers_at_once(album):
    control = JobControl()
    started = []

    def is_known(_):
        started.append(time.monotonic())
        control.cancel()
        return False

    with pytest.raises(CancelledError):
        list(analyse(album.values(), OPTIONS, workers=2, is_known=is_known, control=control))
    assert time.monotonic() - started[0] < HANG_S
    assert pool_processes() == []


def test_the_time_a_run_was_held_counts_against_no_file(blanks):
    suspended = []
    held = []

    class Held(JobControl):
        def checkpoint(self):
            if suspended and not held:
                held.append(time.sleep(2.5))
            elif suspended:  # the worker goes on only after it was looked at once more
                suspended.pop().resume()
            super().checkpoint()

    def is_known(digest):
        if digest == digest_of(blanks[0]):
            suspended.extend(pool_processes())
            for worker in suspended:
                worker.suspend()
        return False

    options = {"limits": WorkerLimits(file_s=1.0, still_s=1.0), "control": Held()}
    outcomes = list(analyse(blanks, OPTIONS, workers=1, is_known=is_known, **options))
    assert {type(outcome) for outcome in outcomes} == {PhotoAnalysis}
    assert len(outcomes) == len(blanks)


def test_an_error_of_the_asker_comes_out_and_leaves_no_worker(album):
    def is_known(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(analyse(album.values(), OPTIONS, workers=2, is_known=is_known))
    assert pool_processes() == []


def test_stopping_half_way_leaves_no_worker(album):
    outcomes = analyse(album.values(), OPTIONS, workers=2)
    next(outcomes)
    outcomes.close()
    assert pool_processes() == []


# The parent's side of one worker, on a pipe without a process behind it


@pytest.fixture
def pipe():
    ours, theirs = multiprocessing.Pipe()
    yield ours, theirs
    for end in (ours, theirs):
        end.close()


def no(_):
    return False


def a_worker(pipe):
    process = multiprocessing.get_context("spawn").Process()
    limits = WorkerLimits()
    clock = FileClock(limits.file_s, limits.still_s, lambda: 0.0)
    return worker_pool._Worker(process, pipe, limits, lambda: 0, clock)


@pytest.mark.skipif(os.name != "posix", reason="writes to the pipe's file descriptor")
def test_a_worker_that_dies_in_the_middle_of_a_message_is_lost(pipe):
    ours, theirs = pipe
    worker = a_worker(ours)
    theirs.send(Started(Path("/a.jpg")))
    os.write(theirs.fileno(), struct.pack("!i", 1000) + b"the beginning")
    theirs.close()
    assert list(worker.receive(no, no)) == []
    assert worker.why_lost() == "the file made the reader crash"
    left, lost = deque(), Counter()
    (failure,) = worker.estate("the file made the reader crash", left, lost)
    assert failure.path == Path("/a.jpg")


def test_paths_given_to_a_dead_worker_are_not_lost(pipe):
    ours, theirs = pipe
    worker = a_worker(ours)
    theirs.close()
    queue = deque(Path(f"/{number}.jpg") for number in range(8))
    worker.feed(queue)
    assert list(worker.receive(no, no)) == []
    assert worker.why_lost()
    worker.proved = True
    assert list(worker.estate("the file made the reader crash", queue, Counter())) == []
    assert list(queue) == [Path(f"/{number}.jpg") for number in range(8)]


def test_a_file_that_is_with_every_worker_that_dies_is_given_up(pipe):
    """Whichever of several photos it is whose faces bring the reader down."""
    lost = Counter()
    queue = deque([Path("/a.jpg")])
    for _ in range(worker_pool.MAX_LOSSES):
        worker = a_worker(pipe[0])
        worker.proved, worker.ended = True, True
        worker.in_hand = dict.fromkeys([queue.popleft()])
        given_up = list(worker.estate("the file made the reader crash", queue, lost))
    assert not queue
    assert given_up == [Unreadable(Path("/a.jpg"), "the file made the reader crash", True)]


def test_a_worker_gets_a_few_paths_ahead_and_one_more_for_each_it_starts(pipe):
    """So that the last photos are shared out evenly, and pausing takes hold soon."""
    ours, theirs = pipe
    worker = a_worker(ours)
    queue = deque(Path(f"/{number}.jpg") for number in range(100))
    worker.feed(queue)
    worker.feed(queue)
    assert len(queue) == 100 - worker_pool.AHEAD
    theirs.send(Started(theirs.recv()))
    assert list(worker.receive(no, no)) == []
    worker.feed(queue)
    assert len(queue) == 100 - worker_pool.AHEAD - 1


def test_a_worker_with_news_is_not_late_however_long_nobody_asked(pipe):
    """Whoever takes the outcomes may be busy for minutes, with a grouping for instance."""
    ours, theirs = pipe
    worker = a_worker(ours)
    theirs.send(Started(Path("/a.jpg")))
    assert list(worker.receive(no, no)) == []
    assert worker.why_lost() is None
    worker.clock.leave_out(-2 * worker.limits.file_s)
    assert worker.why_lost() == "the file took too long to read"
    theirs.send(Unreadable(Path("/a.jpg"), "the file is empty"))
    assert worker.why_lost() is None
    assert len(list(worker.receive(no, no))) == 1
    assert worker.why_lost() is None


@pytest.mark.parametrize(
    ("cores", "asked", "crew"),
    [
        (1, None, (1, 1)),
        (2, None, (2, 1)),
        (8, None, (3, 2)),
        (8, 2, (2, 4)),
        (2, 5, (5, 1)),
        (2, -1, (1, 2)),
    ],
)
def test_workers_and_threads_share_the_cores(monkeypatch, cores, asked, crew):
    monkeypatch.setattr(worker_pool, "usable_cores", lambda: cores)
    assert worker_pool.crew_size(asked) == crew


@pytest.mark.parametrize(("files", "crew"), [(0, (1, 8)), (1, (1, 8)), (2, (2, 4)), (9, (3, 2))])
def test_no_more_workers_than_files_are_started(monkeypatch, files, crew):
    monkeypatch.setattr(worker_pool, "usable_cores", lambda: 8)
    assert worker_pool.crew_size(files=files) == crew
