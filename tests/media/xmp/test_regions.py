import pytest

from photoclust.core.errors import UserError
from photoclust.core.regions import PictureShape, upright
from photoclust.core.types import Box
from photoclust.media.xmp import documents
from photoclust.media.xmp.regions import read_regions

LANDSCAPE = PictureShape(400, 300)
ANNA = {"Anna": (0.1, 0.2, 0.3, 0.4)}


def read(document, shape):
    return read_regions(documents.parse(document), shape)


def near(box, *sides):
    return (box.x, box.y, box.w, box.h) == pytest.approx(sides, abs=1e-6)


@pytest.mark.parametrize("as_attributes", [False, True])
def test_mwg_areas_are_of_their_centre(named_photos, as_attributes):
    mwg = named_photos.mwg(ANNA, (400, 300), as_attributes=as_attributes)
    found = read(named_photos.document(mwg), LANDSCAPE)
    (region,) = found.regions
    assert region.name == "Anna"
    assert region.source == "mwg"
    assert region.certain
    assert near(region.box, 0.1, 0.2, 0.3, 0.4)


@pytest.mark.parametrize("as_attributes", [False, True])
def test_people_tags_are_of_their_corner(named_photos, as_attributes):
    tags = named_photos.people_tags(ANNA, as_attributes=as_attributes)
    (region,) = read(named_photos.document(tags), LANDSCAPE).regions
    assert region.source == "mp"
    assert near(region.box, 0.1, 0.2, 0.3, 0.4)


def turned(box, orientation):
    """Where a box of the stored picture is seen, by turning a picture of 100 × 100 px."""
    from PIL import Image, ImageOps

    image = Image.new("L", (100, 100))
    x, y, w, h = (round(100 * side) for side in box)
    image.paste(255, (x, y, x + w, y + h))
    image.getexif()[274] = orientation
    seen = ImageOps.exif_transpose(image)
    left, top, right, bottom = seen.getbbox()
    return tuple(side / 100 for side in (left, top, right - left, bottom - top))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_of_the_stored_picture_are_turned_as_the_picture_is(named_photos, orientation):
    shape = (
        PictureShape(300, 400, orientation)
        if orientation >= 5
        else PictureShape(400, 300, orientation)
    )
    mwg = named_photos.mwg(ANNA, shape.stored)
    (region,) = read(named_photos.document(mwg), shape).regions
    expected = turned(ANNA["Anna"], orientation)
    assert near(region.box, *expected)
    assert region.certain
    assert near(upright(Box(*ANNA["Anna"]), orientation), *expected)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_dimensions_of_the_upright_picture_tell_regions_of_the_upright_picture(
    named_photos, orientation
):
    """As Apple's photos come out of osxphotos."""
    shape = PictureShape(300, 400, orientation)
    mwg = named_photos.mwg(ANNA, (300, 400))
    (region,) = read(named_photos.document(mwg), shape).regions
    assert near(region.box, *ANNA["Anna"])


def test_a_reduced_picture_keeps_its_regions(named_photos):
    mwg = named_photos.mwg(ANNA, (4001, 2999))
    (region,) = read(named_photos.document(mwg), LANDSCAPE).regions
    assert near(region.box, *ANNA["Anna"])


def test_regions_of_a_picture_that_was_cropped_since_cannot_be_placed(named_photos):
    mwg = named_photos.mwg(ANNA, (4000, 2000))
    found = read(named_photos.document(mwg), LANDSCAPE)
    assert found.regions == ()
    (left,) = found.unplaced
    assert left.name == "Anna"
    assert "cropped" in left.reason


def test_without_dimensions_a_turned_picture_leaves_two_readings(named_photos):
    shape = PictureShape(300, 400, 6)
    (region,) = read(named_photos.document(named_photos.mwg(ANNA, None)), shape).regions
    assert not region.certain
    assert near(region.box, *turned(ANNA["Anna"], 6))
    assert near(region.others[0], *ANNA["Anna"])


def test_a_picture_that_was_turned_itself_is_not_taken_for_certain(named_photos):
    found = read(named_photos.document(named_photos.mwg(ANNA, (300, 400))), LANDSCAPE)
    (region,) = found.regions
    assert not region.certain
    assert len(region.others) == 2


def test_regions_in_pixels_and_circles(named_photos):
    regions = (
        '<mwg-rs:Regions rdf:parseType="Resource">'
        '<mwg-rs:AppliedToDimensions stDim:w="400" stDim:h="300" stDim:unit="pixel"/>'
        "<mwg-rs:RegionList><rdf:Seq>"
        '<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Pixel</mwg-rs:Name><mwg-rs:Area '
        'stArea:x="100" stArea:y="150" stArea:w="40" stArea:h="60" stArea:unit="pixel"/></rdf:li>'
        '<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Circle</mwg-rs:Name><mwg-rs:Area '
        'stArea:x="0.5" stArea:y="0.5" stArea:d="0.5" stArea:unit="normalized"/></rdf:li>'
        "</rdf:Seq></mwg-rs:RegionList></mwg-rs:Regions>"
    )
    pixel, circle = read(named_photos.document(regions), LANDSCAPE).regions
    assert near(pixel.box, 0.2, 0.4, 0.1, 0.2)
    assert near(circle.box, 0.5 - 0.1875, 0.25, 0.375, 0.5)


def test_what_is_no_face_or_has_no_name_is_left_out(named_photos):
    document = named_photos.document(
        named_photos.mwg(ANNA, (400, 300)),
        named_photos.mwg({"Rex": (0.5, 0.5, 0.1, 0.1)}, (400, 300), kind="Pet"),
    )
    found = read(document, LANDSCAPE)
    # One property cannot be twice in an element; the later one holds.
    assert [region.name for region in found.regions] == []
    pets = named_photos.mwg({"Rex": (0.5, 0.5, 0.1, 0.1)}, (400, 300), kind="Pet")
    assert not read(named_photos.document(pets), LANDSCAPE)
    nameless = named_photos.mwg({"": (0.5, 0.5, 0.1, 0.1)}, (400, 300))
    assert read(named_photos.document(nameless), LANDSCAPE).nameless == 1


def test_one_face_in_both_forms_is_one(named_photos):
    """Also where one form speaks of the stored picture and the other of the upright one."""
    shape = PictureShape(300, 400, 6)
    seen = turned(ANNA["Anna"], 6)
    both = named_photos.document(
        named_photos.mwg(ANNA, (400, 300)),
        named_photos.people_tags({"Anna": seen, "Bert": (0.7, 0.7, 0.2, 0.2)}),
    )
    found = read(both, shape)
    assert [(region.name, region.source) for region in found.regions] == [
        ("Anna", "mwg"),
        ("Bert", "mp"),
    ]
    alike = named_photos.document(
        named_photos.mwg(ANNA, (400, 300)), named_photos.people_tags(ANNA)
    )
    assert len(read(alike, shape).regions) == 1


def test_one_person_in_two_places_is_twice(named_photos):
    document = named_photos.document(
        named_photos.mwg(ANNA, (400, 300)),
        named_photos.people_tags({"Anna": (0.6, 0.6, 0.2, 0.2)}),
    )
    assert len(read(document, LANDSCAPE).regions) == 2


def test_what_photoclust_wrote_comes_along(named_photos):
    extra = (
        '<mwg-rs:Extensions rdf:parseType="Resource"><pc:PersonId>123</pc:PersonId>'
        "<pc:State> confirmed </pc:State></mwg-rs:Extensions>"
    )
    mwg = named_photos.mwg(ANNA, (400, 300), extra=extra)
    (region,) = read(named_photos.document(mwg), LANDSCAPE).regions
    assert region.extensions == {"PersonId": "123", "State": "confirmed"}


@pytest.mark.parametrize(
    "box", [(0, 0, 1, 1), (1.2, 0, 0.5, 0.5), (0.1, 0.1, 0, 0.2), (float("nan"), 0, 1, 1)]
)
def test_a_box_that_can_be_no_face_cannot_be_placed(named_photos, box):
    found = read(named_photos.document(named_photos.mwg({"Anna": box}, (400, 300))), LANDSCAPE)
    assert found.regions == ()
    assert [each.name for each in found.unplaced] == ["Anna"]


def test_a_box_is_cut_at_the_edge(named_photos):
    mwg = named_photos.mwg({"Anna": (-0.1, 0.5, 0.3, 0.6)}, (400, 300))
    (region,) = read(named_photos.document(mwg), LANDSCAPE).regions
    assert near(region.box, 0, 0.5, 0.2, 0.5)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"no xml",
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>",
        b"<a:b/>",
        b"<?xml version='1.0' encoding='klingon'?><a/>",
        b"\xff\xfe<\0",
        b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><a>&d;</a>",
        b"<a>" * 200 + b"</a>" * 200,
    ],
)
def test_damaged_documents_are_one_clause(document):
    with pytest.raises(UserError, match=r"its XML data"):
        read(document, LANDSCAPE)


def test_too_many_elements_are_not_read(monkeypatch):
    monkeypatch.setattr(documents, "MAX_ELEMENTS", 10)
    with pytest.raises(UserError, match=r"too many"):
        documents.parse(b"<a>" + b"<b/>" * 20 + b"</a>")


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["portrait.jpg", "portrait-orientation-6.jpg"])
def test_faces_that_digikam_named_are_right_side_up(shared_data, name):
    from photoclust.media.files import OriginalFile
    from photoclust.media.headers import read_shape
    from photoclust.media.named import read_names

    path = shared_data / "formats" / "metadata" / "faces" / name
    with OriginalFile(path) as original:
        found = read_names(original, lambda: read_shape(original))
    assert [region.name for region in found.regions] == ["Marie Curie", "Pierre Curie"]
    marie, pierre = (region.box for region in found.regions)
    assert near(marie, 0.311905, 0.208571, 0.113095, 0.198571)
    assert near(pierre, 0.639286, 0.118571, 0.0964286, 0.241429)


def test_regions_without_a_name_that_photoclust_wrote_are_kept(named_photos):
    extra = '<mwg-rs:Extensions pc:State="not-a-face"/>'
    mwg = named_photos.mwg({"": (0.1, 0.1, 0.2, 0.2)}, (400, 300), kind="", extra=extra)
    found = read(named_photos.document(mwg), LANDSCAPE)
    assert [region.extensions for region in found.regions] == [{"State": "not-a-face"}]
    hidden = '<mwg-rs:Extensions pc:State="confirmed" pc:Name="Anna" pc:Hidden="True"/>'
    mwg = named_photos.mwg({"": (0.1, 0.1, 0.2, 0.2)}, (400, 300), extra=hidden)
    assert read(named_photos.document(mwg), LANDSCAPE).regions[0].name == "Anna"
    uid = "11111111-1111-4111-8111-111111111111"
    present = f"<pc:Present>{uid}=Anna%20M</pc:Present>"
    assert read(named_photos.document(present), LANDSCAPE).present == ((uid, "Anna M"),)
