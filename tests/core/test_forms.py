"""Which photos of a list are shown, and which for others."""

from photoclust.core.forms import Shots, as_shown

COVERS = {2: 3, 3: 3, 4: 3, 7: 8, 8: 8}


def test_of_each_stack_its_cover_is_shown_where_it_is_listed():
    shots = as_shown([1, 2, 3, 4, 5, 7], COVERS)

    assert shots.shown == (1, 3, 5, 7)
    assert shots.forms == {3: (3, 2, 4)}
    assert shots.all_forms == 6
    assert shots.cover_of() == {2: 3, 3: 3, 4: 3}


def test_without_the_cover_the_first_is_shown():
    assert as_shown([4, 1, 2], COVERS) == Shots((4, 1), {4: (4, 2)})
    assert as_shown([2, 1], {}) == Shots((2, 1), {})


def test_behind_what_is_opened_are_its_other_forms():
    shots = as_shown([1, 2, 7, 3, 8], COVERS)

    assert list(shots.spread([])) == [1, 3, 8]
    assert list(shots.spread([3, 1, 9])) == [1, 3, 2, 8]


def test_of_some_the_same_are_one_again():
    shots = as_shown([1, 2, 3, 4, 7, 8], COVERS)

    assert shots.among({1, 2, 4, 7}) == Shots((1, 2, 7), {2: (2, 4)})
    assert shots.among(set()) == Shots()
