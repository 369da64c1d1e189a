"""The neighbour graph that is kept beside the library, and who is asked because of it."""

import logging
import os
import stat

import numpy as np
import pytest

from photoclust.cluster import NEW
from photoclust.cluster.neighbors import nearest
from photoclust.core.progress import JobControl
from photoclust.services import browse, naming, neighbour_index, proposing
from photoclust.services.grouping import group
from photoclust.services.neighbour_index import Index
from photoclust.store import face_table
from photoclust.vision.models import DEFAULT_EMBEDDER

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def path(library):
    return Index(library.folder, DEFAULT_EMBEDDER, np.empty(0, np.int64)).path


@pytest.fixture
def asked(monkeypatch):
    """What each grouping was told: the labels so far, and whether there was a graph."""
    seen = []
    real = neighbour_index.cluster_faces

    def note(vectors, **options):
        seen.append(options["previous"])
        assert options["neighbours"] is not None
        return real(vectors, **options)

    monkeypatch.setattr(neighbour_index, "cluster_faces", note)
    return seen


def test_it_is_kept_for_its_owner_and_follows_the_faces(library, crowd, path):
    crowd.photos_of(1, 6)
    group(library)
    first = path.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    crowd.photos_of(1, 1)
    group(library)
    assert len(path.read_bytes()) > len(first)
    assert [item.faces for item in browse.groups(library)] == [7]


@pytest.mark.parametrize("content", [b"", b"nonsense" * 100, None])
def test_a_damaged_one_costs_nothing_but_time(library, crowd, path, content, caplog):
    crowd.photos_of(1, 6)
    group(library)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] if content is None else content)
    crowd.photos_of(1, 1)
    with caplog.at_level(logging.WARNING):
        group(library)
    assert "made anew" in caplog.text
    assert [item.faces for item in browse.groups(library)] == [7]
    assert len(path.read_bytes()) > len(whole)


def test_where_it_cannot_be_written_faces_are_grouped_all_the_same(library, crowd, path, caplog):
    path.parent.mkdir()
    path.mkdir()
    crowd.photos_of(1, 6)
    group(library)
    assert [item.faces for item in browse.groups(library)] == [6]
    assert "not kept" in caplog.text


def test_only_new_faces_are_asked_where_nothing_was_decided(library, crowd, asked):
    crowd.photos_of(1, 6)
    crowd.photos_of(2, 1)
    group(library)
    assert asked.pop() is None
    crowd.photos_of(3, 1)
    group(library)
    (previous,) = asked
    assert sorted(previous.tolist())[:2] == [NEW, -1]
    assert (previous >= 0).sum() == 6


def test_after_a_decision_all_that_wait_are_asked_again(library, crowd, asked):
    members = crowd.photos_of(1, 6)
    crowd.photos_of(2, 1)
    group(library)
    naming.name(library, f"f{members[0]}", "Anna")
    crowd.photos_of(3, 1)
    group(library)
    assert (asked[-1] != NEW).all()
    assert (asked[-1] == -1).sum() == 3
    group(library)
    crowd.photos_of(4, 1)
    group(library)
    assert (asked[-1] == NEW).sum() == 1


def test_a_proposal_asks_all_faces_and_is_kept_by_the_next_grouping(library, crowd, asked):
    crowd.photos_of(1, 6)
    group(library)
    crowd.photos_of(2, 6)
    proposal = proposing.propose(library)
    assert asked[-1] is None
    proposing.apply(library, proposal.id)
    crowd.photos_of(3, 1)
    group(library)
    assert (asked[-1] >= 0).sum() == 12


@pytest.fixture
def large(monkeypatch):
    """What is small here counts as a large library."""
    monkeypatch.setattr(neighbour_index, "_COMPARED", 3)


def nearest_of(library):
    with library.read() as tx:
        table = face_table.load_table(tx, DEFAULT_EMBEDDER)
    index = Index(library.folder, DEFAULT_EMBEDDER, table.ids)
    return table, neighbour_index.nearest_few(index, table.vectors, 3, JobControl())


def test_the_nearest_few_are_those_of_the_kept_graph_and_new_faces_are_compared(
    library, crowd, large
):
    crowd.photos_of(1, 6)
    crowd.photos_of(2, 5)
    group(library)
    new = crowd.photos_of(1, 2)
    table, found = nearest_of(library)
    exact = nearest(table.vectors, 3, exact=True)
    rows = np.flatnonzero(np.isin(table.ids, new))
    np.testing.assert_array_equal(found.indices[rows], exact.indices[rows])
    old = np.setdiff1d(np.arange(len(table.ids)), rows)
    # The graph does not know the new ones as neighbours yet; the others are in their order.
    for row in old.tolist():
        cosines = table.vectors[row] @ table.vectors[old].T
        best = old[np.argsort(-cosines)][1:4]
        np.testing.assert_array_equal(found.indices[row], best)


def test_without_a_kept_graph_a_large_library_does_without(library, crowd, large, path):
    crowd.photos_of(1, 6)
    _, found = nearest_of(library)
    assert (found.indices == -1).all()
    group(library)
    path.write_bytes(b"damaged")
    _, found = nearest_of(library)
    assert (found.indices == -1).all()
