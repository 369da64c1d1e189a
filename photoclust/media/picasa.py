"""Names that Picasa kept beside the photos: `.picasa.ini` in each folder, and its contacts.

What is known of the files was found out by their users: sections named after photos, in them
`faces=rect64(…),contact;…`, four 16-bit parts of the picture each (left, top, right, bottom), with
leading zeros left out. Which people the contacts are, `[Contacts2]` in the same file tells, and for
all folders `contacts.xml` in Picasa's own folder.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.regions import (
    FoundNames,
    NamedRegion,
    PictureShape,
    UnplacedRegion,
    upright,
)
from photoclust.core.types import Box
from photoclust.media.files import OriginalFile
from photoclust.media.xmp.documents import parse
from photoclust.media.xmp.regions import within

INI_NAMES = (".picasa.ini", "Picasa.ini", "picasa.ini")
MAX_FILE_BYTES = 16 * 2**20
MAX_FACES = 1000
NOBODY = "ffffffffffffffff"
"""The contact of a face that nobody named."""

_SECTION = re.compile(r"\[(.*)\]\s*")
_FACE = re.compile(r"rect64\(([0-9a-fA-F]{1,16})\)\s*,\s*([0-9a-fA-F]{1,16})")
_CROP = re.compile(r"(?:rect64\(|crop64=1,)([0-9a-fA-F]{1,16})")
_TURN = re.compile(r"rotate\(([0-3])\)")
_QUARTER = {1: 6, 2: 3, 3: 8}
"""The EXIF orientation that turns as so many of Picasa's quarter turns, clockwise."""


@dataclass(frozen=True, slots=True)
class PicasaFolder:
    """What a `.picasa.ini` tells: `names` by contact, and what stands of each photo, by its name in
    lower case.
    """

    names: Mapping[str, str]
    photos: Mapping[str, Mapping[str, str]]

    def of(
        self, name: str, shape: PictureShape, contacts: Mapping[str, str] | None = None
    ) -> FoundNames:
        """The faces of the photo file called `name`, a picture of `shape`; `contacts` are names
        from elsewhere for contacts that are not named here.
        """
        told = self.photos.get(name.casefold())
        if told is None:
            return FoundNames()
        regions: list[NamedRegion] = []
        unplaced: list[UnplacedRegion] = []
        nameless = strangers = 0
        for place, contact in _FACE.findall(told.get("faces", ""))[:MAX_FACES]:
            key = contact.casefold().rjust(16, "0")
            who = self.names.get(key) or (contacts or {}).get(key)
            if not who:
                nameless += key == NOBODY
                strangers += key != NOBODY
                continue
            box = within(rectangle(place))
            if isinstance(box, str):
                unplaced.append(UnplacedRegion(who, box))
                continue
            others = tuple(_other_readings(box, told, shape))
            regions.append(NamedRegion(who, box, "picasa", others=others, certain=not others))
        return FoundNames(tuple(regions), tuple(unplaced), nameless, strangers)


def read_folder(folder: Path) -> PicasaFolder | None:
    """What Picasa wrote into `folder`; None where it wrote nothing.

    Raises UserError, one sentence, where the file cannot be read.
    """
    path = next((folder / name for name in INI_NAMES if (folder / name).is_file()), None)
    return None if path is None else read_ini(path)


def read_ini(path: Path) -> PicasaFolder:
    """What is in a `.picasa.ini`. Raises UserError, one sentence, where it cannot be read."""
    names: dict[str, str] = {}
    photos: dict[str, dict[str, str]] = {}
    for section, entries in _sections(_text(path)):
        if section.casefold() in ("contacts2", "contacts"):
            for contact, value in entries.items():
                who = value.split(";", 1)[0].strip()
                # Before version 3.9 the name itself stood elsewhere: `user_lh,id` is none.
                if who and section.casefold() == "contacts2":
                    names[contact.casefold().rjust(16, "0")] = who
        else:
            # A file that was written twice over has a section twice: what is said last holds.
            photos.setdefault(section.casefold(), {}).update(entries)
    return PicasaFolder(names, photos)


def names_of_photos(path: Path) -> frozenset[str] | None:
    """The photos with faces that a `.picasa.ini` tells of, by their names in lower case; None where
    it cannot be read.
    """
    try:
        told = read_ini(path)
    except UserError:
        return None
    return frozenset(name for name, entries in told.photos.items() if "faces" in entries)


def read_contacts(path: Path) -> dict[str, str]:
    """Names by contact from a `contacts.xml`. Raises UserError, one sentence, where it cannot be
    read.
    """
    data = _bytes(path)
    try:
        root = parse(data)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    found: dict[str, str] = {}
    for contact in root.iter("contact"):
        who = (contact.get("name") or contact.get("display") or "").strip()
        if (key := contact.get("id")) and who:
            found[key.casefold().rjust(16, "0")] = who
    return found


def default_contacts() -> Path | None:
    """Picasa's own `contacts.xml` of whoever uses this computer, where it is there."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
        folders = [base / "Google" / version for version in ("Picasa2", "Picasa3")]
    elif sys.platform == "darwin":
        folders = [Path.home() / "Library" / "Application Support" / "Google" / "Picasa3"]
    else:  # where it ran by Wine
        folders = [Path.home() / ".google" / "picasa" / "3.0" / "Picasa3"]
        drives = Path.home().glob(".wine/drive_c/users/*/")
        folders += [drive / "Local Settings/Application Data/Google/Picasa2" for drive in drives]
    paths = [folder / "contacts" / "contacts.xml" for folder in folders]
    return next((path for path in paths if path.is_file()), None)


def rectangle(hexadecimal: str) -> Box:
    """What `rect64` says, relative to the picture."""
    digits = hexadecimal.rjust(16, "0")
    left, top, right, bottom = (int(digits[at : at + 4], 16) / 65535 for at in (0, 4, 8, 12))
    return Box(left, top, right - left, bottom - top)


def _other_readings(box: Box, told: Mapping[str, str], shape: PictureShape) -> Iterator[Box]:
    """Where `box` lies if it is not of the picture as Picasa opened it: turned by its EXIF
    orientation, but not by hand, nor cropped. Its versions differ.
    """
    if shape.orientation != 1:
        yield upright(box, shape.orientation)  # of the picture as it is stored
    if (turn := _TURN.search(told.get("rotate", ""))) and (quarter := _QUARTER.get(int(turn[1]))):
        yield upright(box, {6: 8, 8: 6}.get(quarter, quarter))  # of the picture turned by hand
        yield upright(box, quarter)  # that turn is in the file by now
    crop = _CROP.search(told.get("crop", "")) or _CROP.search(told.get("filters", ""))
    if crop and not isinstance(part := within(rectangle(crop[1])), str):
        x, y = part.x + box.x * part.w, part.y + box.y * part.h
        yield Box(x, y, box.w * part.w, box.h * part.h)  # of the part that was left


def _sections(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Sections with their entries; what is neither, as after a crash, is passed over."""
    # Not by configparser: it refuses files that Picasa reads, and changes what % stands in.
    section, entries = "", dict[str, str]()
    for line in text.splitlines():
        if found := _SECTION.fullmatch(line.strip()):
            yield section, entries
            section, entries = found[1], {}
        elif "=" in line:
            key, _, value = line.partition("=")
            entries[key.strip().casefold()] = value.strip()
    yield section, entries


def _text(path: Path) -> str:
    """The text of a file as Picasa wrote it: UTF-8, or what the computer had before."""
    data = _bytes(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(
                tr(
                    "{path} is larger than {most} MB and was not read",
                    path=path,
                    most=MAX_FILE_BYTES // 2**20,
                )
            )
        with OriginalFile(path) as original:
            return original.stream().read()
    except OSError as error:
        reason = error.strerror or "?"
        raise UserError(tr("{path}: {reason}", path=path, reason=reason)) from error
