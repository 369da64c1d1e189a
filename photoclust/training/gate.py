"""The gate: whether a newly trained embedding may be offered in place of the one in use.

It has to be better for the people it was trained on, on photos it was not trained on, beyond
chance; and no worse for people it never saw. Training on few people easily buys the one with the
other, so both are measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from photoclust.core.language import marked, tr_kept
from photoclust.training.comparison import Comparison

FEWEST_PEOPLE = 5
"""People with two faces or more that a set needs to be evidence: were a model neither better nor
worse, all of four would gain by chance in 1 of 16 cases, all of five in 1 of 32, less than 5 %.
"""

_ROUNDING = 1e-12

# A verdict is kept in English, see `said`.
_REFUSED = marked("The new model is not offered, because {reasons}.")
_ACCEPTED = marked("The new model is better for the people it was trained on: {told}; {others}.")
_AND = marked("{one} and {other}")
_FEW_TESTED = marked(
    "only {people} of the people it was trained on can be tested on other photos, where {least} "
    "are needed"
)
_NOT_SURE = marked(
    "it is not surely better for the people it was trained on ({told}, where {wanted} are wanted)"
)
_WORSE = {
    "held_out": marked(
        "it is worse for people kept out of training ({after} instead of {before} of their pairs, "
        "on average {change} points, where {allowed} points are allowed)"
    ),
    "strangers": marked(
        "it is worse for strangers ({after} instead of {before} of their pairs, on average "
        "{change} points, where {allowed} points are allowed)"
    ),
}
_NO_STRANGERS = marked("there are no strangers to show that it is not worse for them")
_FEW_STRANGERS = marked(
    "only {people} strangers have two photos to show that it is not worse for them, where {least} "
    "are needed"
)
_CHANGES = {
    "held_out": marked(
        "for people kept out of training this changes by {change} points on average of the draws"
    ),
    "strangers": marked("for strangers this changes by {change} points on average of the draws"),
}
_NOT_MEASURED = marked("what it does to strangers was not measured")
_TOLD = marked(
    "it knows {after} instead of {before} of the pairs of photos of one person, when one in "
    "{pairs} pairs of different people is mistaken for one, a gain in {gain} of random draws of "
    "these people"
)
_FORMS = (
    _REFUSED,
    _ACCEPTED,
    _AND,  # before what it joins, which another clause would seem to be a part of
    _FEW_TESTED,
    _NOT_SURE,
    *_WORSE.values(),
    _FEW_STRANGERS,
    *_CHANGES.values(),
    _TOLD,
)


@dataclass(frozen=True, slots=True)
class Sets:
    """What the gate judges by: photos of the `trained` people that were kept from training, people
    `held_out` of it altogether, and `strangers`. The last two may be missing.
    """

    trained: Comparison
    held_out: Comparison | None = None
    strangers: Comparison | None = None

    def as_json(self) -> dict[str, object]:
        """For a file; None for a set that is missing."""
        return {
            name: None if one is None else one.as_json()
            for name, one in (
                ("trained", self.trained),
                ("held_out", self.held_out),
                ("strangers", self.strangers),
            )
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """When a model is accepted: the gain of the trained people is at least this `sure`, and VAL of
    others falls on average by at most `loss` (at the first of FARS).

    Fewer trained people than `people` show nothing, and a model is refused. So it is without
    strangers, or with fewer of them: nothing shows that they do not suffer. `without_strangers`
    says that this is known and accepted.
    """

    sure: float = 0.95
    loss: float = 0.002
    people: int = FEWEST_PEOPLE
    without_strangers: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model is `accepted`, and why: one sentence for a user, in English."""

    accepted: bool
    reason: str


def decide(sets: Sets, rule: Rule | None = None) -> Verdict:
    """Whether the new model may be offered."""
    rule = rule or Rule()
    against = _against(sets, rule)
    if against:
        return Verdict(False, _REFUSED.format(reasons=_listed(against)))
    others = [
        _CHANGES[name].format(change=_points(one.changes[0].mean)) for name, one in _others(sets)
    ]
    unseen = others or [_NOT_MEASURED]
    return Verdict(True, _ACCEPTED.format(told=_told(sets.trained), others=_listed(unseen)))


def said(reason: str) -> str:
    """The `reason` of a verdict, as a run keeps it, in the language that is spoken."""
    return tr_kept(reason, _FORMS)


def _against(sets: Sets, rule: Rule) -> list[str]:
    trained, strangers = sets.trained, sets.strangers
    if trained.people < rule.people:
        return [_FEW_TESTED.format(people=trained.people, least=rule.people)]
    against = []
    if trained.gain < rule.sure:
        sure = _percent(rule.sure, 0)
        against.append(_NOT_SURE.format(told=_told(trained), wanted=sure))
    for name, one in _others(sets):
        change = one.changes[0]
        if change.mean < -rule.loss - _ROUNDING:
            against.append(
                _WORSE[name].format(
                    after=_percent(change.after.value),
                    before=_percent(change.before.value),
                    change=_points(change.mean),
                    allowed=_points(-rule.loss),
                )
            )
    if not rule.without_strangers:
        if strangers is None:
            against.append(_NO_STRANGERS)
        elif strangers.people < rule.people:
            against.append(_FEW_STRANGERS.format(people=strangers.people, least=rule.people))
    return against


def _others(sets: Sets) -> list[tuple[str, Comparison]]:
    named = (("held_out", sets.held_out), ("strangers", sets.strangers))
    return [(name, one) for name, one in named if one is not None]


def _told(one: Comparison) -> str:
    """What changed, at the false accept rate that tells them apart."""
    change = next((each for each in one.changes if each.change.value), one.changes[0])
    return _TOLD.format(
        after=_percent(change.after.value),
        before=_percent(change.before.value),
        pairs=f"{round(1 / change.far):,}",
        gain=_percent(one.gain, 1),
    )


def _listed(clauses: Sequence[str]) -> str:
    return reduce(lambda one, other: _AND.format(one=one, other=other), clauses)


def _percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f} %"


def _points(change: float) -> str:
    return f"{100 * change:+.2f}".replace("-", "−")
