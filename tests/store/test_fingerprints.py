import pytest

from photoclust.core.types import ModelId
from photoclust.store import cluster_table, people
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.fingerprints import fingerprint

MODEL = ModelId("made-up")


@pytest.fixture
def shown(library, maker, person):
    """Three faces in a group, and a person."""
    ids = maker.new_faces(3)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, ids)])
        return ids, person(tx, "Anna")


def test_looking_changes_nothing(library, shown):
    with library.read() as tx:
        assert fingerprint(tx, MODEL) == fingerprint(tx, MODEL)
        assert fingerprint(tx, MODEL) != fingerprint(tx, ModelId("another"))


@pytest.mark.parametrize(
    "change",
    [
        lambda tx, do, ids, anna: do(tx, people.confirm, ids[:1], anna),
        lambda tx, do, ids, anna: do(tx, people.reject, ids[:1], anna),
        lambda tx, do, ids, _: do(tx, people.exclude, ids[:1], True),
        lambda tx, do, _, anna: do(tx, people.name_cluster, 1, anna),
        lambda tx, *_: cluster_table.replace_clusters(tx, []),
        lambda tx, *_: tx.exec_driver_sql("DELETE FROM vector WHERE face_id = 1"),
    ],
    ids=["confirmed", "rejected", "no face", "named", "groups", "vector"],
)
def test_whatever_a_grouping_would_heed_makes_another(library, shown, do, change):
    ids, anna = shown
    with library.write() as tx:
        before = fingerprint(tx, MODEL)
        change(tx, do, ids, anna)
        assert fingerprint(tx, MODEL) != before


def test_a_new_face_makes_another(library, shown, maker):
    with library.read() as tx:
        before = fingerprint(tx, MODEL)
    maker.new_faces(1)
    with library.read() as tx:
        assert fingerprint(tx, MODEL) != before
