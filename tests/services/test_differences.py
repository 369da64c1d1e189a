import numpy as np
import pytest

from photoclust.core.types import ClusterId, FaceId, PersonId
from photoclust.services.differences import Split, compare, keys_now, keys_then
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.face_table import FaceTable


def differ(before, after, only=()):
    """Each character of `before` and `after` is who a face is shown as; a dot is nobody."""

    def keys(text):
        names = {"a": "p1", "b": "p2", "x": "new1", "y": "new2", ".": None}
        return [names.get(letter, f"g{letter}") for letter in text]

    return compare(
        range(len(before)), keys(before), keys(after), name_of={"p1": "Anna"}.get, only=only
    )


def test_without_a_difference_nothing_is_told():
    same = differ("aa11.", "aa11.")
    assert (same.people, same.joins, same.splits, same.new, same.faces) == ((), (), (), (), set())
    assert same.lines() == []


def test_faces_that_come_and_go_are_told_of_both_sides():
    found = differ("aaaa..11", "aa..a111")
    assert [(each.key, each.name, each.added, each.removed) for each in found.people] == [
        ("p1", "Anna", (4,), (2, 3)),
        ("g1", None, (5,), ()),
    ]
    assert found.faces == {2, 3, 4, 5}
    assert found.lines() == ["Anna +1 −2", "g1 +1"]


@pytest.mark.parametrize(
    ("before", "after", "joins"),
    [
        ("1111222", "1111111", [("g1", "g2")]),
        ("1111222aaaaa", "aaaaaaaaaaaa", [("p1", "g1", "g2")]),
        ("11112222", "1111x222", []),
        ("11112222", "11111122", []),
        ("11112", "11111", []),
        ("1111222", "xxxx...", []),
        ("11223344", "11113333", [("g1", "g2"), ("g3", "g4")]),
    ],
    ids=["two", "three", "one face", "a half", "of one face", "wait", "twice"],
)
def test_what_would_become_one_is_told(before, after, joins):
    found = differ(before, after)
    assert list(found.joins) == joins
    assert found.splits == ()


@pytest.mark.parametrize(
    ("before", "after", "splits"),
    [
        ("111111", "1111xx", [Split("g1", (4, 2))]),
        ("111111", "11xxyy", [Split("g1", (2, 2, 2))]),
        ("111111", "11111x", []),
        ("111111....", "1111xxxxxx", []),
        ("aaaa", "aaxx", [Split("p1", (2, 2))]),
    ],
    ids=["two", "three", "one face", "mostly new", "person"],
)
def test_what_would_come_apart_is_told(before, after, splits):
    assert list(differ(before, after).splits) == splits


def test_new_groups_are_told_by_their_sizes():
    found = differ("11...", "1xyyy")
    assert found.new == (3, 1)
    assert [each.key for each in found.people] == ["g1"]
    assert found.lines() == ["g1 −1", "2 new groups of 3 and 1 faces"]


def test_only_the_faces_of_those_asked_for_count():
    found = differ("aaa1122..", "aa1111122", only=["p1"])
    assert [(each.key, each.added, each.removed) for each in found.people] == [
        ("g1", (2,), ()),
        ("p1", (), (2,)),
    ]
    assert found.faces == {2}
    assert found.joins == ()
    assert differ("1122", "1111", only=["g2"]).joins == (("g1", "g2"),)


def test_no_grouping_changes_whom_recognition_names_or_asks_about():
    table = FaceTable(
        ids=np.arange(5),
        photo=np.arange(5),
        taken=np.full(5, np.nan),
        side=np.ones(5, np.float32),
        quality=np.ones(5, np.float32),
        score=np.ones(5, np.float32),
        person=np.array([7, -1, -1, -1, -1]),
        shown=np.array([7, 8, -1, 7, -1]),
        judged=np.array([False, True, True, False, False]),
        cluster=np.array([3, 3, 3, 3, -1]),
        owner=np.array([7, 7, 7, 7, -1]),
        refused=np.zeros(5, np.bool_),
        vectors=np.eye(5, dtype=np.float32),
    )
    now = keys_now(table)
    assert now == ["p7", "p8", "g3", "p7", None]
    same = ClusterContent(ClusterId(3), PersonId(7), list(map(FaceId, range(4))))
    assert keys_then(table, [same]) == now
    parts = [
        ClusterContent(ClusterId(3), PersonId(7), [FaceId(0), FaceId(2)]),
        ClusterContent(None, None, [FaceId(1), FaceId(3), FaceId(4)]),
    ]
    assert keys_then(table, parts) == ["p7", "p8", "g3", "new1", "new1"]
    assert keys_then(table, []) == ["p7", "p8", None, None, None]
