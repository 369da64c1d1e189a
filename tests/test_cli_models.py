"""The commands about models, on the bundled album and made-up own models."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.core.paths import OWN_MODELS
from photoclust.services import evaluation

pytestmark = pytest.mark.usefixtures("in_process")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run_json(*arguments):
    """The one document that a command printed; it must have succeeded."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Where the library to be copied is made, once."""
    return tmp_path_factory.mktemp("workshop")


@pytest.fixture
def library(workshop, demo_album, own_models, rotation, tmp_path):
    """A library with the album, grouped, Anna named, and an own model that turns all vectors."""
    template = workshop / "library"
    if not template.is_dir():
        made = workshop / "made"
        run_json("scan", demo_album, "--library", made)
        run_json("group", "--library", made)
        largest = run_json("people", "--library", made)[0]["id"]
        run_json("name", largest, "Anna", "--library", made)
        trained = {"when": "2024-05-17T10:00:00", "people": 12, "faces": 300}
        accuracy = {"pair_accuracy": 0.991}
        own = made / OWN_MODELS
        own_models.behind(own, "turned", rotation, trained=trained, accuracy=accuracy)
        made.rename(template)
    return shutil.copytree(template, tmp_path / "library")


def listed(library):
    return {model["id"]: model for model in run_json("model", "list", "--library", library)}


def test_models_are_listed_with_what_the_library_has_of_them(library):
    models = listed(library)
    assert list(models) == ["facenet-vggface2", "centerface", "mtcnn", "turned"]
    bundled, own = models["facenet-vggface2"], models["turned"]
    assert (bundled["current"], bundled["faces"], bundled["own"]) == (True, 9, False)
    assert (own["current"], own["faces"], own["own"]) == (False, 0, True)
    assert own["trained"]["people"] == 12
    assert own["head_of"] == "facenet-vggface2"
    lines = run("model", "list", "--library", library).stdout.splitlines()
    (line,) = [line for line in lines if line.startswith("turned")]
    assert "2024-05-17, 12 people" in line
    assert "99.1 %" in line


def test_without_a_library_the_bundled_models_are_listed():
    ids = [model["id"] for model in run_json("model", "list")]
    assert ids == ["facenet-vggface2", "centerface", "mtcnn"]
    assert run("model", "list", "--library", "nowhere").exit_code == 1


def test_another_model_serves_and_everything_is_as_before(library):
    before = run_json("people", "--library", library)
    result = run("model", "use", "turned", "--library", library)
    assert result.exit_code == 0, result.output
    assert "9 faces got a vector of turned." in result.stdout
    assert "The library uses turned now; photoclust undo" in result.stdout
    assert run_json("people", "--library", library) == before
    assert listed(library)["turned"]["current"]
    grouped = run_json("group", "--library", library)
    assert (grouped["faces"], grouped["kept"]) == (9, None)
    assert run_json("same-photo", "list", "--library", library)
    face = run_json("faces", "--library", library)[0]["face"]
    assert run("why", face, "--library", library).exit_code == 0
    undone = run("undo", "--library", library)
    assert "Undone: Changed the model to turned" in undone.stdout
    assert listed(library)["facenet-vggface2"]["current"]


def test_using_a_model_as_a_document(library):
    done = run_json("model", "use", "turned", "--library", library)
    assert (done["model"], done["before"]) == ("turned", "facenet-vggface2")
    assert done["reembedding"]["converted"] == 9
    assert done["moved"] == 0
    again = run_json("model", "use", "turned", "--library", library)
    assert again["entry"] is None


def test_a_scan_gives_new_photos_vectors_of_the_model_that_serves(library, demo_album, tmp_path):
    run_json("model", "use", "turned", "--library", library)
    photos = tmp_path / "photos"
    photos.mkdir()
    data = (demo_album / "Space" / "astronaut.png").read_bytes()
    from PIL import Image

    (photos / "one.png").write_bytes(data)
    with Image.open(photos / "one.png") as picture:
        picture.crop((0, 0, 400, 400)).save(photos / "one.png")
    assert run_json("scan", photos, "--library", library)["faces"] == 1
    models = listed(library)
    assert (models["turned"]["faces"], models["facenet-vggface2"]["faces"]) == (10, 9)
    run_json("model", "use", "facenet-vggface2", "--library", library)
    assert listed(library)["facenet-vggface2"]["faces"] == 10


def test_a_model_goes_from_one_library_to_another(library, demo_album, tmp_path):
    target = tmp_path / "turned.zip"
    result = run("model", "export", "turned", target, "--library", library)
    assert result.exit_code == 0, result.output
    assert "biometric" in result.stdout
    assert run("model", "export", "turned", target, "--library", library).exit_code == 1
    assert run("model", "export", "turned", target, "--force", "--library", library).exit_code == 0
    other = tmp_path / "other"
    run_json("scan", demo_album / "Space", "--library", other)
    result = run("model", "import", target, "--library", other)
    assert result.exit_code == 0, result.output
    assert "photoclust model use turned" in result.stdout
    assert listed(other)["turned"]["own"]
    assert not listed(other)["turned"]["current"]
    assert run_json("model", "verify", "--model", "turned", "--library", other)
    assert run("model", "import", target, "--library", other).exit_code == 1


def test_a_model_is_removed_after_a_question(library):
    run_json("model", "use", "turned", "--library", library)
    assert run("model", "remove", "turned", "--yes", "--library", library).exit_code == 1
    run_json("undo", "--library", library)
    refused = CliRunner().invoke(
        app, ["model", "remove", "turned", "--library", str(library)], input="n\n"
    )
    assert refused.exit_code == 1
    assert "9 vectors of turned would go" in refused.stderr
    assert "turned" in listed(library)
    done = run_json("model", "remove", "turned", "--yes", "--library", library)
    assert done == {"model": "turned", "vectors": 9, "files": True}
    assert "turned" not in listed(library)
    assert not (library / OWN_MODELS / "turned").exists()


def test_a_damaged_model_is_told_and_the_library_still_works(library):
    run_json("model", "use", "turned", "--library", library)
    path = library / OWN_MODELS / "turned" / "network.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    result = run("people", "--library", library)
    assert result.exit_code == 0
    assert "Anna" in result.stdout
    assert "turned is damaged" in result.stderr
    doctor = run("doctor", "--library", library)
    assert doctor.exit_code == 1
    assert "own models:" in doctor.stdout
    assert "photoclust model use facenet-vggface2" in doctor.stdout
    assert run("recognize", "--library", library).exit_code == 0
    assert run_json("model", "use", "facenet-vggface2", "--library", library)["entry"] is None


def test_a_model_that_was_swapped_is_not_run_and_found_by_the_doctor(library):
    path = library / OWN_MODELS / "turned" / "network.onnx"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    assert run("model", "use", "turned", "--library", library).exit_code == 1
    (check, _) = json.loads(
        run("model", "verify", "--model", "turned", "--library", library, "--json").stdout
    )
    assert not check["ok"]
    assert run("doctor", "--library", library).exit_code == 1


def test_backups_hold_own_models_and_bring_them_back(library, tmp_path):
    run_json("model", "use", "turned", "--library", library)
    target = tmp_path / "backup.zip"
    run_json("backup", target, "--library", library)
    shutil.rmtree(library / OWN_MODELS)
    assert run_json("restore", target, "--library", library)["models"] == 1
    assert listed(library)["turned"]["current"]
    sound = run("doctor", "--library", library)
    assert "own models" not in sound.stdout


@pytest.fixture
def labelled(demo_album, tmp_path):
    """Five pictures of two people, made of two photos."""
    from PIL import Image

    for person, name in enumerate(("Space/astronaut.png", "coffee break.webp")):
        folder = tmp_path / "labelled" / str(person)
        folder.mkdir(parents=True)
        if person == 0:
            with Image.open(demo_album / name) as picture:
                picture.save(folder / "one.png")
                picture.crop((60, 0, 500, 460)).save(folder / "two.png")
                picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "three.png")
    with Image.open(demo_album / "2010 Blue Room" / "side by side.jpg") as picture:
        half = picture.width // 2
        box = (0, 0, half, picture.height)
        picture.crop(box).save(tmp_path / "labelled" / "1" / "one.png")
        picture.crop((8, 8, *box[2:])).save(tmp_path / "labelled" / "1" / "two.png")
    return tmp_path / "labelled"


@pytest.mark.parametrize("by", ["name", "folder"])
def test_an_own_model_is_measured_as_the_bundled_one(library, labelled, by):
    command = ("evaluate", "verification", "--images", labelled)
    bundled = run_json(*command)
    model = "turned" if by == "name" else library / OWN_MODELS / "turned"
    options = ("--library", library) if by == "name" else ()
    own = run_json(*command, "--model", model, *options)
    assert bundled["pairs"] == own["pairs"] > 0
    assert own["auc"] == pytest.approx(bundled["auc"], abs=1e-6)


def test_a_model_that_is_not_there_cannot_be_measured(labelled):
    result = run("evaluate", "verification", "--images", labelled, "--model", "turned")
    assert result.exit_code == 2
    assert "facenet-vggface2" in result.stderr


def test_grouping_is_measured_with_an_own_model(labelled, own_models, tmp_path, monkeypatch):
    own_models.small(tmp_path / "models", "colours", 3)
    measured, measure = [], evaluation.clustering

    def clustering(found, *arguments, **options):
        measured.append(found.vectors)
        return measure(found, *arguments, **options)

    monkeypatch.setattr(evaluation, "clustering", clustering)
    folder = tmp_path / "models" / "colours"
    run_json("evaluate", "clustering", "--images", labelled, "--model", folder)
    assert [vectors.shape for vectors in measured] == [(5, 3)]


def test_recognition_is_measured_with_the_curve_of_the_model(labelled, own_models, tmp_path):
    own_models.small(tmp_path / "models", "wild", calibration={})
    command = ("evaluate", "recognition", "--images", labelled)
    result = run(*command, "--model", tmp_path / "models" / "wild")
    assert result.exit_code == 1
    assert "no calibration 'match'" in result.stderr
