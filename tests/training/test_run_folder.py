"""The folder of a run: read as it was written, written whole or not at all, read along."""

import errno
import json
import os
import stat

import pytest

from photoclust.core.errors import UserError
from photoclust.training.options import Mining, Options
from photoclust.training.run_folder import (
    CURVE_FILE,
    RESULT_FILE,
    RUN_FILE,
    Curve,
    Request,
    read_curve,
    read_failure,
    read_request,
    read_result,
    write_failure,
    write_json,
    write_request,
)

REQUEST = Request(
    options=Options(seed=3, mining=(Mining.HARDEST, Mining.RANDOM)),
    base={"id": "facenet", "dimension": 512, "thresholds": {"same": 0.4}},
    in_use="own-1",
    model="own-2",
    names=("Ada", "Jürgen"),
    without_strangers=True,
)


def fail_with(code):
    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    return fail


def test_a_request_comes_back_as_it_was(tmp_path):
    write_request(tmp_path, REQUEST)
    assert read_request(tmp_path) == REQUEST
    plain = Request(Options(), {}, "a", "b")
    write_request(tmp_path, plain)
    assert read_request(tmp_path) == plain
    assert [path.name for path in tmp_path.iterdir()] == [RUN_FILE]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "{}", '{"format": 1}', '{"format": 1, "options": 3, "names": []}']
)
def test_a_damaged_request_is_told(tmp_path, text):
    (tmp_path / RUN_FILE).write_text(text)
    with pytest.raises(UserError, match=rf"the run {tmp_path.name} cannot be read"):
        read_request(tmp_path)


@pytest.mark.parametrize("key", ["options", "base", "in_use", "model", "names"])
def test_a_request_that_lacks_something_is_told(tmp_path, key):
    write_request(tmp_path, REQUEST)
    values = json.loads((tmp_path / RUN_FILE).read_text())
    del values[key]
    write_json(tmp_path / RUN_FILE, values)
    with pytest.raises(UserError, match="cannot be read"):
        read_request(tmp_path)


def test_a_request_that_is_missing_is_told(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_request(tmp_path)


def test_a_request_of_another_version_is_told_whatever_else_is_in_it(tmp_path):
    write_json(tmp_path / RUN_FILE, {"format": 2, "wishes": []})
    with pytest.raises(UserError, match="begun by another version of photoclust"):
        read_request(tmp_path)


def test_a_run_without_a_whole_result_was_cut_off(tmp_path):
    assert read_result(tmp_path) is None
    write_json(tmp_path / RESULT_FILE, {"accepted": True})
    assert read_result(tmp_path) == {"accepted": True}
    for text in ("", '{"accepted": tr', "[1]"):
        (tmp_path / RESULT_FILE).write_text(text)
        assert read_result(tmp_path) is None


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch, call):
    write_json(tmp_path / RESULT_FILE, {"step": 1})
    if call == "fsync":
        monkeypatch.setattr(os, "fsync", fail_with(errno.ENOSPC))
    else:
        monkeypatch.setattr("pathlib.Path.replace", fail_with(errno.ENOSPC))
    with pytest.raises(UserError, match=r"result\.json cannot be written \(No space left"):
        write_json(tmp_path / RESULT_FILE, {"step": 2})
    assert read_result(tmp_path) == {"step": 1}
    assert [path.name for path in tmp_path.iterdir()] == [RESULT_FILE]


def test_what_json_cannot_hold_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / RESULT_FILE, {"step": object()})
    assert not list(tmp_path.iterdir())


def test_a_curve_can_be_read_along(tmp_path):
    folder = tmp_path / "semi-hard"
    assert read_curve(folder) == []
    curve = Curve(folder)
    assert read_curve(folder) == []
    looks = [{"step": 25.0, "loss": 0.5}, {"step": 50.0, "loss": 0.25, "val": 0.9}]
    for number, look in enumerate(looks, start=1):
        curve.add(look)
        assert read_curve(folder) == looks[:number]
    with (folder / CURVE_FILE).open("a") as file:
        file.write('{"step": 75.0, "lo')
    assert read_curve(folder) == looks
    curve.restart(looks[:1])
    curve.add({"step": 26.0})
    assert read_curve(folder) == [looks[0], {"step": 26.0}]
    if os.name == "posix":
        assert stat.S_IMODE((folder / CURVE_FILE).stat().st_mode) == 0o600


def test_a_curve_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    curve = Curve(tmp_path)
    curve.restart([])
    monkeypatch.setattr("pathlib.Path.open", fail_with(errno.ENOSPC))
    for write in (lambda: curve.add({"step": 1.0}), lambda: curve.restart([])):
        with pytest.raises(UserError, match=r"curve\.jsonl cannot be written"):
            write()


def test_why_it_failed_is_kept_and_taken_back(tmp_path):
    assert read_failure(tmp_path) is None
    write_failure(tmp_path, None)
    write_failure(tmp_path, "ein Fehler: ü")
    assert read_failure(tmp_path) == "ein Fehler: ü"
    write_failure(tmp_path, None)
    assert read_failure(tmp_path) is None
    for content in ("", "[]", "{}", "null"):
        (tmp_path / "failure.json").write_text(content)
        assert read_failure(tmp_path) is None
