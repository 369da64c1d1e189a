import pytest
from sqlalchemy import select, update

from photoclust.core.types import LibraryChanges
from photoclust.store import faces as face_store
from photoclust.store import guesses, journal, people, schema
from photoclust.store.guesses import ClusterContent


def clusters(tx):
    """Cluster → its person and its faces."""
    rows = tx.execute(select(schema.cluster.c.id, schema.cluster.c.person_id)).all()
    return {
        row.id: (row.person_id, {face.id for face in face_store.faces(tx, cluster=row.id)})
        for row in rows
    }


def shown(tx):
    return {face.id: (face.person, face.confirmed) for face in face_store.faces(tx)}


@pytest.fixture
def two_groups(library, maker):
    """Five faces; the first two and the next two are a group each."""
    faces = maker.new_faces(5)
    with library.write() as tx:
        contents = [ClusterContent(None, None, faces[:2]), ClusterContent(None, None, faces[2:4])]
        guesses.replace_clusters(tx, contents)
        first, second = clusters(tx)
    return faces, first, second


# A new grouping


def test_a_grouping_keeps_the_ids_it_is_told_to_keep_and_drops_the_others(library, two_groups):
    faces, first, second = two_groups
    with library.write() as tx:
        contents = [ClusterContent(second, None, faces[1:4]), ClusterContent(None, None, faces[4:])]
        guesses.replace_clusters(tx, contents)
        found = clusters(tx)
        (new,) = found.keys() - {second}
        assert new > second
        assert first not in found
        assert found == {second: (None, set(faces[1:4])), new: (None, {faces[4]})}
        assert [face.cluster for face in face_store.faces(tx, ids=faces[:1])] == [None]
        counted = {group.key: group.faces for group in people.groups(tx)}
        assert counted == {f"g{second}": 3, f"g{new}": 1}
        guesses.replace_clusters(tx, [])
        assert clusters(tx) == {}
        assert people.groups(tx) == []
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_grouping_says_which_groups_it_made(library, two_groups, person):
    faces, first, second = two_groups
    with library.write() as tx:
        run = journal.start_run(tx, "group", {})
        contents = [
            ClusterContent(first, None, faces[:2]),
            ClusterContent(second, person(tx, "Anna"), faces[2:4]),
            ClusterContent(None, None, faces[4:]),
        ]
        guesses.replace_clusters(tx, contents, run)
        rows = tx.execute(select(schema.cluster.c.entry_id).order_by(schema.cluster.c.id))
        assert list(rows.scalars()) == [None, run, run]


def test_any_number_of_faces_and_groups_is_replaced(library, maker, make_face):
    photo = maker.photo()
    faces = maker.faces(photo, [make_face((i % 40 * 10, i // 40 * 10, 9, 9)) for i in range(1100)])
    with library.write() as tx:
        guesses.replace_clusters(tx, [ClusterContent(None, None, [face]) for face in faces])
        assert len(people.groups(tx)) == 1100
        guesses.replace_clusters(tx, [ClusterContent(None, None, faces)])
        (group,) = people.groups(tx)
        assert (group.faces, group.photos) == (1100, 1)


# Who is shown, and how many


def test_refresh_says_who_was_shown_before_and_who_is_now(library, two_groups, person):
    faces, first, second = two_groups
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        guesses.set_cluster_person(tx, first, anna)
        guesses.refresh(tx, [], clusters=[first])
        guesses.set_cluster_person(tx, first, otto)
        changes = guesses.refresh(tx, [], clusters=[first])
        assert changes.faces == set(faces[:2])
        assert changes.people == {anna, otto}
        assert changes.clusters == {first}
        assert len(changes.photos) == 2
        assert people.person(tx, anna).faces == 0
        assert people.person(tx, otto).faces == 2
        assert guesses.cluster_people(tx, [first, second, 99]) == {first: otto, second: None}
        assert guesses.refresh(tx, []) == LibraryChanges()


def test_a_person_who_ended_is_shown_for_nobody(library, two_groups, person):
    faces, first, _ = two_groups
    with library.write() as tx:
        anna = person(tx, "Anna")
        guesses.set_cluster_person(tx, first, anna)
        tx.execute(update(schema.person).values(alive=False))
        guesses.refresh(tx, faces)
        assert {person for person, _ in shown(tx).values()} == {None}


def test_a_small_refresh_gives_what_working_everything_out_gives(library, two_groups, do, person):
    faces, first, second = two_groups
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.name_cluster, first, anna)
        do(tx, people.confirm, faces[1:3], otto)
        do(tx, people.exclude, faces[3:4], True)
        do(tx, people.reject, faces[:1], anna)

        def all_rows():
            tables = (schema.face, schema.person, schema.cluster)
            return [tx.execute(select(table).order_by(table.c.id)).all() for table in tables]

        before = all_rows()
        assert guesses.cluster_people(tx, [second]) == {second: None}
        guesses.refresh_everything(tx)
        assert all_rows() == before
        for table in (schema.person, schema.cluster):
            tx.execute(update(table).values(face_count=7, photo_count=7, cover_id=7))
        tx.execute(update(schema.face).values(person_id=None, confirmed=True))
        guesses.refresh_everything(tx)
        assert all_rows() == before


def test_counts_are_right_after_faces_were_deleted(library, two_groups, do, person):
    faces, first, _ = two_groups
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, faces[2:], anna)
        face_store.delete_faces(tx, [faces[0], faces[2], faces[4]])
        counted = {group.key: (group.faces, group.cover) for group in people.groups(tx)}
        assert counted == {f"p{anna}": (1, faces[3]), f"g{first}": (1, faces[1])}


# Elections


def test_a_group_goes_with_whom_most_of_its_faces_were_confirmed_as(library, maker, do, person):
    faces = maker.new_faces(4)
    with library.write() as tx:
        anna, otto, eve = (person(tx, name) for name in ("Anna", "Otto", "Eve"))
        do(tx, people.confirm, faces[:1], anna)
        do(tx, people.confirm, faces[1:3], otto)
        guesses.replace_clusters(tx, [ClusterContent(None, eve, faces)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        guesses.elect(tx, [cluster])
        assert guesses.cluster_people(tx, [cluster]) == {cluster: otto}
        guesses.set_cluster_person(tx, cluster, anna)
        guesses.elect(tx, [cluster])
        assert guesses.cluster_people(tx, [cluster]) == {cluster: anna}, "she is still one of them"


def test_without_a_confirmed_face_a_group_stays_with_whom_it_is(library, maker, person):
    faces = maker.new_faces(2)
    with library.write() as tx:
        anna = person(tx, "Anna")
        guesses.replace_clusters(tx, [ClusterContent(None, anna, faces)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        guesses.elect(tx, [cluster])
        assert guesses.cluster_people(tx, [cluster]) == {cluster: anna}
