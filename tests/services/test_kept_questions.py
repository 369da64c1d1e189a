"""The first questions of a library that was just opened, beside those of the whole judgement."""

import subprocess
import sys

import pytest

from photoclust.core.settings import Settings
from photoclust.services import (
    asking,
    deciding,
    history,
    kept_questions,
    recognition,
    replying,
)
from photoclust.services.questions import Reply
from photoclust.services.recognition import LibraryRecognizer
from photoclust.store import schema

SETTINGS = Settings(naming_precision=1.0)


@pytest.fixture
def judged(library, album):
    """The album, recognised; gives the faces."""
    recognition.recognize(library, SETTINGS)
    return album


def kept(library, limit=50):
    return kept_questions.who(library, SETTINGS, limit)


def judged_anew(library):
    return asking.who(LibraryRecognizer(library, SETTINGS), library, 50)


def test_they_are_those_of_the_whole_judgement_with_their_evidence(library, judged):
    expected = {each.id: each for each in judged_anew(library).questions}
    found = {each.id: each for each in kept(library)}
    assert found.keys() == expected.keys()
    for key, question in found.items():
        other = expected[key]
        assert (question.kind, question.count, question.faces) == (
            other.kind,
            other.count,
            other.faces,
        )
        for mine, theirs in (
            (question.candidate, other.candidate),
            (question.runner_up, other.runner_up),
        ):
            assert (mine is None) == (theirs is None)
            if mine is not None:
                assert (mine.person, mine.name) == (theirs.person, theirs.name)
                assert mine.similarity == pytest.approx(theirs.similarity, abs=1e-4)
                assert mine.probability == pytest.approx(theirs.probability, abs=1e-4)
                assert [each.face.id for each in mine.nearest] == [
                    each.face.id for each in theirs.nearest
                ]


def test_the_most_rewarding_comes_first_and_no_more_than_wanted(library, judged):
    counts = [each.count for each in kept(library)]
    assert counts[:3] == sorted(counts[:3], reverse=True)
    assert [each.id for each in kept(library, 2)] == [each.id for each in kept(library)[:2]]


def test_before_anything_was_judged_groups_are_asked_about(library, album):
    assert {each.key for each in kept(library)} == {"g1", "g2", "g3"}


def test_where_nobody_is_known_nothing_is_asked(library, crowd):
    crowd.photos_of(0, 3)
    assert kept(library) == ()


@pytest.mark.parametrize("said", list(Reply))
@pytest.mark.parametrize("of_group", [False, True])
def test_what_was_answered_since_is_not_asked(said, of_group, library, judged):
    key = "g1" if of_group else f"f{judged[0][0]}"
    asked = next(each for each in kept(library) if each.key == key)
    entry = replying.reply(library, asked, said).entry
    assert asked.id not in {each.id for each in kept(library)}
    history.undo(library, entry)
    assert asked.id in {each.id for each in kept(library)}


def test_about_people_who_were_hidden_or_deleted_nobody_is_asked(library, judged):
    alone = judged[0][0]
    person = next(each for each in kept(library) if each.key == f"f{alone}").candidate.person
    deciding.hide(library, [f"p{person}"])
    assert f"f{alone}" not in {each.key for each in kept(library)}
    deciding.hide(library, [f"p{person}"], hidden=False)
    assert f"f{alone}" in {each.key for each in kept(library)}
    deciding.delete(library, f"p{person}")
    assert f"f{alone}" not in {each.key for each in kept(library)}


def test_who_was_named_automatically_is_asked_about_once_that_is_taken_back(library, album):
    named = recognition.recognize(library, Settings(naming_precision=0.5))
    faces = set(named.newly_named) & set(album[0])
    assert faces
    keys = {f"f{face}" for face in faces}
    assert not keys & {each.key for each in kept(library)}
    history.undo(library, named.entry)
    assert keys <= {each.key for each in kept(library)}


def test_faces_without_a_vector_are_like_nobody(library, judged):
    with library.write() as tx:
        tx.execute(schema.vector.delete())
    question = next(each for each in kept(library) if each.key == f"f{judged[0][0]}")
    assert [each.similarity for each in question.candidate.nearest] == [0.0, 0.0, 0.0]


def test_what_groups_faces_is_not_loaded():
    code = "import sys, photoclust.services.kept_questions; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
