import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core import metrics

LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), min_size=1, max_size=12).map(
    lambda rows: (np.array([a for a, _ in rows]), np.array([b for _, b in rows]))
)
# Few different values, so that ties are frequent.
SCORES = st.lists(st.sampled_from([-np.inf, -0.5, 0.0, 0.25, 0.5, np.inf]), min_size=1, max_size=9)


def unit(rng, count, dim=8):
    vectors = rng.standard_normal((count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def together(labels, one, other):
    return labels[one] == labels[other] and (labels[one] >= 0 or one == other)


# Pairs


def slow_pair_similarities(vectors, labels):
    genuine, impostor = [], []
    for one, other in itertools.combinations(range(len(vectors)), 2):
        cosine = float(vectors[one] @ vectors[other])
        if labels[one] == labels[other]:
            genuine.append(-np.inf if np.isnan(cosine) else cosine)
        else:
            impostor.append(np.inf if np.isnan(cosine) else cosine)
    return sorted(genuine), sorted(impostor)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 13])
def test_pairs_are_those_of_the_naive_loop_whatever_the_block(count, monkeypatch):
    monkeypatch.setattr(metrics, "_BLOCK", 4)
    rng = np.random.default_rng(count)
    vectors, labels = unit(rng, count), rng.integers(0, 3, count)
    genuine, impostor = metrics.pair_similarities(vectors, labels)
    expected = slow_pair_similarities(vectors, labels)
    np.testing.assert_allclose(np.sort(genuine), expected[0], atol=1e-6)
    np.testing.assert_allclose(np.sort(impostor), expected[1], atol=1e-6)
    assert genuine.dtype == impostor.dtype == np.float32


def test_pairs_of_a_missed_face_count_as_wrong():
    vectors = unit(np.random.default_rng(1), 4)
    vectors[2] = np.nan
    genuine, impostor = metrics.pair_similarities(vectors, np.array([0, 0, 0, 1]))
    assert sorted(np.isneginf(genuine)) == [False, True, True]
    assert sorted(np.isposinf(impostor)) == [False, False, True]


# Thresholds


def slow_threshold(impostor, far):
    candidates = [-np.inf, *sorted(impostor)]
    return next(t for t in candidates if sum(s > t for s in impostor) <= far * len(impostor))


@given(SCORES, st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
def test_threshold_is_the_lowest_that_keeps_the_far_also_with_ties(impostor, far):
    assert metrics.threshold_at_far(np.array(impostor), far) == slow_threshold(impostor, far)


@given(SCORES, SCORES, st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
def test_val_is_the_share_of_pairs_above_the_threshold(genuine, impostor, far):
    threshold = slow_threshold(impostor, far)
    expected = sum(score > threshold for score in genuine) / len(genuine)
    assert metrics.val_at_far(np.array(genuine), np.array(impostor), far) == expected


def test_a_missed_pair_is_not_accepted_even_where_every_pair_may_be():
    assert metrics.val_at_far(np.array([-np.inf, 0.3]), np.array([0.1]), 1.0) == 0.5


# Equal error rate and area


def slow_eers(genuine, impostor):
    """The mean error at each threshold where the two errors are closest."""
    errors = []
    for threshold in [None, *sorted({*genuine, *impostor})]:
        # None accepts all; a score accepts what is above it.
        reject = sum(threshold is not None and s <= threshold for s in genuine) / len(genuine)
        accept = sum(threshold is None or s > threshold for s in impostor) / len(impostor)
        errors.append((abs(reject - accept), (reject + accept) / 2))
    closest = min(errors)[0]
    return [mean for gap, mean in errors if gap <= closest + 1e-12]


@given(SCORES, SCORES)
def test_eer_is_that_of_the_naive_loop_also_with_ties(genuine, impostor):
    found = metrics.equal_error_rate(np.array(genuine), np.array(impostor))
    assert any(found == pytest.approx(mean) for mean in slow_eers(genuine, impostor))


@pytest.mark.parametrize(
    ("genuine", "impostor", "eer"),
    [([0.9, 0.8], [0.1, 0.2], 0.0), ([0.1, 0.2], [0.9, 0.8], 1.0), ([0.5] * 3, [0.5] * 5, 0.5)],
    ids=["told apart", "the wrong way round", "nothing tells them apart"],
)
def test_eer_of_plain_cases(genuine, impostor, eer):
    assert metrics.equal_error_rate(np.array(genuine), np.array(impostor)) == eer


@given(SCORES, SCORES)
def test_area_is_the_share_of_ordered_pairs_with_ties_for_half(genuine, impostor):
    wins = [(g > i) + 0.5 * (g == i) for g in genuine for i in impostor]
    found = metrics.area_under_roc(np.array(genuine), np.array(impostor))
    assert found == pytest.approx(sum(wins) / len(wins))


# The protocol of LFW


def slow_ten_fold(similarities, same, folds):
    accuracies = []
    for fold in sorted(set(folds)):
        train, test = folds != fold, folds == fold
        known = sorted(set(np.clip(similarities[train], -2, 2)))
        gaps = [known[0] - 1, *((a + b) / 2 for a, b in itertools.pairwise(known)), known[-1] + 1]
        right = [np.mean((similarities[train] > t) == same[train]) for t in gaps]
        best = gaps[int(np.argmax(right))]
        accuracies.append(np.mean((similarities[test] > best) == same[test]))
    return np.mean(accuracies), np.std(accuracies)


@given(st.integers(0, 2**31), st.booleans())
def test_ten_fold_accuracy_is_that_of_the_naive_loop(seed, ties):
    rng = np.random.default_rng(seed)
    same = rng.random(60) < 0.5
    similarities = rng.normal(np.where(same, 0.6, 0.2), 0.2)
    if ties:
        similarities = np.round(similarities, 1)
    similarities[:4] = [np.inf, -np.inf, -np.inf, np.inf]
    folds = np.arange(60) % 10
    expected = slow_ten_fold(similarities, same, folds)
    assert metrics.ten_fold_accuracy(similarities, same, folds) == pytest.approx(expected)


def test_the_threshold_is_chosen_without_the_fold_it_is_used_on():
    # In fold 1 the two kinds lie the other way round: its own threshold would get all of it right.
    similarities = np.array([0.9, 0.8, 0.2, 0.1, 0.45, 0.55])
    same = np.array([True, True, False, False, True, False])
    folds = np.array([0, 0, 0, 0, 1, 1])
    mean, std = metrics.ten_fold_accuracy(similarities, same, folds)
    assert mean == pytest.approx((0.5 + 0.0) / 2)
    assert std == pytest.approx(0.25)


def test_one_fold_is_refused():
    with pytest.raises(ValueError, match="two folds"):
        metrics.ten_fold_accuracy(np.array([0.1, 0.9]), np.array([False, True]), np.array([3, 3]))


# Probabilities


def slow_calibration_error(probabilities, right, bins, weights):
    error = 0.0
    for place in range(bins):
        low, high = place / bins, (place + 1) / bins
        inside = [
            (p, was_right, weight)
            for p, was_right, weight in zip(probabilities, right, weights, strict=True)
            if low <= p < high or (p == high == 1)
        ]
        size = sum(weight for _, _, weight in inside)
        if size:
            said = sum(p * weight for p, _, weight in inside) / size
            seen = sum(was_right * weight for _, was_right, weight in inside) / size
            error += size / sum(weights) * abs(said - seen)
    return error


@pytest.mark.parametrize("bins", [1, 2, 7, 15])
@pytest.mark.parametrize("count", [1, 2, 300])
def test_calibration_error_is_that_of_the_naive_loop(count, bins):
    rng = np.random.default_rng([count, bins])
    # Few different values, so that some lie on the edges of the bins.
    probabilities, right = rng.integers(0, 33, count) / 32, rng.random(count) < 0.7
    ones, weights = np.ones(count), rng.uniform(0.1, 3, count)
    found = metrics.expected_calibration_error(probabilities, right, bins)
    assert found == pytest.approx(slow_calibration_error(probabilities, right, bins, ones))
    found = metrics.expected_calibration_error(probabilities, right, bins, weights=weights)
    assert found == pytest.approx(slow_calibration_error(probabilities, right, bins, weights))


def test_calibration_error_by_hand():
    probabilities = np.array([0.1, 0.3, 0.9, 0.9, 0.8, 1.0])
    right = np.array([False, True, True, True, False, True])
    # Below one half: 0.2 said, 1 of 2 seen; above: 0.9 said, 3 of 4 seen.
    expected = 2 / 6 * 0.3 + 4 / 6 * 0.15
    assert metrics.expected_calibration_error(probabilities, right, 2) == pytest.approx(expected)


def test_who_is_as_right_as_he_says_makes_no_calibration_error():
    sure = np.array([0.0, 0.0, 1.0])
    assert metrics.expected_calibration_error(sure, sure == 1) == 0
    assert metrics.expected_calibration_error(sure, sure == 0) == 1
    half = np.full(10, 0.5, np.float32)
    assert metrics.expected_calibration_error(half, np.arange(10) < 5) == pytest.approx(0)


@pytest.mark.parametrize("weights", [None, np.zeros(0)])
def test_calibration_error_of_nothing_is_refused(weights):
    with pytest.raises(ValueError, match="at least one"):
        metrics.expected_calibration_error(np.zeros(0), np.zeros(0, bool), weights=weights)


# Per person


def test_val_per_person_gives_everyone_one_voice():
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0], [np.nan, np.nan], [1, 0]])
    labels = np.array([0, 0, 0, 1, 2, 2, 2])
    shares = metrics.val_per_person(vectors.astype(np.float32), labels, 0.5)
    # Person 0: one pair of three; person 1 has one face only; person 2: one pair of three, the
    # missed face counts as wrong.
    np.testing.assert_allclose(shares, [1 / 3, 1 / 3])


@pytest.mark.parametrize(("count", "worst"), [(1, 1), (4, 1), (14, 1), (16, 2), (20, 2), (100, 10)])
def test_worst_decile_is_the_mean_of_the_lowest_tenth(count, worst):
    values = np.random.default_rng(0).permutation(np.arange(count, dtype=float))
    assert metrics.worst_decile(values) == np.mean(range(worst))


# Clusterings


def slow_pairwise(truth, predicted):
    both = same_truth = same_predicted = 0
    for one, other in itertools.combinations(range(len(truth)), 2):
        in_group = together(predicted, one, other)
        both += in_group and truth[one] == truth[other]
        same_truth += truth[one] == truth[other]
        same_predicted += in_group
    return both / max(same_predicted, 1), both / max(same_truth, 1)


def slow_bcubed(truth, predicted):
    precision, recall = [], []
    everyone = range(len(truth))
    for one in everyone:
        group = [other for other in everyone if together(predicted, one, other)]
        person = [other for other in everyone if truth[other] == truth[one]]
        shared = len(set(group) & set(person))
        precision.append(shared / len(group))
        recall.append(shared / len(person))
    return np.mean(precision), np.mean(recall)


@given(LABELS)
def test_pairwise_is_that_of_the_naive_loop(labels):
    found = metrics.pairwise(*labels)
    assert (found.precision, found.recall) == pytest.approx(slow_pairwise(*labels))


@given(LABELS)
def test_bcubed_is_that_of_the_naive_loop(labels):
    found = metrics.bcubed(*labels)
    assert (found.precision, found.recall) == pytest.approx(slow_bcubed(*labels))


def test_no_faces_make_no_warning():
    nobody = np.empty(0, np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.bcubed(nobody, nobody).f == 1.0
        assert metrics.pairwise(nobody, nobody).f == 0.0


def test_all_alone_is_pure_and_finds_nobody_again():
    found = metrics.bcubed(np.array([0, 0, 0, 0]), np.full(4, -1))
    assert (found.precision, found.recall) == (1.0, 0.25)
    assert found.f == pytest.approx(0.4)
    assert metrics.pairwise(np.array([0, 0]), np.full(2, -1)).f == 0.0


def test_singletons_stand_alone_and_groups_stay():
    given_labels = np.array([2, -1, 0, -1, 2])
    labels = metrics.singletons(given_labels)
    assert labels[[0, 2, 4]].tolist() == [2, 0, 2]
    assert len({*labels.tolist()}) == 4
    assert given_labels.tolist() == [2, -1, 0, -1, 2]


# Known people among strangers


def slow_identification_rate(scores, right, known, fpir):
    """The best share over all limits that let no more of the strangers pass than may."""
    strangers = [score for score, is_known in zip(scores, known, strict=True) if not is_known]
    most = 0.0
    for limit in [-np.inf, *scores]:
        if sum(score > limit for score in strangers) > int(fpir * len(strangers)):
            continue
        passed = [
            r and score > limit for score, r, k in zip(scores, right, known, strict=True) if k
        ]
        most = max(most, sum(passed) / len(passed))
    return most


@pytest.mark.parametrize("fpir", [0.0, 0.01, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("decimals", [1, 8])
def test_identification_rate_is_that_of_the_naive_loop_also_with_ties(fpir, decimals):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        count = int(rng.integers(2, 60))
        known = rng.random(count) < 0.5
        known[:2] = True, False
        right = known & (rng.random(count) < 0.8)
        scores = np.round(rng.random(count) + 0.3 * right, decimals)
        assert metrics.identification_rate(scores, right, known, fpir) == pytest.approx(
            slow_identification_rate(scores, right, known, fpir)
        )


@pytest.mark.parametrize("known", [[], [True, True], [False, False]])
def test_no_identification_rate_without_known_people_and_strangers(known):
    known = np.array(known, bool)
    rate = metrics.identification_rate(np.ones(len(known)), known, known, 0.1)
    assert np.isnan(rate)
