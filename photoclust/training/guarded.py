"""The end of a network as it was trained, where a trained person may be, and as it was elsewhere.

Whatever holds it, an end that is trained on a few dozen people moves every face there is a little,
and a few pairs in 10 000 is all that a library can bear. So both ends are kept, and the units of an
adapter, which detect the trained people, say where the new one counts.
"""

from typing import Self

import torch

from photoclust.training.adapter import ResidualAdapter
from photoclust.training.backbones.stages import Stages

REACH = 0.05
"""By how much cosine the units must answer, together, until the trained end counts in full."""


class GuardedBlocks(torch.nn.Module):
    """From what the frozen part gives, [B, …], to unit vectors [B, d].

    With o of the end as it was and n of the `trained` one: o + g · (n − o) + what the adapter adds
    to o, normalised; g rises from 0 to 1 as the sum of the adapter's answers to o rises from 0 to
    REACH. A face that no unit answers to keeps its vector, bit for bit.
    """

    def __init__(self, before: Stages, trained: Stages, adapter: ResidualAdapter) -> None:
        super().__init__()
        self.before = before.eval().requires_grad_(requires_grad=False)
        self.trained = trained
        self.adapter = adapter

    def train(self, mode: bool = True) -> Self:
        """Switch modes, save for the end as it was."""
        super().train(mode)
        self.before.eval()
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let everything learn, or nothing; the end as it was never does."""
        super().requires_grad_(requires_grad)
        self.before.requires_grad_(requires_grad=False)
        return self

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Unit vectors [B, d]."""
        with torch.no_grad():
            old: torch.Tensor = self.before(features)
        answers = self.adapter.answers(old)
        weight = (answers.sum(dim=1, keepdim=True) / REACH).clamp(max=1.0)
        # Not a sum of two weighted vectors: what no unit answers to would be rounded.
        moved = weight * (self.trained(features) - old) + answers @ self.adapter.pushes
        return torch.where(weight > 0, torch.nn.functional.normalize(old + moved), old)
