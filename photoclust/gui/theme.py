"""Colours, light and dark, and the style sheet made from them. The accent is the icon's."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from photoclust.core.paths import resource

THEMES = ("system", "light", "dark")
RADIUS = 10


@dataclass(frozen=True, slots=True)
class Colours:
    """One scheme. Text on `window`, `card` and `side` has a contrast of at least 4.5 to 1."""

    window: str
    side: str
    card: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    warning: str
    placeholder: str


LIGHT = Colours(
    window="#fafbfe",
    side="#f0f2f9",
    card="#ffffff",
    hover="#e6e9f5",
    border="#d9deec",
    text="#1b1e33",
    muted="#5a6180",
    accent="#3a4ccf",
    on_accent="#ffffff",
    accent_soft="#e1e5fb",
    warning="#a4470a",
    placeholder="#e4e7f1",
)
DARK = Colours(
    window="#16181f",
    side="#1c1f28",
    card="#232733",
    hover="#2b3040",
    border="#363c4e",
    text="#eceef7",
    muted="#a3aac2",
    accent="#93a1ff",
    on_accent="#10132b",
    accent_soft="#2c3360",
    warning="#ffb37a",
    placeholder="#2a2e3b",
)

_DRESSED = "dressed"
_current = LIGHT
_following = True


def colours() -> Colours:
    """The scheme that is shown now."""
    return _current


def is_dark() -> bool:
    """Whether the scheme shown now is the dark one."""
    return _current is DARK


def apply(app: QApplication, theme: str) -> None:
    """Show `theme` (one of THEMES); `system` follows the desktop."""
    global _following  # noqa: PLW0603 - as `_current`
    _following = theme not in ("light", "dark")
    hints = app.styleHints()
    if _following:
        hints.unsetColorScheme()
        _show(app, hints.colorScheme())
    else:
        scheme = Qt.ColorScheme.Dark if theme == "dark" else Qt.ColorScheme.Light
        hints.setColorScheme(scheme)  # tells the window manager, for title bars
        _show(app, scheme)


def follow_system(app: QApplication) -> None:
    """Take over the desktop's scheme, unless the user chose one; for `colorSchemeChanged`."""
    if _following:
        _show(app, app.styleHints().colorScheme())


def _show(app: QApplication, scheme: Qt.ColorScheme) -> None:
    global _current
    before, _current = _current, DARK if scheme is Qt.ColorScheme.Dark else LIGHT
    app.setPalette(_palette(_current))
    if _current is not before:  # each time it is set, every widget is polished again
        for widget in app.topLevelWidgets():
            if widget.property(_DRESSED):
                dress(widget)


def dress(widget: QWidget) -> None:
    """Give a window, with all that is in it and will be, the looks of the theme from now on.

    It is not for the application: then each widget would be polished once more with every parent
    that it gets while a page is put together, which takes three times as long.
    """
    widget.setProperty(_DRESSED, True)
    widget.setStyleSheet(_style_sheet(_current))


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: c.window,
        QPalette.ColorRole.WindowText: c.text,
        QPalette.ColorRole.Base: c.card,
        QPalette.ColorRole.AlternateBase: c.side,
        QPalette.ColorRole.Text: c.text,
        QPalette.ColorRole.Button: c.card,
        QPalette.ColorRole.ButtonText: c.text,
        QPalette.ColorRole.BrightText: c.on_accent,
        QPalette.ColorRole.ToolTipBase: c.card,
        QPalette.ColorRole.ToolTipText: c.text,
        QPalette.ColorRole.PlaceholderText: c.muted,
        QPalette.ColorRole.Highlight: c.accent,
        QPalette.ColorRole.HighlightedText: c.on_accent,
        QPalette.ColorRole.Link: c.accent,
        QPalette.ColorRole.Accent: c.accent,
        QPalette.ColorRole.Mid: c.border,
        QPalette.ColorRole.Midlight: c.hover,
        QPalette.ColorRole.Light: c.card,
        QPalette.ColorRole.Dark: c.border,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.muted))
    return palette


def _style_sheet(c: Colours) -> str:
    look = "dark" if c is DARK else "light"
    tick = resource("icons", f"check-{look}.svg").as_posix()
    down = resource("icons", f"down-{look}.svg").as_posix()
    return f"""
QMainWindow, QStackedWidget {{ background: {c.window}; }}
QLabel[role="title"] {{ font-size: 20pt; font-weight: 600; color: {c.text}; }}
QLabel[role="heading"] {{ font-size: 13pt; font-weight: 600; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="warning"] {{ color: {c.warning}; }}
QLabel[role="onAccent"] {{ color: {c.on_accent}; font-weight: 600; }}
QLabel[role="keyOnAccent"] {{
    color: {c.on_accent}; border: 1px solid {c.on_accent}; border-radius: 4px; padding: 1px 6px;
}}
QLabel[role="onAccent"]:disabled, QLabel[role="keyOnAccent"]:disabled {{
    color: {c.muted}; border-color: {c.border};
}}
QLabel:disabled {{ color: {c.muted}; }}
QLabel[role="key"] {{
    color: {c.muted}; border: 1px solid {c.border}; border-radius: 4px; padding: 1px 6px;
}}
QFrame#side {{ background: {c.side}; border: none; border-right: 1px solid {c.border}; }}
QFrame#inPhoto {{ background: transparent; border: none; }}
QFrame#inPhoto[over="true"] {{
    background: {c.card}; border: 1px solid {c.border}; border-radius: {RADIUS}px;
}}
QFrame#footer {{ background: {c.window}; border: none; border-top: 1px solid {c.border}; }}
QFrame#jobBar {{ background: {c.side}; border: none; border-top: 1px solid {c.border}; }}
QFrame#notice {{
    background: {c.accent_soft}; border: 1px solid {c.border}; border-radius: {RADIUS}px;
}}
QFrame#panel {{ background: {c.card}; border: 1px solid {c.border}; border-radius: {RADIUS}px; }}
QListWidget#navigation {{ background: transparent; border: none; outline: none; }}
QListWidget#navigation::item {{
    color: {c.text}; padding: 9px 10px; margin: 1px 0; border-radius: 8px;
}}
QListWidget#navigation::item:hover {{ background: {c.hover}; }}
QListWidget#navigation::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
QTextBrowser#guide {{ background: transparent; border: none; }}
QScrollArea#plain, QScrollArea#plain > QWidget > QWidget {{ background: transparent; }}
QListView#rows {{
    background: {c.card}; border: 1px solid {c.border}; border-radius: {RADIUS}px; outline: none;
    padding: 4px;
}}
QAbstractScrollArea#grid {{ background: transparent; border: none; outline: none; }}
QTableView {{
    background: {c.card}; border: 1px solid {c.border}; border-radius: {RADIUS}px;
    gridline-color: transparent; outline: none; selection-background-color: {c.accent_soft};
    selection-color: {c.text};
}}
QTableView::item {{ padding: 6px 10px; border: none; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{
    background: transparent; color: {c.muted}; border: none;
    border-bottom: 1px solid {c.border}; padding: 8px 10px; font-weight: 600;
}}
QPushButton {{
    background: {c.card}; color: {c.text}; border: 1px solid {c.border};
    border-radius: 8px; padding: 7px 14px;
}}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed, QPushButton:checked {{ background: {c.accent_soft}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: 6px 13px; }}
QPushButton:disabled {{ color: {c.muted}; background: transparent; }}
QPushButton[role="primary"] {{
    background: {c.accent}; color: {c.on_accent}; border: 2px solid {c.accent};
    font-weight: 600; padding: 6px 15px;
}}
QPushButton[role="primary"]:focus {{ border: 2px solid {c.text}; }}
QPushButton[role="primary"]:disabled {{
    background: transparent; color: {c.muted}; border: 2px solid {c.border};
}}
QPushButton[role="choice"] {{ text-align: left; padding: 9px 14px; }}
QPushButton[role="choice"]:focus {{
    background: {c.accent_soft}; border: 2px solid {c.accent}; padding: 8px 13px;
}}
QPushButton[role="mode"] {{
    background: transparent; border: 1px solid transparent; padding: 5px 10px;
}}
QPushButton[role="mode"]:hover {{ background: {c.hover}; }}
QPushButton[role="mode"]:checked {{ background: {c.accent_soft}; color: {c.text}; }}
QPushButton[role="mode"]:focus {{ border: 2px solid {c.accent}; padding: 4px 9px; }}
QFrame#peek {{ background: {c.window}; border: none; }}
QListView#changes {{
    background: {c.card}; border: 1px solid {c.border}; border-radius: {RADIUS}px; outline: none;
    padding: 4px;
}}
QListView#changes::item {{ padding: 7px 8px; border-radius: 6px; color: {c.text}; }}
QListView#changes::item:hover {{ background: {c.hover}; }}
QListView#changes::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
QPushButton[role="flat"] {{ background: transparent; border: 1px solid transparent; }}
QPushButton[role="flat"]:checked {{ background: {c.accent_soft}; }}
QPushButton[role="flat"]:hover {{ background: {c.hover}; }}
QPushButton[role="flat"]:focus {{ border: 2px solid {c.accent}; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QLineEdit {{
    background: {c.card}; color: {c.text}; border: 1px solid {c.border};
    border-radius: 8px; padding: 7px 12px; selection-background-color: {c.accent};
    selection-color: {c.on_accent};
}}
QLineEdit:focus {{ border: 2px solid {c.accent}; padding: 6px 11px; }}
QLineEdit#name {{ font-size: 14pt; }}
QFrame#card {{ background: {c.side}; border: 1px solid {c.border}; border-radius: {RADIUS}px; }}
QComboBox, QPlainTextEdit {{
    background: {c.card}; color: {c.text}; border: 1px solid {c.border}; border-radius: 8px;
    padding: 6px 10px; selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QComboBox:focus, QPlainTextEdit:focus {{
    border: 2px solid {c.accent}; padding: 5px 9px;
}}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{
    background: {c.card}; color: {c.text}; border: 1px solid {c.border}; padding: 4px;
    selection-background-color: {c.accent_soft}; selection-color: {c.text};
}}
QCheckBox, QRadioButton {{ spacing: 8px; padding: 2px 0; }}
QCheckBox::indicator, QRadioButton::indicator, QTableView::indicator {{
    width: 14px; height: 14px; border: 1px solid {c.muted}; background: {c.card};
}}
QCheckBox::indicator, QTableView::indicator {{ border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:checked, QTableView::indicator:checked {{
    background: {c.accent}; border-color: {c.accent}; image: url("{tick}");
}}
QRadioButton::indicator:checked {{
    border-color: {c.accent}; background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5,
        fy: 0.5, stop: 0 {c.accent}, stop: 0.5 {c.accent}, stop: 0.6 {c.card}, stop: 1 {c.card});
}}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {c.border}; }}
QCheckBox:focus, QRadioButton:focus {{ color: {c.accent}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {c.accent}; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.muted}; }}
QProgressBar {{
    background: {c.hover}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
}}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
QMenuBar {{ background: {c.side}; color: {c.text}; border-bottom: 1px solid {c.border}; }}
QMenuBar::item {{ padding: 5px 10px; background: transparent; }}
QMenuBar::item:selected {{ background: {c.hover}; border-radius: 6px; }}
QMenu {{ background: {c.card}; color: {c.text}; border: 1px solid {c.border}; padding: 6px; }}
QMenu::item {{ padding: 6px 24px 6px 28px; border-radius: 6px; }}
QMenu::item:selected {{ background: {c.accent_soft}; }}
QMenu::item:disabled {{ color: {c.muted}; }}
QMenu::separator {{ height: 1px; background: {c.border}; margin: 6px 8px; }}
QToolTip {{ background: {c.card}; color: {c.text}; border: 1px solid {c.border}; padding: 4px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle {{
    background: {c.border}; border-radius: 4px; min-height: 32px; min-width: 32px;
}}
QScrollBar::handle:hover {{ background: {c.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractItemView#completions {{
    background: {c.card}; color: {c.text}; border: 1px solid {c.border}; padding: 4px; outline: 0;
    selection-background-color: {c.accent_soft}; selection-color: {c.text};
}}
QAbstractItemView#completions::item {{ min-height: 30px; padding: 0 8px; border-radius: 6px; }}
QAbstractItemView#completions::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
"""
