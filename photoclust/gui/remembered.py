"""What the window remembers of itself: its place, what is folded. No setting that a user makes."""

import hashlib
import os
from pathlib import Path

from PySide6.QtCore import QSettings

from photoclust.core.paths import settings_file

GEOMETRY = "window/geometry"
GUIDE_GEOMETRY = "guide/geometry"
JOBS_FOLDED = "jobs/folded"


def seen_until(library: Path) -> str:
    """The key of the moment until which the news of the library in this folder were seen."""
    return f"seen/{hashlib.sha256(os.fsencode(library)).hexdigest()[:16]}"


def remembered() -> QSettings:
    """Where it is kept: beside the settings, in a file that can be deleted at any time."""
    return QSettings(str(settings_file().with_name("window.ini")), QSettings.Format.IniFormat)
