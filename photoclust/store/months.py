"""The months of a library: what was taken in each, and who is seen most in it.

Long lists of numbers come out of the database as one text: as rows of their own they take several
times as long.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, String, case, cast, func, select, type_coerce

from photoclust.core.types import PhotoId
from photoclust.store import schema
from photoclust.store.chunks import listed
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.photo_dates import month_number, taken_text

Ids = NDArray[np.int64]


def photos_by_month(tx: Transaction) -> list[tuple[int | None, Ids]]:
    """The ids of the photos of each month in which there are some; the months are numbers and in
    order as `photos.photo_months` has them.
    """
    photo = schema.photo.c
    # What the number is made of takes a third of the time that the number does.
    by_file = func.substr(type_coerce(photo.taken_at, String), 1, len("2019-05"))
    by_hand = cast(month_number(taken_text(), photo.dated), String)
    number = func.coalesce(case((photo.dated.is_(None), by_file), else_=by_hand), "0")
    ids, numbers = tx.execute(select(_joined(photo.id), _joined(number))).one()
    (files,) = tx.execute(select(_joined(schema.file.c.photo_id))).one()
    photos, months = _ids([ids]), _ids([numbers and numbers.replace("-", "")])
    held = _looked_up(_lookup(_ids([files]), 1), photos) > 0
    photos, months = photos[held], months[held]
    order = np.argsort(-months, kind="stable")
    photos, months = photos[order], months[order]
    starts = np.flatnonzero(np.diff(months, prepend=-1)).tolist()
    return [
        (int(months[start]) or None, photos[start:end])
        for start, end in pairwise([*starts, len(photos)])
    ]


def best_photos(tx: Transaction, groups: Sequence[Ids]) -> list[PhotoId | None]:
    """The photo of each group with the best face, None where there is no face in any."""
    face = schema.face.c
    asked = np.concatenate(groups).tolist() if groups else []
    found = tx.execute(
        select(face.photo_id, func.max(face.quality))
        .where(face.photo_id.in_(listed(asked)), ~face.excluded)
        .group_by(face.photo_id)
    )
    quality = {row[0]: row[1] for row in found}
    result: list[PhotoId | None] = []
    for group in groups:
        seen = [photo for photo in group.tolist() if photo in quality]
        result.append(PhotoId(max(seen, key=quality.__getitem__)) if seen else None)
    return result


def most_seen(tx: Transaction, groups: Sequence[Ids], most: int) -> list[list[str]]:
    """The names of the people who are in most photos of each group, at most so many, those in most
    of them first; those whom the user hid are left out. A photo is of one group.
    """
    connection = driver_connection(tx)
    names = dict(
        connection.execute(
            "SELECT id, name FROM person WHERE alive AND NOT hidden AND name IS NOT NULL"
        )
    )
    found = connection.execute(
        "SELECT person_id, group_concat(photo_id) FROM face "
        "WHERE person_id IS NOT NULL AND NOT excluded GROUP BY person_id "
        "UNION ALL SELECT person_id, group_concat(photo_id) FROM presence GROUP BY person_id"
    )
    rows = [(person, photos) for person, photos in found if person in names]
    result: list[list[str]] = [[] for _ in groups]
    if not rows or not groups:
        return result
    places = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    place_of = _lookup(np.concatenate(groups), places + 1)
    photo = _ids(photos for _, photos in rows)
    per_row = [photos.count(",") + 1 for _, photos in rows]
    person = np.repeat([person for person, _ in rows], per_row)
    # Somebody counts once in a photo, even where it shows them twice.
    person, photo, _ = _counted(person, photo)
    place = _looked_up(place_of, photo)
    place, person, photos = _counted(place[place > 0] - 1, person[place > 0])
    most_first = place * (len(places) + 1) - photos
    order = np.argsort(most_first, kind="stable")
    place, person = place[order], person[order]
    first = np.arange(len(place)) - np.searchsorted(place, place) < most
    for number, one in zip(place[first].tolist(), person[first].tolist(), strict=True):
        result[number].append(names[one])
    return result


def _counted(one: Ids, other: Ids) -> tuple[Ids, Ids, Ids]:
    """Each pair once, in order, and how often it is there."""
    width = int(other.max(initial=0)) + 1
    pairs = np.sort(one * width + other)
    starts, total = np.flatnonzero(np.diff(pairs, prepend=-1)), len(pairs)
    pairs = pairs[starts]
    one = pairs // width
    return one, pairs - one * width, np.diff(starts, append=total)


def _joined(column: ColumnElement[int]) -> ColumnElement[str]:
    return func.group_concat(column)


def _ids(texts: Iterable[str | None]) -> Ids:
    """The numbers in texts that `_joined` made."""
    return np.fromstring(",".join(filter(None, texts)), np.int64, sep=",")


def _lookup(ids: Ids, values: Ids | int) -> Ids:
    """At the place of each id its value, 0 elsewhere and at the end."""
    table = np.zeros(int(ids.max(initial=0)) + 2, np.int64)
    table[ids] = values
    return table


def _looked_up(table: Ids, ids: Ids) -> Ids:
    """The values of `ids` in what `_lookup` made, 0 where there is none."""
    return table.take(ids, mode="clip")
