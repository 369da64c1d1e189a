"""Taking over into a library what can still be read of another file of it that was damaged.

Nothing is taken for the same because of its id alone: photos are known by their content, faces by
their place in the photo, people by their uid, entries by their number, kind and time together.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from photoclust.core.types import Box
from photoclust.store import adoption, journal, photos, same_photo, schema
from photoclust.store.adoption import Ids, Taken, insert, insert_as
from photoclust.store.checks import DUPLICATE_IOU
from photoclust.store.database import Transaction
from photoclust.store.salvage import Row, Wreck

REPAIR = "repair"


def take_over(tx: Transaction, wreck: Wreck, origin: str) -> Taken:
    """Take over whatever `wreck` has and the library lacks; what the library has stays.

    An entry of the journal tells of it, with `origin`, the name under which the damaged file is
    kept.
    """
    taken, ids = Taken(), Ids()
    before = journal.standing(tx)
    if wreck.usable:
        ids.later = adoption.decided_since(tx, wreck)
        _take_photos(tx, wreck, ids, taken)
        _take_faces(tx, wreck, ids, taken)
        _take_people(tx, wreck, ids, taken)
        _take_rules(tx, wreck, ids)
        new = adoption.take_entries(tx, wreck, ids, taken)
        if "person" in wreck.broken:
            adoption.take_lost_people(tx, wreck, ids, taken)
        adoption.take_changes(tx, wreck, ids, new)
        said = journal.standing(tx)
        # What is decided there though no entry that can be read says so.
        there = adoption.decided(wreck, ids)
        left = {
            register: value
            for register, value in (adoption.withdrawn(said, there, wreck, ids) | there).items()
            if said.get(register) != value and register not in ids.later
        }
    else:
        left = {}
    entry = journal.add_entry(tx, REPAIR, {"from": origin})
    journal.add_changes(tx, entry, left)
    journal.replay(tx)
    now = journal.standing(tx)
    taken.decisions = sum(before.get(each) != now.get(each) for each in before.keys() | now.keys())
    return taken


def taken_over(tx: Transaction) -> set[str]:
    """The names of the damaged files that were taken over."""
    entry = schema.entry.c
    return {
        str(details.get("from"))
        for details in tx.execute(select(entry.details).where(entry.kind == REPAIR)).scalars()
    }


def _take_photos(tx: Transaction, wreck: Wreck, ids: Ids, taken: Taken) -> None:
    files: dict[Any, list[Row]] = defaultdict(list)
    for row in wreck.rows("file"):
        if isinstance(row["hash"], bytes) and row["hash"]:
            files[row["photo_id"]].append(row)
    for row in wreck.rows("photo"):
        held = files.get(row["id"], [])
        hashes = [file["hash"] for file in held]
        if isinstance(row["lost_hash"], bytes):
            hashes.append(row["lost_hash"])
        known = [found for data in hashes if (found := photos.find_by_hash(tx, data.hex()))]
        if known:
            ids.photo[row["id"]] = known[0]
        elif hashes:
            own = ("dated", "repeats", "view_turn", "said_negative", "stack_id")
            undecided = dict.fromkeys(own)
            values = row | undecided | {"id": None, "entry_id": None, "lost_hash": hashes[0]}
            number = insert(tx, "photo", values)
            if number is None:
                continue
            ids.photo[row["id"]] = number
            taken.photos += 1
            # A file that the library knows under that path holds another photo now.
            free = [insert(tx, "file", file | {"id": None, "photo_id": number}) for file in held]
            if any(free):
                mine = schema.photo.c.id == number
                tx.execute(update(schema.photo).where(mine).values(lost_hash=None))


def _take_faces(tx: Transaction, wreck: Wreck, ids: Ids, taken: Taken) -> None:
    known: dict[int, list[tuple[int, Box]]] = defaultdict(list)
    taken_for: set[int] = set()
    face = schema.face.c
    for there in tx.execute(select(face.id, face.photo_id, face.x, face.y, face.w, face.h)):
        known[there.photo_id].append((there.id, Box(there.x, there.y, there.w, there.h)))
    model_rows = {row["id"]: row["name"] for row in wreck.rows("model")}
    models = {old: _model(tx, name) for old, name in model_rows.items()}
    for row in wreck.rows("face"):
        photo = ids.photo.get(row["photo_id"])
        if photo is None or not all(isinstance(row[side], float) for side in "xywh"):
            continue
        box = Box(row["x"], row["y"], row["w"], row["h"])
        # A face whose box was changed lies nearly where it was before, and is another one.
        same = max(
            (
                (overlap, number)
                for number, other in known[photo]
                if number not in taken_for and (overlap := box.iou(other)) >= DUPLICATE_IOU
            ),
            default=None,
        )
        if same is not None:
            ids.face[row["id"]] = same[1]
            taken_for.add(same[1])
            continue
        blank = {"id": None, "cluster_id": None, "person_id": None, "confirmed": 0}
        number = insert(tx, "face", row | blank | {"photo_id": photo, "excluded": row.get("drawn")})
        if number is None:
            continue
        ids.face[row["id"]] = number
        taken.faces += 1
        for vector in wreck.vectors(row["id"]):
            if vector["model_id"] in models and isinstance(vector["data"], bytes):
                model = models[vector["model_id"]]
                insert(tx, "vector", {**vector, "face_id": number, "model_id": model})


def _model(tx: Transaction, name: str) -> int:
    tx.execute(insert_or(schema.model).values(name=name).on_conflict_do_nothing())
    table = schema.model.c
    return int(tx.execute(select(table.id).where(table.name == name)).scalar_one())


def _take_people(tx: Transaction, wreck: Wreck, ids: Ids, taken: Taken) -> None:
    person = schema.person.c
    there = tx.execute(select(person.id, person.uid, person.name)).all()
    uids = {one.uid: one.id for one in there}
    called = {(one.id, one.name) for one in there if one.name is not None}
    for row in wreck.rows("person"):
        if row["uid"] in uids:
            ids.person[row["id"]] = uids[row["uid"]]
            continue
        if (row["id"], row["name"]) in called:  # uids are new since an upgrade
            ids.person[row["id"]] = row["id"]
            continue
        nothing = ("name", "name_key", "cover_id", "born", "chosen_cover_id")
        blank = {"alive": 0, "hidden": 0, **dict.fromkeys(nothing)}
        number = insert_as(tx, "person", row | blank)
        if number is not None:
            ids.person[row["id"]] = number
            taken.people += 1


def _take_rules(tx: Transaction, wreck: Wreck, ids: Ids) -> None:
    for row in wreck.rows("folder_rule"):
        if isinstance(row["path"], str | bytes):
            ids.rule[row["id"]] = same_photo.rule_of(tx, schema.from_stored(row["path"]))
