from pathlib import Path

import pytest

from photoclust.core.dates import parse_birthday
from photoclust.core.errors import LibraryError
from photoclust.core.regions import FoundNames, NamedRegion, TaggedName, UnplacedRegion
from photoclust.core.types import Box
from photoclust.services import browse, deciding, describing, history, naming
from photoclust.services.names_in import Told, take_over
from photoclust.store import outgoing, presences
from photoclust.store import people as people_store

FACE = Box(0.1, 0.1, 0.25, 110 / 300)
"""Where the faces of a crowd are."""
ELSEWHERE = Box(0.7, 0.5, 0.2, 0.3)


def said(*names, box=FACE, **more):
    return FoundNames(tuple(NamedRegion(name, box, "mwg", **more) for name in names))


@pytest.fixture
def faces(crowd, library):
    """Three photos of one person; the ids of their faces."""
    return crowd.photos_of(1, 3)


def photos_of(library, faces):
    return [face.photo for face in browse.faces_by_id(library, faces)]


def whole(library):
    return browse.groups(library), sorted(
        (face.id, face.person, face.confirmed) for face in browse.faces(library)
    )


def test_names_are_confirmed_in_one_act_that_can_be_undone_and_done_again(library, faces):
    photos = photos_of(library, faces)
    before = whole(library)
    told = Told({photos[0]: said("Anna"), photos[1]: said("Anna"), photos[2]: said("Bert")})
    preview = take_over(library, told, "files", dry_run=True)
    assert whole(library) == before
    report = take_over(library, told, "files")
    assert (report.names, report.drawn, report.photos) == (3, 0, 3)
    assert (report.people, report.new_people, report.same) == (2, 2, 0)
    assert (preview.names, preview.people, preview.new_people) == (3, 2, 2)
    named = {face.id: face for face in browse.faces_by_id(library, faces)}
    assert all(face.confirmed for face in named.values())
    assert named[faces[0]].person == named[faces[1]].person != named[faces[2]].person
    assert report.changes.faces >= set(faces)
    after = whole(library)
    history.undo(library)
    assert whole(library) == before
    history.redo(library)
    assert whole(library) == after
    assert take_over(library, told, "files").same == 3
    assert len([entry for entry in history.entries(library) if entry.kind == "take names"]) == 1


def test_a_box_without_a_face_becomes_a_drawn_face(library, faces):
    (photo, *_) = photos_of(library, faces)
    report = take_over(library, Told({photo: said("Anna", box=ELSEWHERE)}), "files")
    assert (report.names, report.drawn) == (1, 1)
    (anna,) = browse.people_called(library, "Anna")
    (drawn,) = [face for face in browse.faces_of_photo(library, photo) if face.drawn]
    assert drawn.person == anna.id
    assert drawn.box.iou(ELSEWHERE.scaled(400, 300)) > 0.99
    history.undo(library)
    assert [face.id for face in browse.faces_of_photo(library, photo)] == [faces[0]]
    # Asked for again, the same face is there again: no second box.
    take_over(library, Told({photo: said("Anna", box=ELSEWHERE)}), "files")
    assert {face.id for face in browse.faces_of_photo(library, photo)} == {faces[0], drawn.id}


def test_people_who_are_there_already_are_meant_also_by_another_name(library, faces):
    photos = photos_of(library, faces)
    anna = naming.name(library, f"f{faces[0]}", "Anna Müller").person
    describing.add_alias(library, f"p{anna}", "Anna Meier")
    told = Told({photos[1]: said("anna  müller"), photos[2]: said("Anna Meier")})
    assert take_over(library, told, "files").new_people == 0
    assert {face.person for face in browse.faces_by_id(library, faces)} == {anna}


def test_what_was_decided_here_stays_and_is_told(library, faces):
    photos = photos_of(library, faces)
    bert = naming.name(library, f"f{faces[0]}", "Bert").person
    deciding.reject(library, [f"f{faces[1]}"], f"p{bert}")
    deciding.exclude(library, [f"f{faces[2]}"])
    told = Told({photos[0]: said("Anna"), photos[1]: said("Bert"), photos[2]: said("Anna")})
    report = take_over(library, told, "files")
    assert report.names == 0
    assert report.new_people == 0
    assert report.entry is None
    by_photo = {conflict.photo: conflict for conflict in report.conflicts}
    assert by_photo[photos[0]].ours == "Bert"
    assert by_photo[photos[0]].path == Path("/photos/1.jpg")
    assert "not them" in by_photo[photos[1]].reason
    assert "no face" in by_photo[photos[2]].reason
    assert browse.people_called(library, "Anna") == []


def test_of_several_people_of_a_name_only_the_uid_tells_which(library, faces):
    photos = photos_of(library, faces)
    naming.name(library, f"f{faces[0]}", "Anna")
    other = naming.name(library, f"f{faces[1]}", "Anna", another=True).person
    report = take_over(library, Told({photos[2]: said("Anna")}), "files")
    assert report.names == 0
    assert "several people" in report.left[0].reason
    with library.read() as tx:
        _, uid = people_store.names_and_uids(tx)[other]
    report = take_over(
        library,
        Told({photos[2]: said("Anna", extensions={"State": "confirmed", "Person": uid})}),
        "files",
    )
    assert report.names == 1
    assert browse.faces_by_id(library, [faces[2]])[0].person == other


def test_what_cannot_be_placed_or_named_is_told(library, faces):
    photos = photos_of(library, faces)
    found = FoundNames(
        (
            NamedRegion("\u200b", FACE, "mwg"),
            NamedRegion("Doro", Box(0.8, 0.8, 0.001, 0.1), "mwg"),
            NamedRegion("Emil", ELSEWHERE, "mp", others=(Box(0, 0.6, 0.2, 0.2),), certain=False),
        ),
        (UnplacedRegion("Caro", "the picture was cropped"),),
        nameless=2,
        problems=("a.xmp: damaged",),
    )
    report = take_over(library, Told({photos[0]: found}, unknown_photos=4), "files")
    reasons = {each.name: each.reason for each in report.left}
    assert reasons.keys() == {"\u200b", "Caro", "Doro", "Emil"}
    assert reasons["Caro"] == "the picture was cropped"
    assert "too small" in reasons["Doro"]
    assert "turned" in reasons["Emil"]
    assert (report.names, report.nameless, report.unknown_photos) == (0, 2, 4)
    assert report.problems == ("a.xmp: damaged",)


def test_a_read_only_library_is_only_looked_at(library, faces):
    (photo, *_) = photos_of(library, faces)
    library.read_only = "it was opened to be looked at only"
    told = Told({photo: said("Anna")})
    assert take_over(library, told, "files", dry_run=True).names == 1
    with pytest.raises(LibraryError):
        take_over(library, told, "files")


def own(region_name, box=FACE, **values):
    """A region as photoclust itself writes it."""
    return FoundNames((NamedRegion(region_name, box, "mwg", extensions=values),))


ANNA, BERT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def test_what_photoclust_wrote_comes_back_as_it_was(library, faces):
    """Ids of people, who is hidden, who somebody is not, what is no face, who is there unseen."""
    photos = photos_of(library, faces)
    hidden = {"State": "confirmed", "Person": BERT, "Hidden": "True"}
    told = {
        photos[0]: own("Anna", State="confirmed", Person=ANNA, Rejected=f"{BERT}=Bert"),
        photos[1]: own("", State="not-a-face"),
        photos[2]: FoundNames(
            (
                NamedRegion("Bert", FACE, "mwg", hidden),
                NamedRegion("", ELSEWHERE, "mwg", {"State": "no-name", "Drawn": "True"}),
            ),
            present=((ANNA, "Anna"),),
        ),
    }
    before = whole(library)
    report = take_over(library, Told(told), "files")
    assert (report.names, report.new_people, report.drawn) == (2, 2, 0)
    assert report.others == 4
    with library.read() as tx:
        people = {uid: number for number, (_, uid) in people_store.names_and_uids(tx).items()}
        assert people_store.rejections(tx) == [(faces[0], people[BERT])]
        assert people_store.hidden_people(tx) == {people[BERT]}
        assert presences.photos_without_face(tx, people[ANNA]) == [photos[2]]
    first, second, third = browse.faces_by_id(library, faces)
    assert (first.person, third.person) == (people[ANNA], people[BERT])
    assert second.excluded
    drawn = [face for face in browse.faces_of_photo(library, photos[2]) if face.drawn]
    assert [face.person for face in drawn] == [None]
    assert take_over(library, Told(told), "files").entry is None
    history.undo(library)
    assert whole(library) == before


def test_an_id_counts_more_than_a_name(library, faces):
    photos = photos_of(library, faces)
    anna = naming.name(library, f"f{faces[0]}", "Anna").person
    with library.read() as tx:
        _, uid = people_store.names_and_uids(tx)[anna]
    naming.name(library, f"p{anna}", "Anna Meier")
    told = {photos[1]: own("Anna", State="confirmed", Person=uid)}
    assert take_over(library, Told(told), "files").new_people == 0
    assert browse.faces_by_id(library, [faces[1]])[0].person == anna


def test_a_guess_is_not_taken_for_a_decision(library, faces):
    (photo, *_) = photos_of(library, faces)
    told = {photo: own("Anna", State="suggested", Person=ANNA)}
    report = take_over(library, Told(told), "files")
    assert report.names == 0
    assert "guessed" in report.left[0].reason


def test_two_newcomers_of_one_name_are_told_apart_by_their_ids(library, faces):
    photos = photos_of(library, faces)
    told = {
        photos[0]: own("Anna", State="confirmed", Person=ANNA),
        photos[1]: own("Anna", State="confirmed", Person=BERT),
        photos[2]: said("Anna"),
    }
    assert take_over(library, Told(told), "files").new_people == 2
    first, second, third = browse.faces_by_id(library, faces)
    assert first.person == third.person != second.person


def tagged(*names, sure=True, groups=(), regions=()):
    """Names without a box."""
    words = tuple(TaggedName(name, sure, groups) for name in names)
    return FoundNames(tuple(regions), tagged=words)


def present(library, name):
    (person,) = browse.people_called(library, name)
    with library.read() as tx:
        return presences.photos_without_face(tx, person.id)


def test_names_without_a_box_say_who_is_in_a_photo_and_name_no_face(library, faces):
    photos = photos_of(library, faces)
    before = whole(library)
    told = Told({photos[0]: tagged("Anna"), photos[1]: tagged("Anna", "Bert")})
    assert take_over(library, told, "files", dry_run=True).tagged == 3
    assert whole(library) == before
    report = take_over(library, told, "files")
    assert (report.names, report.tagged, report.people, report.new_people) == (0, 3, 2, 2)
    assert present(library, "Anna") == photos[:2]
    assert present(library, "Bert") == [photos[1]]
    assert not any(face.confirmed for face in browse.faces_by_id(library, faces))
    assert report.changes.photos >= set(photos[:2])
    (entry,) = [entry for entry in history.entries(library) if entry.kind == "take names"]
    assert entry.details["tagged"] == 3
    again = take_over(library, told, "files")
    assert (again.tagged, again.same, again.entry) == (0, 3, None)
    history.undo(library)
    assert whole(library) == before
    # Asked for again, it is there again.
    assert take_over(library, told, "files").tagged == 3


def test_who_has_a_box_in_a_photo_is_not_in_it_without_one(library, faces):
    photos = photos_of(library, faces)
    anna = naming.name(library, f"f{faces[1]}", "Anna Müller").person
    describing.add_alias(library, f"p{anna}", "Anna")
    told = {
        photos[0]: tagged("bert", "Bert", regions=said("Bert").regions),
        photos[1]: tagged("Anna"),
        photos[2]: FoundNames(
            unplaced=(UnplacedRegion("Caro", "it has no box"),),
            tagged=(TaggedName("Caro", sure=True),),
        ),
    }
    report = take_over(library, Told(told), "files")
    assert (report.names, report.tagged) == (1, 0)


def test_a_plain_keyword_is_a_name_only_where_somebody_is_called_so(library, faces):
    photos = photos_of(library, faces)
    anna = naming.name(library, f"f{faces[0]}", "Anna").person
    describing.add_alias(library, f"p{anna}", "Sunny")
    deciding.reject(library, [f"f{faces[2]}"], f"p{anna}")
    told = {
        photos[0]: said("Bert", box=ELSEWHERE),
        photos[1]: tagged("anna", "sunny", "BERT", "sea", sure=False),
        photos[2]: tagged("Anna", sure=False),  # of whose face it was said that it is not hers
    }
    report = take_over(library, Told(told), "files")
    assert (report.names, report.tagged) == (1, 2)
    assert present(library, "Anna") == present(library, "Bert") == [photos[1]]
    assert browse.people_called(library, "sea") == []


def test_a_keyword_above_people_is_nobody(library, faces):
    photos = photos_of(library, faces)
    told = {photos[0]: tagged("Family"), photos[1]: tagged("Anna", groups=("family",))}
    assert take_over(library, Told(told), "files").tagged == 1
    assert browse.people_called(library, "Family") == []


def test_of_several_people_of_a_name_none_is_taken_for_a_keyword(library, faces):
    photos = photos_of(library, faces)
    naming.name(library, f"f{faces[0]}", "Anna")
    naming.name(library, f"f{faces[1]}", "Anna", another=True)
    told = {
        photos[2]: FoundNames(
            tagged=(
                TaggedName("Anna", True),
                TaggedName("Anna", True, ("friends",)),
                TaggedName("anna", False),
            )
        )
    }
    report = take_over(library, Told(told), "files")
    assert report.tagged == 0
    assert [(each.name, "several people" in each.reason) for each in report.left] == [
        ("Anna", True),
        ("anna", True),
    ]


def test_whom_the_user_took_out_of_a_photo_stays_out(library, faces):
    photos = photos_of(library, faces)
    anna = naming.name(library, f"f{faces[0]}", "Anna").person
    describing.tag(library, f"p{anna}", [photos[1]])
    describing.tag(library, f"p{anna}", [photos[1]], present=False)
    report = take_over(library, Told({photos[1]: tagged("Anna")}), "files")
    assert (report.tagged, len(report.conflicts)) == (0, 1)
    assert "not in the photo" in report.conflicts[0].reason


BORN, DATED = "1923-05-01 00:00:00|month|", "1980-01-01 00:00:00|year|about"


def facts_of(library, name):
    """Other names, birthday and chosen face of somebody."""
    (found,) = browse.people_called(library, name)
    with library.read() as tx:
        person = outgoing.people(tx)[found.id]
    return person.aliases, person.born, person.cover


def test_other_names_birthdays_covers_and_dates_come_along(library, faces):
    photos = photos_of(library, faces)
    said_of_anna = {"State": "confirmed", "Person": ANNA, "Aliases": "Oma Anna", "Born": BORN}
    told = {
        photos[0]: own("Anna", **said_of_anna),
        photos[1]: own("Anna", box=ELSEWHERE, **said_of_anna, Cover="True"),
        photos[2]: FoundNames(dated=DATED),
    }
    before = whole(library)
    report = take_over(library, Told(told), "files")
    assert (report.names, report.others) == (2, 4)
    (drawn,) = [face.id for face in browse.faces_of_photo(library, photos[1]) if face.drawn]
    assert facts_of(library, "Anna") == (("Oma",), BORN, drawn)
    with library.read() as tx:
        assert outgoing.dated(tx, photos) == {photos[2]: DATED}
    assert take_over(library, Told(told), "files").entry is None
    history.undo(library)
    assert whole(library) == before


def test_last_and_first_name_may_stand_the_other_way_about(library, faces):
    photos = photos_of(library, faces)
    anna = naming.name(library, f"f{faces[0]}", "Anna Meier").person
    bert = naming.name(library, f"f{faces[1]}", "Huber, Bert").person
    told = {
        photos[0]: said("MEIER, Anna").with_others(tagged("Bert Huber", "Zoe")),
        photos[1]: tagged("Meier,Anna", "Meier, Anna, and others"),
        photos[2]: said("Meier, Caro").with_others(tagged("Caro Meier", ",")),
    }
    report = take_over(library, Told(told), "files")
    assert (report.same, report.names, report.tagged, report.new_people) == (1, 1, 5, 4)
    assert present(library, "Anna Meier") == [photos[1]]
    assert present(library, "Huber, Bert") == [photos[0]]
    assert {anna, bert} < {group.id for group in browse.groups(library) if group.name}
    # Of two, whoever is called exactly so.
    naming.name(library, f"f{faces[2]}", "Meier, Anna", another=True)
    assert take_over(library, Told({photos[2]: said("Meier, Anna")}), "files").same == 1


def test_what_is_said_of_a_person_here_stays(library, faces):
    photos = photos_of(library, faces)
    anna = naming.name(library, f"f{faces[0]}", "Anna").person
    naming.name(library, f"f{faces[1]}", "Oma")
    describing.set_birthday(library, f"p{anna}", parse_birthday("1950"))
    describing.choose_cover(library, f"f{faces[0]}")
    describing.add_alias(library, f"p{anna}", "Anni")
    describing.remove_alias(library, f"p{anna}", "Anni")
    before = facts_of(library, "Anna")
    values = {"State": "confirmed", "Cover": "True", "Born": BORN, "Aliases": "Anni Oma"}
    with library.read() as tx:
        _, values["Person"] = people_store.names_and_uids(tx)[anna]
    report = take_over(library, Told({photos[2]: own("Anna", **values)}), "files")
    assert (report.names, report.others) == (1, 0)
    assert facts_of(library, "Anna") == before


@pytest.mark.parametrize("text", ["yesterday", "1980-01-01", "1500-01-01 00:00:00|year|", "||"])
def test_a_date_that_is_none_is_passed_over(library, faces, text):
    (photo, *_) = photos_of(library, faces)
    values = {"State": "confirmed", "Person": ANNA, "Born": text}
    found = own("Anna", **values).with_others(FoundNames(dated=text))
    report = take_over(library, Told({photo: found}), "files")
    assert (report.names, report.others) == (1, 0)
