"""Comparing two models, and what the gate lets through."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from photoclust.core.errors import InternalError, UserError
from photoclust.training import comparison
from photoclust.training.bootstrap import Resampled
from photoclust.training.comparison import Change, Comparison, Interval, compare
from photoclust.training.gate import FEWEST_PEOPLE, Rule, Sets, decide, said
from photoclust.training.measures import Figures, measure


def compared(before, after, labels, seed=0, resamples=200):
    return compare(
        before,
        after,
        labels,
        what="the test",
        generator=np.random.default_rng(seed),
        resamples=resamples,
        grouping=False,
    )


def made_up(change=0.0, *, gain=0.5, people=20, strict=0.0):
    """A comparison in which VAL at 1e-3 changed by `change`, at 1e-4 by `strict`."""

    def interval(value):
        return Interval(value, value - 0.01, value + 0.01)

    figures = Figures({1e-3: 0.9, 1e-4: 0.8}, 0.01, 0.99, None, 100, people)
    changes = tuple(
        Change(far, interval(val), interval(val + by), interval(by), by)
        for far, val, by in ((1e-3, 0.9, change), (1e-4, 0.8, strict))
    )
    return Comparison(figures, figures, changes, gain, people)


# Comparing


def test_before_and_after_are_what_each_measures_alone(make_faces):
    before, people = make_faces(1, [8] * 10, dimension=48, noise=1.2)
    after, _ = make_faces(1, [8] * 10, dimension=48, noise=1.0)
    found = compared(before, after, people)
    assert found.before == measure(before, people, grouping=False)
    assert found.after == measure(after, people, grouping=False)
    assert found.people == 10
    for change in found.changes:
        assert change.before.value == found.before.val_at_far[change.far]
        assert change.after.value == found.after.val_at_far[change.far]
        assert change.change.value == change.after.value - change.before.value


def test_less_noise_is_a_gain_and_more_is_none(make_faces):
    noisy, people = make_faces(2, [8] * 12, dimension=64, noise=1.5)
    clear, _ = make_faces(2, [8] * 12, dimension=64, noise=1.1)
    better, worse = compared(noisy, clear, people), compared(clear, noisy, people)
    assert better.gain > 0.99
    assert worse.gain < 0.01
    change, back = better.changes[0].change, worse.changes[0].change
    assert 0 < change.low <= change.high
    assert (back.low, back.high) == pytest.approx((-change.high, -change.low))
    assert better.changes[0].mean == pytest.approx(-worse.changes[0].mean)


def test_the_same_model_is_no_gain(make_faces):
    vectors, people = make_faces(3, [8] * 10, noise=1.2)
    found = compared(vectors, vectors, people)
    assert found.gain == 0
    assert found.changes[0].change == Interval(0.0, 0.0, 0.0)
    interval = found.changes[0].before
    assert interval.low < interval.value < interval.high
    assert not decide(Sets(found, strangers=made_up())).accepted


def test_chance_changes_are_no_sure_gain(make_faces):
    """Two models that are equally good: P(gain > 0) is anything, and rarely 0.95."""
    sure = 0
    for seed in range(20):
        before, people = make_faces(seed, [8] * 12, dimension=64, noise=1.4)
        turned = np.random.default_rng(seed).normal(size=before.shape) * 0.02
        one = before + turned
        other = before - turned
        pair = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (one, other)]
        found = compared(*(each.astype(np.float32) for each in pair), people, resamples=100)
        sure += found.gain >= 0.95
    assert sure <= 3


def test_where_nothing_is_left_to_gain_the_stricter_rate_decides(make_faces):
    drawn = Resampled(
        before=np.array([[1.0, 0.8], [1.0, 0.9], [1.0, 0.9], [0.9, 0.1], [0.9, 0.9]]),
        after=np.array([[1.0, 0.9], [1.0, 0.8], [1.0, 0.9], [0.8, 0.9], [1.0, 0.1]]),
        before_all=np.array([1.0, 0.8]),
        after_all=np.array([1.0, 0.9]),
    )
    assert comparison._gain(drawn) == 2 / 5  # the first and the last
    vectors, people = make_faces(4, [6] * 6, dimension=64, noise=0.1)
    saturated = compared(vectors, vectors, people)
    assert saturated.changes[0].before == Interval(1.0, 1.0, 1.0)
    assert saturated.gain == 0


def test_vectors_of_another_size_can_be_compared(make_faces):
    before, people = make_faces(5, [8] * 8, dimension=16, noise=1.2)
    after, _ = make_faces(5, [8] * 8, dimension=96, noise=1.0)
    shuffled = np.argsort(people, kind="stable")
    found = compared(before[shuffled], after[shuffled], people[shuffled])
    assert found.after.val_at_far[1e-3] > found.before.val_at_far[1e-3]


def test_an_old_or_new_model_without_vectors_is_named(make_faces):
    vectors, people = make_faces(6, [4] * 4)
    broken = vectors.copy()
    broken[1] = np.nan
    with pytest.raises(UserError, match="the new model gives 1 of 16 faces"):
        compared(vectors, broken, people)
    with pytest.raises(UserError, match="the model in use gives 1 of 16 faces"):
        compared(broken, vectors, people)
    with pytest.raises(UserError, match="the faces of the test cannot"):
        compared(vectors, vectors, np.zeros(16, np.int64))
    with pytest.raises(InternalError, match="16 labels"):
        compared(vectors, vectors[:3], people)


# Deciding


def test_a_sure_gain_that_harms_nobody_is_accepted():
    verdict = decide(Sets(made_up(0.01, gain=0.95), made_up(), made_up(-0.001)))
    assert verdict.accepted
    assert verdict.reason == (
        "The new model is better for the people it was trained on: it knows 91.00 % instead of"
        " 90.00 % of the pairs of photos of one person, when one in 1,000 pairs of different"
        " people is mistaken for one, a gain in 95.0 % of random draws of these people; for people"
        " kept out of training this changes by +0.00 points on average of the draws and for"
        " strangers this changes by −0.10 points on average of the draws."
    )


@pytest.mark.parametrize(
    ("sets", "reason"),
    [
        (Sets(made_up(0.01, gain=0.949), None, made_up()), "not surely better"),
        (Sets(made_up(0.01, gain=1), None, made_up(-0.0021)), "worse for strangers"),
        (Sets(made_up(0.01, gain=1), made_up(-0.0021), made_up()), "people kept out of training"),
        (Sets(made_up(0.01, gain=1)), "no strangers"),
        (Sets(made_up(0.01, gain=1), made_up()), "no strangers"),
        (Sets(made_up(0.01, gain=1), None, made_up(people=4)), "only 4 strangers"),
        (Sets(made_up(0.01, gain=1, people=4), None, made_up()), "only 4 of the people"),
    ],
)
def test_what_is_refused_and_why(sets, reason):
    verdict = decide(sets)
    assert not verdict.accepted
    assert verdict.reason.startswith("The new model is not offered, because ")
    assert reason in verdict.reason


def test_the_borders_are_allowed():
    assert decide(Sets(made_up(0.01, gain=0.95), made_up(-0.002), made_up(-0.002))).accepted
    lost = made_up(0.899 + 0.099 - 1.0)  # -0.0020000000000000018
    assert decide(Sets(made_up(0.01, gain=0.95), None, lost)).accepted
    few = made_up(0.01, gain=1, people=FEWEST_PEOPLE)
    assert decide(Sets(few, None, replace(made_up(), people=FEWEST_PEOPLE))).accepted


def test_strangers_lose_by_what_they_lose_on_average():
    """Not by what happens to be lost with everybody once."""
    change = made_up().changes[0]
    unlucky = replace(change, change=Interval(-0.01, -0.02, 0.01), mean=-0.001)
    strangers = replace(made_up(), changes=(unlucky, made_up().changes[1]))
    assert decide(Sets(made_up(0.01, gain=1), None, strangers)).accepted
    worse = replace(made_up(), changes=(replace(change, mean=-0.003), made_up().changes[1]))
    assert not decide(Sets(made_up(0.01, gain=1), None, worse)).accepted


def test_every_reason_is_given():
    reason = decide(Sets(made_up(gain=0.2), made_up(-0.1), made_up(-0.2))).reason
    for part in ("not surely better", "worse for people kept out", "worse for strangers"):
        assert part in reason
    assert reason.count(".") > 3
    assert reason.endswith(").")


def test_strangers_can_be_done_without_when_one_says_so():
    verdict = decide(Sets(made_up(0.01, gain=1)), Rule(without_strangers=True))
    assert verdict.accepted
    assert verdict.reason.endswith("what it does to strangers was not measured.")
    worse = Sets(made_up(0.01, gain=1), None, made_up(-0.01))
    assert not decide(worse, Rule(without_strangers=True)).accepted


def test_a_gain_at_the_stricter_rate_is_told_at_that_rate():
    reason = decide(Sets(made_up(0.0, gain=1, strict=0.05), None, made_up())).reason
    assert "85.00 % instead of 80.00 %" in reason
    assert "10,000 pairs" in reason


ALL = {
    "better": Sets(made_up(0.01, gain=1), made_up(0.001), made_up(-0.001)),
    "alone": Sets(made_up(0.01, gain=1)),
    "worse": Sets(made_up(gain=0.2), made_up(-0.1), made_up(-0.2, people=2)),
    "no strangers": Sets(made_up(0.01, gain=1), made_up(-0.1)),
    "few": Sets(made_up(people=2)),
}


@pytest.mark.parametrize("sets", ALL.values(), ids=ALL)
def test_a_verdict_is_kept_in_english_and_said_in_another_language(sets, german):
    rule = Rule(without_strangers=sets is ALL["alone"])
    reason = decide(sets, rule).reason
    assert reason.startswith("The new model")
    told = said(reason)
    assert told.startswith("Das neue Modell")
    english = {"the", "and", "is", "it", "for", "of", "where", "points", "not", "there", "are"}
    assert not english & set(re.findall("[a-z]+", told))
    assert not re.search("[0-9][.][0-9]", told)


def test_a_verdict_in_german_is_one_sentence(german):
    reason = decide(ALL["worse"]).reason
    assert said(reason) == (
        "Das neue Modell wird nicht angeboten: für die Personen, mit denen es trainiert wurde, ist "
        "es nicht sicher besser (es erkennt 90,00 % statt 90,00 % der Paare von Fotos einer "
        "Person, wenn von 1\u202f000 Paaren verschiedener Personen eines für dieselbe gehalten "
        "wird, ein Gewinn in 20,0 % der zufälligen Ziehungen dieser Personen, verlangt sind 95 %) "
        "und für nicht trainierte Personen ist es schlechter (80,00 % statt 90,00 % ihrer Paare, "
        "im Mittel −10,00 Punkte, erlaubt sind −0,20 Punkte) und für Fremde ist es schlechter "
        "(70,00 % statt 90,00 % ihrer Paare, im Mittel −20,00 Punkte, erlaubt sind −0,20 Punkte) "
        "und nur 2 Fremde haben zwei Fotos, die zeigen, dass es für sie nicht schlechter ist, "
        "nötig sind 5."
    )


def test_the_form_for_a_file():
    stored = json.loads(json.dumps(Sets(made_up(0.01), None, made_up()).as_json()))
    assert stored["held_out"] is None
    trained = stored["trained"]
    assert trained["before"]["val_at_far"] == {"0.001": 0.9, "0.0001": 0.8}
    assert trained["after"]["people"] == 20
    assert trained["intervals"]["0.001"]["change"] == pytest.approx([0.0, 0.02])
    assert trained["intervals"]["0.0001"]["mean_change"] == 0
    assert trained["gain_probability"] == 0.5
