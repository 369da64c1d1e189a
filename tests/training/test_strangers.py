"""Groups that stand in for people nobody named."""

import numpy as np

from photoclust.core.metrics import bcubed
from photoclust.training.comparison import compare
from photoclust.training.strangers import grouped_strangers


def test_groups_show_about_the_same_loss_as_the_people_do(make_faces):
    before, people = make_faces(1, [8] * 20, dimension=128, noise=0.75)
    after, _ = make_faces(1, [8] * 20, dimension=128, noise=1.6)
    groups = grouped_strangers(before)
    assert bcubed(people, groups).f > 0.95
    found = [
        compare(
            before,
            after,
            labels,
            what="strangers",
            generator=np.random.default_rng(0),
            resamples=100,
            grouping=False,
        )
        for labels in (people, groups)
    ]
    losses = [each.changes[0].mean for each in found]
    assert losses[0] < -0.02
    assert abs(losses[0] - losses[1]) < 0.3 * abs(losses[0])


def test_two_faces_of_one_photo_are_no_group(make_faces):
    vectors, _ = make_faces(2, [6] * 3, dimension=128, noise=0.3)
    assert grouped_strangers(vectors).max() == 2
    groups = grouped_strangers(vectors, photos=np.zeros(18, np.int64))
    assert np.bincount(groups[groups >= 0], minlength=1).max() <= 1
