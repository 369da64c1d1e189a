"""Sidecars and Picasa's files that came or changed beside photos which a scan need not read again.

The walk has seen their sizes and times; what differs from what was read last is read, and names in
it are taken over as those of new photos are. What the user took back does not come again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from photoclust.core.errors import UnreadableFileError
from photoclust.core.language import marked
from photoclust.core.pages import beside as beside_picture
from photoclust.core.pages import file_of, is_part, told_of
from photoclust.core.progress import JobControl
from photoclust.core.regions import FoundNames
from photoclust.core.types import FileStat, LibraryChanges, PhotoId
from photoclust.media import headers
from photoclust.media.files import OriginalFile
from photoclust.media.named import read_names
from photoclust.media.picasa import INI_NAMES, names_of_photos
from photoclust.media.xmp.own import State, read_values
from photoclust.services.names_in_scanning import Taken, take
from photoclust.store import photos as photo_store
from photoclust.store import sidecars
from photoclust.store.chunks import chunks
from photoclust.store.database import Library

STAGE = marked("Looking for names")
_AT_ONCE = 64
"""Photos whose names are taken over in one transaction."""


def take_changed(
    library: Library,
    beside: Sequence[FileStat],
    photos: Iterable[Path],
    before: Taken,
    *,
    control: JobControl,
    on_changes: Callable[[LibraryChanges], None],
) -> Taken:
    """Take over names from those of the files `beside` photos that were not read as they are, for
    the photo files `photos`; `before` is what the scan has taken over already.

    What is taken over when it is cancelled stays, and is not read again.
    """
    with library.read() as tx:
        changed = sidecars.changed(tx, beside)
    if not changed:
        return before
    concerned = _photos_beside(changed, photos)
    with library.read() as tx:
        known = photo_store.photos_at(
            tx, list({path for each in concerned.values() for path in each})
        )
    taken, read = before, set[Path]()
    for number, part in enumerate(chunks(changed, _AT_ONCE)):
        found: dict[PhotoId, FoundNames] = {}
        for place, stat in enumerate(part):
            control.checkpoint()
            control.report(STAGE, number * _AT_ONCE + place, len(changed))
            for path in concerned[stat.path]:
                if path in known and path not in read:
                    read.add(path)
                    names = found.get(known[path], FoundNames()).with_others(_news(path))
                    found[known[path]] = names
        changes = LibraryChanges()
        with library.write() as tx:
            if any(found.values()):
                taken, changes = take(tx, found, taken)
            sidecars.note(tx, part)
        if changes.photos or changes.faces:
            on_changes(changes)
    with library.write() as tx:
        sidecars.forget(tx, beside, {stat.path.parent for stat in beside})
    return taken


def _news(path: Path) -> FoundNames:
    """The names in and beside the photo file `path`, without what photoclust only guessed."""
    try:
        with OriginalFile(path, head_only=True) as original:
            found = read_names(original, lambda: headers.read_shape(original))
    except UnreadableFileError as error:
        return FoundNames(problems=(str(error),))
    regions = []
    for region in found.regions:
        own = read_values(region.extensions)
        if own is None or own.state is not State.SUGGESTED:
            regions.append(region)
    return replace(found, regions=tuple(regions))


def _photos_beside(
    changed: Sequence[FileStat], photos: Iterable[Path]
) -> Mapping[Path, Sequence[Path]]:
    """Those of the files `photos` that each of the files `changed` may tell of."""
    there: dict[Path, list[Path]] = defaultdict(list)
    folders = {stat.path.parent for stat in changed}
    for path in photos:
        if path.parent in folders:
            there[path.parent].append(path)
    by_name: dict[Path, list[Path]] = defaultdict(list)
    for path in (path for paths in there.values() for path in paths):
        for name in {path, path.with_suffix("")}:
            by_name[name].append(path)
    for part in (told_of(stat.path.with_suffix("")) for stat in changed):
        if is_part(part) and file_of(part) in by_name:
            by_name[beside_picture(part)].append(part)
    return {
        stat.path: _in_picasa(stat.path, there[stat.path.parent])
        if stat.path.name in INI_NAMES
        else by_name.get(stat.path.with_suffix(""), [])
        for stat in changed
    }


def _in_picasa(ini: Path, photos: Sequence[Path]) -> Sequence[Path]:
    """Those of the `photos` in its folder that Picasa's file tells of: all where it is damaged, so
    that this is told.
    """
    told = names_of_photos(ini)
    return [path for path in photos if told is None or path.name.casefold() in told]
