"""What goes into the app, and what a desktop is told of it."""

import configparser
import plistlib
import re
import runpy
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

import photoclust
from photoclust.media.formats import PICTURE_EXTENSIONS

QT = "/env/PySide6/Qt"


@pytest.fixture
def packaging(repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "packaging"))
    return repository / "packaging"


@pytest.fixture
def hook(packaging, monkeypatch):
    """The names in the hook for Qt's plugins, run as PyInstaller runs it."""
    parts = ("PyInstaller", "utils", "hooks", "qt")
    names = [".".join(parts[: count + 1]) for count in range(len(parts))]
    for name in names:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    found = [(f"{QT}/plugins/platforms/libqvnc.so", "x"), (f"{QT}/lib/libQt6Gui.so.6", "x")]
    sys.modules[names[-1]].add_qt6_dependencies = lambda _: (["PySide6.QtCore"], found, [])
    return runpy.run_path(str(packaging / "app" / "hooks" / "hook-PySide6.QtGui.py"))


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        (f"{QT}/plugins/platforms/libqxcb.so", True),
        (f"{QT}/plugins/platforms/libqoffscreen.so", True),
        (f"{QT}/plugins/platforms/libqminimalegl.so", False),
        (f"{QT}/plugins/platformthemes/libqgtk3.so", False),
        (f"{QT}/plugins/tls/libqopensslbackend.so", False),
        (f"{QT}/plugins/imageformats/libqsvg.so", True),
        (f"{QT}/lib/libQt6Gui.so.6", True),
    ],
)
def test_plugins_are_kept_for_screens_and_pictures_alone(hook, file, kept):
    assert hook["is_kept"](file) == kept


def test_what_is_left_out_is_not_collected(hook):
    assert [name for name, _ in hook["binaries"]] == [f"{QT}/lib/libQt6Gui.so.6"]


def test_licences_come_with_every_package_that_is_shipped(packaging, tmp_path):
    import app_licences
    import PIL
    import sqlalchemy

    owners = app_licences.owners_of_files()
    parts = [
        app_licences.from_index(owners[Path(module.__file__).resolve()])
        for module in (PIL, sqlalchemy)
    ]
    app_licences.write(parts, tmp_path / "licences")
    notice = (tmp_path / "licences" / "NOTICE.txt").read_text(encoding="utf-8")
    assert re.search(r"^pillow \d.*: MIT-CMU", notice, re.MULTILINE)
    assert re.search(r"^SQLAlchemy \d.*: MIT", notice, re.MULTILINE)
    assert (tmp_path / "licences" / "pillow" / "LICENSE").read_text(encoding="utf-8")


def test_a_file_of_unknown_origin_is_not_shipped(packaging, tmp_path):
    import app_licences

    with pytest.raises(SystemExit, match="nobody knows where these come from"):
        app_licences.of_system([tmp_path / "libstray.so"])


def test_sizes_are_told_by_part(packaging, tmp_path, capsys):
    import build_app

    for name, size in {
        "photoclust": 3,
        "_internal/numpy/core.so": 2,
        "_internal/numpy.libs/blas.so": 4,
        "_internal/libz.so.1": 1,
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size * 2**20))
    (tmp_path / "_internal" / "blas.so").symlink_to(tmp_path / "_internal/numpy.libs/blas.so")
    assert build_app.tell_sizes(tmp_path) == 10
    told = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert [(size, part) for size, _, part in told[:-1]] == [
        ("6.0", "numpy"),
        ("3.0", "photoclust"),
        ("1.0", "libraries of the system, Python"),
    ]


def test_the_desktop_opens_folders_and_all_pictures_that_are_read(packaging):
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(packaging / "linux" / "photoclust.desktop", encoding="utf-8")
    told = entry["Desktop Entry"]
    assert told["Exec"] == "photoclust open %F"
    types = set(told["MimeType"].strip(";").split(";"))
    assert "inode/directory" in types
    from mimetypes import MimeTypes

    known = MimeTypes()
    pictures = {known.guess_type(f"a{extension}")[0] for extension in PICTURE_EXTENSIONS} - {None}
    assert pictures - types <= {"image/x-portable-pixmap"}, pictures - types


def test_the_version_is_the_one_of_the_program(packaging):
    tree = ElementTree.parse(packaging / "linux" / "photoclust.metainfo.xml")
    newest = tree.find("releases/release")
    assert newest.get("version") == photoclust.__version__


def test_macos_is_told_why_folders_are_read(packaging):
    told = plistlib.loads((packaging / "macos" / "Info.plist").read_bytes())
    assert "never changes them" in told["NSPicturesFolderUsageDescription"]
    rights = plistlib.loads((packaging / "macos" / "entitlements.plist").read_bytes())
    assert set(rights) == {"com.apple.security.cs.allow-unsigned-executable-memory"}
