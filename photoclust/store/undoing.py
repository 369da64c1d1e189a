"""Undo and redo: any number of steps, and old acts by themselves.

To undo is to mark an entry and then to let the tables say what the entries that stand say. An old
entry can be undone by itself as long as no later one builds on it: decides about the same thing,
speaks of a person who came with it, or ended a person to whom faces would go back. The names that a
run of recognition gave decide nothing: they are taken back and given again by the entry's status
alone, are no step of undo, and nothing builds on them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select, update

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import EntryId, EntryStatus, JournalEntry, LibraryChanges
from photoclust.store import (
    cluster_table,
    decisions,
    guesses,
    journal,
    recognitions,
    schema,
    unborn,
)
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject, Value


class Later(StrEnum):
    """What undoing an old act does about later acts that build on it: REFUSE to undo, KEEP what
    they decided (and the people they speak of) and undo the rest, or UNDO them as well.
    """

    REFUSE = "refuse"
    KEEP = "keep"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo or redo did: the entries it concerns, newest first, and what it touched."""

    entries: tuple[JournalEntry, ...]
    changes: LibraryChanges


class CollisionError(UserError):
    """An act that later ones build on; `later` are these, newest first."""

    def __init__(self, message: str, later: Sequence[JournalEntry]) -> None:
        super().__init__(message)
        self.later = tuple(later)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.later)


def undo(tx: Transaction, entry: EntryId | None = None, later: Later = Later.REFUSE) -> Undone:
    """Undo an act, the newest that stands where `entry` is None.

    Raises UserError when there is no such act or it is undone already; CollisionError when later
    acts build on it and `later` is REFUSE.
    """
    target = _to_undo(tx, entry)
    colliding = _builds_on(tx, target.id)
    if colliding and later is Later.REFUSE:
        found = journal.entries_by_id(tx, sorted(colliding, reverse=True))
        raise CollisionError(
            f"entry {target.id} cannot be undone by itself, because later entries build on it: "
            f"{', '.join(str(item.id) for item in found)}; undo these as well (--with-later), or "
            "undo what they left of it (--keep-later)",
            found,
        )
    entries: set[int] = {target.id}
    _set_status(tx, entries, EntryStatus.UNDONE)
    if later is Later.KEEP:
        _keep_people(tx, target.id)
    while colliding and later is Later.UNDO:
        _set_status(tx, colliding, EntryStatus.UNDONE)
        entries |= colliding
        colliding = set().union(*(_builds_on(tx, number) for number in colliding))
    found = journal.entries_by_id(tx, sorted(entries, reverse=True))
    journal.add_entry(tx, "undo", {"entries": sorted(entries, reverse=True)})
    return Undone(tuple(found), _take_over(tx, found, _backwards))


def redo(tx: Transaction) -> Undone:
    """Take the last undo back that no act came after. Raises UserError when there is none."""
    stack = _undone_since_last_act(tx)
    if not stack:
        raise UserError(tr("there is nothing to redo"))
    _set_status(tx, stack[-1], EntryStatus.STANDS)
    _keep_nothing(tx, stack[-1])
    found = journal.entries_by_id(tx, sorted(stack[-1]))
    journal.add_entry(tx, "redo", {"entries": sorted(stack[-1])})
    changes = _take_over(tx, found, _forwards)
    return Undone(tuple(reversed(found)), changes)


def next_undo(tx: Transaction) -> JournalEntry | None:
    """The act that `undo` would undo."""
    table = schema.entry.c
    newest = select(func.max(table.id)).where(
        table.status == EntryStatus.STANDS, table.kind.not_in(journal.NO_STEPS)
    )
    number = tx.execute(newest).scalar()
    return None if number is None else journal.entries_by_id(tx, [number])[0]


def next_redo(tx: Transaction) -> JournalEntry | None:
    """The act that `redo` would do again; of several the first."""
    stack = _undone_since_last_act(tx)
    return journal.entries_by_id(tx, [min(stack[-1])])[0] if stack else None


def _to_undo(tx: Transaction, number: EntryId | None) -> JournalEntry:
    if number is None:
        newest = next_undo(tx)
        if newest is None:
            raise UserError(tr("there is nothing to undo"))
        return newest
    found = journal.entries_by_id(tx, [number])
    if not found:
        raise UserError(
            tr("there is no entry {number}; photoclust journal lists them", number=number)
        )
    (entry,) = found
    if "back" in entry.details:
        raise UserError(
            tr(
                "entry {number} decided nothing; photoclust group --apply {back} brings the "
                "groups back that there were before",
                number=number,
                back=entry.details["back"],
            )
        )
    if entry.kind in journal.RUNS & journal.NOT_UNDOABLE:
        raise UserError(
            tr(
                "entry {number} is a run and decided nothing, so there is nothing to undo in it",
                number=number,
            )
        )
    if entry.kind in journal.NOT_UNDOABLE:
        raise UserError(
            tr(
                "entry {number} ({kind}) cannot be undone; undo or redo an act",
                number=number,
                kind=entry.kind,
            )
        )
    if entry.status is EntryStatus.UNDONE:
        raise UserError(
            tr(
                "entry {number} is undone already; photoclust redo takes an undo back",
                number=number,
            )
        )
    return entry


def _builds_on(tx: Transaction, number: int) -> set[int]:
    """The later entries that stand and build on entry `number`."""
    if not _acts_after(tx, number):
        return set()
    mine, other, entry = schema.change.alias(), schema.change.alias(), schema.entry.c
    same = (
        select(other.c.entry_id)
        .join(mine, _same_register(mine, other))
        .join(schema.entry, entry.id == other.c.entry_id)
        .where(
            mine.c.entry_id == number,
            other.c.entry_id > number,
            entry.status == EntryStatus.STANDS,
        )
        .distinct()
    )
    found = set(tx.execute(same).scalars())
    for person in _born(tx, number):
        found |= _later(tx, number, _speaks_of(person))
    change = schema.change.c
    for person in _given_back_to(tx, number):
        ends = (change.subject == Subject.PERSON) & (change.a == person) & change.value.is_(None)
        found |= _later(tx, number, ends)
    return found


def _acts_after(tx: Transaction, number: int) -> bool:
    entry = schema.entry.c
    query = select(entry.id).where(
        entry.id > number,
        entry.status == EntryStatus.STANDS,
        entry.kind.not_in(journal.NO_STEPS),
    )
    return tx.execute(query.limit(1)).first() is not None


def _later(tx: Transaction, number: int, condition: ColumnElement[bool]) -> set[int]:
    """The later entries that stand and have a change for which `condition` holds."""
    entry = schema.entry.c
    query = (
        select(schema.change.c.entry_id)
        .join(schema.entry, entry.id == schema.change.c.entry_id)
        .where(schema.change.c.entry_id > number, entry.status == EntryStatus.STANDS, condition)
        .distinct()
    )
    return set(tx.execute(query).scalars())


def _same_register(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return and_(one.c.subject == other.c.subject, one.c.a == other.c.a, one.c.b == other.c.b)


def _newest_value(mine: FromClause, *conditions: ColumnElement[bool]) -> Any:
    """What the entries that stand say of the register of a change, as a scalar subquery."""
    other = schema.change.alias()
    return (
        select(other.c.value)
        .join(schema.entry, schema.entry.c.id == other.c.entry_id)
        .where(_same_register(mine, other), journal.in_force(other), *conditions)
        .order_by(other.c.entry_id.desc())
        .limit(1)
        .correlate(mine)
        .scalar_subquery()
    )


def _given_back_to(tx: Transaction, number: int) -> list[int]:
    """The people to whom faces go back when an entry is undone."""
    mine = schema.change.alias()
    query = select(_newest_value(mine, schema.entry.c.id < number)).where(
        mine.c.entry_id == number, mine.c.subject == Subject.IDENTITY
    )
    return [person for person in tx.execute(query.distinct()).scalars() if person is not None]


def _born(tx: Transaction, number: int) -> list[int]:
    """The people that came with an entry, and go with it."""
    change = schema.change.c
    query = select(change.a).where(
        change.entry_id == number, change.subject == Subject.PERSON, change.value.is_not(None)
    )
    return list(tx.execute(query).scalars())


def _speaks_of(person: int) -> ColumnElement[bool]:
    change = schema.change.c
    # The sum keeps SQLite from going through all there ever was of a subject by its index, where
    # the entries to look at are few.
    subject = change.subject + 0
    return or_(
        and_(subject == Subject.IDENTITY, change.value == person),
        and_(subject.in_(decisions.WITH_PERSON), change.b == person),
        and_(subject.in_(decisions.ABOUT_PEOPLE), change.a == person),
    )


def _keep_people(tx: Transaction, number: int) -> None:
    """Let people who came with an entry outlive it where later entries speak of them."""
    change = schema.change.c
    for person in _born(tx, number):
        if _later(tx, number, _speaks_of(person)):
            own = and_(
                change.entry_id == number,
                change.subject.in_(decisions.ABOUT_PEOPLE),
                change.a == person,
            )
            tx.execute(update(schema.change).where(own).values(kept=True))


def _keep_nothing(tx: Transaction, numbers: Sequence[int]) -> None:
    change = schema.change.c
    for part in chunks(numbers):
        kept = and_(change.entry_id.in_(part), change.kept)
        tx.execute(update(schema.change).where(kept).values(kept=False))


def _take_over(
    tx: Transaction,
    found: Sequence[JournalEntry],
    direction: Callable[[Sequence[Any]], tuple[int | None, int | None]],
) -> LibraryChanges:
    """Make the tables say what stands, where the entries `found` had changed something."""
    writes = _standing_of(tx, [item.id for item in found])
    new = decisions.changed(tx, writes)
    people = journal.people_of(new)
    decisions.apply(tx, new)
    clusters: set[int] = set()
    for item in found:
        now = cluster_table.cluster_people(tx, [guess[0] for guess in item.guesses])
        for guess in item.guesses:
            expected, wanted = direction(guess)
            if guess[0] in now and now[guess[0]] == expected:
                cluster_table.set_cluster_person(tx, guess[0], wanted)
                clusters.add(guess[0])
    moved: set[int] = set()
    for item in found:
        faces_, groups_ = _move_faces(tx, item, direction)
        moved |= faces_
        clusters |= groups_
    # Who comes back or goes takes along what is shown as them, whoever decided or guessed that.
    ended = decisions.came_or_went(new)
    faces = decisions.faces_of(new) | guesses.of_people(tx, schema.confirmation, ended) | moved
    clusters |= guesses.of_people(tx, schema.cluster, ended)
    if _grouped_since(tx, min(item.id for item in found)):
        homes = _clusters_of(tx, faces)
        cluster_table.elect(tx, sorted(homes))
        clusters |= homes
    faces |= guesses.of_people(tx, schema.recognition, ended)
    early, groups = unborn.concerned(tx, new)
    faces |= early
    clusters |= groups
    faces.update(recognitions.named_by(tx, [item.id for item in found]))
    photos = decisions.photos_of(new)
    return guesses.refresh(tx, faces, people=people, clusters=clusters, photos=photos)


def _move_faces(
    tx: Transaction,
    item: JournalEntry,
    direction: Callable[[Sequence[Any]], tuple[int | None, int | None]],
) -> tuple[set[int], set[int]]:
    """Move faces back or forth between groups, those that nothing has moved since; gives them, and
    the groups.
    """
    moves = item.details.get("homes", ())
    if not moves:
        return set(), set()
    now = cluster_table.homes(tx)
    homes: dict[int, int | None] = {}
    groups: set[int] = set()
    for move in moves:
        face = move[0]
        expected, wanted = direction(move)
        if face in now and now[face] == (-1 if expected is None else expected):
            homes[face] = wanted
            groups.update(group for group in (expected, wanted) if group is not None)
    cluster_table.place(tx, homes, dict(item.details["owners"]))
    return set(homes), groups


def _backwards(guess: Sequence[Any]) -> tuple[int | None, int | None]:
    _, before, after = guess
    return after, before


def _forwards(guess: Sequence[Any]) -> tuple[int | None, int | None]:
    _, before, after = guess
    return before, after


def _standing_of(tx: Transaction, numbers: Sequence[int]) -> dict[Register, Value]:
    """For every register that the entries `numbers` changed, what stands now."""
    mine = schema.change.alias()
    columns = (mine.c.subject, mine.c.a, mine.c.b, _newest_value(mine))
    result: dict[Register, Value] = {}
    for part in chunks(numbers):
        for subject, a, b, value in tx.execute(select(*columns).where(mine.c.entry_id.in_(part))):
            result[Register(Subject(subject), a, b)] = value
    return result


def _grouped_since(tx: Transaction, number: int) -> bool:
    entry = schema.entry.c
    kinds = journal.GROUPINGS | {journal.BETTER_GROUPS}
    query = select(entry.id).where(entry.kind.in_(kinds), entry.id > number).limit(1)
    return tx.execute(query).first() is not None


def _clusters_of(tx: Transaction, faces: Iterable[int]) -> set[int]:
    face = schema.face.c
    return {
        cluster
        for part in chunks(sorted(faces))
        for cluster in tx.execute(
            select(face.cluster_id)
            .where(face.id.in_(part), face.cluster_id.is_not(None))
            .distinct()
        ).scalars()
    }


def _undone_since_last_act(tx: Transaction) -> list[list[int]]:
    """The undos that no act came after and no redo took back, each with its entries."""
    entry = schema.entry.c
    last_act = select(func.coalesce(func.max(entry.id), 0)).where(
        entry.kind.not_in(journal.NO_STEPS)
    )
    steps = (
        select(entry.kind, entry.details)
        .where(entry.id > last_act.scalar_subquery(), entry.kind.in_(("undo", "redo")))
        .order_by(entry.id)
    )
    stack: list[list[int]] = []
    for kind, details in tx.execute(steps):
        if kind == "undo":
            stack.append(details["entries"])
        else:
            stack.pop()
    return stack


def _set_status(tx: Transaction, numbers: Iterable[int], status: EntryStatus) -> None:
    table = schema.entry
    for part in chunks(sorted(numbers)):
        tx.execute(update(table).where(table.c.id.in_(part)).values(status=status))
