"""Keeping the computer from falling asleep by itself; the screen may go dark.

Nothing is asked of the system but that, and it forgets it when this process ends, in whatever way.
Where it cannot be asked, as without a desktop, nothing happens.
"""

# ruff: noqa: PLC0415 - the window need not wait for wakepy

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from photoclust.core.language import marked, tr

if TYPE_CHECKING:
    from wakepy import DBusAdapter

_NAME = "photoclust"
_REASON = marked("Photos are being worked on")

log = logging.getLogger(__name__)


@contextlib.contextmanager
def kept_awake() -> Iterator[None]:
    """No sleep for want of a user until this ends. To be entered and left in the same thread."""
    from wakepy import keep

    asked = contextlib.ExitStack()
    asked.enter_context(keep.running(on_fail="pass", dbus_adapter=_adapter()))
    try:
        yield
    finally:
        try:
            asked.close()
        except RuntimeError:  # whom it was asked of has gone, and its promise with it
            log.warning("the computer was not told that it may sleep again", exc_info=True)


def _adapter() -> "type[DBusAdapter] | None":
    """What speaks to a desktop over D-Bus: desktops show who keeps the computer awake, and that is
    not wakepy to whoever uses photoclust.
    """
    if sys.platform in {"win32", "darwin"}:
        return None
    from wakepy.core import DBusMethodCall
    from wakepy.dbus_adapters.jeepney import JeepneyDBusAdapter

    ours = {"application_name": _NAME, "app_id": _NAME}
    ours |= dict.fromkeys(("reason_for_inhibit", "reason"), tr(_REASON))

    class Adapter(JeepneyDBusAdapter):
        def process(self, call: DBusMethodCall) -> object:
            said = call.get_kwargs() or {}
            told = {key: ours.get(key, value) for key, value in said.items()}
            try:
                return super().process(DBusMethodCall(call.method, told))
            except Exception:
                self.close_connections()  # nobody else does where nothing was promised
                raise

    return Adapter
