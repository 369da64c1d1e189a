"""Sidecars: what is written into them, and what of other programs stays byte for byte."""

import re
import uuid
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base

from photoclust.core.types import Box
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.media.headers import read_orientation
from photoclust.media.xmp.editing import Packet, items, structure
from photoclust.media.xmp.forms import mp_region, mwg_region
from photoclust.media.xmp.merging import Difference, Kind, Wish
from photoclust.media.xmp.own import FaceState, State, read_values, to_values
from photoclust.media.xmp.spans import PacketError
from photoclust.media.xmp.writing import Said, stored_box, write

ANNA, BERTA = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
SIZE = (4000, 3000)
LEFT, RIGHT = Box(0.2, 0.3, 0.1, 0.2), Box(0.75, 0.4, 0.1, 0.2)
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
DC = "http://purl.org/dc/elements/1.1/"
LR = "http://ns.adobe.com/lightroom/1.0/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TOUCHED = (
    "mwg-rs:Regions",
    "MP:RegionInfo",
    "Iptc4xmpExt:PersonInImage",
    "dc:subject",
    "lr:hierarchicalSubject",
)


def confirmed(box, name, uid):
    return Wish(box, name, uid, to_values(FaceState(State.CONFIRMED, uid)))


def said(*regions, **others):
    names = tuple(wish.name for wish in regions if wish.name)
    return Said(SIZE, regions, names, **others)


def regions(data):
    listed = structure(Packet(data).property((MWG, "Regions"))).holder.find((MWG, "RegionList"))
    return [mwg_region(structure(item)) for item in items(listed)]


def named(data):
    return [region and region.name for region in regions(data)]


def tags(data):
    info = Packet(data).property(("http://ns.microsoft.com/photo/1.2/", "RegionInfo"))
    inside = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
    listed = structure(info).holder.find((inside, "Regions"))
    return [mp_region(structure(item)) for item in items(listed)]


def words(data, namespace, local):
    return Packet(data).texts((namespace, local))


def changed_lines(before, after):
    """The lines of `before` that are not in `after` as they were, in their order."""
    rest = iter(after.splitlines())
    return [line for line in before.splitlines() if line not in rest]


def by_another(*regions):
    """What another program would have written of them: without a word of photoclust's own."""
    wishes = [Wish(wish.box, wish.name) for wish in regions]
    return re.sub(
        rb"\s*<pc:(Written\w+)>.*?</pc:\1>", b"", write(b"", said(*wishes)).data, flags=re.DOTALL
    )


def test_a_name_that_a_person_had_before_gives_way_in_every_form():
    there = by_another(confirmed(LEFT, "Paris", ANNA), confirmed(RIGHT, "Berta", BERTA))
    wish = replace(confirmed(LEFT, "Anna", ANNA), former=frozenset(("Paris",)))
    told = said(wish, confirmed(RIGHT, "Berta", BERTA), former=wish.former)
    written = write(there, told)
    assert written.differences == written.overruled == ()
    assert b"Paris" not in written.data
    assert named(written.data) == [tag.name for tag in tags(written.data)] == ["Anna", "Berta"]
    assert words(written.data, IPTC, "PersonInImage") == ["Berta", "Anna"]
    assert words(written.data, LR, "hierarchicalSubject") == ["People|Berta", "People|Anna"]
    assert write(written.data, told).data == written.data


def test_that_name_stays_where_it_is_somebody_elses_or_a_keyword_that_names_nobody():
    wish = replace(confirmed(LEFT, "Anna", ANNA), former=frozenset(("Paris",)))
    there = by_another(confirmed(RIGHT, "Paris", BERTA))
    written = write(there, said(wish, former=wish.former))
    assert named(written.data) == ["Paris", "Anna"]
    assert words(written.data, IPTC, "PersonInImage") == ["Paris", "Anna"]
    for form in (b"mwg-rs:Regions", b"MP:RegionInfo", b"lr:hierarchicalSubject"):
        there = re.sub(rb"<%b.*</%b>" % (form, form), b"", there, flags=re.DOTALL)
    there = re.sub(rb"<(Iptc4xmpExt:PersonInImage)>.*</\1>", b"", there, flags=re.DOTALL)
    written = write(there, said(wish, former=wish.former))
    assert words(written.data, IPTC, "PersonInImage") == ["Anna"]
    assert words(written.data, DC, "subject") == ["Paris", "Anna"]


@pytest.mark.parametrize("form", ["mwg-rs:Name", "MPReg:PersonDisplayName"])
def test_a_name_that_another_program_changed_in_one_form_stands_in_all(form):
    told = said(confirmed(LEFT, "Anna", ANNA), confirmed(RIGHT, "Berta", BERTA))
    before = write(b"", told).data
    changed = before.replace(f'{form}="Anna"'.encode(), f'{form}="Anja"'.encode())
    written = write(changed, told)
    assert written.differences == (Difference(Kind.CHANGED, "Anna", "Anja"),)
    assert named(written.data) == [tag.name for tag in tags(written.data)] == ["Anja", "Berta"]
    assert words(written.data, IPTC, "PersonInImage") == ["Berta", "Anja"]
    assert words(written.data, DC, "subject") == ["Berta", "Anja"]
    assert words(written.data, LR, "hierarchicalSubject") == ["People|Berta", "People|Anja"]
    assert write(written.data, told) == written  # as if they had written it everywhere
    both = said(confirmed(LEFT, "Anja", ANNA), confirmed(RIGHT, "Berta", BERTA))
    assert write(write(written.data, both).data, both).differences == ()
    # Overruled, it is gone from all of them.
    again = write(written.data, replace(told, ours=True)).data
    assert b"Anja" not in again
    assert named(again) == [tag.name for tag in tags(again)] == ["Anna", "Berta"]
    assert sorted(words(again, IPTC, "PersonInImage")) == ["Anna", "Berta"]
    assert write(again, told).differences == ()


def test_who_is_in_the_picture_besides_keeps_the_name_that_another_face_lost():
    told = said(confirmed(LEFT, "Anna", ANNA), confirmed(RIGHT, "Anna", BERTA))
    changed = write(b"", told).data.replace(b'mwg-rs:Name="Anna"', b'mwg-rs:Name="Anja"', 1)
    written = write(changed, told).data
    assert named(written) == [tag.name for tag in tags(written)] == ["Anja", "Anna"]
    assert words(written, IPTC, "PersonInImage") == ["Anna"]


def test_a_new_sidecar_says_it_in_every_form():
    anna = confirmed(LEFT, "Änna & <b>", ANNA)
    nobody = Wish(RIGHT, "", "", to_values(FaceState(State.NOT_A_FACE)))
    data = write(b"", said(anna, nobody, present=((BERTA, "Berta"),))).data
    first, second = regions(data)
    assert (first.name, first.own) == ("Änna & <b>", anna.own)
    assert first.box.iou(LEFT) > 0.999
    assert (second.name, read_values(second.own)) == ("", FaceState(State.NOT_A_FACE))
    assert [(tag.name, tag.box.iou(LEFT) > 0.999) for tag in tags(data)] == [("Änna & <b>", True)]
    assert words(data, IPTC, "PersonInImage") == ["Änna & <b>"]
    assert words(data, DC, "subject") == ["Änna & <b>"]
    assert words(data, LR, "hierarchicalSubject") == ["People|Änna & <b>"]
    root = ElementTree.fromstring(data)
    assert root.find(f"{RDF}RDF/{RDF}Description").get(f"{RDF}about") == ""


def test_what_is_written_twice_is_the_same_bytes(lightroom):
    for before in (b"", lightroom):
        once = write(before, said(confirmed(LEFT, "Anna", ANNA))).data
        assert write(once, said(confirmed(LEFT, "Anna", ANNA))).data is once


@pytest.mark.parametrize("program", ["lightroom", "darktable"])
def test_every_byte_of_other_programs_stays(program, request):
    before = request.getfixturevalue(program)
    with_anna = write(before, said(confirmed(LEFT, "Anna", ANNA))).data
    assert len(with_anna) > len(before)
    assert changed_lines(before, with_anna) == []
    without = write(with_anna, said()).data
    assert changed_lines(before, without) == []
    assert b"Anna" not in without
    left = set(without.splitlines()) - set(before.splitlines())
    assert all(b"xmlns:" in line or b"Description" in line for line in left), left


def test_regions_of_others_and_of_pets_stay(lightroom):
    data = write(lightroom, said(confirmed(LEFT, "Anna", ANNA))).data
    assert named(data) == ["Carla", None, "Anna"]
    assert words(data, DC, "subject") == ["holiday", "sea <blue>", "Anna"]
    assert words(data, LR, "hierarchicalSubject") == ["places|sea", "People|Anna"]


def test_a_new_name_takes_the_old_ones_place():
    before = write(b"", said(confirmed(LEFT, "Anna", ANNA))).data
    after = write(before, said(confirmed(LEFT, "Anne", ANNA)))
    assert named(after.data) == ["Anne"]
    assert [tag.name for tag in tags(after.data)] == ["Anne"]
    assert words(after.data, DC, "subject") == words(after.data, IPTC, "PersonInImage") == ["Anne"]
    assert not after.differences


def test_a_box_that_was_moved_a_little_is_written_anew():
    before = write(b"", said(confirmed(LEFT, "Anna", ANNA))).data
    moved = replace(LEFT, x=LEFT.x + 0.002)
    data = write(before, said(confirmed(moved, "Anna", ANNA))).data
    assert regions(data)[0].box.x == pytest.approx(moved.x, abs=2e-6)
    assert tags(data)[0].box.x == pytest.approx(moved.x, abs=2e-6)
    assert write(data, said(confirmed(moved, "Anna", ANNA))).data is data


def test_no_face_any_more_is_no_face_to_others():
    before = write(b"", said(confirmed(LEFT, "Anna", ANNA))).data
    none = Wish(LEFT, "", "", to_values(FaceState(State.NOT_A_FACE)))
    data = write(before, said(none)).data
    assert b"mwg-rs:Type" not in data
    assert named(data) == [""]
    again = write(data, said(confirmed(LEFT, "Anna", ANNA))).data
    assert b'mwg-rs:Type="Face"' in again or b"<mwg-rs:Type>Face" in again
    assert named(again) == ["Anna"]


def test_keywords_that_others_put_there_stay_when_ours_go():
    before = write(b"", said(confirmed(LEFT, "Anna", ANNA))).data
    typed = before.replace(b"<dc:subject>", b"<dc:subject>", 1).replace(
        b"<rdf:li>Anna</rdf:li>\n    </rdf:Bag>\n   </dc:subject>",
        b"<rdf:li>Anna</rdf:li><rdf:li>Berta</rdf:li>\n    </rdf:Bag>\n   </dc:subject>",
    )
    with_berta = write(typed, said(confirmed(LEFT, "Anna", ANNA), confirmed(RIGHT, "Berta", BERTA)))
    assert words(with_berta.data, DC, "subject") == ["Anna", "Berta"]
    without = write(with_berta.data, said()).data
    assert words(without, DC, "subject") == ["Berta"]  # it was there before ours


def test_what_another_program_renamed_stays_and_is_told():
    before = write(b"", said(confirmed(LEFT, "Anna", ANNA))).data
    there = before.replace(b'mwg-rs:Name="Anna"', b'mwg-rs:Name="Anja"')
    for _ in range(2):  # also the next time
        kept = write(there, said(confirmed(LEFT, "Anna", ANNA)))
        assert named(kept.data) == ["Anja"]
        assert kept.differences == (Difference(Kind.CHANGED, "Anna", "Anja"),)
        there = kept.data
    both = write(there, said(confirmed(LEFT, "Anne", ANNA)))
    assert named(both.data) == ["Anja"]
    assert Difference(Kind.CONFLICT, "Anne", "Anja") in both.differences
    same = write(there, said(confirmed(LEFT, "Anja", ANNA)))
    assert named(same.data) == ["Anja"]
    assert not same.differences
    assert write(same.data, said(confirmed(LEFT, "Anja", ANNA))).data is same.data


def test_what_another_program_took_out_stays_out_and_is_told():
    before = write(b"", said(confirmed(LEFT, "Anna", ANNA))).data
    start = before.index(b"      <rdf:li><rdf:Description mwg-rs:Name")
    there = before[:start] + before[before.index(b"\n", start) + 1 :]
    there = there.replace(
        b"<dc:subject>\n    <rdf:Bag>\n     <rdf:li>Anna</rdf:li>", b"<dc:subject>\n    <rdf:Bag>"
    )
    kept = write(there, said(confirmed(LEFT, "Anna", ANNA)))
    assert named(kept.data) == []
    assert words(kept.data, DC, "subject") == []
    assert kept.differences == (Difference(Kind.REMOVED, "Anna", None),)


def test_a_region_that_stands_there_is_joined_not_doubled(lightroom):
    carla = confirmed(RIGHT, "Carla", BERTA)
    data = write(lightroom, said(carla)).data
    assert named(data) == ["Carla", None]
    assert regions(data)[0].own == carla.own
    assert changed_lines(lightroom, data) == []
    without = write(data, said()).data
    assert named(without) == ["Carla", None]  # it was theirs
    assert regions(without)[0].own == {}


def test_another_name_for_the_same_face_is_told_not_written(lightroom):
    told = write(lightroom, said(confirmed(RIGHT, "Berta", BERTA)))
    assert named(told.data) == ["Carla", None]
    assert Difference(Kind.CONFLICT, "Berta", "Carla") in told.differences


def test_a_region_without_a_name_gets_it_and_gives_it_back(lightroom):
    nameless = lightroom.replace(b'mwg-rs:Name="Carla"\n        ', b"")
    data = write(nameless, said(confirmed(RIGHT, "Berta", BERTA))).data
    assert named(data) == ["Berta", None]
    assert named(write(data, said()).data) == ["", None]


def test_a_program_that_writes_the_regions_anew_loses_nothing_for_good():
    anna = confirmed(LEFT, "Anna", ANNA)
    before = write(b"", said(anna)).data
    start, end = before.index(b"<mwg-rs:Extensions"), before.index(b"/>", before.index(b"pc:State"))
    there = before[:start] + before[end + 2 :]
    assert regions(there)[0].own == {}
    assert regions(write(there, said(anna)).data)[0].own == anna.own


def test_extensions_of_others_stay():
    anna = confirmed(LEFT, "Anna", ANNA)
    theirs = b'<mwg-rs:Extensions xmlns:o="urn:o" o:a="1 &amp; 2" '
    before = write(b"", said(anna)).data.replace(b"<mwg-rs:Extensions ", theirs)
    drawn = replace(anna, own={**anna.own, "Drawn": "True"})
    data = write(before, said(drawn)).data
    assert regions(data)[0].own == drawn.own
    assert b">1 &amp; 2</" in data
    after = write(data, said(anna)).data
    assert regions(after)[0].own == anna.own
    assert b">1 &amp; 2</" in after


def test_of_one_person_alone_all_others_stay():
    both = said(confirmed(LEFT, "Anna", ANNA), confirmed(RIGHT, "Berta", BERTA))
    before = write(b"", both).data
    renamed = said(confirmed(RIGHT, "Bertha", BERTA), people=frozenset({BERTA}))
    data = write(before, renamed).data
    assert named(data) == ["Anna", "Bertha"]
    assert words(data, DC, "subject") == ["Anna", "Bertha"]
    gone = write(data, said(people=frozenset({BERTA}))).data
    assert named(gone) == ["Anna"]
    assert words(gone, IPTC, "PersonInImage") == ["Anna"]


def test_regions_of_a_picture_of_another_shape_are_left_alone(lightroom):
    upright = replace(said(confirmed(LEFT, "Anna", ANNA)), size=(3000, 4000))
    with pytest.raises(PacketError, match="another shape"):
        write(lightroom, upright)
    ours = write(b"", said(confirmed(LEFT, "Anna", ANNA))).data
    turned = write(ours, replace(upright, regions=(confirmed(RIGHT, "Anna", ANNA),))).data
    assert b'stDim:w="3000"' in turned
    assert named(turned) == ["Anna"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda data: data.decode().encode("utf-32"), "damaged"),
        (lambda data: data.decode().encode("utf-16")[:-1], "damaged"),
        (lambda data: b'<?xml version="1.0" encoding="latin-1"?>' + data, "UTF-8"),
        (lambda data: b"not xml", "damaged"),
        (lambda data: b"<a/>", "damaged"),
        (
            lambda data: b'<!DOCTYPE x [<!ENTITY a "b">]>' + data[data.index(b"<x:xmpmeta") :],
            "damaged",
        ),
        (lambda data: data.replace(b"<dc:subject>", b"<dc:subject/><dc:subject>"), "does not know"),
        (lambda data: data.replace(b' xmp:Rating="4"', b' dc:subject="x"'), "does not know"),
    ],
)
def test_what_cannot_be_kept_is_refused(damage, reason, lightroom):
    lightroom = lightroom.replace(b'   xmp:Rating="4"', b'    xmp:Rating="4"')
    with pytest.raises(PacketError, match=reason):
        write(damage(lightroom), said(confirmed(LEFT, "Anna", ANNA)))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("start", ["", "\ufeff", '\ufeff<?xml version="1.0" encoding="UTF-16"?>'])
def test_a_packet_in_utf_16_stays_one(encoding, start, darktable):
    text = start + darktable.decode().partition("?>\n")[2]
    wide = text.encode(encoding)
    wanted = said(confirmed(LEFT, "Änna", ANNA))
    written = write(wide, wanted).data
    assert written.decode(encoding).startswith(start + "<x:xmpmeta")
    again = written.decode(encoding).removeprefix(start).encode()
    assert named(again) == ["Änna"]
    assert write(written, wanted).data == written
    assert write(wide, said()).data == wide


def test_other_prefixes_mean_the_same(lightroom):
    other = lightroom.replace(b"rdf:", b"r:").replace(b":rdf=", b":r=").replace(b"mwg-rs", b"m")
    data = write(other, said(confirmed(LEFT, "Anna", ANNA))).data
    assert named(data) == ["Carla", None, "Anna"]
    assert changed_lines(other, data) == []
    assert named(write(data, said()).data) == ["Carla", None]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_are_turned_as_the_file_is(orientation, tmp_path):
    stored = np.zeros((60, 100, 3), np.uint8)
    stored[5:20, 70:90] = 255
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    path = tmp_path / "a.png"
    Image.fromarray(stored).save(path, exif=exif)
    with OriginalFile(path, head_only=True) as original:
        assert read_orientation(original) == orientation
    upright = read_picture(path).pixels[:, :, 0]
    rows, columns = np.nonzero(upright)
    height, width = upright.shape
    box = Box(
        columns.min() / width,
        rows.min() / height,
        (np.ptp(columns) + 1) / width,
        (np.ptp(rows) + 1) / height,
    )
    found = stored_box(box, orientation)
    assert (found.x, found.y, found.w, found.h) == pytest.approx((0.7, 5 / 60, 0.2, 0.25))
