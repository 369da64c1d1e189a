import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photoclust.cluster import METHODS
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import GroupKind
from photoclust.services import browse, deciding, grouping, naming
from photoclust.services.grouping import group
from photoclust.store import guesses
from photoclust.store import people as people_store
from photoclust.store.guesses import ClusterContent
from photoclust.store.journal import Act
from photoclust.vision.models import DEFAULT_EMBEDDER


@pytest.fixture
def in_process(monkeypatch):
    """The real clustering, without the second that a process of its own takes to start."""

    def call(function, *args, control, **options):
        control.checkpoint()
        return function(*args, **options)

    monkeypatch.setattr(grouping.child, "call", call)


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
    crowd.photos_of(3, 3)
    group(library)
    assert keys(library)[:2] == [second, first]
    assert keys(library)[2] not in {first, second}
    assert [len(faces) for faces in members(library).values()] == [9, 6, 3]


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
        table = grouping.face_store.load_table(tx, DEFAULT_EMBEDDER)
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
    # It does not lie in Anna's group either: naming what is left of it names nobody else.
    (rest,) = (item for item in browse.groups(library) if item.kind is GroupKind.CLUSTER)
    assert members(library)[rest.key] == {new[0]}
    assert len(faces) == 6


@pytest.mark.usefixtures("in_process")
def test_a_face_rejected_for_the_nearest_person_goes_to_the_next(library, crowd):
    faces = crowd.photos_of(1, 6)
    for face, name in ((faces[0], "Anna"), (faces[1], "Otto")):
        naming.name(library, f"f{face}", name)
    group(library)
    before = people_shown(library)
    for face in faces[2:]:
        reject(library, face, before[face][0])
    group(library)
    after = people_shown(library)
    assert all({before[face][0], after[face][0]} == {1, 2} for face in faces[2:])


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
            grouping.face_store.delete_faces(tx, faces[:1])
        return labels

    monkeypatch.setattr(grouping, "compute_labels", scan_meanwhile)
    report = group(library)
    assert (report.clusters, report.unclustered) == (1, 1)
    assert list(members(library).values()) == [set(faces[1:])]


# Many groupings with any labels


LABELS = st.lists(st.integers(-1, 2), min_size=6, max_size=6)
NAMINGS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("AB")), max_size=2)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
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
            table = grouping.face_store.load_table(tx, DEFAULT_EMBEDDER)
            contents = grouping._contents(dict(zip(faces, labels, strict=True)), table, {})
            guesses.replace_clusters(tx, contents)
            shown = {face.id: face for face in grouping.face_store.faces(tx)}
            for face, person in confirmed.items():
                assert (shown[face].person, shown[face].confirmed) == (person, True)
            for content in contents:
                # One group, one person: nobody else's confirmed face lies in it.
                owners = {confirmed.get(face, content.person) for face in content.faces}
                assert owners == {content.person}
            placed = [face for content in contents for face in content.faces]
            assert len(placed) == len(set(placed)) == sum(label >= 0 for label in labels)
        tx.rollback()


def table_of(clusters):
    count = len(clusters)
    return grouping.FaceTable(
        ids=np.arange(count),
        photo=np.arange(count),
        side=np.ones(count, np.float32),
        quality=np.ones(count, np.float32),
        score=np.ones(count, np.float32),
        person=np.full(count, -1),
        cluster=np.array(clusters),
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
    contents = grouping._contents(dict(enumerate(labels)), table_of(clusters), {})
    assert [content.id for content in contents] == ids
    assert all(isinstance(content, ClusterContent) for content in contents)
