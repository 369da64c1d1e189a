"""kill -9 in the middle of naming: `tests/benchmarks/kill.py` does it a few times."""

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(os.name != "posix", reason="a process is forked and killed by a signal")
def test_no_decision_is_lost_or_half_there_after_a_kill(repository):
    script = repository / "tests" / "benchmarks" / "kill.py"
    done = subprocess.run(
        [sys.executable, str(script), "--namings", "6", "--seed", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(repository)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kills of namings" in done.stdout
