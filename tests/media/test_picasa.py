import pytest

from photoclust.core.errors import UserError
from photoclust.core.regions import PictureShape
from photoclust.media import picasa

INI = """[Picasa]
name=Garden
stray line
[Contacts2]
8e62b2035b74b477=Anna Äpfel;;
1234=Bert;bert@example.org;
[Img 1.JPG]
star=yes
faces=rect64(3f845bcb59418507),8e62b2035b74b477;rect64(1),1234;rect64(80008000a000c000),ffffffffffffffff
backuphash=12345
[two.jpg]
faces=rect64(400040008000c000),0000000000001234;rect64(400040008000c000),dead
rotate=rotate(1)
crop=rect64(8000000000000000)
[two.jpg]
star=no
"""
SHAPE = PictureShape(400, 300)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".picasa.ini").write_text(INI, encoding="utf-8")
    return picasa.read_folder(tmp_path)


def test_faces_with_the_names_of_their_contacts(folder):
    found = folder.of("img 1.jpg", SHAPE)
    (anna,) = found.regions
    assert anna.name == "Anna Äpfel"
    assert anna.source == "picasa"
    sides = (0x3F84, 0x5BCB, 0x5941, 0x8507)
    left, top, right, bottom = (side / 65535 for side in sides)
    assert (anna.box.x, anna.box.y) == pytest.approx((left, top))
    assert (anna.box.w, anna.box.h) == pytest.approx((right - left, bottom - top))
    assert (found.nameless, found.strangers) == (1, 0)  # nobody named it
    assert [each.name for each in found.unplaced] == ["Bert"]  # his is a line


def test_leading_zeros_of_rectangles_and_contacts_may_be_left_out():
    assert picasa.rectangle("1").h == pytest.approx(1 / 65535)
    assert picasa.rectangle("80008000a000c000").x == pytest.approx(0.5, abs=1e-4)


def test_names_from_elsewhere_serve_where_the_folder_has_none(folder):
    found = folder.of("two.jpg", SHAPE)
    assert [region.name for region in found.regions] == ["Bert"]
    assert (found.nameless, found.strangers) == (0, 1)
    found = folder.of("two.jpg", SHAPE, {"000000000000dead": "Doro"})
    assert {region.name for region in found.regions} == {"Bert", "Doro"}


def test_turned_and_cropped_by_hand_leaves_several_readings(folder):
    (bert,) = folder.of("two.jpg", SHAPE).regions
    assert not bert.certain
    assert len(bert.others) == 2  # this crop has no width
    turned_back, turned_on = bert.others
    assert (turned_back.x, turned_back.y) == pytest.approx((0.25, 0.5), abs=1e-3)
    assert (turned_on.x, turned_on.y) == pytest.approx((0.25, 0.25), abs=1e-3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_whatever_it_is_written_in(tmp_path, encoding):
    (tmp_path / "Picasa.ini").write_bytes(INI.replace("\n", "\r\n").encode(encoding))
    found = picasa.read_folder(tmp_path).of("Img 1.JPG", SHAPE)
    assert found.regions[0].name == "Anna Äpfel"


def test_contacts_xml(tmp_path):
    path = tmp_path / "contacts.xml"
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?><contacts>'
        '<contact id="2d4bb1d1e5b4a4c" name="Ünal" modified_time="2010" local_contact="1"/>'
        '<contact id="17" display="Only shown"/><contact name="no id"/></contacts>',
        encoding="utf-8",
    )
    assert picasa.read_contacts(path) == {
        "02d4bb1d1e5b4a4c": "Ünal",
        "0000000000000017": "Only shown",
    }
    path.write_text("<contacts>")
    with pytest.raises(UserError, match=r"contacts\.xml: its XML data is damaged"):
        picasa.read_contacts(path)


def test_no_file_and_no_photo_are_nothing(tmp_path, folder):
    assert picasa.read_folder(tmp_path / "elsewhere") is None
    assert not folder.of("unknown.jpg", SHAPE)
