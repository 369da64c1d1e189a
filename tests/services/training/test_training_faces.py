"""From folders to the faces of a run: who is who, what serves for what, and what is too little."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.services.training_faces import Folders, doubtful, from_folders, without

PEOPLE = dict.fromkeys(("Ada", "Bo", "Cy", "Di", "Ed", "Fay"), 6)
OTHERS = dict.fromkeys(("Uma", "Vic", "Wim"), 4)


def joined(*parts):
    return np.concatenate([part.vectors for part in parts])


def ends(*parts):
    """The first row of each part, and the number of all."""
    return np.cumsum([0, *(len(part) for part in parts)]).tolist()


def named(faces, names, rows):
    return [names[who] for who in faces.person[rows].tolist()]


def test_every_folder_serves_for_what_it_was_given_for(make_folder):
    images, test = make_folder(PEOPLE), make_folder(PEOPLE | {"Zoe": 2}, 1)
    unlabelled, strangers = make_folder({"": 9}, 2), make_folder(OTHERS, 3)
    parts = (images, test, unlabelled, strangers)
    faces, names = from_folders(Folders(*parts), side=None, seed=0)
    starts = ends(*parts)
    for rows, (start, end) in zip(
        (faces.train, faces.test, faces.distil, faces.strangers),
        pairwise(starts),
        strict=True,
    ):
        assert rows.tolist() == list(range(start, end))
    assert faces.held_out.tolist() == []
    np.testing.assert_array_equal(faces.vectors, joined(*parts))
    assert names == (*PEOPLE, "Zoe", *OTHERS)
    for rows, part in ((faces.train, images), (faces.test, test), (faces.strangers, strangers)):
        assert named(faces, names, rows) == part.name.tolist()
    assert set(faces.person[faces.distil]) == {-1}
    assert faces.crops is None
    others = np.setdiff1d(np.arange(len(faces.vectors)), faces.train)
    assert set(faces.occasion[others]) == {-1}
    # Each of the photos to train on was taken on a day of its own.
    assert len(set(faces.occasion[faces.train])) == len(images)


def test_what_was_taken_on_one_day_is_one_occasion_of_a_person(make_folder):
    images = make_folder(PEOPLE)
    images = replace(images, taken=images.taken // 3e5 * 3e5)
    faces, _ = from_folders(Folders(images, make_folder(PEOPLE, 1)), side=None, seed=0)
    for one, other in pairwise(faces.train.tolist()):
        same = images.name[one] == images.name[other] and images.taken[one] == images.taken[other]
        assert (faces.occasion[one] == faces.occasion[other]) == same


def test_without_photos_to_test_on_occasions_and_people_are_kept_out(make_folder):
    images = make_folder(dict.fromkeys("ABCDEFGHIJ", 8))
    images = replace(images, photo=images.photo // 2, paths=images.paths[::2])
    faces, names = from_folders(Folders(images), side=None, seed=0)
    again, _ = from_folders(Folders(images), side=None, seed=0)
    other, _ = from_folders(Folders(images), side=None, seed=1)
    assert faces.test.tolist() == again.test.tolist() != other.test.tolist()
    sets = (faces.train, faces.test, faces.held_out)
    assert sorted(np.concatenate(sets).tolist()) == list(range(80))
    photos = [set(images.photo[rows].tolist()) for rows in sets]
    people = [set(named(faces, names, rows)) for rows in sets]
    assert not photos[0] & photos[1]
    assert people[0] >= people[1]
    assert len(people[2]) == 2
    assert not people[2] & people[0]


def test_near_duplicates_of_what_is_trained_on_are_not_tested_on(make_folder):
    images, test = make_folder(PEOPLE), make_folder(PEOPLE, 1)
    vectors = test.vectors.copy()
    vectors[:4] = images.vectors[:4]
    faces, _ = from_folders(Folders(images, replace(test, vectors=vectors)), side=None, seed=0)
    assert faces.test.tolist() == list(range(len(images) + 4, len(images) + len(test)))
    with pytest.raises(UserError, match="the photos to test on show fewer than two"):
        from_folders(Folders(images, images), side=None, seed=0)


def test_without_strangers_half_of_the_unlabelled_photos_stand_in_for_them(make_folder):
    images, test = make_folder(PEOPLE), make_folder(PEOPLE, 1)
    unlabelled = make_folder({"Uma": 8, "Vic": 8, "": 8}, 2, noise=0.3)
    unlabelled = replace(unlabelled, name=np.full(24, ""), photo=np.arange(24) // 2)
    folders = Folders(images, test, unlabelled)
    faces, names = from_folders(folders, side=None, seed=0)
    both = np.sort(np.concatenate([faces.distil, faces.strangers]))
    first = len(images) + len(test)
    assert both.tolist() == list(range(first, first + 24))
    photos = [
        set(unlabelled.photo[rows - first].tolist()) for rows in (faces.distil, faces.strangers)
    ]
    assert len(photos[0]) == len(photos[1]) == 6
    assert not photos[0] & photos[1]
    assert set(faces.person[faces.distil]) == {-1}
    groups = faces.person[faces.strangers]
    assert set(groups.tolist()) - {-1}
    assert groups[groups >= 0].min() >= len(names)


def test_crops_are_brought_to_the_side_that_a_network_takes(make_folder):
    images, test = make_folder(PEOPLE, side=8), make_folder(PEOPLE, 1, side=8)
    folders = Folders(images, test)
    same, _ = from_folders(folders, side=8, seed=0)
    np.testing.assert_array_equal(same.crops, np.concatenate([images.crops, test.crops]))
    larger, _ = from_folders(folders, side=24, seed=0)
    assert larger.crops.shape == (len(images) + len(test), 24, 24, 3)
    middle = larger.crops[:, 1::3, 1::3].astype(int)
    assert np.abs(middle - same.crops).mean() < 25


def test_a_face_is_traced_back_to_its_photo(make_folder):
    images, strangers = make_folder(PEOPLE), make_folder(OTHERS, 3)
    folders = Folders(images, strangers=strangers)
    assert folders.path_of(0) == images.paths[0]
    assert folders.path_of(len(images) - 1) == images.paths[-1]
    assert folders.path_of(len(images) + 2) == strangers.paths[2]
    with pytest.raises(IndexError):
        folders.path_of(len(images) + len(strangers))


@pytest.mark.parametrize("place", ["images", "test"])
def test_a_stranger_who_is_also_trained_or_tested_is_told(make_folder, place):
    given = {"images": make_folder(PEOPLE), "test": make_folder(PEOPLE, 1)}
    given[place] = make_folder(PEOPLE | {"Vic": 3}, 2)
    with pytest.raises(UserError, match="Vic is among the strangers and among the people to train"):
        from_folders(Folders(**given, strangers=make_folder(OTHERS, 3)), side=None, seed=0)


@pytest.mark.parametrize(
    ("images", "test", "told"),
    [
        ({"Ada": 9}, PEOPLE, "two people with two photos each, and there is 1;"),
        (dict.fromkeys(PEOPLE, 1), PEOPLE, "two people with two photos each, and there are none;"),
        (PEOPLE, {"Ada": 4, "Bo": 1}, "show fewer than two of the people who are trained twice"),
        (PEOPLE, OTHERS, "show fewer than two of the people"),
        ({"Ada": 9}, None, r"at least 5 people .* but there is 1;"),
        (dict.fromkeys(PEOPLE, 1), None, r"at least 5 people .* but there are none;"),
    ],
)
def test_too_little_to_train_or_test_with_is_told(make_folder, images, test, told):
    folders = Folders(make_folder(images), None if test is None else make_folder(test, 1))
    with pytest.raises(UserError, match=told):
        from_folders(folders, side=None, seed=0)


def test_photos_in_the_wrong_folder_are_found_and_can_be_left_out(make_folder):
    images, test = make_folder(PEOPLE, noise=0.4), make_folder(PEOPLE, 1)
    names = images.name.copy()
    names[3] = "Fay"
    faces, _ = from_folders(Folders(replace(images, name=names), test), side=None, seed=0)
    assert doubtful(faces).tolist() == [3]
    fewer = without(faces, doubtful(faces))
    assert fewer.train.tolist() == [row for row in faces.train.tolist() if row != 3]
    assert fewer.vectors is faces.vectors
    plain, _ = from_folders(Folders(images, test), side=None, seed=0)
    assert doubtful(plain).tolist() == []


def test_it_can_be_cancelled(make_folder):
    control = JobControl()
    control.cancel()
    folders = Folders(make_folder(PEOPLE), make_folder(PEOPLE, 1))
    with pytest.raises(CancelledError):
        from_folders(folders, side=None, seed=0, control=control)
