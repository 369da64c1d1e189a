"""What is new in a library since a moment."""

import numpy as np
import pytest

from photoclust.core.errors import UserError
from photoclust.services import browse, history, naming, news
from photoclust.store import cluster_table, recognitions
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.news import Mark
from photoclust.store.recognitions import Verdicts
from photoclust.vision.models import DEFAULT_EMBEDDER


@pytest.fixture
def anna(library, crowd):
    """Somebody with three faces; the moment right after she was named."""
    faces = crowd.photos_of(1, 3)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces)])
    naming.name(library, browse.groups(library)[0].key, "Anna")
    return news.now(library)


def recognize(library, face):
    """A run that names `face` Anna."""
    with library.write() as tx:
        one = np.array([0.99])
        found = Verdicts(
            face=np.array([face]),
            person=np.array([1]),
            probability=one,
            similarity=one,
            runner_up=np.array([-1]),
            runner_up_similarity=np.array([np.nan]),
            runner_up_probability=np.array([np.nan]),
            named=np.array([True]),
        )
        recognitions.write(tx, found, np.array([face]), model=DEFAULT_EMBEDDER)


def test_an_empty_library_has_no_news(library):
    assert news.now(library) == Mark()
    assert news.since(library, Mark()) == news.News()


def test_nothing_is_new_right_after_looking(library, anna):
    found = news.since(library, anna)
    assert (found.photos, found.named, found.groups) == ((), (), ())
    assert found.until == anna


def test_photos_and_groups_that_came_later_are_new(library, crowd, anna):
    before = set(browse.photo_ids(library))
    known = browse.faces(library)
    small, large = crowd.photos_of(2, 2), crowd.photos_of(3, 4)
    with library.write() as tx:
        old = ClusterContent(known[0].cluster, None, [face.id for face in known])
        new = [ClusterContent(None, None, faces) for faces in (small, large)]
        cluster_table.replace_clusters(tx, [old, *new])
    found = news.since(library, anna)
    assert set(found.photos) == set(browse.photo_ids(library)) - before
    assert len(found.photos) == 6
    sizes = [len(browse.faces(library, f"g{group}")) for group in found.groups]
    assert sizes == [4, 2]
    assert len(news.since(library, Mark()).photos) == 9


def test_names_of_several_runs_are_taken_back_together(library, crowd, anna):
    faces = crowd.photos_of(2, 2)
    for face in faces:
        recognize(library, face)
    found = news.since(library, anna)
    assert set(found.named) == set(faces)
    assert len(found.namings) == 2
    undone = news.take_names_back(library, found.namings)
    assert len(undone.entries) == 2
    assert set(undone.changes.faces) >= set(faces)
    after = news.since(library, anna)
    assert (after.named, after.namings) == ((), ())
    assert [face.person for face in browse.faces_by_id(library, faces)] == [None, None]


def test_names_are_taken_back_all_or_none(library, crowd, anna):
    (face,) = crowd.photos_of(2, 1)
    recognize(library, face)
    (run,) = news.since(library, anna).namings
    first = history.acts(library, limit=10)[-1].id
    history.undo(library, first)
    with pytest.raises(UserError):
        news.take_names_back(library, [run, first])
    assert news.since(library, anna).namings == (run,)
