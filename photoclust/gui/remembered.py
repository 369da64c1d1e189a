"""What the window remembers of itself: its place, what is folded. No setting that a user makes."""

from PySide6.QtCore import QSettings

from photoclust.core.paths import settings_file

GEOMETRY = "window/geometry"
JOBS_FOLDED = "jobs/folded"


def remembered() -> QSettings:
    """Where it is kept: beside the settings, in a file that can be deleted at any time."""
    return QSettings(str(settings_file().with_name("window.ini")), QSettings.Format.IniFormat)
