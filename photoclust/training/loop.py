"""The loop of a training: batches in, a better embedding out, looked after at every step.

Everything that is drawn hangs on the seed and the number of the step, so that a run that is
repeated, or killed and gone on with, takes the same steps.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.training.batches import BatchShape, PersonBatches
from photoclust.training.bootstrap import FARS, val_of_all
from photoclust.training.checkpoints import Checkpoint
from photoclust.training.collapse import CollapseWatch
from photoclust.training.distances import STRANGER
from photoclust.training.distillation import Pull, RelationalDistillation
from photoclust.training.faces import Rows, RunFaces
from photoclust.training.objectives import Objective
from photoclust.training.offline import lookalikes
from photoclust.training.options import OptimizerName, Options, Plan
from photoclust.training.trainee import Trainee

STAGE = marked("Training")
_WARM_UP = 0.05
"""The share of the steps in which the learning rate rises to what it is set to."""
_SUBSET = 4_000
"""Faces that are looked through for people who are easily confused."""
_HARMONIC_PULL = 1.0
"""Of strangers' new vectors to their old ones, where these shall be comparable."""

Look = dict[str, float]
"""What one look at a training says: `step`, `loss`, `distilled`, `active`, `spread`, `rank`, and
`val` where it was measured.
"""


@dataclass(frozen=True, slots=True)
class Trained:
    """How a training went: a look every few steps, and after how many it ended.

    `chosen` is the step that the network is from.
    """

    history: tuple[Look, ...]
    steps: int
    chosen: int


@dataclass
class Loop:
    """One training of `trainee` on `faces`; `generator` is what `objective` draws with.

    It keeps a checkpoint in `folder`, where there is one, and goes on from one that it finds there.
    """

    trainee: Trainee
    objective: Objective
    faces: RunFaces
    options: Options
    plan: Plan
    generator: torch.Generator
    folder: Path | None = None
    on_look: Callable[[Look], None] = lambda _: None
    _watch: CollapseWatch = field(default_factory=CollapseWatch, init=False)

    def __post_init__(self) -> None:
        self._labels = np.full(len(self.faces.vectors), STRANGER, np.int64)
        self._labels[self.faces.train] = self.faces.labels
        self._learning, self._watched = self._watch_some()
        shape = BatchShape(self.plan.people, self.plan.faces, self.plan.strangers)
        self._rows = np.concatenate([self._learning, self.faces.distil])
        self._batches = PersonBatches(
            self._labels[self._rows],
            shape,
            np.random.default_rng(self.options.seed),
            events=self.faces.occasion[self._rows],
            duplicates=self.faces.duplicates[self._rows],
        )
        size = self.plan.people * self.plan.faces * self.options.accumulate
        wanted = round(self.plan.epochs * len(self._learning) / min(size, len(self._learning)))
        self.steps = max(wanted, self.plan.least_steps)
        self.objective.learnt.to(self.trainee.device)
        self._optimizer = self._new_optimizer()
        self._history: list[Look] = []
        self._alike: list[tuple[int, dict[int, list[int]]]] = []
        self._best: dict[str, Any] | None = None
        self._best_val: tuple[float, ...] = ()

    def run(self, control: JobControl | None = None) -> Trained:
        """Train to the end, or until it no longer gets better, and leave the best in `trainee`.

        Raises TrainingCollapsedError, TrainingDivergedError, CancelledError, or UserError when the
        checkpoint cannot be written.
        """
        control = control or JobControl()
        step = self._go_on()
        while step < self.steps and self._is_getting_better():
            control.checkpoint()
            control.report(STAGE, step, self.steps)
            look = self._step(step, control)
            step += 1
            if step == self.steps or step % self.plan.check_every == 0:
                self._look(look, step, control)
                self._keep(step)
        control.report(STAGE, self.steps, self.steps)
        if self._best is not None:
            self.trainee.load_state_dict(self._best)
        chosen = int(self._best_val[-1]) if self._best_val else step
        return Trained(tuple(self._history), step, chosen)

    def _is_getting_better(self) -> bool:
        """Whether one of the last `patience` looks was the best so far, or nobody is watched.

        By what a checkpoint keeps: a training that is gone on with ends where it would have.
        """
        if not self._best_val:
            return True
        since = sum(look["step"] > self._best_val[-1] for look in self._history)
        return since < self.plan.patience

    def _watch_some(self) -> tuple[Rows, Rows]:
        """Training faces to learn from, and those to watch: whole occasions of people who keep four
        faces or more. Nobody is watched where these would have no VAL.
        """
        train, share = self.faces.train, self.plan.watched
        if not share:
            return train, train[:0]
        rng = np.random.default_rng([self.options.seed, len(train)])
        watched = np.zeros(len(train), np.bool_)
        occasion = self.faces.occasion[train]
        person = self.faces.person[train]
        left = dict(zip(*np.unique(person, return_counts=True), strict=True))
        wanted = {who: max(2, round(share * count)) for who, count in left.items()}
        for one in rng.permutation(np.unique(occasion)).tolist():
            rows = np.flatnonzero(occasion == one)
            people, here = np.unique(person[rows], return_counts=True)
            pairs = list(zip(people.tolist(), here.tolist(), strict=True))
            if all(left[who] - number >= 4 and wanted[who] > 0 for who, number in pairs):
                watched[rows] = True
                for who, number in pairs:
                    left[who] -= number
                    wanted[who] -= number
        seen = np.unique(person[watched], return_counts=True)[1]
        if len(seen) < 2 or seen.max() < 2:
            return train, train[:0]
        return train[~watched], train[watched]

    def _new_optimizer(self) -> torch.optim.Optimizer:
        learnt = [*self.trainee.parameters(), *self.objective.learnt.parameters()]
        rate = self.plan.learning_rate
        match self.plan.optimizer:
            case OptimizerName.ADAMW:
                return torch.optim.AdamW(learnt, rate, weight_decay=0.0)
            case OptimizerName.ADAGRAD:
                return torch.optim.Adagrad(learnt, rate)
            case OptimizerName.SGD:
                return torch.optim.SGD(learnt, rate, momentum=0.9, nesterov=True)

    def _rate(self, step: int) -> float:
        """A short rise, then half a cosine down to nothing (Loshchilov and Hutter 2017)."""
        progress = step / self.steps
        rising = min((step + 1) / max(_WARM_UP * self.steps, 1), 1.0)
        return self.plan.learning_rate * rising * (1 + math.cos(math.pi * progress)) / 2

    def _step(self, step: int, control: JobControl) -> Look:
        """One step of the optimizer."""
        progress = step / self.steps
        self.generator.manual_seed(self.options.seed * 1_000_003 + step)
        self.trainee.learn(classifying=self.objective.is_classifying(progress))
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate(step)
        self._optimizer.zero_grad()
        if step and self.options.offline_every and step % self.options.offline_every == 0:
            self._find_lookalikes(step, control)
        look: Look = {}
        for part in range(self.options.accumulate):
            rng = np.random.default_rng([self.options.seed, step, part])
            rows = self._rows[self._batches.draw(self._lookalikes())]
            look = self._backward(rows, step, rng, control)
        self._optimizer.step()
        return look

    def _backward(
        self, rows: Rows, step: int, rng: np.random.Generator, control: JobControl
    ) -> Look:
        """The gradients of one batch of the training faces `rows` are added to what there is."""
        distilled = self._distilled(rng)
        both = np.concatenate([rows, distilled])
        seed = int(rng.integers(0, 2**31))
        # Parts of one size: the statistics of batch norm would be poor in a small last one.
        parts = np.array_split(both, -(-len(both) // self.options.chunk))
        inputs = [
            self.trainee.inputs(part, np.random.default_rng([seed, number]))
            for number, part in enumerate(parts)
        ]
        if len(parts) == 1:
            embeddings = self._forward(inputs[0], seed)
            loss, look = self._loss(embeddings, rows, distilled, step)
            torch.autograd.backward(loss)
            return look
        # Gradient caching (Gao, Zhang, Han, Callan 2021): the loss sees the whole batch, the
        # network parts of it, twice each.
        with torch.no_grad():
            found = []
            for number, part in enumerate(inputs):
                control.checkpoint()
                found.append(self._forward(part, seed + number))
        embeddings = torch.cat(found).requires_grad_()
        loss, look = self._loss(embeddings, rows, distilled, step)
        torch.autograd.backward(loss)
        assert embeddings.grad is not None
        gradients = torch.split(embeddings.grad, [len(part) for part in parts])
        for number, (part, gradient) in enumerate(zip(inputs, gradients, strict=True)):
            control.checkpoint()
            torch.autograd.backward(self._forward(part, seed + number), gradient)
        return look

    def _forward(self, inputs: torch.Tensor, seed: int) -> torch.Tensor:
        """Embeddings; what is dropped out hangs on `seed` alone."""
        device = self.trainee.device
        with torch.random.fork_rng(devices=[]), _autocast(device):
            torch.manual_seed(seed)
            embeddings: torch.Tensor = self.trainee(inputs.to(device))
        return embeddings.float()

    def _loss(
        self, embeddings: torch.Tensor, rows: Rows, distilled: Rows, step: int
    ) -> tuple[torch.Tensor, Look]:
        device = embeddings.device
        mine, theirs = embeddings[: len(rows)], embeddings[len(rows) :]
        labels = torch.from_numpy(self._labels[rows]).to(device)
        if self.options.harmonic:
            old = torch.from_numpy(self.faces.vectors[rows]).to(device)
            mixed, labels_of_both = torch.cat([mine, old]), torch.cat([labels, labels])
            cost = self.objective(mixed, labels_of_both, step / self.steps)
        else:
            cost = self.objective(mine, labels, step / self.steps)
        value = cost.value / self.options.accumulate
        kept = torch.zeros((), device=device)
        if len(distilled):
            old = torch.from_numpy(self.faces.vectors[distilled]).to(device)
            kept = RelationalDistillation(self.plan.weight)(theirs, old).value
            if self.options.harmonic:
                kept = kept + Pull(_HARMONIC_PULL)(theirs, old).value
            value = value + kept / self.options.accumulate
        spread = self._watch(mine, value)
        return value, {
            "loss": cost.value.item(),
            "distilled": kept.item(),
            "active": cost.active,
            "spread": spread.mean_distance,
            "rank": spread.effective_rank,
        }

    def _distilled(self, rng: np.random.Generator) -> Rows:
        """Unlabelled faces for one batch."""
        rows = self.faces.distil
        count = min(self.plan.distilled if self.plan.weight else 0, len(rows))
        return rows[rng.choice(len(rows), count, replace=False)] if count else rows[:0]

    def _find_lookalikes(self, step: int, control: JobControl) -> None:
        """Offline mining, with the network as it is now."""
        rows = self._learning
        if len(rows) > _SUBSET:
            rng = np.random.default_rng([self.options.seed, step])
            rows = np.sort(rng.choice(rows, _SUBSET, replace=False))
        found = lookalikes(self.trainee.embed(rows, control), self._labels[rows])
        self._alike.append((step, {who: others.tolist() for who, others in found.items()}))

    def _lookalikes(self) -> dict[int, Rows] | None:
        if not self._alike:
            return None
        return {who: np.array(others, np.int64) for who, others in self._alike[-1][1].items()}

    def _look(self, look: Look, step: int, control: JobControl) -> None:
        """Keep what a step said, with VAL on the watched faces, and the best network."""
        entry = {"step": float(step), **look}
        rows = self._watched
        if len(rows):
            values = val_of_all(self.trainee.embed(rows, control), self._numbered(rows), FARS)
            entry["val"] = float(values[0])
            found = (*(float(value) for value in values), float(step))
            if not self._best_val or found[:-1] > self._best_val[:-1]:
                self._best = _copied(self.trainee.state_dict())
                self._best_val = found
        self._history.append(entry)
        self.on_look(entry)

    def _numbered(self, rows: Rows) -> Rows:
        return np.unique(self.faces.person[rows], return_inverse=True)[1].astype(np.int64)

    def _keep(self, step: int) -> None:
        if self.folder is not None:
            Checkpoint(
                step,
                self.trainee.state_dict(),
                self.objective.learnt.state_dict(),
                self._optimizer.state_dict(),
                self._watch.state_dict(),
                self._history,
                self._alike,
                self._best,
                self._best_val,
            ).save(self.folder)

    def _go_on(self) -> int:
        """The step to go on from: that of the checkpoint, or 0."""
        kept = None if self.folder is None else Checkpoint.load(self.folder)
        if kept is None:
            return 0
        self.trainee.load_state_dict(kept.trainee)
        self.objective.learnt.load_state_dict(kept.objective)
        self._optimizer.load_state_dict(kept.optimizer)
        self._watch.load_state_dict(kept.watch)
        self._history = kept.history
        self._best, self._best_val = kept.best, kept.best_val
        # The batches that were drawn are drawn again, so that the next one is the next one.
        for step in range(kept.step):
            self._alike = [entry for entry in kept.lookalikes if entry[0] <= step]
            for _ in range(self.options.accumulate):
                self._batches.draw(self._lookalikes())
        self._alike = kept.lookalikes
        return kept.step


def _copied(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value.detach().clone() for name, value in state.items()}


def _autocast(device: torch.device) -> torch.autocast:
    """Sixteen bits where the hardware is made for them; bfloat16 needs no scaling of the loss."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
