"""A contact sheet and a web page of a person."""

import re
import stat
from html.parser import HTMLParser

import pytest
from PIL import Image

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate, parse_date
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import Box
from photoclust.services import deciding, names_out_gallery, names_out_sheet
from photoclust.services.names_out_album import album_of, listed


@pytest.fixture
def berta(decided):
    """Two photos of Berta, with dates."""
    for name, date in (("a.jpg", "1987-05-12"), ("trip/b.jpg", "1985")):
        deciding.set_date(decided.library, [decided.photos[name]], parse_date(date))
    return decided


def test_an_album_begins_with_the_oldest(berta):
    album = album_of(berta.library, "berta")
    assert [shown.photo.paths[0].name for shown in album.photos] == ["b.jpg", "a.jpg"]
    assert album.subtitle == "2 photos, 1985 – 1987"
    assert album.photos[0].words == "Berta, 1985"  # who is hidden is not told
    assert album.photos[1].words == "Berta and Anna Ö., 12 May 1987"


def test_an_album_has_one_form_of_a_shot_unless_all_are_wanted(berta, tmp_path):
    berta.stack("trip/b.jpg", "a.jpg")
    assert [shown.photo.paths[0].name for shown in album_of(berta.library, "berta").photos] == [
        "b.jpg"
    ]
    assert len(album_of(berta.library, "berta", all_forms=True).photos) == 2
    sheet = names_out_sheet.export_sheet(berta.library, "Berta", tmp_path / "one.pdf")
    every = names_out_sheet.export_sheet(
        berta.library, "Berta", tmp_path / "all.pdf", all_forms=True
    )
    assert (sheet.photos, every.photos) == (1, 2)
    page = names_out_gallery.export_gallery(berta.library, "Berta", tmp_path / "one")
    pages = names_out_gallery.export_gallery(
        berta.library, "Berta", tmp_path / "all", all_forms=True
    )
    assert (page.photos, pages.photos) == (1, 2)


def test_who_is_meant_must_be_clear(berta):
    berta.add("c.jpg")
    face = berta.faces["c.jpg"][0]
    from photoclust.services import naming

    other = naming.name(berta.library, f"f{face}", "Berta", another=True).person
    with pytest.raises(UserError, match=f"several people are called Berta.*p{other}"):
        album_of(berta.library, "Berta")
    assert len(album_of(berta.library, f"p{other}").photos) == 1
    with pytest.raises(UserError, match="nobody called"):
        album_of(berta.library, "Zoe")


def test_names_are_listed():
    assert listed([]) == ""
    assert listed(["A", "B", "C"]) == "A, B and C"


def test_a_contact_sheet_has_its_pages(berta, tmp_path):
    target = tmp_path / "berta.pdf"
    for number in range(30):
        berta.add(f"more/{number}.jpg")
        berta.name(f"more/{number}.jpg", 0, "Berta")
    sheet = names_out_sheet.export_sheet(berta.library, "Berta", target)
    data = target.read_bytes()
    assert data.startswith(b"%PDF-")
    assert sheet.pages > 1
    assert int(re.findall(rb"/Count (\d+)", data)[-1]) == sheet.pages
    assert sheet.photos == 32
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(UserError, match="there already"):
        names_out_sheet.export_sheet(berta.library, "Berta", target)


@pytest.mark.parametrize("size", [(300, 301), (299, 168), (33, 400), (900, 31)])
def test_photos_of_every_shape_are_drawn(shelf, tmp_path, size):
    path = shelf.folder / "a.png"
    Image.new("RGB", size).save(path)
    shelf.know(path, size=size, boxes=[Box(2, 2, 20, 20)])
    shelf.name("a.png", 0, "Anna")
    assert names_out_sheet.export_sheet(shelf.library, "Anna", tmp_path / "a.pdf").pages == 1


def test_photos_lie_inside_the_page(berta):
    album = album_of(berta.library, "Berta")
    for page in names_out_sheet._paged(album):
        for placed in page:
            assert placed.x >= 0
            assert placed.x + placed.w <= names_out_sheet.PAGE[0] - names_out_sheet._MARGIN + 1
            assert placed.y + placed.h <= names_out_sheet.PAGE[1] - names_out_sheet._MARGIN


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def all(self, wanted):
        return [attributes for tag, attributes in self.tags if tag == wanted]


def test_a_web_page_needs_nothing_from_elsewhere(berta, tmp_path):
    target = tmp_path / "page"
    made = names_out_gallery.export_gallery(berta.library, "Berta", target)
    text = made.page.read_text("utf-8")
    page = Page(text)
    assert not page.all("script")
    assert "http" not in text.replace("http-equiv", "")
    assert [image["alt"] for image in page.all("img")] == [
        "Berta, 1985",
        "Berta and Anna Ö., 12 May 1987",
    ]
    for image, link in zip(page.all("img"), page.all("a"), strict=True):
        assert (target / image["src"]).is_file()
        assert (target / link["href"]).is_file()
    assert page.all("html")[0]["lang"] == "en"
    for path in target.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    with Image.open(target / "pictures/0001.jpg") as image:
        assert image.size == (400, 300)  # it stands
        assert not image.getexif()
    with pytest.raises(UserError, match="there already"):
        names_out_gallery.export_gallery(berta.library, "Berta", target)


def test_a_name_is_no_markup(shelf, tmp_path):
    shelf.add("a.jpg")
    shelf.name("a.jpg", 0, '<img src=x onerror="1">')
    made = names_out_gallery.export_gallery(shelf.library, "p1", tmp_path / "page")
    page = Page(made.page.read_text("utf-8"))
    assert len(page.all("img")) == 1
    assert page.all("img")[0]["alt"].startswith("<img src=x")


@pytest.mark.parametrize("export", [names_out_sheet.export_sheet, names_out_gallery.export_gallery])
def test_nothing_is_left_of_what_was_cancelled(berta, tmp_path, export):
    control = JobControl()
    control.cancel()
    before = set(tmp_path.iterdir())
    with pytest.raises(CancelledError):
        export(berta.library, "Berta", tmp_path / "out", control=control)
    assert set(tmp_path.iterdir()) == before


def test_the_date_of_a_file_is_not_told(berta):
    album = album_of(berta.library, "Anna Ö.")
    file_date = PhotoDate(album.photos[0].photo.date.value, DatePrecision.DAY, DateSource.FILE)
    assert not file_date.is_evidence
    deciding.set_date(berta.library, [berta.photos["a.jpg"]], None)
    assert album_of(berta.library, "Anna Ö.").photos[0].date == ""
