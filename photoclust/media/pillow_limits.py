"""What is global in Pillow, as photoclust wants it while it decodes and as it was otherwise."""

import threading
import warnings
from contextlib import ExitStack
from types import TracebackType

from PIL import Image


class PillowLimits:
    """While entered: Pillow's own pixel limit is `max_pixels`, and its warnings are not shown.

    Both are global in Pillow and Python. They are put back when the last of several threads leaves.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._lock = threading.Lock()
        self._inside = 0
        self._undo = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._undo.callback(setattr, Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
                Image.MAX_IMAGE_PIXELS = self._max_pixels
                self._undo.enter_context(warnings.catch_warnings())
                warnings.filterwarnings("ignore", module=r"(PIL|pi_heif)\.")
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._undo.close()
