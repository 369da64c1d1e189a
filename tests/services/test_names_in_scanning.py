"""Scans of photos that other programs wrote names into."""

import re
import shutil

import pytest
from PIL import Image

from photoclust.core.settings import Settings
from photoclust.core.types import Box
from photoclust.services import (
    browse,
    deciding,
    describing,
    history,
    ingest,
    naming,
    reembedding,
    session,
)
from photoclust.services.ingest import ScanReport
from photoclust.services.names_in import take_over
from photoclust.services.names_in_sources import Source, find_names
from photoclust.services.names_out import Wanted
from photoclust.services.names_out_xmp import export_sidecars
from photoclust.store import people as people_store
from photoclust.store import presences
from photoclust.vision.models import DEFAULT_EMBEDDER

SETTINGS = Settings(workers=1)
FACE = (0.36, 0.14, 0.18, 0.24)
"""About where the face of the astronaut is."""
NOTHING_SAID = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
ELSEWHERE = (0.05, 0.7, 0.1, 0.12)

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def folder(tmp_path, demo_album, named_photos):
    """A photo with a name at its face and one where nobody is, another with a sidecar, a third that
    Picasa knows.
    """
    folder = tmp_path / "photos"
    folder.mkdir()
    with Image.open(demo_album / "Space" / "astronaut.png") as image:
        photo = image.convert("RGB")
    size = photo.size
    photo.save(folder / "inside.jpg", quality=92)
    named_photos.into_jpeg(
        folder / "inside.jpg",
        named_photos.document(named_photos.mwg({"Eileen": FACE, "Alien": ELSEWHERE}, size)),
    )
    photo.point(lambda value: value // 2 + 40).save(folder / "beside.png")
    (folder / "beside.png.xmp").write_bytes(
        named_photos.document(named_photos.people_tags({"Eileen": FACE}))
    )
    photo.point(lambda value: value // 2 + 80).save(folder / "picasa.jpg", quality=92)
    left, top, w, h = FACE
    sides = (left, top, left + w, top + h)
    rectangle = "".join(f"{round(side * 65535):04x}" for side in sides)
    (folder / ".picasa.ini").write_text(
        f"[Contacts2]\n0123456789abcdef=Eileen Collins;;\n"
        f"[picasa.jpg]\nfaces=rect64({rectangle}),123456789abcdef\n"
    )
    return folder


def scan(library, folder, settings=SETTINGS) -> ScanReport:
    return ingest.ingest(library, [folder], settings)


def by_name(library):
    return {
        (face.path.name, face.drawn): (face.confirmed, face.person)
        for face in browse.faces(library)
    }


def test_a_first_scan_ends_with_all_names_confirmed_and_no_group_of_them(library, folder):
    originals = {path: path.read_bytes() for path in folder.iterdir()}
    report = session.scan_and_group(library, [folder], SETTINGS)
    assert {path: path.read_bytes() for path in folder.iterdir()} == originals
    assert report.scan.names.names == 4
    assert report.scan.names.drawn == 1
    assert report.scan.names.people == 3
    assert report.scan.names.left == ()
    groups = {group.name: group.faces for group in browse.groups(library)}
    assert groups == {"Eileen": 2, "Eileen Collins": 1, "Alien": 1}
    faces = browse.faces(library)
    assert len(faces) == 4
    assert all(face.confirmed for face in faces)
    # Also what was drawn can be compared.
    with library.read() as tx:
        from photoclust.store import embeddings

        assert embeddings.count_without(tx, DEFAULT_EMBEDDER) == 0


def test_all_names_of_a_scan_are_one_act(library, folder, monkeypatch):
    from photoclust.services import scan_writer

    monkeypatch.setattr(scan_writer, "COMMIT_PHOTOS", 1)
    report = scan(library, folder)
    acts = [entry for entry in history.entries(library) if entry.kind == "take names"]
    assert [entry.id for entry in acts] == [report.names.entry]
    assert acts[0].details["faces"] == 4
    assert len(acts[0].details["people"]) == 3
    history.undo(library)
    assert not any(face.confirmed for face in browse.faces(library))
    assert not any(face.drawn for face in browse.faces(library))
    history.redo(library)
    assert len([face for face in browse.faces(library) if face.confirmed]) == 4


def change_metadata(path, named_photos, name):
    """Another name in the file, whose picture stays what it is."""
    with Image.open(path) as image:
        size = image.size
    data = path.read_bytes()
    start = data.index(b"\xff\xe1")
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    path.write_bytes(data[:start] + data[start + 2 + length :])
    named_photos.into_jpeg(path, named_photos.document(named_photos.mwg({name: FACE}, size)))


def test_what_was_undone_or_decided_does_not_come_back(library, folder, named_photos):
    scan(library, folder)
    history.undo(library)
    before = by_name(library)
    change_metadata(folder / "inside.jpg", named_photos, "Somebody else")
    report = scan(library, folder)
    assert report.photos == 1
    assert report.names.names == 0
    assert by_name(library) == before


def test_nothing_is_taken_over_twice(library, folder, named_photos):
    scan(library, folder)
    before = by_name(library)
    assert scan(library, folder).names.names == 0
    change_metadata(folder / "inside.jpg", named_photos, "Eileen")
    assert scan(library, folder).names.entry is None
    assert by_name(library) == before
    deciding.delete(library, f"p{browse.people_called(library, 'Eileen')[0].id}")
    change_metadata(folder / "inside.jpg", named_photos, "Eileen")
    scan(library, folder)
    assert browse.people_called(library, "Eileen") == []


def test_a_name_that_comes_later_is_taken_over(library, folder, named_photos):
    scan(library, folder, Settings(workers=1, names_from_files=False))
    assert not any(face.confirmed for face in browse.faces(library))
    change_metadata(folder / "inside.jpg", named_photos, "Eileen")
    assert scan(library, folder).names.names == 3  # also what lies beside the others


def test_who_undoes_it_while_the_scan_goes_on_wants_no_more(library, folder, monkeypatch):
    from photoclust.services import scan_writer

    monkeypatch.setattr(scan_writer, "COMMIT_PHOTOS", 1)
    undone = []

    def undo(changes):
        if not undone:
            undone.append(history.undo(library))

    report = ingest.ingest(library, [folder], SETTINGS, on_changes=undo)
    assert undone
    assert not any(face.confirmed for face in browse.faces(library))
    acts = [entry for entry in history.entries(library) if entry.kind == "take names"]
    assert len(acts) == 1
    assert report.photos == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>RDF RDF RegionList", "its XML data is damaged"),
        (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns", "its XML data is damaged"),
        (b"Anna and Bert in the garden", "its XML data is damaged"),
        ("Anna and Bert".encode("utf-16"), "its XML data is damaged"),
        (NOTHING_SAID.encode("utf-16")[:-1], "it is damaged or no XMP"),
        (b"<people><person>Anna</person></people>", "it is damaged or no XMP"),
    ],
)
def test_names_in_damaged_sidecars_are_told_and_stop_nothing(library, folder, content, reason):
    (folder / "beside.png.xmp").write_bytes(content)
    report = scan(library, folder)
    assert report.photos == 3
    assert report.names.names == 3
    (problem,) = report.names.problems
    assert f"beside.png.xmp: {reason}" in problem


@pytest.mark.parametrize("content", [b"\n", NOTHING_SAID.encode(), NOTHING_SAID.encode("utf-16")])
def test_sidecars_that_say_nothing_are_no_damage(library, folder, content):
    (folder / "beside.png.xmp").write_bytes(content)
    assert scan(library, folder).names.problems == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_sidecars_in_utf_16_are_read(library, folder, encoding):
    sidecar = folder / "beside.png.xmp"
    sidecar.write_bytes(sidecar.read_text("utf-8").encode(encoding))
    assert scan(library, folder).names.names == 4
    assert by_name(library)["beside.png", False][0]


def test_a_drawn_face_lies_where_the_name_was(library, folder):
    scan(library, folder)
    (drawn,) = [face for face in browse.faces(library) if face.drawn]
    photo = browse.photos_by_id(library, [drawn.photo])[0]
    assert drawn.box.iou(Box(*ELSEWHERE).scaled(photo.width, photo.height)) > 0.99
    done = reembedding.catch_up(library, SETTINGS)
    assert done is not None
    assert done.embedded == 1


def test_orientation_of_the_file_turns_the_names_with_the_picture(
    library, tmp_path, demo_album, named_photos
):
    with Image.open(demo_album / "Space" / "astronaut.png") as image:
        photo = image.convert("RGB").crop((0, 0, 480, 400)).rotate(90, expand=True)
    exif = Image.Exif()
    exif[274] = 6  # to be turned clockwise, back again
    folder = tmp_path / "photos"
    folder.mkdir()
    photo.save(folder / "a.jpg", exif=exif, quality=92)
    x, y, w, h = 0.36 * 512 / 480, 0.14 * 512 / 400, 0.18 * 512 / 480, 0.24 * 512 / 400
    stored = (y, 1 - x - w, h, w)
    named_photos.into_jpeg(
        folder / "a.jpg",
        named_photos.document(named_photos.mwg({"Eileen": stored}, photo.size)),
    )
    report = scan(library, folder)
    assert (report.names.names, report.names.drawn) == (1, 0)


PERSON = """<dc:subject xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Bag><rdf:li>eileen</rdf:li>
<rdf:li>space</rdf:li></rdf:Bag></dc:subject><Iptc4xmpExt:PersonInImage
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Bag><rdf:li>Sally</rdf:li>
</rdf:Bag></Iptc4xmpExt:PersonInImage>"""


def test_names_without_a_box_are_taken_over_by_the_scan_in_the_same_act(
    library, folder, named_photos
):
    (folder / "picasa.jpg.xmp").write_bytes(named_photos.document(PERSON))
    (folder / ".picasa.ini").unlink()
    report = scan(library, folder)
    assert (report.names.names, report.names.tagged, report.names.people) == (3, 2, 3)
    tagged = {
        name: [browse.photos_by_id(library, [photo])[0].paths[0].name for photo in photos]
        for name in ("Eileen", "Sally", "Alien")
        for photos in [without_face(library, name)]
    }
    assert tagged == {"Eileen": ["picasa.jpg"], "Sally": ["picasa.jpg"], "Alien": []}
    (act,) = [entry for entry in history.entries(library) if entry.kind == "take names"]
    assert act.details["tagged"] == 2
    history.undo(library)
    assert scan(library, folder).names.tagged == 0


def without_face(library, name):
    (person,) = browse.people_called(library, name)
    with library.read() as tx:
        return presences.photos_without_face(tx, person.id)


def write_beside(path, named_photos, name, box=FACE):
    path.write_bytes(named_photos.document(named_photos.people_tags({name: box})))


def test_a_sidecar_that_comes_or_changes_beside_a_known_photo_is_read_by_the_next_scan(
    library, folder, named_photos, monkeypatch
):
    from photoclust.services import names_in_sidecars

    sidecar = folder / "beside.png.xmp"
    content = sidecar.read_bytes()
    sidecar.unlink()
    scan(library, folder)
    assert by_name(library)["beside.png", False] == (False, None)
    sidecar.write_bytes(content)
    report = scan(library, folder)
    assert (report.photos, report.unchanged, report.names.names) == (0, 3, 1)
    assert by_name(library)["beside.png", False][0]
    with monkeypatch.context() as patched:
        patched.setattr(names_in_sidecars, "read_names", None)  # nothing is read again
        assert not scan(library, folder).names
    write_beside(folder / "beside.xmp", named_photos, "Somebody", ELSEWHERE)
    assert scan(library, folder).names.drawn == 1


def test_contacts_of_picasa_that_are_not_known_are_told(library, folder):
    ini = folder / ".picasa.ini"
    ini.write_text(ini.read_text().replace("[Contacts2]", "[Elsewhere]"))
    report = scan(library, folder)
    assert (report.names.names, report.names.nameless, report.names.strangers) == (3, 0, 1)
    assert not scan(library, folder).names
    ini.write_text(ini.read_text() + "\n")
    assert scan(library, folder).names


def test_picasas_file_that_changes_is_read_for_the_photos_in_it(library, folder, monkeypatch):
    from photoclust.services import names_in_sidecars

    ini = folder / ".picasa.ini"
    content = ini.read_text()
    ini.unlink()
    scan(library, folder)
    asked = []
    read = names_in_sidecars.read_names

    def reading(original, shape):
        asked.append(original.path.name)
        return read(original, shape)

    monkeypatch.setattr(names_in_sidecars, "read_names", reading)
    ini.write_text(content)
    assert scan(library, folder).names.names == 1
    assert asked == ["picasa.jpg"]


def test_what_is_beside_new_photos_is_read_once(library, folder, monkeypatch):
    from photoclust.services import names_in_sidecars

    monkeypatch.setattr(names_in_sidecars, "read_names", None)
    assert scan(library, folder).names.names == 4
    assert not scan(library, folder).names


def test_what_was_undone_does_not_come_back_with_a_changed_sidecar(library, folder, named_photos):
    scan(library, folder)
    history.undo(library)
    before = by_name(library)
    write_beside(folder / "beside.png.xmp", named_photos, "Somebody else")
    assert scan(library, folder).names.names == 0
    assert by_name(library) == before


def test_whoever_wants_no_names_from_files_gets_none_until_they_do(library, folder):
    without = Settings(workers=1, names_from_files=False)
    scan(library, folder, without)
    scan(library, folder, without)
    assert not any(face.confirmed for face in browse.faces(library))
    assert scan(library, folder).names.names == 2  # in sidecars; into the photos nobody looks again


@pytest.mark.parametrize("look_only", [False, True])
def test_sidecars_that_photoclust_wrote_are_no_news(library, folder, monkeypatch, look_only):
    from photoclust.services import names_in_sidecars

    scan(library, folder)
    history.undo(library)
    history.redo(library)
    if look_only:
        monkeypatch.setattr(library, "read_only", "it was opened to be looked at only")
    assert export_sidecars(library, Wanted(guesses=True)).written == 3
    monkeypatch.undo()
    before = by_name(library), [entry.id for entry in history.entries(library)]
    if not look_only:
        monkeypatch.setattr(names_in_sidecars, "read_names", None)
    report = scan(library, folder)
    assert not report.names
    assert (by_name(library), [entry.id for entry in history.entries(library)]) == before


def test_what_another_program_wrote_before_an_export_is_still_news(library, folder, named_photos):
    scan(library, folder)
    write_beside(folder / "beside.png.xmp", named_photos, "Alien", ELSEWHERE)
    export_sidecars(library, Wanted())
    assert scan(library, folder).names.drawn == 1


KOURNIKOVA, IGLESIAS = "Anna Kournikova", "Anna Iglesias"


@pytest.fixture
def renamed(library, folder, named_photos):
    """A person with a box in two photos and without one in a third, who has another name by now."""
    (folder / ".picasa.ini").unlink()
    write_beside(folder / "beside.png.xmp", named_photos, KOURNIKOVA)
    words = PERSON.replace("eileen", KOURNIKOVA).replace("Sally", KOURNIKOVA)
    (folder / "picasa.jpg.xmp").write_bytes(named_photos.document(words))
    scan(library, folder)
    (person,) = browse.people_called(library, KOURNIKOVA)
    naming.name(library, f"p{person.id}", IGLESIAS)
    return person.id


def names_here(library):
    with library.read() as tx:
        return sorted(name for name, _ in people_store.names_and_uids(tx).values())


def touch(folder):
    for path in folder.glob("*.xmp"):
        path.write_bytes(path.read_bytes() + b" ")


def test_a_name_that_somebody_had_before_is_no_news_where_they_are(library, folder, renamed):
    touch(folder)
    before = names_here(library)
    assert IGLESIAS in before
    assert not scan(library, folder).names
    told = find_names(library, Source.FILES)
    report = take_over(library, told, "files")
    assert (report.names, report.tagged, report.conflicts) == (0, 0, ())
    assert names_here(library) == before


def test_a_name_of_whoever_was_merged_into_them_is_no_news_where_they_are(library, folder, renamed):
    other = naming.name(library, f"f{browse.faces(library)[0].id}", "Enrique", another=True)
    deciding.merge(library, f"p{renamed}", f"p{other.person}")
    describing.remove_alias(library, f"p{other.person}", IGLESIAS)
    touch(folder)
    assert scan(library, folder).names.left == ()
    assert KOURNIKOVA not in names_here(library)


def test_a_new_name_takes_the_place_of_the_old_one_wherever_it_says_who_is_there(
    library, folder, renamed
):
    report = export_sidecars(library, Wanted())
    assert (report.written, report.kept) == (3, [])
    for path in folder.glob("*.xmp"):
        assert KOURNIKOVA not in path.read_text()
    assert export_sidecars(library, Wanted()).written == 0
    touch(folder)
    assert not scan(library, folder).names


def test_a_name_that_somebody_had_before_is_somebody_elses_in_other_photos(
    library, folder, renamed, named_photos
):
    words = PERSON.replace("Sally", KOURNIKOVA)
    (folder / "inside.jpg.xmp").write_bytes(named_photos.document(words))
    assert scan(library, folder).names.tagged == 1
    assert KOURNIKOVA in names_here(library)


def test_a_newcomer_without_a_box_who_was_undone_does_not_come_back_with_changed_sidecars(
    library, folder, named_photos
):
    scan(library, folder)
    sidecar = folder / "picasa.jpg.xmp"
    sidecar.write_bytes(named_photos.document(PERSON))
    assert scan(library, folder).names.new_people == 1
    history.undo(library)
    touch(folder)
    assert not scan(library, folder).names
    assert "Sally" not in names_here(library)
    # Asked for, they come.
    assert take_over(library, find_names(library, Source.FILES), "files").new_people == 1


def test_a_name_that_contradicts_a_confirmed_one_is_told_once(library, folder, named_photos):
    scan(library, folder)
    before = by_name(library)
    write_beside(folder / "beside.png.xmp", named_photos, "Somebody else")
    report = scan(library, folder)
    assert report.names
    assert (report.names.contradicting, report.names.left, report.names.entry) == (1, (), None)
    assert by_name(library) == before
    assert not scan(library, folder).names
    write_beside(folder / "beside.png.xmp", named_photos, "EILEEN")
    assert not scan(library, folder).names
    history.undo(library)
    write_beside(folder / "beside.png.xmp", named_photos, "Somebody else")
    assert not scan(library, folder).names


def test_a_sidecar_of_which_another_program_changed_one_form_contradicts_once(library, folder):
    scan(library, folder)
    export_sidecars(library, Wanted())
    sidecar = folder / "beside.png.xmp"
    changed = sidecar.read_text().replace('mwg-rs:Name="Eileen"', 'mwg-rs:Name="Ellen"')
    sidecar.write_text(re.sub("<mwg-rs:Extensions[^>]*>", "", changed))
    names = scan(library, folder).names
    assert (names.contradicting, names.left) == (1, ())


def test_what_is_left_is_told_once_with_who_is_there(library, folder, named_photos):
    for path in folder.iterdir():
        if path.name != "inside.jpg":
            path.unlink()
    x, y, w, h = FACE
    boxes = {
        "Eileen": FACE,
        "Sally": (x + 0.02, y + 0.02, w, h),
        "Eye": (x + 0.05, y + 0.08, w / 5, h / 5),
    }
    named_photos.into_jpeg(
        folder / "inside.jpg", named_photos.document(named_photos.mwg(boxes, (512, 512)))
    )
    (folder / "inside.jpg.xmp").write_bytes(named_photos.document(named_photos.people_tags(boxes)))
    for name in ("inside.jpg", "inside.jpg.xmp"):
        shutil.copy(folder / name, folder / f"of {name}")
    report = scan(library, folder)
    told = [(each.name, each.ours, each.path.name) for each in report.names.left]
    assert told == [("Sally", "Eileen", "inside.jpg"), ("Eye", "Eileen", "inside.jpg")]
