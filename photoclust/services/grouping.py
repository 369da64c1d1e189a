"""Grouping the faces of a library into people, without touching what the user decided.

New faces join known people and groups or wait, new groups form from those that wait, and old faces
stay where they are; to group all of them anew is a proposal (see `proposing`). The labels are
computed in a process of their own from a snapshot; what becomes of them is decided in the
transaction that writes them, from the decisions that stand then.
"""

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster import METHODS, Grouping, cluster_faces
from photoclust.core.arrays import Vectors
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.language import marked, tr
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryId, EntryStatus, FaceId, ModelId
from photoclust.services import child, embedding_model, placing
from photoclust.services.neighbour_index import Index, cluster_indexed
from photoclust.services.same_shot import repeated_faces
from photoclust.store import (
    answers,
    birthdays,
    cluster_table,
    face_table,
    journal,
    same_photo,
)
from photoclust.store import people as people_store
from photoclust.store.answers import Noted
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library, Transaction
from photoclust.store.face_table import FaceTable
from photoclust.store.fingerprints import fingerprint
from photoclust.vision import models

STAGE = marked("Grouping faces")
_QUESTIONS = 20
"""Of the groups that may be one, so many are told at once."""


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """A group and another, or people (`g31`, `p7`), that may be one person but are not so alike
    that it is certain; the names of those who have one, and the cosine of their middles.
    """

    one: str
    other: str
    one_name: str | None
    other_name: str | None
    similarity: float


@dataclass(frozen=True, slots=True)
class GroupingReport:
    """What a grouping made: how many faces it saw, groups there are now, faces in none; how many
    faces `joined` a group that there was, and how many groups are `new`.

    `kept` is the method and the model of the groups where others were asked for: the groups stay
    as they are then, and new faces come to them by the old method. `may_be_one` are groups that a
    user could join, the most alike first.
    """

    faces: int
    clusters: int
    unclustered: int
    seconds: float
    joined: int = 0
    new: int = 0
    kept: tuple[str, ModelId] | None = None
    may_be_one: tuple[MergeCandidate, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What the clustering came to, the most memory, in MB, that its process held, and the state of
    the kept neighbour graph, if one was used.
    """

    found: Grouping
    peak_memory_mb: float
    state: str | None = None

    @property
    def labels(self) -> NDArray[np.int64]:
        """The group of each face, [N]; -1 for one that waits."""
        return self.found.labels


def group(
    library: Library,
    *,
    method: str = METHODS[0],
    model: ModelId = models.DEFAULT_EMBEDDER,
    anew: bool = False,
    control: JobControl | None = None,
) -> GroupingReport:
    """Find groups for the faces of `library` that wait; all others stay where they are.

    Where there are groups, `method` is the one that they were made with; faces come to them by
    their vectors of `model`, whichever they were made with. Where nothing is new since the last
    grouping, nothing is computed or written. With `anew` the groups that
    there are count for nothing but their ids: for those of a scan that still goes on.

    Raises UserError for an unknown method, CancelledError when cancelled: nothing has changed then.
    """
    require_method(method)
    control = control or JobControl()
    start = time.monotonic()
    fallback = embedding_model.fallback_of(library, model)
    with library.read() as tx:
        asked = (method, model)
        made = asked if anew else made_with(tx) or asked
        kept = made if made != asked else None
        if _nothing_new(tx, model, fallback):
            faces, groups, alone = _counts(tx, model, fallback)
            control.report(STAGE, faces, faces)
            return GroupingReport(faces, groups, alone, time.monotonic() - start, kept=kept)
    method = made[0]

    with _run(library, *made) as run:
        with library.read() as tx:
            table = face_table.load_table(tx, model, fallback)
            known = what_is_known(tx, table)
            index = Index(library.folder, model, table.ids, None if anew else _seen(tx))
        previous = np.where(table.placed & (not anew), table.cluster, -1)
        if (previous >= 0).any():
            known["previous"] = previous
        computed = compute_labels(
            table.vectors, method=method, index=index, control=control, **known
        )
        labels = computed.labels
        control.checkpoint()
        with library.write() as tx:
            # Names given while the labels were computed count as well.
            now = face_table.load_table(tx, model, fallback)
            label_of = dict(zip(table.ids.tolist(), labels.tolist(), strict=True))
            old = None if anew else set(previous.tolist())
            contents = _write_groups(tx, run, label_of, now, old)
            may_be_one = _merge_candidates(tx, table.ids, computed.found)
            _, groups, alone = _counts(tx, model, fallback)
            details = {
                "faces": len(table.ids),
                "groups": groups,
                "joined_by": model,
                "state": fingerprint(tx, model, fallback),
                "index": computed.state,
            }
            journal.end_run(tx, run, EntryStatus.DONE, details)
    control.report(STAGE, len(table.ids), len(table.ids))
    waited = set(now.ids[~now.placed].tolist())
    return GroupingReport(
        faces=len(table.ids),
        clusters=groups,
        unclustered=alone,
        seconds=time.monotonic() - start,
        joined=sum(len(waited.intersection(each.faces)) for each in contents if each.id),
        new=sum(each.id is None for each in contents),
        kept=kept,
        may_be_one=may_be_one,
    )


def compute_labels(
    vectors: Vectors,
    *,
    method: str = METHODS[0],
    index: Index | None = None,
    control: JobControl | None = None,
    **known: Any,
) -> Computed:
    """Find the groups of `vectors` ([N, dim]) in a process of its own, with the kept neighbour
    graph `index` where one is given; `known` is what `cluster_faces` takes besides.

    Raises UserError for an unknown method, CancelledError when cancelled.
    """
    require_method(method)
    control = control or JobControl()
    control.report(STAGE, 0, len(vectors))
    if len(vectors) == 0:
        return Computed(Grouping(np.empty(0, np.int64), np.empty(0, np.float32), 0), 0.0)
    options = {"method": method, "control": control, "reporting": True, **known}
    if index is None:
        found, peak = child.call(child.measured, cluster_faces, vectors, **options)
        return Computed(found, peak)
    indexed, peak = child.call(child.measured, cluster_indexed, vectors, index, **options)
    return Computed(indexed.grouping, peak, indexed.state)


def what_is_known(tx: Transaction, table: FaceTable) -> dict[str, Any]:
    """What `compute_labels` is to know of the faces of `table`, decisions of the user included."""
    row_of = {face: row for row, face in enumerate(table.ids.tolist())}
    first: dict[int, int] = {}
    for row, person in enumerate(table.person.tolist()):
        first.setdefault(person, row)
    # The faces of a person belong together, so that one of them speaks for all.
    apart = [
        (row_of[face], first[person])
        for face, person in people_store.rejections(tx)
        if face in row_of and person in first
    ]
    apart += two_people(tx, row_of, table.person)
    return {
        "photo_ids": table.photo,
        "quality": table.quality,
        "times": table.taken,
        "duplicates": repeated_faces(tx, table.ids),
        "people": table.person,
        "cannot_link": apart,
        "same_photo_exceptions": sorted(same_photo.exceptions(tx)),
    }


def two_people(
    tx: Transaction, row_of: Mapping[int, int], person: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """The rows of faces whose groups the user said are two people; a later word that both are one
    `person` [N] counts more.
    """
    return [
        (row_of[one], row_of[other])
        for one, other in sorted(answers.noted(tx, Noted.TWO_PEOPLE))
        if one in row_of
        and other in row_of
        and not 0 <= person[row_of[one]] == person[row_of[other]]
    ]


def rejections(tx: Transaction, table: FaceTable) -> placing.Rejected:
    """The people that each face of `table` is not: the user said so, or they were born after it."""
    rejected: dict[int, tuple[int, ...]] = {}
    days = birthdays.load_days(tx)
    if len(days.photos):
        order = np.argsort(days.born, kind="stable")
        people = days.people[order].tolist()
        # Who was born later than a photo are the last of them; many photos share one tuple.
        later = [tuple(people[start:]) for start in range(len(people) + 1)]
        starts = np.searchsorted(days.born[order], days.latest, side="right")
        place = np.minimum(np.searchsorted(days.photos, table.photo), len(days.photos) - 1)
        early = days.photos[place] == table.photo
        faces = zip(table.ids[early].tolist(), starts[place[early]].tolist(), strict=True)
        rejected = {face: later[start] for face, start in faces}
    for face, person in people_store.rejections(tx):
        rejected[face] = (*rejected.get(face, ()), person)
    return rejected


def has_groups(library: Library) -> bool:
    """Whether any faces are grouped."""
    with library.read() as tx:
        return bool(cluster_table.owners(tx))


def require_method(method: str) -> None:
    """Raise UserError, which names those there are, where there is no such method."""
    if method not in METHODS:
        raise UserError(
            tr(
                "there is no method {method!r}; choose one of {methods}",
                method=method,
                methods=", ".join(METHODS),
            )
        )


def made_with(tx: Transaction) -> tuple[str, ModelId] | None:
    """Method and model of the groups; None where there are no groups, or nobody knows."""
    last = journal.last_grouping(tx)
    if last is None or not cluster_table.owners(tx) or last.details.get("method") not in METHODS:
        return None
    return last.details["method"], ModelId(last.details["model"])


def note_made_with(library: Library, method: str, model: ModelId) -> None:
    """Remember that to group all faces anew, by `method` and `model`, came to the groups that there
    are.
    """
    fallback = embedding_model.fallback_of(library, model)
    with library.write() as tx:
        run = journal.start_run(tx, "group", {"method": method, "model": model})
        faces, groups, _ = _counts(tx, model, fallback)
        state = fingerprint(tx, model, fallback)
        details = {"faces": faces, "groups": groups, "state": state}
        journal.end_run(tx, run, EntryStatus.DONE, details)


@contextlib.contextmanager
def _run(library: Library, method: str, model: ModelId) -> Iterator[EntryId]:
    """A run of the journal, which whoever carries it out ends where it is done."""
    with library.write() as tx:
        run = journal.start_run(tx, "group", {"method": method, "model": model})
    ended = EntryStatus.FAILED
    try:
        yield run
        ended = EntryStatus.DONE
    except CancelledError:
        ended = EntryStatus.CANCELLED
        raise
    finally:
        if ended is not EntryStatus.DONE:
            # Where nothing can be written any more, the next start closes the run.
            with contextlib.suppress(UserError), library.write() as tx:
                journal.end_run(tx, run, ended)


def _write_groups(
    tx: Transaction,
    run: EntryId,
    label_of: Mapping[int, int],
    now: FaceTable,
    old: Collection[int] | None,
) -> Sequence[ClusterContent]:
    """Put the faces of `now` where labels come to: those that wait where labels in `old` are
    groups that there are, or all of them where it is None. Gives what was written.
    """
    if old is None:
        contents = placing.all_contents(label_of, now, rejections(tx, now))
        cluster_table.replace_clusters(tx, contents, run)
        return contents
    owners = {group: owner for group, owner in cluster_table.owners(tx).items() if group in old}
    found = placing.additions(label_of, now, rejections(tx, now), owners)
    cluster_table.add_to_clusters(tx, found.contents, found.freed, run)
    return found.contents


def _merge_candidates(
    tx: Transaction, ids: NDArray[np.int64], found: Grouping
) -> tuple[MergeCandidate, ...]:
    """The questions of a grouping of the faces `ids`, in terms of the groups as they are now."""
    asked = found.merge_questions[:_QUESTIONS]
    labels, first = np.unique(found.labels, return_index=True)
    face_of = {
        label: FaceId(face)
        for label, face in zip(labels.tolist(), ids[first].tolist(), strict=True)
    }
    homes = cluster_table.homes_of(
        tx, [face_of[label] for each in asked for label in (each.a, each.b)]
    )
    candidates: dict[tuple[str, str], MergeCandidate] = {}
    for question in asked:
        pair = [homes.get(face_of[label]) for label in (question.a, question.b)]
        if None in pair:
            continue
        (one, one_name), (other, other_name) = (
            (f"g{group}" if person is None else f"p{person}", name)
            for group, person, name in filter(None, pair)
        )
        if one != other:
            key = (min(one, other), max(one, other))
            similarity = round(question.similarity, 4)
            candidates.setdefault(key, MergeCandidate(one, other, one_name, other_name, similarity))
    return tuple(candidates.values())


def _seen(tx: Transaction) -> str | None:
    """The state of the neighbour graph when the last grouping had asked all faces where they
    belong; None where something was decided since, so that they have to be asked again.
    """
    last = journal.last_grouping(tx)
    if last is None or journal.acts_since(tx, last.id):
        return None
    return last.details.get("index")


def _nothing_new(tx: Transaction, model: ModelId, fallback: ModelId | None) -> bool:
    """Whether the last grouping, by the same model, left the library as it is now."""
    last = journal.last_grouping(tx)
    if last is None or last.details.get("joined_by", last.details["model"]) != model:
        return False
    return bool(last.details.get("state") == fingerprint(tx, model, fallback))


def _counts(tx: Transaction, model: ModelId, fallback: ModelId | None) -> tuple[int, int, int]:
    """How many faces with a vector of `model` and groups there are, and such faces in none."""
    faces, alone = face_table.count_with_vector(tx, model, fallback)
    return faces, len(cluster_table.owners(tx)), alone
