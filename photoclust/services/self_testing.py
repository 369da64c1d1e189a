"""Whether this installation works: its models, a scan and a grouping of the demo album, the window.

Everything happens in a temporary folder; no library, setting or cache of the user is touched.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from photoclust import __version__
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.language import LANGUAGES
from photoclust.core.paths import resource
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services import browse
from photoclust.services.benchmark_startup import NO_SCREEN, program, started
from photoclust.services.session import scan_and_group
from photoclust.store.database import SCHEMA_VERSION, Library, upgrades_to
from photoclust.vision import models

TEMPORARY = "photoclust-self-test-"
LEAST_COLOURS = 100
"""A window that shows words alone has fewer colours, and one with faces in it has many more."""
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried, whether it worked, and what is to be said of it."""

    name: str
    ok: bool
    text: str


def run(*, control: JobControl | None = None) -> Iterator[Step]:
    """Try one thing after the other; a step after one that failed may fail for the same reason.

    Raises CancelledError when cancelled.
    """
    control = control or JobControl()
    with TemporaryDirectory(prefix=TEMPORARY) as temporary:
        home = Path(temporary, "home")
        home.mkdir()
        library = Path(temporary, "library")
        picture = Path(temporary, "window.png")
        yield _step("program", lambda: _program(home, control))
        yield _step("resources", _resources)
        yield _step("models", _models)
        yield _step("upgrade", _upgrade)
        yield _step("demo", lambda: _demo(library, control))
        yield _step("window", lambda: _window(library, home, picture, control))


def _step(name: str, what: Callable[[], str]) -> Step:
    try:
        return Step(name, True, what())
    except CancelledError:
        raise
    except UserError as error:
        return Step(name, False, str(error))
    except Exception as error:
        # An installation that lacks something fails in every way there is.
        return Step(name, False, f"{type(error).__name__}: {error}")


def _program(home: Path, control: JobControl) -> str:
    command = [*program(), "--version"]
    told = started(command, home, control).lines
    if f"photoclust {__version__}" not in told:
        raise UserError(f"{' '.join(command)} says {list(told)}, not photoclust {__version__}")
    kind = "frozen" if getattr(sys, "frozen", False) else "installed"
    return f"photoclust {__version__}, {kind}, starts itself"


def _resources() -> str:
    for language in LANGUAGES:
        if language != "en":  # the language of the messages themselves
            resource("locale", language, "LC_MESSAGES", "photoclust.mo")
    resource("icons", "photoclust.svg")
    photos = sum(path.is_file() for path in resource("demo", "album").rglob("*"))
    return f"icons, translations and {photos} photos of the demo album are there"


def _models() -> str:
    specs = models.list_models()
    for spec in specs:
        models.verify(spec)
    return f"{len(specs)} models are the ones that were released"


def _upgrade() -> str:
    newest = upgrades_to()
    if newest != SCHEMA_VERSION:
        raise UserError(f"libraries can be upgraded to {newest}, and not to {SCHEMA_VERSION}")
    return f"libraries of older versions are upgraded to schema {newest}"


def _demo(folder: Path, control: JobControl) -> str:
    with Library(folder) as library:
        scan = scan_and_group(library, [resource("demo", "album")], Settings(), control=control)
        groups = len(browse.groups(library))
    found = f"photos: {scan.scan.photos}, faces: {scan.scan.faces}, groups: {groups}"
    if not scan.scan.faces or not groups:
        raise UserError(f"too little was found in the demo album: {found}")
    return found


def _window(library: Path, home: Path, picture: Path, control: JobControl) -> str:
    command = [*program(), "bench", "window", "--until", "people", "--library", str(library)]
    screen = _screen()
    told = started([*command, "--picture", str(picture)], home, control, screen=screen).lines
    if "people" not in told:
        raise UserError("the window was not painted with people in it")
    with Image.open(picture) as opened:
        size, colours = opened.size, len(opened.convert("RGB").getcolors(maxcolors=2**24) or ())
    if colours < LEAST_COLOURS:
        raise UserError(f"the window is blank: {colours} colours in {size[0]} × {size[1]} px")
    where = "the screen" if screen is None else f"the platform {screen}"
    return f"painted on {where} after {told['people']:.1f} s, with {colours:,} colours"


def _screen() -> str | None:
    """Where the window opens: on the screen, if there is one and nothing else is asked for."""
    if asked := os.environ.get("QT_QPA_PLATFORM"):
        return asked
    has_none = sys.platform.startswith("linux") and not any(map(os.environ.get, _SCREENS))
    return NO_SCREEN if has_none else None
