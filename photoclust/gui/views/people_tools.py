"""The line above the people: what narrows the list, its order, and what else can be done."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from photoclust.core.language import tr, tr_n
from photoclust.gui import icons
from photoclust.gui.people_order import Order
from photoclust.gui.widgets import Button

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PeopleTools(QWidget):
    """Emits what is wanted; the page does it."""

    narrowed = Signal()
    """Other words are in the field."""
    order_changed = Signal()
    hidden_wanted = Signal(bool)
    """Hidden people are to be listed too, or not."""
    hide_small_wanted = Signal()
    list_wanted = Signal()
    """The keyboard is to go on in the list."""
    entered = Signal()
    """Enter was pressed in the field."""

    def __init__(self, *, named: bool = True) -> None:
        """Without people who have a name (`named` false) there is none to find or to sort by."""
        super().__init__()
        self._named = named
        self.field = _FilterEdit()
        self.field.setPlaceholderText(tr("Find a person…"))
        self.field.setAccessibleName(tr("Find a person"))
        self.field.setToolTip(tr("Narrow the list by a name or alias; Esc shows all again"))
        self.field.setMaximumWidth(320)
        self.field.setMinimumWidth(140)
        self._search = QAction(self)
        self.field.addAction(self._search, QLineEdit.ActionPosition.LeadingPosition)
        self.order_button = Button("", "", "sort")
        sorted_how = tr("How people are sorted") if named else tr("How groups are sorted")
        self.order_button.setToolTip(sorted_how)
        self.orders = QActionGroup(self)
        menu = QMenu(self.order_button)
        for order in Order if named else (Order.COUNT, Order.RECENT):
            action = menu.addAction(tr(order.value))
            action.setCheckable(True)
            action.setData(order)
            self.orders.addAction(action)
        self.order_button.setMenu(menu)
        more_to_do = tr("More to do with people") if named else tr("More to do with groups")
        self.more_button = Button("", "", "more", more_to_do)
        more = QMenu(self.more_button)
        more.setToolTipsVisible(True)
        self.show_hidden = more.addAction("")
        self.show_hidden.setCheckable(True)
        self.hide_small = more.addAction(tr("Hide groups in few photos…"))
        self.more_button.setMenu(more)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 16, 4)
        layout.setSpacing(8)
        layout.addWidget(self.field, 3)
        self.field.setHidden(not named)
        layout.addWidget(self.order_button)
        layout.addStretch(1)
        layout.addWidget(self.more_button)
        self.field.textChanged.connect(lambda _: self.narrowed.emit())
        self.field.returnPressed.connect(self.entered)
        self.field.left.connect(self.list_wanted)
        self.orders.triggered.connect(self._sort)
        self.show_hidden.toggled.connect(self.hidden_wanted)
        self.hide_small.triggered.connect(self.hide_small_wanted)
        self.set_order(Order.COUNT)
        self.allow(changeable=True, small=True, hidden=0)
        self.refresh_icon()

    @property
    def words(self) -> str:
        """What the list is narrowed to."""
        return self.field.text()

    @property
    def order(self) -> Order:
        """How people are to be sorted."""
        order = self.orders.checkedAction().data()
        assert isinstance(order, Order)
        return order

    def set_order(self, order: Order) -> None:
        """Sort by `order`."""
        action = next(each for each in self.orders.actions() if each.data() is order)
        action.setChecked(True)
        words = tr(order.value)
        self.order_button.setText(words)
        self.order_button.setAccessibleName(tr("Order: {order}", order=words))

    def begin_with(self, letters: str) -> None:
        """Go on in the field with what was begun to be typed in the list."""
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.end(False)
        self.field.insert(letters)

    def clear(self) -> None:
        """Narrow the list no more, and tell nobody."""
        blocker = QSignalBlocker(self.field)
        self.field.clear()
        blocker.unblock()

    def allow(self, *, changeable: bool, small: bool, hidden: int) -> None:
        """What can be done: whether anything can be changed, whether there are groups without a
        name, how many people are hidden.
        """
        self.hide_small.setEnabled(changeable and small)
        self.show_hidden.setEnabled(hidden > 0 or self.show_hidden.isChecked())
        if not hidden:
            words = tr("Show hidden people") if self._named else tr("Show hidden groups")
        elif self._named:
            words = tr_n(hidden, "Show hidden people ({n})", "Show hidden people ({n})")
        else:
            words = tr_n(hidden, "Show hidden groups ({n})", "Show hidden groups ({n})")
        self.show_hidden.setText(words)

    def refresh_icon(self) -> None:
        """Draw the icon of the field in the colours of the theme."""
        self._search.setIcon(icons.icon("search"))

    def _sort(self, action: QAction) -> None:
        self.set_order(action.data())
        self.order_changed.emit()


class _FilterEdit(QLineEdit):
    left = Signal()
    """The arrow down was pressed, or Escape with nothing in the field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape clears, and goes back to the list; so does the arrow down, without clearing."""
        if event.key() == Qt.Key.Key_Down or event.key() == Qt.Key.Key_Escape:
            if event.key() == Qt.Key.Key_Escape:
                self.clear()
            self.left.emit()
            return
        super().keyPressEvent(event)
        if event.key() in _ENTER:
            event.accept()
