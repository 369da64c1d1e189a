"""The journal: every act of the user and every run.

An act is one entry; its changes (see `decisions`) are written in the transaction of its effect. An
entry that is undone stays, marked (see `undoing`); the library says what the newest entries that
stand say, and replaying these gives the same decisions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, or_, select, update

from photoclust.core.types import EntryId, EntryStatus, JournalEntry, LibraryChanges
from photoclust.store import cluster_table, decisions, guesses, schema, unborn
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject, Value

GROUPINGS = frozenset(("group", "regroup"))
"""Kinds of runs that put faces into groups."""
BETTER_GROUPS = "better groups"
"""The kind of an act that made a part of another grouping true, or all of it."""
RECOGNIZE = "recognize"
"""The kind of a run that named faces; it decided nothing (see `recognitions`)."""
EMBED = "embed"
"""The kind of a run that gave faces vectors of another model."""
RUNS = GROUPINGS | {"scan", RECOGNIZE, "train", EMBED}
"""Kinds of entries that tell of a run; all others tell of an act."""
USE_MODEL, USED_MODEL = "use model", "used model"
"""The kinds of an act that chose the model whose vectors serve: one that can be undone, and one
that cannot any more because what it led from or to was removed. Neither has changes.
"""
MODEL_CHOICES = frozenset((USE_MODEL, USED_MODEL))
REMOVE_MODEL = "remove model"
"""The kind of an act that deleted an own model, or the vectors of any."""
RECORDS = frozenset(
    (
        "relocate",
        "remove folder",
        "purge",
        "forget",
        "forget all",
        "restore",
        "repair",
        USED_MODEL,
        REMOVE_MODEL,
    )
)
"""Kinds of entries that tell of what changed no decision, or cannot come back."""
NO_STEPS = RUNS | RECORDS | {"undo", "redo", "upgrade"}
"""Kinds of entries that whoever goes back step by step passes over."""
NOT_UNDOABLE = NO_STEPS - {RECOGNIZE}
"""Kinds of entries that cannot be undone; names that a run gave can, but only by its number."""


class Act:
    """An act that is being carried out in a transaction; `finish` makes it an entry.

    `details` go into the entry as JSON. An act that decides nothing new leaves no entry: `entry`
    is its id once the act is finished, else None. With `goes_on`, an entry of that kind which
    stands, it is a further part of that one instead of an entry of its own.
    """

    def __init__(
        self,
        tx: Transaction,
        kind: str,
        details: Mapping[str, Any] | None = None,
        *,
        author: str | None = None,
        goes_on: EntryId | None = None,
    ) -> None:
        self.tx = tx
        self.details = dict(details or {})
        self.entry: EntryId | None = None
        self._goes_on = goes_on
        self._kind = kind
        self._author = author
        self._writes: dict[Register, Value] = {}
        self._groups: dict[int, tuple[int | None, int | None]] = {}
        self._moved: set[int] = set()
        self._clusters: set[int] = set()
        self._faces: set[int] = set()
        self._people: set[int] = set()

    def decide(self, writes: Mapping[Register, Value]) -> list[Register]:
        """Set registers; gives those whose value has changed by it."""
        new = decisions.changed(self.tx, writes)
        # Whoever was or will be shown is counted again, though a register speaks of one of them.
        self._people.update(people_of(new))
        decisions.apply(self.tx, new)
        self._writes.update(new)
        return list(new)

    @property
    def decided_faces(self) -> set[int]:
        """The faces about which the act has decided something new so far."""
        return decisions.faces_of(self._writes)

    def note_person(self, person: int, name: str) -> None:
        """Remember in the entry that it speaks of a person, and how they were called then."""
        self.details.setdefault("people", {})[str(person)] = name

    def touch(self, faces: Iterable[int]) -> None:
        """Count `faces` among those that the act concerns, also where their decision stays."""
        self._faces.update(faces)

    def move_groups(self, clusters: Sequence[int], person: int | None) -> None:
        """Guess that groups are `person`; the guess is taken back with the act."""
        for cluster, before in cluster_table.cluster_people(self.tx, clusters).items():
            if before != person:
                cluster_table.set_cluster_person(self.tx, cluster, person)
                first = self._groups.get(cluster, (before, None))[0]
                self._groups[cluster] = (first, person)
        self._clusters.update(clusters)

    def move_faces(self, homes: Mapping[int, int | None], owners: Mapping[int, int | None]) -> None:
        """Guess that faces are in these groups (None: in none), which go with these people; that
        is taken back with the act. Once in an act.
        """
        before = cluster_table.homes(self.tx)
        moves = [
            (face, None if before[face] < 0 else before[face], home)
            for face, home in sorted(homes.items())
        ]
        moves = [(face, old, new) for face, old, new in moves if old != new]
        touched = {group for _, *both in moves for group in both if group is not None}
        people = cluster_table.cluster_people(self.tx, sorted(touched)) | dict(owners)
        cluster_table.place(self.tx, {face: new for face, _, new in moves}, people)
        self.details["homes"] = moves
        self.details["owners"] = [(group, people.get(group)) for group in sorted(touched)]
        self._moved.update(face for face, *_ in moves)
        self._faces |= self._moved
        self._clusters |= touched

    def finish(self) -> LibraryChanges:
        """Write the entry and bring the lists up to date."""
        if self._writes or self._groups or self._moved:
            if concerned := self.decided_faces | self._moved:
                self.details["faces"] = len(concerned)
            self.entry = self._goes_on
            if self.entry is None:
                self.entry = add_entry(
                    self.tx,
                    self._kind,
                    self.details,
                    author=self._author,
                    guessed=[[cluster, *pair] for cluster, pair in sorted(self._groups.items())],
                )
            else:
                _add_details(self.tx, self.entry, self.details)
            add_changes(self.tx, self.entry, self._writes)
        # Who comes back, as by an import, or goes takes along what is shown as them.
        ended = decisions.came_or_went(self._writes)
        faces, groups = unborn.concerned(self.tx, self._writes)
        faces |= self.decided_faces | self._faces
        groups |= self._clusters | guesses.of_people(self.tx, schema.cluster, ended)
        for table in (schema.confirmation, schema.recognition):
            faces |= guesses.of_people(self.tx, table, ended)
        return guesses.refresh(
            self.tx,
            faces,
            people=self._people,
            clusters=groups,
            photos=decisions.photos_of(self._writes),
        )


def entries(
    tx: Transaction,
    *,
    limit: int | None = None,
    before: EntryId | None = None,
    but: Collection[str] = (),
) -> list[JournalEntry]:
    """Entries, the newest first; with `before` those older than it; none of the kinds `but`."""
    query = select(schema.entry).order_by(schema.entry.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(schema.entry.c.id < before)
    if but:
        query = query.where(schema.entry.c.kind.not_in(sorted(but)))
    return [_entry(row) for row in tx.execute(query)]


def entries_by_id(tx: Transaction, ids: Sequence[int]) -> list[JournalEntry]:
    """The entries with these ids, in that order; unknown ids are left out."""
    table = schema.entry
    found = {
        row.id: _entry(row)
        for part in chunks(ids)
        for row in tx.execute(select(table).where(table.c.id.in_(part)))
    }
    return [found[number] for number in ids if number in found]


def replay(tx: Transaction) -> None:
    """Forget every decision and make them again from the acts that stand, the oldest first."""
    decisions.clear(tx)
    decisions.apply(tx, standing(tx))
    guesses.refresh_everything(tx)


def standing(tx: Transaction) -> dict[Register, Value]:
    """What the acts that stand amount to: every register that they give a value."""
    change, entry = schema.change.c, schema.entry.c
    query = (
        select(change.subject, change.a, change.b, change.value)
        .join(schema.entry, entry.id == change.entry_id)
        .where(in_force())
        .order_by(change.entry_id)
    )
    values = {Register(Subject(row[0]), row[1], row[2]): row[3] for row in tx.execute(query)}
    return {register: value for register, value in values.items() if value is not None}


def in_force(change: FromClause = schema.change) -> ColumnElement[bool]:
    """Whether a change counts: its entry stands, or it is kept though that is undone."""
    return or_(schema.entry.c.status == EntryStatus.STANDS, change.c.kept)


def start_run(tx: Transaction, kind: str, details: Mapping[str, Any]) -> EntryId:
    """Say that a run begins; what it writes carries this id."""
    return add_entry(tx, kind, details, status=EntryStatus.RUNNING)


def end_run(
    tx: Transaction, run: EntryId, status: EntryStatus, details: Mapping[str, Any] | None = None
) -> None:
    """Say how a run ended; `details` are added to those of its beginning."""
    table = schema.entry
    known = tx.execute(select(table.c.details).where(table.c.id == run)).scalar_one()
    tx.execute(
        update(table)
        .where(table.c.id == run)
        .values(status=status, ended_at=_now(), details={**known, **(details or {})})
    )


def close_unfinished(tx: Transaction) -> list[JournalEntry]:
    """Mark the runs that neither ended nor go on as interrupted; those are returned.

    Only for who is sure that nobody else writes the library.
    """
    table = schema.entry
    running = table.c.status == EntryStatus.RUNNING
    found = [_entry(row) for row in tx.execute(select(table).where(running))]
    if found:
        values = {"status": EntryStatus.INTERRUPTED, "ended_at": _now()}
        tx.execute(update(table).where(running).values(values))
    return found


def last_run(tx: Transaction, kind: str) -> JournalEntry | None:
    """The newest run of this kind."""
    table = schema.entry
    query = select(table).where(table.c.kind == kind).order_by(table.c.id.desc()).limit(1)
    row = tx.execute(query).first()
    return None if row is None else _entry(row)


def last_grouping(tx: Transaction) -> JournalEntry | None:
    """The newest grouping that was carried to its end, or part of one that was accepted."""
    table = schema.entry
    done = table.c.kind.in_(GROUPINGS) & (table.c.status == EntryStatus.DONE)
    accepted = (table.c.kind == BETTER_GROUPS) & (table.c.status == EntryStatus.STANDS)
    query = select(table).where(done | accepted)
    row = tx.execute(query.order_by(table.c.id.desc()).limit(1)).first()
    return None if row is None else _entry(row)


def acts_since(tx: Transaction, entry: EntryId) -> bool:
    """Whether anything but runs came after `entry`."""
    table = schema.entry.c
    query = select(table.id).where(table.id > entry, table.kind.not_in(RUNS)).limit(1)
    return tx.execute(query).first() is not None


def authors(tx: Transaction, registers: Iterable[Register]) -> dict[Register, str | None]:
    """Who decided what each of `registers` says now."""
    change, entry = schema.change.c, schema.entry.c
    wanted = set(registers)
    query = (
        select(change.subject, change.a, change.b, entry.author)
        .join(schema.entry, entry.id == change.entry_id)
        .where(in_force())
        .order_by(change.entry_id)
    )
    result: dict[Register, str | None] = {}
    for subject, a, b, author in tx.execute(query):
        register = Register(Subject(subject), a, b)
        if register in wanted:
            result[register] = author
    return result


def add_entry(
    tx: Transaction,
    kind: str,
    details: Mapping[str, Any],
    *,
    status: EntryStatus = EntryStatus.STANDS,
    author: str | None = None,
    guessed: Sequence[Sequence[int | None]] = (),
) -> EntryId:
    """Write an entry without changes."""
    values = {
        "kind": kind,
        "status": status,
        "made_at": _now(),
        "author": author,
        "details": dict(details),
        "guesses": list(guessed) or None,
    }
    return EntryId(
        tx.execute(schema.entry.insert().values(values).returning(schema.entry.c.id)).scalar_one()
    )


def add_changes(tx: Transaction, entry: EntryId, writes: Mapping[Register, Value]) -> None:
    """Say that `entry` decided `writes`."""
    if writes:
        rows = [(entry, *register, value) for register, value in writes.items()]
        tx.exec_driver_sql(
            "INSERT INTO change (entry_id, subject, a, b, value) VALUES (?, ?, ?, ?, ?)", rows
        )


def _add_details(tx: Transaction, entry: EntryId, details: Mapping[str, Any]) -> None:
    """Add what a further part of an entry concerns to what it concerned before."""
    table = schema.entry
    known = tx.execute(select(table.c.details).where(table.c.id == entry)).scalar_one()
    merged = {
        **known,
        **{key: known.get(key, 0) + details.get(key, 0) for key in ("faces", "tagged")},
        "people": {**known.get("people", {}), **details.get("people", {})},
    }
    tx.execute(update(table).where(table.c.id == entry).values(details=merged))


def people_of(writes: Mapping[Register, Value]) -> set[int]:
    """The people whom `writes` speak of."""
    found: set[int] = set()
    for register, value in writes.items():
        if register.subject in decisions.ABOUT_PEOPLE:
            found.add(register.a)
        elif register.subject in decisions.WITH_PERSON:
            found.add(register.b)
        elif register.subject is Subject.IDENTITY and isinstance(value, int):
            found.add(value)
    return found


def _now() -> datetime:
    """The present time in UTC, without a zone as SQLite keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _entry(row: Row[Any]) -> JournalEntry:
    return JournalEntry(
        id=EntryId(row.id),
        kind=row.kind,
        status=EntryStatus(row.status),
        made_at=row.made_at.replace(tzinfo=UTC),
        ended_at=None if row.ended_at is None else row.ended_at.replace(tzinfo=UTC),
        author=row.author,
        details=row.details,
        guesses=tuple(tuple(guess) for guess in row.guesses or ()),
    )
