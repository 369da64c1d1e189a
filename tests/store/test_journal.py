from datetime import UTC

import pytest
from sqlalchemy import delete, select

from photoclust.core.types import EntryStatus, LibraryChanges
from photoclust.store import cluster_table, decisions, journal, people, schema
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.decisions import Register, Subject
from photoclust.store.journal import Act


def registers_of(tx, entry):
    change = schema.change.c
    rows = tx.execute(select(schema.change).where(change.entry_id == entry.id)).all()
    return {Register(Subject(row.subject), row.a, row.b): row.value for row in rows}


# Acts


def test_an_act_is_one_entry_with_all_that_it_decided(library, maker):
    face, other = maker.new_faces(2)
    with library.write() as tx:
        act = Act(tx, "name", {"target": "g1"}, author="Berta")
        anna = people.add_person(act, "Anna")
        people.confirm(act, [face, other], anna)
        act.note_person(anna, "Anna")
        changes = act.finish()
        (entry,) = journal.entries(tx)
        assert (entry.kind, entry.status, entry.author) == ("name", EntryStatus.STANDS, "Berta")
        assert entry.details == {"target": "g1", "faces": 2, "people": {str(anna): "Anna"}}
        assert (entry.made_at.tzinfo, entry.ended_at) == (UTC, None)
        assert registers_of(tx, entry) == {
            Register(Subject.PERSON, anna): 1,
            Register(Subject.NAME, anna): "Anna",
            Register(Subject.IDENTITY, face): anna,
            Register(Subject.IDENTITY, other): anna,
        }
    assert changes.faces == {face, other}
    assert changes.people == {anna}
    assert len(changes.photos) == 2


def test_an_act_that_decides_nothing_new_leaves_no_entry(library, maker, do, person):
    (face,) = maker.new_faces(1)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [face], anna)
        before = journal.entries(tx)
        do(tx, people.confirm, [face], anna)
        do(tx, people.rename, anna, "Anna")
        do(tx, people.hide, anna, False)
        do(tx, people.exclude, [face], False)
        assert Act(tx, "nothing").finish() == LibraryChanges()
        assert journal.entries(tx) == before


def test_an_entry_says_only_what_it_changed(library, maker, do, person):
    one, other = maker.new_faces(2)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [one], anna)
        do(tx, people.confirm, [one, other], anna)
        newest, *_ = journal.entries(tx)
        assert registers_of(tx, newest) == {Register(Subject.IDENTITY, other): anna}
        assert newest.details["faces"] == 1


def test_an_act_that_fails_leaves_nothing(library, maker, do, person):
    (face,) = maker.new_faces(1)

    def confirm_and_fail():
        with library.write() as tx:
            do(tx, people.confirm, [face], person(tx, "Anna"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        confirm_and_fail()
    with library.read() as tx:
        assert journal.entries(tx) == []
        assert decisions.everything(tx) == {}
        assert people.groups(tx) == []


def test_guesses_that_an_act_changes_are_kept_with_it(library, maker, person):
    faces = maker.new_faces(2)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        act = Act(tx, "moved twice")
        act.move_groups([cluster], anna)
        act.move_groups([cluster], otto)
        changes = act.finish()
        newest, *_ = journal.entries(tx)
        assert newest.guesses == ((cluster, None, otto),)
        assert changes.faces == set(faces)
        assert changes.clusters == {cluster}
        assert people.person(tx, otto).faces == 2
        assert people.person(tx, anna).faces == 0


def test_who_decided_is_known_for_what_stands(library, maker):
    one, other = maker.new_faces(2)
    with library.write() as tx:
        act = Act(tx, "name", author="Berta")
        anna = people.add_person(act, "Anna")
        people.confirm(act, [one, other], anna)
        act.finish()
        own = Act(tx, "exclude")
        people.reject(own, [other], anna)
        own.finish()
        asked = [Register(Subject.IDENTITY, face) for face in (one, other, 99)]
        assert journal.authors(tx, asked) == {asked[0]: "Berta", asked[1]: None}


# The list


def test_the_newest_entries_come_first_and_in_pages(library, person):
    with library.write() as tx:
        for number in range(5):
            person(tx, f"Person {number}")
        every = journal.entries(tx)
        assert [entry.id for entry in every] == sorted((e.id for e in every), reverse=True)
        assert len(every) == 5
        assert journal.entries(tx, limit=2) == every[:2]
        assert journal.entries(tx, limit=2, before=every[1].id) == every[2:4]
        asked = [every[3].id, 99, every[0].id]
        assert journal.entries_by_id(tx, asked) == [every[3], every[0]]


# Replay


def test_a_replay_makes_the_same_decisions_and_guesses_anew(library, maker, do, person):
    faces = maker.new_faces(6)
    with library.write() as tx:
        anna, otto, gone = (person(tx, name) for name in ("Anna", "Otto", "Gone"))
        do(tx, people.confirm, faces[:2], anna)
        do(tx, people.confirm, faces[1:3], otto)
        do(tx, people.reject, [faces[3]], otto)
        do(tx, people.exclude, [faces[4]], True)
        do(tx, people.confirm, [faces[5]], gone)
        do(tx, people.delete_person, gone)
        do(tx, people.rename, otto, "Ottilie")
        do(tx, people.hide, anna, True)
        cluster_table.replace_clusters(tx, [ClusterContent(None, otto, faces[2:])])

        def everything():
            lists = people.groups(tx), people.groups(tx, hidden=True), face_store.faces(tx)
            return decisions.everything(tx), *lists

        before = everything()
        assert journal.standing(tx) == before[0]
        for table in (schema.confirmation, schema.rejection):
            tx.execute(delete(table))
        tx.exec_driver_sql("UPDATE person SET name = 'Eve', name_key = 'eve', hidden = 1 - hidden")
        tx.exec_driver_sql("UPDATE face SET excluded = 1 - excluded")
        assert everything() != before
        journal.replay(tx)
        assert everything() == before


# Runs


def test_a_run_has_a_beginning_and_an_end(library):
    with library.write() as tx:
        assert journal.last_run(tx, "scan") is None
        run = journal.start_run(tx, "scan", {"roots": ["/photos"]})
        running = journal.last_run(tx, "scan")
        assert (running.id, running.status, running.ended_at) == (run, EntryStatus.RUNNING, None)
        journal.end_run(tx, run, EntryStatus.DONE, {"photos": 3})
        ended = journal.last_run(tx, "scan")
        assert (ended.status, ended.details) == (
            EntryStatus.DONE,
            {"roots": ["/photos"], "photos": 3},
        )
        assert ended.ended_at >= ended.made_at
        journal.start_run(tx, "group", {})
        assert journal.last_run(tx, "scan") == ended
        assert journal.standing(tx) == {}


def test_runs_that_never_ended_are_marked_as_cut_off_once(library, person):
    with library.write() as tx:
        person(tx, "Anna")
        done = journal.start_run(tx, "scan", {})
        journal.end_run(tx, done, EntryStatus.CANCELLED)
        cut = [journal.start_run(tx, kind, {}) for kind in ("scan", "group")]
        assert [entry.id for entry in journal.close_unfinished(tx)] == cut
        assert journal.close_unfinished(tx) == []
        status = {entry.id: (entry.status, entry.ended_at is None) for entry in journal.entries(tx)}
        assert status[done] == (EntryStatus.CANCELLED, False)
        assert [status[run] for run in cut] == [(EntryStatus.INTERRUPTED, False)] * 2
        assert list(status.values())[-1] == (EntryStatus.STANDS, True)
