"""What holds in every Python process that a test starts, and in the one that runs the tests.

Python imports a module of this name at start-up when its folder is on PYTHONPATH; that is how
worker processes and subprocesses of a test get the same guards. The environment says what to do:

- PHOTOCLUST_TEST_REFUSALS: a file that collects one line for each refused connection.
- PHOTOCLUST_TEST_BLOCK: packages (comma-separated) that are treated as not installed.
- PHOTOCLUST_TEST_EQUALS: where it is set, no process stands back for others.
"""

import os
import socket
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

INTERNET = (socket.AF_INET, socket.AF_INET6)
NAME_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
GUARDED = frozenset((*NAME_LOOKUPS, "socket.connect", "socket.sendto"))


class InternetRefusedError(RuntimeError):
    """A test, or what it runs, tried to reach the internet."""


def refuse_internet(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook that lets only sockets of the machine itself (AF_UNIX) connect.

    The audit events cover the standard library's sockets however they are reached; what a C++
    library does behind Python's back is covered by running without a network.
    """
    if event not in GUARDED:  # nearly always, and there are thousands a test
        return
    if event in NAME_LOOKUPS:
        _refuse(event, args[0])
    elif args[0].family in INTERNET:
        _refuse(event, args[1])


def _refuse(event: str, target: object) -> None:
    message = f"{event} to {target!r}"
    log = os.environ.get("PHOTOCLUST_TEST_REFUSALS")
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{message}\n")
    raise InternetRefusedError(f"{message}: tests run without the internet")


def block(packages: frozenset[str]) -> None:
    """Make the import of `packages` fail as if they were not installed.

    Raises RuntimeError when one of them is imported already.
    """
    loaded = packages & sys.modules.keys()
    if loaded:
        raise RuntimeError(f"too late to block {', '.join(sorted(loaded))}: imported already")

    class PathFinderWithout(PathFinder):
        @classmethod
        def find_spec(
            cls,
            fullname: str,
            path: Sequence[str] | None = None,
            target: ModuleType | None = None,
        ) -> ModuleSpec | None:
            if fullname.partition(".")[0] in packages:
                return None
            return PathFinder.find_spec(fullname, path, target)

    sys.meta_path[:] = [
        PathFinderWithout if finder is PathFinder else finder for finder in sys.meta_path
    ]


def stay_equal() -> None:
    """Keep what photoclust does to let other programs go first from taking hold.

    A test waits for the processes that it starts, and on a busy machine they would stand still.
    """

    def refuse(*_: object) -> int:
        raise PermissionError("a process of a test has the priority of the test")

    for name in ("setsid", "sched_setscheduler"):
        if hasattr(os, name):
            setattr(os, name, refuse)
    if hasattr(os, "nice"):
        os.nice = lambda _: 0


sys.addaudithook(refuse_internet)
if os.environ.get("PHOTOCLUST_TEST_EQUALS"):
    stay_equal()
blocked = frozenset(filter(None, os.environ.get("PHOTOCLUST_TEST_BLOCK", "").split(",")))
if blocked:
    block(blocked)
