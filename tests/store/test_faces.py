import shutil
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from photoclust.core.types import ClusterId, ModelId
from photoclust.store import cluster_table, face_table, people, schema
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library

MODEL = ModelId("made-up")
LEFT, RIGHT = (40, 30, 100, 100), (250, 40, 80, 90)


def shifted(box, by):
    return (box[0] + by, *box[1:])


def listed(library, **conditions):
    with library.read() as tx:
        return face_store.faces(tx, **conditions)


# Faces found again


def test_a_face_found_again_keeps_its_id_whatever_the_order(maker, make_face):
    photo = maker.photo()
    left, right = maker.faces(photo, [make_face(LEFT), make_face(RIGHT)])
    again = maker.faces(photo, [make_face(shifted(RIGHT, 5)), make_face(shifted(LEFT, -5))])
    assert again == [right, left]


def test_the_best_overlap_decides_between_neighbours(maker, make_face):
    photo = maker.photo()
    one, other = maker.faces(photo, [make_face((0, 0, 100, 100)), make_face((50, 0, 100, 100))])
    # Both new boxes overlap both old ones enough; each is nearest to its own.
    again = maker.faces(photo, [make_face((45, 0, 100, 100)), make_face((5, 0, 100, 100))])
    assert again == [other, one]


def test_two_boxes_cannot_take_the_same_id(maker, make_face):
    photo = maker.photo()
    (old,) = maker.faces(photo, [make_face(LEFT)])
    again = maker.faces(photo, [make_face(shifted(LEFT, 20)), make_face(LEFT)])
    assert again[1] == old
    assert again[0] != old


def test_a_face_elsewhere_is_another_face_unless_it_is_very_much_alike(maker, make_face):
    photo = maker.photo()
    (old,) = maker.faces(photo, [make_face(LEFT, seed=1)])
    again = maker.faces(photo, [make_face(RIGHT, seed=2), make_face(RIGHT, seed=1)])
    assert again[1] == old
    assert again[0] != old


def test_what_was_decided_stays_with_a_face_found_again(library, maker, make_face, do, person):
    photo = maker.photo()
    (face,) = maker.faces(photo, [make_face(LEFT)])
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [face], anna)
    maker.faces(photo, [make_face(shifted(LEFT, 8), quality=0.8, score=0.7)])
    (found,) = listed(library)
    assert (found.id, found.person, found.confirmed) == (face, anna, True)
    assert (found.quality, found.score, found.box.x) == (0.8, 0.7, pytest.approx(48))


def test_undecided_faces_vanish_and_decided_ones_stay(library, maker, make_face, do, person):
    boxes = [(0, 0, 50, 50), (100, 0, 50, 50), (200, 0, 50, 50), (300, 0, 50, 50)]
    photo, elsewhere = maker.photo(), maker.photo()
    named, rejected, _, _ = maker.faces(photo, [make_face(box) for box in boxes])
    (other,) = maker.faces(elsewhere, [make_face()])
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [named], anna)
        do(tx, people.reject, [rejected], anna)
    maker.faces(photo, [])
    assert {face.id for face in listed(library)} == {named, rejected, other}
    with library.read() as tx:
        vectors = set(tx.execute(select(schema.vector.c.face_id)).scalars())
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert vectors == {named, rejected, other}


def test_boxes_and_landmarks_come_back_in_pixels_of_the_photo(library, maker, make_face):
    face = make_face((40.5, 30.25, 100, 80))
    maker.faces(maker.photo(size=(4000, 3000)), [face], size=(4000, 3000))
    (found,) = listed(library)
    wanted = face.detection
    assert [found.box.x, found.box.y, found.box.w, found.box.h] == pytest.approx(
        [40.5, 30.25, 100, 80]
    )
    np.testing.assert_allclose(found.landmarks, wanted.landmarks, atol=0.01)


# Vectors


def test_a_vector_takes_two_bytes_a_number(library, maker, make_face):
    maker.faces(maker.photo(), [make_face()])
    with library.read() as tx:
        data = tx.execute(select(schema.vector.c.data)).scalar_one()
    assert len(data) == 2 * 512


def test_a_face_found_again_has_its_new_vector(library, maker, make_face):
    photo, face = maker.photo(), make_face(seed=1)
    (old,) = maker.faces(photo, [face])
    mixed = face.vector + make_face(seed=2).vector
    again = replace(face, vector=mixed / np.linalg.norm(mixed))
    assert maker.faces(photo, [again]) == [old]
    with library.read() as tx:
        (vector,) = face_table.load_table(tx, MODEL).vectors
    assert vector @ again.vector > 0.9999


# Lists


def test_lists_are_by_quality_and_come_in_pages(library, maker, make_face):
    photo = maker.photo()
    qualities = [0.5, 0.9, 0.1, 0.5, 0.7]
    ids = maker.faces(
        photo,
        [make_face((70 * i, 0, 60, 60), quality=q) for i, q in enumerate(qualities)],
    )
    order = [ids[place] for place in (1, 4, 0, 3, 2)]
    assert [face.id for face in listed(library)] == order
    assert [face.id for face in listed(library, limit=2)] == order[:2]
    assert [face.id for face in listed(library, limit=2, offset=2)] == order[2:4]
    assert [face.id for face in listed(library, offset=3)] == order[3:]


def test_every_condition_given_must_hold(library, maker, make_face, do, person):
    ids = maker.new_faces(4)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, ids[:2], anna)
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, ids[1:3])])
        cluster = ClusterId(tx.execute(select(schema.cluster.c.id)).scalar_one())

    def found(**conditions):
        return [face.id for face in listed(library, **conditions)]

    assert found(person=anna) == ids[:2]
    assert found(cluster=cluster) == ids[1:3]
    assert found(person=anna, cluster=cluster) == [ids[1]]
    assert found(without_group=True) == [ids[3]]
    photo = listed(library, ids=[ids[2]])[0].photo
    assert found(photo=photo) == [ids[2]]
    assert found(ids=[ids[2], ids[0], 999], person=anna) == [ids[0]]


def test_ids_come_in_the_order_asked_for_however_many(library, maker, make_face):
    photo = maker.photo()
    ids = maker.faces(photo, [make_face((i % 30 * 13, i // 30 * 13, 12, 12)) for i in range(600)])
    asked = [*ids[::-1], 10**6]
    assert [face.id for face in listed(library, ids=asked)] == ids[::-1]


def test_a_face_says_which_file_shows_it(library, maker, make_face):
    maker.faces(maker.photo("/photos/bad-\udcff.jpg"), [make_face()])
    assert str(listed(library)[0].path) == "/photos/bad-\udcff.jpg"


def test_a_crowd_made_at_once_is_as_one_made_one_by_one(crowd_in, empty_library, tmp_path):
    """The tests of the layers above stand on it."""
    written = []
    for name, calls in (("at once", [3]), ("one by one", [1, 1, 1])):
        with Library(shutil.copytree(empty_library, tmp_path / name)) as library:
            crowd = crowd_in(library)
            faces = [face for count in calls for face in crowd.photos_of(7, count)]
            with library.read() as tx:
                tables = (schema.photo, schema.file, schema.face, schema.vector)
                rows = [list(map(tuple, tx.execute(table.select()).all())) for table in tables]
        written.append((faces, rows))
    assert written[0] == written[1]
    assert len(written[0][0]) == 3
