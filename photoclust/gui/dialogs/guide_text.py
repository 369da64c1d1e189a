"""A topic of the guide as it is read: Markdown in the colours of the theme."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit

from photoclust.gui import theme
from photoclust.services import guide

_WIDEST, _MARGIN = 720, 28
_SIZES = {1: 1.75, 2: 1.25, 3: 1.08}
"""How much larger than the text headings are, by their level."""
_ABOVE_HEADING, _BELOW_HEADING, _BELOW_PARAGRAPH = 22, 6, 9
_LINE_PERCENT = 122
_CELL_PADDING = 6
_CODE_MARGIN = 12
_TWO_COLUMNS = (42, 58)
"""Percent."""


class GuideText(QTextBrowser):
    """Emits the name of the topic that a link leads to; it opens nothing itself."""

    topic_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("guide")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.anchorClicked.connect(self._follow)

    def show_topic(self, topic: guide.Topic, words: str = "") -> None:
        """Show `topic` from its beginning, or from the first of `words`, which are marked in it."""
        self.setMarkdown(topic.text)
        self._dress()
        self._fit()
        self._mark(words)

    @property
    def marked(self) -> list[str]:
        """What is marked, in the order of the text."""
        return [each.cursor.selectedText() for each in self.extraSelections()]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lines do not become longer than they can be read."""
        super().resizeEvent(event)
        self._fit()

    def _follow(self, url: QUrl) -> None:
        name = url.path().removesuffix(".md")
        if url.isRelative() and name in guide.TOPICS:
            self.topic_wanted.emit(name)

    def _fit(self) -> None:
        frame = self.document().rootFrame()
        form = frame.frameFormat()
        form.setLeftMargin(_MARGIN)
        form.setTopMargin(8)
        form.setBottomMargin(_MARGIN)
        form.setRightMargin(max(_MARGIN, self.viewport().width() - _WIDEST - _MARGIN))
        frame.setFrameFormat(form)

    def _dress(self) -> None:
        colours = theme.colours()
        plain_code = QTextCharFormat()
        plain_code.setFont(_code_font(self.font()))
        code = QTextCharFormat(plain_code)
        code.setBackground(QColor(colours.hover))
        link = QTextCharFormat()
        link.setForeground(QColor(colours.accent))
        link.setFontUnderline(False)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        tables = [each for each in _frames(self.document()) if isinstance(each, QTextTable)]
        for table in tables:
            _mend_table(table)
        for block in list(self._blocks()):
            spans = [each for each in _spans(block) if each[2].isAnchor() or _is_code(each[2])]
            level = block.blockFormat().headingLevel()
            cursor.setPosition(block.position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, _KEEP)
            is_code = block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)
            if level:
                cursor.setCharFormat(self._of_heading(level))
            in_table = cursor.currentTable() is not None
            if is_code:
                cursor.setBlockFormat(self._of_code(block, colours))
                cursor.mergeCharFormat(plain_code)
                continue
            close = block.textList() is not None and block.next().textList() is not None
            cursor.mergeBlockFormat(_spacing(level, in_table, close))
            for begin, end, form in spans:
                cursor.setPosition(begin)
                cursor.setPosition(end, _KEEP)
                cursor.mergeCharFormat(link if form.isAnchor() else code)
        for table in tables:
            _dress_table(table, colours)
        cursor.endEditBlock()

    def _of_heading(self, level: int) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFontPointSize(self.font().pointSizeF() * _SIZES[min(level, max(_SIZES))])
        form.setFontWeight(QFont.Weight.DemiBold)
        return form

    def _of_code(self, block: QTextBlock, colours: theme.Colours) -> QTextBlockFormat:
        """A line of a piece of code: those of one piece lie close together."""
        fence = QTextFormat.Property.BlockCodeFence
        form = QTextBlockFormat()
        form.setProperty(fence, block.blockFormat().property(fence))
        form.setBackground(QColor(colours.hover))
        form.setLeftMargin(_CODE_MARGIN)
        if not block.next().blockFormat().hasProperty(fence):
            form.setBottomMargin(_BELOW_PARAGRAPH)
        return form

    def _blocks(self) -> Iterator[QTextBlock]:
        block = self.document().begin()
        while block.isValid():
            yield block
            block = block.next()

    def _mark(self, words: str) -> None:
        form = QTextCharFormat()
        form.setBackground(QColor(theme.colours().accent_soft))
        form.setForeground(QColor(theme.colours().text))
        form.setFontWeight(QFont.Weight.DemiBold)
        marks = []
        for block in self._blocks() if words.strip() else ():
            for place, length in guide.places(block.text(), words):
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + place)
                cursor.setPosition(block.position() + place + length, _KEEP)
                mark = QTextEdit.ExtraSelection()
                mark.cursor, mark.format = cursor, form
                marks.append(mark)
        self.setExtraSelections(marks)
        cursor = QTextCursor(self.document())
        if marks:
            cursor.setPosition(marks[0].cursor.selectionStart())
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        if not marks:
            self.verticalScrollBar().setValue(0)


_KEEP = QTextCursor.MoveMode.KeepAnchor


def _spans(block: QTextBlock) -> Iterator[tuple[int, int, QTextCharFormat]]:
    """Beginning, end and format of each piece of a block."""
    pieces = block.begin()
    while not pieces.atEnd():
        piece = pieces.fragment()
        if piece.isValid():
            yield piece.position(), piece.position() + piece.length(), piece.charFormat()
        pieces += 1


def _is_code(form: QTextCharFormat) -> bool:
    return bool(form.fontFixedPitch())


def _code_font(text: QFont) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(text.pointSizeF() * 0.95)
    return font


def _spacing(level: int, in_table: bool, close: bool) -> QTextBlockFormat:
    form = QTextBlockFormat()
    proportional = QTextBlockFormat.LineHeightTypes.ProportionalHeight
    form.setLineHeight(_LINE_PERCENT, int(proportional.value))
    if in_table:
        form.setTopMargin(0)
        form.setBottomMargin(0)
    elif level:
        form.setTopMargin(0 if level == 1 else _ABOVE_HEADING)
        form.setBottomMargin(_BELOW_HEADING)
    else:
        form.setTopMargin(0)
        form.setBottomMargin(4 if close else _BELOW_PARAGRAPH)
    return form


def _frames(document: QTextDocument) -> list[QTextFrame]:
    return list(document.rootFrame().childFrames())


def _mend_table(table: QTextTable) -> None:
    """Qt begins a table that follows a piece of code with an empty paragraph in its first cell, and
    forgets that it is a heading.
    """
    cell = table.cellAt(0, 0)
    cursor = cell.firstCursorPosition()
    if cursor.block().length() == 1 and cursor.block().next().isValid():
        cursor.deleteChar()
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.DemiBold)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        cursor = cell.firstCursorPosition()
        cursor.setPosition(cell.lastPosition(), _KEEP)
        cursor.mergeCharFormat(bold)


def _dress_table(table: QTextTable, colours: theme.Colours) -> None:
    form = table.format()
    form.setBorder(1)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(QBrush(QColor(colours.border)))
    form.setBorderCollapse(True)
    form.setCellSpacing(0)
    form.setCellPadding(_CELL_PADDING)
    form.setTopMargin(4)
    form.setBottomMargin(14)
    form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    if table.columns() == len(_TWO_COLUMNS):  # several below one another look best when alike
        percent = QTextLength.Type.PercentageLength
        form.setColumnWidthConstraints([QTextLength(percent, each) for each in _TWO_COLUMNS])
    table.setFormat(form)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        head = cell.format()
        head.setBackground(QColor(colours.side))
        cell.setFormat(head)
