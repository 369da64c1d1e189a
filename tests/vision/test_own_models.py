import json
import os
import shutil

import numpy as np
import pytest

from photoclust.core.errors import ModelError
from photoclust.vision import models, own_models, records


@pytest.fixture
def own(tmp_path):
    return tmp_path / "models"


@pytest.fixture(scope="module")
def made(own_models, tmp_path_factory):
    """A small model, to be copied and spoilt."""
    return own_models.small(tmp_path_factory.mktemp("made"), "mine")


@pytest.fixture
def mine(made, own):
    return shutil.copytree(made, own / "mine")


def change(folder, /, **values):
    path = folder / own_models.RECORD_FILE
    (record,) = json.loads(path.read_text())
    path.write_text(json.dumps([record | values]))


def first_file(folder, **values):
    (record,) = json.loads((folder / own_models.RECORD_FILE).read_text())
    change(folder, files=[record["files"][0] | values])


def test_an_own_model_is_found_and_runs_as_any(own, mine):
    spec = models.model_spec("mine", own)
    assert (spec.id, spec.folder, spec.dimension) == ("mine", mine, 8)
    models.verify(spec)
    crops = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    vectors = models.load_embedder("mine", own=own).embed(crops)
    weights = np.random.default_rng(8).standard_normal((8, 3))
    expected = ((crops.mean(axis=(1, 2)) - 127.5) / 128) @ weights.T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors, expected, atol=1e-4)


def test_bundled_models_are_found_beside_own_ones_and_come_first(own, mine):
    shutil.copytree(mine, own / "facenet-vggface2")
    assert models.model_spec("facenet-vggface2", own).folder is None
    assert models.load_embedder("facenet-vggface2", own=own).spec.dimension == 512


def test_without_a_folder_there_are_no_own_models(own, mine):
    with pytest.raises(ModelError, match="there is no model 'mine'"):
        models.model_spec("mine")
    with pytest.raises(ModelError, match=r"choose one of: .*mtcnn, mine"):
        models.model_spec("other", own)
    with pytest.raises(ModelError, match="there is no model"):
        models.model_spec("../models/mine", own)
    assert own_models.sound(own / "nothing") == []


def test_a_record_comes_back_as_it_was(mine):
    extra = {
        "head": {"of": "facenet-vggface2", "file": "network.onnx"},
        "comparable_with": "facenet-vggface2",
        "trained": {"people": 3},
    }
    change(mine, **extra)
    spec = own_models.read(mine)
    assert (spec.head.of, spec.comparable_with) == ("facenet-vggface2", "facenet-vggface2")
    assert records.parse(records.as_record(spec), mine) == spec
    assert json.loads(records.as_text(spec)) == json.loads(
        (mine / own_models.RECORD_FILE).read_text()
    )


def test_a_bundled_record_is_written_as_the_manifest_has_it(repository):
    manifest = json.loads((repository / "resources" / "models" / "manifest.json").read_text())
    assert [records.as_record(spec) for spec in models.list_models()] == manifest


def test_where_files_lie_is_not_for_the_record_to_say(mine):
    change(mine, folder="/etc")
    assert own_models.read(mine).folder == mine


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"id": "other"}, "it is the record of 'other'"),
        ({"kind": "detector"}, "no embedder"),
        ({"kind": "oracle"}, "oracle"),
        ({"files": []}, "names no file"),
        (
            {"int8_files": [{"name": "../x.onnx", "sha256": "0" * 64, "size": 1}]},
            "names 8-bit forms",
        ),
        ({"licence_file": "../licence.txt"}, "licence lies elsewhere"),
        ({"licence_file": "/etc/passwd"}, "licence lies elsewhere"),
        ({"input_size": None}, "no side"),
        ({"input_size": 100_000}, "no side"),
        ({"dimension": 0}, "no length"),
        ({"dimension": 8.0}, "no length"),
        ({"channel_order": "BGR"}, "not RGB"),
        ({"std": 0}, "a number of it is none"),
        ({"mean": float("nan")}, "a number of it is none"),
        ({"thresholds": {"same": "0.4"}}, "must be real number"),
        ({"thresholds": [1]}, "values"),
        ({"calibration": {"match": [-1, 0]}}, "no rising line"),
        ({"title": ""}, "no title"),
        ({"trained": [1]}, "no table"),
        ({"head": {"of": "x", "file": "other.onnx"}}, "head is none of its files"),
        ({"head": {"of": "mine", "file": "network.onnx"}}, "behind itself"),
        ({"head": {"of": "x"}}, "file"),
        ({"comparable_with": "mine"}, "comparable with itself"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_record_that_cannot_be_is_refused_with_what_is_wrong(own, mine, values, reason):
    change(mine, **values)
    with pytest.raises(ModelError, match=rf"own model mine cannot be used \(.*{reason}.*bundled"):
        models.model_spec("mine", own)
    assert own_models.sound(own) == []
    assert own_models.names(own) == ["mine"]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "../network.onnx"},
        {"name": ".hidden"},
        {"name": "people.json"},
        {"name": "manifest.json"},
        {"name": "a/b.onnx"},
        {"sha256": "abc"},
        {"size": 0},
        {"size": 2**40},
        {"other": 1},
    ],
)
def test_a_file_that_cannot_be_one_of_a_model_is_refused(mine, values):
    first_file(mine, **values)
    with pytest.raises(ModelError, match="cannot be used"):
        own_models.read(mine)


@pytest.mark.parametrize("text", ["", "{}", "[]", "[1]", "[{}, {}]", "[" * 100_000])
def test_a_manifest_that_is_none_is_refused(mine, text):
    (mine / own_models.RECORD_FILE).write_text(text)
    with pytest.raises(ModelError, match="cannot be used"):
        own_models.read(mine)


def test_a_missing_record_or_file_is_told(mine):
    (mine / "network.onnx").unlink()
    with pytest.raises(ModelError, match=r"network\.onnx of mine is missing; restore a backup"):
        own_models.read(mine)
    (mine / own_models.RECORD_FILE).unlink()
    with pytest.raises(ModelError, match="No such file"):
        own_models.read(mine)


def test_a_file_of_another_size_is_noticed_at_once_and_another_content_before_it_is_run(own, mine):
    path = mine / "network.onnx"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    spec = own_models.read(mine)
    with pytest.raises(ModelError, match=r"SHA-256.*model use facenet-vggface2"):
        models.verify(spec)
    with pytest.raises(ModelError, match="SHA-256"):
        models.load_embedder("mine", own=own)
    path.write_bytes(data[:-1])
    with pytest.raises(ModelError, match="damaged"):
        own_models.read(mine)


def replace_network(folder, data):
    import hashlib

    (folder / "network.onnx").write_bytes(data)
    first_file(folder, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def test_a_network_that_keeps_its_weights_elsewhere_is_not_opened(own, mine):
    import onnx

    secret = own / "secret"
    secret.write_bytes(os.urandom(96))
    model = onnx.load_from_string((mine / "network.onnx").read_bytes())
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=str(secret))
    replace_network(mine, model.SerializeToString())
    with pytest.raises(ModelError, match="complete in itself"):
        models.load_embedder("mine", own=own)


def test_a_network_that_cannot_be_run_is_told_in_a_sentence(own, mine):
    replace_network(mine, b"\x08\x09")
    with pytest.raises(ModelError, match=r"cannot run network\.onnx.*import the model again"):
        models.load_embedder("mine", own=own)


def test_a_network_that_gives_no_unit_vectors_is_the_models_fault(own, mine):
    change(mine, dimension=9)
    crops = np.zeros((1, 32, 32, 3), np.uint8)
    with pytest.raises(ModelError, match="not of unit length"):
        models.load_embedder("mine", own=own).embed(crops)
    change(mine, dimension=8, input_size=64)
    with pytest.raises(ModelError, match="cannot be run"):
        models.load_embedder("mine", own=own).embed(np.zeros((1, 64, 64, 3), np.uint8))


def test_a_model_of_a_later_kind_asks_for_an_update(own, mine):
    change(mine, implementation="transformer")
    with pytest.raises(ModelError, match=r"'transformer'.*update photoclust"):
        models.load_embedder("mine", own=own)


@pytest.mark.parametrize("name", ["", "Mine", "a b", "../x", "-x", "x" * 65, "ä"])
def test_a_name_becomes_a_folder_and_is_plain(name):
    with pytest.raises(ModelError, match="small letters"):
        own_models.require_id(name)


def test_a_name_is_given_once():
    own_models.require_id("mine", ["other"])
    with pytest.raises(ModelError, match="already"):
        own_models.require_id("mine", ["mine"])
