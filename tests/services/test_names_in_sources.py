import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import Detection, FileStat, FoundFace, Metadata, ModelId
from photoclust.services.names_in import take_over
from photoclust.services.names_in_sources import Source, find_names
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import photos as photo_store

SIZE = (400, 300)
ANNA = {"Anna": (0.1, 0.1, 0.25, 0.3)}


@pytest.fixture
def add(library):
    """`add(path, size)`: a photo of the library, without faces; its id."""
    made = []

    def put(path, size=SIZE):
        made.append(path)
        stat = FileStat(path, 1, 1)
        with library.write() as tx:
            photo = photo_store.write_photo(
                tx, photo=None, size=size, turn=0, metadata=Metadata(), stat=stat, detector="made"
            )
            file_store.write_file(tx, stat, photo, f"{len(made):040x}")
        return photo

    return put


@pytest.fixture
def picture(tmp_path):
    def put(name, size=SIZE):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, "grey").save(path)
        return path

    return put


def test_files_and_what_lies_beside_them(library, add, picture, named_photos):
    inside, beside, plain = (picture(name) for name in ("a.jpg", "b.webp", "c.png"))
    photos = [add(path) for path in (inside, beside, plain)]
    document = named_photos.document(named_photos.mwg(ANNA, SIZE))
    named_photos.into_jpeg(inside, document)
    (beside.parent / "b.xmp").write_bytes(document)
    told = find_names(library, Source.FILES)
    assert told.photos.keys() == set(photos[:2])
    for found in told.photos.values():
        assert [region.name for region in found.regions] == ["Anna"]
    assert find_names(library, Source.FILES, folders=[inside.parent]).photos == told.photos
    with pytest.raises(UserError, match=r"no photos in"):
        find_names(library, Source.FILES, folders=[inside.parent / "elsewhere"])


def test_a_file_that_cannot_be_read_any_more_is_told(library, add, picture, named_photos):
    add(Path("/nowhere/gone.jpg"))
    inside = picture("a.jpg")
    add(inside)
    named_photos.into_jpeg(inside, named_photos.document(named_photos.mwg(ANNA, SIZE)))
    told = find_names(library, Source.FILES)
    assert len(told.photos) == 1
    assert len(told.problems) == 1
    assert "gone.jpg" in told.problems[0]


def test_picasa_with_a_file_of_contacts(library, add, picture, tmp_path, named_photos):
    path = picture("a.jpg")
    photo = add(path)
    named_photos.into_jpeg(
        path, named_photos.document(named_photos.mwg({"Bert": (0.6, 0.6, 0.2, 0.2)}, SIZE))
    )
    (path.parent / ".picasa.ini").write_text("[a.jpg]\nfaces=rect64(20002000a000a000),beef\n")
    contacts = tmp_path / "contacts.xml"
    contacts.write_text('<contacts><contact id="beef" name="Anna"/></contacts>')
    assert find_names(library, Source.PICASA).photos[photo].strangers == 1
    told = find_names(library, Source.PICASA, contacts=contacts)
    assert [region.name for region in told.photos[photo].regions] == ["Anna"]


def digikam(path, rows):
    """A database with (root, folder, name, width, height, person, rectangle) for each face."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE AlbumRoots (id, identifier, specificPath);"
            "CREATE TABLE Albums (id, albumRoot, relativePath);"
            "CREATE TABLE Images (id, album, name);"
            "CREATE TABLE ImageInformation (imageid, width, height);"
            "CREATE TABLE Tags (id, name); CREATE TABLE TagProperties (tagid, property, value);"
            "CREATE TABLE ImageTagProperties (imageid, tagid, property, value);"
        )
        for n, (root, folder, name, width, height, person, (x, y, w, h)) in enumerate(rows, 1):
            put = connection.execute
            put("INSERT INTO AlbumRoots VALUES (?, ?, '/')", (n, f"volumeid:?path={root}"))
            put("INSERT INTO Albums VALUES (?, ?, ?)", (n, n, folder))
            put("INSERT INTO Images VALUES (?, ?, ?)", (n, n, name))
            put("INSERT INTO ImageInformation VALUES (?, ?, ?)", (n, width, height))
            put("INSERT INTO Tags VALUES (?, ?)", (n, person))
            put(
                "INSERT INTO ImageTagProperties VALUES (?, ?, 'tagRegion', ?)",
                (n, n, f'<rect x="{x}" y="{y}" width="{w}" height="{h}"/>'),
            )
        connection.commit()
    return path


def test_digikam_by_path_by_the_end_of_it_and_by_size(library, add, tmp_path):
    exact = add(Path("/photos/2010/a.jpg"))
    moved = add(Path("/elsewhere/2011/b.jpg"), (300, 400))
    add(Path("/photos/x/IMG_1.jpg"), (640, 480))
    by_size = add(Path("/photos/y/IMG_1.jpg"), (800, 600))
    add(Path("/photos/z/c.jpg"))
    rows = [
        ("/photos", "/2010", "a.jpg", 400, 300, "Anna", (40, 30, 100, 90)),
        ("/old", "/2011", "b.jpg", 400, 300, "Bert", (30, 40, 60, 80)),  # sides as it is stored
        ("/old", "/somewhere", "IMG_1.jpg", 800, 600, "Caro", (80, 60, 80, 60)),
        ("/old", "/q", "c.jpg", 200, 300, "Doro", (1, 1, 50, 50)),  # the name alone is not enough
        ("/old", "/q", "unknown.jpg", 200, 300, "Emil", (1, 1, 50, 50)),
    ]
    told = find_names(library, Source.DIGIKAM, path=digikam(tmp_path / "digikam4.db", rows))
    assert told.unknown_photos == 2
    names = {photo: found.regions[0] for photo, found in told.photos.items()}
    assert names[exact].name == "Anna"
    assert (names[exact].box.x, names[exact].box.h) == pytest.approx((0.1, 0.3))
    assert (names[moved].box.x, names[moved].box.y) == pytest.approx((0.1, 0.1))
    assert names[by_size].name == "Caro"
    report = take_over(library, told, "digiKam")
    assert (report.names, report.drawn, report.unknown_photos) == (3, 3, 2)


def test_a_picture_of_another_shape_than_digikam_knows_has_no_place(library, add, tmp_path):
    photo = add(Path("/photos/a.jpg"), (300, 300))
    rows = [("/photos", "/", "a.jpg", 400, 300, "Anna", (40, 30, 100, 90))]
    told = find_names(library, Source.DIGIKAM, path=digikam(tmp_path / "digikam4.db", rows))
    (left,) = told.photos[photo].unplaced
    assert "cropped" in left.reason


def test_apple_photos_by_what_it_calls_the_photo(library, add, tmp_path):
    photo = add(Path("/export/IMG_1.JPG"))
    add(Path("/export/more/IMG_1.JPG"), (640, 480))
    path = tmp_path / "query.json"
    record = {
        "path": "/Users/me/Photos.photoslibrary/originals/1/ABC.jpeg",
        "original_filename": "IMG_1.JPG",
        "width": 400,
        "height": 300,
        "persons": ["Anna"],
        "faces": [{"name": "Anna", "mwg_rs_area": {"x": 0.3, "y": 0.3, "w": 0.1, "h": 0.1}}],
    }
    path.write_text(json.dumps([record]))
    told = find_names(library, Source.OSXPHOTOS, path=path)
    assert told.photos.keys() == {photo}
    record["width"] = 399
    path.write_text(json.dumps([record]))
    assert find_names(library, Source.OSXPHOTOS, path=path).unknown_photos == 1


def test_looking_can_be_cancelled(library, add, picture):
    add(picture("a.jpg"))
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        find_names(library, Source.FILES, control=control)


@pytest.mark.shared_data
def test_real_files_give_their_names(library, add, shared_data):
    folder = shared_data / "formats" / "metadata"
    faces = [folder / "faces" / name for name in ("portrait.jpg", "portrait-orientation-6.jpg")]
    photos = [add(path, (840, 700)) for path in faces]
    nameless = add(folder / "tags" / "picasa.jpg", (100, 75))
    for photo in photos:  # as the detector finds them
        boxes = [(271.7, 162.6, 82.0, 110.9), (540.9, 98.2, 68.3, 134.8)]
        from photoclust.core.types import Box

        found = [FoundFace(Detection(Box(*box), (), 0.9), 0.5) for box in boxes]
        with library.write() as tx:
            face_store.replace_faces(tx, photo, found, (840, 700), ModelId("made"))
    told = find_names(library, Source.FILES)
    assert told.problems == ()
    assert nameless not in told.photos  # Picasa wrote it, but no faces into it
    report = take_over(library, told, "files")
    assert (report.names, report.drawn, report.new_people) == (4, 0, 2)
    assert report.left == report.conflicts == ()
