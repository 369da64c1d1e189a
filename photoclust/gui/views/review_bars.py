"""What stands above and below a question: which list is asked about and how far it is, and the
answers.
"""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from photoclust.core.language import marked, thousands, tr
from photoclust.gui import review_text, text
from photoclust.gui.notice_place import keep_clear
from photoclust.gui.operations.review import Mode
from photoclust.gui.views.review_parts import KeyButton
from photoclust.gui.widgets import Button, label
from photoclust.services.questions import FaceQuestion, PairQuestion, Questions, Reply

_WORDS = {
    Mode.WHO: marked("Who is it?"),
    Mode.ONE_PERSON: marked("One person?"),
    Mode.DOUBTFUL: marked("Out of place?"),
}


class ReviewHeader(QWidget):
    """The title, how much is named, and the lists to choose from."""

    chosen = Signal(object)
    """A Mode, or None for better groups."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[Mode, int] = {}
        self.progress = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(tr("Share of the faces that have a name"))
        group = QButtonGroup(self)
        self.modes = {mode: _mode_button(tr(words), group) for mode, words in _WORDS.items()}
        self.regroup = _mode_button(tr("Better groups"), group)
        self.modes[Mode.WHO].setChecked(True)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(label(tr("Review"), "title"))
        top.addStretch()
        top.addWidget(self.progress)
        top.addWidget(self.bar)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (*self.modes.values(), self.regroup):
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(row)
        for mode, button in self.modes.items():
            button.clicked.connect(lambda _=False, mode=mode: self.chosen.emit(mode))
        self.regroup.clicked.connect(lambda: self.chosen.emit(None))
        self.show_progress(Mode.WHO, None, 0)

    @property
    def has_focus(self) -> bool:
        """Whether the keyboard is on one of the lists to choose from."""
        return any(button.hasFocus() for button in (*self.modes.values(), self.regroup))

    def set_counts(self, counts: Mapping[Mode, int]) -> None:
        """How many questions each list was seen to have."""
        self._counts = dict(counts)

    def show_progress(self, mode: Mode | None, found: Questions | None, answered: int) -> None:
        """How far the list `mode` is, so many answers after `found` was read."""
        share = None if found is None or mode is not Mode.WHO else found.share
        for part in (self.progress, self.bar):
            part.setVisible(share is not None)
        if found is not None and share is not None:
            self.progress.setText(review_text.progress(found, answered))
            self.bar.setValue(round(1000 * share))
            for part in (self.progress, self.bar):
                part.setToolTip(text.tooltip(review_text.named_now(share)))
        for each, button in self.modes.items():
            count = self._counts.get(each, 0) - (answered if each is mode else 0)
            words = tr(_WORDS[each])
            button.setText(f"{words}  {thousands(count)}" if count > 0 else words)
            button.setAccessibleName(button.text())


class AnswerBar(QWidget):
    """The answers that there are to a question, each with its key."""

    said = Signal(object)
    """A Reply."""

    def __init__(self) -> None:
        super().__init__()
        keep_clear(self)
        self.buttons = {
            Reply.YES: KeyButton(tr("Yes"), "Y", role="primary", hint=tr("Yes (also Enter)")),
            Reply.NO: KeyButton(tr("No"), "N", hint=tr("No; it is not asked again")),
            Reply.OTHER: KeyButton("", "2"),
            Reply.NOT_SURE: KeyButton(tr("Not sure"), "U", hint=tr("Ask again in a month")),
            Reply.NOT_A_FACE: KeyButton(tr("Not a face"), "X", hint=tr("No face of a person")),
        }
        self.skip = KeyButton(tr("Skip"), "S", hint=tr("Ask again after the others"))
        self.who = KeyButton(tr("Someone else…"), "W", hint=tr("Type who it is"))
        first = (self.buttons[each] for each in (Reply.YES, Reply.NO, Reply.OTHER))
        others = (
            self.buttons[Reply.NOT_SURE],
            self.skip,
            self.buttons[Reply.NOT_A_FACE],
            self.who,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for row_of in (first, others):
            row = QHBoxLayout()
            row.setSpacing(6)
            for button in row_of:
                row.addWidget(button)
            row.addStretch()
            layout.addLayout(row)
        for reply, button in self.buttons.items():
            button.clicked.connect(lambda _=False, reply=reply: self.said.emit(reply))

    def can_say(self, reply: Reply) -> bool:
        """Whether the question has this answer, and answers can be written."""
        button = self.buttons[reply]
        return button.isEnabled() and not button.isHidden()

    def show_for(self, question: FaceQuestion | PairQuestion, read_only: str | None) -> None:
        """Offer what can be answered to `question`; nothing where the library is `read_only`."""
        pair = isinstance(question, PairQuestion)
        who = question.is_open
        runner_up = None if isinstance(question, PairQuestion) else question.runner_up
        self.buttons[Reply.YES].setVisible(not who)
        self.buttons[Reply.NO].setVisible(not who)
        self.buttons[Reply.OTHER].setVisible(runner_up is not None)
        if runner_up is not None:
            name = runner_up.name or tr(review_text.NOBODY)
            self.buttons[Reply.OTHER].set_words(tr("It is {name}", name=name))
        self.buttons[Reply.NOT_A_FACE].setVisible(not pair)
        several = not isinstance(question, PairQuestion) and question.count > 1
        no_face = tr("Not faces") if several else tr("Not a face")
        self.buttons[Reply.NOT_A_FACE].set_words(no_face)
        self.who.setVisible(not pair)
        self.who.set_words(tr("Say who") if who else tr("Someone else…"))
        for button in (*self.buttons.values(), self.who):
            button.setEnabled(read_only is None)
            if read_only is not None:
                why = tr("Nothing can be answered: {reason}", reason=read_only)
                button.setToolTip(text.tooltip(why))


def _mode_button(words: str, group: QButtonGroup) -> Button:
    button = Button(words, "mode")
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    group.addButton(button)
    return button
