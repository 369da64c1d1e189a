"""Which faces of a library take part in a training, and what for."""

import shutil

import numpy as np
import pytest

from photoclust.core.errors import UserError
from photoclust.core.types import PersonId
from photoclust.services import training_library
from photoclust.services.training_library import drawn, from_library, most_drawn, stranger_groups
from photoclust.store import face_table
from photoclust.store.database import Library
from photoclust.vision.models import DEFAULT_EMBEDDER

PARTS = ("train", "test", "held_out", "distil", "strangers")


@pytest.fixture(scope="module")
def acquaintances(tmp_path_factory, acquainted):
    """A library of six people with five faces each, and twelve groups of four; to be copied."""
    folder = tmp_path_factory.mktemp("acquaintances") / "library"
    with Library(folder) as made:
        acquainted(made, people=6, faces=5, groups=12)
    return folder


@pytest.fixture
def known(acquaintances, tmp_path):
    with Library(shutil.copytree(acquaintances, tmp_path / "known")) as opened:
        yield opened


def table_of(library):
    with library.read() as tx:
        return face_table.load_table(tx, DEFAULT_EMBEDDER)


def test_the_named_are_trained_and_tested_and_the_others_hold_and_show(known):
    found = from_library(known, seed=0)
    faces = found.divided(seed=0)
    table = table_of(known)
    named = {int(face): who for face, who in zip(table.ids, table.person, strict=True)}
    assert found.undrawn == 0
    assert len(found.names) == len(found.uids) == 6
    for part in ("train", "test"):
        assert all(named[face] >= 0 for face in found.ids[getattr(faces, part)].tolist())
    for part in ("distil", "strangers"):
        assert all(named[face] < 0 for face in found.ids[getattr(faces, part)].tolist())
    assert (faces.person[faces.strangers] >= len(found.names)).any()
    assert (faces.person[faces.distil] == -1).all()


def test_what_is_left_out_serves_for_nothing_and_moves_no_row(known):
    found = from_library(known, seed=0)
    out = np.flatnonzero(np.arange(len(found.ids)) % 5 == 2)
    faces = found.divided(seed=0, without=out)
    used = np.concatenate([getattr(faces, part) for part in PARTS])
    assert not np.isin(out, used).any()
    assert len(np.unique(used)) == len(used) > 0
    np.testing.assert_array_equal(faces.vectors, found.vectors)
    np.testing.assert_array_equal(faces.person[faces.train], found.person[faces.train])
    assert (faces.occasion[out] == -1).all()
    with pytest.raises(UserError, match="at least 5 people"):
        found.divided(seed=0, without=np.arange(40))


def test_only_where_pixels_are_needed_is_there_a_limit(known, monkeypatch):
    monkeypatch.setattr(training_library, "FEWEST_DRAWN", 20)
    monkeypatch.setattr(training_library, "DRAWN_A_FACE", 1)
    assert from_library(known, seed=0).undrawn == 0
    some = from_library(known, seed=0, pixels=True)
    assert (np.sum(some.person < 0), some.undrawn) == (30, 18)
    again, other = (from_library(known, seed=seed, pixels=True) for seed in (0, 1))
    np.testing.assert_array_equal(some.ids, again.ids)
    assert some.ids.tolist() != other.ids.tolist()
    few = from_library(known, people=[PersonId(1)], seed=0, pixels=True)
    assert np.sum(few.person < 0) == 20


def test_the_limit_grows_with_the_confirmed_faces():
    assert (most_drawn(0), most_drawn(1_000), most_drawn(5_000)) == (2_000, 2_000, 10_000)


def test_groups_are_drawn_whole(known):
    table = table_of(known)
    nobody = training_library.nobodys(table)
    rows = drawn(table, nobody, 20, np.random.default_rng(3))
    assert np.unique(table.cluster[rows], return_counts=True)[1].tolist() == [4] * 5
    assert (np.diff(rows) > 0).all()
    cut = drawn(table, nobody, 6, np.random.default_rng(3))
    assert sorted(np.unique(table.cluster[cut], return_counts=True)[1].tolist()) == [2, 4]
    assert drawn(table, nobody, 48, np.random.default_rng(3)) is nobody


def test_faces_in_no_group_are_drawn_one_by_one(library, crowd):
    for person in range(10):
        crowd.photos_of(person, 2)
    table = table_of(library)
    rows = drawn(table, training_library.nobodys(table), 7, np.random.default_rng(0))
    assert len(np.unique(rows)) == 7


def test_groups_of_strangers_are_those_of_the_bundled_model(known, monkeypatch):
    """Whatever groups the library has."""
    assert stranger_groups(table_of(known)) == 12
    with known.write() as tx:
        tx.exec_driver_sql("UPDATE face SET cluster_id = NULL WHERE person_id IS NULL")
    assert stranger_groups(table_of(known)) == 12
    monkeypatch.setattr(training_library, "FEWEST_DRAWN", 0)
    assert stranger_groups(table_of(known)) == 0
