"""The command line as a user and a script meet it: real commands on the bundled album."""

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from photoclust import __version__, cli, cluster
from photoclust.cli import app
from photoclust.core import logs
from photoclust.media import raw
from photoclust.services import browse

BROKEN = "2012 Oval Office/half copied.jpg"
POSIX = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
COMMAND = [sys.executable, "-m", "photoclust"]


def fingerprints(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Content, mode and modification time of every file."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mode,
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments: object) -> object:
    """The one document that a command printed; it must have succeeded."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="session")
def album(demo_album, tmp_path_factory) -> Iterator[Path]:
    """A copy of the demo album; after all tests it is what it was."""
    folder = tmp_path_factory.mktemp("album") / "album"
    shutil.copytree(demo_album, folder)
    before = fingerprints(folder)
    yield folder
    assert fingerprints(folder) == before, "an original was touched"


@pytest.fixture(scope="session")
def scanned(album, tmp_path_factory, without_processes) -> tuple[Path, dict]:
    """A library with the album in it, grouped, and what the scan said."""
    library = tmp_path_factory.mktemp("scanned") / "library"
    with without_processes():
        report = run_json("scan", album, "--workers", 2, "--library", library)
        run_json("group", "--library", library)
    return library, report


@pytest.fixture
def library(scanned, tmp_path) -> Path:
    """A library of one's own with the album in it."""
    return shutil.copytree(scanned[0], tmp_path / "library")


@pytest.fixture
def group_id(library) -> str:
    """The largest group."""
    return run_json("people", "--library", library)[0]["id"]


def test_scan_reports_what_it_did(scanned, album):
    report = scanned[1]
    assert (report["photos"], report["unchanged"], report["faces"]) == (10, 0, 9)
    (failure,) = report["failed"]
    assert failure["path"] == str(album / BROKEN)
    assert "truncated" in failure["reason"]
    assert report["photos_per_second"] == pytest.approx(10 / report["seconds"], rel=0.01)
    assert (report["placeholders"], report["skipped"]) == (0, 0)


def test_raw_files_that_cannot_be_read_are_counted_and_no_failures(tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "is_readable", lambda: False)
    (tmp_path / "photos").mkdir()
    for name in ("a.cr2", "b.NEF"):
        (tmp_path / "photos" / name).write_bytes(b"x")
    arguments = ("scan", tmp_path / "photos", "--library", tmp_path / "library")

    told = run(*arguments).output
    report = run_json(*arguments)

    assert "2 camera raw files passed over; install photoclust[raw] to have them read." in told
    assert (report["raw"], report["failed"]) == (2, [])


def test_a_second_scan_finds_everything_unchanged(library, album):
    before = run_json("faces", "--library", library)
    report = run_json("scan", album, "--library", library)
    assert (report["photos"], report["unchanged"], report["faces"]) == (0, 10, 0)
    assert [failure["path"] for failure in report["failed"]] == [str(album / BROKEN)]
    assert run_json("faces", "--library", library) == before
    said = run("scan", album, "--library", library)
    assert "Nothing new; 10 photos unchanged." in said.stdout


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("command", [("scan",), ("group", "--full", "--dry-run")])
def test_what_takes_long_waits_on_battery_as_it_is_told(library, power_line, command):
    power_line.on_battery = True
    said = run(*command, "--on-battery", "run", "--library", library)
    assert (said.exit_code, said.stderr) == (0, "")
    threading.Timer(0.2, lambda: setattr(power_line, "on_battery", False)).start()
    said = run(*command, "--on-battery", "pause", "--library", library)
    assert said.exit_code == 0
    assert said.stderr.splitlines()[1:] == ["Going on."]
    assert run(*command, "--on-battery", "never", "--library", library).exit_code == 2


def test_faces_and_people_agree(library, album):
    faces = run_json("faces", "--library", library)
    people = run_json("people", "--library", library)
    every = run_json("photos", "--all-forms", "--library", library)
    assert len({face["face"] for face in faces}) == len(faces) == 9
    for face in faces:
        place = {"face", "photo", "box", "score", "quality"}
        assert face.keys() == place | {"cluster", "person", "confirmed"}
        assert face["face"][0] == "f"
        assert (face["person"], face["confirmed"]) == (None, False)
        x, y, w, h = face["box"]
        with Image.open(face["photo"]) as photo:
            longer = max(photo.size)
        assert min(w, h) > 20
        assert -w / 2 < x < longer
        assert -h / 2 < y < longer
    for person in people:
        own = run_json("faces", "--person", person["id"], "--library", library)
        assert {face["cluster"] for face in own} == {person["id"]}
        theirs = {face["photo"] for face in own}
        shown = {tuple(photo["forms"]) for photo in every if theirs.intersection(photo["files"])}
        assert person == {
            "id": person["id"],
            "name": None,
            "aliases": [],
            "birthday": None,
            "faces": len(own),
            "photos": len(shown),
            "photos_all_forms": len(theirs),
        }
    assert [person["faces"] for person in people] == sorted(
        (person["faces"] for person in people), reverse=True
    )


@pytest.mark.usefixtures("in_process")
def test_a_name_outlives_a_new_grouping(library, group_id):
    before = {
        face["face"] for face in run_json("faces", "--person", group_id, "--library", library)
    }
    named = run_json("name", group_id, " Zoë\tÜnal ", "--library", library)
    assert named["name"] == "Zoë Ünal"
    assert named["id"].startswith("p")
    for method in cluster.METHODS:
        report = run_json("group", "--method", method, "--library", library)
        assert {"faces", "clusters", "unclustered", "seconds"} <= report.keys()
        assert report["faces"] == 9
        faces = run_json("faces", "--person", named["id"], "--library", library)
        assert before <= {face["face"] for face in faces}
        assert {face["person"] for face in faces} == {named["id"]}


def test_a_known_name_means_the_same_person_unless_one_says_otherwise(library):
    def name(*arguments: str) -> dict:
        return run_json("name", *arguments, "--library", library)

    first, second, third, fourth = (
        face["face"] for face in run_json("faces", "--library", library)[:4]
    )
    zoe = name(first, "Zoë")
    assert name(second, "ZOE\u0308")["id"] == zoe["id"]
    other = name(third, "Zoë", "--new")
    assert other["id"] != zoe["id"]
    unclear = run("name", fourth, "zoë", "--library", library)
    assert unclear.exit_code == 1
    assert zoe["id"] in unclear.stderr
    assert other["id"] in unclear.stderr
    assert name(fourth, "zoë", "--as", other["id"])["id"] == other["id"]
    people = run_json("people", "--library", library)
    assert [person["name"] for person in people].count("Zoë") == 2


def test_failures_are_listed(library, album):
    (failure,) = run_json("failures", "--library", library)
    assert failure.keys() == {"path", "reason"}
    assert failure["path"] == str(album / BROKEN)
    assert "half copied.jpg" in run("failures", "--library", library).stdout


def test_text_output_names_everybody_and_keeps_markup_as_it_is(library, group_id):
    run("name", group_id, "[red]Zoë[/]", "--library", library)
    shown = run("people", "--library", library).stdout
    assert "[red]Zoë[/]" in shown
    assert "\x1b" not in shown
    assert run("faces", "--library", library).stdout.rstrip().endswith("9 faces.")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["scan", "/no/such/folder"], 1, "/no/such/folder"),
        (["scan", ".", "--workers", "0"], 2, "--workers"),
        (["scan", ".", "--detector", "facenet-vggface2"], 2, "centerface, mtcnn"),
        (["group", "--method", "kmeans"], 2, "hdbscan, agglomerative"),
        (["name", "p99", "Anna"], 1, "there is no p99"),
        (["name", "f99", "Anna"], 1, "there is no f99"),
        (["name", "x9", "Anna"], 2, "'x9' is no id"),
        (["name", "f1", " \t"], 1, "name is empty"),
        (["name", "f1", "a" * 201], 1, "longer than 200"),
        (["name", "f1", "Anna", "--as", "p9"], 1, "no person p9"),
        (["name", "f1", "Anna", "--as", "p9", "--new"], 2, "contradicts"),
        (["faces", "--person", "p99"], 1, "there is no p99"),
        (["faces", "--person", "f1"], 2, "p7 for a person"),
        (["model", "verify", "--model", "arcface"], 2, "centerface"),
        (["evaluate", "clustering", "--images", "/no/such/folder"], 1, "/no/such/folder"),
        (["evaluate", "verification"], 2, "--images"),
        (["evaluate", "clustering", "--images", ".", "--face", "left"], 2, "centre, largest"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(arguments, code, complaint, library):
    option = [] if arguments == ["nonsense"] else ["--library", str(library)]
    result = run(*arguments, *option, "--json")
    assert result.exit_code == code
    assert complaint in result.stderr
    assert "Traceback" not in result.output
    document = json.loads(result.stdout)
    assert document.keys() == {"error"}
    assert complaint in document["error"]
    assert run(*arguments, *option).stdout == ""


def test_only_a_scan_makes_a_library(tmp_path):
    result = run("people", "--library", tmp_path / "mistyped")
    assert result.exit_code == 1
    assert "photoclust scan" in result.stderr
    assert not (tmp_path / "mistyped").exists()


def test_a_damaged_library_is_named(library):
    path = library / "library.sqlite3"
    path.write_bytes(b"no database" * 1000)
    result = run("people", "--library", library, "--json")
    assert result.exit_code == 1
    assert str(path) in json.loads(result.stdout)["error"]
    assert result.stderr.count("\n") == 1


def test_library_is_named_after_the_command(library):
    result = run("--library", library, "people")
    assert result.exit_code == 2
    assert "after the command" in result.stderr


def test_broken_settings_are_told_and_do_not_stop(library, album, private_home):
    settings = private_home / ".config" / "photoclust" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"grouping_methods": 1}')
    result = run("scan", album, "--library", library, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["unchanged"] == 10
    assert "grouping_methods" in result.stderr


def test_a_bug_is_one_sentence_and_its_traceback_is_in_a_private_log(library, monkeypatch):
    def broken(_library: object, **_options: object) -> None:
        raise RuntimeError("nobody should read this")

    monkeypatch.setattr(browse, "groups", broken)
    result = run("people", "--library", library, "--json")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert str(logs.log_file()) in json.loads(result.stdout)["error"]
    assert "nobody should read this" not in result.output
    assert "nobody should read this" in logs.log_file().read_text(encoding="utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(logs.log_file().stat().st_mode) == 0o600


def test_the_log_does_not_grow_for_ever(library, monkeypatch):
    log = logs.log_file()
    log.parent.mkdir(parents=True)
    log.write_bytes(b"x" * (logs.MAX_BYTES + 1))
    monkeypatch.setattr(browse, "groups", None)
    assert run("people", "--library", library).exit_code == 1
    assert 0 < log.stat().st_size < logs.MAX_BYTES
    assert log.with_name("photoclust.log.1").stat().st_size == logs.MAX_BYTES + 1


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux only")
def test_names_of_any_bytes_are_printed(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    photo = folder / os.fsdecode(b"caf\xe9 \x1b[31m.jpg")
    photo.write_bytes(b"no picture")
    path = os.fsencode(photo)
    library = tmp_path / "library"
    report = run_json("scan", folder, "--workers", 1, "--library", library)
    assert [os.fsencode(failure["path"]) for failure in report["failed"]] == [path]
    assert [os.fsencode(f["path"]) for f in run_json("failures", "--library", library)] == [path]
    shown = run("failures", "--library", library)
    assert shown.exit_code == 0
    assert r"caf\udce9 \x1b[31m.jpg" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_models_are_listed_and_sound():
    models = {model["id"]: model for model in run_json("model", "list")}
    assert models["centerface"]["default"]
    assert models["centerface"]["kind"] == "detector"
    assert models["facenet-vggface2"]["default"]
    assert not models["mtcnn"]["default"]
    assert models["facenet-vggface2"]["calibration"]["pair"].keys() == {"slope", "offset"}
    assert models["centerface"]["calibration"] == {}
    checks = run_json("model", "verify")
    assert all(check["ok"] and check["reason"] is None for check in checks)
    assert [check["model"] for check in checks].count("mtcnn") == 3
    files = [check["file"] for check in run_json("model", "verify", "--model", "centerface")]
    assert files == ["centerface.onnx", "centerface-int8.onnx"]
    assert "FaceNet" in run("model", "list").stdout


def test_a_damaged_model_is_found_and_refused(repository, tmp_path, monkeypatch, album):
    shutil.copytree(repository / "photoclust", tmp_path / "photoclust")
    shutil.copytree(repository / "resources" / "models", tmp_path / "resources" / "models")
    damaged = tmp_path / "resources" / "models" / "centerface.onnx"
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    python_path = os.environ["PYTHONPATH"]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{python_path}")

    def run_there(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [*COMMAND, *map(str, arguments), "--json"]
        return subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)

    done = run_there("model", "verify")
    assert done.returncode == 1
    bad = [check for check in json.loads(done.stdout) if not check["ok"]]
    assert [check["file"] for check in bad] == ["centerface.onnx"]
    assert str(damaged) in bad[0]["reason"]
    done = run_there("scan", album, "--workers", 1, "--library", tmp_path / "library")
    assert done.returncode == 1
    assert str(damaged) in json.loads(done.stdout)["error"]
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("in_process")
def test_demo_prints_the_album(private_home):
    result = run("demo", "--headless", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["scan"]["faces"] == 9
    assert document["group"]["faces"] == 9
    assert len(document["failures"]) == 1
    assert Path(document["library"]).is_relative_to(private_home)
    again = run("demo", "--headless").stdout
    assert "half copied.jpg" in again
    for person in document["people"]:
        assert f"\n{person['id']} " in again


def test_without_a_screen_the_window_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    for arguments in ([], ["demo"]):
        result = run(*arguments)
        assert result.exit_code == 1
        assert "no screen" in result.stderr


@pytest.mark.usefixtures("in_process")
def test_evaluate_prints_the_promised_documents(demo_album, tmp_path):
    images = tmp_path / "people"
    for person, names in {
        "barack": ["2012 Oval Office/close-up.webp", "2012 Oval Office/portrait sitting.jpg"],
        "collins": ["Space/astronaut.png", BROKEN],
    }.items():
        (images / person).mkdir(parents=True)
        for name in names:
            shutil.copy(demo_album / name, images / person)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        "fold,same,image_a,image_b\n"
        "0,1,barack/close-up.webp,barack/portrait sitting.jpg\n"
        "1,0,barack/close-up.webp,collins/astronaut.png\n"
    )
    result = run("evaluate", "verification", "--images", images, "--pairs", pairs, "--json")
    assert result.exit_code == 0
    assert "half copied.jpg" in result.stderr
    document = json.loads(result.stdout)
    assert document["pairs"] == 2
    assert document["val_at_far"].keys() == {"0.01", "0.001", "0.0001"}
    assert document["faces_missed"] == 1
    assert {"accuracy", "accuracy_std", "eer", "auc"} <= document.keys()
    assert document["per_person"]["people"] == 2
    assert document["per_person"]["val_at_far_0.001"].keys() == {"mean", "worst_decile"}
    truth = tmp_path / "truth.csv"
    truth.write_text("image,person,x,y,w,h\ncollins/astronaut.png,collins,182,58,88,120\n")
    options = ["--face", "largest", "--truth", truth, "--method", "agglomerative"]
    document = run_json("evaluate", "clustering", "--images", images, *options)
    assert document["faces"] == document["people"] == 1
    assert document["bcubed"] == {"precision": 1.0, "recall": 1.0, "f": 1.0}
    assert document["pairwise"].keys() == {"precision", "recall", "f"}
    assert document["faces_missed"] == 0
    assert document["provable_errors"] == document["constraints"] == 0
    assert "unconstrained" not in document
    asked = run_json("evaluate", "clustering", "--images", images, "--constraints", 3)
    assert asked["constraints"] <= 3
    assert asked["unconstrained"].keys() == {"clusters", "bcubed", "pairwise", "unclustered"}
    assert document["peak_memory_mb"] > 0
    assert {"clusters", "unclustered", "seconds"} <= document.keys()


def test_help_and_version_are_light():
    heavy = ["numpy.linalg", "sqlalchemy", "onnxruntime", "PIL", "rich", "PySide6", "sklearn"]
    code = (
        "import sys; from photoclust.cli import app; app(['--help'], standalone_mode=False); "
        f"sys.exit(' '.join(set({heavy}) & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stderr.strip() == ""
    assert "scan" in done.stdout
    assert run("--version").stdout == f"photoclust {__version__}\n"


@pytest.fixture(scope="session")
def many_photos(demo_album, tmp_path_factory) -> Path:
    """Small photos with faces, no two the same."""
    folder = tmp_path_factory.mktemp("many")
    rng = np.random.default_rng(7)
    for name in ("2012 Oval Office/close-up.webp", "Space/astronaut.png"):
        with Image.open(demo_album / name) as opened:
            opened.thumbnail((320, 320))
            pixels = np.asarray(opened.convert("RGB")).astype(np.int16)
        for number in range(14):
            noisy = pixels + rng.integers(-6, 7, pixels.shape)
            Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(
                folder / f"{Path(name).stem} {number:02}.jpg"
            )
    return folder


def start_scan(folder: Path, library: Path) -> "subprocess.Popen[str]":
    command = [*COMMAND, "scan", str(folder), "--workers", "2", "--library", str(library), "--json"]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_photos(library: Path, scan: "subprocess.Popen[str]") -> None:
    """Until the first photos are in the library; the scan must still be running then."""
    address = f"file:{library / 'library.sqlite3'}?mode=ro"
    while scan.poll() is None:
        try:
            with sqlite3.connect(address, uri=True) as reader:
                (count,) = reader.execute("SELECT count(*) FROM face").fetchone()
            if count:
                return
        except sqlite3.OperationalError:
            pass  # the file or its tables are not there yet
        finally:
            if "reader" in locals():
                reader.close()
        time.sleep(0.01)
    pytest.fail(f"the scan ended too early: {scan.communicate()}")


@POSIX
@pytest.mark.usefixtures("in_process")
def test_a_scan_that_was_killed_goes_on_where_it_was(many_photos, tmp_path):
    def faces(library: Path) -> list[tuple]:
        found = run_json("faces", "--library", library)
        return sorted((face["photo"], face["box"], face["quality"]) for face in found)

    killed, whole = tmp_path / "killed", tmp_path / "whole"
    scan = start_scan(many_photos, killed)
    wait_for_photos(killed, scan)
    below = psutil.Process(scan.pid).children(recursive=True)
    scan.kill()
    scan.communicate()
    assert scan.returncode == -signal.SIGKILL
    assert psutil.wait_procs(below, timeout=10)[1] == []
    before = len(faces(killed))
    assert 0 < before < 28
    report = run_json("scan", many_photos, "--library", killed)
    assert report["unchanged"] == before  # one face a photo
    assert report["photos"] == 28 - before
    run_json("scan", many_photos, "--library", whole)
    assert faces(killed) == faces(whole)
    assert len({photo for photo, _, _ in faces(killed)}) == len(faces(killed)) == 28


def wait_for_workers(_library: Path, scan: "subprocess.Popen[str]") -> None:
    """Until the first worker process is there, which then still loads its modules."""
    while scan.poll() is None:
        below = psutil.Process(scan.pid).children()
        if any("spawn_main" in " ".join(process.cmdline()) for process in below):
            return
        time.sleep(0.01)
    pytest.fail(f"the scan ended too early: {scan.communicate()}")


@POSIX
@pytest.mark.parametrize("wait", [wait_for_workers, wait_for_photos])
def test_ctrl_c_cancels_without_a_traceback(wait, many_photos, tmp_path):
    scan = start_scan(many_photos, tmp_path / "library")
    wait(tmp_path / "library", scan)
    time.sleep(0.1)
    below = psutil.Process(scan.pid).children(recursive=True)
    os.killpg(scan.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    stdout, stderr = scan.communicate(timeout=10)
    assert scan.returncode == 130
    assert stderr == "Cancelled.\n"
    assert json.loads(stdout) == {"error": "cancelled"}
    assert psutil.wait_procs(below, timeout=3)[1] == []
    if wait is wait_for_photos:
        assert run_json("faces", "--library", tmp_path / "library")


@POSIX
def test_progress_shows_on_a_terminal_and_leaves_the_document_alone(many_photos, tmp_path):
    import pty

    ours, theirs = pty.openpty()
    arguments = ["scan", str(many_photos), "--library", str(tmp_path / "library"), "--json"]
    scan = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # Linux says so when the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    stdout = scan.communicate()[0]
    assert scan.returncode == 0
    assert json.loads(stdout)["photos"] == 28
    text = shown.decode()
    assert "Finding faces" in text
    assert "/s" in text
    assert " left" in text


@POSIX
def test_a_reader_that_has_enough_is_no_error_message(library):
    command = [*COMMAND, "faces", "--library", str(library)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait()


def test_a_file_manager_opens_the_window_on_folders_and_photos(monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(cli, "_open_window", lambda folder, roots, _: opened.append(roots) or 0)
    done = CliRunner().invoke(app, ["open", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert opened == [[tmp_path]]
    done = CliRunner().invoke(app, ["open", str(tmp_path / "nothing")])
    assert done.exit_code == 1
    assert "there is no such file or folder" in done.output
