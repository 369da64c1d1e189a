"""The questions of the Review page one after the other, and the answers on their way.

The next question is there before the answer is written: answers are jobs of the lane of acts, and
questions are read anew behind them. What could not be written is asked again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photoclust.core.language import tr
from photoclust.core.types import EntryId, LibraryChanges
from photoclust.gui import review_text
from photoclust.gui.operations import review as operations
from photoclust.gui.operations.review import Mode
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane
from photoclust.services.questions import FaceQuestion, PairQuestion, Questions, Reply

if TYPE_CHECKING:
    from photoclust.services.history import History
    from photoclust.services.naming import Named
    from photoclust.services.replying import Replied

Asked = FaceQuestion | PairQuestion
QUIET_MS = 400
"""So long after the last answer, or anything that was written, the questions are read anew."""
FEW = 10
"""With no more questions than that at hand, they are read at once."""
_TOLD_TOGETHER_MS = 250


@dataclass(eq=False)
class _Given:
    """An answer; `entry` is known once it is written, and None where nothing was new or the
    question was only `skipped`.
    """

    question: Asked
    skipped: bool = False
    written: bool = False
    entry: EntryId | None = None


class Reviewing(QObject):
    """Knows the question that is asked, those that come next, and the answers to go back to."""

    asked = Signal(object, bool)
    """The question now, or None; and whether it came without an answer of the user."""
    read = Signal(object, object)
    """Mode and Questions: what there is to ask in it."""
    answered = Signal()
    """One answer more, or one less."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._shared = shared
        self.mode = Mode.WHO
        self.current: Asked | None = None
        self.found: Questions | None = None
        """What was read last; None before that."""
        self.since_read = 0
        """Answers since then."""
        self._queue: list[Asked] = []
        self._skipped: list[Hashable] = []
        self._given: list[_Given] = []
        self._taking_back: set[Hashable] = set()
        self._refused: list[str] = []
        self._reading: set[Mode] = set()
        self._again: set[Mode] = set()
        self._session = 0
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self.refresh)
        self._complaining = QTimer(self, singleShot=True, interval=_TOLD_TOGETHER_MS)
        self._complaining.timeout.connect(self._complain)
        shared.library_changed.connect(self._forget)

    @property
    def is_reading(self) -> bool:
        """Whether the questions of this mode are on their way."""
        return self.mode in self._reading

    @property
    def can_go_back(self) -> bool:
        """Whether there is an answer to take back."""
        return bool(self._given)

    @property
    def upcoming(self) -> list[Asked]:
        """The questions that come next."""
        return self._queue[:3]

    def choose(self, mode: Mode) -> None:
        """Ask the questions of `mode` from now on."""
        if mode is not self.mode:
            self._start_anew()
            self.mode = mode
            self.asked.emit(None, False)
        self.refresh()

    def refresh(self) -> None:
        """Read what there is to ask in this mode."""
        self.read_mode(self.mode)

    def refresh_later(self) -> None:
        """As `refresh`, once nothing was written for a while."""
        if len(self._queue) < FEW and not self.is_reading:
            self.refresh()
        self._quiet.start()

    def read_mode(self, mode: Mode) -> None:
        """Read what there is to ask in `mode`; if that is being read, once more after it."""
        library = self._shared.library
        if library is None:
            return
        if mode in self._reading:
            self._again.add(mode)
            return
        self._reading.add(mode)
        settings, session, since = self._shared.settings, self._session, self.since_read
        known = {given.question.id for given in self._given if given.written}
        returning = frozenset(self._taking_back)
        results: list[Questions] = []

        def receive(found: Questions) -> None:
            if self._shared.library is library:
                results.append(found)

        def pass_on(found: Questions) -> None:
            if mode is self.mode and session == self._session:
                self.since_read -= since
                self._take(found, known, returning)
            self.read.emit(mode, found)

        def finish() -> None:
            self._reading.discard(mode)
            for found in results:
                pass_on(found)
            if mode in self._again:
                self._again.discard(mode)
                self.read_mode(mode)

        if mode is Mode.WHO and self.found is None:
            self._ask_what_was_kept()
        job = Job(
            tr("Looking for questions"),
            lambda job: operations.questions(library, mode, settings, job.control),
            on_page=True,
        )
        job.succeeded.connect(receive)
        job.failed.connect(self._shared.complained)
        job.finished.connect(finish)
        self._shared.desk.start(job, Lane.RECOGNITION)

    def _ask_what_was_kept(self) -> None:
        """Begin with what was asked the last time: in a large library it takes many seconds to
        judge all faces anew, after which only what is still a question is gone on with.
        """
        library, settings, session = self._shared.library, self._shared.settings, self._session
        assert library is not None

        def receive(kept: tuple[FaceQuestion, ...]) -> None:
            if session == self._session and self.found is None and self.current is None:
                answered = {given.question.id for given in self._given}
                self._queue = [each for each in kept if each.id not in answered]
                if self._queue:
                    self._next(by_itself=True)

        job = Job(
            tr("Looking for questions"),
            lambda _: operations.kept_questions(library, settings),
            on_page=True,
        )
        job.succeeded.connect(receive)
        # In the same lane, so that the two do not slow one another down.
        self._shared.desk.start(job, Lane.RECOGNITION)

    # --- answers ----------------------------------------------------------------------------------

    def answer(self, said: Reply) -> None:
        """Answer the question that is asked, and ask the next one."""
        question, library = self.current, self._shared.library
        if question is None or library is None:
            return
        given = _Given(question)
        self._given.append(given)
        self.since_read += 1

        def write() -> Replied:
            replied = operations.reply(library, question, said)
            # Here, not where it is received: taking it back may have its turn before that.
            given.entry = replied.entry
            return replied

        job = Job(tr("Answering"), lambda _: write())
        job.succeeded.connect(lambda replied: self._written(given, replied))
        job.failed.connect(lambda message: self._not_written(given, message))
        self._shared.desk.start(job, Lane.ACT)
        self._next()

    def skip(self) -> None:
        """Ask the next question, and this one again after all others."""
        question = self.current
        if question is None:
            return
        self._given.append(_Given(question, skipped=True))
        if question.id in self._skipped:
            self._skipped.remove(question.id)
        self._skipped.append(question.id)
        self._queue.append(question)
        self._next()

    def named(self, named: Named) -> None:
        """Who is asked about was named: that was the answer."""
        if self.current is not None:
            self._given.append(_Given(self.current, written=True, entry=named.entry))
            self.since_read += 1
            self._next()

    def go_back(self) -> bool:
        """Back to the question before, whose answer is taken back; whether there is one."""
        library = self._shared.library
        if not self._given or library is None:
            return False
        given = self._given.pop()
        if self.current is not None:
            self._queue.insert(0, self.current)
        self.current = given.question
        if given.skipped:
            self._skipped = [each for each in self._skipped if each != given.question.id]
            self._queue = [each for each in self._queue if each.id != given.question.id]
        else:
            self._take_back(given)
        self.asked.emit(self.current, False)
        self.answered.emit()
        return True

    def _take_back(self, given: _Given) -> None:
        library = self._shared.library
        assert library is not None
        key = given.question.id
        self.since_read -= 1
        self._taking_back.add(key)

        def undo() -> History | None:
            # The answer was written by now: acts wait for one another.
            return None if given.entry is None else library.undo(given.entry)

        def done(result: History | None) -> None:
            if result is not None:
                self._tell(result.changes)

        def finish() -> None:
            self._taking_back.discard(key)

        job = Job(tr("Taking an answer back"), lambda _: undo())
        job.succeeded.connect(done)
        job.failed.connect(self._shared.fail)
        job.finished.connect(finish)
        self._shared.desk.start(job, Lane.ACT)

    def _written(self, given: _Given, replied: Replied) -> None:
        given.written = True
        self._tell(replied.changes)

    def _not_written(self, given: _Given, message: str) -> None:
        self._refused.append(message)
        self._complaining.start()
        self._quiet.start()
        if given in self._given:
            self._given.remove(given)
            self.since_read -= 1
            self._queue.insert(0, given.question)
            if self.current is None:
                self._next(by_itself=True)
            self.answered.emit()

    def _tell(self, changes: LibraryChanges) -> None:
        if changes == LibraryChanges():
            self._shared.refresh()  # empty changes would say that all groups are new
        else:
            self._shared.wrote(changes)
        self._shared.decided.emit()

    def _complain(self) -> None:
        messages, self._refused = self._refused, []
        if messages:
            self._shared.fail(review_text.not_written(messages))

    # --- which question ---------------------------------------------------------------------------

    def _next(self, *, by_itself: bool = False) -> None:
        self.current = self._queue.pop(0) if self._queue else None
        if len(self._queue) < FEW and self.found is not None:
            more = self.found.count > len(self.found.questions)
            if more and not self.is_reading:
                self.refresh()
        self.asked.emit(self.current, by_itself)
        self.answered.emit()

    def _take(self, found: Questions, known: set[Hashable], returning: frozenset[Hashable]) -> None:
        """Go on with what was read; the place is kept. `known` answers were written before it was
        read, those to `returning` were being taken back.
        """
        self.found = found
        gone = {
            given.question.id
            for given in self._given
            if not given.skipped and given.question.id not in known
        }
        current = self.current
        new = [
            each
            for each in found.questions
            if each.id not in gone and (current is None or each.id != current.id)
        ]
        place = {key: number for number, key in enumerate(self._skipped)}
        self._queue = sorted(new, key=lambda each: place.get(each.id, -1))
        if current is None or current.id not in found.still_open | returning | self._taking_back:
            self._next(by_itself=True)

    def _start_anew(self) -> None:
        self._session += 1
        self.current = self.found = None
        self.since_read = 0
        self._queue, self._skipped, self._given = [], [], []
        self._taking_back = set()

    def _forget(self) -> None:
        self._start_anew()
        self._refused = []
        self._quiet.stop()
        self.asked.emit(None, False)
