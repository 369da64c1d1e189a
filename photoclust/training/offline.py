"""Mining beyond the batch: every n steps, on a larger subset of the faces, with the embeddings of
the newest checkpoint (FaceNet §3.2).

Two things come of it: who is easily taken for whom, so that batches can bring such people together
(`batches.py`), and triplets that are hard among all faces of the subset.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from photoclust.training.collapse import require_finite
from photoclust.training.distances import STRANGER
from photoclust.training.mining import Anchors, Miner, Triplets

_BLOCK_DISTANCES = 2**24
"""Distances at once; some ten times as many bytes are taken for them."""

Lookalikes = dict[int, NDArray[np.int64]]
"""For each person the others, the most easily confused first."""


def lookalikes(
    embeddings: NDArray[Any] | torch.Tensor,
    labels: NDArray[np.int64] | torch.Tensor,
    *,
    each: int = 20,
) -> Lookalikes:
    """For each person up to `each` others, those with the nearest mean embedding first.

    `embeddings` [N, d] are unit vectors and `labels` [N] int64; strangers are left out. By the
    means, since the nearest single faces often are the same person under a wrong name. Raises
    TrainingDivergedError for embeddings that are not finite.
    """
    vectors, people = _subset(embeddings, labels)
    known = people != STRANGER
    names, place = torch.unique(people[known], return_inverse=True)
    sums = vectors.new_zeros((len(names), vectors.shape[1])).index_add(0, place, vectors[known])
    centres = torch.nn.functional.normalize(sums)
    alike = (centres @ centres.T).fill_diagonal_(-torch.inf)
    nearest = alike.sort(dim=1, descending=True, stable=True).indices
    others = names[nearest[:, : min(each, max(len(names) - 1, 0))]].cpu().numpy()
    return dict(zip(names.tolist(), others, strict=True))


def offline_triplets(
    embeddings: NDArray[Any] | torch.Tensor,
    labels: NDArray[np.int64] | torch.Tensor,
    miner: Miner,
) -> Triplets:
    """What `miner` chooses when every face of the subset is in one batch, by place in it.

    `embeddings` [N, d] are unit vectors and `labels` [N] int64. Anchors are taken in blocks, so
    that N² distances need not be held. Raises TrainingDivergedError for embeddings that are not
    finite.
    """
    vectors, people = _subset(embeddings, labels)
    rows = torch.arange(len(people), device=people.device)
    block = max(1, _BLOCK_DISTANCES // max(len(people), 1))
    found = []
    # One block at least: without faces there is an empty one.
    for start in range(0, max(len(rows), 1), block):
        some = rows[start : start + block]
        distances = (2 - 2 * vectors[some] @ vectors.T).clamp(min=0)
        found.append(miner(Anchors.among(distances, people, some)))
    parts = zip(*found, strict=True)
    return Triplets(*(torch.cat(part) for part in parts))


def triplet_batches(
    triplets: Triplets, size: int, generator: torch.Generator
) -> Iterator[tuple[torch.Tensor, Triplets]]:
    """The triplets in random order, `size` at a time: the faces of a batch, int64 [F] ascending,
    and the triplets by their places among these.
    """
    every = torch.stack(list(triplets))
    order = torch.randperm(len(triplets), generator=generator, device=generator.device)
    order = order.to(every.device)
    for start in range(0, len(order), size):
        some = every[:, order[start : start + size]]
        faces, places = torch.unique(some, return_inverse=True)
        yield faces, Triplets(*places)


def _subset(
    embeddings: NDArray[Any] | torch.Tensor, labels: NDArray[np.int64] | torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    vectors = embeddings.detach() if torch.is_tensor(embeddings) else torch.tensor(embeddings)
    people = labels if torch.is_tensor(labels) else torch.tensor(labels)
    people = people.to(vectors.device)
    if vectors.ndim != 2 or people.shape != vectors.shape[:1]:
        raise ValueError(
            f"{list(vectors.shape)} embeddings and {list(people.shape)} labels do not belong "
            "together"
        )
    require_finite("embeddings", vectors)
    return vectors, people
