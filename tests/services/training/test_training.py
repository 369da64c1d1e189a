"""A training as a library asks for it: prepared, gone on with, checked and kept."""

import hashlib
import importlib.util
import json
import os
import shutil

import numpy as np
import pytest

from photoclust.core.errors import (
    CancelledError,
    InternalError,
    LibraryError,
    ModelError,
    UserError,
)
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services import accepting, child, training, training_folders, trying
from photoclust.services.training import Asked
from photoclust.store.database import Library
from photoclust.training.faces import RunFaces
from photoclust.training.options import Options
from photoclust.training.run_folder import (
    MODEL,
    RESULT_FILE,
    read_failure,
    read_request,
    read_result,
    write_failure,
    write_json,
)

PEOPLE = dict.fromkeys(("Ada", "Bo", "Cy", "Di", "Ed", "Fay", "Gus", "Hal"), 6)
OTHERS = dict.fromkeys(("Uma", "Vic", "Wim", "Xia", "Yan"), 4)
QUICK = Options(people=4, faces=4)


@pytest.fixture(scope="module")
def found(make_folder):
    """What is in the folders to train with."""
    return {
        "images": make_folder(PEOPLE),
        "test": make_folder(PEOPLE, 1),
        "unlabelled": make_folder({"": 30}, 2),
        "strangers": make_folder(OTHERS, 3),
    }


def looks(found):
    """Looks into folders of which it is known what is in them."""

    def look(folder, settings, kept, *, labelled, control):
        assert labelled == (folder.name != "unlabelled")
        assert kept.name == training_folders.CACHE
        return found[folder.name]

    return look


@pytest.fixture
def asked(found, monkeypatch, tmp_path):
    """The folders, as if the extra `train` were there: most of this needs no more of it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    monkeypatch.setattr(training_folders, "look", looks(found))
    return Asked(*(tmp_path / name for name in found))


def prepared(library, asked, options=QUICK, **given):
    return training.prepare(library, asked, options, Settings(), **given)


def runs(library):
    place = library.folder / "training"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


@pytest.mark.parametrize("missing", ["torch", "onnx", "onnxscript", "matplotlib"])
def test_what_is_not_installed_is_told_before_anything_is_done(
    library, asked, monkeypatch, missing
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(UserError, match=rf"needs {missing}, .* pip install '\.\[train\]'"):
        prepared(library, asked)
    assert runs(library) == []


def test_the_faces_and_what_was_asked_lie_in_a_private_folder(library, asked):
    found = prepared(library, asked)
    assert (found.people, found.faces, found.unlabelled) == (8, 48, 30)
    assert not found.is_begun
    assert runs(library) == [found.folder.name]
    faces, request = RunFaces.load(found.folder), read_request(found.folder)
    assert [len(rows) for rows in (faces.train, faces.test, faces.strangers)] == [48, 48, 20]
    assert request.options == QUICK
    assert request.names[:8] == tuple(PEOPLE)
    assert request.model == f"own-{found.folder.name}"
    assert request.base["id"] == request.in_use == "facenet-vggface2"
    assert not request.without_strangers
    if os.name == "posix":
        for folder in (found.folder, found.folder.parent):
            assert folder.stat().st_mode & 0o077 == 0


def test_photos_in_the_wrong_folder_are_told_and_left_out_when_asked(
    library, asked, found, make_folder, monkeypatch
):
    folder = make_folder(PEOPLE, noise=0.4)
    folder.name[7] = "Hal"
    monkeypatch.setattr(training_folders, "look", looks(found | {"images": folder}))
    whole = prepared(library, asked)
    (told,) = whole.doubtful
    assert str(folder.paths[7]) in told
    assert "Hal" in told
    fewer = prepared(library, asked, without_doubtful=True)
    assert (whole.faces, fewer.faces) == (48, 47)
    assert fewer.folder != whole.folder


def test_a_run_that_was_cut_off_is_found_again_and_no_other(library, asked):
    first = prepared(library, asked)
    again = prepared(library, asked)
    assert again.is_begun
    assert again.folder == first.folder
    for other in (
        prepared(library, asked, Options(people=4, faces=3)),
        prepared(library, asked, without_strangers=True),
        prepared(library, Asked(asked.images, asked.test, asked.unlabelled)),
    ):
        assert not other.is_begun
        assert other.folder != first.folder
    assert len(runs(library)) == 4
    # What is done is not gone on with.
    done = first.folder.rename(first.folder.with_name(f"20200101-000000-{first.folder.name[-8:]}"))
    write_json(done / RESULT_FILE, {"accepted": False})
    assert not prepared(library, asked).is_begun


def full(*_, **__):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("what", ["photoclust.training.faces.np.savez", "os.fsync"])
def test_nothing_is_left_when_the_disk_is_full(library, asked, monkeypatch, what):
    monkeypatch.setattr(what, full)
    with pytest.raises(UserError, match=r"No space left on device.*make room on the disk"):
        prepared(library, asked)
    assert runs(library) == []


def test_a_library_that_cannot_be_written_is_told(library, asked):
    library.read_only = "another program has it open"
    with pytest.raises(LibraryError, match="cannot be changed: another program has it open"):
        prepared(library, asked)
    assert runs(library) == []


def test_faces_that_cannot_be_trained_with_leave_no_run(
    library, asked, found, make_folder, monkeypatch
):
    alone = looks(found | {"images": make_folder({"Ada": 5})})
    monkeypatch.setattr(training_folders, "look", alone)
    with pytest.raises(UserError, match="at least two people"):
        prepared(library, asked)
    assert runs(library) == []


@pytest.fixture(scope="module")
def in_this_process():
    """Trainings start no child, which would load torch for seconds, and draw nothing."""
    torch = pytest.importorskip("torch")
    from photoclust.training import report

    threads = torch.get_num_threads()

    def call(function, *args, control, reporting=False):
        assert reporting == (function is training._train)
        return function(*args, control=control) if reporting else function(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "call", call)
        patch.setattr(os, "cpu_count", lambda: 1)
        patch.setattr(report.plots, "png", lambda _: b"plot")
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def trained(in_this_process, found, tmp_path_factory):
    """The folder of a run that came to a better model, and what it said."""
    place = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch, Library(place / "library") as library:
        patch.setattr(training_folders, "look", looks(found))
        folder = prepared(library, Asked(*(place / name for name in found))).folder
        patch.setattr(training, "FACES_FILE", "kept for the tests below")
        (folder / "semi-hard").mkdir()
        (folder / "semi-hard" / ".checkpoint-1.tmp").write_bytes(b"half")
        return folder, training.run(library, folder, control=JobControl())


@pytest.fixture
def another(trained, library):
    """A copy of that run, in a library that has no model of it yet."""
    folder, _ = trained
    return shutil.copytree(folder, library.folder / "training" / folder.name)


@pytest.fixture
def done(another, monkeypatch, in_this_process):
    """As if the process that trains had just come to what `another` holds."""
    result = json.loads((another / RESULT_FILE).read_text())
    monkeypatch.setattr("photoclust.training.run.run", lambda _, control: dict(result))
    return another


@pytest.mark.train
def test_an_accepted_model_becomes_one_of_the_librarys_own(trained):
    folder, result = trained
    assert result["accepted"], result["reason"]
    own = folder.parents[1] / "models" / result["model"]
    files = {path.name: path for path in (folder / MODEL).iterdir() if path.is_file()}
    assert {"head.onnx", "manifest.json", "model.onnx"} <= set(files)
    for name, path in files.items():
        assert (own / name).read_bytes() == path.read_bytes()
    assert [path.name for path in own.parent.iterdir()] == [result["model"]]
    assert not list(folder.rglob(".*.tmp"))


@pytest.mark.train
def test_a_run_that_is_done_holds_no_faces(library, done):
    count = len(RunFaces.load(done).vectors)
    np.save(done / "crops.npy", np.zeros((count, 8, 8, 3), np.uint8))
    training.run(library, done)
    assert {"result.json", "report", "model"} <= {path.name for path in done.iterdir()}
    assert not {"faces.npz", "crops.npy"} & {path.name for path in done.iterdir()}


@pytest.mark.train
def test_nothing_half_of_a_model_is_left_when_the_disk_is_full(library, done, monkeypatch):
    def fail(source, target):
        target.mkdir()
        (target / "model.onnx").write_bytes(b"half")
        full()

    monkeypatch.setattr(shutil, "copytree", fail)
    with pytest.raises(UserError, match=r"the new model cannot be kept .* make room"):
        training.run(library, done)
    assert not list((library.folder / "models").iterdir())
    # The same command goes on with it, and until then it says why it is not done.
    assert read_result(done) is None
    assert read_failure(done).startswith("the new model cannot be kept")
    monkeypatch.undo()


@pytest.mark.train
def test_a_model_that_does_not_work_is_not_let_in(library, done, monkeypatch):
    def refuse(*_):
        raise ModelError("it gives no unit vectors; train anew")

    monkeypatch.setattr(trying, "try_out", refuse)
    with pytest.raises(ModelError, match="no unit vectors"):
        training.run(library, done)
    assert not list((library.folder / "models").iterdir())
    assert read_failure(done) == "it gives no unit vectors; train anew"


@pytest.mark.train
def test_what_is_not_the_file_of_the_training_is_not_its_model(another):
    accepting.check(another)
    path = another / MODEL / "head.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match=r"head\.onnx is damaged or another file"):
        accepting.check(another)


@pytest.mark.train
def test_what_gives_other_vectors_than_the_training_is_not_its_model(another):
    onnx = pytest.importorskip("onnx")
    path, manifest = another / MODEL / "head.onnx", another / MODEL / "manifest.json"
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if tensor.name.endswith("pushes"):
            values = onnx.numpy_helper.to_array(tensor) * np.float32(0.9)
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    path.write_bytes(model.SerializeToString())
    records = json.loads(manifest.read_text())
    (file,) = (each for each in records[0]["files"] if each["name"] == "head.onnx")
    file["size"] = path.stat().st_size
    file["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(records))
    with pytest.raises(InternalError, match="gives other vectors than it was trained to"):
        accepting.check(another)


@pytest.mark.train
def test_a_refused_model_is_none_of_the_librarys(in_this_process, library, monkeypatch):
    def refused(folder, *, control):
        return {"accepted": False, "model": "own-x"}

    monkeypatch.setattr("photoclust.training.run.run", refused)
    monkeypatch.setattr(accepting, "check", lambda _: None)
    folder = library.folder / "training" / "x"
    folder.mkdir(parents=True)
    assert training.run(library, folder) == {"accepted": False, "model": None}
    assert not (library.folder / "models").exists()


@pytest.mark.train
def test_errors_of_a_training_load_no_torch_where_they_are_told(
    in_this_process, library, tmp_path, monkeypatch
):
    from photoclust.training.collapse import TrainingCollapsedError

    def collapse(*_, **__):
        raise TrainingCollapsedError("Training has collapsed")

    monkeypatch.setattr("photoclust.training.run.run", collapse)
    with pytest.raises(UserError, match="Training has collapsed") as caught:
        training.run(library, tmp_path)
    assert type(caught.value) is UserError
    assert read_failure(tmp_path) == "Training has collapsed"


@pytest.mark.train
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CancelledError(), None),
        (InternalError("Traceback of a fault"), "a fault in photoclust (InternalError); the log"),
    ],
)
def test_a_run_keeps_why_it_failed_until_it_is_tried_again(
    in_this_process, library, tmp_path, monkeypatch, error, told
):
    def fail(*_, **__):
        raise error

    write_failure(tmp_path, "of the time before")
    monkeypatch.setattr("photoclust.training.run.run", fail)
    with pytest.raises(type(error)):
        training.run(library, tmp_path)
    kept = read_failure(tmp_path)
    assert kept is None if told is None else kept.startswith(told)
