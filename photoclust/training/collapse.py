"""Watching a training for its two ways to die: numbers that run off, and a collapse.

A network that is trained with negatives that are too hard may map every face to the same point,
f(x) = const: then each triplet costs just the margin, and nothing pulls the points apart any more
(FaceNet §3.2). The loss alone does not tell; how far apart the embeddings lie does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from photoclust.core.errors import UserError
from photoclust.training import failures

_FACES_FOR_RANK = 128
"""Of how many faces of a batch the effective rank is taken: its cost grows with their cube."""
_ROUNDING = 1e-12
"""Share of the embeddings' length below which a difference is none."""


class TrainingDivergedError(UserError):
    """A training whose loss or embeddings are not finite."""


class TrainingCollapsedError(UserError):
    """A training that maps all faces to nearly the same embedding."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far apart the embeddings of a batch lie.

    `mean_distance` is the mean squared L2 distance of two faces: 0 when all are the same, 2 for
    unit vectors in all directions. `deviation` is the standard deviation of a dimension, root mean
    square over the dimensions. `effective_rank` is how many dimensions they fill: the exponential
    of the entropy of the singular values of the centred embeddings (Roy and Vetterli 2007); 0 when
    all are the same.
    """

    mean_distance: float
    deviation: float
    effective_rank: float


def embedding_spread(embeddings: torch.Tensor) -> Spread:
    """The spread of `embeddings` [B, d], finite; of fewer than two it is 0."""
    count = len(embeddings)
    if count < 2:
        return Spread(0.0, 0.0, 0.0)
    # In double precision: of a collapse nothing but rounding would be left.
    points = embeddings.detach().double()
    around = float((points - points.mean(dim=0)).square().sum())
    return Spread(
        mean_distance=2 * around / (count - 1),
        deviation=(around / count / points.shape[1]) ** 0.5,
        effective_rank=_effective_rank(points[:: -(-count // _FACES_FOR_RANK)]),
    )


@dataclass
class CollapseWatch:
    """Looks at every batch of one training; call it before the optimizer's step.

    A batch is collapsed whose mean squared distance is below `floor` or below `share` of the
    largest seen so far, or whose effective rank is below `least_rank`: all on one line. Training
    ends after `patience` collapsed batches on end; that also is how many steps a network without
    any training has to come apart.
    """

    floor: float = 0.01
    share: float = 0.05
    least_rank: float = 1.2
    patience: int = 50
    _steps: int = field(default=0, init=False)
    _collapsed: int = field(default=0, init=False)
    _widest: float = field(default=0.0, init=False)

    def __call__(self, embeddings: torch.Tensor, loss: torch.Tensor) -> Spread:
        """The spread of a batch's `embeddings` [B, d] with its `loss`, a scalar.

        Raises TrainingDivergedError at once when either is not finite, and TrainingCollapsedError
        when the batches have been collapsed for too long.
        """
        self._steps += 1
        require_finite("loss", loss)
        require_finite("embeddings", embeddings)
        spread = embedding_spread(embeddings)
        self._widest = max(self._widest, spread.mean_distance)
        is_collapsed = (
            spread.mean_distance < max(self.floor, self.share * self._widest)
            or spread.effective_rank < self.least_rank
        )
        self._collapsed = self._collapsed + 1 if is_collapsed else 0
        if self._collapsed >= self.patience:
            raise TrainingCollapsedError(
                failures.COLLAPSED.format(
                    step=self._steps,
                    distance=f"{spread.mean_distance:.4f}",
                    rank=f"{spread.effective_rank:.1f}",
                )
            )
        return spread

    def state_dict(self) -> dict[str, float]:
        """What it has seen, to go on from."""
        return {"steps": self._steps, "collapsed": self._collapsed, "widest": self._widest}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Go on from what `state_dict` gave."""
        self._steps, self._collapsed = int(state["steps"]), int(state["collapsed"])
        self._widest = state["widest"]


def require_finite(what: str, numbers: torch.Tensor) -> None:
    """Raise TrainingDivergedError, which says what they are, unless all `numbers` are finite."""
    if not bool(torch.isfinite(numbers).all()):
        raise TrainingDivergedError(failures.DIVERGED.format(what=what))


def _effective_rank(points: torch.Tensor) -> float:
    """Of `points` [F, d], through the smaller matrix of the centred points' products."""
    centred = points - points.mean(dim=0)
    narrow = centred if len(centred) < centred.shape[1] else centred.T
    strengths = torch.linalg.eigvalsh(narrow @ narrow.T).clamp(min=0).sqrt()
    total = strengths.sum()
    if total <= _ROUNDING * points.norm():
        return 0.0
    shares = strengths / total
    return float(torch.exp(torch.special.entr(shares).sum()))
