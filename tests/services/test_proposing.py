"""Grouping anew as a proposal: nothing changes until it is applied, and then no decision does."""

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photoclust.cluster import Grouping
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryStatus, ModelId
from photoclust.services import browse, deciding, grouping, history, naming, proposing
from photoclust.services.differences import Split
from photoclust.services.neighbour_index import Found
from photoclust.store import cluster_table, decisions, face_table, guesses, journal
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.vision.models import DEFAULT_EMBEDDER


@pytest.fixture
def come_to(monkeypatch):
    """`come_to(labels)`: what the clustering comes to, face by face, from now on."""

    def set_labels(labels):
        def call(_measured, _function, vectors, _index, *, control, **_):
            control.checkpoint()
            strength = np.zeros(len(vectors), np.float32)
            found = Grouping(np.array(labels[: len(vectors)], np.int64), strength, 0)
            return Found(found, "state"), 1.0

        monkeypatch.setattr(grouping.child, "call", call)

    return set_labels


@pytest.fixture
def groups(library, crowd):
    """Twelve faces in the groups g1 to g3; three wait. Anna (p1) is g3."""
    ids = sorted(crowd.photos_of(1, 15))
    with library.write() as tx:
        contents = [ids[:4], ids[4:8], ids[8:12]]
        cluster_table.replace_clusters(
            tx, [ClusterContent(None, None, faces) for faces in contents]
        )
    naming.name(library, "g3", "Anna")
    return ids


def shown(library):
    """Who each face is shown as."""
    return {
        face.id: f"p{face.person}" if face.person else f"g{face.cluster}" if face.cluster else None
        for face in browse.faces(library)
    }


def whole(library):
    with library.read() as tx:
        return journal.standing(tx) == decisions.everything(tx)


def test_a_proposal_tells_and_changes_nothing(library, groups, come_to):
    come_to([0] * 8 + [1] * 5 + [-1] * 2)
    before, entries = shown(library), history.entries(library)
    proposal = proposing.propose(library)
    assert shown(library) == before
    assert history.entries(library) == entries
    told = proposal.difference
    assert [(each.key, each.name, len(each.added), len(each.removed)) for each in told.people] == [
        ("g1", None, 4, 0),
        ("g2", None, 0, 4),
        ("p1", "Anna", 1, 0),
    ]
    assert told.joins == (("g1", "g2"),)
    assert told.lines() == ["g1 +4", "g2 −4", "Anna +1", "g1 and g2 would join"]


def test_applied_as_a_whole_it_is_what_it_told(library, groups, come_to):
    come_to([0, 0, 1, 1] + [2] * 4 + [3] * 5 + [-1] * 2)
    proposal = proposing.propose(library)
    assert proposal.difference.splits == (Split("g1", (2, 2)),)
    done = proposing.apply(library, proposal.id)
    assert done.difference == proposal.difference
    after = shown(library)
    expected = ["g4"] * 2 + ["g1"] * 2 + ["g2"] * 4 + ["p1"] * 5 + [None] * 2
    assert [after[face] for face in groups] == expected
    entry = history.entries(library, limit=1)[0]
    assert (entry.id, entry.kind, entry.status) == (done.entry, "regroup", EntryStatus.DONE)
    assert history.title(entry) == "Grouped anew 3 faces"
    assert whole(library)


def test_applied_for_one_only_their_faces_move(library, groups, come_to):
    come_to([0, 0, 0, 1] + [1] * 4 + [2] * 5 + [3] * 2)
    proposal = proposing.propose(library)
    before = shown(library)
    done = proposing.apply(library, proposal.id, ["P1"])
    assert done.difference.faces == {groups[12]}
    after = shown(library)
    assert after == before | {groups[12]: "p1"}
    proposing.apply(library, proposal.id, ["g1"])
    assert shown(library) == after | {groups[3]: "g2"}
    # What is left of it can be applied still.
    proposing.apply(library, proposal.id)
    assert {shown(library)[face] for face in groups[13:]} == {"g4"}


def test_what_was_applied_can_be_taken_back(library, groups, come_to):
    come_to([0] * 8 + [1] * 7)
    before = shown(library)
    done = proposing.apply(library, proposing.propose(library).id)
    assert shown(library) != before
    proposing.apply(library, done.back)
    back = shown(library)
    parts = [{back[face] for face in part} for part in (groups[:4], groups[4:8], groups[12:])]
    assert [len(part) for part in parts] == [1, 1, 1]
    assert parts[0] != parts[1]
    assert parts[2] == {None}
    with pytest.raises(UserError, match="applied already"):
        proposing.apply(library, done.back)
    with pytest.raises(UserError, match=rf"--apply {done.back}"):
        history.undo(library, done.entry)


def test_later_decisions_and_faces_are_heeded(library, groups, crowd, come_to):
    come_to([0] * 8 + [1] * 7)
    proposal = proposing.propose(library)
    otto = naming.name(library, "g2", "Otto").person
    deciding.reject(library, [f"f{groups[12]}"], "p1")
    with library.write() as tx:
        face_store.delete_faces(tx, groups[13:14])
    (new,) = crowd.photos_of(1, 1)
    proposing.apply(library, proposal.id)
    after = shown(library)
    assert {after[face] for face in groups[4:8]} == {f"p{otto}"}
    assert after[groups[12]] != "p1"
    assert after[groups[14]] == "p1"
    assert after[new] is None
    assert whole(library)


def test_faces_that_came_since_go_with_their_group(library, groups, crowd, come_to):
    come_to([0] * 8 + [1] * 4 + [-1] * 3)
    proposal = proposing.propose(library)
    joined, *own, waits = crowd.photos_of(1, 4)
    with library.write() as tx:
        contents = [ClusterContent(2, None, [joined]), ClusterContent(None, None, own)]
        cluster_table.add_to_clusters(tx, contents, [])
    before = shown(library)
    assert (before[joined], before[own[0]], before[waits]) == ("g2", "g4", None)
    proposing.apply(library, proposal.id)
    after = shown(library)
    assert {after[face] for face in (joined, *groups[:8])} == {"g2"}
    assert after[waits] is None
    assert {after[face] for face in own} == {"g4"}


def test_faces_without_a_vector_of_the_model_stay(library, groups, crowd, come_to):
    come_to([0] * 8)
    before = shown(library)
    proposal = proposing.propose(library, model=ModelId("another"))
    assert proposal.difference.lines() == []
    done = proposing.apply(library, proposal.id)
    assert (done.entry, done.back) == (None, None)
    with library.write() as tx:
        tx.exec_driver_sql("DELETE FROM vector WHERE face_id > 8")
    come_to([0, 0, 0, 0, 1, 1, 1, 1])
    proposing.apply(library, proposing.propose(library).id)
    assert shown(library) == before


@pytest.mark.parametrize("people", [(), ("p1",)])
def test_a_proposal_that_is_not_there_is_told(library, groups, people):
    with pytest.raises(UserError, match="there is no proposal 5"):
        proposing.apply(library, 5, people)


def test_a_proposal_is_applied_once(library, groups, come_to):
    come_to([0] * 15)
    proposal = proposing.propose(library)
    proposing.apply(library, proposal.id)
    with pytest.raises(UserError, match="applied already"):
        proposing.apply(library, proposal.id)


@pytest.mark.parametrize("key", ["p9", "g9", "f1", "Anna"])
def test_whoever_is_not_there_is_told_and_nothing_is_applied(library, groups, come_to, key):
    come_to([0] * 15)
    proposal = proposing.propose(library)
    before = shown(library)
    with pytest.raises(UserError):
        proposing.apply(library, proposal.id, [key])
    assert shown(library) == before
    assert proposing.apply(library, proposal.id).entry


def test_cancelled_it_leaves_no_proposal(library, groups, come_to):
    come_to([0] * 15)
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        proposing.propose(library, control=control)
    with library.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM proposal").scalar_one() == 0


def test_new_faces_go_on_in_the_way_of_the_proposal(library, groups, crowd, come_to, monkeypatch):
    come_to([0] * 15)
    proposing.apply(library, proposing.propose(library, method="agglomerative").id)
    monkeypatch.setattr(grouping.child, "call", None)
    assert grouping.group(library).kept == ("agglomerative", DEFAULT_EMBEDDER)
    monkeypatch.undo()
    crowd.photos_of(1, 1)
    come_to([browse.groups(library)[0].id] * 16)
    assert grouping.group(library).joined == 1


LABELS = st.lists(st.integers(-1, 3), min_size=8, max_size=8)
WORDS = st.lists(st.tuples(st.integers(0, 7), st.sampled_from("ABr")), max_size=3)


@settings(
    max_examples=20,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=LABELS, second=LABELS, words=WORDS, only=st.integers(0, 5))
def test_whatever_was_said_no_proposal_overrides_it(
    library, crowd, come_to, first, second, words, only
):
    faces = sorted(shown(library)) or sorted(crowd.photos_of(1, 8))
    come_to(first)
    proposing.apply(library, proposing.propose(library).id)
    come_to(second)
    proposal = proposing.propose(library)
    for place, word in words:
        try:
            if word == "r":
                deciding.reject(library, [f"f{faces[place]}"])
            else:
                naming.name(library, f"f{faces[place]}", word)
        except UserError:  # nobody is shown for it
            continue
    with library.read() as tx:
        said = decisions.everything(tx)
    before = shown(library)
    there = sorted({key for key in before.values() if key})
    chosen = [there[only % len(there)]] if only and there else []
    done = proposing.apply(library, proposal.id, chosen)
    after = shown(library)
    with library.read() as tx:
        assert decisions.everything(tx) == said
        table = face_table.load_table(tx, DEFAULT_EMBEDDER)
        rejected = grouping.rejections(tx, table)
        guessed = tx.exec_driver_sql("PRAGMA foreign_key_check").all()
    assert guessed == []
    confirmed = dict(zip(table.ids, table.person, strict=True))
    for face, key in after.items():
        assert confirmed[face] < 0 or key == f"p{confirmed[face]}"
        assert key not in {f"p{person}" for person in rejected.get(face, ())}
        if face not in done.difference.faces and face in before:
            assert key == before[face] or (before[face] or "").startswith("g")
    changed = {face for face in faces if before[face] != after[face]}
    told = {face for each in done.difference.people for face in (*each.added, *each.removed)}
    assert told <= done.difference.faces
    if chosen:
        assert changed <= done.difference.faces
    while history.next_steps(library).undo:
        history.undo(library)


def test_what_is_accepted_moves_only_these_faces_and_what_is_left_is_told(library, groups, come_to):
    come_to([0, 0, 0, 1] + [1] * 4 + [2] * 5 + [3] * 2)
    proposal = proposing.propose(library)
    before = shown(library)
    with library.read() as tx:
        said = decisions.everything(tx)
    done = proposing.accept(library, proposal.id, {groups[3]})
    assert done.difference.faces == {groups[3]}
    assert shown(library) == before | {groups[3]: "g2"}
    left = proposing.tell(library, proposal.id).difference
    assert left.faces == set(groups[12:])
    assert left.founded == (tuple(groups[13:]),)
    with library.read() as tx:
        assert decisions.everything(tx) == said
    history.undo(library)
    assert shown(library) == before
    history.redo(library)
    assert shown(library) == before | {groups[3]: "g2"}


def test_what_is_accepted_about_a_person_is_decided(library, groups, crowd, come_to):
    guessed, joins = crowd.photos_of(1, 2)
    with library.write() as tx:
        cluster_table.add_to_clusters(tx, [ClusterContent(3, 1, [guessed])], [])
    before = shown(library)
    assert before[guessed] == "p1"
    come_to([0] * 4 + [1] * 4 + [2] * 4 + [-1] * 3 + [1, 2])
    proposal = proposing.propose(library)
    done = proposing.accept(library, proposal.id, {guessed, joins})
    after = shown(library)
    assert after == before | {guessed: "g2", joins: "p1"}
    with library.read() as tx:
        assert people_store.faces_confirmed_as(tx, 1)[-1] == joins
        assert people_store.rejections(tx) == [(guessed, 1)]
    assert whole(library)
    entry = history.entries(library, limit=1)[0]
    assert (entry.id, entry.kind, entry.status) == (
        done.entry,
        "better groups",
        EntryStatus.STANDS,
    )
    assert history.title(entry) == "Moved to better groups: 2 faces"
    history.undo(library, done.entry)
    assert shown(library) == before
    assert whole(library)


def test_groups_that_went_come_back_and_go_again(library, groups, come_to):
    come_to([0] * 8 + [1] * 5 + [2] * 2)
    proposal = proposing.propose(library)
    before = shown(library)
    done = proposing.accept(library, proposal.id, proposal.difference.faces)
    after = shown(library)
    assert len({after[face] for face in groups[:8]}) == 1
    assert proposing.tell(library, proposal.id).difference.faces == frozenset()
    # A face that was taken elsewhere since stays there.
    naming.name(library, f"f{groups[14]}", "Otto")
    history.undo(library, done.entry)
    assert shown(library) == before | {groups[14]: "p2"}
    come_to([0] * 8 + [1] * 5 + [2] * 2)
    history.undo(library)
    assert shown(library) == before


def test_accepted_as_a_whole_new_faces_go_on_in_its_way_until_it_is_undone(
    library, groups, come_to
):
    come_to([0] * 8 + [1] * 7)
    proposing.apply(library, proposing.propose(library).id)
    come_to([0, 0, 0, 1, 1, 1, 1, 1] + [2] * 7)
    proposal = proposing.propose(library, method="agglomerative")
    with library.read() as tx:
        before = grouping.made_with(tx)
    first, *rest = sorted(proposal.difference.faces)
    proposing.accept(library, proposal.id, {first})
    with library.read() as tx:
        assert grouping.made_with(tx) == before
    proposing.accept(library, proposal.id, rest)
    with library.read() as tx:
        assert grouping.made_with(tx) == ("agglomerative", DEFAULT_EMBEDDER)
    history.undo(library)
    with library.read() as tx:
        assert grouping.made_with(tx) == before


def test_a_proposal_outlives_any_number_of_parts_of_it(library, groups, come_to):
    come_to([0] * 4 + [1] * 4 + [2] * 4 + [3] * 3)
    proposal = proposing.propose(library)
    for face in groups[12:]:
        for _ in range(6):
            proposing.accept(library, proposal.id, {face, groups[14]})
            history.undo(library)
    assert proposing.tell(library, proposal.id).difference.faces


def test_what_was_applied_as_a_whole_is_told_no_more(library, groups, come_to):
    come_to([0] * 8 + [1] * 7)
    proposal = proposing.propose(library)
    proposing.apply(library, proposal.id)
    with pytest.raises(UserError, match="applied already"):
        proposing.tell(library, proposal.id)


@settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=LABELS, second=LABELS, words=WORDS, chosen=st.sets(st.integers(0, 7), min_size=1))
def test_whatever_is_accepted_is_what_was_told_and_can_be_undone_and_redone(
    library, crowd, come_to, first, second, words, chosen
):
    faces = sorted(shown(library)) or sorted(crowd.photos_of(1, 8))
    come_to(first)
    proposing.apply(library, proposing.propose(library).id)
    for place, word in words:
        with contextlib.suppress(UserError):  # nobody is shown for it
            if word == "r":
                deciding.reject(library, [f"f{faces[place]}"])
            else:
                naming.name(library, f"f{faces[place]}", word)
    come_to(second)
    proposal = proposing.propose(library)
    before = shown(library)
    done = proposing.accept(library, proposal.id, {faces[place] for place in chosen})
    after = shown(library)
    for change in done.difference.people:
        if change.key.startswith("p"):
            assert {after[face] for face in change.added} <= {change.key}
            assert change.key not in {after[face] for face in change.removed}
    assert {face for face in faces if before[face] != after[face]} <= done.difference.faces
    assert whole(library)
    if done.entry is not None:
        history.undo(library)
        assert shown(library) == before
        assert whole(library)
        history.redo(library)
        assert shown(library) == after
    with library.read() as tx:
        assert guesses.count_stale(tx) == 0
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    while history.next_steps(library).undo:
        history.undo(library)
