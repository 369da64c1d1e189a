"""The commands of `bench`: what they print, and what they refuse."""

import json

import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.core import paths
from photoclust.services import benchmark_startup, benchmarking
from photoclust.services.benchmark_reports import Benchmark, Figure

pytestmark = pytest.mark.usefixtures("in_process")


def run(*arguments):
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def run_json(*arguments):
    """The one document that a command printed; it must have succeeded."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_scan_is_told_as_a_table_and_as_a_document(demo_album):
    folder = demo_album / "2010 Blue Room"
    told = run("scan", folder, "--compute", "float32")
    assert told.exit_code == 0, told.output
    assert "Photos scanned" in told.stdout
    assert "photos/s" in told.stdout
    assert "facenet-vggface2 runs on" in told.stdout
    assert "cpu float32" in told.stdout
    document = run_json("scan", folder, "--rounds", 2, "--compute", "int8")
    assert document["benchmark"] == "scan"
    assert document["ran"]["rounds"] == 2
    assert set(document["figures"]) == {"photos_per_second", "cores_busy"}
    assert len(document["figures"]["cores_busy"]["values"]) == 2


def test_no_library_is_made(demo_album):
    run_json("scan", demo_album / "2010 Blue Room")
    run_json("group", "--faces", 100, "--rounds", 1)
    assert not paths.default_library().exists()


def test_one_method_of_grouping_can_be_chosen():
    document = run_json("group", "--faces", 100, "--rounds", 1, "--method", "agglomerative")
    assert set(document["figures"]) == {"seconds_agglomerative", "peak_memory_agglomerative"}
    assert run("group", "--method", "dbscan").exit_code == 2


@pytest.mark.parametrize("name", ["embed", "detect"])
def test_options_reach_the_benchmark(name, monkeypatch):
    asked = {}

    def measure(**options):
        asked.update(options)
        return Benchmark(name, (Figure("rate", "Rate", "/s", (1234.0, 0.5)),), {"side_px": 640})

    monkeypatch.setattr(benchmarking, name, measure)
    result = run(name, "--rounds", 2, "--threads", 3)
    assert result.exit_code == 0, result.output
    assert (asked["rounds"], asked["threads"]) == (2, 3)
    assert "0.500 – 1,234" in result.stdout
    assert "side px" in result.stdout


def test_the_detector_is_the_bundled_one_unless_another_is_named(monkeypatch):
    asked = []
    measured = Benchmark("detect", (Figure("rate", "Rate", "/s", (1.0,)),), {})

    def measure(*, detector, **_options):
        asked.append(detector)
        return measured

    monkeypatch.setattr(benchmarking, "detect", measure)
    paths.settings_file().parent.mkdir(parents=True)
    paths.settings_file().write_text('{"detector": "mtcnn"}', encoding="utf-8")
    run("detect")
    run("detect", "--detector", "mtcnn")
    assert asked == ["centerface", "mtcnn"]
    assert run("detect", "--detector", "none").exit_code == 2


def test_the_start_is_measured(monkeypatch):
    def measure(*, rounds, control):
        assert not control.cancelled
        return Benchmark("startup", (Figure("version", "V", "s", (0.4,)),), {"rounds": rounds})

    monkeypatch.setattr(benchmark_startup, "startup", measure)
    assert run_json("startup", "--rounds", 4)["ran"] == {"rounds": 4}


def test_a_folder_without_photos_is_an_error(tmp_path):
    result = run("scan", tmp_path)
    assert result.exit_code == 1
    assert f"no photo in {tmp_path} can be read" in result.stderr


def test_only_what_is_for_people_is_listed():
    commands = run("--help").stdout.split("Commands:")[1]
    listed = [line.split()[0] for line in commands.splitlines() if line.strip()]
    assert listed == ["scan", "embed", "detect", "group", "startup"]
