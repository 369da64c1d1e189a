"""Names that people had before: as the journal tells it, be it by what was undone. Only reads.

Other programs go on saying them: in sidecars that they wrote before somebody was renamed here.
"""

from collections import Counter, defaultdict

from sqlalchemy import select

from photoclust.core.types import PersonId
from photoclust.store import exchange, schema
from photoclust.store.database import Transaction
from photoclust.store.decisions import Subject
from photoclust.store.names import name_key


def ever_called(tx: Transaction) -> dict[PersonId, set[str]]:
    """Every name of their own that anybody ever had, also who is not there any more."""
    change = schema.change.c
    query = select(change.a, change.value).where(
        change.subject == Subject.NAME, change.value.is_not(None)
    )
    found: dict[PersonId, set[str]] = defaultdict(set)
    for person, name in tx.execute(query.distinct()):
        found[PersonId(person)].add(name)
    return dict(found)


def formerly_called(tx: Transaction) -> dict[PersonId, frozenset[str]]:
    """The names that everybody who is there had before, by themselves or by who was merged into
    them; those that somebody else has now are left out.
    """
    alive = {person.id: person.alive for person in exchange.people(tx)}
    found: dict[PersonId, set[str]] = defaultdict(set)
    for person, names in ever_called(tx).items():
        living = exchange.living(tx, person, alive)
        if living is not None:
            found[living] |= names
    borne = _borne(tx)
    everybody = Counter(key for keys in borne.values() for key in keys)
    return {
        person: frozenset(
            name
            for name in names
            if everybody[key := name_key(name)] == (key in borne.get(person, ()))
        )
        for person, names in found.items()
    }


def _borne(tx: Transaction) -> dict[PersonId, set[str]]:
    """What everybody is called now, by a name or another name, as `names.name_key`."""
    person, alias = schema.person.c, schema.alias.c
    named = select(person.id, person.name_key).where(person.alive, person.name_key.is_not(None))
    others = (
        select(alias.person_id, alias.name_key)
        .join(schema.person, person.id == alias.person_id)
        .where(person.alive)
    )
    found: dict[PersonId, set[str]] = defaultdict(set)
    for number, key in tx.execute(named.union(others)):
        found[PersonId(number)].add(key)
    return found
