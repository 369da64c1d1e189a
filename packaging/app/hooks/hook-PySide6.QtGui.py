"""Which plugins of Qt go into the app: for the displays and pictures that photoclust knows, only.

Takes the place of PyInstaller's own hook; a library that a plugin left out alone needs stays out.
"""

from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

# A folder of plugins: the parts of names that stay (all of them: None). Others are left out: bare
# frame buffers, input without a display server, the network. GTK's theme would bring half of GTK.
KEPT = {
    "platforms": ("xcb", "wayland", "offscreen", "minimal.", "windows", "cocoa"),
    "platformthemes": ("xdgdesktopportal",),
    "platforminputcontexts": None,
    "imageformats": ("jpeg", "gif", "webp", "svg", "ico"),
    "iconengines": ("svg",),
    "styles": None,
    "xcbglintegrations": None,
    "wayland-decoration-client": None,
    "wayland-graphics-integration-client": ("wayland-egl",),
    "wayland-shell-integration": ("xdg-shell",),
}


def is_kept(source: str) -> bool:
    """Whether the plugin at `source`, or what is no plugin, goes into the app."""
    path = Path(source)
    if "plugins" not in path.parts:
        return True
    folder = path.parent.name
    if folder not in KEPT:
        return False
    parts = KEPT[folder]
    return parts is None or any(part in path.name for part in parts)


hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [each for each in binaries if is_kept(each[0])]
