import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from photoclust.core.errors import UserError
from photoclust.core.types import Box
from photoclust.store import digikam

SCHEMA = """
CREATE TABLE AlbumRoots (id INTEGER PRIMARY KEY, label TEXT, status INTEGER, type INTEGER,
    identifier TEXT, specificPath TEXT, caseSensitivity INTEGER);
CREATE TABLE Albums (id INTEGER PRIMARY KEY, albumRoot INTEGER, relativePath TEXT);
CREATE TABLE Images (id INTEGER PRIMARY KEY, album INTEGER, name TEXT, status INTEGER,
    category INTEGER, modificationDate DATETIME, fileSize INTEGER, uniqueHash TEXT);
CREATE TABLE ImageInformation (imageid INTEGER PRIMARY KEY, rating INTEGER, orientation INTEGER,
    width INTEGER, height INTEGER);
CREATE TABLE Tags (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT);
CREATE TABLE TagProperties (tagid INTEGER, property TEXT, value TEXT);
CREATE TABLE ImageTagProperties (imageid INTEGER, tagid INTEGER, property TEXT, value TEXT);
INSERT INTO AlbumRoots VALUES
    (1, 'Photos', 0, 1, 'volumeid:?path=%2Fhome%2Fme%2FMy%20photos', '/', 1),
    (2, 'Disk', 0, 1, 'volumeid:?uuid=1234-abcd', '/Pictures', 1);
INSERT INTO Albums VALUES (1, 1, '/'), (2, 1, '/2010/Summer'), (3, 2, '/Trip');
INSERT INTO Images (id, album, name) VALUES (1, 1, 'a.jpg'), (2, 2, 'b.jpg'), (3, 3, 'c.jpg'),
    (4, NULL, 'gone.jpg');
INSERT INTO ImageInformation (imageid, width, height, orientation)
    VALUES (1, 400, 300, 1), (2, 4000, 3000, 6);
INSERT INTO Tags VALUES (1, 0, 'People'), (2, 1, 'Anna'), (3, 1, 'Bert as tag'), (4, 1, 'Unknown'),
    (5, 1, 'Unconfirmed');
INSERT INTO TagProperties VALUES (2, 'person', 'Anna'), (3, 'person', 'Bert'),
    (4, 'person', 'Unknown'), (4, 'unknownPerson', NULL), (5, 'unconfirmedPerson', NULL);
INSERT INTO ImageTagProperties VALUES
    (1, 2, 'tagRegion', '<rect x="40" y="30" width="100" height="110"/>'),
    (1, 3, 'tagRegion', '<rect x="200" y="30" width="90" height="90"/>'),
    (1, 4, 'tagRegion', '<rect x="300" y="30" width="50" height="50"/>'),
    (2, 2, 'tagRegion', '<rect x="1" y="2" width="3" height="4"/>'),
    (3, 2, 'tagRegion', '<rect x="1" y="2" width="3" height="4"/>'),
    (4, 2, 'tagRegion', '<rect x="1" y="2" width="3" height="4"/>'),
    (1, 5, 'autodetectedPerson', '2,tagRegion,<rect x="1" y="2" width="3" height="4"/>'),
    (2, 2, 'tagRegion', 'no rectangle'),
    (2, 2, 'tagRegion', '<rect x="nan" y="2" width="3" height="4"/>');
"""


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "digikam4.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    return path


def test_faces_with_their_names_and_places(database):
    told = digikam.read(database)
    photos = {photo.paths[0]: photo for photo in told.photos}
    first = photos[Path("/home/me/My photos/a.jpg")]
    assert first.faces == (("Anna", Box(40, 30, 100, 110)), ("Bert", Box(200, 30, 90, 90)))
    assert first.size == (400, 300)
    assert first.in_pixels
    assert photos[Path("/home/me/My photos/2010/Summer/b.jpg")].faces == (
        ("Anna", Box(1, 2, 3, 4)),
    )
    # Wherever that drive is mounted.
    assert photos[Path("Pictures/Trip/c.jpg")].size is None
    assert told.nameless == 1
    assert len(photos) == 3


def test_the_database_is_left_as_it_is_and_what_is_not_in_it_yet_is_read(database):
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "INSERT INTO ImageTagProperties VALUES (3, 3, 'tagRegion', "
            '\'<rect x="5" y="5" width="5" height="5"/>\')'
        )
        connection.commit()
        before = {path: path.read_bytes() for path in database.parent.iterdir()}
        assert len(before) == 3
        told = digikam.read(database.parent)
        assert {path: path.read_bytes() for path in database.parent.iterdir()} == before
    assert ("Bert", Box(5, 5, 5, 5)) in [face for photo in told.photos for face in photo.faces]


def test_what_is_no_database_of_digikam_is_one_sentence(tmp_path, database):
    with pytest.raises(UserError, match=r"there is no digiKam database"):
        digikam.read(tmp_path / "nothing.db")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE Tags (id)")
    with pytest.raises(UserError, match=r"is not digiKam's database"):
        digikam.read(other)
    other.write_bytes(b"no database, but long enough to be told from one" * 100)
    with pytest.raises(UserError, match=r"cannot be read as digiKam's database"):
        digikam.read(other)
    data = database.read_bytes()
    other.write_bytes(data[:8192] + bytes(len(data) - 8192))
    with pytest.raises(UserError, match=r"other\.db"):
        digikam.read(other)
