"""Aliases: other names under which a person is found, such as a maiden name or a pet name.

A name counts more than an alias: whoever is called so is meant, not whoever was.
"""

from collections import defaultdict

from sqlalchemy import select

from photoclust.core.types import PersonId
from photoclust.store import schema
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject, Value
from photoclust.store.journal import Act
from photoclust.store.names import alias_number, clean_name, name_key


def aliases(tx: Transaction) -> dict[PersonId, list[str]]:
    """The other names of everybody who has some, hidden or not, in the order of the alphabet."""
    alias, person = schema.alias.c, schema.person.c
    query = (
        select(alias.person_id, alias.name)
        .join(schema.person, person.id == alias.person_id)
        .where(person.alive)
        .order_by(alias.person_id, alias.name_key)
    )
    found: dict[PersonId, list[str]] = defaultdict(list)
    for number, name in tx.execute(query):
        found[PersonId(number)].append(name)
    return dict(found)


def aliases_of(tx: Transaction, person: PersonId) -> list[str]:
    """The other names of one person, in the order of the alphabet."""
    table = schema.alias.c
    query = select(table.name).where(table.person_id == person).order_by(table.name_key)
    return list(tx.execute(query).scalars())


def find_by_alias(tx: Transaction, name: str) -> list[PersonId]:
    """Everybody with this alias, whatever the case and Unicode form of it."""
    alias, person = schema.alias.c, schema.person.c
    query = (
        select(person.id)
        .join(schema.alias, person.id == alias.person_id)
        .where(alias.name_key == name_key(name), person.alive)
        .order_by(person.id)
    )
    return list(tx.execute(query).scalars())


# --- acts ---------------------------------------------------------------------------------------


def add_alias(act: Act, person: PersonId, name: str) -> None:
    """Give a person another name besides. Raises UserError for one that cannot be a name."""
    act.decide({register(person, name): clean_name(name)})


def remove_alias(act: Act, person: PersonId, name: str) -> None:
    """Take another name from a person who has it, however it is spelled."""
    act.decide({register(person, name): None})


def register(person: int, name: str) -> Register:
    """What says whether `person` is also called `name`."""
    return Register(Subject.ALIAS, person, alias_number(name))


def handed_on(tx: Transaction, source: PersonId, target: PersonId) -> dict[Register, Value]:
    """What makes `source`'s name and aliases those of `target`, who becomes one with them: whoever
    looks for them by what they were called still finds them.
    """
    person = schema.person.c
    rows = tx.execute(select(person.id, person.name).where(person.id.in_((source, target))))
    names = {row.id: row.name for row in rows}
    own = names[target]
    old = aliases_of(tx, source)
    if own is not None and names[source] is not None:
        old.append(names[source])
    known = {name_key(name) for name in (own or names[source], *aliases_of(tx, target)) if name}
    return {register(target, name): name for name in old if name_key(name) not in known}
