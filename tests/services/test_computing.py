"""The choice of engines: tried once on a machine, kept, and the same for all workers."""

import json
import os
import stat

import pytest

from photoclust.core import paths
from photoclust.core.errors import InternalError, ModelError
from photoclust.core.settings import Settings
from photoclust.core.types import Compute, Engine, ModelId
from photoclust.services import child, computing
from photoclust.services.analysis import AnalysisOptions
from photoclust.vision import engines, models, trials

FASTEST = AnalysisOptions(compute=None)
INT8 = Engine(compute=Compute.INT8)
KEPT = "engines.json"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def tried(monkeypatch):
    """Which models were tried; the 8-bit forms win."""
    asked = []

    def call(function, specs, compute, *, control):
        assert function is computing.try_all
        asked.append([spec.id for spec in specs])
        return {spec.id: INT8 if spec.int8_files else engines.CPU for spec in specs}

    monkeypatch.setattr(child, "call", call)
    return asked


def test_what_is_fastest_is_tried_once_and_kept(cache, tried):
    found = computing.decided(FASTEST)
    assert found.engines == {"centerface": INT8, "facenet-vggface2": INT8}
    assert computing.decided(FASTEST) == found
    assert tried == [["centerface", "facenet-vggface2"]]
    assert (cache / KEPT).is_file()


def test_another_model_is_tried_on_its_own(cache, tried):
    computing.decided(FASTEST)
    found = computing.decided(AnalysisOptions(detector=ModelId("mtcnn"), compute=None))
    assert found.engines == {"mtcnn": engines.CPU, "facenet-vggface2": INT8}
    assert tried[1:] == [["mtcnn"]]


def test_a_few_photos_are_not_worth_a_trial_but_use_what_is_known(cache, tried):
    few = computing.TRIAL_FROM_FILES - 1
    assert set(computing.decided(FASTEST, files=few).engines.values()) == {engines.CPU}
    assert not tried
    computing.decided(FASTEST, files=few + 1)
    assert set(computing.decided(FASTEST, files=few).engines.values()) == {INT8}


def test_another_processor_is_tried_anew(cache, tried, monkeypatch):
    computing.decided(FASTEST)
    monkeypatch.setattr(computing, "_processor", lambda: "another one")
    computing.decided(FASTEST)
    assert len(tried) == 2


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": ["cpu", "int4"]}', '{"a": 1'])
def test_a_damaged_file_is_as_none(cache, tried, text):
    cache.mkdir()
    (cache / KEPT).write_text(text, encoding="utf-8")
    assert computing.decided(FASTEST).engines["centerface"] == INT8
    assert len(json.loads((cache / KEPT).read_text(encoding="utf-8"))) == 2


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(cache, tried):
    cache.write_text("in the way", encoding="utf-8")
    assert computing.decided(FASTEST).engines["centerface"] == INT8


def test_what_was_asked_for_is_not_tried(cache, tried):
    forced = computing.decided(AnalysisOptions(compute=Compute.INT8), files=1)
    assert set(forced.engines.values()) == {INT8}
    assert not tried


def test_what_was_decided_stays(cache, tried):
    found = computing.decided(FASTEST)
    (cache / KEPT).unlink()
    assert computing.decided(found) is found


def test_a_model_that_is_not_there_is_told(cache, tried):
    with pytest.raises(ModelError, match="there is no model 'none'"):
        computing.decided(AnalysisOptions(embedder=ModelId("none"), compute=None))


def test_a_driver_that_takes_its_process_along_leaves_the_processor(cache, monkeypatch):
    asked = []

    def call(function, specs, compute, *, control, on_cpu=False):
        asked.append(on_cpu)
        if not on_cpu:
            raise InternalError("the computation ended without a result")
        return {spec.id: INT8 for spec in specs}

    monkeypatch.setattr(child, "call", call)
    assert set(computing.decided(FASTEST).engines.values()) == {INT8}
    assert asked == [False, True]


def test_on_the_processor_no_other_device_is_tried(monkeypatch):
    there = (Engine("cuda"), INT8, engines.CPU)
    monkeypatch.setattr(engines, "possible", lambda spec, compute: there)
    offered = []
    monkeypatch.setattr(
        trials, "fastest", lambda spec, candidates: offered.append(candidates) or candidates[0]
    )
    specs = [models.model_spec("centerface")]
    computing.try_all(specs, None)
    computing.try_all(specs, None, on_cpu=True)
    assert offered == [[Engine("cuda"), INT8, engines.CPU], [INT8, engines.CPU]]


def test_what_is_kept_is_the_owners_alone(cache, tried):
    computing.decided(FASTEST)
    assert os.name != "posix" or stat.S_IMODE((cache / KEPT).stat().st_mode) == 0o600


def test_settings_say_in_which_numbers():
    assert computing.compute_of(Settings()) is None
    assert computing.compute_of(Settings(compute="float32")) is Compute.FLOAT32
    assert computing.compute_of(Settings(compute="int8")) is Compute.INT8


def test_a_trial_here_gives_an_engine_for_each():
    specs = [models.model_spec(name) for name in ("centerface", "facenet-vggface2")]
    found = computing.try_all(specs, Compute.FLOAT32)
    assert found == dict.fromkeys((spec.id for spec in specs), engines.CPU)
