"""Which vectors there are, and which model serves."""

from pathlib import Path

import numpy as np
import pytest

from photoclust.core.types import Box, Compute, Engine, EntryStatus, FileStat, ModelId
from photoclust.store import embeddings, face_table, journal, undoing
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store.fingerprints import fingerprint

SIZE = (400, 300)
INT8 = Engine(compute=Compute.INT8)
ONE, TWO, THREE = ModelId("made-up"), ModelId("two"), ModelId("three")


def unit(seed, count=1, dimension=4):
    vectors = np.random.default_rng(seed).standard_normal((count, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def pair(make_face):
    """Two faces beside each other."""
    return lambda seed: [
        make_face((20 + 150 * each, 30, 100, 100), seed=seed + each) for each in range(2)
    ]


@pytest.fixture
def faces(maker, pair):
    """Six faces of three photos, with vectors of ONE."""
    return [face for number in range(3) for face in maker.faces(maker.photo(), pair(2 * number))]


def test_models_come_in_the_order_in_which_the_library_met_them(library, faces):
    with library.write() as tx:
        assert embeddings.models_with_vectors(tx) == [ONE]
        assert embeddings.write(tx, TWO, faces[:2], unit(1, 2)) == 2
        assert embeddings.write(tx, THREE, [], unit(1, 0)) == 0
        assert embeddings.models_with_vectors(tx) == [ONE, TWO]
        assert embeddings.counts(tx) == {ONE: 6, TWO: 2}
        assert embeddings.count_only_in(tx, ONE) == 4
        assert embeddings.count_only_in(tx, TWO) == 0
        assert embeddings.count_without(tx, ONE) == 0
        assert embeddings.count_without(tx, TWO) == 4
        assert embeddings.count_without(tx, THREE) == 6


def test_what_computed_a_vector_is_known_and_goes_over_to_what_is_made_of_it(library, faces):
    card = Engine("cuda")
    with library.write() as tx:
        embeddings.write(tx, TWO, faces[:3], unit(1, 3), engine=INT8)
        embeddings.write(tx, TWO, faces[3:4], unit(2, 1), engine=card)
        embeddings.write(tx, TWO, faces[4:5], unit(3, 1), engine=Engine())
        embeddings.write(tx, THREE, faces[2:5], unit(4, 3), source=TWO)
        assert embeddings.counts_by_engine(tx) == {
            ONE: {"cpu float32": 6},
            TWO: {"cpu int8": 3, "cuda float32": 1, "cpu float32": 1},
            THREE: {"cpu int8": 1, "cuda float32": 1, "cpu float32": 1},
        }


def test_a_vector_that_is_there_stays_and_a_face_that_is_gone_gets_none(library, faces):
    first, second = unit(1, 2)
    with library.write() as tx:
        embeddings.write(tx, TWO, faces[:1], first[None])
        assert embeddings.write(tx, TWO, [faces[0], 999, faces[1]], unit(2, 3)) == 1
        ids, vectors = face_table.load_vectors(tx, TWO)
    assert ids.tolist() == faces[:2]
    assert vectors[0] @ first > 0.999
    assert vectors[1] @ second < 0.999


def test_faces_to_convert_come_in_batches(library, faces):
    with library.write() as tx:
        embeddings.write(tx, TWO, [faces[1]], unit(1))
        ids, vectors = embeddings.convertible(tx, TWO, ONE, after=0, limit=2)
        assert ids.tolist() == [faces[0], faces[2]]
        all_ids, every = face_table.load_vectors(tx, ONE)
        np.testing.assert_array_equal(vectors, every[np.isin(all_ids, ids)])
        ids, _ = embeddings.convertible(tx, TWO, ONE, after=faces[2], limit=9)
        assert ids.tolist() == faces[3:]
        assert embeddings.convertible(tx, TWO, THREE, after=0, limit=9)[0].tolist() == []
        assert embeddings.convertible(tx, ONE, ONE, after=0, limit=9)[1].shape == (0, 0)


def test_photos_to_look_at_come_with_what_is_needed_to_cut_their_faces(library, faces):
    with library.write() as tx:
        embeddings.write(tx, TWO, [faces[0], *faces[2:4]], unit(1, 3))
        one, other = embeddings.unembedded(tx, TWO)
        assert (one.faces, other.faces) == ((faces[1],), tuple(faces[4:]))
        shown = {face.id: face for face in face_store.faces(tx, ids=faces)}
        assert other.boxes == tuple(shown[face].box for face in faces[4:])
        assert (one.width, one.height, one.turn) == (*SIZE, 0)
        path = shown[faces[1]].path
        assert one.file is not None
        assert one.file.path == path
        assert file_store.unchanged(tx, [one.file]) == {path: None}
        file_store.set_state(tx, [path], file_store.FileState.OFFLINE)
        assert embeddings.unembedded(tx, TWO)[0].file is None


def test_photos_of_faces_come_with_these_faces_only(library, faces):
    with library.read() as tx:
        one, other = embeddings.photos_of(tx, {faces[1], faces[4], faces[5], 10**9})
        assert (one.faces, other.faces) == ((faces[1],), (faces[4], faces[5]))
        (whole,) = embeddings.photos_of(tx, faces[:2])
        assert one.boxes == whole.boxes[1:]
        assert (one.file, one.width) == (whole.file, SIZE[0])
        assert embeddings.photos_of(tx, []) == []


def test_a_choice_is_an_act_that_can_be_undone_and_done_again(library, faces):
    with library.write() as tx:
        assert embeddings.chosen(tx) == []
        embeddings.choose(tx, TWO, ONE)
        number = embeddings.choose(tx, THREE, TWO)
        assert embeddings.chosen(tx) == [THREE, TWO]
        undone = undoing.undo(tx)
        assert [entry.id for entry in undone.entries] == [number]
        assert embeddings.chosen(tx) == [TWO]
        undoing.undo(tx)
        assert embeddings.chosen(tx) == []
        undoing.redo(tx)
        undoing.redo(tx)
        assert embeddings.chosen(tx) == [THREE, TWO]
        undoing.undo(tx, number)
        assert embeddings.chosen(tx) == [TWO]


def test_dropped_vectors_are_gone_and_no_undo_leads_back_to_them(library, faces):
    with library.write() as tx:
        embeddings.write(tx, TWO, faces, unit(1, 6))
        number = embeddings.choose(tx, TWO, ONE)
        assert embeddings.drop(tx, ONE) == 6
        assert embeddings.models_with_vectors(tx) == [TWO]
        assert embeddings.chosen(tx) == [TWO]
        assert undoing.next_undo(tx) is None
        (entry,) = journal.entries_by_id(tx, [number])
        assert (entry.kind, entry.status) == ("used model", EntryStatus.STANDS)
        with pytest.raises(Exception, match="cannot be undone"):
            undoing.undo(tx, number)
        assert embeddings.drop(tx, ONE) == 0


def test_a_face_that_is_found_again_loses_the_vectors_of_the_picture_before(library, faces, pair):
    """They are of other pixels, whichever model they are of."""
    with library.write() as tx:
        embeddings.write(tx, TWO, faces, unit(1, 6))
        photo = face_store.faces(tx, ids=faces[:1])[0].photo
        assert face_store.replace_faces(tx, photo, pair(0), SIZE, ONE) == faces[:2]
        assert face_table.load_vectors(tx, TWO)[0].tolist() == faces[2:]
        assert face_table.load_vectors(tx, ONE)[0].tolist() == faces


def test_a_fallback_serves_for_faces_without_a_vector_of_the_model_only(library, faces):
    mine = unit(1, 2, dimension=len(vector_of(library, faces[0])))
    with library.write() as tx:
        before_ids, before = face_table.load_vectors(tx, ONE)
        all_of_one = face_table.load_vectors(tx, TWO, ONE)
        np.testing.assert_array_equal(all_of_one[1], before)
        embeddings.write(tx, TWO, [faces[1], faces[4]], mine)
        ids, vectors = face_table.load_vectors(tx, TWO, ONE)
        assert ids.tolist() == before_ids.tolist() == faces
        expected = before.copy()
        expected[[1, 4]] = face_table.load_vectors(tx, TWO)[1]
        np.testing.assert_array_equal(vectors, expected)
        table = face_table.load_table(tx, TWO, ONE)
        np.testing.assert_array_equal(table.vectors, expected)
        some_ids, some = face_table.load_some_vectors(tx, TWO, [faces[4], faces[0]], ONE)
        assert some_ids.tolist() == [faces[0], faces[4]]
        np.testing.assert_array_equal(some, expected[[0, 4]])
        assert face_table.load_some_vectors(tx, TWO, faces)[0].tolist() == [faces[1], faces[4]]
        assert face_table.count_with_vector(tx, TWO) == (2, 2)
        assert face_table.count_with_vector(tx, TWO, ONE) == (6, 6)
        np.testing.assert_array_equal(face_table.load_vectors(tx, ONE, TWO)[1], before)


def vector_of(library, face):
    with library.read() as tx:
        return face_table.load_some_vectors(tx, ONE, [face])[1][0]


def test_a_vector_in_the_place_of_its_fallback_is_news_to_a_grouping(library, faces):
    with library.write() as tx:
        before = fingerprint(tx, TWO, ONE)
        embeddings.write(tx, TWO, faces[:1], unit(1))
        assert fingerprint(tx, TWO, ONE) != before


def test_what_is_needed_to_look_again_is_of_the_right_types(library, faces):
    with library.read() as tx:
        (photo, *_) = embeddings.unembedded(tx, TWO)
    assert isinstance(photo.file, FileStat)
    assert isinstance(photo.file.path, Path)
    assert all(isinstance(box, Box) for box in photo.boxes)
