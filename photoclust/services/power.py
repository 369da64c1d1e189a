"""The power that long work takes: it waits while a battery is to be spared, and while it goes on,
the computer does not fall asleep.

Owns when that is so. A thread looks now and then, as long as the work lasts; the work itself only
takes its checkpoints.
"""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from photoclust.core.progress import Hold, JobControl
from photoclust.core.settings import LOW_BATTERY_PERCENT
from photoclust.services.wakefulness import kept_awake

_ENOUGH_PERCENT = LOW_BATTERY_PERCENT + 5
"""More than is low, or what a battery tells would stop and start the work again and again."""
POLL_S = 15.0
_SUPPLIES = Path("/sys/class/power_supply")


@dataclass(frozen=True, slots=True)
class Supply:
    """Whether the computer runs `on_battery`, and how full that is, as far as it is known."""

    on_battery: bool
    percent: float | None = None


@contextlib.contextmanager
def attended(
    control: JobControl,
    on_battery: Callable[[], str],
    *,
    supply: Callable[[], Supply] | None = None,
    awake: Callable[[], AbstractContextManager[None]] = kept_awake,
    poll_s: float = POLL_S,
) -> Iterator[None]:
    """Until this ends, hold `control` while the battery is to be spared, which `on_battery` tells
    each time as one of `core.settings.ON_BATTERY`; while nobody holds it, keep the computer
    `awake`. What is over within `poll_s` seconds keeps nothing awake.
    """
    supply = supply or read_supply
    over = threading.Event()

    def spare() -> None:
        if must_wait(supply(), on_battery(), waits=Hold.BATTERY in control.holds):
            control.pause(Hold.BATTERY)
        else:
            control.resume(Hold.BATTERY)

    def attend() -> None:
        with contextlib.ExitStack() as kept:
            is_kept = False
            while not over.wait(poll_s):
                spare()
                goes_on = not (control.paused or control.cancelled)
                if goes_on and not is_kept:
                    kept.enter_context(awake())
                elif is_kept and not goes_on:
                    kept.close()
                is_kept = goes_on

    spare()
    thread = threading.Thread(target=attend, name="power", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def must_wait(supply: Supply, on_battery: str, *, waits: bool) -> bool:
    """Whether long work is to wait, where it `waits` already or not; `on_battery` is one of
    `core.settings.ON_BATTERY`.
    """
    if on_battery == "run" or not supply.on_battery:
        return False
    enough = _ENOUGH_PERCENT if waits else LOW_BATTERY_PERCENT
    return on_battery == "pause" or (supply.percent is not None and supply.percent < enough)


def read_supply() -> Supply:
    """What this computer runs on now; mains where that cannot be told."""
    if sys.platform == "linux":
        return linux_supply(_SUPPLIES)
    import psutil  # noqa: PLC0415 - the window need not wait for it

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None or battery.power_plugged is not False:
        return Supply(on_battery=False)
    return Supply(on_battery=True, percent=float(battery.percent))


def linux_supply(folder: Path) -> Supply:
    """What a computer runs on by the power supplies in `folder`, as the kernel lists them (its
    Documentation/ABI/testing/sysfs-class-power).

    psutil takes the battery of a mouse for that of the computer.
    """
    levels: list[float] = []
    discharging = False
    for each in sorted(folder.glob("*")):
        kind = _word(each / "type")
        if _word(each / "scope") == "Device":
            continue
        if kind == "Battery":
            discharging |= _word(each / "status") == "Discharging"
            level = _word(each / "capacity")
            levels += [float(level)] if level.isdecimal() else []
        elif kind in {"Mains", "USB"} and _word(each / "online") not in {"", "0"}:
            return Supply(on_battery=False)
    # Of two batteries one is emptied after the other.
    return Supply(discharging, sum(levels) / len(levels) if levels else None)


def _word(path: Path) -> str:
    """The word in a file of the kernel; empty where there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
