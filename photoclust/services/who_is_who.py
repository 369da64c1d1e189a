"""Who of the people in a file of decisions is who in this library. Only reads."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from photoclust.core.types import PersonId
from photoclust.services.decision_files import PersonWords
from photoclust.store import exchange, journal
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject
from photoclust.store.exchange import KnownPerson
from photoclust.store.names import name_key


@dataclass(frozen=True, slots=True)
class Identified:
    """`ids` are the people by their uid in the file. Those in `newcomers` are yet to be made: with
    a negative id that stands for them and their uid, or once more, when their making was undone.
    `deleted` are uids of people whom the user deleted here.
    """

    ids: Mapping[str, int]
    newcomers: Mapping[int, str]
    deleted: frozenset[str]


def identify(
    tx: Transaction, words: Sequence[PersonWords], known: Sequence[KnownPerson]
) -> Identified:
    """Whom `words` speak of, `known` being everybody who ever was in this library.

    The same uid is the same person, or whom they were merged into; else the only person here with
    a name that only one person of the file has; else somebody new.
    """
    names: dict[str, str | None] = {}
    for said in words:
        names[said.uid] = names.get(said.uid) or said.name
    by_uid = {person.uid: person for person in known}
    ids: dict[str, int] = {}
    for uid in names.keys() & by_uid.keys():
        successor = _successor(tx, by_uid[uid], known)
        if successor is not None:
            ids[uid] = successor
    gone = {uid: by_uid[uid].id for uid in names.keys() - ids.keys() if uid in by_uid}
    ended = settled(tx, [Register(Subject.PERSON, person) for person in gone.values()])
    namesakes = _namesakes(names, known, met=set(ids.values()))
    newcomers: dict[int, str] = {}
    deleted: set[str] = set()
    for uid in names:
        if uid in ids:
            continue
        if uid in namesakes:
            ids[uid] = namesakes[uid]
        elif uid not in gone:
            ids[uid] = -1 - len(newcomers)
            newcomers[ids[uid]] = uid
        elif Register(Subject.PERSON, gone[uid]) in ended:
            deleted.add(uid)
        else:
            ids[uid] = gone[uid]
            newcomers[ids[uid]] = uid
    return Identified(ids, newcomers, frozenset(deleted))


def settled(tx: Transaction, registers: Sequence[Register]) -> set[Register]:
    """Those of `registers` that an act which stands speaks of, be it only to take a word back."""
    return set(journal.authors(tx, registers)) if registers else set()


def _successor(
    tx: Transaction, person: KnownPerson, known: Iterable[KnownPerson]
) -> PersonId | None:
    """The person, or whom they were merged into; None where nobody is left."""
    if person.alive:
        return person.id
    alive = {other.id: other.alive for other in known}
    seen = {person.id}
    target = exchange.merged_into(tx, person.id)
    while target is not None and target not in seen:
        if alive.get(target, False):
            return target
        seen.add(target)
        target = exchange.merged_into(tx, target)
    return None


def _namesakes(
    names: Mapping[str, str | None], known: Iterable[KnownPerson], met: set[int]
) -> dict[str, PersonId]:
    """The people here, other than those `met` already, who share a name that nobody else has."""
    here: dict[str, list[PersonId]] = defaultdict(list)
    for person in known:
        if person.alive and person.name is not None:
            here[name_key(person.name)].append(person.id)
    keys = {uid: name_key(name) for uid, name in names.items() if name is not None}
    bearers = Counter(keys.values())
    return {
        uid: here[key][0]
        for uid, key in keys.items()
        if bearers[key] == 1 and len(here[key]) == 1 and here[key][0] not in met
    }
