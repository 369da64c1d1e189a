"""Names from other programs, taken over: previewed, then made true as one act.

`names_in_sources` finds them, `names_in_planning` says what is to be done about them. What the user
decided here is never overwritten; whatever is not taken over is told, with the reason.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from photoclust.core.regions import FoundNames
from photoclust.core.types import (
    Detection,
    EntryId,
    FaceId,
    FoundFace,
    LibraryChanges,
    ModelId,
    PersonId,
    PhotoId,
)
from photoclust.services.names_in_plan import Drawing, LeftName, Plan
from photoclust.services.names_in_planning import make_plan
from photoclust.services.same_shot import carry_names
from photoclust.store import aliases, birthdays, photo_dates, presences
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Library
from photoclust.store.journal import Act

__all__ = ["KIND", "LeftName", "NamesReport", "Told", "carry_out", "report_of", "take_over"]

KIND = "take names"
"""The kind of the act in the journal."""
_SCORE, _QUALITY = 1.0, 0.0
"""Of a face that somebody drew: it was seen, and nobody has looked how good its picture is."""


@dataclass(frozen=True, slots=True)
class NamesReport:
    """What taking over names did or, when it was only tried, would do.

    `names` faces get a name, `drawn` of them made for boxes in which no face was found, in `photos`
    photos. `tagged` names have no box: whom they name counts as in the photo, without a face. Both
    are of `people` people, `new_people` of them new. `same` stood here already. `others` are
    decisions besides that photoclust had written: what is no face, who somebody is not, birthdays
    and dates. `conflicts`
    are names where another was confirmed here or refused, `left` other names that are left.
    `contradicting` is how many names of changed files a scan did not look into, because another was
    confirmed. `nameless` boxes have no name, `strangers` are of contacts of Picasa whose names are
    not known; `unknown_photos` are not in this library. `problems` are sentences about what could
    not be read. `entry` is the act in the journal, None where nothing was new.
    """

    names: int = 0
    drawn: int = 0
    tagged: int = 0
    photos: int = 0
    people: int = 0
    new_people: int = 0
    same: int = 0
    others: int = 0
    contradicting: int = 0
    conflicts: tuple[LeftName, ...] = ()
    left: tuple[LeftName, ...] = ()
    nameless: int = 0
    strangers: int = 0
    unknown_photos: int = 0
    problems: tuple[str, ...] = ()
    entry: EntryId | None = None
    changes: LibraryChanges = field(default=LibraryChanges(), compare=False)

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        done = self.names or self.tagged or self.same or self.others or self.contradicting
        left = self.conflicts or self.left or self.strangers
        return bool(done or left or self.problems)


@dataclass(frozen=True, slots=True)
class Told:
    """Names as they were found: by photo of this library, and what else there is to tell."""

    photos: Mapping[PhotoId, FoundNames]
    unknown_photos: int = 0
    problems: tuple[str, ...] = ()


def take_over(library: Library, told: Told, source: str, *, dry_run: bool = False) -> NamesReport:
    """Give the faces in `told` their names, as one act that says where they are from (`source`);
    with `dry_run` nothing is written. Raises LibraryError when the library is read-only.
    """
    if not dry_run:
        library.require_writable()
    with library.read() if dry_run else library.write() as tx:
        plan = make_plan(tx, told.photos)
        report = replace(
            report_of(plan),
            unknown_photos=told.unknown_photos,
            problems=tuple(dict.fromkeys((*told.problems, *plan.problems))),
        )
        if dry_run:
            return report
        act = Act(tx, KIND, {"from": source})
        carry_out(act, plan)
        changes = act.finish()
        return replace(report, entry=act.entry, changes=_with_photos(changes, plan))


def report_of(plan: Plan) -> NamesReport:
    """A plan in figures."""
    drawn = [drawing.person for drawing in plan.draw if drawing.person is not None]
    tagged = [person for _, person in plan.tagged]
    people = {*plan.confirm.values(), *drawn, *tagged}
    decided = len(plan.exclude) + len(plan.refuse) + len(plan.present)
    decided += sum(map(len, plan.facts.values())) + len(plan.dates)
    return NamesReport(
        names=len(plan.confirm) + len(drawn),
        drawn=len(drawn),
        tagged=len(tagged),
        photos=len(plan.photos),
        people=len(people),
        new_people=sum(person < 0 for person in people),
        same=plan.same,
        others=decided + len(plan.draw) - len(drawn),
        contradicting=plan.contradicting,
        conflicts=tuple(dict.fromkeys(plan.conflicts)),
        left=tuple(dict.fromkeys(plan.left)),
        nameless=plan.nameless,
        strangers=plan.strangers,
        problems=tuple(dict.fromkeys(plan.problems)),
    )


def carry_out(act: Act, plan: Plan) -> dict[int, PersonId]:
    """Make a plan true as part of `act`; gives who the people are by their numbers in it."""
    tx = act.tx
    people: dict[int, PersonId] = {}

    def real(number: int) -> PersonId:
        if number not in people:
            people[number] = PersonId(number) if number >= 0 else _make(act, plan, number)
        return people[number]

    confirm: dict[int, list[FaceId]] = defaultdict(list)
    refuse: dict[int, list[FaceId]] = defaultdict(list)
    for face, person in plan.confirm.items():
        confirm[person].append(face)
    for face, person in plan.refuse:
        refuse[person].append(face)
    made = []
    for drawing in plan.draw:
        # A relative box is one in the pixels of a picture of 1 × 1. Its vector comes later.
        drawn = FoundFace(Detection(drawing.box, (), _SCORE), _QUALITY)
        face = face_store.add_drawn_face(tx, drawing.photo, drawn, (1, 1), ModelId(""))
        made.append(face)
        if drawing.person is not None:
            confirm[drawing.person].append(face)
        for person in drawing.refused:
            refuse[person].append(face)
    people_store.exclude(act, [*made, *plan.revive], False)
    people_store.exclude(act, plan.exclude, True)
    for number, mine in refuse.items():
        people_store.reject(act, mine, real(number))
    for number, mine in confirm.items():
        people_store.confirm(act, mine, real(number))
    present: dict[int, list[PhotoId]] = defaultdict(list)
    for photo, number in (*plan.present, *plan.tagged):
        present[number].append(photo)
    for number, photos in present.items():
        presences.set_present(act, photos, real(number), present=True)
    _add_facts(act, plan, real, made)
    if plan.tagged:
        act.details["tagged"] = len(plan.tagged)
    carry_names(act)
    for person in people.values():
        act.note_person(person, people_store.person_name(tx, person) or "")
    return people


def _add_facts(
    act: Act, plan: Plan, real: Callable[[int], PersonId], made: Sequence[FaceId]
) -> None:
    """Add what is said of people and photos besides; `made` are the faces of `plan.draw`."""
    for number, facts in plan.facts.items():
        for alias in facts.aliases:
            aliases.add_alias(act, real(number), alias)
        if facts.born is not None:
            birthdays.set_birthday(act, real(number), photo_dates.read_date(facts.born))
        if facts.cover is not None:
            cover = facts.cover
            face = made[plan.draw.index(cover)] if isinstance(cover, Drawing) else cover
            people_store.choose_cover(act, real(number), face)
    for photo, date in plan.dates.items():
        people_store.set_date(act, [photo], date)


def _make(act: Act, plan: Plan, number: int) -> PersonId:
    newcomer = plan.people.newcomers[number]
    person = people_store.add_person(act, newcomer.name, uid=newcomer.uid)
    if newcomer.hidden:
        people_store.hide(act, person, True)
    return person


def _with_photos(changes: LibraryChanges, plan: Plan) -> LibraryChanges:
    return replace(changes, photos=changes.photos | plan.photos)
