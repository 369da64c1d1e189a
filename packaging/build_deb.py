"""Make a Debian package of the app that `build_app.py` built: `build_app.py TARGET --deb`.

Needs dpkg-deb, and objdump (the package binutils). What the app needs of the system is asked of the
libraries in it; most of these it brings itself.
"""

import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from app_licences import debian_package
from build_app import REPOSITORY, is_elf, real_files

LINUX = REPOSITORY / "packaging" / "linux"
ICONS = REPOSITORY / "resources" / "icons"
SECTION, PRIORITY = "graphics", "optional"
RECOMMENDED = "xdg-utils"
FONTS = "fontconfig-config"
"""Where fonts are, and one at least: no library says that it needs them."""


def build(app: Path, target: Path) -> Path:
    """The package of the folder `app`, in `target`."""
    version = said(str(app / "photoclust"), "--version").split()[-1]
    machine = said("dpkg", "--print-architecture")
    package = target / f"photoclust_{version}_{machine}.deb"
    with tempfile.TemporaryDirectory(prefix="photoclust-deb-", dir=target) as name:
        root = Path(name)
        root.chmod(0o755)
        lay_out(app, root)
        kilobytes = sum(path.lstat().st_size for path in root.rglob("*")) // 1024
        control = root / "DEBIAN"
        control.mkdir()
        (control / "control").write_text(
            f"Package: photoclust\nVersion: {version}\nArchitecture: {machine}\n"
            f"Section: {SECTION}\nPriority: {PRIORITY}\nInstalled-Size: {kilobytes}\n"
            f"Maintainer: photoclust maintainers <maintainers@photoclust.invalid>\n"
            f"Depends: {needs(root / 'usr' / 'lib' / 'photoclust')}\nRecommends: {RECOMMENDED}\n"
            "Description: find, group and name the faces in your photos\n"
            " Finds the faces in photos, groups them into people, and lets them be named; all of\n"
            " it on this computer. Window and command line, with the models and all libraries.\n",
            encoding="utf-8",
        )
        # zstd is read by Debian 12, Ubuntu 22.04 and what is newer, and ten times as fast as xz.
        command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build"]
        subprocess.run([*command, str(root), str(package)], check=True, stdout=subprocess.DEVNULL)
    return package


def lay_out(app: Path, root: Path) -> None:
    """Put the app, and what a desktop knows of it, where Debian has such things."""
    share = root / "usr" / "share"
    shutil.copytree(app, root / "usr" / "lib" / "photoclust", symlinks=True, copy_function=link)
    programs = root / "usr" / "bin"
    programs.mkdir(parents=True)
    (programs / "photoclust").symlink_to("../lib/photoclust/photoclust")
    put(LINUX / "photoclust.desktop", share / "applications")
    put(LINUX / "photoclust.metainfo.xml", share / "metainfo")
    put(REPOSITORY / "LICENSE", share / "doc" / "photoclust", "copyright")
    for icon in ICONS.glob("photoclust-*.png"):
        size = icon.stem.rpartition("-")[2]
        put(icon, share / "icons" / "hicolor" / f"{size}x{size}" / "apps", "photoclust.png")
    put(ICONS / "photoclust.svg", share / "icons" / "hicolor" / "scalable" / "apps")


def put(file: Path, folder: Path, name: str | None = None) -> None:
    """Copy `file` into `folder`, to be read by everybody."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / (name or file.name))
    (folder / (name or file.name)).chmod(0o644)


def link(source: str, target: str) -> str:
    """A second name for a file, instead of 450 MB of copies."""
    os.link(source, target)
    return target


def needs(app: Path) -> str:
    """The packages with the libraries that the app needs and does not bring."""
    libraries = [path for path in real_files(app) if is_elf(path)]
    asked = said("objdump", "-p", *map(str, libraries))
    needed = set(re.findall(r"^ *NEEDED +(\S+)$", asked, re.MULTILINE))
    brought = {path.name for path in app.rglob("*.so*")}
    places = dict(re.findall(r"^\s*(\S+) .* => (\S+)$", said("ldconfig", "-p"), re.MULTILINE))
    packages = {debian_package(Path(places[name])) for name in needed - brought if name in places}
    names = {name.partition(":")[0] for name in packages if name is not None}
    # What was built here may ask for what is new in its C library, and runs with newer ones.
    names.discard("libc6")
    return ", ".join([f"libc6 (>= {platform.libc_ver()[1]})", *sorted({*names, FONTS})])


def said(*command: str) -> str:
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
