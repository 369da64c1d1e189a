import pytest
from sqlalchemy import select

from photoclust.core.errors import UserError
from photoclust.core.types import PersonId
from photoclust.services import browse, history, naming
from photoclust.services.naming import name
from photoclust.store import cluster_table, schema
from photoclust.store.cluster_table import ClusterContent


@pytest.fixture
def groups(library, crowd):
    """Two groups of two and three faces, and a face in none; the keys and the faces."""
    two, three, alone = crowd.photos_of(1, 2), crowd.photos_of(2, 3), crowd.photos_of(3, 1)
    with library.write() as tx:
        cluster_table.replace_clusters(
            tx, [ClusterContent(None, None, two), ClusterContent(None, None, three)]
        )
        first, second = tx.execute(select(schema.cluster.c.id)).scalars()
    return {f"g{first}": two, f"g{second}": three, f"f{alone[0]}": alone}


def shown(library):
    return {face.id: face.person for face in browse.faces(library)}


def names(library):
    return {item.key: item.name for item in browse.groups(library)}


@pytest.mark.parametrize("key", ["p99", "g99", "f99"])
def test_what_is_not_there_cannot_be_named(library, groups, key):
    with pytest.raises(UserError, match=f"there is no {key}"):
        name(library, key, "Anna")
    assert set(names(library)) == {key for key in groups if key[0] == "g"}


# Groups and faces


def test_a_named_group_becomes_a_person(library, groups):
    key, *_ = groups
    named = name(library, key, " Anna  Schmidt ")
    assert named.name == "Anna Schmidt"
    assert {face for face, person in shown(library).items() if person == named.person} == {
        *groups[key]
    }
    assert named.changes.faces == {*groups[key]}
    assert named.changes.people == {named.person}
    assert key not in names(library)
    assert names(library)[f"p{named.person}"] == "Anna Schmidt"


def test_a_group_given_a_known_name_joins_that_person(library, groups):
    first, second, face = groups
    anna = name(library, first, "Jos\u00e9").person
    assert name(library, second, "JOSE\u0301").person == anna
    assert name(library, face, "jos\u00e9").person == anna
    assert set(shown(library).values()) == {anna}
    assert names(library) == {f"p{anna}": "Jos\u00e9"}


def test_another_person_of_the_same_name_is_possible(library, groups):
    first, second, _ = groups
    anna = name(library, first, "Anna").person
    other = name(library, second, "Anna", another=True).person
    assert other != anna
    assert names(library).items() >= {(f"p{anna}", "Anna"), (f"p{other}", "Anna")}


def test_where_two_have_the_name_it_must_be_said_which(library, groups):
    first, second, face = groups
    anna = name(library, first, "Anna").person
    other = name(library, second, "Anna", another=True).person
    with pytest.raises(UserError, match="2 people are called anna") as caught:
        name(library, face, "anna")
    assert f"p{anna}" in str(caught.value)
    assert f"p{other}" in str(caught.value)
    assert name(library, face, "anna", into=other).person == other


def test_a_single_face_can_be_moved(library, groups):
    first, second, _ = groups
    anna = name(library, first, "Anna").person
    otto = name(library, second, "Otto").person
    face = groups[first][0]
    named = name(library, f"f{face}", "Otto")
    assert shown(library)[face] == otto
    assert named.changes.people == {anna, otto}


def test_naming_a_group_again_the_same_way_changes_nothing(library, groups):
    key, *_ = groups
    anna = name(library, key, "Anna").person
    before = shown(library)
    assert name(library, key, "ANNA").person == anna
    assert shown(library) == before


def test_a_group_that_is_somebody_is_not_silently_somebody_else(library, groups):
    key, *_ = groups
    name(library, key, "Anna")
    before = names(library), shown(library)
    with pytest.raises(UserError, match=f"group {key} has no face without a name"):
        name(library, key, "Otto")
    assert (names(library), shown(library)) == before


# People


def test_a_person_is_renamed(library, groups):
    key, *_ = groups
    anna = name(library, key, "Anna").person
    named = name(library, f"p{anna}", "anna maria")
    assert (named.person, named.name) == (anna, "anna maria")
    assert name(library, f"p{anna}", "Anna Maria").name == "Anna Maria"


def test_a_name_that_another_person_has_must_be_meant(library, groups):
    first, second, _ = groups
    anna = name(library, first, "Anna").person
    otto = name(library, second, "Otto").person
    with pytest.raises(UserError, match=f"also p{anna}"):
        name(library, f"p{otto}", "ANNA")
    assert names(library)[f"p{otto}"] == "Otto"
    assert name(library, f"p{otto}", "Anna", another=True).person == otto
    assert names(library)[f"p{otto}"] == "Anna"


def test_two_people_are_joined(library, groups):
    first, second, _ = groups
    anna = name(library, first, "Anna").person
    otto = name(library, second, "Otto").person
    named = name(library, f"p{otto}", "anna", into=anna)
    assert (named.person, named.name) == (anna, "Anna")
    assert f"p{otto}" not in names(library)
    assert {shown(library)[face] for face in groups[first] + groups[second]} == {anna}
    assert name(library, f"p{anna}", "Anna", into=anna).person == anna


def test_a_mistyped_target_does_not_join_two_people(library, groups):
    first, second, _ = groups
    anna = name(library, first, "Anna").person
    with pytest.raises(UserError, match=f"p{anna} is called Anna, not Otto"):
        name(library, second, "Otto", into=anna)
    assert shown(library).get(groups[second][0]) is None


def test_it_is_told_whether_the_person_was_known(library, groups):
    first, second, third = groups
    assert not name(library, first, "Anna").known
    assert name(library, second, "ANNA").known
    assert not name(library, third, "Anna", another=True).known


def test_who_is_not_there_can_be_nobodys_target(library, groups):
    key, *_ = groups
    with pytest.raises(UserError, match="no person p99"):
        name(library, key, "Anna", into=PersonId(99))


# Names


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_an_empty_name_is_refused_and_nothing_changes(library, groups, text):
    before = names(library)
    for key in groups:
        with pytest.raises(UserError, match="empty"):
            name(library, key, text)
    assert names(library) == before


def test_an_error_leaves_no_half_made_person(library, groups):
    key, *_ = groups
    anna = name(library, key, "Anna").person
    with pytest.raises(UserError):
        naming.name(library, key, "Somebody Else")
    assert [item.id for item in browse.people_called(library, "somebody else")] == []
    assert names(library)[f"p{anna}"] == "Anna"


# Several at once


def test_several_groups_and_faces_are_one_person_by_one_act(library, groups):
    named = naming.name_all(library, list(groups), "Anna")
    assert set(shown(library).values()) == {named.person}
    assert not named.known
    history.undo(library)
    assert set(shown(library).values()) == {None}


def test_several_groups_join_who_has_the_name(library, groups):
    first, second, face = groups
    anna = name(library, first, "Anna").person
    named = naming.name_all(library, [second, face], "anna", into=anna)
    assert (named.person, named.known) == (anna, True)
    assert set(shown(library).values()) == {anna}


def test_faces_move_from_one_person_to_another(library, groups):
    first, second, _ = groups
    anna = name(library, first, "Anna").person
    berta = name(library, second, "Berta").person
    moved = groups[second][0]
    naming.name_all(library, [f"f{moved}"], "Anna")
    assert {face for face, person in shown(library).items() if person == anna} == {
        *groups[first],
        moved,
    }
    assert berta in shown(library).values()
    assert history.next_steps(library).undo == "Moved 1 face to Anna"


def test_nothing_is_named_where_one_of_several_has_a_name(library, groups):
    first, second, _ = groups
    anna = name(library, first, "Anna").person
    with pytest.raises(UserError, match=f"p{anna} is Anna already"):
        naming.name_all(library, [second, f"p{anna}"], "Berta")
    assert list(names(library).values()).count(None) == 1
    with pytest.raises(UserError, match="nothing is chosen"):
        naming.name_all(library, [], "Berta")
