"""Each rule of undo by itself; any of them in any order are in `test_histories`."""

import pickle

import pytest
from sqlalchemy import select

from photoclust.core.errors import UserError
from photoclust.core.types import EntryId, EntryStatus
from photoclust.store import cluster_table, decisions, journal, people, schema, undoing
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.undoing import CollisionError, Later


def state(tx):
    """All that a user sees and all that was decided."""
    assert journal.standing(tx) == decisions.everything(tx)
    lists = people.groups(tx), people.groups(tx, hidden=True), face_store.faces(tx)
    return decisions.everything(tx), *lists


def newest(tx):
    return journal.entries(tx, limit=1)[0].id


@pytest.fixture
def acts(library, maker, do, person):
    """Four acts that build on one another: faces, people and the entries, the oldest first."""
    faces = maker.new_faces(4)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, faces[:2], anna)
        otto = person(tx, "Otto")
        do(tx, people.confirm, faces[1:3], otto)
        entries = [entry.id for entry in journal.entries(tx)][::-1]
    return faces, (anna, otto), entries


# Step by step


def test_undo_goes_back_step_by_step_and_redo_forth(library, maker, do, person):
    faces = maker.new_faces(4)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        seen = [state(tx)]

        def then(decide, *details):
            do(tx, decide, *details)
            seen.append(state(tx))

        anna = person(tx, "Anna")
        seen.append(state(tx))
        then(people.name_cluster, cluster, anna)
        then(people.reject, faces[:1], anna)
        then(people.exclude, faces[1:2], True)
        then(people.hide, anna, True)
        then(people.rename, anna, "Anne")
        then(people.delete_person, anna)
        for before in seen[-2::-1]:
            undoing.undo(tx)
            assert state(tx) == before
        for after in seen[1:]:
            undoing.redo(tx)
            assert state(tx) == after
        with pytest.raises(UserError, match="nothing to redo"):
            undoing.redo(tx)


def test_a_new_act_ends_what_can_be_redone(library, do, acts):
    _, (anna, _), _ = acts
    with library.write() as tx:
        undoing.undo(tx)
        assert undoing.next_redo(tx) is not None
        do(tx, people.rename, anna, "Anne")
        assert undoing.next_redo(tx) is None
        with pytest.raises(UserError, match="nothing to redo"):
            undoing.redo(tx)


def test_a_run_ends_nothing(library, acts):
    """A scan in the background takes no redo away, and is no step of undo."""
    with library.write() as tx:
        before = state(tx)
        undoing.undo(tx)
        journal.end_run(tx, journal.start_run(tx, "scan", {}), EntryStatus.DONE)
        undoing.redo(tx)
        assert state(tx) == before
        assert undoing.next_undo(tx).id == acts[2][-1]


def test_what_undo_and_redo_would_do_is_told(library, acts):
    with library.write() as tx:
        assert undoing.next_undo(tx).id == acts[2][-1]
        assert undoing.next_redo(tx) is None
        undone = undoing.undo(tx)
        assert [entry.id for entry in undone.entries] == acts[2][-1:]
        assert undone.entries[0].status is EntryStatus.UNDONE
        assert undoing.next_undo(tx).id == acts[2][-2]
        assert undoing.next_redo(tx).id == acts[2][-1]


def test_an_undo_says_what_it_touched(library, acts):
    faces, (anna, otto), _ = acts
    with library.write() as tx:
        changes = undoing.undo(tx).changes
        assert changes.faces == set(faces[1:3])
        assert changes.people >= {anna, otto}
        assert people.person(tx, anna).faces == 2
        assert undoing.redo(tx).changes.faces == set(faces[1:3])


def test_what_cannot_be_undone_says_why(library, acts):
    with library.write() as tx:
        run = journal.start_run(tx, "scan", {})
        with pytest.raises(UserError, match=f"entry {run} is a run"):
            undoing.undo(tx, run)
        with pytest.raises(UserError, match="there is no entry 99"):
            undoing.undo(tx, EntryId(99))
        undoing.undo(tx)
        with pytest.raises(UserError, match=f"entry {newest(tx)} .* cannot be undone"):
            undoing.undo(tx, newest(tx))
        with pytest.raises(UserError, match=f"entry {acts[2][-1]} is undone already"):
            undoing.undo(tx, acts[2][-1])


def test_in_an_empty_library_there_is_nothing_to_undo(library):
    with library.write() as tx:
        for step in (undoing.undo, undoing.redo):
            with pytest.raises(UserError, match="there is nothing to"):
                step(tx)
        assert undoing.next_undo(tx) is None
        assert undoing.next_redo(tx) is None


# Old acts


def test_an_old_act_is_undone_by_itself(library, maker, do, person):
    one, other = maker.new_faces(2)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [one], anna)
        old = newest(tx)
        do(tx, people.confirm, [other], anna)
        do(tx, people.rename, anna, "Anne")
        undoing.undo(tx, old)
        shown = {face.id: face.person for face in face_store.faces(tx)}
        assert shown == {one: None, other: anna}
        assert people.person(tx, anna).name == "Anne"
        state(tx)


def test_later_acts_about_the_same_are_named_and_nothing_is_changed(library, acts):
    _, _, entries = acts
    with library.write() as tx:
        before = state(tx), journal.entries(tx)
        with pytest.raises(CollisionError) as caught:
            undoing.undo(tx, entries[1])
        assert [entry.id for entry in caught.value.later] == [entries[3]]
        assert str(entries[3]) in str(caught.value)
        assert (state(tx), journal.entries(tx)) == before
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.later) == (str(caught.value), caught.value.later)


def test_later_acts_about_a_person_are_named_with_the_act_that_made_them(library, acts):
    _, _, entries = acts
    with library.write() as tx, pytest.raises(CollisionError) as caught:
        undoing.undo(tx, entries[0])
    assert [entry.id for entry in caught.value.later] == [entries[1]]


def test_what_later_acts_decided_can_be_kept(library, acts):
    faces, (anna, otto), entries = acts
    with library.write() as tx:
        before = state(tx)
        undoing.undo(tx, entries[1], Later.KEEP)
        shown = [face.person for face in face_store.faces(tx, ids=faces)]
        assert shown == [None, otto, otto, None]
        state(tx)
        undoing.redo(tx)
        assert state(tx) == before
        undoing.undo(tx, entries[0], Later.KEEP)
        assert people.person_name(tx, anna) == "Anna", "later acts speak of her"
        assert state(tx) == before


def test_later_acts_can_be_undone_along_and_come_back_together(library, acts):
    faces, (anna, otto), entries = acts
    with library.write() as tx:
        before = state(tx)
        undone = undoing.undo(tx, entries[0], Later.UNDO)
        assert [entry.id for entry in undone.entries] == [entries[3], entries[1], entries[0]]
        assert all(face.person is None for face in face_store.faces(tx, ids=faces))
        assert not people.person_exists(tx, anna)
        assert people.person_name(tx, otto) == "Otto"
        state(tx)
        undoing.redo(tx)
        assert state(tx) == before


# Guesses


def test_a_group_that_was_named_is_nobodys_again(library, maker, do, person):
    faces = maker.new_faces(3)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        anna = person(tx, "Anna")
        do(tx, people.name_cluster, cluster, anna)
        named = state(tx)
        assert undoing.undo(tx).changes.clusters == {cluster}
        assert people.groups(tx)[0].key == f"g{cluster}"
        undoing.redo(tx)
        assert state(tx) == named


def test_after_a_new_grouping_undo_still_takes_back_what_was_decided(library, maker, do, person):
    faces = maker.new_faces(4)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces[:3])])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        anna = person(tx, "Anna")
        do(tx, people.name_cluster, cluster, anna)
        run = journal.start_run(tx, "group", {})
        cluster_table.replace_clusters(tx, [ClusterContent(None, anna, faces)], run)
        journal.end_run(tx, run, EntryStatus.DONE)
        undoing.undo(tx)
        assert not any(face.confirmed for face in face_store.faces(tx))
        state(tx)
        undoing.redo(tx)
        confirmed = {face.id for face in face_store.faces(tx) if face.confirmed}
        assert confirmed == set(faces[:3])
        assert {face.person for face in face_store.faces(tx, ids=faces[:3])} == {anna}
        state(tx)
