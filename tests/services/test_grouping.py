from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photoclust.cluster import METHODS, Grouping
from photoclust.cluster.merging import MergeQuestion
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import GroupKind
from photoclust.services import (
    browse,
    deciding,
    grouping,
    history,
    naming,
    placing,
    same_photo,
)
from photoclust.services.grouping import group
from photoclust.services.neighbour_index import Found
from photoclust.store import cluster_table, face_table
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.face_table import FaceTable
from photoclust.store.journal import Act
from photoclust.vision.models import DEFAULT_EMBEDDER


def keys(library):
    return [item.key for item in browse.groups(library)]


def members(library):
    """The faces of every group and person, by their keys."""
    return {key: {face.id for face in browse.faces(library, key)} for key in keys(library)}


def people_shown(library):
    return {face.id: (face.person, face.confirmed) for face in browse.faces(library)}


def reject(library, face, person):
    deciding.reject(library, [f"f{face}"], f"p{person}")


# The whole of it


@pytest.mark.parametrize("method", METHODS)
def test_alike_faces_become_groups_in_a_process_of_their_own(library, crowd, method):
    anna, otto, alone = crowd.photos_of(1, 6), crowd.photos_of(2, 4), crowd.photos_of(3, 1)
    report = group(library, method=method)
    assert (report.faces, report.clusters, report.unclustered) == (11, 2, 1)
    assert report.seconds > 0
    assert list(members(library).values()) == [set(anna), set(otto)]
    assert [face.id for face in browse.single_faces(library)] == alone


def test_a_library_without_faces_has_no_groups(library):
    seen = []
    report = group(library, control=JobControl(seen.append))
    assert (report.faces, report.clusters, report.unclustered) == (0, 0, 0)
    assert seen[-1].stage == grouping.STAGE


def test_an_unknown_method_is_refused_with_those_there_are(library):
    with pytest.raises(UserError, match="hdbscan, agglomerative"):
        group(library, method="k-means")


@pytest.mark.usefixtures("in_process")
def test_cancelling_changes_nothing(library, crowd):
    crowd.photos_of(1, 4)
    group(library)
    before = members(library)
    crowd.photos_of(1, 4)
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        group(library, control=control)
    assert members(library) == before


# What stays as it is


@pytest.mark.usefixtures("in_process")
def test_grouping_again_changes_nothing(library, crowd):
    crowd.photos_of(1, 6)
    crowd.photos_of(2, 4)
    group(library)
    before = members(library)
    assert group(library).clusters == 2
    assert members(library) == before


@pytest.mark.usefixtures("in_process")
def test_groups_keep_their_ids_as_they_grow(library, crowd):
    crowd.photos_of(1, 6)
    crowd.photos_of(2, 4)
    group(library)
    first, second = keys(library)
    crowd.photos_of(2, 5)
    crowd.photos_of(3, 8)
    crowd.photos_of(4, 7)
    group(library)
    sizes = {key: len(faces) for key, faces in members(library).items()}
    assert (sizes.pop(first), sizes.pop(second)) == (6, 9)
    assert list(sizes.values()) == [8, 7]


@pytest.mark.usefixtures("in_process")
def test_names_stay_and_new_faces_join_them_unconfirmed(library, crowd):
    anna = crowd.photos_of(1, 5)
    crowd.photos_of(2, 4)
    group(library)
    named = naming.name(library, keys(library)[0], "Anna")
    new = crowd.photos_of(1, 3)
    group(library)
    shown = people_shown(library)
    assert {face: shown[face] for face in anna} == dict.fromkeys(anna, (named.person, True))
    assert {face: shown[face] for face in new} == dict.fromkeys(new, (named.person, False))
    assert browse.groups(library)[0].name == "Anna"
    assert browse.groups(library)[0].faces == 8
    assert browse.groups(library)[1].kind is GroupKind.CLUSTER


@pytest.mark.usefixtures("in_process")
def test_two_people_in_one_group_stay_apart_and_share_out_the_rest(library, crowd):
    """Where the clustering sees one person and the user two, the user is right."""
    faces = crowd.photos_of(1, 8)
    for face, name in ((faces[0], "Anna"), (faces[1], "Otto")):
        naming.name(library, f"f{face}", name)
    group(library)
    shown = people_shown(library)
    assert shown[faces[0]] == (1, True)
    assert shown[faces[1]] == (2, True)
    assert {person for person, _ in shown.values()} <= {1, 2}
    with library.read() as tx:
        table = face_table.load_table(tx, DEFAULT_EMBEDDER)
    for face, vector in zip(table.ids[2:].tolist(), table.vectors[2:], strict=True):
        nearest = 1 if vector @ table.vectors[0] > vector @ table.vectors[1] else 2
        assert shown[face] == (nearest, False)


@pytest.mark.usefixtures("in_process")
def test_a_rejected_face_does_not_go_to_that_person_again(library, crowd):
    faces = crowd.photos_of(1, 6)
    group(library)
    anna = naming.name(library, keys(library)[0], "Anna").person
    new = crowd.photos_of(1, 3)
    reject(library, new[0], anna)
    group(library)
    shown = people_shown(library)
    assert shown[new[0]] == (None, False)
    assert all(shown[face] == (anna, False) for face in new[1:])
    # It does not lie in Anna's group either: naming what is left of that names nobody else.
    assert [face.id for face in browse.single_faces(library)] == [new[0]]
    assert len(faces) == 6


@pytest.mark.usefixtures("in_process")
def test_a_face_rejected_for_the_nearest_person_goes_to_another_or_waits(library, crowd):
    faces = crowd.photos_of(1, 6)
    for face, name in ((faces[0], "Anna"), (faces[1], "Otto")):
        naming.name(library, f"f{face}", name)
    group(library)
    before = people_shown(library)
    for face in faces[2:]:
        reject(library, face, before[face][0])
    group(library)
    after = people_shown(library)
    assert all(after[face][0] in {1, 2, None} - {before[face][0]} for face in faces[2:])
    assert {face.cluster for face in browse.single_faces(library)} <= {None}


@pytest.mark.usefixtures("in_process")
def test_who_is_named_while_the_groups_are_computed_counts(library, crowd, monkeypatch):
    faces = crowd.photos_of(1, 4)
    compute = grouping.compute_labels

    def name_meanwhile(*args, **options):
        labels = compute(*args, **options)
        naming.name(library, f"f{faces[0]}", "Anna")
        return labels

    monkeypatch.setattr(grouping, "compute_labels", name_meanwhile)
    group(library)
    assert people_shown(library) == {face: (1, face == faces[0]) for face in faces}


@pytest.mark.usefixtures("in_process")
def test_faces_that_came_or_went_while_the_groups_were_computed_do_no_harm(
    library, crowd, monkeypatch
):
    faces = crowd.photos_of(1, 5)
    compute = grouping.compute_labels

    def scan_meanwhile(*args, **options):
        labels = compute(*args, **options)
        crowd.photos_of(1, 1)
        with library.write() as tx:
            face_store.delete_faces(tx, faces[:1])
        return labels

    monkeypatch.setattr(grouping, "compute_labels", scan_meanwhile)
    report = group(library)
    assert (report.clusters, report.unclustered) == (1, 1)
    assert list(members(library).values()) == [set(faces[1:])]


# New faces, old faces


def homes(library):
    with library.read() as tx:
        return dict(tuple(row) for row in tx.exec_driver_sql("SELECT id, cluster_id FROM face"))


def newest(library):
    return history.entries(library, limit=1)[0]


def with_labels(monkeypatch, label_of, questions=()):
    """Have the clustering come to `label_of` (face: label), whatever the vectors."""

    def cluster(_measured, _function, vectors, *_, **__):
        labels = np.array(list(label_of.values())[: len(vectors)], np.int64)
        strength = np.zeros(len(labels), np.float32)
        return Found(Grouping(labels, strength, 0, merge_questions=questions), "state"), 1.0

    monkeypatch.setattr(grouping.child, "call", cluster)


def test_old_faces_stay_where_they_are_whatever_the_clustering_says(library, crowd, monkeypatch):
    faces = sorted(crowd.photos_of(1, 6))
    with_labels(monkeypatch, dict(zip(faces, [0, 0, 0, 1, 1, -1], strict=True)))
    group(library)
    before = homes(library)
    one, other = before[faces[0]], before[faces[4]]
    new = sorted(crowd.photos_of(1, 3))
    labels = dict(zip(faces, [one, other, other, other, one, other], strict=True))
    with_labels(monkeypatch, labels | dict(zip(new, [one, other, -1], strict=True)))
    report = group(library)
    after = homes(library)
    assert {face: after[face] for face in faces[:5]} == {face: before[face] for face in faces[:5]}
    assert after[faces[5]] == before[faces[4]], "it waited, and joins"
    assert [after[face] for face in new] == [before[faces[0]], before[faces[4]], None]
    assert (report.joined, report.new, report.clusters, report.unclustered) == (3, 0, 2, 1)


@pytest.mark.usefixtures("in_process")
def test_groups_form_from_what_waits(library, crowd):
    crowd.photos_of(1, 4)
    (waits,) = crowd.photos_of(2, 1)
    group(library)
    assert homes(library)[waits] is None
    more, others = crowd.photos_of(2, 7), crowd.photos_of(3, 7)
    report = group(library)
    assert (report.joined, report.new) == (0, 2)
    first, second, _ = members(library).values()
    assert (first, second) == ({waits, *more}, set(others))


def test_without_anything_new_nothing_is_computed_or_written(library, crowd, monkeypatch):
    anna, _ = crowd.photos_of(1, 4), crowd.photos_of(2, 1)
    with_labels(monkeypatch, dict.fromkeys(range(4), 0) | {4: -1})
    first = group(library)
    monkeypatch.setattr(grouping.child, "call", None)
    before = newest(library)
    again = group(library)
    assert (again.faces, again.clusters, again.unclustered) == (5, 1, 1)
    assert (first.faces, first.clusters, first.unclustered) == (5, 1, 1)
    assert (again.joined, again.new, again.kept) == (0, 0, None)
    assert newest(library) == before
    deciding.exclude(library, [f"f{anna[0]}"])
    with pytest.raises(TypeError):
        group(library)
    history.undo(library)
    group(library)


@pytest.mark.usefixtures("in_process")
def test_groups_go_on_in_the_way_they_were_made(library, crowd):
    crowd.photos_of(1, 4)
    group(library, method="agglomerative")
    crowd.photos_of(1, 1)
    report = group(library, method="hdbscan")
    assert report.kept == ("agglomerative", DEFAULT_EMBEDDER)
    assert newest(library).details["method"] == "agglomerative"
    assert group(library, model="another").kept == ("agglomerative", DEFAULT_EMBEDDER)
    assert group(library, method="agglomerative").kept is None


@pytest.mark.usefixtures("in_process")
def test_a_face_that_was_said_to_be_nobody_of_its_group_leaves_it(library, crowd):
    faces = crowd.photos_of(1, 6)
    group(library)
    anna = naming.name(library, f"f{faces[0]}", "Anna").person
    otto = naming.name(library, f"f{faces[1]}", "Otto").person
    group(library)
    rest = {face: person for face, (person, _) in people_shown(library).items()}
    assert rest == {faces[0]: anna, faces[1]: otto} | dict.fromkeys(faces[2:])
    home = homes(library)
    assert len({home[faces[0]], home[faces[1]], home[faces[2]]}) == 3


def test_groups_made_anew_keep_their_ids_and_what_was_decided(library, crowd, monkeypatch):
    faces = sorted(crowd.photos_of(1, 6))
    with_labels(monkeypatch, dict(zip(faces, [0, 0, 0, 1, 1, -1], strict=True)))
    group(library)
    before = homes(library)
    anna = naming.name(library, f"f{faces[4]}", "Anna").person
    with_labels(monkeypatch, dict(zip(faces, [0, 0, 0, 0, 2, 2], strict=True)))
    report = group(library, anew=True)
    after = homes(library)
    assert {after[face] for face in faces[:4]} == {before[faces[0]]}
    assert people_shown(library)[faces[5]] == (anna, False)
    assert (report.joined, report.new, report.clusters, report.unclustered) == (2, 0, 2, 0)
    monkeypatch.setattr(grouping.child, "call", None)
    assert group(library, method="agglomerative", anew=True).clusters == 2


def test_all_that_was_said_is_known_to_the_clustering(library, crowd):
    faces = crowd.photos_of(1, 5)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces[:4])])
    anna = naming.name(library, f"f{faces[1]}", "Anna").person
    otto = naming.name(library, f"f{faces[2]}", "Otto").person
    deciding.reject(library, [f"f{faces[3]}"], f"p{anna}")
    same_photo.allow(library, [Path("/photos/2.jpg")])
    with library.read() as tx:
        table = face_table.load_table(tx, DEFAULT_EMBEDDER)
        known = grouping.what_is_known(tx, table)
    assert known["people"].tolist() == [-1, anna, otto, -1, -1]
    assert known["cannot_link"] == [(3, 1)]
    assert known["photo_ids"].tolist() == [1, 2, 3, 4, 5]
    assert known["same_photo_exceptions"] == [2]
    assert known["quality"].tolist() == table.quality.tolist()


# Many groupings with any labels


LABELS = st.lists(st.integers(-1, 2), min_size=6, max_size=6)
NAMINGS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("AB")), max_size=2)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(rounds=st.lists(st.tuples(NAMINGS, LABELS), min_size=1, max_size=4))
def test_no_grouping_moves_a_confirmed_face_whatever_the_labels(library, crowd, rounds):
    faces = sorted(people_shown(library)) or sorted(crowd.photos_of(1, 6))
    confirmed = {}
    with library.write() as tx:
        act = Act(tx, "name")
        persons = {name: people_store.add_person(act, name) for name in "AB"}
        for namings, labels in rounds:
            for place, name in namings:
                people_store.confirm(act, [faces[place]], persons[name])
                confirmed[faces[place]] = persons[name]
            table = face_table.load_table(tx, DEFAULT_EMBEDDER)
            contents = placing.all_contents(dict(zip(faces, labels, strict=True)), table, {})
            cluster_table.replace_clusters(tx, contents)
            shown = {face.id: face for face in face_store.faces(tx)}
            for face, person in confirmed.items():
                assert (shown[face].person, shown[face].confirmed) == (person, True)
            for content in contents:
                # One group, one person: nobody else's confirmed face lies in it.
                owners = {confirmed.get(face, content.person) for face in content.faces}
                assert owners == {content.person}
            placed = [face for content in contents for face in content.faces]
            assert len(placed) == len(set(placed)) == sum(label >= 0 for label in labels)
        tx.rollback()


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(rounds=st.lists(st.tuples(NAMINGS, LABELS), min_size=1, max_size=4))
def test_no_addition_moves_a_face_that_has_its_place(library, crowd, rounds):
    faces = sorted(people_shown(library)) or sorted(crowd.photos_of(1, 6))
    with library.write() as tx:
        act = Act(tx, "name")
        persons = {name: people_store.add_person(act, name) for name in "AB"}
        said = {}
        for namings, labels in rounds:
            for place, name in namings:
                people_store.confirm(act, [faces[place]], persons[name])
                said[faces[place]] = persons[name]
            act.finish()
            before = face_table.load_table(tx, DEFAULT_EMBEDDER)
            owners = cluster_table.owners(tx)
            # Labels 0 to 2 are the first groups there are, or new ones.
            numbers = [*sorted(owners), 1001, 1002, 1003][:3]
            label_of = {
                face: numbers[label] if label >= 0 else -1
                for face, label in zip(faces, labels, strict=True)
            }
            found = placing.additions(label_of, before, {}, owners)
            cluster_table.add_to_clusters(tx, found.contents, found.freed)
            after = face_table.load_table(tx, DEFAULT_EMBEDDER)
            stay = before.placed
            assert (after.cluster[stay] == before.cluster[stay]).all()
            assert (after.shown[stay] == before.shown[stay]).all()
            assert (after.placed == (after.cluster >= 0)).all()
            shown = dict(zip(after.ids.tolist(), after.shown.tolist(), strict=True))
            assert {face: shown[face] for face in said} == said
        tx.rollback()


def table_of(clusters):
    count = len(clusters)
    return FaceTable(
        ids=np.arange(count),
        photo=np.arange(count),
        taken=np.full(count, np.nan),
        side=np.ones(count, np.float32),
        quality=np.ones(count, np.float32),
        score=np.ones(count, np.float32),
        person=np.full(count, -1),
        shown=np.full(count, -1),
        judged=np.zeros(count, np.bool_),
        cluster=np.array(clusters),
        owner=np.full(count, -1),
        refused=np.zeros(count, np.bool_),
        vectors=np.eye(count, dtype=np.float32),
    )


@pytest.mark.parametrize(
    ("clusters", "labels", "ids"),
    [
        ([5, 5, 5, 5], [0, 0, 0, 1], [5, None]),
        ([5, 5, 7, 7, 7], [0, 0, 0, 0, 0], [7]),
        ([5, 5, 7], [0, 0, 1], [5, 7]),
        ([5, 7, 7], [0, 0, 1], [5, 7]),
        ([-1, -1], [0, 0], [None]),
    ],
    ids=["split", "joined", "unchanged", "half of it left", "new"],
)
def test_a_group_keeps_the_id_that_most_of_its_faces_had(clusters, labels, ids):
    contents = placing.all_contents(dict(enumerate(labels)), table_of(clusters), {})
    assert [content.id for content in contents] == ids
    assert all(isinstance(content, ClusterContent) for content in contents)


def test_groups_that_may_be_one_are_told_as_the_user_knows_them(library, crowd, monkeypatch):
    faces = sorted(crowd.photos_of(1, 9))
    labels = dict(zip(faces, [0, 0, 0, 1, 1, 1, 2, 2, -1], strict=True))
    questions = (MergeQuestion(0, 1, 0.71), MergeQuestion(1, 2, 0.62))
    with_labels(monkeypatch, labels, questions)
    first = group(library).may_be_one
    one, other, third = (f"g{homes(library)[faces[row]]}" for row in (0, 3, 6))
    assert [(each.one, each.other) for each in first] == [(one, other), (other, third)]
    assert first[0].similarity == 0.71
    anna = naming.name(library, one, "Anna").person
    naming.name(library, other, "Anna")
    own = {label: homes(library)[faces[row]] for label, row in ((0, 0), (1, 3), (2, 6))}
    crowd.photos_of(1, 1)
    labels = {face: own.get(label, -1) for face, label in labels.items()} | {99: -1}
    asked = tuple(MergeQuestion(own[each.a], own[each.b], each.similarity) for each in questions)
    with_labels(monkeypatch, labels, asked)
    (left,) = group(library).may_be_one
    assert (left.one, left.one_name, left.other) == (f"p{anna}", "Anna", third)
