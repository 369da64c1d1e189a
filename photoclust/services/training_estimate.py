"""How long a training takes, from what its parts took on two cores without a GPU.

Measured with the faces of 8 to 100 people: the time of a step goes with the faces in it. A busy or
older computer takes longer, one with a GPU less; it is an estimate to decide by.
"""

from photoclust.training.options import Kind, Options, plan_for

_ALWAYS_S = 13.0
"""To load torch (7 s), draw the plots (5 s) and write the model."""
_STEP_S = {Kind.HEAD: 1e-4, Kind.BLOCKS: 1e-3, Kind.FULL: 0.13, Kind.SCRATCH: 3.3e-3}
"""A step, for each face in it."""
_NETWORK_S = 0.037
"""The network of the bundled model, once over a face, without learning."""
_COMPARED_S = 1.8e-3
"""Both models on a face that is measured on, a thousand draws of people."""
_MEASURED = (0.45, 0.5)
"""The share of people's faces and of unlabelled ones that are measured on."""


def estimate_s(recipe: Kind, faces: int, unlabelled: int) -> float:
    """About how many seconds it takes to train on so many confirmed and `unlabelled` faces."""
    plan = plan_for(Options(recipe=recipe))
    of_people, of_others = _MEASURED
    learnt, kept = round(faces * (1 - of_people)), round(unlabelled * (1 - of_others))
    batch = min(plan.people * plan.faces, learnt)
    steps = max(plan.least_steps, round(plan.epochs * learnt / batch) if batch else 0)
    distilled = min(plan.distilled, kept) if plan.weight else 0
    seconds = _ALWAYS_S + steps * _STEP_S[recipe] * (batch + distilled)
    if recipe in {Kind.BLOCKS, Kind.FULL}:
        seconds += _NETWORK_S * (faces + unlabelled)
    return seconds + _COMPARED_S * (faces + unlabelled - learnt - kept)
