"""`photoclust names` as a user and a script meet it."""

import json

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from photoclust.cli import app
from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata, ModelId
from photoclust.services import history, naming
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library

SIZE = (400, 300)
BOXES = (Box(20, 20, 80, 90), Box(200, 30, 80, 90))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["names", "import", *map(str, arguments)])


@pytest.fixture
def photo(tmp_path, named_photos):
    path = tmp_path / "photos" / "a.jpg"
    path.parent.mkdir()
    Image.new("RGB", SIZE, "grey").save(path)
    faces = {
        name: tuple(
            side / size for side, size in zip((box.x, box.y, box.w, box.h), SIZE * 2, strict=True)
        )
        for name, box in zip(("Anna", "Bert"), BOXES, strict=True)
    }
    named_photos.into_jpeg(path, named_photos.document(named_photos.mwg(faces, SIZE)))
    return path


@pytest.fixture
def folder(tmp_path, photo):
    """A library of the photo, whose second face is Carla."""
    file = FileStat(photo, 1, 1)
    with Library(tmp_path / "library") as library:
        with library.write() as tx:
            number = photo_store.write_photo(
                tx, photo=None, size=SIZE, turn=0, metadata=Metadata(), stat=file, detector="made"
            )
            file_store.write_file(tx, file, number, "0" * 40)
            found = [FoundFace(Detection(box, (), 0.9), 0.5) for box in BOXES]
            faces = face_store.replace_faces(tx, number, found, SIZE, ModelId("made"))
        naming.name(library, f"f{faces[1]}", "Carla")
    return tmp_path / "library"


def kinds(folder) -> list[str]:
    with Library(folder, look_only=True) as library:
        return [entry.kind for entry in history.entries(library)]


def test_names_are_previewed_and_taken_over(folder, photo):
    before = kinds(folder)
    original = photo.read_bytes()
    tried = run("--dry-run", "--library", folder)
    assert tried.exit_code == 0, tried.output
    assert "1 face in 1 photo would get a name: 1 person, 1 of them new.\n" in tried.stdout
    assert kinds(folder) == before
    done = run("--library", folder)
    assert done.exit_code == 0, done.output
    assert "1 face in 1 photo got a name" in done.stdout
    assert "1 name not taken over, because you decided otherwise here:" in done.stdout
    assert "200, 30, 80, 90" in done.stdout
    assert "Carla" in done.stdout
    assert "photoclust undo" in done.stdout
    assert kinds(folder)[0] == "take names"
    assert photo.read_bytes() == original
    again = run("--library", folder)
    assert "No new names." in again.stdout
    assert "1 name stood here already." in again.stdout


def test_names_without_a_box_are_counted_by_themselves(folder, photo, named_photos):
    words = (
        '<Iptc4xmpExt:PersonInImage xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        "<rdf:Bag><rdf:li>Doro</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>"
    )
    (photo.parent / "a.jpg.xmp").write_bytes(named_photos.document(words))
    told = run("--dry-run", "--library", folder).stdout
    assert "1 face in 1 photo would get a name: 2 people, 2 of them new." in told
    assert "1 name without a box would be taken over" in told
    document = json.loads(run("--library", folder, "--json").stdout)
    assert (document["names"], document["tagged"]) == (1, 1)
    again = run("--library", folder)
    assert "No new names." in again.stdout
    assert "2 names stood here already." in again.stdout


def test_as_json(folder):
    done = run("--library", folder, "--json")
    document = json.loads(done.stdout)
    assert (document["names"], document["new_people"], document["drawn"]) == (1, 1, 0)
    (conflict,) = document["conflicts"]
    assert (conflict["name"], conflict["here"]) == ("Bert", "Carla")
    assert document["entry"] is not None


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--from", "iphoto"), 2, "none of"),
        (("--from", "digikam"), 2, "give one file or folder"),
        (("--from", "digikam", "x.db"), 1, "there is no digiKam database x.db"),
        (("--from", "osxphotos", "x.json"), 1, "x.json"),
        (("--from", "osxphotos", "x.json", "--contacts", "y"), 2, "has none"),
        (("--contacts", "y.xml", "--from", "picasa"), 1, "y.xml"),
        (("nowhere",), 1, "no photos in nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(folder, arguments, code, words):
    done = run(*arguments, "--library", folder)
    assert done.exit_code == code
    assert words in done.output.replace("│", "").replace("\n", " ")


def test_a_scan_tells_in_a_line_of_names_that_contradict(capsys):
    from photoclust.cli_names import say_names
    from photoclust.services.names_in import NamesReport

    say_names(NamesReport(contradicting=2))
    assert capsys.readouterr().out == (
        "2 names in changed files are not what you confirmed here; "
        "photoclust names import --dry-run shows them.\n"
    )


@pytest.mark.parametrize("scanned", [False, True])
def test_contacts_of_picasa_that_are_not_known_are_asked_for(capsys, scanned):
    from photoclust.cli_names import say_names
    from photoclust.services.names_in import NamesReport

    say_names(NamesReport(strangers=2), scanned=scanned)
    told = capsys.readouterr().out
    assert "2 boxes name contacts that are not known here; " in told
    assert "--contacts" in told
    assert ("Picasa3" in told) is scanned
    assert "passed over" not in told
