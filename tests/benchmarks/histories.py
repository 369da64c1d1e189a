"""Thousands of random histories of acts, undo and redo, compared with the model of the tests.

The test suite runs the same 150 every time; this runs as many as are asked for, new ones each time.
A history that goes wrong is made as short as possible and printed.

    python tests/benchmarks/histories.py --sequences 2000
"""

import random
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
from common import parser, verdict

from photoclust.console import table

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
from test_histories import HISTORIES, prepare, run_history


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--sequences", type=int, default=2000)
    arguments.add_argument("--seed", type=int, help="that an earlier run printed, to repeat it")
    options = arguments.parse_args()
    seed = random.randrange(2**32) if options.seed is None else options.seed
    print(f"seed {seed}", file=sys.stderr)
    ran: list[int] = []
    with TemporaryDirectory(prefix="photoclust-histories-") as temporary:
        start, folder = Path(temporary, "start"), Path(temporary, "library")
        model = prepare(start)

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=options.sequences,
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(HISTORIES)
        def check(steps: list[tuple]) -> None:
            shutil.rmtree(folder, ignore_errors=True)
            run_history(steps, start, model, folder)
            ran.append(len(steps))

        began = time.monotonic()
        check()
    table(
        ("", ""),
        [
            ("histories", len(ran)),
            ("steps", sum(ran)),
            ("seconds", f"{time.monotonic() - began:.0f}"),
        ],
    )
    print(verdict("the library said what its standing acts say after every step", True))


if __name__ == "__main__":
    main()
