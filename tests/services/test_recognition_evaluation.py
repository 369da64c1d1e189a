"""Recognition is measured as it says: on made-up people, some of whom are strangers."""

from pathlib import Path

import numpy as np
import pytest

from photoclust.core import metrics
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.recognize.calibration import Platt
from photoclust.recognize.faces import Decisions
from photoclust.recognize.recognizer import Recognizer
from photoclust.services.labelled import Label, LabelledFaces
from photoclust.services.recognition_evaluation import (
    FPIRS,
    answers_needed,
    as_input,
    recognition,
    split,
)

BEFORE = Platt(2.0, -5.0)
DRAW = {"known": 0.5, "gallery": 3, "seed": 0, "precision": 0.95}

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def labelled(people):
    """`labelled(sizes)`: a picture for each face; of each person the last `missed` were missed."""

    def make(sizes, *, seed=0, spread=0.6, missed=0):
        rng = np.random.default_rng(seed)
        vectors, truth = people(rng, len(sizes), sizes, spread, 64)
        labels = tuple(
            Label(Path(f"{who:03}/{row}.jpg"), f"{who:03}") for row, who in enumerate(truth)
        )
        left = np.array([np.sum(truth[row:] == who) for row, who in enumerate(truth)])
        found = left > missed
        return LabelledFaces(
            labels=labels,
            rows=np.where(found, np.cumsum(found) - 1, -1),
            vectors=vectors[found],
            quality=rng.uniform(0.2, 1, found.sum()).astype(np.float32),
            image_of=np.flatnonzero(found),
            turns={label.image: 0 for label in labels},
            failed=(),
        )

    return make


def test_the_report_counts_what_it_says(labelled):
    faces = labelled([8] * 20 + [1] * 6, spread=1.7)
    draw = DRAW | {"precision": 0.9}
    report = recognition(faces, BEFORE, **draw)
    drawn = split(faces.people, 0.5, 3, 0)
    found = Recognizer(as_input(faces), BEFORE).recognize(Decisions(drawn.person), 0.9)
    strangers, right, named, rightly, known = [], 0, 0, 0, 0
    for place, row in enumerate(found.rows):
        who = faces.people[row]
        known += who in drawn.known
        right += found.person[place] == who
        named += found.named[place]
        rightly += found.named[place] and found.person[place] == who
        if who not in drawn.known:
            strangers.append(found.probability[place])
    assert (report.known, report.unknown, report.gallery) == (10, 16, 3)
    assert known == 50
    assert report.rank1 == pytest.approx(right / known)
    assert 0.5 < report.rank1 < 1
    assert report.auto_coverage == pytest.approx(rightly / known)
    assert report.auto_coverage > 0
    assert report.auto_precision == pytest.approx(rightly / named)
    assert list(report.dir_at_fpir) == list(FPIRS)
    best = [
        found.person[place] == faces.people[row] and found.probability[place] > max(strangers)
        for place, row in enumerate(found.rows)
        if faces.people[row] in drawn.known
    ]
    assert report.dir_at_fpir["0.001"] == pytest.approx(np.mean(best))
    is_right = found.person == faces.people[found.rows]
    error = metrics.expected_calibration_error(found.probability, is_right)
    assert report.calibration_error == pytest.approx(error)
    assert recognition(faces, BEFORE, **draw) == report


def test_faces_that_were_missed_count_for_nothing(labelled):
    whole, part = labelled([6] * 8), labelled([6] * 8, missed=2)
    assert part.missed == 16
    report = recognition(part, BEFORE, **DRAW)
    assert (report.known, report.unknown) == (4, 4)
    assert report.rank1 == 1.0
    assert report.answers_to_95 == recognition(whole, BEFORE, **DRAW).answers_to_95 == 8


def test_where_nothing_is_named_no_name_is_wrong(labelled):
    report = recognition(labelled([2] * 10, spread=4.0), BEFORE, **DRAW | {"precision": 1.0})
    assert (report.auto_precision, report.auto_coverage) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("sizes", "known"), [([4], 1.0), ([4, 4], 1.0), ([4, 4], 0.0), ([1, 1, 1], 0.9), ([], 0.5)]
)
def test_somebody_has_to_be_known_and_somebody_a_stranger(sizes, known, labelled):
    with pytest.raises(UserError, match="give more people"):
        recognition(labelled(sizes), BEFORE, **DRAW | {"known": known})


def test_it_can_be_cancelled(labelled):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        recognition(labelled([4, 4, 4]), BEFORE, control=control, **DRAW)


def test_a_draw_is_the_same_for_a_seed_and_another_for_another():
    people = np.repeat(np.arange(20) * 3, 6)
    one, again, other = (split(people, 0.5, 2, seed) for seed in (1, 1, 2))
    assert one.known.tolist() == again.known.tolist()
    assert one.person.tolist() == again.person.tolist()
    assert one.known.tolist() != other.known.tolist()


@pytest.mark.parametrize("gallery", [1, 3, 9])
def test_known_people_have_some_faces_confirmed_but_one(gallery):
    people = np.repeat(np.arange(8), [1, 1, 1, 2, 3, 4, 5, 12])
    drawn = split(people, 1.0, gallery, 0)
    assert drawn.known.tolist() == [3, 4, 5, 6, 7]  # of one face none is left to be recognised
    for who in drawn.known:
        count = np.sum(drawn.person == who)
        assert count == min(gallery, np.sum(people == who) - 1)
        assert (people[drawn.person == who] == who).all()
    assert len(split(people, 0.5, gallery, 0).known) == 2


def test_people_who_are_easy_to_tell_apart_take_an_answer_each(labelled):
    faces = labelled([6] * 5, spread=0.3)
    assert answers_needed(as_input(faces), faces.people, BEFORE, 0.95) == 5
    assert answers_needed(as_input(faces), faces.people, BEFORE, 0.95, enough=0.6) == 3
    assert answers_needed(as_input(faces), faces.people, BEFORE, 0.95, enough=0.0) == 0


def test_faces_that_nothing_can_be_asked_about_never_get_a_name(labelled):
    faces = labelled([1] * 6)
    assert answers_needed(as_input(faces), faces.people, BEFORE, 0.95) is None


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_faces_have_as_many_neighbours_as_there_are(count, labelled):
    faces = as_input(labelled([1] * count))
    assert faces.neighbours.indices.shape == (count, min(max(count - 1, 0), 3))
    assert np.isnan(faces.times).all()
