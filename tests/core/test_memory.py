"""Freed memory goes back to the system; elsewhere than on glibc nothing happens."""

import ctypes
import platform
import subprocess
import sys

import pytest

from photoclust.core import memory

GLIBC = platform.libc_ver()[0] == "glibc"
PROGRAM = """
import psutil
from photoclust.core import memory
if {lean}:
    memory.return_large_pieces()
resident = lambda: psutil.Process().memory_info().rss
pieces = [bytearray(b"x" * (3 << 20)) for _ in range(60)]
keep = [bytearray(b"y" * 4000) for _ in range(60)]  # lie between freed pieces and the end
del pieces
before = resident()
pieces = [bytearray(b"x" * (20 << 20)) for _ in range(5)]
keep += [bytearray(b"y" * 4000) for _ in range(60)]
del pieces
memory.return_freed()
print((resident() - before) >> 20)
"""


@pytest.mark.skipif(not GLIBC, reason="only glibc can be asked")
@pytest.mark.parametrize("lean", [True, False])
def test_large_pieces_do_not_stay(lean):
    out = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(lean=lean)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(out.stdout) < 10


FAULTS = """
import resource
from photoclust.core import memory
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for choose in (memory.return_large_pieces, memory.keep_large_pieces):
    choose()
    bytearray(12 << 20)
    before = faults()
    for _ in range(10):
        bytearray(b"x") * (12 << 20)
    print(faults() - before)
"""


@pytest.mark.skipif(not GLIBC, reason="only glibc can be asked")
def test_kept_pieces_are_used_again():
    out = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True)
    anew, again = map(int, out.stdout.split())
    assert again < anew / 5


def test_a_library_that_cannot_be_asked_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory.return_large_pieces()
    memory.keep_large_pieces()
    memory.return_freed()
