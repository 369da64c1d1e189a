"""Who is meant by the names that other programs wrote, and by the ids that photoclust wrote beside
them. Only reads; whoever is not here yet gets a number to be made by.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import PersonId
from photoclust.store import exchange, former_names
from photoclust.store import people as people_store
from photoclust.store.database import Transaction
from photoclust.store.names import clean_name, in_order, name_key


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is to be made: `uid` is theirs in another library, where that is known."""

    name: str | None
    uid: str | None = None
    hidden: bool = False


class People:
    """Finds people; `newcomers` have negative numbers."""

    def __init__(self, tx: Transaction) -> None:
        self.newcomers: dict[int, Newcomer] = {}
        self._tx = tx
        self._found: dict[str, list[PersonId]] = {}
        self._new_by_name: dict[str, int] = {}
        self._new_by_uid: dict[str, int] = {}
        self._known: dict[str, exchange.KnownPerson] | None = None
        self._keys: dict[str, list[PersonId]] | None = None
        self._in_order: dict[str, list[PersonId]] | None = None
        self._ever: dict[str, frozenset[PersonId]] | None = None
        self._formerly: dict[str, frozenset[PersonId]] | None = None

    def ever_called(self, name: str) -> frozenset[PersonId]:
        """Everybody who ever had this name, also who is not there any more."""
        if self._ever is None:
            self._ever = _by_key(former_names.ever_called(self._tx))
        return self._ever.get(_key(name) or "", frozenset())

    def formerly_called(self, name: str) -> frozenset[PersonId]:
        """Whoever had this name, by themselves or by who was merged into them, where nobody is
        called so now.
        """
        if self._formerly is None:
            self._formerly = _by_key(former_names.formerly_called(self._tx))
        had = self._formerly.get(_key(name) or "", frozenset())
        return frozenset(person for person in had if not self.is_called(person, name))

    def is_called(self, person: int, name: str, uid: str | None = None) -> bool:
        """Whether `person` may be meant by the id `uid` or by `name`, whoever else may be."""
        if uid is not None and (known := self._by_uid(uid)) is not None:
            return known == person
        try:
            return person in self._find(name)
        except UserError:
            return False

    def known(self, name: str) -> int | str | None:
        """The number of the person whose very name, no alias, is `name`, here or among the
        newcomers; None where nobody's is. A clause where nobody can be told.
        """
        try:
            key = name_key(name)
        except UserError:
            return None
        found = self._by_names().get(key, [])
        if len(found) > 1:
            return tr("several people are called so here")
        return found[0] if found else self._new_by_name.get(key)

    def called(self, name: str, uid: str | None = None, *, hidden: bool = False) -> int | str:
        """The number of the person who has the id `uid`, or is called `name`; or why nobody can be
        told, in a clause.
        """
        if uid is not None and (known := self._by_uid(uid)) is not None:
            return known
        if not name:
            return self._newcomer(None, uid, hidden) if uid else tr("it has no name")
        try:
            found = self._find(name)
        except UserError as error:
            return str(error)
        if len(found) > 1:
            return tr("several people are called so here")
        return found[0] if found else self._newcomer(name, uid, hidden)

    def _find(self, name: str) -> list[PersonId]:
        """Everybody who is called so. Raises UserError for what cannot be a name."""
        key = name_key(name)
        if key not in self._found:
            self._found[key] = people_store.find_people(self._tx, name) or self._turned(name)
        return self._found[key]

    def _turned(self, name: str) -> list[PersonId]:
        """Everybody whose very name it is but for the order: `Last, First` for `First Last`."""
        if self._in_order is None:
            self._in_order = defaultdict(list)
            for key, people in self._by_names().items():
                self._in_order[_key(in_order(key)) or key] += people
        return self._in_order.get(_key(in_order(name)) or "", [])

    def _by_names(self) -> dict[str, list[PersonId]]:
        if self._keys is None:
            self._keys = people_store.people_by_key(self._tx)
        return self._keys

    def _by_uid(self, uid: str) -> int | None:
        """The person with this id, or whom they were merged into."""
        if self._known is None:
            self._known = {each.uid: each for each in exchange.people(self._tx)}
        person = self._known.get(uid)
        if person is None:
            return None
        alive = {each.id: each.alive for each in self._known.values()}
        return exchange.living(self._tx, person.id, alive)

    def _newcomer(self, name: str | None, uid: str | None, hidden: bool) -> int:
        if uid is not None and (met := self._new_by_uid.get(uid)) is not None:
            if hidden:
                self.newcomers[met] = replace(self.newcomers[met], hidden=True)
            return met
        # One that somebody had who was deleted here is theirs; who comes now is another person.
        free = None if uid is None or uid in (self._known or {}) else uid
        keys = [] if name is None else [name_key(name), _key(in_order(name)) or name_key(name)]
        number = next((self._new_by_name[key] for key in keys if key in self._new_by_name), None)
        if number is not None:
            there = self.newcomers[number]
            if free is not None and there.uid is not None:
                number = None  # two people of one name
            else:  # other programs write no ids
                changed = replace(there, uid=there.uid or free, hidden=there.hidden or hidden)
                self.newcomers[number] = changed
        if number is None:
            number = -1 - len(self.newcomers)
            called = None if name is None else clean_name(name)
            self.newcomers[number] = Newcomer(called, free, hidden)
        for key in keys:
            self._new_by_name.setdefault(key, number)
        if uid is not None:
            self._new_by_uid[uid] = number
        return number


def _by_key(names: Mapping[PersonId, Collection[str]]) -> dict[str, frozenset[PersonId]]:
    """Who is meant by each of `names`, by what its spellings share."""
    found: dict[str, set[PersonId]] = defaultdict(set)
    for person, mine in names.items():
        for name in mine:
            found[name_key(name)].add(person)
    return {key: frozenset(people) for key, people in found.items()}


def _key(name: str) -> str | None:
    try:
        return name_key(name)
    except UserError:
        return None
