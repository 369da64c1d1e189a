"""Photos in which one person may be there several times: a mirror, a collage, a page of an album.

By default two faces of one photo are two people. The user excepts single photos, and folders with
all photos that are or come below them; a word about a photo counts more than one about its folder.
"""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from photoclust.core.types import PhotoId
from photoclust.store import schema
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject, Value
from photoclust.store.files import below
from photoclust.store.journal import Act


def exceptions(tx: Transaction) -> set[PhotoId]:
    """The photos in which one person may be there several times."""
    said = said_of_photos(tx)
    return {photo for photo, repeats in said.items() if repeats} | (_by_folder(tx) - said.keys())


def said_of_photos(tx: Transaction) -> dict[PhotoId, bool]:
    """What the user said of single photos: whether one person may be there several times."""
    photo = schema.photo.c
    query = select(photo.id, photo.repeats).where(photo.repeats.is_not(None)).order_by(photo.id)
    return {PhotoId(number): repeats for number, repeats in tx.execute(query)}


def folders(tx: Transaction) -> dict[int, Path]:
    """The folders whose photos are excepted, by the id of their rule."""
    rule = schema.folder_rule.c
    query = select(rule.id, rule.path).where(rule.repeats).order_by(rule.path)
    return {row.id: row.path for row in tx.execute(query)}


def rules(tx: Transaction) -> dict[Path, int]:
    """The id of the rule for every folder of which something was ever said."""
    rule = schema.folder_rule.c
    return {row.path: row.id for row in tx.execute(select(rule.id, rule.path))}


def rule_of(tx: Transaction, folder: Path) -> int:
    """The id of the rule for `folder`, made where there is none; it says nothing by itself."""
    rule = schema.folder_rule
    known = tx.execute(select(rule.c.id).where(rule.c.path == folder)).scalar_one_or_none()
    if known is None:
        new = rule.insert().values(path=folder).returning(rule.c.id)
        known = tx.execute(new).scalar_one()
    return int(known)


def decide_folder(act: Act, folder: Path, repeats: bool) -> None:
    """Except the photos below `folder`, or no longer."""
    act.decide({Register(Subject.FOLDER_REPEATS, rule_of(act.tx, folder)): 1 if repeats else None})


def decide_photos(act: Act, photos: Sequence[PhotoId], repeats: bool) -> None:
    """Except photos, or let them be as all others; nothing is said where their folders say that."""
    by_folder = _by_folder(act.tx)
    writes: dict[Register, Value] = {
        Register(Subject.REPEATS, photo): None if (photo in by_folder) == repeats else int(repeats)
        for photo in photos
    }
    act.decide(writes)


def _by_folder(tx: Transaction) -> set[PhotoId]:
    """The photos with a file below an excepted folder."""
    file = schema.file.c
    return {
        photo
        for folder in folders(tx).values()
        for photo in tx.execute(select(file.photo_id).where(below(file.path, folder))).scalars()
    }
