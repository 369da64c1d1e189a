"""Own models in and out of a library."""

import hashlib
import json
import os
import shutil
import stat
import sys
import zipfile

import numpy as np
import pytest

from photoclust.core.errors import ModelError, UserError
from photoclust.core.paths import OWN_MODELS
from photoclust.core.settings import Settings
from photoclust.services import checkpoints, forgetting, history, model_files, naming, switching
from photoclust.services.embedding_model import spec_of
from photoclust.store import embeddings
from photoclust.vision import models
from photoclust.vision import own_models as registry
from photoclust.vision.models import DEFAULT_EMBEDDER

SETTINGS = Settings(workers=1)
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="module")
def made(own_models, tmp_path_factory):
    return own_models.small(tmp_path_factory.mktemp("models"), "small", people=["uid-1"])


@pytest.fixture(scope="module")
def exported(made, tmp_path_factory):
    target = tmp_path_factory.mktemp("usb") / "small.zip"
    model_files.export(registry.read(made), target)
    return target


@pytest.fixture
def packed(exported, tmp_path):
    return shutil.copy(exported, tmp_path / "small.zip")


def rewrite(path, change):
    """Make the zip anew from its members, changed by `change`."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def with_record(members, **values):
    (record,) = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps([record | values]).encode()


def nothing_left(library):
    own = library.folder / OWN_MODELS
    return not own.exists() or not any(own.iterdir())


# Out and in


def test_a_model_comes_back_as_it_was(library, made, packed):
    spec = model_files.import_file(library, packed)
    assert (spec.id, spec.folder) == ("small", library.folder / OWN_MODELS / "small")
    models.verify(spec)
    crops = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    np.testing.assert_array_equal(
        models.load_embedder("small", own=spec.folder.parent).embed(crops),
        models.load_embedder("small", own=made.parent).embed(crops),
    )
    assert json.loads((spec.folder / "people.json").read_text()) == ["uid-1"]
    assert [path.name for path in (library.folder / OWN_MODELS).iterdir()] == ["small"]


@POSIX
def test_what_is_imported_or_exported_is_the_owners_alone(library, packed, tmp_path):
    spec = model_files.import_file(library, packed)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in spec.folder.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(spec.folder.stat().st_mode) == 0o700
    target = tmp_path / "again.zip"
    assert model_files.export(spec, target) == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_bundled_model_can_be_taken_along_with_its_licence(tmp_path):
    target = tmp_path / "bundled.zip"
    model_files.export(models.model_spec(DEFAULT_EMBEDDER), target)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [
            "manifest.json",
            "facenet-vggface2.onnx",
            "licenses/facenet.txt",
        ]
        (record,) = json.loads(archive.read("manifest.json"))
    assert "int8_files" not in record, "it is what the zip holds"


def test_what_cannot_be_exported_is_told(library, made, tmp_path):
    target = tmp_path / "model.zip"
    with pytest.raises(UserError, match="only embedders"):
        model_files.export(models.model_spec("centerface"), target)
    target.write_bytes(b"mine")
    with pytest.raises(UserError, match="--force"):
        model_files.export(registry.read(made), target)
    assert target.read_bytes() == b"mine"
    model_files.export(registry.read(made), target, force=True)
    assert zipfile.is_zipfile(target)
    with pytest.raises(UserError, match="lies in the library"):
        model_files.export(registry.read(made), library.folder / "model.zip")
    copy = shutil.copytree(made, tmp_path / "models" / "small")
    (copy / "network.onnx").write_bytes((made / "network.onnx").read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        model_files.export(registry.read(copy), tmp_path / "other.zip")
    assert not (tmp_path / "other.zip").exists()


def test_a_model_is_imported_once(library, packed):
    model_files.import_file(library, packed)
    with pytest.raises(ModelError, match="'small' already"):
        model_files.import_file(library, packed)
    rewrite(packed, lambda members: with_record(members, id=DEFAULT_EMBEDDER))
    with pytest.raises(ModelError, match="already"):
        model_files.import_file(library, packed)


# What is refused, with nothing left behind


def swap_a_byte(members):
    data = bytearray(members["network.onnx"])
    data[-20] ^= 1
    members["network.onnx"] = bytes(data)


def another_network(data):
    def change(members):
        digest = hashlib.sha256(data).hexdigest()
        file = {"name": "network.onnx", "sha256": digest, "size": len(data)}
        members["network.onnx"] = data
        with_record(members, files=[file])

    return change


REFUSED = {
    "another content": (swap_a_byte, "SHA-256"),
    "shorter": (lambda m: m.update({"network.onnx": m["network.onnx"][:-1]}), "damaged"),
    "longer": (lambda m: m.update({"network.onnx": m["network.onnx"] + bytes(2**22)}), "damaged"),
    "missing": (lambda m: m.pop("network.onnx"), "network.onnx"),
    "no licence": (lambda m: m.pop("licence.txt"), "licence.txt"),
    "no record": (lambda m: m.pop("manifest.json"), "manifest.json"),
    "no JSON": (lambda m: m.update({"manifest.json": b"x"}), "no model that photoclust wrote"),
    "empty list": (lambda m: m.update({"manifest.json": b"[]"}), "no model"),
    "a path": (lambda m: with_record(m, id="../evil"), "small letters"),
    "a stowaway": (lambda m: m.update({"../evil": b"x"}), "no part of a model"),
    "more": (lambda m: m.update({"more.onnx": b"x"}), "no part of a model"),
    "people": (lambda m: m.update({"people.json": b"{}"}), "no list of people"),
    "no people": (lambda m: m.update({"people.json": b"[1]"}), "no list of people"),
    "no network": (another_network(b"\x08\x09"), "cannot run"),
    "another length": (lambda m: with_record(m, dimension=9), "unit length"),
    "another kind": (lambda m: with_record(m, implementation="new"), "update photoclust"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_sound_model_is_refused(library, packed, what, tmp_path):
    change, reason = REFUSED[what]
    rewrite(packed, change)
    with pytest.raises(ModelError, match=reason):
        model_files.import_file(library, packed)
    assert nothing_left(library)
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(library, packed):
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("network.onnx", b"another")
    with pytest.raises(ModelError, match="no part of a model"):
        model_files.import_file(library, packed)


@pytest.mark.parametrize("cut", [0, 10, 300, -30])
def test_a_cut_or_empty_file_is_refused(library, packed, cut):
    packed.write_bytes(packed.read_bytes()[:cut])
    with pytest.raises(UserError, match="no model that photoclust wrote, or damaged"):
        model_files.import_file(library, packed)
    assert nothing_left(library)


def test_a_file_that_is_not_there_is_told(library, tmp_path):
    with pytest.raises(UserError, match="there is no file"):
        model_files.import_file(library, tmp_path / "none.zip")
    with pytest.raises(UserError, match="is a folder; give the file"):
        model_files.import_file(library, tmp_path)


def test_a_head_that_says_something_else_than_the_network_is_refused(
    library, own_models, rotation, tmp_path
):
    folder = own_models.behind(tmp_path / "models", "two-faced", rotation)
    other = own_models.behind(tmp_path / "other", "two-faced", rotation[::-1])
    (folder / "head.onnx").write_bytes((other / "head.onnx").read_bytes())
    (record,) = json.loads((folder / "manifest.json").read_text())
    (theirs,) = json.loads((other / "manifest.json").read_text())
    record["files"][1] = theirs["files"][1]
    (folder / "manifest.json").write_text(json.dumps([record]))
    with pytest.raises(ModelError, match="other vectors than its network"):
        model_files.install(library, folder)
    model_files.install(library, other)
    assert spec_of(library, "two-faced").head is not None


@pytest.mark.processes
def test_a_model_is_tried_out_in_a_process_of_its_own(library, packed):
    assert model_files.import_file(library, packed).id == "small"


# Removing


@pytest.fixture
def with_both(library, crowd, own_models, rotation):
    """A library whose faces have vectors of the bundled model and one behind it, which serves."""
    crowd.photos_of(0, 3)
    own_models.behind(library.folder / OWN_MODELS, "turned", rotation)
    switching.use(library, "turned", SETTINGS)


def test_the_model_that_serves_is_not_removed(library, with_both):
    with pytest.raises(UserError, match="the library uses turned"):
        model_files.remove(library, "turned", SETTINGS)


def test_a_model_goes_with_its_vectors(library, with_both):
    history.undo(library)
    done = model_files.remove(library, "turned", SETTINGS)
    assert (done.vectors, done.files) == (3, True)
    assert nothing_left(library)
    with library.read() as tx:
        assert embeddings.counts(tx) == {DEFAULT_EMBEDDER: 3}
    assert history.title(history.entries(library)[0]) == "Removed the model turned"
    with pytest.raises(UserError, match="no own model 'turned'"):
        model_files.remove(library, "turned", SETTINGS)


def test_of_a_bundled_model_only_the_vectors_go(library, with_both):
    done = model_files.remove(library, DEFAULT_EMBEDDER, SETTINGS)
    assert (done.vectors, done.files) == (3, False)
    assert models.model_spec(DEFAULT_EMBEDDER)
    assert history.next_steps(library).undo is None
    listed = {each.spec.id: each for each in model_files.listed(library, SETTINGS)}
    assert (listed["turned"].current, listed["turned"].faces) == (True, 3)
    assert (listed[DEFAULT_EMBEDDER].current, listed[DEFAULT_EMBEDDER].faces) == (False, 0)


def test_vectors_that_serve_in_the_place_of_others_stay(library, crowd, own_models):
    crowd.photos_of(0, 3)
    own_models.behind(
        library.folder / OWN_MODELS,
        "like-before",
        np.eye(512, dtype=np.float32),
        head=False,
        comparable_with=DEFAULT_EMBEDDER,
    )
    switching.use(library, "like-before", SETTINGS)
    with pytest.raises(UserError, match="3 faces have only vectors of facenet-vggface2"):
        model_files.remove(library, DEFAULT_EMBEDDER, SETTINGS)


def test_whoever_is_forgotten_takes_the_model_and_its_vectors_along(
    library, with_both, monkeypatch
):
    monkeypatch.setattr(forgetting.logs, "clear", lambda: None)
    anna = naming.name(library, "f1", "Anna").person
    done = forgetting.preview(library, f"p{anna}")
    assert done.models == ()
    (library.folder / OWN_MODELS / "turned" / "people.json").unlink()
    done = forgetting.forget_person(library, f"p{anna}")
    assert done.models == ("turned",)
    assert nothing_left(library)
    with library.read() as tx:
        assert embeddings.counts(tx) == {DEFAULT_EMBEDDER: 2}
        assert embeddings.models_with_vectors(tx) == [DEFAULT_EMBEDDER]
    assert history.next_steps(library).undo is None


# Checkpoints of facenet-pytorch


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "mine.pt"
    path.write_bytes(b"weights")
    return path


def converted_to(monkeypatch, own_models, folder, weights):
    """Let the conversion give the bundled network with `weights` behind it."""
    made = own_models.behind(folder, "converted", weights, head=False)
    (file,) = registry.read(made).files

    def export(_source, target):
        shutil.copy(made / file.name, target)
        return checkpoints._Written(file, len(weights), 160, 127.5, 128.0, "RGB")

    monkeypatch.setattr(checkpoints, "_export", export)


def test_a_checkpoint_whose_cosines_are_the_bundled_ones_takes_its_numbers_over(
    library, checkpoint, own_models, rotation, tmp_path, monkeypatch
):
    converted_to(monkeypatch, own_models, tmp_path / "models", rotation)
    spec = model_files.import_file(library, checkpoint)
    bundled = models.model_spec(DEFAULT_EMBEDDER)
    assert spec.id == f"facenet-{hashlib.sha256(b'weights').hexdigest()[:8]}"
    assert (spec.thresholds, spec.calibration) == (bundled.thresholds, bundled.calibration)
    assert json.loads((spec.folder / "people.json").read_text()) == []
    models.verify(spec)
    with pytest.raises(ModelError, match="already"):
        model_files.import_file(library, checkpoint)


def test_one_with_other_cosines_is_used_without_them(
    library, crowd, checkpoint, own_models, tmp_path, monkeypatch
):
    crowd.photos_of(0, 3)
    weights = np.random.default_rng(1).standard_normal((16, 512)).astype(np.float32)
    converted_to(monkeypatch, own_models, tmp_path / "models", weights)
    spec = model_files.import_file(library, checkpoint)
    assert spec.thresholds == {}
    assert spec.calibration.keys() == {"match"}
    switching.outlook(library, spec.id, SETTINGS)


def test_without_torch_it_is_told_what_to_install(library, checkpoint, monkeypatch):
    monkeypatch.delattr("photoclust.training.checkpoint_import", raising=False)
    monkeypatch.setitem(sys.modules, "photoclust.training.checkpoint_import", None)
    with pytest.raises(UserError, match=r"pip install '\.\[train\]'"):
        model_files.import_file(library, checkpoint)
    assert nothing_left(library)
