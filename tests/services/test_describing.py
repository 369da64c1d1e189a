"""Aliases, birthdays, covers, tags, turned views: one act each, told in words, undone, redone."""

import pytest

from photoclust.core.dates import parse_birthday, parse_date
from photoclust.core.errors import UserError
from photoclust.core.types import Box, GroupKind
from photoclust.services import browse, deciding, describing, history, naming
from photoclust.store import cluster_table, decisions, guesses, journal
from photoclust.store.cluster_table import ClusterContent


@pytest.fixture
def faces(crowd):
    """Four faces of Anna, two of Berta, and one of nobody's."""
    return crowd.photos_of(1, 4) + crowd.photos_of(2, 2) + crowd.photos_of(3, 1)


@pytest.fixture
def anna(library, faces):
    number = naming.name(library, f"f{faces[0]}", "Anna").person
    deciding.move(library, [f"f{face}" for face in faces[1:4]], f"p{number}")
    return number


@pytest.fixture
def berta(library, faces):
    number = naming.name(library, f"f{faces[4]}", "Berta").person
    deciding.move(library, [f"f{faces[5]}"], f"p{number}")
    return number


@pytest.fixture
def photos(library, faces):
    """The photo of each face."""
    return [face.photo for face in browse.faces_by_id(library, faces)]


def group_of(library, person):
    return browse.person(library, person)


def seen(library):
    """What a user can see."""
    groups = browse.groups(library), browse.groups(library, hidden=True)
    every = browse.photos(library)
    return *groups, every, browse.people_without_face(library, [photo.id for photo in every])


def newest(library):
    (entry,) = history.entries(library, limit=1)
    return entry.kind, history.title(entry)


@pytest.fixture
def reversible(library):
    """Carries out an act that can be undone and redone; gives its kind and words."""

    def carry_out(act, *details, **more):
        before = seen(library)
        changes = act(library, *details, **more)
        after = seen(library)
        assert after != before
        told = newest(library)
        history.undo(library)
        assert seen(library) == before
        history.redo(library)
        assert seen(library) == after
        with library.read() as tx:
            assert journal.standing(tx) == decisions.everything(tx)
            assert guesses.count_stale(tx) == 0
        return changes, told

    return carry_out


# Aliases


def test_a_person_is_found_and_named_by_an_alias(library, anna, faces, reversible):
    changes, told = reversible(describing.add_alias, f"p{anna}", "  Ännchen ")
    assert changes.people == {anna}
    assert told == ("alias", "Noted that Anna is also called Ännchen")
    assert group_of(library, anna).aliases == ("Ännchen",)
    assert [group.id for group in browse.people_called(library, "ÄNNCHEN")] == [anna]
    named = naming.name(library, f"f{faces[6]}", "ännchen")
    assert (named.person, named.name, named.known) == (anna, "Anna", True)
    assert naming.name(library, f"f{faces[6]}", "Ännchen", into=anna).person == anna


def test_an_alias_is_taken_away_however_it_is_spelled(library, anna, reversible):
    describing.add_alias(library, f"p{anna}", "Ännchen")
    _, told = reversible(describing.remove_alias, f"p{anna}", "ÄNNCHEN")
    assert told == ("no alias", "Noted that Anna is not called Ännchen any more")
    assert group_of(library, anna).aliases == ()
    with pytest.raises(UserError, match="has no alias Nan; they are also called nothing else"):
        describing.remove_alias(library, f"p{anna}", "Nan")


def test_another_spelling_replaces_an_alias(library, anna):
    for spelling in ("nan", "NAN", "Nan"):
        describing.add_alias(library, f"p{anna}", spelling)
    assert group_of(library, anna).aliases == ("Nan",)


def test_an_alias_that_is_somebody_else_is_refused(library, anna, berta):
    describing.add_alias(library, f"p{berta}", "Bibi")
    for taken in ("berta", "BIBI"):
        with pytest.raises(UserError, match=f"is p{berta}; photoclust merge p{anna} p{berta}"):
            describing.add_alias(library, f"p{anna}", taken)
    with pytest.raises(UserError, match="is called Anna already"):
        describing.add_alias(library, f"p{anna}", "ANNA")
    with pytest.raises(UserError, match="the name is empty"):
        describing.add_alias(library, f"p{anna}", " ")
    with pytest.raises(UserError, match="there is no p99"):
        describing.add_alias(library, "p99", "Nan")


def test_a_name_counts_more_than_an_alias(library, anna, faces):
    describing.add_alias(library, f"p{anna}", "Nan")
    other = naming.name(library, f"f{faces[6]}", "Nan", another=True).person
    assert [group.id for group in browse.people_called(library, "Nan")] == [other]


def test_an_alias_that_becomes_the_name_is_no_alias_any_more(library, anna):
    describing.add_alias(library, f"p{anna}", "Nan")
    naming.name(library, f"p{anna}", "NAN")
    group = group_of(library, anna)
    assert (group.name, group.aliases) == ("NAN", ())
    history.undo(library)
    assert group_of(library, anna).aliases == ("Nan",)


def test_who_is_merged_away_is_found_by_their_names(library, anna, berta, photos, reversible):
    describing.add_alias(library, f"p{berta}", "Bibi")
    describing.set_birthday(library, f"p{berta}", parse_birthday("1950"))
    describing.tag(library, f"p{berta}", photos[:1] + photos[6:])
    reversible(deciding.merge, f"p{berta}", f"p{anna}")
    group = group_of(library, anna)
    assert (group.name, group.aliases) == ("Anna", ("Berta", "Bibi"))
    assert (group.faces, group.photos) == (6, 7)
    assert group.birthday == parse_birthday("1950")
    history.undo(library)
    assert group_of(library, anna).aliases == ()
    assert group_of(library, berta).aliases == ("Bibi",)


# Birthdays


def test_a_birthday_is_listed_and_told(library, anna, reversible):
    born = parse_birthday("May 1923")
    _, told = reversible(describing.set_birthday, f"p{anna}", born)
    assert told == ("birthday", "Noted the birthday of Anna: May 1923")
    assert group_of(library, anna).birthday == born
    _, told = reversible(describing.set_birthday, f"p{anna}", None)
    assert told == ("birthday", "Noted the birthday of Anna: unknown")
    with pytest.raises(UserError, match="a birthday cannot be about 1923"):
        describing.set_birthday(library, f"p{anna}", parse_date("about 1923"))


def test_ages_are_of_everybody_in_the_photo_whose_birthday_is_known(library, anna, berta, photos):
    describing.set_birthday(library, f"p{anna}", parse_birthday("1950"))
    describing.set_birthday(library, f"p{berta}", parse_birthday("12 May 1960"))
    describing.tag(library, f"p{berta}", photos[:1])
    deciding.set_date(library, photos[:2], parse_date("May 1970"))

    def ages(photo):
        found = browse.ages(library, browse.existing_photo(library, photo))
        return {person: years.describe() for person, years in found.items()}

    assert ages(photos[0]) == {anna: "19–20", berta: "9–10"}
    assert ages(photos[1]) == {anna: "19–20"}
    assert ages(photos[2]) == {}, "the time of a file says nothing"


# Covers


def test_a_chosen_face_stands_for_its_person_as_long_as_it_is_theirs(
    library, anna, faces, reversible
):
    best = group_of(library, anna).cover
    chosen = next(face for face in faces[:4] if face != best)
    _, told = reversible(describing.choose_cover, f"f{chosen}")
    assert told == ("cover", "Chose the picture of Anna")
    assert group_of(library, anna).cover == chosen
    deciding.exclude(library, [f"f{chosen}"])
    assert group_of(library, anna).cover == best
    deciding.exclude(library, [f"f{chosen}"], excluded=False)
    assert group_of(library, anna).cover == chosen
    _, told = reversible(describing.reset_cover, f"p{anna}")
    assert told == ("cover", "Chose the picture of Anna: the best one")
    assert group_of(library, anna).cover == best
    with pytest.raises(UserError, match=f"nobody is shown for f{faces[6]}; name it first"):
        describing.choose_cover(library, f"f{faces[6]}")


# People without a face


def test_a_photo_is_of_who_is_in_it_without_a_face(library, anna, photos, reversible):
    changes, told = reversible(describing.tag, f"p{anna}", photos[:1] + photos[5:])
    assert changes.photos == {photos[0], *photos[5:]}
    assert told == ("tag", "Tagged Anna in 3 photos")
    group = group_of(library, anna)
    assert (group.faces, group.photos) == (4, 6), "a photo with a face of hers counts once"
    assert {photo.id for photo in browse.photos_of(library, f"p{anna}")} == {
        *photos[:4],
        *photos[5:],
    }
    assert browse.people_without_face(library, photos[4:6]) == {photos[5]: [(anna, "Anna")]}
    _, told = reversible(describing.tag, f"p{anna}", photos[5:6], present=False)
    assert told == ("untag", "Took the tag away: Anna in 1 photo")
    assert group_of(library, anna).photos == 5
    deciding.hide(library, [f"p{anna}"])
    assert browse.people_without_face(library, photos) == {}


def test_a_tag_that_is_there_already_is_no_act(library, anna, photos):
    describing.tag(library, f"p{anna}", photos[5:])
    before = history.entries(library)
    describing.tag(library, f"p{anna}", photos[5:])
    assert history.entries(library) == before


def test_who_is_deleted_is_in_no_photo(library, anna, photos, reversible):
    describing.tag(library, f"p{anna}", photos[5:])
    reversible(deciding.delete, f"p{anna}")
    assert browse.people_without_face(library, photos) == {}


# Turned views


def test_a_photo_is_shown_turned_by_what_all_turns_come_to(library, faces, photos, reversible):
    _, told = reversible(describing.turn, photos[:2], 90)
    assert told == ("turn", "Turned 2 photos")
    describing.turn(library, photos[1:3], -90)
    turned = [browse.existing_photo(library, photo).view_turn for photo in photos[:4]]
    assert turned == [90, 0, 270, 0]
    for photo in photos[:3]:
        found = browse.existing_photo(library, photo)
        (face,) = browse.faces_of_photo(library, photo)
        assert face.box.iou(Box(40, 30, 100, 110)) > 0.999, "boxes are of the upright picture"
        shown = face.box.turned(found.view_turn, found.width, found.height)
        sides = (found.width, found.height)
        back = shown.turned(-found.view_turn, *(sides[::-1] if found.view_turn % 180 else sides))
        assert back.iou(face.box) > 0.999


# Hiding small groups


def test_small_groups_are_hidden_at_once(library, anna, faces, crowd, reversible):
    three, two = crowd.photos_of(8, 3), crowd.photos_of(9, 2)
    with library.write() as tx:
        content = [ClusterContent(None, None, each) for each in (three, two)]
        cluster_table.replace_clusters(tx, [*content, ClusterContent(None, None, faces[6:])])

    def loose():
        return [g.photos for g in browse.groups(library) if g.kind is GroupKind.CLUSTER]

    assert loose() == [3, 2, 1]
    _, told = reversible(deciding.hide_small_groups, 3)
    assert told == ("hide", "Hid 2 groups in fewer than 3 photos")
    assert loose() == [3]
    assert len(browse.groups(library, hidden=True)) == 2
    assert group_of(library, anna).photos == 4, "people with a name stay"
    before = history.entries(library)
    assert deciding.hide_small_groups(library, 3)[0] == 0
    assert history.entries(library) == before
