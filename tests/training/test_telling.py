"""What a run tells: sets, curves and examples, put together from made-up faces."""

from dataclasses import replace

import numpy as np
import pytest

from photoclust.training.comparison import compare
from photoclust.training.curves import set_curves
from photoclust.training.gate import Sets
from photoclust.training.telling import NamedHistory, examples, panels, set_reports, set_rows


@pytest.fixture
def faces(make_run_faces):
    return make_run_faces(side=8, noise=1.0)


def compared(faces, new, rows):
    rng = np.random.default_rng(0)
    old, people = faces.in_use[rows], faces.person[rows]
    return compare(old, new, people, what="they", generator=rng, resamples=20, grouping=False)


def test_sets_that_were_compared_are_told_and_others_left_out(faces, make_run_faces):
    faces = replace(faces, current=make_run_faces(noise=1.2).vectors)
    rows = set_rows(faces)
    assert [len(each) for each in rows.values()] == [32, 16, 24]
    new = {name: faces.vectors[each] for name, each in rows.items()}
    one, other = (compared(faces, new[name], rows[name]) for name in ("trained", "strangers"))
    found = set_reports(faces, new, Sets(one, None, other))
    assert [each.name for each in found] == ["People it was trained on", "Strangers"]
    assert [each.comparison for each in found] == [one, other]
    # The model in use is the one before, not the bundled one.
    people = faces.person[rows["trained"]]
    expected = set_curves(faces.current[rows["trained"]], new["trained"], people)
    for name in ("roc_before", "roc_after"):
        shown = getattr(found[0].curves, name).val
        np.testing.assert_array_equal(shown, getattr(expected, name).val)
    assert not np.array_equal(expected.roc_before.val, expected.roc_after.val)


def test_curves_of_several_trainings_stand_beside_each_other():
    first = [{"step": 25.0, "loss": 0.5, "val": 0.7}, {"step": 50.0, "loss": 0.4}]
    second = [{"step": 25.0, "loss": 0.6, "rank": 3.0}]
    found = panels([NamedHistory("semi-hard", first), NamedHistory("random", second)])
    assert [panel.title for panel in found] == [
        "Loss",
        "Recognised at 1 in 1,000 mixed up, on faces watched",
    ]
    loss, val = ([(c.name, c.steps.tolist(), c.values.tolist()) for c in p.curves] for p in found)
    assert loss == [("semi-hard", [25, 50], [0.5, 0.4]), ("random", [25], [0.6])]
    np.testing.assert_equal(
        val, [("semi-hard", [25, 50], [0.7, np.nan]), ("random", [25], [np.nan])]
    )
    assert panels([]) == panels([NamedHistory("none", [])]) == ()


def test_examples_are_the_trained_peoples_other_photos_with_their_names(faces):
    names = tuple("ABCDEFGH")
    new = np.roll(faces.vectors[faces.test], 1, axis=0)
    found = examples(faces, new, names)
    assert found.names == tuple(names[who] for who in faces.person[faces.test])
    np.testing.assert_array_equal(found.crops, faces.crops[faces.test])
    assert sum(each.count for each in found.changed) > 0
    assert max(found.rows) < len(faces.test)


def test_without_pixels_there_are_no_examples(make_run_faces):
    faces = make_run_faces()
    assert examples(faces, faces.vectors[faces.test], ("A",) * 8) is None
