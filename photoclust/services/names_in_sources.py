"""Where names come from: files and what lies beside them, Picasa, digiKam, Apple Photos.

Each source gives what it tells by photo of this library; no library is written, and no original.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.language import marked, tr
from photoclust.core.pages import is_part
from photoclust.core.paths import absolute_path
from photoclust.core.progress import JobControl
from photoclust.core.regions import (
    ForeignPhoto,
    ForeignPhotos,
    FoundNames,
    NamedRegion,
    PictureShape,
    UnplacedRegion,
    is_known,
    same_aspect,
)
from photoclust.core.types import PhotoId
from photoclust.media import headers, named, osxphotos, picasa
from photoclust.media.files import OriginalFile
from photoclust.media.xmp.regions import other_picture, within
from photoclust.services.names_in import Told
from photoclust.store import digikam, named_faces
from photoclust.store.database import Library
from photoclust.store.named_faces import KnownFile

STAGE = marked("Looking for names")


class Source(StrEnum):
    """Who wrote the names."""

    FILES = "files"
    PICASA = "picasa"
    DIGIKAM = "digikam"
    OSXPHOTOS = "osxphotos"


_TITLES = {
    Source.FILES: marked("files"),
    Source.PICASA: "Picasa",
    Source.DIGIKAM: "digiKam",
    Source.OSXPHOTOS: "Apple Photos",
}


def title(source: Source) -> str:
    """What a source is called."""
    return tr(_TITLES[source])


def find_names(
    library: Library,
    source: Source,
    *,
    folders: Sequence[Path] = (),
    path: Path | None = None,
    contacts: Path | None = None,
    control: JobControl | None = None,
) -> Told:
    """What `source` tells of the photos of `library`.

    For files and Picasa, `folders` are those to look in, by default all; `contacts` is a
    `contacts.xml` of Picasa. For digiKam, `path` is its database, for osxphotos its JSON file or
    the folder of an export. Raises UserError, one sentence, when a file that was named cannot be
    used, CancelledError when cancelled.
    """
    control = control or JobControl()
    with library.read() as tx:
        files = named_faces.files(tx)
    match source:
        case Source.FILES | Source.PICASA:
            names = None if contacts is None else picasa.read_contacts(contacts)
            near = [file for file in files if file.there and _is_below(file.path, folders)]
            if folders and not near:
                raise UserError(
                    tr(
                        "the library has no photos in {folder}; scan it first",
                        folder=folders[0],
                    )
                )
            read = _read_file if source is Source.FILES else _read_picasa
            return _from_files(near, read, names, control)
        case Source.DIGIKAM | Source.OSXPHOTOS:
            if path is None:
                raise UserError(tr("say which file the names are to be read from"))
            control.report(STAGE, 0)
            told = digikam.read(path) if source is Source.DIGIKAM else osxphotos.read(path)
            control.checkpoint()
            return _place(told, files, control)


def _from_files(
    files: Sequence[KnownFile],
    read: Callable[[KnownFile, Mapping[str, str] | None], FoundNames],
    contacts: Mapping[str, str] | None,
    control: JobControl,
) -> Told:
    found: dict[PhotoId, FoundNames] = {}
    problems: list[str] = []
    for number, file in enumerate(files):
        control.checkpoint()
        control.report(STAGE, number, len(files))
        try:
            names = read(file, contacts)
        except UnreadableFileError as error:
            problems.append(str(error))
            continue
        if names:
            before = found.get(file.photo, FoundNames())
            found[file.photo] = before.with_others(names)
    control.report(STAGE, len(files), len(files))
    return Told(found, problems=tuple(dict.fromkeys(problems)))


def _read_file(file: KnownFile, contacts: Mapping[str, str] | None) -> FoundNames:
    with OriginalFile(file.path, head_only=True) as original:
        return named.read_names(original, lambda: headers.read_shape(original), contacts)


def _read_picasa(file: KnownFile, contacts: Mapping[str, str] | None) -> FoundNames:
    if is_part(file.path):
        return FoundNames()

    def shape() -> PictureShape:
        with OriginalFile(file.path, head_only=True) as original:
            return headers.read_shape(original)

    return named.read_picasa(file.path, shape, contacts)


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    tops = [absolute_path(folder) for folder in folders]
    return not tops or any(path.is_relative_to(top) for top in tops)


def _place(told: ForeignPhotos, files: Sequence[KnownFile], control: JobControl) -> Told:
    """Find the photos of another program here, and place its boxes in them."""
    index = _Index(files)
    found: dict[PhotoId, FoundNames] = {}
    unknown = 0
    for number, photo in enumerate(told.photos):
        control.checkpoint()
        control.report(STAGE, number, len(told.photos))
        file = index.find(photo)
        if file is None:
            unknown += 1
            continue
        before = found.get(file.photo, FoundNames())
        found[file.photo] = before.with_others(_placed(photo, file))
    control.report(STAGE, len(told.photos), len(told.photos))
    if told.nameless and found:
        first = next(iter(found))
        found[first] = found[first].with_others(FoundNames(nameless=told.nameless))
    return Told(found, unknown, told.problems)


def _placed(photo: ForeignPhoto, file: KnownFile) -> FoundNames:
    """The faces of `photo` in the upright picture of `file`."""
    shape = (file.width, file.height)
    size = shape if photo.size is None else _in_order(photo.size, shape)
    regions: list[NamedRegion] = []
    unplaced: list[UnplacedRegion] = []
    for name, told in photo.faces:
        if size is None:
            unplaced.append(UnplacedRegion(name, other_picture()))
            continue
        box = within(told.scaled(1 / size[0], 1 / size[1]) if photo.in_pixels else told)
        if isinstance(box, str):
            unplaced.append(UnplacedRegion(name, box))
            continue
        region = NamedRegion(name, box, photo.source)
        if not is_known(region, regions):
            regions.append(region)
    return FoundNames(tuple(regions), tuple(unplaced))


def _in_order(size: tuple[int, int], shape: tuple[int, int]) -> tuple[int, int] | None:
    """`size` as width and height of a picture of the aspect of `shape`; None where it is of none:
    programs tell that of the picture as it is stored, or as it is seen.
    """
    orders = (size, (size[1], size[0]))
    return next((order for order in orders if same_aspect(order, shape)), None)


class _Index:
    """Finds photos by what another program calls them."""

    def __init__(self, files: Sequence[KnownFile]) -> None:
        self._by_path = {file.path: file for file in files}
        self._by_name: dict[str, list[KnownFile]] = defaultdict(list)
        for file in files:
            self._by_name[_fold(file.path.name)].append(file)

    def find(self, photo: ForeignPhoto) -> KnownFile | None:
        """The file that `photo` is about, by its path, or by the end of it where that is clear:
        the collection may lie elsewhere here, or be a copy.
        """
        for path in photo.paths:
            if path in self._by_path:
                return self._by_path[path]
        for path in photo.paths:
            if (found := self._by_end(path, photo)) is not None:
                return found
        return None

    def _by_end(self, path: Path, photo: ForeignPhoto) -> KnownFile | None:
        alike = {file: _common_end(path, file.path) for file in self._by_name[_fold(path.name)]}
        most = max(alike.values(), default=0)
        best = [file for file, parts in alike.items() if parts == most]
        if most < 2 or len({file.photo for file in best}) > 1:
            # A name such as IMG_0001.JPG is not enough; together with the exact size it may be.
            best = [file for file in best if _is_size(photo.size, file)]
        return best[0] if len({file.photo for file in best}) == 1 else None


def _is_size(size: tuple[int, int] | None, file: KnownFile) -> bool:
    return size is not None and sorted(size) == sorted((file.width, file.height))


def _common_end(one: Path, other: Path) -> int:
    """How many last parts two paths share."""
    count = 0
    for mine, theirs in _pairs_from_end(one, other):
        if _fold(mine) != _fold(theirs):
            break
        count += 1
    return count


def _pairs_from_end(one: Path, other: Path) -> Iterator[tuple[str, str]]:
    return zip(reversed(one.parts), reversed(other.parts), strict=False)


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
