"""What the frozen app runs: command line and window, or the work of one of its processes."""

import multiprocessing
import os
import sys


def restore_search_path() -> None:
    """Take the app's own folder out of where programs that it starts look for libraries.

    The starter puts it there for this process, which has read it by now; a file manager or mail
    program that the window opens must find its own libraries, not those of the app. What the app
    starts of itself is told to begin anew with the search path, which it would take for set.
    """
    if sys.platform != "linux":
        return
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"


if __name__ == "__main__":
    restore_search_path()
    # A worker goes to its work in here, before what only the command line needs is imported.
    multiprocessing.freeze_support()

    from photoclust.cli import main

    main()
