"""Grouping all faces anew as a proposal: what it would change, and applying it, as a whole or for
single people and groups only; or accepting it face by face, as an act of the user.

A proposal is worked out again from the decisions and faces that there are when it is applied, so
that a later decision is never overridden by it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from photoclust.cluster import METHODS
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.types import (
    ClusterId,
    EntryId,
    EntryStatus,
    FaceId,
    LibraryChanges,
    ModelId,
    PersonId,
)
from photoclust.services import differences, embedding_model, grouping, placing
from photoclust.services.differences import Difference
from photoclust.services.keys import parse_key, require
from photoclust.services.neighbour_index import Index
from photoclust.store import cluster_table, face_table, journal, proposals
from photoclust.store import people as people_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library, Transaction
from photoclust.store.face_table import FaceTable
from photoclust.store.fingerprints import fingerprint
from photoclust.store.journal import Act
from photoclust.store.proposals import StoredProposal
from photoclust.vision import models

REGROUP = "regroup"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another grouping, by `method`, of the faces with a vector of `model`: what would change."""

    id: int
    method: str
    model: ModelId
    difference: Difference


@dataclass(frozen=True, slots=True)
class Applied:
    """What was changed. `entry` is the run in the journal, `back` the proposal that brings the
    groups from before back; both None where nothing changed.
    """

    difference: Difference
    entry: EntryId | None
    back: int | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a user accepted; `entry` is the act in the journal, None where nothing changed."""

    difference: Difference
    entry: EntryId | None
    changes: LibraryChanges


def propose(
    library: Library,
    *,
    method: str = METHODS[0],
    model: ModelId = models.DEFAULT_EMBEDDER,
    control: JobControl | None = None,
) -> Proposal:
    """Group all faces of `library` anew, and keep that as a proposal; no group is touched.

    Raises UserError for an unknown method, CancelledError when cancelled.
    """
    library.require_writable()
    fallback = embedding_model.fallback_of(library, model)
    with library.read() as tx:
        table = face_table.load_table(tx, model, fallback)
        known = grouping.what_is_known(tx, table)
    index = Index(library.folder, model, table.ids)
    labels = grouping.compute_labels(
        table.vectors, method=method, index=index, control=control, **known
    ).labels
    with library.write() as tx:
        label_of = dict(zip(table.ids.tolist(), labels.tolist(), strict=True))
        number = proposals.add(tx, method, model, label_of)
        stored = StoredProposal(number, method, model, False, label_of)
        return Proposal(number, method, model, _Outcome(tx, stored, fallback).difference())


def tell(library: Library, proposal: int) -> Proposal:
    """What a proposal would change with the faces and decisions that there are now.

    Raises UserError when there is no such proposal or it was applied already, as a whole.
    """
    with library.read() as tx:
        stored = _load(tx, proposal)
        fallback = embedding_model.fallback_of(library, stored.model)
        difference = _Outcome(tx, stored, fallback).difference()
        return Proposal(proposal, stored.method, stored.model, difference)


def accept(library: Library, proposal: int, faces: Collection[FaceId]) -> Accepted:
    """Make a proposal true for `faces`, which a user has seen: one act, which can be undone.

    What is accepted about a person is decided: who comes to one is confirmed as them, and who is
    nobody's any more is not that person. Other faces only move from group to group.

    Raises UserError when there is no such proposal or it was applied already, as a whole.
    """
    with library.write() as tx:
        stored = _load(tx, proposal)
        outcome = _Outcome(tx, stored, embedding_model.fallback_of(library, stored.model))
        difference = outcome.difference(among=faces)
        if not difference.faces:
            return Accepted(difference, None, LibraryChanges())
        whole = difference.faces == outcome.difference().faces
        method, model = grouping.made_with(tx) or (stored.method, stored.model)
        if whole:
            method, model = stored.method, stored.model
        act = Act(tx, journal.BETTER_GROUPS, {"method": method, "model": model})
        act.move_faces(*outcome.moves(difference.faces))
        _decide(act, difference)
        changes = act.finish()
        return Accepted(difference, act.entry, changes)


def apply(library: Library, proposal: int, people: Sequence[str] = ()) -> Applied:
    """Make a proposal true as far as later decisions leave it; with `people` (`p7`, `g31`) only
    for the faces that come to these people and groups or leave them. Nothing is decided by it.

    Raises UserError when there is no such proposal or it was applied already, as a whole; or there
    is no such person or group.
    """
    partly = bool(people)
    with library.write() as tx:
        stored = _load(tx, proposal)
        chosen = {"{}{}".format(*require(tx, key, "pg")) for key in people}
        fallback = embedding_model.fallback_of(library, stored.model)
        outcome = _Outcome(tx, stored, fallback)
        difference = outcome.difference(chosen)
        if not partly:
            proposals.set_applied(tx, proposal)
        if not difference.faces:
            return Applied(difference, None, None)
        before = grouping.made_with(tx) or (stored.method, stored.model)
        after = before if partly else (stored.method, stored.model)
        # What is left of a proposal can be applied still, however often a part of it was.
        needed = [proposal] if partly else []
        back = proposals.add(tx, *before, cluster_table.homes(tx), kept=needed)
        run = journal.start_run(
            tx, REGROUP, {"method": after[0], "model": after[1], "proposal": proposal, "back": back}
        )
        groups = outcome.groups(difference.faces if partly else None)
        cluster_table.replace_clusters(tx, groups, run)
        details: dict[str, Any] = {"faces": len(difference.faces), "groups": len(groups)}
        if not partly and outcome.is_current:
            # All was looked at, so that there is nothing new for the next grouping.
            details["state"] = fingerprint(tx, stored.model, fallback)
        journal.end_run(tx, run, EntryStatus.DONE, details)
        return Applied(difference, run, back)


def _load(tx: Transaction, proposal: int) -> StoredProposal:
    stored = proposals.load(tx, proposal)
    if stored is None:
        raise UserError(
            tr(
                "there is no proposal {proposal}; photoclust group --full --dry-run makes one",
                proposal=proposal,
            )
        )
    if stored.applied:
        raise UserError(
            tr("proposal {proposal} was applied already; make a new one", proposal=proposal)
        )
    return stored


def _decide(act: Act, difference: Difference) -> None:
    people = [
        (PersonId(parse_key(change.key)[1]), change)
        for change in difference.people
        if parse_key(change.key)[0] == "p"
    ]
    somebodys = {face for _, change in people for face in change.added}
    for person, change in people:
        people_store.confirm(act, change.added, person)
        gone = [face for face in change.removed if face not in somebodys]
        people_store.reject(act, gone, person)
        act.note_person(person, change.name or "")


class _Outcome:
    """What a proposal comes to with the faces and decisions that there are now."""

    def __init__(self, tx: Transaction, stored: StoredProposal, fallback: ModelId | None) -> None:
        self._tx = tx
        self._table = face_table.load_table(tx, stored.model, fallback)
        self.is_current = stored.label_of.keys() >= set(self._table.ids.tolist())
        label_of = _with_newcomers(stored.label_of, self._table)
        rejected = grouping.rejections(tx, self._table)
        self._contents = placing.all_contents(label_of, self._table, rejected)

    def difference(
        self, only: Collection[str] = (), among: Collection[FaceId] | None = None
    ) -> Difference:
        """What would change; with `only`, for the faces that come to these keys or leave them, with
        `among` for these faces.
        """
        return differences.compare(
            self._table.ids.tolist(),
            differences.keys_now(self._table),
            differences.keys_then(self._table, self._contents),
            name_of=self._name_of,
            only=only,
            among=among,
        )

    def groups(self, moved: Collection[FaceId] | None) -> list[ClusterContent]:
        """The groups to write where, of the faces that the proposal tells of, only those `moved` go
        to their group (None: all); the others stay where they are.
        """
        told = set(self._table.ids.tolist() if moved is None else moved)
        owners = cluster_table.owners(self._tx)
        staying: dict[int, list[FaceId]] = defaultdict(list)
        for face, group in cluster_table.homes(self._tx).items():
            if group >= 0 and face not in told:
                staying[group].append(FaceId(face))
        new: list[ClusterContent] = []
        for content in self._contents:
            mine = [face for face in content.faces if face in told]
            owner = -1 if content.person is None else content.person
            if content.id in staying and owners[content.id] == owner:
                staying[content.id] += mine
            elif mine:
                number = None if content.id in staying else content.id
                new.append(ClusterContent(number, content.person, mine))
        old = [
            ClusterContent(ClusterId(group), _person(owners[group]), faces)
            for group, faces in staying.items()
        ]
        return old + new

    def moves(
        self, moved: Collection[FaceId]
    ) -> tuple[dict[int, int | None], dict[int, int | None]]:
        """The group that each of the faces `moved` goes to, None for none, and whom these groups
        go with. Those that are not there yet are made.
        """
        owners = cluster_table.owners(self._tx)
        homes: dict[int, int | None] = dict.fromkeys(moved)
        people: dict[int, int | None] = {}
        for content in self._contents:
            mine = [face for face in content.faces if face in homes]
            if not mine:
                continue
            group = content.id
            if group is None or owners.get(group) != (content.person or -1):
                group = cluster_table.new_cluster(self._tx, content.person)
            homes.update(dict.fromkeys(mine, group))
            people[group] = content.person
        return homes, people

    def _name_of(self, key: str) -> str | None:
        kind, number = parse_key(key, "pg")
        return people_store.person_name(self._tx, PersonId(number)) if kind == "p" else None


def _with_newcomers(label_of: Mapping[int, int], table: FaceTable) -> Mapping[int, int]:
    """Labels for the faces that came since as well: they go where most of their group goes."""
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    faces = list(zip(table.ids.tolist(), table.cluster.tolist(), strict=True))
    for face, group in faces:
        if label_of.get(face, -1) >= 0:
            votes[group][label_of[face]] += 1
    free = max(label_of.values(), default=-1) + 1
    new = {
        face: votes[group].most_common(1)[0][0] if votes[group] else free + group
        for face, group in faces
        if face not in label_of and group >= 0
    }
    return {**label_of, **new}


def _person(owner: int) -> PersonId | None:
    return None if owner < 0 else PersonId(owner)
