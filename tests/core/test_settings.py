import json
import os
import stat
import sys

import pytest

from photoclust.core import settings
from photoclust.core.errors import UserError
from photoclust.core.settings import Settings

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
CHANGED = Settings(
    skip_patterns=("Ünsinn*", "$RECYCLE.BIN", "broken-\udcff"),
    detector="mtcnn",
    embedder="other",
    grouping_method="agglomerative",
    workers=3,
    theme="dark",
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "settings.json"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("value", [Settings(), CHANGED], ids=["defaults", "changed"])
def test_what_is_saved_is_loaded(path, value):
    settings.save(value, path)
    assert settings.load(path) == (value, [])


def test_no_file_means_defaults_and_no_complaint(path):
    assert settings.load(path) == (Settings(), [])


def test_unknown_keys_are_named_and_the_rest_is_used(path):
    write(path, '{"theme": "light", "colour": "red"}')
    loaded, problems = settings.load(path)
    assert loaded == Settings(theme="light")
    assert len(problems) == 1
    assert "'colour'" in problems[0]
    assert str(path) in problems[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", 1),
        ("theme", None),
        ("workers", "2"),
        ("workers", True),
        ("workers", 1.5),
        ("workers", 0),
        ("thumbnails_mb", 49),
        ("thumbnails_mb", 100.5),
        ("naming_precision", 7),
        ("naming_precision", 0.3),
        ("naming_precision", float("nan")),
        ("naming_precision", True),
        ("skip_patterns", "@eaDir"),
        ("skip_patterns", ["a", 1]),
        ("skip_patterns", {}),
        ("detector", ["centerface"]),
        ("on_battery", "sleep"),
        ("on_battery", 30),
    ],
)
def test_a_value_of_the_wrong_type_is_named_and_the_default_used(path, key, value):
    write(path, json.dumps({key: value, "grouping_method": "agglomerative"}))
    loaded, problems = settings.load(path)
    assert loaded == Settings(grouping_method="agglomerative")
    assert len(problems) == 1
    assert repr(key) in problems[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "[" * (sys.getrecursionlimit() * 20)],
    ids=["empty", "cut off", "a list", "null", "nested without end"],
)
def test_a_file_that_holds_no_settings_never_stops_the_program(path, text):
    write(path, text)
    loaded, problems = settings.load(path)
    assert loaded == Settings()
    assert len(problems) == 1
    assert str(path) in problems[0]


def test_bytes_that_are_no_text_never_stop_the_program(path):
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00{")
    assert settings.load(path)[0] == Settings()
    assert len(settings.load(path)[1]) == 1


def test_a_folder_in_the_place_of_the_file_never_stops_the_program(path):
    path.mkdir(parents=True)
    assert settings.load(path)[0] == Settings()
    assert len(settings.load(path)[1]) == 1


def test_the_old_file_stays_whole_when_the_new_one_cannot_be_written(path, monkeypatch):
    settings.save(CHANGED, path)

    def full_disk(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(UserError, match="No space left"):
        settings.save(Settings(), path)
    assert settings.load(path) == (CHANGED, [])
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_saving_replaces_the_file_in_one_step(path):
    """A reader that holds the old file open never sees it change."""
    settings.save(CHANGED, path)
    with path.open(encoding="utf-8") as reader:
        settings.save(Settings(), path)
        assert json.load(reader)["theme"] == "dark"
    assert settings.load(path)[0] == Settings()


@POSIX
def test_only_the_owner_can_read_them(path):
    settings.save(Settings(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_the_users_business(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        settings.save(Settings(), tmp_path / "file" / "settings.json")
