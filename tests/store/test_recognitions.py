"""Verdicts of recognition: what is written, what is shown, and what the user's word does to it."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from photoclust.core.errors import UserError
from photoclust.core.types import EntryStatus, LibraryChanges, ModelId
from photoclust.store import (
    checks,
    cluster_table,
    guesses,
    journal,
    people,
    recognitions,
    schema,
    undoing,
)
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.decisions import Register, Subject
from photoclust.store.fingerprints import fingerprint
from photoclust.store.journal import Act
from photoclust.store.recognitions import Counts, Verdicts

MODEL = ModelId("made-up")


def verdicts(*said, probability=0.9, runner_up=-1):
    """Verdicts (face, person, named), or (face, person) for one that only asks."""
    count = len(said)
    second = np.full(count, np.nan if runner_up < 0 else 0.25)
    return Verdicts(
        face=np.array([face for face, *_ in said], np.int64),
        person=np.array([person for _, person, *_ in said], np.int64),
        probability=np.full(count, probability),
        similarity=np.full(count, 0.5),
        runner_up=np.full(count, runner_up),
        runner_up_similarity=second,
        runner_up_probability=second,
        named=np.array([len(one) > 2 for one in said], np.bool_),
    )


def write(tx, *said, judged=None, **values):
    judged = None if judged is None else np.array(judged, np.int64)
    return recognitions.write(tx, verdicts(*said, **values), judged, model=MODEL)


def shown(tx):
    """Who each face is shown as, by face; excluded ones as well."""
    face = schema.face.c
    return {row.id: row.person_id for row in tx.execute(select(face.id, face.person_id))}


def said(tx):
    """What is stored: (person, named, run) by face."""
    table = schema.recognition.c
    rows = tx.execute(select(table.face_id, table.person_id, table.named, table.entry_id))
    return {face: tuple(values) for face, *values in rows}


@pytest.fixture
def album(library, maker, person):
    """Four faces, the first three in a group that goes with Anna; Anna and Otto."""
    faces = maker.new_faces(4)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        cluster_table.replace_clusters(tx, [ClusterContent(None, anna, faces[:3])])
    return faces, anna, otto


@pytest.fixture(autouse=True)
def sound(library):
    """Whatever a test did, what is shown follows from what is said."""
    yield
    with library.read() as tx:
        assert guesses.count_stale(tx) == 0
        assert checks.broken_references(tx) == {}
        assert checks.unlike_journal(tx) == 0


# What is shown


def test_a_verdict_overrides_the_group(library, album):
    (one, two, three, four), anna, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (two, otto), (four, anna, True))
        assert shown(tx) == {one: otto, two: None, three: anna, four: anna}
        assert [face.confirmed for face in face_store.faces(tx)] == [False] * 4
        assert recognitions.counts(tx) == Counts(named=2, asked=1)
        assert {group.key: group.faces for group in people.groups(tx)} == {
            f"p{anna}": 2,
            f"p{otto}": 1,
            "g1": 1,
        }


def test_a_decision_overrides_the_verdict(library, album, do):
    (one, two, three, four), anna, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (two, otto, True), (three, otto, True), (four, otto, True))
        do(tx, people.confirm, [one], anna)
        do(tx, people.exclude, [two], True)
        do(tx, people.reject, [three], otto)
        assert shown(tx) == {one: anna, two: None, three: None, four: otto}
        assert recognitions.counts(tx) == Counts(named=1, asked=0), "nothing is left to ask"


def test_all_that_is_shown_as_somebody_is_confirmed_with_them(library, album, do):
    (one, *_, four), anna, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (four, anna, True))
        do(tx, people.confirm, people.faces_shown_as(tx, anna), anna)
        assert people.faces_confirmed_as(tx, anna) == [2, 3, four]


def test_who_is_named_as_somebody_else_is_left_out_of_a_group_that_is_named(
    library, maker, do, person
):
    one, two, three = maker.new_faces(3)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, [one, two, three])])
        write(tx, (one, otto, True), (two, otto), (three, anna, True))
        assert people.faces_of_cluster(tx, 1) == [two]
        assert [face.id for face in face_store.faces(tx, cluster=1, without_person=True)] == [two]
        do(tx, people.name_cluster, 1, anna)
        assert sorted(people.faces_confirmed_as(tx, anna)) == [two, three]
        assert shown(tx) == {one: otto, two: anna, three: anna}
        assert face_store.faces(tx, cluster=1, without_person=True) == []


@pytest.mark.parametrize("end", [people.delete_person, people.merge])
def test_a_verdict_for_somebody_who_ended_shows_nobody_until_they_are_back(library, album, do, end):
    (one, two, *_, four), anna, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (two, otto), (four, otto, True))
        before = shown(tx)
        changes = do(tx, end, *((otto, anna) if end is people.merge else (otto,)))
        assert {one, four} <= changes.faces
        assert [shown(tx)[face] for face in (one, two, four)] == [None] * 3
        assert recognitions.counts(tx) == Counts(0, 0)
        undoing.undo(tx)
        assert shown(tx) == before


def test_somebody_who_comes_back_by_an_import_is_shown_again(library, album, do):
    faces, _, otto = album
    with library.write() as tx:
        write(tx, (faces[0], otto, True))
        do(tx, people.delete_person, otto)
        cluster_table.set_cluster_person(tx, 1, otto)
        guesses.refresh(tx, [], clusters=[1])
        act = Act(tx, "import")
        act.decide({Register(Subject.PERSON, otto): 1})
        act.finish()
        assert [shown(tx)[face] for face in faces] == [otto] * 3 + [None]


# Writing


def test_verdicts_come_back_as_they_were(library, album):
    (one, two, *_), anna, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), probability=0.875, runner_up=anna, judged=[one])
        write(tx, (two, anna), judged=[two])
        found = recognitions.load(tx)
        assert len(found) == 2
        assert found.face.tolist() == [one, two]
        assert found.person.tolist() == [otto, anna]
        assert found.probability.tolist() == [0.875, 0.9]
        assert found.runner_up.tolist() == [anna, -1]
        assert found.runner_up_similarity[0] == found.runner_up_probability[0] == 0.25
        assert np.isnan([found.runner_up_similarity[1], found.runner_up_probability[1]]).all()
        assert found.named.tolist() == [True, False]
        named, asked = recognitions.of_face(tx, one), recognitions.of_face(tx, two)
        assert (named.person, named.runner_up, named.entry) == (
            otto,
            anna,
            journal.entries(tx)[0].id,
        )
        assert (named.named, named.taken_back) == (True, False)
        assert (asked.runner_up, asked.runner_up_similarity, asked.entry) == (None, None, None)
        assert recognitions.of_face(tx, 99) is None


def test_faces_that_were_judged_and_got_none_lose_theirs(library, album):
    (one, two, three, four), anna, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (two, otto), (four, otto))
        written = write(tx, judged=[one, two, three])
        assert said(tx).keys() == {four}
        assert written.no_longer_named == (one,)
        assert written.newly_named == ()
        assert written.entry is None
        assert shown(tx) == {one: anna, two: anna, three: anna, four: None}
        write(tx)
        assert said(tx) == {}


def test_a_run_that_names_nobody_new_is_no_entry(library, album):
    (one, two, *_), anna, otto = album
    with library.write() as tx:
        first = write(tx, (one, otto, True), (two, otto))
        assert first.newly_named == (one,)
        assert (first.changes.people, first.changes.faces) == ({anna, otto}, {one, two})
        entry = journal.entries(tx)[0]
        assert (entry.id, entry.kind, entry.status) == (first.entry, "recognize", "stands")
        assert entry.details == {"named": 1, "people": {str(otto): "Otto"}, "model": MODEL}
        again = write(tx, (one, otto, True), (two, otto), probability=0.5)
        assert (again.entry, again.newly_named, again.no_longer_named) == (None, (), ())
        assert again.changes == LibraryChanges(), "nobody is shown otherwise"
        assert set(recognitions.load(tx).probability) == {0.5}
        assert recognitions.named_by(tx, [first.entry]) == [one]


def test_whoever_is_named_as_somebody_else_is_newly_named(library, album):
    (one, *_), anna, otto = album
    with library.write() as tx:
        first = write(tx, (one, otto, True))
        second = write(tx, (one, anna, True))
        assert second.newly_named == (one,)
        assert second.no_longer_named == ()
        assert recognitions.named_by(tx, [first.entry]) == [one]
        assert recognitions.named_by(tx, [second.entry]) == [one]
        # Undoing the first takes no name back that stands.
        undoing.undo(tx, first.entry)
        assert shown(tx)[one] == anna


def test_only_the_people_with_most_faces_are_told_of(library, maker, person):
    faces = maker.new_faces(24)
    with library.write() as tx:
        everybody = [person(tx, f"Person {number}") for number in range(23)]
        named = zip(faces, [*everybody, everybody[-1]], strict=True)
        write(tx, *((face, someone, True) for face, someone in named))
        (entry,) = journal.entries(tx, limit=1)
        assert entry.details["named"] == 24
        assert len(entry.details["people"]) == 20
        assert next(iter(entry.details["people"])) == str(everybody[-1])


def test_what_the_user_decided_meanwhile_is_left_alone(library, album, do):
    (one, two, three, four), anna, otto = album
    with library.write() as tx:
        do(tx, people.confirm, [one], anna)
        do(tx, people.exclude, [two], True)
        do(tx, people.reject, [three], otto)
        face_store.delete_faces(tx, [four])
        before = shown(tx)
        written = write(tx, *((face, otto, True) for face in (one, two, three, four)))
        assert written.entry is None
        assert written.changes == LibraryChanges()
        assert said(tx) == {}
        assert shown(tx) == before


def test_whoever_is_gone_meanwhile_is_nobody(library, album, do):
    (one, two, *_), anna, otto = album
    with library.write() as tx:
        do(tx, people.delete_person, otto)
        write(tx, (one, otto, True), (two, 99, True))
        assert said(tx) == {}
        write(tx, (one, anna, True), runner_up=otto)
        assert recognitions.of_face(tx, one).runner_up is None
        assert np.isnan(recognitions.load(tx).runner_up_similarity).all()


def test_a_confirmed_face_loses_its_verdict_and_is_not_said_to_be_unnamed(library, album, do):
    (one, two, *_), _, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (two, otto, True))
        do(tx, people.confirm, [one], otto)
        written = write(tx, (one, otto, True), (two, otto, True))
        assert said(tx).keys() == {two}
        assert (written.entry, written.no_longer_named) == (None, ())


# Taking back


def test_the_names_of_a_run_are_taken_back_and_given_again_as_one(library, album, do):
    (one, two, three, four), anna, otto = album
    with library.write() as tx:
        first = write(tx, (one, otto, True), (two, otto, True), (three, anna)).entry
        second = write(tx, (four, otto, True), judged=[four]).entry
        before = shown(tx)
        undone = undoing.undo(tx, first)
        assert [entry.id for entry in undone.entries] == [first]
        assert {one, two} <= undone.changes.faces
        assert shown(tx) == {one: None, two: None, three: None, four: otto}
        assert recognitions.of_face(tx, one).taken_back
        asked = recognitions.asked(tx)
        assert asked.face.tolist() == [one, two, three]
        assert asked.named.tolist() == [True, True, False]
        assert recognitions.counts(tx) == Counts(named=1, asked=3)
        with pytest.raises(UserError, match="undone already"):
            undoing.undo(tx, first)
        assert {one, two} <= undoing.redo(tx).changes.faces
        assert shown(tx) == before
        assert first < second


def test_who_got_another_name_from_a_user_than_from_a_run_was_misnamed(library, album, do):
    (one, two, three, _), anna, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (two, otto, True), (three, otto))
        assert recognitions.misnamed(tx).shape == (0, 2)
        for face, person in ((one, anna), (two, otto), (three, anna)):
            do(tx, people.confirm, [face], person)
        np.testing.assert_array_equal(recognitions.misnamed(tx), [[one, otto]])


def test_what_was_taken_back_stays_so_whatever_later_runs_find(library, album):
    (one, two, *_), anna, otto = album
    with library.write() as tx:
        first = write(tx, (one, otto, True), (two, otto, True)).entry
        undoing.undo(tx, first)
        for _ in range(2):
            again = write(tx, (one, otto, True), (two, otto, True), probability=0.99)
            assert (again.entry, again.newly_named) == (None, ())
            assert [shown(tx)[face] for face in (one, two)] == [None, None]
            write(tx, (one, otto), (two, otto))
            assert recognitions.of_face(tx, one).taken_back
            np.testing.assert_array_equal(recognitions.taken_back(tx), [[one, otto], [two, otto]])
        # As somebody else they are named, and not as before after that either.
        other = write(tx, (one, anna, True), (two, otto, True))
        assert other.newly_named == (one,)
        assert write(tx, (one, otto, True), (two, otto, True)).newly_named == ()
        assert [shown(tx)[face] for face in (one, two)] == [None, None]
        write(tx, judged=None)
        assert write(tx, (one, otto, True)).newly_named == ()
        undoing.redo(tx)
        assert shown(tx)[one] == otto


def test_a_name_that_was_given_up_and_comes_again_is_a_new_one(library, album):
    (one, *_), _, otto = album
    with library.write() as tx:
        first = write(tx, (one, otto, True)).entry
        assert write(tx, (one, otto)).no_longer_named == (one,)
        assert said(tx) == {one: (otto, False, None)}
        second = write(tx, (one, otto, True)).entry
        assert second > first
        # Either run gave it, and either takes it back.
        undoing.undo(tx, first)
        assert shown(tx)[one] is None
        undoing.redo(tx)
        assert shown(tx)[one] == otto
        undoing.undo(tx, second)
        assert shown(tx)[one] is None


def test_decisions_win_over_names_that_come_back(library, album, do):
    (one, two, three, _), anna, otto = album
    with library.write() as tx:
        run = write(tx, *((face, otto, True) for face in (one, two, three))).entry
        do(tx, people.reject, [one], otto)
        do(tx, people.confirm, [two], anna)
        undoing.undo(tx, run)
        assert shown(tx)[three] is None
        undoing.redo(tx)
        assert [shown(tx)[face] for face in (one, two, three)] == [None, anna, otto]
        assert recognitions.counts(tx) == Counts(named=1, asked=0)


def test_recognition_is_no_step_back_and_ends_nothing_that_can_be_redone(library, album, do):
    (one, two, *_), anna, otto = album
    with library.write() as tx:
        do(tx, people.rename, anna, "Anne")
        act = journal.entries(tx)[0].id
        run = write(tx, (one, otto, True)).entry
        assert undoing.next_undo(tx).id == act
        undoing.undo(tx)
        write(tx, (one, otto, True), (two, otto, True))
        assert undoing.next_redo(tx).id == act
        undoing.redo(tx)
        assert people.person_name(tx, anna) == "Anne"
        undoing.undo(tx, run)
        assert undoing.next_redo(tx).id == run
        assert journal.entries_by_id(tx, [run])[0].status is EntryStatus.UNDONE


def test_recognition_is_no_reason_to_ask_again_where_faces_belong(library, album):
    (one, *_), _, otto = album
    with library.write() as tx:
        last = journal.entries(tx)[0].id
        before = fingerprint(tx, MODEL)
        run = write(tx, (one, otto, True)).entry
        assert not journal.acts_since(tx, last)
        undoing.undo(tx, run)
        assert fingerprint(tx, MODEL) == before


def test_acts_from_before_are_undone_without_a_collision(library, album, do):
    (one, two, *_), _, otto = album
    with library.write() as tx:
        do(tx, people.confirm, [two], otto)
        act = journal.entries(tx)[0].id
        write(tx, (one, otto, True))
        assert [entry.id for entry in undoing.undo(tx, act).entries] == [act]
        assert shown(tx)[one] == otto
        journal.replay(tx)
        assert shown(tx)[one] == otto


# The whole life


def test_a_face_that_goes_takes_its_verdict_along(library, album):
    (one, two, *_), _, otto = album
    with library.write() as tx:
        write(tx, (one, otto, True), (two, otto))
        face_store.delete_faces(tx, [one, two])
        assert len(recognitions.load(tx)) == 0


def test_an_empty_library_has_no_verdicts(library):
    with library.write() as tx:
        written = write(tx)
        assert (written.entry, written.changes) == (None, LibraryChanges())
        assert len(recognitions.load(tx)) == len(recognitions.asked(tx)) == 0
        assert recognitions.counts(tx) == Counts(0, 0)


def test_any_number_of_faces_is_written_at_once(library, maker, make_face, person):
    found = [make_face((i % 40 * 10, i // 40 * 10, 9, 9)) for i in range(1100)]
    faces = maker.faces(maker.photo(), found)
    with library.write() as tx:
        anna = person(tx, "Anna")
        written = write(tx, *((face, anna, True) for face in faces), judged=faces)
        assert len(written.newly_named) == 1100
        assert people.person(tx, anna).faces == 1100
        undoing.undo(tx, written.entry)
        assert people.person(tx, anna).faces == 0
        assert write(tx, judged=faces).no_longer_named == ()


def test_columns_of_other_lengths_are_refused_and_leave_nothing_behind(library, album):
    (one, *_), _, otto = album
    broken = replace(verdicts((one, otto, True)), named=np.empty(0, np.bool_))
    with pytest.raises(ValueError, match="shorter"), library.write() as tx:
        recognitions.write(tx, broken, None, model=MODEL)
    with library.write() as tx:
        assert said(tx) == {}
        assert write(tx, (one, otto, True)).newly_named == (one,)
