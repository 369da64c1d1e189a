from sqlalchemy import select

from photoclust.store import cluster_table, journal, people, schema
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent


def clusters(tx):
    """Cluster → its person and its faces."""
    rows = tx.execute(select(schema.cluster.c.id, schema.cluster.c.person_id)).all()
    return {
        row.id: (row.person_id, {face.id for face in face_store.faces(tx, cluster=row.id)})
        for row in rows
    }


def test_a_grouping_keeps_the_ids_it_is_told_to_keep_and_drops_the_others(library, two_groups):
    faces, first, second = two_groups
    with library.write() as tx:
        contents = [ClusterContent(second, None, faces[1:4]), ClusterContent(None, None, faces[4:])]
        cluster_table.replace_clusters(tx, contents)
        found = clusters(tx)
        (new,) = found.keys() - {second}
        assert new > second
        assert first not in found
        assert found == {second: (None, set(faces[1:4])), new: (None, {faces[4]})}
        assert [face.cluster for face in face_store.faces(tx, ids=faces[:1])] == [None]
        counted = {group.key: group.faces for group in people.groups(tx)}
        assert counted == {f"g{second}": 3, f"g{new}": 1}
        cluster_table.replace_clusters(tx, [])
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
        cluster_table.replace_clusters(tx, contents, run)
        rows = tx.execute(select(schema.cluster.c.entry_id).order_by(schema.cluster.c.id))
        assert list(rows.scalars()) == [None, run, run]


def test_any_number_of_faces_and_groups_is_replaced(library, maker, make_face):
    photo = maker.photo()
    faces = maker.faces(photo, [make_face((i % 40 * 10, i // 40 * 10, 9, 9)) for i in range(1100)])
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, [face]) for face in faces])
        assert len(people.groups(tx)) == 1100
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces)])
        (group,) = people.groups(tx)
        assert (group.faces, group.photos) == (1100, 1)


def test_a_group_goes_with_whom_most_of_its_faces_were_confirmed_as(library, maker, do, person):
    faces = maker.new_faces(4)
    with library.write() as tx:
        anna, otto, eve = (person(tx, name) for name in ("Anna", "Otto", "Eve"))
        do(tx, people.confirm, faces[:1], anna)
        do(tx, people.confirm, faces[1:3], otto)
        cluster_table.replace_clusters(tx, [ClusterContent(None, eve, faces)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        cluster_table.elect(tx, [cluster])
        assert cluster_table.cluster_people(tx, [cluster]) == {cluster: otto}
        cluster_table.set_cluster_person(tx, cluster, anna)
        cluster_table.elect(tx, [cluster])
        assert cluster_table.cluster_people(tx, [cluster]) == {cluster: anna}, (
            "she is still one of them"
        )


def test_without_a_confirmed_face_a_group_stays_with_whom_it_is(library, maker, person):
    faces = maker.new_faces(2)
    with library.write() as tx:
        anna = person(tx, "Anna")
        cluster_table.replace_clusters(tx, [ClusterContent(None, anna, faces)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        cluster_table.elect(tx, [cluster])
        assert cluster_table.cluster_people(tx, [cluster]) == {cluster: anna}
