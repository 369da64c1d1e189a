import os
import stat
from pathlib import Path

import pytest

from photoclust.core import paths
from photoclust.core.errors import InternalError, UserError

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_resources_are_found_in_the_source_tree(repository):
    manifest = repository / "resources" / "models" / "manifest.json"
    assert paths.resource("models", "manifest.json") == manifest
    assert paths.resource("icons").is_dir()


def test_a_wheel_and_a_frozen_app_have_them_within_the_package(tmp_path, monkeypatch):
    package = tmp_path / "photoclust"
    manifest = package / "resources" / "models" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("[]")
    (tmp_path / "resources" / "models").mkdir(parents=True)
    (tmp_path / "resources" / "models" / "manifest.json").write_text("[]")
    monkeypatch.setattr(paths, "__file__", str(package / "core" / "paths.pyc"))
    assert paths.resource("models", "manifest.json") == manifest


def test_a_resource_that_is_not_there_is_a_bug():
    with pytest.raises(InternalError, match=r"resources/models/none\.onnx"):
        paths.resource("models", "none.onnx")


def test_the_users_folders_lie_in_the_users_home(private_home):
    for path in (paths.default_library(), paths.cache_folder(), paths.settings_file()):
        assert path.is_relative_to(private_home)
        assert paths.APP_NAME in path.parts
        assert not path.exists()


@POSIX
@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_a_new_folder_and_what_is_made_above_it_are_the_owners(tmp_path, umask):
    outside = tmp_path / "mine"
    outside.mkdir()
    outside.chmod(0o755)
    before = os.umask(umask)
    try:
        made = paths.make_private_folder(outside / "a" / "b" / "library")
    finally:
        os.umask(before)
    assert made == outside / "a" / "b" / "library"
    assert [mode(path) for path in (made, made.parent, made.parent.parent)] == [0o700] * 3
    assert mode(outside) == 0o755


@POSIX
def test_a_folder_that_others_can_read_is_closed(tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    folder.chmod(0o755)
    assert mode(paths.make_private_folder(folder)) == 0o700


def test_a_folder_that_is_there_is_fine(tmp_path):
    assert paths.make_private_folder(tmp_path / "x") == paths.make_private_folder(tmp_path / "x")


def test_a_relative_folder_is_made_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths.make_private_folder(Path("one/two"))
    assert (tmp_path / "one" / "two").is_dir()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_in_the_way_is_the_users_business_and_stays_as_it_is(tmp_path, name):
    file = tmp_path / "file"
    file.write_text("mine")
    file.chmod(0o644)
    before = mode(file)
    with pytest.raises(UserError) as caught:
        paths.make_private_folder(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert (file.read_text(), mode(file)) == ("mine", before)


def test_a_folder_on_a_medium_that_cannot_be_written_is_taken_as_it_is(mount, tmp_path):
    disk = mount(tmp_path / "disk", "-t", "tmpfs", "tmpfs")
    (disk / "library").mkdir(mode=0o755)
    mount.again(disk, "ro")
    assert paths.make_private_folder(disk / "library") == disk / "library"
    with pytest.raises(UserError, match="Read-only file system"):
        paths.make_private_folder(disk / "another")
