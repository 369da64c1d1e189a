"""The gate: whether a newly trained embedding may be offered in place of the one in use.

It has to be better for the people it was trained on, on photos it was not trained on, beyond
chance; and no worse for people it never saw. Training on few people easily buys the one with the
other, so both are measured.
"""

from dataclasses import dataclass

from photoclust.training.comparison import Comparison

FEWEST_PEOPLE = 5
"""People with two faces or more that a set needs to be evidence: were a model neither better nor
worse, all of four would gain by chance in 1 of 16 cases, all of five in 1 of 32, less than 5 %.
"""

_ROUNDING = 1e-12


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
    """Whether a model is `accepted`, and why: one sentence for a user."""

    accepted: bool
    reason: str


def decide(sets: Sets, rule: Rule | None = None) -> Verdict:
    """Whether the new model may be offered."""
    rule = rule or Rule()
    against = _against(sets, rule)
    if against:
        return Verdict(False, f"The new model is not offered, because {' and '.join(against)}.")
    others = [
        f"for {name} this changes by {_points(one.changes[0].mean)} on average of the draws"
        for name, one in _others(sets)
    ]
    unseen = others or ["what it does to strangers was not measured"]
    return Verdict(
        True,
        f"The new model is better for the people it was trained on: {_told(sets.trained)};"
        f" {' and '.join(unseen)}.",
    )


def _against(sets: Sets, rule: Rule) -> list[str]:
    trained, strangers = sets.trained, sets.strangers
    if trained.people < rule.people:
        few = f"only {trained.people} of the people it was trained on can be tested on other photos"
        return [f"{few}, where {rule.people} are needed"]
    against = []
    if trained.gain < rule.sure:
        against.append(
            "it is not surely better for the people it was trained on"
            f" ({_told(trained)}, where {_percent(rule.sure, 0)} are wanted)"
        )
    for name, one in _others(sets):
        change = one.changes[0]
        if change.mean < -rule.loss - _ROUNDING:
            against.append(
                f"it is worse for {name} ({_percent(change.after.value)} instead of"
                f" {_percent(change.before.value)} of their pairs, on average"
                f" {_points(change.mean)}, where {_points(-rule.loss)} are allowed)"
            )
    if not rule.without_strangers:
        if strangers is None:
            against.append("there are no strangers to show that it is not worse for them")
        elif strangers.people < rule.people:
            against.append(
                f"only {strangers.people} strangers have two photos to show that it is not worse"
                f" for them, where {rule.people} are needed"
            )
    return against


def _others(sets: Sets) -> list[tuple[str, Comparison]]:
    named = (("people kept out of training", sets.held_out), ("strangers", sets.strangers))
    return [(name, one) for name, one in named if one is not None]


def _told(one: Comparison) -> str:
    """What changed, at the false accept rate that tells them apart."""
    change = next((each for each in one.changes if each.change.value), one.changes[0])
    pairs = f"{round(1 / change.far):,}"
    return (
        f"it knows {_percent(change.after.value)} instead of {_percent(change.before.value)} of the"
        f" pairs of photos of one person, when one in {pairs} pairs of different people is mistaken"
        f" for one, a gain in {_percent(one.gain, 1)} of random draws of these people"
    )


def _percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f} %"


def _points(change: float) -> str:
    return f"{100 * change:+.2f} points".replace("-", "−")
