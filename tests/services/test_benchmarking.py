"""Benchmarks: what they say ran is what ran, figures count it, and nothing stays behind."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoclust.core import metrics
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import Compute
from photoclust.services import (
    benchmark_faces,
    benchmark_photos,
    benchmark_reports,
    benchmarking,
)
from photoclust.services.benchmark_reports import Benchmark, Figure
from photoclust.services.worker_pool import usable_cores
from photoclust.vision import models

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where benchmarks keep what they need for a while."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def figures(benchmark):
    return {each.key: each for each in benchmark.figures}


def test_a_folder_is_scanned_anew_in_each_round(demo_album, temporary):
    folder = demo_album / "2010 Blue Room"
    measured = benchmarking.scan(folder, rounds=2, workers=1, compute=Compute.INT8)
    assert measured.ran["facenet-vggface2 runs on"] == "cpu int8"
    assert (measured.ran["photos"], measured.ran["faces"]) == (2, 3)
    assert measured.ran["folder"] == str(folder)
    assert (measured.ran["workers"], measured.ran["threads"]) == (1, usable_cores())
    found = figures(measured)
    assert len(found["photos_per_second"].values) == 2
    assert all(rate > 0 for rate in found["photos_per_second"].values)
    assert list(temporary.iterdir()) == []


def test_without_a_folder_photos_are_made(temporary, monkeypatch):
    monkeypatch.setattr(benchmark_photos, "PHOTO_SIZE", (600, 450))
    monkeypatch.setattr(benchmark_photos, "INSET_PX", (80, 200))
    measured = benchmarking.scan(photos=3, rounds=1, compute=Compute.FLOAT32)
    assert measured.ran["photos"] == 3
    assert list(temporary.iterdir()) == []


def test_a_folder_without_photos_is_refused(tmp_path, temporary):
    with pytest.raises(UserError, match="no photo in"):
        benchmarking.scan(temporary)
    with pytest.raises(UserError, match="no such file or folder"):
        benchmarking.scan(tmp_path / "nowhere")


def test_a_cancelled_benchmark_leaves_nothing(demo_album, temporary):
    control = JobControl()
    control.cancel()
    for cancelled in (
        lambda: benchmarking.scan(demo_album, compute=Compute.INT8, control=control),
        lambda: benchmarking.scan(compute=Compute.INT8, control=control),
        lambda: benchmarking.embed(compute=Compute.INT8, control=control),
        lambda: benchmarking.detect(compute=Compute.INT8, control=control),
        lambda: benchmarking.group(faces=20, control=control),
    ):
        with pytest.raises(CancelledError):
            cancelled()
    assert list(temporary.iterdir()) == []


def test_the_meter_counts_the_time_of_other_processes():
    meter = benchmarking._Meter(JobControl())
    code = "import time\nwhile time.process_time() < 0.5: pass\nprint('', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as busy:
        busy.stdout.readline()
        own = meter.seconds
        meter.report("stage", 1, 2)
        assert meter.seconds - own < 0.15
        meter.report("stage", 2, 2)
        assert meter.seconds - own > 0.4
        busy.communicate(b"\n")


def test_embedding_is_measured_for_each_size_of_batch(monkeypatch):
    class Counting:
        spec = models.model_spec(models.DEFAULT_EMBEDDER)
        sizes: list[int] = []  # noqa: RUF012 - of one test

        def embed(self, crops):
            assert crops.shape[1:] == (160, 160, 3)
            self.sizes.append(len(crops))

    monkeypatch.setattr(models, "load_embedder", lambda threads, engine: Counting())
    crops = np.zeros((3, 160, 160, 3), np.uint8)
    monkeypatch.setattr(benchmarking, "album_crops", lambda finder, side: crops)
    measured = benchmarking.embed(rounds=2, threads=1, compute=Compute.INT8)
    keys = [f"faces_per_second_batch_{size}" for size in benchmarking.BATCHES]
    assert [each.key for each in measured.figures] == keys
    assert all(len(each.values) == 2 for each in measured.figures)
    about = {"embedder": models.DEFAULT_EMBEDDER, "engine": "cpu int8"}
    assert measured.ran == {**about, "threads": 1, "rounds": 2}
    # The rounds that count, and the one before them: 32 faces in each, by turns.
    a_round = [size for size in benchmarking.BATCHES for _ in range(32 // size)]
    assert Counting.sizes == 3 * a_round


def test_the_faces_of_the_demo_album_are_embedded():
    from photoclust.vision.finder import FaceFinder

    crops = benchmark_photos.album_crops(FaceFinder(models.load_detector()), 160)
    assert crops.dtype == np.uint8
    assert crops.shape == (9, 160, 160, 3)


def test_detection_is_measured_on_the_demo_album_at_the_first_size(monkeypatch):
    seen = []

    class Looking:
        def detect(self, images):
            seen.extend(max(image.shape[:2]) for image in images)

    monkeypatch.setattr(models, "load_detector", lambda *_: Looking())
    measured = benchmarking.detect(rounds=2, threads=1, compute=Compute.FLOAT32)
    assert measured.ran["engine"] == "cpu float32"
    assert measured.ran["photos"] == 10  # the one that is half copied cannot be read
    assert len(seen) == 3 * 10
    assert max(seen) == 640
    assert len(figures(measured)["photos_per_second"].values) == 2


def test_grouping_is_measured_by_both_methods():
    measured = benchmarking.group(faces=400, rounds=2)
    found = figures(measured)
    assert list(found) == [
        "seconds_hdbscan",
        "seconds_agglomerative",
        "peak_memory_hdbscan",
        "peak_memory_agglomerative",
    ]
    assert all(len(each.values) == 2 for each in measured.figures)
    assert measured.ran["faces"] == 400
    # What is grouped looks like faces of people: groups are found, and they are the people.
    assert 10 < measured.ran["groups_hdbscan"] < 40
    assert measured.ran["bcubed_f_hdbscan"] > 0.9


def test_made_up_faces_are_those_of_people():
    made = benchmark_faces.made_up_faces(2000)
    again = benchmark_faces.made_up_faces(2000)
    np.testing.assert_array_equal(made.vectors, again.vectors)
    np.testing.assert_allclose(np.linalg.norm(made.vectors, axis=1), 1, atol=1e-5)
    assert made.vectors.dtype == np.float32
    genuine, impostor = metrics.pair_similarities(made.vectors, made.people)
    assert genuine.mean() > 0.5
    assert abs(impostor.mean()) < 0.02
    # Strangers are as alike as they are to a network, not as random directions.
    assert 0.35 < metrics.threshold_at_far(impostor, 1e-3) < 0.6
    pairs = np.column_stack([made.people, made.photo_ids])
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_few_faces_are_made_up_too():
    for count in (1, 2, 3):
        assert benchmark_faces.made_up_faces(count).vectors.shape == (count, 512)


def test_made_photos_are_large_different_and_the_same_again(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark_photos, "PHOTO_SIZE", (600, 450))
    monkeypatch.setattr(benchmark_photos, "INSET_PX", (80, 200))
    contents = []
    for name in ("one", "again"):
        folder = tmp_path / name
        folder.mkdir()
        benchmark_photos.make_photos(folder, 12, JobControl())
        contents.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert contents[0] == contents[1]
    assert len(set(contents[0])) == 12
    with Image.open(tmp_path / "one" / "IMG_0000.jpg") as photo:
        assert photo.size == (600, 450)


def test_a_document_has_the_figures_by_their_keys():
    measured = Benchmark("scan", (Figure("rate", "Rate", "/s", (3.0, 1.0, 2.0)),), {"photos": 2})
    told = benchmark_reports.document(measured)
    assert told["benchmark"] == "scan"
    assert told["ran"] == {"photos": 2}
    assert told["figures"] == {
        "rate": {"unit": "/s", "median": 2.0, "least": 1.0, "most": 3.0, "values": [3.0, 1.0, 2.0]}
    }
    machine = told["machine"]
    assert machine["cores_usable"] == usable_cores()
    assert machine["devices"] == "cpu"
    assert all(machine[key] for key in ("processor", "onnxruntime", "devices", "system"))


def test_the_processor_has_a_name_where_the_system_tells_none(monkeypatch):
    def refuse(*_args, **_options):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert benchmark_reports.processor_name()
