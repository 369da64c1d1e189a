"""The loop of a training: the same steps again, gone on with, cut into parts, or stopped."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl
from photoclust.training.adapter import ResidualAdapter
from photoclust.training.bootstrap import val_of_all
from photoclust.training.checkpoints import Checkpoint
from photoclust.training.collapse import TrainingCollapsedError, TrainingDivergedError
from photoclust.training.distances import Loss
from photoclust.training.heads import ProjectionHead
from photoclust.training.loop import Loop
from photoclust.training.objectives import build_objective
from photoclust.training.options import (
    PLANS,
    Kind,
    LossName,
    Mining,
    OptimizerName,
    Options,
)
from photoclust.training.trainee import CachedInputs, Trainee

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]

PLAN = replace(
    PLANS[Kind.HEAD],
    people=4,
    faces=3,
    distilled=8,
    learning_rate=1e-3,
    check_every=4,
    least_steps=18,
    epochs=1,
)
WATCHING = replace(PLAN, watched=0.3, patience=2, learning_rate=0.05)


class Killed(BaseException):
    """The process is gone."""


class Net(torch.nn.Module):
    """A network with statistics and chance in it."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.linear = torch.nn.Linear(16, 16)
        self.norm = torch.nn.BatchNorm1d(16)
        self.dropout = torch.nn.Dropout(0.3)
        with torch.no_grad():
            for parameter in self.linear.parameters():
                parameter.normal_(0, 0.3, generator=generator)

    def forward(self, inputs):
        return torch.nn.functional.normalize(self.dropout(self.norm(self.linear(inputs))))


def head(faces):
    return ResidualAdapter.imprinted(faces.vectors[faces.train], faces.labels, threshold=0.3)


def made(faces, folder=None, *, body=None, plan=PLAN, on_look=lambda _: None, noise=0.5, **options):
    options = Options(**options)
    generator = torch.Generator().manual_seed(options.seed)
    projects = options.loss is LossName.SOFTMAX_TRIPLET
    trainee = Trainee(
        body or head(faces),
        CachedInputs(faces.vectors, noise),
        size=16,
        projection=ProjectionHead(16, 16, generator=generator) if projects else None,
        learns_statistics=isinstance(body, Net),
    )
    people = int(faces.labels.max()) + 1
    objective = build_objective(options, size=16, people=people, generator=generator)
    return Loop(trainee, objective, faces, options, plan, generator, folder, on_look)


def weights(loop):
    states = (loop.trainee.state_dict(), loop.objective.learnt.state_dict())
    return [(name, value.tolist()) for state in states for name, value in state.items()]


@pytest.fixture
def faces(make_run_faces):
    return make_run_faces(noise=1.2)


@pytest.fixture
def many_faces(make_run_faces):
    """So many of each person that some can be watched."""
    return make_run_faces(people=6, each=16, noise=1.2)


def test_the_same_seed_gives_the_same_weights(faces):
    first, same, other = (made(faces, seed=seed, body=Net()) for seed in (1, 1, 2))
    untrained = weights(first)
    trained = [loop.run() for loop in (first, same, other)]
    assert weights(first) == weights(same) != weights(other)
    assert trained[0] == trained[1] != trained[2]
    assert weights(first) != untrained
    assert trained[0].steps == trained[0].chosen == 18
    assert [look["step"] for look in trained[0].history] == [4, 8, 12, 16, 18]
    assert set(trained[0].history[0]) == {"step", "loss", "distilled", "active", "spread", "rank"}


CASES = {
    "as it is": {},
    "batch norm and dropout in parts": {"net": True, "chunk": 7},
    "offline mining and accumulation": {"offline_every": 3, "accumulate": 2},
    "AdaGrad": {"optimizer": OptimizerName.ADAGRAD},
    "SGD and random negatives": {"optimizer": OptimizerName.SGD, "mining": (Mining.RANDOM,)},
    "a classifier first": {"loss": LossName.SOFTMAX_TRIPLET},
    "harmonic": {"harmonic": True},
    "stopped early": {"watching": True},
}


@pytest.mark.parametrize("case", CASES)
def test_a_training_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path, make_run_faces, case):
    options = dict(CASES[case])
    watching = options.pop("watching", False)
    faces = make_run_faces(people=6, each=16 if watching else 8, noise=1.2)
    plan = WATCHING if watching else PLAN
    plan = replace(plan, optimizer=options.get("optimizer", plan.optimizer))
    is_net = options.pop("net", False)

    def begun(folder, on_look=lambda _: None):
        body = Net() if is_net else None
        return made(faces, folder, plan=plan, on_look=on_look, body=body, **options)

    whole = begun(None)
    expected = whole.run()
    if watching:
        assert expected.steps < whole.steps
        assert expected.chosen < expected.steps
    looks = len(expected.history)
    # Killed between a look and its checkpoint, so that steps are lost; the last time after all.
    for number in range(looks + 1) if case == "as it is" else (2, looks):
        folder = tmp_path / str(number)
        folder.mkdir()
        seen = []

        def on_look(look, seen=seen, number=number):
            seen.append(look)
            if len(seen) > number:
                raise Killed

        if number < looks:
            with pytest.raises(Killed):
                begun(folder, on_look).run()
        else:
            begun(folder, on_look).run()
        kept = Checkpoint.load(folder)
        assert (0 if kept is None else len(kept.history)) == number
        again = begun(folder)
        assert again.run() == expected
        assert weights(again) == weights(whole)


def test_what_learnt_to_classify_stays_as_it_is_while_its_projection_learns(faces):
    states = []
    loop = made(faces, loss=LossName.SOFTMAX_TRIPLET, plan=replace(PLAN, check_every=1))
    untrained = loop.trainee.projection.projection.weight.tolist()

    def look(_):
        parts = (loop.trainee.body.pushes, loop.trainee.projection.projection.weight)
        states.append([part.tolist() for part in parts])

    loop.on_look = look
    loop.run()
    bodies, projections = zip(*states, strict=True)
    changes = [one != other for one, other in pairwise(bodies)]
    assert changes == [True] * 8 + [False] * 9
    changes = [one != other for one, other in pairwise((untrained, *projections))]
    assert changes == [False] * 9 + [True] * 9


def test_offline_mining_changes_who_is_in_a_batch(faces, tmp_path):
    plain, offline = (
        made(faces, tmp_path / str(every), offline_every=every, accumulate=2) for every in (0, 3)
    )
    for loop in (plain, offline):
        loop.folder.mkdir()
        loop.run()
    assert weights(plain) != weights(offline)
    assert not Checkpoint.load(plain.folder).lookalikes
    found = Checkpoint.load(offline.folder).lookalikes
    assert [step for step, _ in found] == [3, 6, 9, 12, 15]  # once a step, whatever its parts
    assert {who: len(others) for who, others in found[-1][1].items()} == dict.fromkeys(range(8), 7)


class Dropped(torch.nn.Module):
    """A linear layer and a dropout whose masks are told, or said beforehand."""

    def __init__(self, masks=()):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.nn.Parameter(torch.randn(16, 16, generator=generator))
        self.said, self.masks = list(masks), []

    def forward(self, inputs):
        mask = self.said.pop(0) if self.said else torch.rand(len(inputs), 16) < 0.7
        self.masks.append(mask)
        return torch.nn.functional.normalize(inputs @ self.weight * mask)


@pytest.mark.parametrize("harmonic", [False, True])
def test_a_batch_in_parts_has_the_gradient_of_the_whole(faces, harmonic):
    """A step of SGD with a rate of 1, beginning with momentum, is 1.9 times the gradient."""
    plan = replace(PLAN, optimizer=OptimizerName.SGD, learning_rate=1.0, least_steps=1, epochs=0.1)
    steps, masks = [], []
    for chunk in (6, 1000):
        body = Dropped(masks)
        before = body.weight.detach().clone()
        made(faces, body=body, plan=plan, noise=0, chunk=chunk, harmonic=harmonic).run()
        steps.append((body.weight.detach() - before) / 1.9)
        if not masks:
            # 4 people with 3 faces and 8 to distil, each part twice.
            assert [len(mask) for mask in body.masks] == [5] * 4 * 2
            first, second = body.masks[:4], body.masks[4:]
            assert all(map(torch.equal, first, second))
            assert not torch.equal(first[0], first[1])
            masks = [torch.cat(first)]
    assert steps[0].abs().max() > 0.01
    torch.testing.assert_close(steps[0], steps[1], atol=1e-6, rtol=0)


class Spy:
    """An objective of one number that is learnt; `seen` is what it was called with."""

    def __init__(self):
        self.learnt = torch.nn.Linear(1, 1, bias=False)
        self.seen = []
        torch.nn.init.zeros_(self.learnt.weight)

    def __call__(self, embeddings, labels, progress):
        self.seen.append((embeddings.detach(), labels, progress))
        return Loss(embeddings.sum() * 0 + self.learnt.weight.sum(), 1, 1.0)

    def is_classifying(self, progress):
        return False


def spied(faces, **given):
    loop = made(faces, **given)
    spy = Spy()
    return Loop(loop.trainee, spy, faces, loop.options, loop.plan, loop.generator), spy


@pytest.mark.parametrize("accumulate", [1, 3])
def test_a_step_of_several_batches_is_the_mean_of_theirs(faces, accumulate):
    plan = replace(PLAN, optimizer=OptimizerName.SGD, learning_rate=1.0, least_steps=1, epochs=0.1)
    loop, spy = spied(faces, plan=plan, accumulate=accumulate)
    loop.run()
    assert spy.learnt.weight.item() == pytest.approx(-1.9)
    assert len(spy.seen) == accumulate


def test_the_rate_rises_shortly_and_falls_as_a_cosine(faces):
    """AdamW goes as far as its rate as long as the gradient is the same."""
    loop, spy = spied(faces, plan=replace(PLAN, least_steps=100, check_every=1))
    places = []
    loop.on_look = lambda _: places.append(spy.learnt.weight.item())
    loop.run()
    rates = -np.diff([0, *places])
    expected = [
        1e-3 * min((step + 1) / 5, 1) * (1 + math.cos(math.pi * step / 100)) / 2
        for step in range(100)
    ]
    np.testing.assert_allclose(rates, expected, atol=1e-6)
    assert [progress for *_, progress in spy.seen] == [step / 100 for step in range(100)]


def test_harmonic_batches_have_every_face_twice_its_old_vector_too(faces):
    plan = replace(PLAN, least_steps=1, epochs=0.1)
    found = {}
    for harmonic in (False, True):
        loop, spy = spied(faces, plan=plan, noise=0, harmonic=harmonic)
        (look,) = loop.run().history
        found[harmonic] = (*spy.seen[0][:2], look["distilled"])
    (new, labels, kept), (both, labels_of_both, pulled) = found[False], found[True]
    assert torch.equal(both[:12], new)
    assert labels_of_both.tolist() == labels.tolist() * 2
    old = torch.from_numpy(faces.vectors[faces.train])
    rows = (both[12:, None] - old).abs().amax(dim=2).argmin(dim=1)
    assert torch.equal(both[12:], old[rows])
    assert faces.labels[rows].tolist() == labels.tolist()
    # Those to distil are answered by nobody's detector much, and are pulled to where they were.
    assert 0 < kept < pulled


def test_without_unlabelled_faces_nothing_is_distilled(faces):
    alone = replace(faces, distil=faces.distil[:0])
    trained = made(alone).run()
    assert {look["distilled"] for look in trained.history} == {0}
    assert any(look["distilled"] for look in made(faces).run().history)
    weightless = made(faces, plan=replace(PLAN, weight=0.0)).run()
    assert {look["distilled"] for look in weightless.history} == {0}


def test_the_network_with_the_best_val_on_watched_faces_is_chosen(many_faces):
    loop = made(many_faces, plan=WATCHING, body=Net())
    inputs = loop.trainee.inputs
    seen = set()

    class Inputs:
        def __call__(self, rows, rng=None):
            if rng is not None:
                seen.update(rows.tolist())
            return inputs(rows, rng)

    loop.trainee.inputs = Inputs()
    trained = loop.run()
    watched = np.setdiff1d(many_faces.train, list(seen))
    people, counts = np.unique(many_faces.person[watched], return_counts=True)
    assert len(people) == 6
    assert set(counts) == {2}
    best = max(trained.history, key=lambda look: look["val"])
    assert best["step"] == trained.chosen
    numbers = np.searchsorted(people, many_faces.person[watched])
    found = val_of_all(loop.trainee.embed(watched), numbers)
    assert found[0] == best["val"] > trained.history[-1]["val"]


def test_whole_occasions_are_watched(many_faces):
    occasion = many_faces.occasion // 3
    loop = made(replace(many_faces, occasion=occasion), plan=WATCHING)
    assert len(loop._watched)
    assert not set(occasion[loop._watched]) & set(occasion[loop._learning])
    both = np.sort(np.concatenate([loop._watched, loop._learning]))
    np.testing.assert_array_equal(both, many_faces.train)
    counts = np.bincount(many_faces.person[loop._learning])
    assert counts[counts > 0].min() >= 4


@pytest.mark.parametrize("each", [8, 10])
def test_nobody_is_watched_where_they_would_have_no_val(make_run_faces, each):
    """Four or five faces to train on leave none or one of each person to watch."""
    trained = made(make_run_faces(people=4, each=each), plan=WATCHING).run()
    assert trained.chosen == trained.steps == 18
    assert all("val" not in look for look in trained.history)


class Collapsed(torch.nn.Module):
    """Gives the same for everybody."""

    def __init__(self):
        super().__init__()
        self.place = torch.nn.Parameter(torch.ones(16))
        self.calls = 0

    def forward(self, inputs):
        self.calls += 1
        return torch.nn.functional.normalize(self.place.expand(len(inputs), 16))


def test_a_collapse_stops_the_training_also_when_gone_on_with(faces, tmp_path):
    plan = replace(PLAN, least_steps=200)

    def killed(look):
        if look["step"] == 40:
            raise Killed

    with pytest.raises(Killed):
        made(faces, tmp_path, body=Collapsed(), plan=plan, on_look=killed).run()
    assert Checkpoint.load(tmp_path).step == 36
    body = Collapsed()
    with pytest.raises(TrainingCollapsedError, match="at step 50"):
        made(faces, tmp_path, body=body, plan=plan).run()
    assert body.calls == 50 - 36


@pytest.mark.parametrize("loss", [LossName.TRIPLET, LossName.CONTRASTIVE, LossName.ARCFACE])
def test_numbers_that_run_off_stop_the_training(faces, loss):
    loop = made(faces, loss=loss)
    with torch.no_grad():
        loop.trainee.body.pushes[:] = math.nan
    with pytest.raises(TrainingDivergedError):
        loop.run()


@pytest.mark.parametrize(("chunk", "call"), [(1000, 6), (5, 2), (5, 6)])
def test_cancelling_stops_within_a_step_and_within_parts_of_it(faces, chunk, call):
    """Of four parts the second call is the first time through them, the sixth the second."""
    control = JobControl()
    body = Dropped()
    calls = []

    def forward(inputs):
        calls.append(len(inputs))
        if len(calls) == call:
            control.cancel()
        return Dropped.forward(body, inputs)

    body.forward = forward
    with pytest.raises(CancelledError):
        made(faces, body=body, chunk=chunk).run(control)
    assert len(calls) == call


def test_progress_is_told(faces):
    told = []
    made(faces).run(JobControl(lambda progress: told.append((progress.done, progress.total))))
    assert told[0] == (0, 18)
    assert told[-1] == (18, 18)
