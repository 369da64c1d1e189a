from pathlib import Path

import pytest
from sqlalchemy import select

from photoclust.core.errors import UserError
from photoclust.core.types import Failure, GroupKind, PhotoId
from photoclust.services import browse, naming
from photoclust.store import cluster_table, schema
from photoclust.store import files as file_store
from photoclust.store.cluster_table import ClusterContent


@pytest.fixture
def album(library, crowd):
    """Anna with three faces, a group of two, one face alone, one failure, one folder."""
    anna, pair, alone = crowd.photos_of(1, 3), crowd.photos_of(2, 2), crowd.photos_of(3, 1)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, pair)])
        file_store.write_failure(tx, Failure(Path("/photos/bad.jpg"), "damaged", 1, 2))
        file_store.add_folders(tx, [Path("/photos")])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
    for face in anna:
        naming.name(library, f"f{face}", "Anna")
    return {"p1": anna, f"g{cluster}": pair, "alone": alone}


def ids(faces):
    return [face.id for face in faces]


def test_groups_are_people_and_what_waits_for_a_name(library, album):
    listed = browse.groups(library)
    assert [(item.key, item.kind, item.name, item.faces) for item in listed] == [
        ("p1", GroupKind.PERSON, "Anna", 3),
        (list(album)[1], GroupKind.CLUSTER, None, 2),
    ]


def test_faces_are_those_of_a_person_or_group_the_best_first(library, album):
    for key in list(album)[:2]:
        assert ids(browse.faces(library, key)) == album[key][::-1]
    everybody = [face for faces in album.values() for face in faces]
    assert ids(browse.faces(library)) == everybody[::-1]
    assert ids(browse.single_faces(library)) == album["alone"]
    assert browse.faces(library, "p99") == []


@pytest.mark.parametrize("key", ["f1", "Anna", ""])
def test_faces_of_what_is_no_group_are_refused(library, album, key):
    with pytest.raises(UserError, match="is no id"):
        browse.faces(library, key)


def test_people_are_found_by_name_whatever_its_case(library, album):
    (anna,) = browse.people_called(library, "ANNA")
    assert (anna.key, anna.faces) == ("p1", 3)
    assert browse.people_called(library, "Otto") == []


def test_an_overview_adds_up(library, album):
    overview = browse.overview(library)
    assert (overview.photos, overview.faces) == browse.counts(library) == (6, 6)
    assert list(overview.groups) == browse.groups(library)
    assert overview.single_faces == len(browse.single_faces(library)) == 1
    assert overview.failures == len(browse.failures(library)) == 1
    assert overview.folders == (Path("/photos"),)


def test_a_photo_is_found_by_its_id(library, album):
    (face,) = browse.faces_by_id(library, album["alone"])
    photo = browse.photo(library, face.photo)
    assert photo.paths == (face.path,)
    assert ids(browse.faces_of_photo(library, photo.id)) == [face.id]
    assert photo.id in browse.photo_ids(library)
    assert browse.photo(library, PhotoId(99)) is None


def test_faces_come_in_the_order_asked_for(library, album):
    asked = [album["alone"][0], *album["p1"]]
    assert ids(browse.faces_by_id(library, [*asked, 999])) == asked


def test_an_empty_library_is_no_special_case(library):
    assert browse.groups(library) == browse.faces(library) == browse.failures(library) == []
    assert browse.counts(library) == (0, 0)
    assert browse.overview(library).single_faces == 0
