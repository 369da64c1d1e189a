"""Nearest face and vote, against plain loops."""

import numpy as np
import pytest

from photoclust.recognize.candidates import find
from photoclust.recognize.matchers import Confirmed, Nearest, Vote


@pytest.fixture
def confirmed(make_faces):
    faces, truth = make_faces(3, [1, 2, 9, 4])
    person = np.where(np.arange(len(truth)) % 4 == 0, -1, truth * 2**40)
    return faces, person, Confirmed.of(faces.vectors, person)


def test_a_person_is_as_alike_as_their_nearest_face(confirmed):
    faces, person, known = confirmed
    scores = Nearest(known).scores(faces.vectors, faces.times)
    for row, vector in enumerate(faces.vectors):
        naive = [max(faces.vectors[person == who] @ vector) for who in known.people]
        assert scores[row] == pytest.approx(naive, abs=1e-6)


@pytest.mark.parametrize("k", [1, 3, 5, 100])
def test_the_nearest_faces_vote_with_their_cosines(confirmed, k):
    faces, person, known = confirmed
    rows = np.flatnonzero(person >= 0)
    scores = Vote(known, k).scores(faces.vectors, faces.times)
    for row, vector in enumerate(faces.vectors):
        nearest = sorted(rows, key=lambda each: -float(faces.vectors[each] @ vector))[:k]
        for place, who in enumerate(known.people):
            votes = [max(float(faces.vectors[j] @ vector), 0) for j in nearest if person[j] == who]
            most = min(np.sum(person == who), k, len(rows))
            assert scores[row, place] == pytest.approx(sum(votes) / most, abs=1e-5)


@pytest.mark.parametrize("matcher", [Nearest, Vote])
def test_nobody_is_found_where_nobody_is_known(matcher, make_faces):
    faces, truth = make_faces(0, [3])
    known = matcher(Confirmed.of(faces.vectors, np.full(len(truth), -1)))
    assert (find(known, faces.vectors, faces.times).people == -1).all()
