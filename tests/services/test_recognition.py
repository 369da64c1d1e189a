"""Recognition of the faces of a library whose people are made up."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from photoclust.core.dates import parse_birthday, parse_date
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services import (
    browse,
    deciding,
    describing,
    doubting,
    explaining,
    grouping,
    history,
    naming,
    recognition,
    reviewing,
)
from photoclust.services.recognition import LibraryRecognizer
from photoclust.store import cluster_table, recognitions
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library

SETTINGS = Settings()
NOBODY_NAMED = Settings(naming_precision=1.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory, crowd_in):
    """A library, made once: twelve people of whom three faces each are confirmed, with twelve more
    faces each of the first two; a stranger with five. Its folder, the ids of the faces by person,
    and how many there are.
    """
    folder = tmp_path_factory.mktemp("made") / "library"
    with Library(folder) as opened:
        crowd = crowd_in(opened)
        for number in range(12):
            mine = crowd.photos_of(number, 3)
            named = naming.name(opened, f"f{mine[0]}", f"Person {number}")
            deciding.move(opened, [f"f{face}" for face in mine[1:]], f"p{named.person}")
        more = {number: crowd.photos_of(number, 12) for number in (0, 1)}
        return folder, {**more, "stranger": crowd.photos_of(99, 5)}, crowd.made


@pytest.fixture
def known(made, tmp_path):
    """A copy of it."""
    shutil.copytree(made[0], tmp_path / "known")
    with Library(tmp_path / "known") as opened:
        yield opened


@pytest.fixture
def people(made):
    return made[1]


@pytest.fixture
def more(known, made, crowd_in):
    """Puts more photos into the copy."""
    return crowd_in(known, made[2])


def shown(library, faces):
    with library.read() as tx:
        found = {face.id: face for face in face_store.faces(tx, ids=list(faces))}
    return [found[face].person for face in faces]


def person_called(library, name):
    with library.read() as tx:
        (number,) = people_store.find_people(tx, name)
    return number


def test_new_faces_of_known_people_are_named_and_strangers_are_not(known, people):
    report = recognition.recognize(known, SETTINGS)
    assert set(shown(known, people[0])) == {person_called(known, "Person 0")}
    assert set(shown(known, people[1])) == {person_called(known, "Person 1")}
    assert set(shown(known, people["stranger"])) == {None}
    assert (report.people, report.faces, report.named) == (12, 29, 24)
    assert set(report.newly_named) == {*people[0], *people[1]}
    assert report.offers[0.995] == 24
    assert history.entries(known, limit=1)[0].id == report.entry


def test_names_given_automatically_are_no_decision_and_no_evidence(known, people):
    recognition.recognize(known, SETTINGS)
    with known.read() as tx:
        faces = face_store.faces(tx, ids=people[0])
        assert not any(face.confirmed for face in faces)
        confirmed = people_store.faces_confirmed_as(tx, person_called(known, "Person 0"))
    assert not set(confirmed) & set(people[0])
    again = recognition.recognize(known, SETTINGS)
    assert (again.newly_named, again.entry, again.people) == ((), None, 12)


def test_all_names_of_a_run_are_taken_back_as_one_and_stay_so(known, people):
    report = recognition.recognize(known, SETTINGS)
    history.undo(known, report.entry)
    assert set(shown(known, people[0])) == {None}
    again = recognition.recognize(known, SETTINGS)
    assert set(shown(known, people[0])) == {None}
    assert again.newly_named == ()
    assert again.asked == 24
    history.redo(known)
    assert None not in shown(known, people[0])


def test_what_was_rejected_is_not_named_so_again(known, people):
    anna = person_called(known, "Person 0")
    deciding.reject(known, [f"f{people[0][0]}"], f"p{anna}")
    recognition.recognize(known, SETTINGS)
    assert shown(known, people[0])[0] is None


def test_a_precision_that_nothing_reaches_names_nobody(known, people):
    report = recognition.recognize(known, replace(SETTINGS, naming_precision=1.0))
    assert (report.named, report.newly_named) == (0, ())
    assert report.asked == 24


def test_a_confirmed_group_lets_the_rest_of_the_person_be_found(known, people):
    recognizer = LibraryRecognizer(known, SETTINGS)
    recognizer.update()
    stranger = people["stranger"]
    named = naming.name(known, f"f{stranger[0]}", "Zoe")
    deciding.move(known, [f"f{face}" for face in stranger[1:3]], f"p{named.person}")
    report = recognizer.update()
    assert set(report.newly_named) == set(stranger[3:])
    assert set(shown(known, stranger)) == {named.person}
    # The same as whoever looks at the library for the first time finds.
    with known.read() as tx:
        kept = recognitions.load(tx)
    recognition.recognize(known, SETTINGS)
    with known.read() as tx:
        fresh = recognitions.load(tx)
    np.testing.assert_array_equal(kept.face, fresh.face)
    np.testing.assert_array_equal(kept.person, fresh.person)
    np.testing.assert_array_equal(kept.named, fresh.named)
    assert np.abs(kept.probability - fresh.probability).max() <= 0.01


def test_new_photos_are_recognised_by_who_was_there_before(known, more, people):
    recognizer = LibraryRecognizer(known, SETTINGS)
    recognizer.update()
    new = more.photos_of(0, 4)
    assert set(recognizer.update().newly_named) == set(new)


def test_a_face_that_is_none_is_not_judged(known, people):
    recognizer = LibraryRecognizer(known, SETTINGS)
    recognizer.update()
    deciding.exclude(known, [f"f{people[0][0]}"])
    report = recognizer.update()
    assert (report.faces, report.named) == (28, 23)
    assert shown(known, people[0])[0] is None
    deciding.exclude(known, [f"f{people[0][0]}"], excluded=False)
    assert recognizer.update().named == 24


def test_a_library_whose_faces_are_all_none_has_nobody(library, crowd):
    faces = crowd.photos_of(0, 4)
    naming.name(library, f"f{faces[0]}", "Anna")
    recognizer = LibraryRecognizer(library, SETTINGS)
    recognizer.update()
    deciding.exclude(library, [f"f{face}" for face in faces])
    report = recognizer.update()
    assert (report.people, report.faces, report.named) == (0, 0, 0)


def test_a_name_that_was_taken_back_is_not_given_after_a_detour(known, people):
    report = recognition.recognize(known, SETTINGS)
    history.undo(known, report.entry)
    anna, berta = (person_called(known, f"Person {number}") for number in (0, 1))
    merged = deciding.merge(known, f"p{anna}", f"p{berta}").entry
    recognition.recognize(known, SETTINGS)
    history.undo(known, merged)
    again = recognition.recognize(known, SETTINGS)
    assert set(shown(known, people[0])) == {None}
    assert again.asked == 24


def test_who_is_given_another_name_than_automatically_was_mixed_up(known, people, tmp_path):
    """As if the user had also said that they are not whom they were taken for."""
    taken, rest = people[0][:3], people[0][3:]
    likeness = []
    for settings in (NOBODY_NAMED, SETTINGS):
        folder = tmp_path / f"named at {settings.naming_precision}"
        shutil.copytree(known.folder, folder)
        with Library(folder) as library:
            recognition.recognize(library, settings)
            deciding.move(
                library,
                [f"f{face}" for face in taken],
                f"p{person_called(library, 'Person 1')}",
            )
            outcome = LibraryRecognizer(library, settings).judge()
            at = np.searchsorted(outcome.ids[outcome.found.rows], rest)
            assert set(outcome.found.person[at]) == {person_called(library, "Person 0")}
            likeness.append(outcome.found.likeness[at])
    assert (likeness[1] <= likeness[0]).all()
    assert (likeness[1] < likeness[0]).any()


def test_nobody_known_is_nothing_to_do(library, crowd):
    assert recognition.catch_up(library, SETTINGS) is None
    crowd.photos_of(0, 3)
    assert recognition.catch_up(library, SETTINGS) is None
    report = recognition.recognize(library, SETTINGS)
    assert (report.people, report.named, report.asked) == (0, 0, 0)


def test_who_ends_takes_the_names_along(known, people):
    recognition.recognize(known, SETTINGS)
    anna = person_called(known, "Person 0")
    deciding.delete(known, f"p{anna}")
    report = recognition.catch_up(known, SETTINGS)
    assert set(shown(known, people[0])) == {None}
    assert report is not None
    assert report.people == 11


def test_the_last_word_about_the_last_person_leaves_no_verdict(library, crowd):
    faces = crowd.photos_of(0, 8)
    named = naming.name(library, f"f{faces[0]}", "Anna")
    recognition.recognize(library, replace(SETTINGS, naming_precision=0.6))
    deciding.delete(library, f"p{named.person}")
    report = recognition.catch_up(library, SETTINGS)
    assert report is not None
    with library.read() as tx:
        assert len(recognitions.load(tx)) == 0


def test_a_cancelled_recognition_writes_nothing(known, people):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        recognition.recognize(known, SETTINGS, control=control)
    with known.read() as tx:
        assert len(recognitions.load(tx)) == 0


def test_a_slip_is_doubted(known, people):
    berta = person_called(known, "Person 1")
    deciding.move(
        known, [f"f{face}" for face in people[0][:5]], f"p{person_called(known, 'Person 0')}"
    )
    deciding.move(known, [f"f{people[0][5]}"], f"p{berta}")
    found = doubting.doubts(known, SETTINGS, 10)
    assert [each.face.id for each in found] == [people[0][5]]
    assert (found[0].name, found[0].other_name) == ("Person 1", "Person 0")
    assert found[0].doubt > 0.9
    assert doubting.doubts(known, SETTINGS, 0) == []


def test_a_few_slips_do_not_silence_recognition(known, people, more):
    before = recognition.recognize(known, SETTINGS).named
    for person, other in ((0, 1), (1, 2), (0, 3)):
        (slip,) = more.photos_of(person, 1)
        deciding.move(known, [f"f{slip}"], f"p{person_called(known, f'Person {other}')}")
    after = recognition.recognize(known, SETTINGS)
    assert before == 24
    assert after.named >= 20
    assert {each.name for each in doubting.doubts(known, SETTINGS, 10)} == {
        "Person 1",
        "Person 2",
        "Person 3",
    }


def test_who_is_known_twice_is_told_and_costs_nobody_else_a_name(known, people):
    recognition.recognize(known, SETTINGS)
    anna, bert = (person_called(known, f"Person {number}") for number in (0, 1))
    with known.read() as tx:
        confirmed = people_store.faces_confirmed_as(tx, anna)
    naming.name(known, f"f{confirmed[0]}", "Persona 0")
    report = recognition.recognize(known, SETTINGS)
    (pair,) = report.may_be_one
    assert {pair.one_name, pair.other_name} == {"Person 0", "Persona 0"}
    assert pair.one < pair.other
    assert set(shown(known, people[1])) == {bert}
    deciding.merge(known, f"p{pair.other}", f"p{pair.one}")
    assert recognition.recognize(known, SETTINGS).may_be_one == ()
    assert set(shown(known, people[0])) == {anna}


# --- why ----------------------------------------------------------------------------------------


def test_why_tells_the_three_nearest_confirmed_faces_and_the_runner_up(known, people):
    recognition.recognize(known, SETTINGS)
    found = explaining.why(known, f"f{people[0][0]}")
    anna = person_called(known, "Person 0")
    assert (found.origin, found.candidate.person) == ("recognised", anna)
    with known.read() as tx:
        confirmed = people_store.faces_confirmed_as(tx, anna)
    assert {each.face.id for each in found.candidate.nearest} == set(confirmed)
    similarities = [each.similarity for each in found.candidate.nearest]
    assert similarities == sorted(similarities, reverse=True)
    assert found.runner_up.person != anna
    assert found.margin == found.candidate.similarity - found.runner_up.similarity > 0.2
    assert found.candidate.probability > 0.9


def test_why_of_other_faces(known, people):
    report = recognition.recognize(known, SETTINGS)
    assert explaining.why(known, f"f{people['stranger'][0]}").origin == "nothing"
    history.undo(known, report.entry)
    assert explaining.why(known, f"f{people[0][0]}").origin == "taken back"
    deciding.confirm(known, [f"f{people[0][0]}"])
    assert explaining.why(known, f"f{people[0][0]}").origin == "confirmed"


# --- review -------------------------------------------------------------------------------------


def test_questions_are_about_groups_first_and_answers_are_followed(known, people, in_process):
    grouping.group(known)
    recognizer = LibraryRecognizer(known, NOBODY_NAMED)
    recognizer.update()
    found = reviewing.review(recognizer, known, 10)
    assert found.count == len(found.questions)
    # Those of Person 0 and 1 are in the groups that go with them, or ask whether they are.
    gains = [each.gain for each in found.questions]
    assert gains == sorted(gains, reverse=True)
    who = [each for each in found.questions if each.person is None]
    assert [set(each.faces) for each in who] == [set(people["stranger"])]
    first = found.questions[0]
    assert first.key.startswith("g")
    assert first.probability > 0.9
    answer = reviewing.yes(known, NOBODY_NAMED, first.key)
    assert answer.person == first.person
    assert set(shown(known, first.faces)) == {first.person}
    recognizer.update()
    left = reviewing.review(recognizer, known, 10)
    assert left.count == found.count - 1
    assert left.answers_left == found.answers_left - 1


def test_no_is_remembered_for_a_whole_group(known, people, in_process):
    grouping.group(known)
    recognizer = LibraryRecognizer(known, NOBODY_NAMED)
    recognizer.update()
    first = reviewing.review(recognizer, known, 1).questions[0]
    reviewing.no(known, NOBODY_NAMED, first.key)
    recognizer.update()
    asked = reviewing.review(recognizer, known, 10).questions
    assert (first.key, first.person) not in {(each.key, each.person) for each in asked}
    with known.read() as tx:
        assert {face for face, _ in people_store.rejections(tx)} >= set(first.faces)


def test_only_what_is_asked_can_be_answered_without_saying_who(known, people, in_process):
    grouping.group(known)
    asked = reviewing.review(LibraryRecognizer(known, NOBODY_NAMED), known, 10).questions
    (who,) = [each.key for each in asked if each.person is None]
    for answer in (reviewing.yes, reviewing.no):
        with pytest.raises(UserError, match=f"name {who} NAME"):
            answer(known, NOBODY_NAMED, who)
        with pytest.raises(UserError, match="nothing is asked about f1"):
            answer(known, NOBODY_NAMED, "f1")
    anna = person_called(known, "Person 0")
    reviewing.no(known, NOBODY_NAMED, who, f"p{anna}")
    with known.read() as tx:
        assert {(face, anna) for face in people["stranger"]} <= set(people_store.rejections(tx))
    about = reviewing.review(LibraryRecognizer(known, NOBODY_NAMED), known, 10, f"p{anna}")
    assert {each.person for each in about.questions} == {anna}


def test_a_face_hardly_like_anybody_is_told_to_be_so(known, people, in_process):
    grouping.group(known)
    recognition.recognize(known, SETTINGS)
    face = people["stranger"][0]
    with known.write() as tx:
        person = person_called(known, "Person 3")
        cluster_table.replace_clusters(tx, [ClusterContent(None, person, [face])])
    recognition.recognize(known, SETTINGS)
    found = explaining.why(known, f"f{face}")
    assert found.origin == "unlikely"
    assert found.candidate.probability < 0.2


def test_nobody_is_asked_about_who_was_hidden(known, people, in_process):
    grouping.group(known)
    recognizer = LibraryRecognizer(known, NOBODY_NAMED)
    before = reviewing.review(recognizer, known, 10)
    anna = person_called(known, "Person 0")
    assert anna in {each.person for each in before.questions}
    deciding.hide(known, [f"p{anna}"])
    after = reviewing.review(recognizer, known, 10)
    assert anna not in {each.person for each in after.questions}
    assert after.count < before.count


def test_yes_and_no_about_a_single_face(known, people):
    report = recognition.recognize(known, SETTINGS)
    history.undo(known, report.entry)
    one, other = people[0][:2]
    reviewing.yes(known, SETTINGS, f"f{one}")
    reviewing.no(known, SETTINGS, f"f{other}")
    recognition.recognize(known, SETTINGS)
    assert shown(known, [one, other]) == [person_called(known, "Person 0"), None]


def born_after(library, faces, person):
    """Say that a person was born after these faces were photographed."""
    photos = [face.photo for face in browse.faces_by_id(library, faces)]
    deciding.set_date(library, photos, parse_date("1980"))
    describing.set_birthday(library, f"p{person}", parse_birthday("1981"))


def test_nobody_is_recognised_in_a_photo_from_before_their_birth(known, people):
    anna = person_called(known, "Person 0")
    early, late = people[0][:5], people[0][5:]
    born_after(known, early, anna)
    report = recognition.recognize(known, SETTINGS)
    assert set(shown(known, late)) == {anna}
    assert anna not in shown(known, early)
    assert not set(early) & set(report.newly_named)
    with known.read() as tx:
        about = recognitions.load(tx)
    mine = np.isin(about.face, early)
    assert anna not in about.person[mine]
    assert anna not in about.runner_up[mine]
    describing.set_birthday(known, f"p{anna}", None)
    recognition.recognize(known, SETTINGS)
    assert set(shown(known, people[0])) == {anna}


def test_no_group_is_asked_to_be_who_was_not_born(known, people, in_process):
    grouping.group(known)
    anna = person_called(known, "Person 0")
    recognizer = LibraryRecognizer(known, NOBODY_NAMED)
    asked = reviewing.review(recognizer, known, 100).questions
    assert anna in {each.person for each in asked}
    born_after(known, people[0], anna)
    asked = reviewing.review(recognizer, known, 100).questions
    assert anna not in {each.person for each in asked}


def test_new_faces_do_not_join_the_group_of_who_was_not_born(known, people, in_process):
    anna = person_called(known, "Person 0")
    early = people[0][:5]
    born_after(known, early, anna)
    grouping.group(known)
    with known.read() as tx:
        owners, homes = cluster_table.owners(tx), cluster_table.homes(tx)
    assert {owners.get(homes[face]) for face in people[0][5:]} == {anna}
    assert anna not in {owners.get(homes[face]) for face in early}
    assert anna not in shown(known, early)


def test_what_joins_who_is_hidden_stays_out_of_sight(known, people, more, in_process):
    """Though nothing is sure enough to be named, it brings no group and no question."""
    grouping.group(known)
    anna = person_called(known, "Person 0")
    deciding.hide(known, [f"p{anna}"])
    recognizer = LibraryRecognizer(known, NOBODY_NAMED)
    recognizer.update()
    before = [group.key for group in browse.groups(known)]
    new = more.photos_of(0, 6)
    grouping.group(known)
    recognizer.update()
    assert set(shown(known, new)) == {anna}
    assert [group.key for group in browse.groups(known)] == before
    asked = reviewing.review(recognizer, known, 100).questions
    assert not {face for each in asked for face in each.faces} & set(new)
    with known.read() as tx:
        assert not set(recognitions.asked(tx).face.tolist()) & {*new, *people[0]}
