"""Photos are counted as the lists show them, whatever changes and whoever is counted."""

import sqlite3
from contextlib import closing

import pytest

from photoclust.core.forms import as_shown
from photoclust.core.types import GroupKind
from photoclust.store import (
    cluster_table,
    guesses,
    people,
    presences,
    search,
    shots,
    stacks,
    together,
)
from photoclust.store import photos as photo_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import FILE_NAME, Library
from photoclust.store.shots import PhotoCount


@pytest.fixture
def anna(library, maker, make_face, do, person):
    """Anna with a face in each of the first four of six photos, by id, and tagged in the fifth; who
    is with her in the last two of these four is a group. Gives her and the photos.
    """
    photos = [maker.photo() for _ in range(6)]
    alone = [maker.faces(photo, [make_face()]) for photo in photos[:2]]
    beside = [
        maker.faces(photo, [make_face(), make_face((200, 150, 80, 80))]) for photo in photos[2:4]
    ]
    hers, others = [faces[0] for faces in alone + beside], [faces[1] for faces in beside]
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, others)])
        who = person(tx, "Anna")
        do(tx, people.confirm, hers, who)
        do(tx, presences.set_present, photos[4:5], who, True)
    return who, photos


def counted(tx):
    return {group.kind: group.photos for group in people.groups(tx)}


def listed(tx, photos):
    return as_shown(photos, stacks.covers(tx))


def test_whoever_is_in_a_stack_is_counted_again_when_it_is_made_and_gone(library, anna):
    who, photos = anna
    with library.write() as tx:
        assert counted(tx) == {GroupKind.PERSON: 5, GroupKind.CLUSTER: 2}
        # She has a face in three of these forms, and is in one without; the group is in two.
        mine = (photos[0], photos[2], photos[3], photos[4])
        stacks.write_covers(tx, dict.fromkeys(mine, photos[2]))
        assert counted(tx) == {GroupKind.PERSON: 2, GroupKind.CLUSTER: 1}
        assert guesses.count_stale(tx) == 0
        assert shots.hidden_forms(tx, "person_id") == {who: 3}
        (hidden,) = shots.hidden_forms(tx, "cluster_id").values()
        assert hidden == 1
        assert search.named_people(tx)[who] == ("Anna", 2)
        stacks.write_covers(tx, {})
        assert counted(tx) == {GroupKind.PERSON: 5, GroupKind.CLUSTER: 2}
        assert shots.hidden_forms(tx, "person_id") == {}


def test_a_library_is_counted_as_it_is_listed(library, anna):
    _, photos = anna
    with library.write() as tx:
        stacks.write_covers(tx, dict.fromkeys(photos[:3], photos[1]) | {photos[5]: photos[5]})
        every = photo_store.photo_ids(tx)
        assert shots.count(tx) == PhotoCount(4, 6) == _count_of(listed(tx, every))
        assert sum(search.times(tx).values()) == 4
        # The cover goes: one of those left is shown for both.
        photo_store.delete_photos(tx, [photos[1]])
        every.remove(photos[1])
        assert shots.count(tx) == PhotoCount(4, 5) == _count_of(listed(tx, every))


def _count_of(found):
    return PhotoCount(len(found.shown), found.all_forms)


def test_who_is_seen_together_is_counted_by_shots(library, anna, do, person):
    who, photos = anna
    with library.write() as tx:
        berta = person(tx, "Berta")
        do(tx, presences.set_present, photos[:4], berta, True)
        stacks.write_covers(tx, dict.fromkeys(photos[:2], photos[0]))
        assert together.companions(tx, who) == [(berta, 3)]
        both = sorted(together.photos_with_both(tx, who, berta))
        assert len(listed(tx, both).shown) == 3


def test_a_library_from_before_is_counted_anew(library, anna):
    _, photos = anna
    with library.write() as tx:
        stacks.write_covers(tx, dict.fromkeys(photos[2:5], photos[2]))
    library.close()
    with closing(sqlite3.connect(library.folder / FILE_NAME)) as old, old:
        old.execute("UPDATE person SET photo_count = 5")
        old.execute("UPDATE cluster SET photo_count = 2")
        for column in ("negative", "said_negative", "looked_negative"):  # of a later version
            old.execute(f"ALTER TABLE photo DROP COLUMN {column}")
        old.execute("DROP TABLE sidecar")
        old.execute("UPDATE alembic_version SET version_num = '0007'")
    with Library(library.folder) as upgraded, upgraded.read() as tx:
        assert counted(tx) == {GroupKind.PERSON: 3, GroupKind.CLUSTER: 1}
        assert guesses.count_stale(tx) == 0
