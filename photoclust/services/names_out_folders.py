"""A folder of photos for each person: hard links, symbolic links or copies.

A photo of several people is in the folder of each. Nothing is overwritten: the second export passes
over what is there already. Links that a file system refuses are told in one sentence.
"""

import errno
import os
import re
import shutil
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.forms import as_shown
from photoclust.core.language import marked, tr
from photoclust.core.pages import file_of
from photoclust.core.paths import make_private_folder, private
from photoclust.core.progress import JobControl
from photoclust.core.types import Failure, PersonId, PhotoId
from photoclust.services.names_out import Wanted, out_photos, people_in
from photoclust.services.names_out_places import require_outside
from photoclust.store import outgoing, stacks
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.store.outgoing import OutPerson

STAGE = marked("Sorting photos by person")
MAX_NAME_BYTES = 200
"""Of a file or folder; most file systems take 255, and a number may have to fit behind it."""
_BLOCK = 2**20
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
"""What Windows, and with it FAT and most network drives, refuse in a name."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_NO_LINKS = frozenset(
    {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
)


class Link(StrEnum):
    """How a photo comes into the folder of a person."""

    HARD = "hard"
    SYMBOLIC = "symbolic"
    COPY = "copy"


@dataclass(slots=True)
class Sorted:
    """How many photos were put into how many folders of `people`; `there` were so before, and
    `in_same` more are in the same files: further pages of a document, or moments of a video.

    `offline` photos have no file at its place, of any form that was to leave. `fell_back` says in a
    sentence why photos were copied though links were asked for; empty where they were not.
    """

    made: int = 0
    there: int = 0
    in_same: int = 0
    people: int = 0
    offline: int = 0
    fell_back: str = ""
    failed: list[Failure] = field(default_factory=list)


def export_folders(
    library: Library,
    target: Path,
    wanted: Wanted,
    *,
    link: Link = Link.COPY,
    all_forms: bool = False,
    skip_patterns: Iterable[str] = (),
    control: JobControl | None = None,
) -> Sorted:
    """Put a file of every photo of each person who is `wanted`, hidden ones only where they are
    asked for, into a folder of `target` with their name: of the forms of a shot one that they are
    in and that is there, or with `all_forms` each.

    Raises UserError when `target` cannot be a folder, or is in one of the library where scans with
    these `skip_patterns` would find the copies. What was made stays when it is cancelled.
    """
    control = control or JobControl()
    if target.exists() and not target.is_dir():
        raise UserError(tr("{path} is a file; choose a folder", path=target))
    require_outside(library, target, skip_patterns)
    with library.read() as tx:
        people = outgoing.people(tx)
        photos = photo_store.photo_ids(tx)
        covers = {} if all_forms else stacks.covers(tx)
    folders = _folders(target, _named(people.values(), wanted))
    work = _Sorting(Link(link), control)
    sources: dict[PhotoId, Path] = {}
    photos_of: dict[PersonId, list[PhotoId]] = defaultdict(list)
    missed: set[PhotoId] = set()
    for out in out_photos(library, photos):
        control.checkpoint()
        who = people_in(out, wanted) & folders.keys()
        if not who:
            continue
        photo = out.photo.id
        places = (file_of(file.path) for file in out.files)
        source = next((path for path in places if path.is_file()), None)
        if source is None:
            missed.add(covers.get(photo, photo))
            continue
        sources[photo] = source
        for person in who:
            photos_of[person].append(photo)
    work.report.offline = len(missed - {covers.get(photo, photo) for photo in sources})
    work.report.people = len(photos_of)
    every = [
        (sources[photo], person)
        for person, mine in sorted(photos_of.items())
        for photo in as_shown(mine, covers).shown
    ]
    wishes = list(dict.fromkeys(every))
    work.report.in_same = len(every) - len(wishes)
    for done, (source, person) in enumerate(wishes):
        control.checkpoint()
        control.report(STAGE, done, len(wishes))
        work.put(source, make_private_folder(folders[person]))
    control.report(STAGE, len(wishes), len(wishes))
    return work.report


def _named(people: Iterable[OutPerson], wanted: Wanted) -> list[OutPerson]:
    if wanted.people is None:
        return [person for person in people if person.name and not person.hidden]
    return [person for person in people if person.id in wanted.people]


def _folders(target: Path, people: Iterable[OutPerson]) -> Mapping[PersonId, Path]:
    """A folder for each person; those whose names a file system cannot tell apart get a number."""
    folders: dict[PersonId, Path] = {}
    taken: set[str] = set()
    for person in people:
        name = safe_name(person.name or tr("Without a name"))
        for place in count(1):
            folder = name + _number(place)
            if (key := unicodedata.normalize("NFC", folder).casefold()) not in taken:
                break
        taken.add(key)
        folders[person.id] = target / folder
    return folders


def safe_name(name: str) -> str:
    """`name` as every file system takes it, on Windows too; at most MAX_NAME_BYTES of UTF-8."""
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    cleaned = cleaned.encode("utf-8", "ignore")[:MAX_NAME_BYTES].decode("utf-8", "ignore")
    cleaned = cleaned.strip(" .") or "_"
    return f"_{cleaned}" if _DEVICES.fullmatch(cleaned) else cleaned


def _number(place: int) -> str:
    return "" if place == 1 else f" ({place})"


@dataclass(slots=True)
class _Sorting:
    link: Link
    control: JobControl
    report: Sorted = field(default_factory=Sorted)
    used: set[Path] = field(default_factory=set)
    """What is that of another photo, though it may look the same by size and time."""

    def put(self, source: Path, folder: Path) -> None:
        """Have `source` in `folder` under its name, or with a number where that is taken."""
        stem, ending = safe_name(source.stem), _UNSAFE.sub("_", source.suffix)
        try:
            for place in count(1):
                path = folder / f"{stem}{_number(place)}{ending}"
                if path in self.used:
                    continue
                if not path.exists() and not path.is_symlink():
                    self._make(source, path)
                    self.used.add(path)
                    self.report.made += 1
                    return
                if _is_same(source, path):
                    self.used.add(path)
                    self.report.there += 1
                    return
        except OSError as error:
            self.report.failed.append(
                Failure(source, tr("it cannot be copied ({reason})", reason=error.strerror))
            )

    def _make(self, source: Path, path: Path) -> None:
        try:
            if self.link is Link.HARD:
                os.link(os.path.realpath(source), path)
                return
            if self.link is Link.SYMBOLIC:
                path.symlink_to(source.absolute())
                return
        except OSError as error:
            # Windows lets only some users make symbolic links.
            if error.errno not in _NO_LINKS and getattr(error, "winerror", None) != 1314:
                raise
            self.report.fell_back = tr(
                "Copied instead of linked: {folder} takes no such links to the photos ({reason}).",
                folder=path.parent.parent,
                reason=error.strerror,
            )
            self.link = Link.COPY
        self._copy(source, path)

    def _copy(self, source: Path, path: Path) -> None:
        try:
            with (
                source.open("rb") as original,
                open(path, "xb", opener=private) as copy,
            ):
                while block := original.read(_BLOCK):
                    self.control.checkpoint()
                    copy.write(block)
            shutil.copystat(source, path)
            path.chmod(0o600)
        except BaseException:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise


def _is_same(source: Path, path: Path) -> bool:
    """Whether `path` is `source`, or a copy that an export made of it."""
    try:
        one, other = source.stat(), path.stat()
    except OSError:
        return False
    if (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino):
        return True
    # FAT keeps times to 2 s.
    close = abs(one.st_mtime_ns - other.st_mtime_ns) <= 2 * 10**9
    return one.st_size == other.st_size and close
