"""Verdicts of recognition: who the faces are that no user decided about, and how sure that is.

They can be thrown away and made again, and override what a face's group says. A face that is named
by its verdict is shown as that person, all other verdicts are questions to the user. The names that
a run gave are one entry of the journal: while that is undone, they are questions as well.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, select

from photoclust.core.types import (
    EntryId,
    EntryStatus,
    FaceId,
    LibraryChanges,
    ModelId,
    PersonId,
)
from photoclust.store import guesses, journal, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction, driver_connection
from photoclust.store.unborn import unborn_sql

_TOLD = 20
"""People whom an entry tells of by name: those that got most faces."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """Verdicts as columns of equal length N, one for a face at most.

    `probability` (0 to 1) and `similarity` (a cosine) are those of `face` and `person`, the next
    three columns those of the person who comes second: -1 and NaN where nobody does. `named` tells
    which faces are to be shown as `person`.
    """

    face: NDArray[np.int64]
    person: NDArray[np.int64]
    probability: NDArray[np.float64]
    similarity: NDArray[np.float64]
    runner_up: NDArray[np.int64]
    runner_up_similarity: NDArray[np.float64]
    runner_up_probability: NDArray[np.float64]
    named: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.face)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What recognition says of one face. `entry` is the run that named it, None for one that is
    only asked about; `taken_back` tells that the user undid a run that named it so.
    """

    face: FaceId
    person: PersonId
    probability: float
    similarity: float
    runner_up: PersonId | None
    runner_up_similarity: float | None
    runner_up_probability: float | None
    named: bool
    entry: EntryId | None
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What writing verdicts did. `entry` is that of the journal, None where no face is
    `newly_named`; `no_longer_named` were shown as somebody by a verdict, and are not any more.
    """

    entry: EntryId | None
    newly_named: tuple[FaceId, ...]
    no_longer_named: tuple[FaceId, ...]
    changes: LibraryChanges


@dataclass(frozen=True, slots=True)
class Counts:
    """How many faces are shown as somebody by a verdict, and how many are asked about."""

    named: int
    asked: int


# --- writing ------------------------------------------------------------------------------------

_MAKE = (
    "CREATE TEMP TABLE verdict (face_id INTEGER PRIMARY KEY, person_id, probability, similarity, "
    "runner_up_id, runner_up_similarity, runner_up_probability, named, entry_id)"
)
_FILL = "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)"
# Decisions may have come, and people may have gone, while the verdicts were computed.
_DROP_OUTDATED = (
    "DELETE FROM verdict WHERE "  # noqa: S608
    "NOT EXISTS (SELECT * FROM face WHERE face.id = verdict.face_id AND NOT excluded) "
    "OR NOT EXISTS (SELECT * FROM person WHERE person.id = verdict.person_id AND alive) "
    "OR EXISTS (SELECT * FROM confirmation JOIN person ON person.id = confirmation.person_id "
    "AND alive WHERE confirmation.face_id = verdict.face_id) "
    "OR EXISTS (SELECT * FROM rejection WHERE rejection.face_id = verdict.face_id "
    "AND rejection.person_id = verdict.person_id) "
    "OR EXISTS (SELECT * FROM face JOIN person ON person.id = verdict.person_id "
    "WHERE face.id = verdict.face_id AND " + unborn_sql() + ")"
)
_DROP_RUNNERS_UP = (
    "UPDATE verdict SET runner_up_id = NULL, runner_up_similarity = NULL, "
    "runner_up_probability = NULL WHERE runner_up_id NOT IN (SELECT id FROM person WHERE alive)"
)
# A name stays that of the run which gave it.
_KEEP_ENTRIES = (
    "UPDATE verdict SET entry_id = old.entry_id FROM recognition AS old "
    "WHERE old.face_id = verdict.face_id AND old.person_id = verdict.person_id "
    "AND verdict.named AND old.named"
)
_TAKEN_BACK = (
    "EXISTS (SELECT * FROM given_name JOIN entry ON entry.id = given_name.entry_id "
    "WHERE given_name.face_id = {0}.face_id AND given_name.person_id = {0}.person_id "
    "AND entry.status = 'undone')"
)
_NEW = f"FROM verdict WHERE named AND entry_id IS NULL AND NOT {_TAKEN_BACK.format('verdict')}"
_GIVE = "INSERT OR IGNORE INTO given_name SELECT face_id, person_id, entry_id FROM verdict "
_WITH_OLD = "FROM verdict LEFT JOIN recognition AS old ON old.face_id = verdict.face_id"
_OTHERWISE_SHOWN = (
    f"SELECT verdict.face_id {_WITH_OLD} WHERE old.face_id IS NULL "
    "OR (verdict.named OR old.named) AND (verdict.named, verdict.person_id, verdict.entry_id) "
    "IS NOT (old.named, old.person_id, old.entry_id)"
)
_COLUMNS = tuple(column.name for column in schema.recognition.columns)
_TAKE_OVER = (
    f"INSERT OR REPLACE INTO recognition ({', '.join(_COLUMNS)}) "
    f"SELECT {', '.join(f'verdict.{name}' for name in _COLUMNS)} {_WITH_OLD} "
    f"WHERE ({', '.join(f'verdict.{name}' for name in _COLUMNS)}) "
    f"IS NOT ({', '.join(f'old.{name}' for name in _COLUMNS)})"
)
_GONE = (
    "SELECT face_id FROM recognition WHERE NOT EXISTS "
    "(SELECT * FROM verdict WHERE verdict.face_id = recognition.face_id)"
)
_LISTED = "(SELECT value FROM json_each(?))"
"""Numbers bound as one JSON text: any number of them in one statement."""


def write(
    tx: Transaction, verdicts: Verdicts, judged: NDArray[np.int64] | None, *, model: ModelId
) -> Written:
    """Make `verdicts`, by vectors of `model`, those about the faces `judged` (None: about all).

    Faces that the user decided about in the meantime, or said not to be that person, get none. A
    face that stays named keeps the run that named it; a name that was taken back with a run is not
    given again as long as that is undone.
    """
    sql = driver_connection(tx)
    sql.execute(_MAKE)
    sql.executemany(_FILL, _rows(verdicts))
    for statement in (_DROP_OUTDATED, _DROP_RUNNERS_UP, _KEEP_ENTRIES):
        sql.execute(statement)
    named = dict(sql.execute(f"SELECT face_id, person_id {_NEW}").fetchall())
    entry = _add_entry(tx, named, model) if named else None
    new = json.dumps(list(named))
    sql.execute(f"UPDATE verdict SET entry_id = ? WHERE face_id IN {_LISTED}", (entry, new))  # noqa: S608
    sql.execute(f"{_GIVE} WHERE face_id IN {_LISTED}", (new,))
    if judged is None:
        gone = _column(sql.execute(_GONE))
    else:
        about = np.union1d(judged, verdicts.face).tolist()
        gone = _column(sql.execute(f"{_GONE} AND face_id IN {_LISTED}", (json.dumps(about),)))
    touched = [*gone, *_column(sql.execute(_OTHERWISE_SHOWN))]
    before = _shown_by_verdict(tx, touched)
    sql.execute(f"DELETE FROM recognition WHERE face_id IN {_LISTED}", (json.dumps(gone),))  # noqa: S608
    sql.execute(_TAKE_OVER)
    sql.execute("DROP TABLE verdict")
    changes = guesses.refresh(tx, touched)
    lost = before - _shown_by_verdict(tx, touched)
    return Written(entry, tuple(map(FaceId, sorted(named))), tuple(sorted(lost)), changes)


def _rows(verdicts: Verdicts) -> Iterable[tuple[Any, ...]]:
    runner_up = verdicts.runner_up.astype(object)
    runner_up[verdicts.runner_up < 0] = None
    # SQLite takes NaN for NULL.
    columns = (
        verdicts.face,
        verdicts.person,
        verdicts.probability,
        verdicts.similarity,
        runner_up,
        verdicts.runner_up_similarity,
        verdicts.runner_up_probability,
        verdicts.named,
    )
    return zip(*(column.tolist() for column in columns), strict=True)


def _add_entry(tx: Transaction, named: dict[int, int], model: ModelId) -> EntryId:
    most = [person for person, _ in Counter(named.values()).most_common(_TOLD)]
    table = schema.person.c
    rows = tx.execute(select(table.id, table.name).where(table.id.in_(most)))
    names = {row.id: row.name or "" for row in rows}
    people = {str(person): names[person] for person in most}
    details = {"named": len(named), "people": people, "model": model}
    return journal.add_entry(tx, journal.RECOGNIZE, details)


def _shown_by_verdict(tx: Transaction, faces: list[int]) -> set[FaceId]:
    """Those of `faces` that are shown as somebody by a verdict."""
    query = f"SELECT face.id {_SHOWN} AND face.id IN {_LISTED}"
    return set(_column(driver_connection(tx).execute(query, (json.dumps(faces),))))


# --- reading ------------------------------------------------------------------------------------

_SHOWN = (
    "FROM recognition JOIN face ON face.id = recognition.face_id "
    "WHERE named AND NOT confirmed AND face.person_id = recognition.person_id"
)
_STANDING = (
    "FROM recognition JOIN face ON face.id = recognition.face_id "  # noqa: S608
    "JOIN person ON person.id = recognition.person_id AND alive "
    "WHERE NOT confirmed AND NOT excluded AND NOT EXISTS (SELECT * FROM rejection "
    "WHERE rejection.face_id = face.id AND rejection.person_id = recognition.person_id) "
    "AND NOT " + unborn_sql()
)
_ASKED = _STANDING + " AND NOT hidden AND face.person_id IS NULL"


def any_verdict(tx: Transaction) -> bool:
    """Whether there is a verdict about any face."""
    return tx.execute(select(schema.recognition.c.face_id).limit(1)).first() is not None


def load(tx: Transaction) -> Verdicts:
    """Every verdict, by face; also those that a later word of the user overrides."""
    return _load(tx, "FROM recognition")


def standing(tx: Transaction) -> Verdicts:
    """The verdicts that no later word of the user overrides, by face."""
    return _load(tx, _STANDING)


def asked(tx: Transaction) -> Verdicts:
    """The verdicts that are questions to the user now, by face; `named` among them are those whose
    name was taken back. About people whom the user hid nothing is asked.
    """
    return _load(tx, _ASKED)


def taken_back(tx: Transaction) -> NDArray[np.int64]:
    """Faces and the people they were named as by runs that are undone, [N, 2], in order."""
    query = (
        "SELECT DISTINCT face_id, person_id FROM given_name JOIN entry ON entry.id = entry_id "
        "WHERE entry.status = 'undone' ORDER BY face_id, person_id"
    )
    rows = driver_connection(tx).execute(query).fetchall()
    return np.array(rows, np.int64).reshape(len(rows), 2)


def misnamed(tx: Transaction) -> NDArray[np.int64]:
    """Faces of whom users said who they are, and whom a run had named them as instead, [N, 2]."""
    query = (
        "SELECT DISTINCT face_id, given_name.person_id FROM confirmation "
        "JOIN person ON person.id = confirmation.person_id AND alive "
        "JOIN given_name USING (face_id) WHERE given_name.person_id != person.id "
        "ORDER BY face_id, given_name.person_id"
    )
    rows = driver_connection(tx).execute(query).fetchall()
    return np.array(rows, np.int64).reshape(len(rows), 2)


def asked_alone(tx: Transaction) -> list[FaceId]:
    """The faces in no group that are questions to the user now; not those asked to be somebody
    hidden.
    """
    query = f"SELECT face.id {_ASKED} AND face.cluster_id IS NULL AND NOT person.hidden"
    return _column(driver_connection(tx).execute(query))


def shown(tx: Transaction) -> NDArray[np.int64]:
    """The faces that are shown as somebody, and as whom, [N, 2], by face."""
    query = "SELECT id, person_id FROM face WHERE person_id IS NOT NULL ORDER BY id"
    rows = driver_connection(tx).execute(query).fetchall()
    return np.array(rows, np.int64).reshape(len(rows), 2)


def counts(tx: Transaction) -> Counts:
    """How many faces are shown as somebody by a verdict, and how many are asked about."""
    named, questions = (
        tx.exec_driver_sql(f"SELECT count(*) {which}").scalar_one() for which in (_SHOWN, _ASKED)
    )
    return Counts(named, questions)


def of_face(tx: Transaction, face: FaceId) -> Verdict | None:
    """The verdict about a face; None where there is none."""
    table, given, entry = schema.recognition, schema.given_name.c, schema.entry.c
    taken = exists().where(
        given.face_id == table.c.face_id,
        given.person_id == table.c.person_id,
        entry.id == given.entry_id,
        entry.status == EntryStatus.UNDONE,
    )
    query = select(table, taken.label("taken_back")).where(table.c.face_id == face)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return Verdict(
        face=row.face_id,
        person=row.person_id,
        probability=row.probability,
        similarity=row.similarity,
        runner_up=row.runner_up_id,
        runner_up_similarity=row.runner_up_similarity,
        runner_up_probability=row.runner_up_probability,
        named=row.named,
        entry=row.entry_id,
        taken_back=row.taken_back,
    )


def named_by(tx: Transaction, entries: Iterable[int]) -> list[FaceId]:
    """The faces that these runs named, whatever became of it."""
    table = schema.given_name.c
    return [
        FaceId(face)
        for part in chunks(sorted(entries))
        for face in tx.execute(
            select(table.face_id).where(table.entry_id.in_(part)).distinct()
        ).scalars()
    ]


def _load(tx: Transaction, which: str) -> Verdicts:
    columns = ", ".join(f"recognition.{name}" for name in _COLUMNS[:-1])
    query = f"SELECT {columns} {which} ORDER BY recognition.face_id"
    rows = driver_connection(tx).execute(query).fetchall()
    table = np.array(rows, np.float64).reshape(len(rows), len(_COLUMNS) - 1)
    return Verdicts(
        face=table[:, 0].astype(np.int64),
        person=table[:, 1].astype(np.int64),
        probability=table[:, 2],
        similarity=table[:, 3],
        runner_up=np.where(np.isnan(table[:, 4]), -1, table[:, 4]).astype(np.int64),
        runner_up_similarity=table[:, 5],
        runner_up_probability=table[:, 6],
        named=table[:, 7].astype(np.bool_),
    )


def _column(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [row[0] for row in rows]
