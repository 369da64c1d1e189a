"""Questions to file systems that may never answer: a server that is gone, a drive that fails.

A call into such a file system cannot be cut off, by whatever means. So it is made in a thread of
its own, and whoever asked waits a few seconds for it. While a place owes an answer it is silent: it
is not asked again, neither are folders in it, and no more threads hang there.
"""

import errno
import math
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from photoclust.core.errors import CancelledError
from photoclust.core.pages import file_of
from photoclust.core.progress import JobControl

T = TypeVar("T")

LIMIT_S = 5.0
"""How long somebody who looks at something waits."""
UNNOTICED_S = 0.2
"""How long a window may stand still."""
PATIENT_S = 15.0
"""How long a scan waits: a disk that sleeps takes ten seconds to turn again."""
_POLL_S = 0.1
_AT_ONCE, _AT_LATEST_S, _AHEAD = 256, 0.05, 64
"""How many items are handed over at once, after how long fewer are, and how often that is done
before they are taken.
"""

_silent: dict[Path, int] = {}
"""How many answers each place owes."""
_lock = threading.Lock()


def is_silent(path: Path) -> bool:
    """Whether `path` lies in, or is, a place that owes an answer."""
    if not _silent:
        return False
    with _lock:
        return any(path.is_relative_to(place) for place in _silent)


def ask(place: Path, question: Callable[[], T], *, limit_s: float | None = None) -> T:
    """What `question`, which looks at nothing but what lies in `place`, gives or raises.

    Raises TimeoutError when that takes longer than `limit_s`, and at once where the place is silent
    already. What it would have given is lost then.
    """
    answer = ask_all({place: question}, limit_s=limit_s)[place]
    if isinstance(answer, BaseException):
        raise answer
    return answer


def ask_all(
    questions: Mapping[Path, Callable[[], T]], *, limit_s: float | None = None
) -> dict[Path, T | Exception]:
    """As `ask`, of several places at the same time; gives what would be raised."""
    end = time.monotonic() + (LIMIT_S if limit_s is None else limit_s)
    asked = {place: _Question(place, ask) for place, ask in questions.items()}
    return {place: each.answer(end) for place, each in asked.items()}


def is_folder(path: Path, *, limit_s: float | None = None) -> bool:
    """Whether `path` is a folder that is there; False where nothing answers."""
    try:
        return ask(path, path.is_dir, limit_s=limit_s)
    except TimeoutError:
        return False


def first_file(
    paths: Sequence[Path], folders: Sequence[Path] = ()
) -> tuple[Path, os.stat_result] | None:
    """The first of `paths` that leads to something, looked for in each of `folders` for LIMIT_S."""
    for path in paths:
        try:
            return path, ask(place_of(path, folders), file_of(path).stat)
        except OSError:
            continue
    return None


def place_of(path: Path, folders: Sequence[Path]) -> Path:
    """The one of `folders` that `path` lies in, or else the folder above it: what is silent with
    it.
    """
    return next((each for each in folders if path.is_relative_to(each)), file_of(path).parent)


def items(
    produce: Callable[[JobControl], Iterator[T]],
    at: Callable[[], Path],
    control: JobControl,
    *,
    limit_s: float | None = None,
) -> Iterator[T]:
    """What `produce` yields, as long as each of its steps, from one checkpoint of the control that
    it is given to the next, takes no longer than `limit_s`; `at` tells what it looks at.

    Raises TimeoutError once a step takes longer: what is looked at is silent then, and what would
    be found from there on is lost. Raises CancelledError when `control` says so.
    """
    limit_s = PATIENT_S if limit_s is None else limit_s
    steps = _Steps()
    found: queue.Queue[Sequence[T] | BaseException] = queue.Queue(_AHEAD)

    def hand_over(some: Sequence[T] | BaseException) -> None:
        steps.since = math.inf  # whoever takes it may be held for hours
        while not steps.left:
            with suppress(queue.Full):
                found.put(some, timeout=_POLL_S)
                break
        steps.since = time.monotonic()

    ready: list[T] = []

    def work() -> None:
        nonlocal ready
        end: BaseException = StopIteration()
        due = time.monotonic() + _AT_LATEST_S
        try:
            for item in produce(steps):
                ready.append(item)
                if len(ready) >= _AT_ONCE or steps.since > due:
                    hand_over(ready)
                    ready, due = [], steps.since + _AT_LATEST_S
        except BaseException as error:
            end = error
        hand_over(ready)
        hand_over(end)
        steps.end()

    thread = threading.Thread(target=work, name="patient walk", daemon=True)
    thread.start()
    try:
        while True:
            try:
                some = found.get(timeout=_POLL_S)
            except queue.Empty:
                control.checkpoint()
                if time.monotonic() - steps.since > limit_s and steps.leave(at()):
                    yield from ready  # by the thread that hangs
                    raise silence(at()) from None
                continue
            if isinstance(some, StopIteration):
                return
            if isinstance(some, BaseException):
                raise some
            for item in some:
                control.checkpoint()
                yield item
    finally:
        steps.left = True
        if steps.owed is None:
            thread.join(_POLL_S)


def silence(place: Path) -> TimeoutError:
    """What is raised for a place that does not answer."""
    return TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), str(place))


def _pay(place: Path) -> None:
    with _lock:
        _silent[place] -= 1
        if not _silent[place]:
            del _silent[place]


class _Question(Generic[T]):
    """A question that was asked."""

    def __init__(self, place: Path, ask: Callable[[], T]) -> None:
        self._place = place
        self._ask = ask
        self._answer: T | Exception = silence(place)
        self._is_late = False
        self._answered = threading.Event()
        if is_silent(place):
            self._answered.set()
        else:
            threading.Thread(target=self._work, name=f"asking {place}", daemon=True).start()

    def answer(self, end: float) -> T | Exception:
        """What came until `end`, in the time of `monotonic`."""
        self._answered.wait(max(0.0, end - time.monotonic()))
        with _lock:
            if not self._answered.is_set():
                self._is_late = True
                _silent[self._place] = _silent.get(self._place, 0) + 1
            return self._answer

    def _work(self) -> None:
        try:
            answer: T | Exception = self._ask()
        except Exception as error:
            answer = error
        with _lock:
            if not self._is_late:
                self._answer = answer
                self._answered.set()
                return
        _pay(self._place)


class _Steps(JobControl):
    """Knows how long the step lasts that is under way, and whether anybody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.since = time.monotonic()
        self.left = False
        self.owed: Path | None = None
        self._is_over = False

    def checkpoint(self) -> None:
        """Another step begins, unless nobody waits any more."""
        if self.left:
            raise CancelledError
        self.since = time.monotonic()

    def leave(self, place: Path) -> bool:
        """Wait no longer for the step, with which `place` is silent; False where it is over now."""
        with _lock:
            if not self._is_over:
                self.left, self.owed = True, place
                _silent[place] = _silent.get(place, 0) + 1
        return self.left

    def end(self) -> None:
        """All steps are over, also those that nobody waited for."""
        with _lock:
            self._is_over = True
        if self.owed is not None:
            _pay(self.owed)
