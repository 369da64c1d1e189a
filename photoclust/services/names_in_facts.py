"""What photoclust had written of people and photos besides names: other names of people, birthdays,
the face that stands for somebody, and when a photo was taken. Only reads.

It comes where this library says nothing of it and never did: what was decided here stays.
"""

from collections.abc import Mapping

from photoclust.core.errors import UserError
from photoclust.core.regions import FoundNames
from photoclust.core.types import PersonId, PhotoId
from photoclust.services.kept_dates import is_birthday, is_date
from photoclust.services.names_in_plan import Plan
from photoclust.store import named_faces, people
from photoclust.store.aliases import register
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject
from photoclust.store.names import name_key


def plan_facts(tx: Transaction, plan: Plan, told: Mapping[PhotoId, FoundNames]) -> None:
    """Leave of the facts of people in `plan` what may come, and add the dates of photos."""
    here = [number for number in plan.facts if number >= 0]
    subjects = (Subject.ALIAS, Subject.BIRTHDAY, Subject.COVER)
    said = named_faces.registers_said(tx, subjects, here)
    for number, facts in plan.facts.items():
        facts.aliases = {
            alias: None
            for alias in facts.aliases
            if _is_free(tx, plan, number, alias) and register(number, alias) not in said
        }
        if facts.born is not None and not is_birthday(facts.born):
            facts.born = None
        if Register(Subject.BIRTHDAY, number) in said:
            facts.born = None
        if Register(Subject.COVER, number) in said:
            facts.cover = None
    dates = {
        photo: found.dated
        for photo, found in told.items()
        if found.dated is not None and is_date(found.dated)
    }
    said = named_faces.registers_said(tx, (Subject.DATE,), list(dates))
    plan.dates = {
        photo: text for photo, text in dates.items() if Register(Subject.DATE, photo) not in said
    }


def _is_free(tx: Transaction, plan: Plan, number: int, alias: str) -> bool:
    """Whether nobody else is called so, and they are not either."""
    try:
        key = name_key(alias)
    except UserError:
        return False
    newcomer = plan.people.newcomers.get(number)
    name = people.person_name(tx, PersonId(number)) if newcomer is None else newcomer.name
    if name is not None and name_key(name) == key:
        return False
    others = [other for other in people.find_people(tx, alias) if other != number]
    return not others and plan.people.known(alias) in (None, number)
