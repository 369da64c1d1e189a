"""Taking people out of what the journal says, so that the rest of it can be undone and redone."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, exists, func, null, or_, select, update

from photoclust.core.errors import UserError
from photoclust.core.types import EntryStatus
from photoclust.store import journal, schema
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import ABOUT_FACES, ABOUT_PEOPLE, WITH_PERSON, Subject
from photoclust.store.names import name_key


@dataclass(frozen=True, slots=True)
class Doomed:
    """Who is to be forgotten: ids and uids of a person and of those who were merged into them,
    everything they were ever called, and the faces that are shown or confirmed as them.
    """

    people: frozenset[int]
    uids: frozenset[str]
    names: frozenset[str]
    faces: frozenset[int]


def merges(tx: Transaction, status: EntryStatus) -> Iterator[tuple[int, int]]:
    """Who was merged into whom by the entries with this status, the oldest first."""
    for number, people in _merge_entries(tx, status):
        ended = select(schema.change.c.a).where(
            schema.change.c.entry_id == number,
            schema.change.c.subject == Subject.PERSON,
            schema.change.c.value.is_(None),
        )
        for source in tx.execute(ended).scalars():
            if source != people[-1]:
                yield source, people[-1]


def entries_about(tx: Transaction, doomed: Doomed) -> set[int]:
    """The entries with a change that speaks of the people or faces to forget."""
    change, people = schema.change.c, doomed.people
    about = or_(
        and_(change.subject.in_(ABOUT_PEOPLE), change.a.in_(people)),
        and_(change.subject.in_(WITH_PERSON), change.b.in_(people)),
        and_(change.subject == Subject.IDENTITY, change.value.in_(people)),
    )
    found = set(tx.execute(select(change.entry_id).where(about).distinct()).scalars())
    for part in chunks(sorted(doomed.faces)):
        of_faces = select(change.entry_id).where(
            change.subject.in_(ABOUT_FACES), change.a.in_(part)
        )
        found.update(tx.execute(of_faces.distinct()).scalars())
    return found


def drop_undone_merges(tx: Transaction, people: frozenset[int]) -> None:
    """Empty the merges with `people` that were undone: done again, they would end one of two
    people in favour of somebody who is not there.
    """
    for number, named in _merge_entries(tx, EntryStatus.UNDONE):
        if len(named) > 1 and not people.isdisjoint(named):
            tx.execute(delete(schema.change).where(schema.change.c.entry_id == number))


def drop_changes(tx: Transaction, people: Collection[int]) -> None:
    """Take `people` out of all changes. Where a face was somebody else's before it became theirs,
    it is left that it was not that person's any more.
    """
    change, earlier = schema.change.c, schema.change.alias()
    tx.execute(delete(schema.change).where(change.subject.in_(ABOUT_PEOPLE), change.a.in_(people)))
    tx.execute(delete(schema.change).where(change.subject.in_(WITH_PERSON), change.b.in_(people)))
    theirs = and_(change.subject == Subject.IDENTITY, change.value.in_(people))
    before = (
        exists()
        .where(
            earlier.c.subject == Subject.IDENTITY,
            earlier.c.a == change.a,
            earlier.c.b == change.b,
            earlier.c.entry_id < change.entry_id,
            earlier.c.value.is_not(None),
            earlier.c.value.not_in(people),
        )
        .correlate(schema.change)
    )
    tx.execute(update(schema.change).where(theirs, before).values(value=null()))
    tx.execute(delete(schema.change).where(theirs))


def clean_entries(tx: Transaction, doomed: Doomed, spoken: Collection[int]) -> None:
    """Take people out of what entries tell of themselves; acts of which nothing is left go."""
    table = schema.entry
    left = _faces_left(tx, spoken)
    gone: set[int] = set()
    for row in tx.execute(select(table)).all():
        details, guessed = _without(row, doomed), _guesses_without(row, doomed.people)
        if row.id not in spoken and (details, guessed) == (row.details, row.guesses):
            continue
        if row.id in left and "faces" in details:
            details["faces"] = left[row.id]
        is_act = row.kind not in journal.NO_STEPS
        guessed_so = guessed or details.get("homes")
        if is_act and not guessed_so and not _has_changes(tx, row.id):
            gone.add(row.id)
            continue
        values = {"details": details, "guesses": guessed or None}
        tx.execute(update(table).where(table.c.id == row.id).values(values))
    _leave_out(tx, gone)
    for part in chunks(sorted(gone)):
        tx.execute(delete(table).where(table.c.id.in_(part)))


def _merge_entries(tx: Transaction, status: EntryStatus) -> Iterator[tuple[int, list[int]]]:
    """Merges with the people they name; whom the others become comes last."""
    entry = schema.entry.c
    query = select(entry.id, entry.details).where(entry.kind == "merge", entry.status == status)
    for number, details in tx.execute(query.order_by(entry.id)).all():
        people = [int(person) for person in details.get("people", {})]
        if people:
            yield number, people


def _without(row: Any, doomed: Doomed) -> dict[str, Any]:
    """The details of an entry without what they say of the doomed."""
    details = dict(row.details)
    if "homes" in details:
        details["homes"] = [move for move in details["homes"] if move[0] not in doomed.faces]
        details["owners"] = [
            [group, None if person in doomed.people else person]
            for group, person in details["owners"]
        ]
    people = details.get("people", {})
    mentioned = {key for key in people if int(key) in doomed.people}
    target = str(details.get("target", ""))
    own = target[:1] == "p" and target[1:].isdecimal() and int(target[1:]) in doomed.people
    if mentioned:
        details["people"] = {key: name for key, name in people.items() if key not in mentioned}
    if own:
        del details["target"]
    if own or mentioned:
        keys = {name_key(name) for name in (*doomed.names, *map(people.get, mentioned)) if name}
        details = {
            key: value
            for key, value in details.items()
            if not (isinstance(value, str) and _name_key(value) in keys)
        }
    return details


def _name_key(text: str) -> str | None:
    try:
        return name_key(text)
    except UserError:  # it cannot be a name
        return None


def _guesses_without(row: Any, people: Collection[int]) -> list[Any] | None:
    if row.guesses is None:
        return None
    cleaned = [
        [cluster, *(None if person in people else person for person in pair)]
        for cluster, *pair in row.guesses
    ]
    return [guess for guess in cleaned if guess[1] != guess[2]]


def _faces_left(tx: Transaction, entries: Collection[int]) -> dict[int, int]:
    """How many faces each of `entries` still decides about."""
    change = schema.change.c
    counts: dict[int, int] = defaultdict(int, dict.fromkeys(entries, 0))
    for part in chunks(sorted(entries)):
        query = (
            select(change.entry_id, func.count(change.a.distinct()))
            .where(change.entry_id.in_(part), change.subject.in_(ABOUT_FACES))
            .group_by(change.entry_id)
        )
        counts.update({row[0]: row[1] for row in tx.execute(query)})
    return counts


def _has_changes(tx: Transaction, entry: int) -> bool:
    query = select(schema.change.c.a).where(schema.change.c.entry_id == entry).limit(1)
    return tx.execute(query).first() is not None


def _leave_out(tx: Transaction, gone: Collection[int]) -> None:
    """Take acts that are gone out of the undos and redos that concern them."""
    table = schema.entry
    for row in tx.execute(select(table).where(table.c.kind.in_(("undo", "redo")))).all():
        kept = [number for number in row.details["entries"] if number not in gone]
        if kept == row.details["entries"]:
            continue
        mine = table.c.id == row.id
        if kept:
            tx.execute(update(table).where(mine).values(details={**row.details, "entries": kept}))
        else:
            tx.execute(delete(table).where(mine))
