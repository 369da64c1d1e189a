"""A training from its folder to a verdict: what it leaves there, accepted, refused or cut off."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.training import report
from photoclust.training import run as training_run
from photoclust.training.checkpoints import CHECKPOINT, Checkpoint
from photoclust.training.collapse import TrainingCollapsedError
from photoclust.training.faces import RunFaces
from photoclust.training.options import Mining, Options
from photoclust.training.run_folder import (
    CHECK_FILE,
    CURVE_FILE,
    MODEL,
    REPORT,
    RESULT_FILE,
    Request,
    read_curve,
    read_result,
    write_request,
)
from photoclust.vision import models

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread", "quick")]

QUICK = {"people": 10, "faces": 4}
EXPECTED = {"run", "recipe", "loss", "mining", "steps", "seconds", "before", "after", "sets"}
EXPECTED |= {"accepted", "reason", "model"}


@pytest.fixture(scope="module")
def quick():
    """One thread, and no time for plots, which are tested where they are drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)
        patch.setattr(report.plots, "png", lambda _: b"plot")
        yield


def wide(faces):
    """With 512 numbers a face, of which few say anything."""
    vectors = np.zeros((len(faces.vectors), 512), np.float32)
    vectors[:, : faces.vectors.shape[1]] = faces.vectors
    return replace(faces, vectors=vectors)


@pytest.fixture(scope="module")
def faces(make_run_faces):
    return wide(make_run_faces(people=30, each=8, strangers=20, dimension=48, noise=0.9))


@pytest.fixture(scope="module")
def few(make_run_faces):
    """Faces of few people, but enough of each that some can be watched."""
    return wide(make_run_faces(people=8, each=14, dimension=48))


def begun(folder, run_faces, **options):
    """A run that is ready to start."""
    folder.mkdir(mode=0o700)
    run_faces.save(folder)
    base = json.loads(json.dumps(asdict(models.model_spec(models.DEFAULT_EMBEDDER))))
    names = tuple(f"person {number}" for number in range(100))
    options = Options(**(QUICK | options))
    write_request(folder, Request(options, base, base["id"], f"own-{folder.name}", names))
    return folder


@pytest.fixture(scope="module")
def finished(faces, tmp_path_factory, quick):
    """A run that was not disturbed, and what it said."""
    folder = begun(tmp_path_factory.mktemp("runs") / "whole", faces)
    told = []
    control = JobControl(lambda progress: told.append(progress.stage))
    return folder, training_run.run(folder, control=control), list(dict.fromkeys(told))


def test_a_better_model_is_accepted(finished, faces):
    folder, result, stages = finished
    assert result["accepted"], result["reason"]
    assert set(result) == EXPECTED
    assert (result["run"], result["model"]) == ("whole", "own-whole")
    before, after = (
        {name: result[side][name]["val_at_far"]["0.001"] for name in result[side]}
        for side in ("before", "after")
    )
    assert after["trained"] > before["trained"] + 0.02
    for name in ("held_out", "strangers"):
        assert after[name] >= before[name] - 0.002
    assert read_result(folder) == json.loads(json.dumps(result))
    assert (folder / REPORT / "report.html").is_file()
    assert "Training" in stages
    assert stages.index("Training") < stages.index(training_run.COMPARING_STAGE)
    looks = read_curve(folder / "semi-hard")
    assert looks == Checkpoint.load(folder / "semi-hard").history
    assert looks[-1]["step"] == result["steps"] >= 100


def test_the_report_names_people_and_shows_no_faces_without_pixels(finished):
    folder, *_ = finished
    page = (folder / REPORT / "report.html").read_text()
    assert "People it was trained on" in page
    assert "People kept out of training" in page
    assert "Strangers" in page
    assert not list((folder / REPORT).glob("face-*"))


def test_the_model_is_written_with_all_that_a_library_needs(finished, faces):
    folder, result, _ = finished
    (spec,) = json.loads((folder / MODEL / "manifest.json").read_text())
    base = json.loads((folder / "run.json").read_text())["base"]
    assert spec["id"] == result["model"]
    assert spec["source"]["trained_from"] == base["id"]
    assert spec["head"] == {"of": base["id"], "file": "head.onnx"}
    assert spec.get("comparable_with") is None
    fed = [spec[name] for name in ("dimension", "input_size", "mean", "std", "channel_order")]
    assert fed == [512, 160, 127.5, 128.0, "RGB"]
    assert spec["trained"]["people"] == 30
    assert spec["trained"]["faces"] == len(faces.train)
    assert spec["trained"]["recipe"] == "head"
    told = spec["accuracy"]["val_at_far_0.001"]
    assert told == result["after"]["trained"]["val_at_far"]["0.001"]
    files = {file["name"]: file for file in spec["files"]}
    assert set(files) == {"model.onnx", "head.onnx"}
    for name, file in files.items():
        data = (folder / MODEL / name).read_bytes()
        assert file["size"] == len(data)
        assert file["sha256"] == hashlib.sha256(data).hexdigest()


def test_vectors_are_kept_by_which_the_model_can_be_checked(finished, faces):
    folder, *_ = finished
    with np.load(folder / CHECK_FILE, allow_pickle=False) as file:
        rows, expected = file["rows"], file["vectors"]
    session = onnxruntime.InferenceSession(folder / MODEL / "head.onnx")
    (found,) = session.run(["vectors"], {"of": faces.vectors[rows]})
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(rows) == 16
    assert set(rows) <= set(faces.test)
    assert (expected * faces.vectors[rows]).sum(axis=1).min() < 0.99  # they were trained


@pytest.fixture
def unwritten(monkeypatch):
    """The model itself is not written: that takes longer than all else."""
    monkeypatch.setattr(training_run.candidate, "write", lambda *_, **__: "own")


def told_apart(result):
    """What a result says but for when and where."""
    return {name: result[name] for name in EXPECTED - {"run", "seconds", "model"}}


CHILD = """
import os, sys
os.cpu_count = lambda: 1
from pathlib import Path
from photoclust.core.progress import JobControl
from photoclust.training.run import run
run(Path(sys.argv[1]), control=JobControl())
"""


@pytest.mark.skipif(os.name != "posix", reason="a process is killed by a signal")
def test_a_run_that_was_killed_goes_on_and_comes_to_the_same(finished, faces, tmp_path, repository):
    folder = begun(tmp_path / "killed", faces)
    kept = folder / "semi-hard" / CHECKPOINT
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)],
        env={**os.environ, "PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1"},
    )
    try:
        deadline = time.monotonic() + 120
        while not kept.exists() and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
    finally:
        child.kill()
    assert child.wait() == -signal.SIGKILL
    assert read_result(folder) is None
    assert 25 <= Checkpoint.load(folder / "semi-hard").step <= 100
    # What a kill in the middle of writing leaves.
    for part in (MODEL, REPORT):
        (folder / part).mkdir(exist_ok=True)
        (folder / part / "half.tmp").write_bytes(b"half")
    with (folder / "semi-hard" / CURVE_FILE).open("a") as file:
        file.write('{"step": 9999.0}\n{"step": 10')  # of steps after the checkpoint
    whole, expected, _ = finished
    assert told_apart(training_run.run(folder, control=JobControl())) == told_apart(expected)
    for part in (MODEL, REPORT):
        names = [{path.name for path in (run / part).iterdir()} for run in (folder, whole)]
        assert names[0] == names[1]
    with np.load(folder / CHECK_FILE) as found, np.load(whole / CHECK_FILE) as file:
        # Another process may add up in another order.
        np.testing.assert_allclose(found["vectors"], file["vectors"], atol=1e-5)
    curves = [read_curve(run / "semi-hard") for run in (folder, whole)]
    assert curves[0] == [pytest.approx(look, rel=1e-4) for look in curves[1]]


def test_a_model_of_wrongly_named_people_is_refused(few, tmp_path):
    person = few.person.copy()
    person[few.train] = np.random.default_rng(0).permutation(person[few.train])
    folder = begun(tmp_path / "wrong", replace(few, person=person), harmonic=True)
    result = training_run.run(folder, control=JobControl())
    assert not result["accepted"]
    assert "is not offered, because it is not surely better" in result["reason"]
    assert read_result(folder)["accepted"] is False
    assert (folder / REPORT / "report.html").is_file()
    assert set(result["harmonic"]) == {"old_old", "new_new", "new_old"}
    (spec,) = json.loads((folder / MODEL / "manifest.json").read_text())
    assert spec["comparable_with"] == models.DEFAULT_EMBEDDER


def test_ways_of_mining_are_compared_and_the_best_is_kept(few, tmp_path, monkeypatch, unwritten):
    best = {}

    def val(vectors, people, fars=(0.001,), control=None):
        """Of watched faces: the second way is the better one."""
        return np.array([0.2 + 0.3 * (len(best) > 1), 0.1])

    def train(folder, *args):
        best[folder.name] = None
        best[folder.name] = attempt = real(folder, *args)
        return attempt

    real = training_run._train
    monkeypatch.setattr(training_run, "_train", train)
    monkeypatch.setattr("photoclust.training.loop.val_of_all", val)
    mining = (Mining.HARDEST, Mining.RANDOM)
    folder = begun(tmp_path / "both", few, mining=mining, faces=2, epochs=1)
    result = training_run.run(folder, control=JobControl())
    assert list(best) == ["hardest", "random"]
    assert result["mining"] == "random"
    for name in best:
        assert all("val" in look for look in read_curve(folder / name))
    with np.load(folder / CHECK_FILE) as file:
        expected = best["random"].recipe.trainee.embed(file["rows"])
        np.testing.assert_array_equal(file["vectors"], expected)


def test_a_run_without_strangers_and_people_held_out_says_so(few, tmp_path, unwritten):
    nobody = few.strangers[:0]
    alone = replace(few, strangers=nobody, held_out=few.held_out[:1])
    result = training_run.run(begun(tmp_path / "alone", alone, epochs=1), control=JobControl())
    assert not result["accepted"]
    assert "no strangers to show" in result["reason"]
    assert result["before"]["strangers"] is result["after"]["held_out"] is None


def test_cancelling_leaves_a_run_that_can_be_gone_on_with(few, tmp_path):
    control = JobControl(lambda progress: control.cancel() if progress.done else None)
    folder = begun(tmp_path / "cancelled", few)
    with pytest.raises(CancelledError):
        training_run.run(folder, control=control)
    assert read_result(folder) is None
    assert RunFaces.load(folder).vectors.shape == few.vectors.shape


def test_errors_of_a_training_are_a_users(few, tmp_path, monkeypatch):
    def collapse(*_):
        raise TrainingCollapsedError("Training has collapsed")

    monkeypatch.setattr("photoclust.training.loop.Loop._step", collapse)
    with pytest.raises(UserError, match="collapsed"):
        training_run.run(begun(tmp_path / "collapsed", few), control=JobControl())
    assert not (tmp_path / "collapsed" / RESULT_FILE).exists()


def test_a_full_disk_at_the_end_is_told(few, tmp_path, monkeypatch, unwritten):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    folder = begun(tmp_path / "full", few, epochs=1)
    monkeypatch.setattr(training_run.np, "savez", full)
    with pytest.raises(UserError, match=r"check\.npz cannot be written \(No space left"):
        training_run.run(folder, control=JobControl())
