"""Questions with their evidence, and what becomes of the answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.services import (
    asking,
    browse,
    deciding,
    grouping,
    history,
    naming,
    recognition,
    replying,
    reviewing,
)
from photoclust.services.questions import Kind, Reply
from photoclust.services.recognition import LibraryRecognizer
from photoclust.store import answers, schema, stacks
from photoclust.store.answers import Noted

SETTINGS = Settings(naming_precision=1.0)


def who(library, limit=50):
    return asking.who(LibraryRecognizer(library, SETTINGS), library, limit)


def about(found, key):
    return next(each for each in found.questions if each.key == key)


def test_the_nearest_confirmed_faces_are_those_of_a_slow_search(library, album):
    asked = about(who(library), f"f{album[0][0]}")
    assert (asked.kind, asked.candidate.name, asked.count) == (Kind.IS, "Person 0", 1)
    table, _ = LibraryRecognizer(library, SETTINGS).look()
    row_of = {face: row for row, face in enumerate(table.ids.tolist())}
    for candidate in (asked.candidate, asked.runner_up):
        cosines = {
            face.id: float(table.vectors[row_of[face.id]] @ table.vectors[row_of[album[0][0]]])
            for face in browse.faces(library, f"p{candidate.person}")
            if face.confirmed
        }
        best = sorted(cosines, key=cosines.get, reverse=True)[:3]
        assert [each.face.id for each in candidate.nearest] == best
        assert [each.similarity for each in candidate.nearest] == pytest.approx(
            [cosines[face] for face in best]
        )
    assert asked.runner_up.person != asked.candidate.person
    assert asked.candidate.probability > 0.5


def test_the_ids_of_all_are_told_though_few_are_shown(library, album):
    everything, few = who(library), who(library, 2)
    assert len(few.questions) == 2
    assert few.still_open == everything.still_open == {each.id for each in everything.questions}
    assert few.count == everything.count == 4 + 3


def test_the_number_in_the_overview_is_that_of_the_questions(library, album):
    assert browse.overview(library).questions == 3  # nobody has looked at the single faces yet
    recognition.recognize(library, SETTINGS)
    assert browse.overview(library).questions == who(library).count
    reviewing.say_not_sure(library, "g1", None)
    reviewing.say_not_sure(library, f"f{album[0][0]}", None)
    assert browse.overview(library).questions == 5


def test_a_face_of_two_forms_of_a_shot_is_asked_about_once(library, album):
    singles = [each.key for each in who(library).questions if each.key.startswith("f")]
    one, twin, *others = singles
    photos = [face.photo for face in browse.faces_by_id(library, [int(one[1:]), int(twin[1:])])]
    with library.write() as tx:
        for photo, ending in zip(photos, ("jpg", "dng"), strict=True):
            mine = update(schema.file).where(schema.file.c.photo_id == photo)
            tx.execute(mine.values(path=Path(f"/photos/IMG_1.{ending}")))
        stacks.write_covers(tx, dict.fromkeys(photos, photos[0]))
    found = who(library)
    assert [each.key for each in found.questions][-4:] == [one, *others, twin]
    assert found.count == 4 + 3
    listed = reviewing.review(LibraryRecognizer(library, SETTINGS), library, 50)
    assert listed.questions[-1].key == twin

    replying.reply(library, about(found, one), Reply.YES)
    left = {each.key for each in who(library).questions}
    assert twin not in left
    assert set(others) <= left


def test_share_and_answers_left(library, album):
    before = who(library)
    assert before.share == pytest.approx(
        40
        / (
            40
            + 3
            + 9
            + sum(
                each.candidate.probability for each in before.questions if each.key.startswith("f")
            )
        )
    )
    replying.reply(library, about(before, "g2"), Reply.NOT_A_FACE)
    assert who(library).share > before.share


def test_nobody_known_is_told(library, crowd):
    crowd.photos_of(0, 3)
    assert not who(library).anybody
    assert browse.overview(library).questions == 0


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Reply.YES, "confirm"),
        (Reply.NO, "reject"),
        (Reply.OTHER, "confirm"),
        (Reply.NOT_A_FACE, "not a face"),
        (Reply.NOT_SURE, "not sure"),
    ],
)
@pytest.mark.parametrize("of_group", [False, True])
def test_every_answer_settles_its_question_and_is_undone_by_its_entry(
    said, kind, of_group, library, album
):
    before = who(library)
    asked = about(before, "g1" if of_group else f"f{album[0][0]}")
    done = replying.reply(library, asked, said)
    assert history.entries(library, limit=1)[0].kind == kind
    assert asked.id not in who(library).still_open
    history.undo(library, done.entry)
    assert who(library).still_open == before.still_open


def test_not_sure_wears_off(library, album, monkeypatch):
    asked = about(who(library), f"f{album[0][0]}")
    replying.reply(library, asked, Reply.NOT_SURE)
    monkeypatch.setattr(answers, "ASKED_AGAIN_AFTER", answers.ASKED_AGAIN_AFTER * 0)
    assert asked.id in who(library).still_open


def test_an_answer_about_what_is_gone_is_refused(library, album):
    asked = about(who(library), "g1")
    naming.name(library, "g1", "Eve")
    with pytest.raises(UserError):
        replying.reply(library, asked, Reply.NOT_SURE)
    open_ = replace(asked, candidate=None, runner_up=None)
    with pytest.raises(UserError, match="say who it is"):
        replying.reply(library, open_, Reply.YES)


# --- two groups -----------------------------------------------------------------------------------


def pairs(library):
    found = asking.one_person(LibraryRecognizer(library, SETTINGS), library, 50)
    return {frozenset((each.one.key, each.other.key)): each for each in found.questions}


def test_two_halves_of_a_person_are_a_question_and_known_people_are_none(library, album):
    found = pairs(library)
    asked = found[frozenset(("g2", "g3"))]
    assert {asked.one.count, asked.other.count} == {5, 4}
    assert len(asked.one.faces) <= asking.FACES_OF_GROUP
    person = next(each for pair, each in found.items() if "g1" in pair)
    assert "Person 1" in {person.one.name, person.other.name}
    assert not any(all(key.startswith("p") for key in pair) for pair in found)


@pytest.mark.parametrize("said", [Reply.YES, Reply.NO, Reply.NOT_SURE])
@pytest.mark.parametrize("with_person", [False, True])
def test_an_answer_about_two_settles_it_until_it_is_undone(said, with_person, library, album):
    key = "g1" if with_person else "g2"
    before = pairs(library)
    asked = next(each for pair, each in before.items() if key in pair)
    done = replying.reply(library, asked, said)
    assert frozenset((asked.one.key, asked.other.key)) not in pairs(library)
    history.undo(library, done.entry)
    assert pairs(library).keys() == before.keys()


def test_two_people_are_not_put_together_by_a_grouping(library, album):
    asked = pairs(library)[frozenset(("g2", "g3"))]
    replying.reply(library, asked, Reply.NO)
    with library.read() as tx:
        ((one, other),) = answers.noted(tx, Noted.TWO_PEOPLE)
        row_of = {one: 0, other: 1}
        assert grouping.two_people(tx, row_of, np.array([-1, -1])) == [(0, 1)]
        assert grouping.two_people(tx, row_of, np.array([7, 7])) == []
        assert grouping.two_people(tx, {one: 0}, np.array([-1])) == []


# --- doubts ---------------------------------------------------------------------------------------


@pytest.fixture
def slip(library, album):
    """A face of the first person that was said to be the second."""
    (second,) = browse.people_called(library, "Person 1")
    deciding.move(library, [f"f{album[0][0]}"], second.key)
    return album[0][0]


def doubtful(library):
    return asking.doubtful(LibraryRecognizer(library, SETTINGS), library, 10)


@pytest.mark.parametrize("said", list(Reply))
def test_a_doubt_is_settled_by_any_answer_until_it_is_undone(said, library, album, slip):
    (asked,) = doubtful(library).questions
    assert (asked.kind, asked.key, asked.candidate.name) == (Kind.DOUBT, f"f{slip}", "Person 1")
    assert asked.runner_up.name == "Person 0"
    assert asked.id in doubtful(library).still_open
    done = replying.reply(library, asked, said)
    assert doubtful(library).questions == ()
    history.undo(library, done.entry)
    assert doubtful(library).count == 1
