import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from photoclust.core.errors import InternalError, ModelError
from photoclust.core.types import Engine, ModelFile, ModelId, ModelKind
from photoclust.vision import engines, models, records

IDS = ["facenet-vggface2", "centerface", "mtcnn"]


@pytest.fixture
def folder(tmp_path, repository) -> Path:
    """A copy of the bundled MTCNN and the licences, to be damaged."""
    source = repository / "resources" / "models"
    shutil.copytree(source / "licenses", tmp_path / "licenses")
    for name in source.glob("mtcnn-*.onnx"):
        shutil.copy(name, tmp_path)
    return tmp_path


def damage(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def assert_refused(folder: Path, reason: str) -> None:
    spec = models.model_spec("mtcnn")
    with pytest.raises(ModelError, match=reason):
        models.verify(spec, folder)
    with pytest.raises(ModelError, match=reason):
        models.open_session(spec, "mtcnn-rnet.onnx", threads=1, folder=folder)


def test_the_bundled_models_are_the_three_that_the_program_knows():
    assert [spec.id for spec in models.list_models()] == IDS
    assert models.DEFAULT_DETECTOR in IDS
    assert models.DEFAULT_EMBEDDER in IDS


@pytest.mark.parametrize("model_id", IDS)
def test_every_bundled_file_is_the_one_that_the_manifest_names(model_id):
    models.verify(models.model_spec(model_id))


def test_every_file_of_the_folder_is_in_the_manifest(repository):
    named = {file.name for spec in models.list_models() for file in (*spec.files, *spec.int8_files)}
    assert {path.name for path in (repository / "resources" / "models").glob("*.onnx")} == named


@pytest.mark.parametrize("model_id", IDS)
def test_a_model_brings_its_licence_and_its_origin(model_id, repository):
    spec = models.model_spec(model_id)
    text = (repository / "resources" / "models" / spec.licence_file).read_text(encoding="utf-8")
    assert spec.licence == "MIT"
    assert "MIT License" in text
    assert "Permission is hereby granted" in text
    assert set(spec.source) == {"artefact", "artefact_sha256", "file", "file_sha256", "origin"}
    assert spec.accuracy


def test_an_embedder_names_three_rising_cosines():
    thresholds = models.model_spec("facenet-vggface2").thresholds
    values = [thresholds[name] for name in ("same", "far_1e-3", "far_1e-4")]
    assert values == sorted(values)
    assert 0 < values[0] < values[-1] < 1


def test_an_embedder_is_calibrated_and_a_detector_has_nothing_to_calibrate():
    slope, offset = models.calibration_line(models.model_spec("facenet-vggface2"), "pair")
    assert slope > 0
    assert 0 < -offset / slope < 1
    assert models.model_spec("centerface").calibration == {}


def test_a_calibration_that_is_not_there_is_asked_for_in_vain():
    with pytest.raises(ModelError, match=r"'centerface' has no calibration 'pair'.*choose another"):
        models.calibration_line(models.model_spec("centerface"), "pair")


def test_sound_files_in_another_folder_are_accepted(folder):
    models.verify(models.model_spec("mtcnn"), folder)


@pytest.mark.parametrize("place", [0, 200_000, -1])
def test_one_flipped_bit_is_refused(folder, place):
    damage(folder / "mtcnn-rnet.onnx", place)
    assert_refused(folder, r"mtcnn-rnet\.onnx is damaged or another file in its place")


def test_a_truncated_file_is_refused(folder):
    path = folder / "mtcnn-rnet.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    assert_refused(folder, r"mtcnn-rnet\.onnx is damaged \(402276 bytes instead of 402277\)")


def test_a_swapped_file_is_refused(folder):
    shutil.copy(folder / "mtcnn-pnet.onnx", folder / "mtcnn-rnet.onnx")
    assert_refused(folder, r"mtcnn-rnet\.onnx is damaged")


def test_a_missing_file_is_refused(folder):
    (folder / "mtcnn-rnet.onnx").unlink()
    assert_refused(folder, r"mtcnn-rnet\.onnx of mtcnn is missing; install photoclust again")


def test_an_unreadable_file_is_refused(folder):
    (folder / "mtcnn-rnet.onnx").unlink()
    (folder / "mtcnn-rnet.onnx").mkdir()
    assert_refused(folder, r"mtcnn-rnet\.onnx cannot be read")


def test_a_missing_licence_is_noticed(folder):
    (folder / "licenses" / "mtcnn.txt").unlink()
    with pytest.raises(ModelError, match=r"mtcnn\.txt of mtcnn is missing"):
        models.verify(models.model_spec("mtcnn"), folder)


def test_a_file_that_is_no_network_is_refused_with_a_sentence(tmp_path):
    data = b"not a network"
    (tmp_path / "odd.onnx").write_bytes(data)
    file = ModelFile("odd.onnx", hashlib.sha256(data).hexdigest(), len(data))
    spec = replace(models.model_spec("centerface"), files=(file,))
    with pytest.raises(ModelError, match=r"cannot run odd\.onnx .* install photoclust again"):
        models.open_session(spec, threads=1, folder=tmp_path)


def test_a_file_is_opened_by_place_or_by_name():
    spec = models.model_spec("mtcnn")
    crops = {"crops": np.zeros((2, 3, 24, 24), np.float32)}
    by_place = models.open_session(spec, 1, threads=1).run(["faces"], crops)
    by_name = models.open_session(spec, "mtcnn-rnet.onnx", threads=1).run(["faces"], crops)
    np.testing.assert_array_equal(by_place, by_name)
    with pytest.raises(InternalError, match=r"mtcnn has no file 'other\.onnx'"):
        models.open_session(spec, "other.onnx", threads=1)


def test_an_unknown_model_is_answered_with_those_there_are():
    with pytest.raises(ModelError, match=r"no model 'arcface'.*vggface2, centerface, mtcnn"):
        models.model_spec("arcface")


def test_a_model_of_the_other_kind_is_refused():
    with pytest.raises(ModelError, match="'facenet-vggface2' finds no faces"):
        models.load_detector("facenet-vggface2")
    with pytest.raises(ModelError, match="'centerface' makes no vectors"):
        models.load_embedder("centerface")


@pytest.mark.parametrize("model_id", IDS)
def test_each_bundled_model_loads_into_its_class(model_id):
    spec = models.model_spec(model_id)
    if spec.kind is ModelKind.DETECTOR:
        assert models.load_detector(model_id).spec is spec
    else:
        assert models.load_embedder(model_id).spec is spec


def test_a_spec_and_a_class_are_all_that_a_new_detector_needs(monkeypatch):
    class Blind:
        def __init__(self, spec, threads, engine):
            self.spec, self.threads, self.engine = spec, threads, engine

        def detect(self, images, min_score=None):
            return [[] for _ in images]

    spec = replace(models.model_spec("centerface"), id=ModelId("mole"), implementation="blind")
    monkeypatch.setattr(models, "list_models", lambda: (spec,))
    monkeypatch.setattr(models, "_detectors", {})
    with pytest.raises(InternalError, match="no class is registered for the detector 'blind'"):
        models.load_detector("mole")
    models.detector("blind")(Blind)
    made = models.load_detector("mole", threads=3, engine=Engine("cuda"))
    assert (type(made), made.spec, made.threads) == (Blind, spec, 3)
    assert made.engine == Engine("cuda")


def test_a_manifest_gives_back_what_was_written(tmp_path):
    entries = [asdict(spec) for spec in models.list_models()]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    assert records.read_manifest(path) == models.list_models()


def test_a_manifest_from_before_there_were_calibrations_has_none(tmp_path):
    entries = [asdict(spec) for spec in models.list_models()]
    for entry in entries:
        del entry["calibration"]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    assert [spec.calibration for spec in records.read_manifest(path)] == [{}, {}, {}]


@pytest.mark.parametrize(
    "calibration",
    [
        *("null", "[1, 2]", '"pair"', '{"pair": 3}', '{"pair": [20]}', '{"pair": [20, -6, 1]}'),
        *('{"pair": [0, -6]}', '{"pair": [-20, 6]}', '{"pair": ["20", -6]}'),
        *('{"pair": [Infinity, -6]}', '{"pair": [20, NaN]}'),
    ],
)
def test_a_calibration_that_is_no_rising_line_is_refused(tmp_path, calibration):
    entry = asdict(models.model_spec("facenet-vggface2"))
    text = json.dumps([entry | {"calibration": "here"}]).replace('"here"', calibration)
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.json cannot be read"):
        records.read_manifest(path)


@pytest.mark.parametrize(
    "text", ["", "{", "[{}]", '["facenet"]', '[{"kind": "oracle", "files": []}]', "7"]
)
def test_a_damaged_manifest_is_one_clear_error(tmp_path, text):
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.json cannot be read"):
        records.read_manifest(path)


def test_onnx_runtime_loads_late_and_with_its_telemetry_off():
    program = """
import os, sys

class Witness:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("loading", os.environ.get("ORT_DISABLE_TELEMETRY"))

sys.meta_path.insert(0, Witness())
os.environ.pop("ORT_DISABLE_TELEMETRY", None)
from photoclust.vision import engines, models, records
models.verify(models.model_spec("mtcnn"))
print("verified", "onnxruntime" in sys.modules)
models.open_session(models.model_spec("mtcnn"), threads=1)
print("opened", "onnxruntime" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    lines = done.stdout.decode().split("\n")
    assert lines[:3] == ["verified False", "loading 1", "opened True"]


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc hands memory back when told to")
def test_what_a_large_picture_took_is_handed_back_when_asked_for():
    session = models.open_session(models.model_spec("centerface"), threads=1)

    def megabytes_after(side):
        session.run(["heat"], {"images": np.zeros((1, 3, side, side), np.float32)})
        return psutil.Process().memory_info().rss / 2**20

    large = megabytes_after(1600)
    assert megabytes_after(64) > large - 50
    engines.trim()
    assert megabytes_after(64) < large - 100


def test_what_runs_networks_is_told(monkeypatch):
    import onnxruntime

    assert engines.about_runtime() == engines.Runtime(onnxruntime.__version__, ("cpu",))
    there = ["CPUExecutionProvider", "CoreMLExecutionProvider", "CUDAExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    assert engines.about_runtime().devices == ("cuda", "coreml", "cpu")
