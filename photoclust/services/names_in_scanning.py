"""Names that a scan finds in and beside photos, taken over as the photos are written.

So they stand before any face is grouped, and a scan that is cut off has lost none. All of a scan
are one act, which grows with it; who undoes it meanwhile wants no more of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from photoclust.core.regions import FoundNames
from photoclust.core.types import EntryId, EntryStatus, LibraryChanges, PhotoId
from photoclust.services.names_in import KIND, NamesReport, carry_out, report_of
from photoclust.services.names_in_planning import make_plan
from photoclust.store import journal
from photoclust.store.database import Transaction
from photoclust.store.journal import Act


@dataclass(frozen=True, slots=True)
class Taken:
    """The names of a scan so far: the act, whom it is about and what it did, in all."""

    entry: EntryId | None = None
    people: frozenset[int] = frozenset()
    new_people: frozenset[int] = frozenset()
    report: NamesReport = field(default_factory=NamesReport)


def take(
    tx: Transaction, told: Mapping[PhotoId, FoundNames], before: Taken
) -> tuple[Taken, LibraryChanges]:
    """Take over the names of photos that were just written, in their transaction; `before` is what
    the scan has taken over already. Faces about which anything was ever decided are left alone.
    """
    if before.entry is not None:
        there = journal.entries_by_id(tx, [before.entry])  # none where its people were forgotten
        if not there or there[0].status is not EntryStatus.STANDS:
            return before, LibraryChanges()
    plan = make_plan(tx, told, only_new=True)
    act = Act(tx, KIND, {"from": "files"}, goes_on=before.entry)
    people = carry_out(act, plan)
    changes = act.finish()
    everybody = before.people | set(people.values())
    new = before.new_people | {person for number, person in people.items() if number < 0}
    report = _sum(before.report, report_of(plan))
    entry_id = act.entry or before.entry
    report = replace(report, people=len(everybody), new_people=len(new), entry=entry_id)
    return Taken(entry_id, everybody, new, report), changes


def _sum(one: NamesReport, other: NamesReport) -> NamesReport:
    """Both reports together; people are counted by whoever knows them."""
    return replace(
        one,
        names=one.names + other.names,
        drawn=one.drawn + other.drawn,
        tagged=one.tagged + other.tagged,
        photos=one.photos + other.photos,
        same=one.same + other.same,
        others=one.others + other.others,
        contradicting=one.contradicting + other.contradicting,
        conflicts=tuple(dict.fromkeys(one.conflicts + other.conflicts)),
        left=tuple(dict.fromkeys(one.left + other.left)),
        nameless=one.nameless + other.nameless,
        strangers=one.strangers + other.strangers,
        problems=tuple(dict.fromkeys((*one.problems, *other.problems))),
    )
