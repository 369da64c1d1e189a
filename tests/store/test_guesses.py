from sqlalchemy import select, update

from photoclust.core.types import LibraryChanges
from photoclust.store import cluster_table, guesses, people, schema
from photoclust.store import faces as face_store


def shown(tx):
    return {face.id: (face.person, face.confirmed) for face in face_store.faces(tx)}


def test_refresh_says_who_was_shown_before_and_who_is_now(library, two_groups, person):
    faces, first, second = two_groups
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        cluster_table.set_cluster_person(tx, first, anna)
        guesses.refresh(tx, [], clusters=[first])
        cluster_table.set_cluster_person(tx, first, otto)
        changes = guesses.refresh(tx, [], clusters=[first])
        assert changes.faces == set(faces[:2])
        assert changes.people == {anna, otto}
        assert changes.clusters == {first}
        assert len(changes.photos) == 2
        assert people.person(tx, anna).faces == 0
        assert people.person(tx, otto).faces == 2
        assert cluster_table.cluster_people(tx, [first, second, 99]) == {first: otto, second: None}
        assert guesses.refresh(tx, []) == LibraryChanges()


def test_a_person_who_ended_is_shown_for_nobody(library, two_groups, person):
    faces, first, _ = two_groups
    with library.write() as tx:
        anna = person(tx, "Anna")
        cluster_table.set_cluster_person(tx, first, anna)
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
        assert cluster_table.cluster_people(tx, [second]) == {second: None}
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
