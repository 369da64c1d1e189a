"""How fast and how lean one step of triplet training is: mining, loss and gradient.

The batch is FaceNet's: 45 people with 40 faces each, every pair of anchor and positive, semi-hard
negatives, 128 dimensions. Beside it the same step by pytorch-metric-learning, whose miner gives
every semi-hard negative of a pair where FaceNet takes the hardest of them. Each runs in a process
of its own, so that its memory is its own; on one thread, which tells more on a busy machine.

    python tests/benchmarks/triplet_step.py
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import Judge, parser, spread
from grouping_run import peak_mb

from photoclust.console import table

PEOPLE, FACES, DIMENSIONS = 45, 40, 128
MARGIN = 0.2
LIMIT_S, LIMIT_MB = 1.5, 2_000.0
"""What a step may take at the median, and its process at its largest, libraries included."""
OURS, THEIRS = "photoclust", "pytorch-metric-learning"


def photoclust_step() -> Callable[..., tuple[int, float]]:
    from photoclust.training.distances import squared_distances
    from photoclust.training.losses import TripletLoss
    from photoclust.training.mining import TripletMiner, mine
    from photoclust.training.negatives import SemiHard

    miner, loss = TripletMiner(SemiHard(MARGIN)), TripletLoss(MARGIN)

    def step(embeddings, labels):
        distances = squared_distances(embeddings)
        found = loss(distances, mine(distances, labels, miner))
        found.value.backward()
        return found.terms, found.value.item()

    return step


def metric_learning_step() -> Callable[..., tuple[int, float]]:
    from pytorch_metric_learning.distances import LpDistance
    from pytorch_metric_learning.losses import TripletMarginLoss
    from pytorch_metric_learning.miners import TripletMarginMiner

    distance = LpDistance(normalize_embeddings=True, p=2, power=2)
    miner = TripletMarginMiner(MARGIN, type_of_triplets="semihard", distance=distance)
    loss = TripletMarginLoss(MARGIN, distance=distance)

    def step(embeddings, labels):
        triplets = miner(embeddings, labels)
        value = loss(embeddings, labels, triplets)
        value.backward()
        return len(triplets[0]), value.item()

    return step


STEPS = {OURS: photoclust_step, THEIRS: metric_learning_step}


def run(name: str, repeats: int, threads: int) -> None:
    """The step `repeats` times in this process, after once to warm up; prints JSON."""
    import torch

    torch.set_num_threads(threads)
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(PEOPLE).repeat_interleave(FACES)
    centres = torch.randn(PEOPLE, DIMENSIONS, generator=generator)
    noise = torch.randn(len(labels), DIMENSIONS, generator=generator)
    raw = centres[labels] + 1.5 * noise
    step = STEPS[name]()
    before = peak_mb()
    times, found = [], (0, 0.0)
    for _ in range(repeats + 1):
        leaf = raw.clone().requires_grad_()
        start = time.perf_counter()
        found = step(torch.nn.functional.normalize(leaf), labels)
        times.append(time.perf_counter() - start)
    figures = {"times": times[1:], "peak_mb": peak_mb(), "before_mb": before}
    print(json.dumps(figures | {"triplets": found[0], "loss": found[1]}))


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--repeats", type=int, default=7)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--only", choices=STEPS, help="this one, here, as JSON")
    options = arguments.parse_args()
    if options.only:
        run(options.only, options.repeats, options.threads)
        return
    results = {}
    for name in STEPS:
        command = [sys.executable, str(Path(__file__)), "--only", name]
        # Theirs takes so long that a few times tell enough.
        repeats = options.repeats if name == OURS else min(options.repeats, 3)
        command += ["--repeats", str(repeats), "--threads", str(options.threads)]
        env = os.environ | {"OMP_NUM_THREADS": str(options.threads)}
        done = subprocess.run(command, stdout=subprocess.PIPE, env=env, check=True)
        results[name] = json.loads(done.stdout)
    headings = (f"{PEOPLE} × {FACES} × {DIMENSIONS}", "s", "Peak MB", "MB before", "Triplets")
    rows = [
        (
            f"{name}, loss {each['loss']:.4f}",
            spread(each["times"]),
            f"{each['peak_mb']:,.0f}",
            f"{each['before_mb']:,.0f}",
            f"{each['triplets']:,}",
        )
        for name, each in results.items()
    ]
    table(headings, rows)
    judge = Judge()
    seconds, peak = float(np.median(results[OURS]["times"])), results[OURS]["peak_mb"]
    judge.judge(f"{seconds:.2f} s a step ≤ {LIMIT_S} s", seconds <= LIMIT_S)
    judge.judge(f"{peak:,.0f} MB ≤ {LIMIT_MB:,.0f} MB", peak <= LIMIT_MB)
    sys.exit(bool(judge.misses))


if __name__ == "__main__":
    main()
