"""How long a training takes, from what its parts took on two cores without a GPU.

Measured with the faces of 8 to 100 people: the time of a step goes with the faces in it. A busy or
older computer takes longer, one with a GPU less; it is an estimate to decide by.
"""

from photoclust.services.training_library import most_drawn
from photoclust.training.options import (
    DISTILLED_COPIES,
    IN_USE,
    TRAINED_COPIES,
    Kind,
    Options,
    plan_for,
)

_ALWAYS_S = 13.0
"""To load torch (7 s), draw the plots (5 s) and write the model."""
_STEP_S = {Kind.HEAD: 1e-4, Kind.BLOCKS: 1e-3, Kind.FULL: 0.13, Kind.SCRATCH: 3.3e-3}
"""A step, for each face in it; from scratch the small network."""
_NETWORK_S = 0.037
"""The network of the bundled model, once over a face, without learning."""
_COMPARED_S = 1.8e-3
"""Both models on a face that is measured on, a thousand draws of people."""
_CUT_S = 0.12
"""To open a photo of 12 megapixels again and cut one face out: 0.07 s, and 0.17 s where the face is
so small that it is cut from the full picture.
"""
_LEARNT = (0.55, 0.5)
"""The share of people's faces, and of unlabelled ones, that is not kept aside to measure on."""


def estimate_s(recipe: Kind, faces: int, unlabelled: int) -> float:
    """About how many seconds it takes to train on so many confirmed and `unlabelled` faces of a
    library, some of which are kept aside to measure on, and to cut them out for all recipes but a
    head.
    """
    of_people, of_others = _LEARNT
    cut_s = 0.0
    if recipe is not Kind.HEAD:
        unlabelled = min(unlabelled, most_drawn(faces))
        cut_s = _CUT_S * (faces + unlabelled)
    learnt, kept = round(faces * of_people), round(unlabelled * of_others)
    return cut_s + training_s(Options(recipe=recipe), learnt, kept)


def training_s(options: Options, faces: int, unlabelled: int) -> float:
    """As `estimate_s`, of a training that is prepared: it learns from so many `faces`, and is held
    by so many `unlabelled` ones.
    """
    plan, recipe = plan_for(options), options.recipe
    batch = min(plan.people * plan.faces * options.accumulate, faces)
    steps = max(plan.least_steps, round(plan.epochs * faces / batch) if batch else 0)
    if plan.weight:
        batch += min(plan.distilled, unlabelled) * options.accumulate
    is_large = recipe is Kind.SCRATCH and options.network == IN_USE
    step_s = _STEP_S[Kind.FULL if is_large else recipe] * batch
    of_people, of_others = _LEARNT
    measured = faces * (1 / of_people - 1) + unlabelled * (1 / of_others - 1)
    seconds = _ALWAYS_S + steps * step_s * len(options.mining) + _COMPARED_S * measured
    if recipe in {Kind.BLOCKS, Kind.FULL}:
        seconds += _NETWORK_S * (faces + unlabelled + measured)
    if recipe is Kind.BLOCKS:
        # Changed copies go through the frozen part as well.
        seconds += _NETWORK_S * (TRAINED_COPIES * faces + DISTILLED_COPIES * unlabelled)
    return seconds
