"""`photoclust train` as a user and a script meet it."""

import importlib.util
import json
import shutil

import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.services import deciding, naming
from photoclust.store.database import Library

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="module")
def made(tmp_path_factory, crowd_in):
    """A library with eight people of whom eight faces each are confirmed, and 40 faces of ten
    strangers.
    """
    folder = tmp_path_factory.mktemp("made") / "library"
    with Library(folder) as opened:
        crowd = crowd_in(opened)
        for person in range(8):
            first, *others = crowd.photos_of(person, 8)
            named = naming.name(opened, f"f{first}", f"Person {person}")
            deciding.move(opened, [f"f{face}" for face in others], f"p{named.person}")
        for stranger in range(100, 110):
            crowd.photos_of(stranger, 4)
    return folder


def train(folder, *words):
    return CliRunner().invoke(app, ["train", *words, "--library", str(folder)])


def trainings(folder, *words):
    return CliRunner().invoke(app, ["trainings", *words, "--library", str(folder)])


def test_a_library_without_trainings_says_so(empty_library, tmp_path):
    folder = shutil.copytree(empty_library, tmp_path / "library")
    assert trainings(folder).stdout.startswith("There was no training yet")
    assert json.loads(trainings(folder, "--json").stdout) == {"trainings": []}
    missing = trainings(folder, "remove", "20200101-000000-12345678")
    assert missing.exit_code == 1
    assert "photoclust trainings lists what there is" in missing.stderr


@pytest.mark.train
def test_people_of_a_library_are_trained_and_a_model_that_gains_nothing_is_refused(made):
    pytest.importorskip("torch")
    done = train(made, "--epochs", "10", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["recipe"], found["steps"], found["mining"]) == ("head", 10, "semi-hard")
    people = {name: each and each["people"] for name, each in found["before"].items()}
    assert people == {"trained": 8, "held_out": None, "strangers": 6}
    # Made-up people cannot be told apart any better than they are.
    assert found["before"]["trained"]["val_at_far"] == {"0.001": 1.0, "0.0001": 1.0}
    assert (found["accepted"], found["model"]) == (False, None)
    assert (found["remarks"], found["doubtful"]) == ([], [])
    assert "not surely better" in found["reason"]
    run = made / "training" / found["run"]
    assert (run / "report" / "report.html").exists()
    assert len(json.loads((run / "people.json").read_text())) == 8
    assert not (made / "models").exists()
    (listed,) = json.loads(trainings(made, "--json").stdout)["trainings"]
    assert (listed["training"], listed["state"], listed["gain"]) == (found["run"], "refused", 0.0)
    assert listed["report"] == str(run / "report" / "report.html")
    assert found["run"] in trainings(made).stdout
    gone = trainings(made, "remove", found["run"])
    assert gone.stdout.strip() == f"{found['run']} is gone."
    assert not run.exists()
    again = train(made, "--epochs", "10")
    assert "Training with" in again.stdout
    assert found["reason"] in again.stdout


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["--recipe", "magic"], 2, "head, blocks, full, scratch"),
        (["--mining", "gold"], 2, "semi-hard"),
        (["--person", "p99"], 1, "there is no person p99"),
        (["--person", "g1"], 1, "g1"),
        (["--person", "p1", "--person", "p2"], 1, "at least 5 people"),
        (["--test", "."], 1, "say --images too"),
        (["--images", "nowhere"], 1, "nowhere is not a folder"),
        (["--images", ".", "--person", "p1"], 1, "leave --person or --images out"),
        (["--align"], 1, "choose --loss verification"),
        (["--align", "--loss", "verification"], 1, "say --images"),
        (["--recipe", "full", "--backbone", "nn2"], 1, "say --recipe scratch"),
        (["--epochs", "nan"], 1, "epochs is nan"),
        (["--learning-rate", "0"], 1, "must be above 0"),
    ],
)
@pytest.mark.train
def test_what_cannot_be_trained_is_one_sentence(made, words, code, complaint):
    done = train(made, *words, "--json")
    assert (done.exit_code, complaint in done.stderr) == (code, True), done.output
    assert complaint in json.loads(done.stdout)["error"]


def test_without_torch_it_is_said_what_to_install(made, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else find(name)
    )
    done = train(made)
    assert done.exit_code == 1
    assert "pip install '.[train]'" in done.stderr
