from datetime import datetime

import numpy as np
from sqlalchemy import select

from photoclust.core.types import Metadata, ModelId
from photoclust.store import cluster_table, face_table, people, recognitions, schema
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent

MODEL = ModelId("made-up")


def test_vectors_come_back_as_they_were(library, maker, make_face):
    made = [make_face(seed=seed) for seed in range(20)]
    ids = [maker.faces(maker.photo(), [face])[0] for face in made]
    with library.read() as tx:
        table = face_table.load_table(tx, MODEL)
    assert table.ids.tolist() == ids
    wanted = np.stack([face.vector for face in made])
    assert np.einsum("ij,ij->i", table.vectors, wanted).min() > 0.9999
    np.testing.assert_allclose(np.linalg.norm(table.vectors, axis=1), 1, atol=1e-6)
    assert table.vectors.dtype == np.float32
    assert table.vectors.flags.c_contiguous


def test_vectors_of_different_models_never_meet(library, maker, make_face):
    (one,) = maker.faces(maker.photo(), [make_face(seed=1)])
    photo = maker.photo()
    with library.write() as tx:
        (other,) = face_store.replace_faces(
            tx, photo, [make_face(seed=2)], (400, 300), ModelId("another")
        )
    with library.read() as tx:
        assert face_table.load_table(tx, MODEL).ids.tolist() == [one]
        assert face_table.load_table(tx, ModelId("another")).ids.tolist() == [other]
        assert face_table.load_table(tx, ModelId("none")).vectors.shape[0] == 0


def test_the_table_tells_all_that_grouping_needs(library, maker, make_face, do, person):
    photo = maker.photo(size=(4000, 3000))
    ids = maker.faces(
        photo,
        [make_face((40, 30, 100, 160), quality=0.75, score=0.5), make_face((900, 30, 90, 50))],
        size=(4000, 3000),
    )
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.confirm, [ids[1]], anna)
        do(tx, people.reject, [ids[0]], otto)
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, [ids[0]])])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
        table = face_table.load_table(tx, MODEL)
    assert table.ids.tolist() == ids
    assert table.photo.tolist() == [photo, photo]
    np.testing.assert_allclose(table.side, [160, 90], rtol=1e-5)
    assert table.quality.tolist() == [0.75, 0.5]
    np.testing.assert_allclose(table.score, [0.5, 0.9], rtol=1e-6)
    assert table.person.tolist() == [-1, anna]
    assert table.cluster.tolist() == [cluster, -1]


def test_a_face_has_its_place_in_its_group_unless_the_user_took_it_out(library, maker, do, person):
    named, moved, refused, plain, taken_out, alone = maker.new_faces(6)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        contents = [
            ClusterContent(None, anna, [named, moved, refused]),
            ClusterContent(None, None, [plain, taken_out]),
        ]
        cluster_table.replace_clusters(tx, contents)
        do(tx, people.confirm, [moved, taken_out], otto)
        do(tx, people.reject, [refused], anna)
        table = face_table.load_table(tx, MODEL)
        assert table.ids.tolist() == [named, moved, refused, plain, taken_out, alone]
        assert table.shown.tolist() == [anna, otto, -1, -1, otto, -1]
        assert table.owner.tolist() == [anna, anna, anna, -1, -1, -1]
        assert table.placed.tolist() == [True, False, False, True, False, False]
        # Groups of somebody who has ended go with nobody.
        do(tx, people.delete_person, anna)
        assert face_table.load_table(tx, MODEL).owner.tolist() == [-1] * 6


def test_what_recognition_says_takes_no_face_out_of_its_group(library, maker, do, person):
    named, asked, refused, confirmed, plain = maker.new_faces(5)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        contents = [
            ClusterContent(None, anna, [named, asked, refused, confirmed]),
            ClusterContent(None, None, [plain]),
        ]
        cluster_table.replace_clusters(tx, contents)
        do(tx, people.reject, [refused], anna)
        do(tx, people.confirm, [confirmed], anna)
        shown_as = [named, refused, plain]
        judged = np.array([*shown_as, asked])
        nothing = np.full(4, np.nan)
        verdicts = recognitions.Verdicts(
            face=judged,
            person=np.full(4, otto),
            probability=np.full(4, 0.9),
            similarity=np.full(4, 0.8),
            runner_up=np.full(4, -1),
            runner_up_similarity=nothing,
            runner_up_probability=nothing,
            named=np.isin(judged, shown_as),
        )
        recognitions.write(tx, verdicts, None, model=MODEL)
        table = face_table.load_table(tx, MODEL)
    assert table.shown.tolist() == [otto, -1, otto, anna, otto]
    assert table.judged.tolist() == [True, True, True, False, True]
    assert table.refused.tolist() == [False, False, True, False, False]
    assert table.placed.tolist() == [True, True, False, True, True]


def test_only_a_camera_tells_when_a_photo_was_taken(library, maker, make_face):
    taken = datetime.fromisoformat("2009-09-09 20:27:09")
    for metadata in (Metadata(taken), Metadata(taken, scanned=True), Metadata()):
        maker.faces(maker.photo(metadata=metadata), [make_face()])
    with library.read() as tx:
        found = face_table.load_table(tx, MODEL).taken
    assert found[0] == 1_252_528_029
    assert np.isnan(found[1:]).all()


def test_faces_with_a_vector_are_counted(library, maker, do):
    ids = maker.new_faces(4)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, ids[:2])])
        assert face_table.count_with_vector(tx, MODEL) == (4, 2)
        do(tx, people.exclude, ids[3:], True)
        assert face_table.count_with_vector(tx, MODEL) == (3, 1)
        assert face_table.count_with_vector(tx, ModelId("another")) == (0, 0)
