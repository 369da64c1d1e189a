"""Stacks: RAW beside JPEG, edited versions, copies, bursts and the moments of a video are shown as
one photo.

Which photos these are is derived from names, looks and times, and made anew after every scan that
found something; that takes two seconds of a processor for a hundred thousand photos. What a name
says is believed unless the pictures differ too much; a look alone must be very near, or near and of
the same seconds.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.near_copies import BURST_BITS, alike, differing_bits
from photoclust.core.language import marked
from photoclust.core.pages import moment_of
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryId, LibraryChanges, Photo, PhotoId
from photoclust.media.formats import RAW_EXTENSIONS
from photoclust.media.look_hash import look_hash
from photoclust.media.thumbnails import decode
from photoclust.services import same_shot as same_shot_names
from photoclust.services.thumbnail_care import photo_thumbnail_key, thumbnails
from photoclust.store import photos as photo_store
from photoclust.store import same_shot
from photoclust.store import stacks as stack_store
from photoclust.store.database import Library, Transaction
from photoclust.store.journal import Act
from photoclust.store.same_shot import Form
from photoclust.store.stacks import Looks

STAGE = marked("Comparing photos")
OTHER_SHOT_BITS = 112
"""Files of one name that differ in more bits are two shots: half of 256 is chance, and a cut by a
tenth leaves 116 at the 99th percentile. Edited versions may be cut by any amount.
"""
_JPEG = frozenset((".jpg", ".jpeg", ".jpe", ".jfif"))


Rows = NDArray[np.int64]


class StackKind(StrEnum):
    """Why photos are one stack: they are forms of one shot by their names, they look alike, or they
    are moments of one video.
    """

    SHOT = "shot"
    ALIKE = "alike"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Stack:
    """Photos that are shown as one, by the first of them."""

    kind: StackKind
    photos: tuple[Photo, ...]


def rebuild(library: Library, *, control: JobControl | None = None) -> set[PhotoId]:
    """Find all stacks anew; gives the photos for which that changed anything.

    Raises CancelledError when `control` says so.
    """
    control = control or JobControl()
    with library.read() as tx:
        wanted = _find(tx, control)
        control.checkpoint()
        if stack_store.covers(tx) == wanted:
            return set()
    with library.write() as tx:
        return stack_store.write_covers(tx, wanted)


def carry_names_to_new(library: Library, since: EntryId) -> LibraryChanges:
    """Carry names over from other forms of a shot to what scans brought from the run `since` on."""
    with library.write() as tx:
        act = Act(tx, "same shot")
        same_shot_names.carry_to(act, stack_store.brought_since(tx, since))
        return act.finish()


def look_again(library: Library, *, control: JobControl | None = None) -> int:
    """Note what photos look like that were scanned before that was noted, from their thumbnails;
    gives how many could be.
    """
    control = control or JobControl()
    cache = thumbnails(library)
    with library.read() as tx:
        photos = stack_store.without_look(tx)
    found: dict[PhotoId, bytes] = {}
    for done, photo in enumerate(photos, 1):
        control.checkpoint()
        jpeg = cache.get(photo_thumbnail_key(photo))
        look = None if jpeg is None else look_hash(decode(jpeg))
        if look is not None:
            found[photo] = look
        control.report(STAGE, done, len(photos))
    with library.write() as tx:
        stack_store.write_looks(tx, found)
    return len(found)


def stacks(library: Library) -> list[Stack]:
    """All stacks, those with the newest cover first."""
    with library.read() as tx:
        covers = stack_store.covers(tx)
        order = [photo for photo in photo_store.photo_ids(tx) if photo in covers]
        photos = {photo.id: photo for photo in photo_store.photos(tx, order)}
        names: dict[PhotoId, set[tuple[str, str]]] = defaultdict(set)
        for form in same_shot.forms(tx, order):
            names[form.photo].add((form.folder, form.says.stem))
    members: dict[PhotoId, list[PhotoId]] = defaultdict(list)
    for photo in order:
        members[covers[photo]].append(photo)
    found = []
    for cover in order:
        if covers[cover] == cover and len(members[cover]) > 1:
            mine = sorted(members[cover], key=lambda photo: photo != cover)
            together = tuple(photos[photo] for photo in mine)
            found.append(Stack(_kind(together, names), together))
    return found


def _kind(
    together: Sequence[Photo], names: Mapping[PhotoId, Collection[tuple[str, str]]]
) -> StackKind:
    if any(moment_of(path) is not None for photo in together for path in photo.paths):
        return StackKind.VIDEO
    shared = set.intersection(*(set(names[photo.id]) for photo in together))
    return StackKind.SHOT if shared else StackKind.ALIKE


def _find(tx: Transaction, control: JobControl) -> dict[PhotoId, PhotoId]:
    looks = stack_store.looks(tx)
    row_of = {photo: row for row, photo in enumerate(looks.ids.tolist())}
    by_name: dict[tuple[str, str], list[Form]] = defaultdict(list)
    forms_of: dict[int, list[Form]] = defaultdict(list)
    for form in same_shot.forms(tx):
        control.checkpoint()
        forms_of[row_of[form.photo]].append(form)
        by_name[form.folder, form.says.stem].append(form)
    pairs = [_by_look(looks)]
    control.checkpoint()
    pairs += [_by_name(forms, looks, row_of) for forms in by_name.values() if len(forms) > 1]
    videos = [(row_of[shown], row_of[photo]) for photo, shown in same_shot.moments(tx)]
    pairs.append(np.array(videos, np.int64).reshape(-1, 2))
    covers: dict[PhotoId, PhotoId] = {}
    for rows in _connected(np.concatenate(pairs), len(looks.ids)):
        rank = {row: min(map(_rank, forms_of[row]), default=_WORST) for row in rows}
        absent = ~looks.present
        best = min(rows, key=lambda row: (absent[row], rank[row], -looks.pixels[row], row))
        cover = PhotoId(int(looks.ids[best]))  # no numpy: SQLite would keep its bytes
        covers |= dict.fromkeys(map(PhotoId, looks.ids[rows].tolist()), cover)
    return covers


_WORST = (True, True, True)


def _rank(form: Form) -> tuple[bool, bool, bool]:
    """By what a form is shown for its stack: edited before original, JPEG before others."""
    return not form.says.edited, form.extension in RAW_EXTENSIONS, form.extension not in _JPEG


def _by_look(looks: Looks) -> Rows:
    seen = np.flatnonzero(looks.seen)
    return seen[alike(looks.looks[seen], looks.times[seen])].reshape(-1, 2)


def _by_name(forms: Sequence[Form], looks: Looks, row_of: dict[PhotoId, int]) -> Rows:
    """Pairs of rows of the photos of one name that are one shot."""
    found = []
    # Originals first, then what was edited, then copies: each goes with the first that will do.
    ordered = sorted(forms, key=lambda form: (form.says.copied, form.says.edited, form.photo))
    for at, form in enumerate(ordered):
        for other in ordered[:at]:
            one, two = row_of[other.photo], row_of[form.photo]
            if one != two and _are_one_shot(other, form, looks, one, two):
                found.append((one, two))
                break
    return np.array(found, np.int64).reshape(-1, 2)


def _are_one_shot(one: Form, other: Form, looks: Looks, row: int, other_row: int) -> bool:
    rows = [row, other_row]
    if not looks.seen[rows].all():
        return not (one.says.copied or other.says.copied)
    bits = int(differing_bits(looks.looks[rows[:1]], looks.looks[rows[1:]])[0])
    if one.says.copied or other.says.copied:
        return bits <= BURST_BITS
    return one.says.edited or other.says.edited or bits <= OTHER_SHOT_BITS


def _connected(pairs: Rows, count: int) -> list[list[int]]:
    """The rows that `pairs` [M, 2] join, of `count` rows, in groups of two and more."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - .1 s that no scan waits for at its start
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - as that

    if not len(pairs):
        return []
    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    group = connected_components(graph, directed=False)[1]
    found: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.bincount(group, minlength=1)[group] > 1).tolist():
        found[int(group[row])].append(row)
    return list(found.values())
