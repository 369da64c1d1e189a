"""Names that stand in a photo and beside it: in its XMP, its sidecars, and Picasa's file in its
folder. Nothing is written.
"""

import os
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.language import tr
from photoclust.core.pages import is_part
from photoclust.core.regions import FoundNames, PictureShape
from photoclust.media import picasa
from photoclust.media.files import OriginalFile
from photoclust.media.xmp.documents import RDF, parse
from photoclust.media.xmp.packets import read_packets, read_sidecar, sidecars
from photoclust.media.xmp.regions import read_regions
from photoclust.media.xmp.words import read_words

_REGIONS = (b"RegionList", b"RegionInfo", b"photoclust.org/ns/faces")
_WORDS = (
    b"PersonInImage", b"hierarchicalSubject", b"TagsList", b"LastKeywordXMP", b"Hierarchy",
    b":subject",
)  # fmt: skip
"""One of them stands in every packet with names; the others need not be parsed."""


def _with_wide(signs: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """`signs` as they are written in every encoding that XMP may have."""
    wide = ("utf-16-le", "utf-16-be")
    return (*signs, *(sign.decode().encode(each) for sign in signs for each in wide))


_ANY_XMP = _with_wide((b"RDF",))
_ANY_REGIONS, _ANY_WORDS = _with_wide(_REGIONS), _with_wide(_WORDS)


def read_names(
    original: OriginalFile,
    shape: Callable[[], PictureShape],
    contacts: Mapping[str, str] | None = None,
) -> FoundNames:
    """The names in and beside an open photo; `shape` is asked where there are any. `contacts` are
    names of Picasa's contacts, by default those of Picasa's own folder.

    What cannot be read is told in `problems`, and hides nothing of the rest.
    """
    found, path = FoundNames(), original.path
    # A sidecar is newer than what the file holds: programs write it where they spare the file.
    for sidecar in sidecars(path):
        beside = _attempt(sidecar, partial(_sidecar_packets, sidecar), shape)
        found = found.with_others(beside)
    if is_part(path):
        return found  # what the file itself says is said of its first picture
    found = found.with_others(_attempt(path, partial(read_packets, original), shape))
    return found.with_others(read_picasa(path, shape, contacts))


def read_picasa(
    path: Path, shape: Callable[[], PictureShape], contacts: Mapping[str, str] | None = None
) -> FoundNames:
    """The names that Picasa kept in the folder of the photo `path`; as `read_names`."""
    try:
        folder = _picasa_folder(path.parent, _stamp(path.parent))
        if folder is None or path.name.casefold() not in folder.photos:
            return FoundNames()
        known = _own_contacts() if contacts is None else contacts
        return folder.of(path.name, shape(), known)
    except UserError as error:
        return FoundNames(problems=(str(error),))


def _sidecar_packets(path: Path) -> list[bytes]:
    """What a sidecar holds. Raises UserError, one sentence, where it is no XMP: into a packet
    without names nobody looks any further.
    """
    packet = read_sidecar(path)
    # Where the first tag of what is said and the last are there, it is. One that is empty is yet to
    # be written.
    if packet.strip() and not any(packet.count(sign) >= 2 for sign in _ANY_XMP):
        try:
            said = list(parse(packet).iter(f"{{{RDF}}}RDF"))
        except UserError as error:
            raise UserError(f"{path}: {error}") from error
        if not said:
            reason = tr("it is damaged or no XMP")
            raise UserError(f"{path}: {reason}")
    return [packet]


def _attempt(
    path: Path, packets: Callable[[], list[bytes]], shape: Callable[[], PictureShape]
) -> FoundNames:
    """The names in packets of the file `path`, or what is wrong with them."""
    found = FoundNames()
    try:
        for packet in packets():
            try:
                found = found.with_others(_names_in(packet, shape))
            except UnreadableFileError:
                raise
            except UserError as error:
                found = found.with_others(FoundNames(problems=(f"{path}: {error}",)))
    except UserError as error:
        found = found.with_others(FoundNames(problems=(str(error),)))
    return found


def _names_in(packet: bytes, shape: Callable[[], PictureShape]) -> FoundNames:
    boxes = any(sign in packet for sign in _ANY_REGIONS)
    if not boxes and not any(sign in packet for sign in _ANY_WORDS):
        return FoundNames()
    root = parse(packet)
    found = FoundNames(tagged=read_words(root))
    return read_regions(root, shape()).with_others(found) if boxes else found


def _stamp(folder: Path) -> tuple[str, int, int] | None:
    """What tells Picasa's file in `folder` from what it was before; None where there is none."""
    for name in picasa.INI_NAMES:
        try:
            status = os.stat(folder / name)  # noqa: PTH116 - asked of every photo
        except OSError:
            continue
        return name, status.st_size, status.st_mtime_ns
    return None


@lru_cache(maxsize=16)
def _picasa_folder(folder: Path, stamp: tuple[str, int, int] | None) -> picasa.PicasaFolder | None:
    """Read once for all photos of a folder."""
    return None if stamp is None else picasa.read_ini(folder / stamp[0])


@lru_cache(maxsize=1)
def _own_contacts() -> dict[str, str]:
    path = picasa.default_contacts()
    try:
        return {} if path is None else picasa.read_contacts(path)
    except UserError:
        return {}
