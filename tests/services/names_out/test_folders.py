"""A folder of photos for each person."""

import errno
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.pages import page_path
from photoclust.core.progress import JobControl
from photoclust.services import names_out, names_out_folders
from photoclust.services.names_out import Wanted
from photoclust.services.names_out_folders import MAX_NAME_BYTES, Link, safe_name
from photoclust.services.names_out_gallery import export_gallery


def export(shelf, target, **options):
    wanted = Wanted(options.pop("people", None))
    return names_out_folders.export_folders(shelf.library, target, wanted, **options)


def found(target):
    return sorted(str(path.relative_to(target)) for path in target.rglob("*.*"))


@pytest.mark.parametrize("link", list(Link))
def test_a_photo_of_two_is_in_the_folder_of_each(decided, tmp_path, link):
    target = tmp_path / "out"
    report = export(decided, target, link=link)
    assert found(target) == ["Anna Ö/a.jpg", "Berta/a.jpg", "Berta/b.jpg"]
    assert (report.made, report.people, report.fell_back) == (3, 2, "")
    path, original = target / "Berta/a.jpg", decided.folder / "a.jpg"
    assert path.read_bytes() == original.read_bytes()
    assert path.is_symlink() is (link is Link.SYMBOLIC)
    assert (path.stat().st_ino == original.stat().st_ino) is (link is not Link.COPY)
    assert stat.S_IMODE((target / "Berta").stat().st_mode) == 0o700
    again = export(decided, target, link=link)
    assert (again.made, again.there) == (0, 3)
    assert len(found(target)) == 3


def test_of_a_shot_one_form_is_in_each_folder_unless_all_are_wanted(decided, tmp_path):
    decided.stack("a.jpg", "trip/b.jpg")
    report = export(decided, tmp_path / "out")
    assert found(tmp_path / "out") == ["Anna Ö/a.jpg", "Berta/a.jpg"]
    assert (report.made, report.people) == (2, 2)
    assert names_out.count(decided.library, Wanted()).photos == 2
    assert names_out.count(decided.library, Wanted(), all_forms=False).photos == 1
    export(decided, tmp_path / "every", all_forms=True)
    assert found(tmp_path / "every") == ["Anna Ö/a.jpg", "Berta/a.jpg", "Berta/b.jpg"]


def test_a_form_that_is_there_is_put_in_place_of_one_that_is_not(decided, tmp_path):
    decided.stack("a.jpg", "trip/b.jpg")
    (decided.folder / "a.jpg").unlink()
    people = names_out.find_people(decided.library, ["Berta"])
    report = export(decided, tmp_path / "out", people=people)
    assert found(tmp_path / "out") == ["Berta/b.jpg"]
    assert report.offline == 0
    assert export(decided, tmp_path / "out", people=people, all_forms=True).offline == 1


def test_a_file_with_several_photos_of_one_is_put_there_once(shelf, tmp_path):
    path = shelf.folder / "album.tif"
    first, *more = (Image.new("L", (400, 300), shade) for shade in (60, 120, 180))
    first.save(path, save_all=True, append_images=more)
    for page in (path, page_path(path, 2), page_path(path, 3)):
        shelf.know(page)
    for page in ("album.tif", "album.tif/page 2", "album.tif/page 3"):
        shelf.name(page, 0, "Anna")
    shelf.name("album.tif/page 3", 1, "Berta")
    report = export(shelf, tmp_path / "out")
    assert found(tmp_path / "out") == ["Anna/album.tif", "Berta/album.tif"]
    assert (report.made, report.there, report.in_same) == (2, 0, 2)
    again = export(shelf, tmp_path / "out")
    assert (again.made, again.there, again.in_same) == (0, 2, 2)


def test_photos_of_one_name_size_and_time_are_all_put_there(shelf, tmp_path):
    for name, shade in (("one/a.bmp", 60), ("two/a.bmp", 120)):
        path = shelf.folder / name
        path.parent.mkdir()
        Image.new("L", (400, 300), shade).save(path)
        os.utime(path, ns=(10**18, 10**18))
        shelf.know(path)
        shelf.name(name, 0, "Anna")
    for made, there in ((2, 0), (0, 2)):
        report = export(shelf, tmp_path / "out")
        assert (report.made, report.there) == (made, there)
    copies = [(tmp_path / "out/Anna" / name).read_bytes() for name in ("a.bmp", "a (2).bmp")]
    assert copies[0] != copies[1]


def test_nothing_is_overwritten(decided, tmp_path):
    target = tmp_path / "out"
    (target / "Berta").mkdir(parents=True)
    (target / "Berta/a.jpg").write_text("mine")
    export(decided, target)
    assert (target / "Berta/a.jpg").read_text() == "mine"
    assert "Berta/a (2).jpg" in found(target)
    with pytest.raises(UserError, match="is a file"):
        export(decided, target / "Berta/a.jpg")


def test_copies_do_not_come_among_the_photos(decided, tmp_path):
    (tmp_path / "link").symlink_to(decided.folder)
    for target in (decided.folder, decided.folder / "trip/out", tmp_path / "link/out"):
        with pytest.raises(UserError, match="next scan would take what is exported"):
            export(decided, target)
        with pytest.raises(UserError, match="next scan would take what is exported"):
            export_gallery(decided.library, "Berta", target / "page")
    assert found(decided.folder) == ["a.jpg", "trip/b.jpg"]
    skipped = decided.folder / "Trip/Exported"
    assert export(decided, skipped / "out", skip_patterns=["exported"]).made == 3


def test_hidden_people_have_one_only_when_asked_for(decided, tmp_path):
    people = names_out.find_people(decided.library, ["Carla"])
    export(decided, tmp_path / "out", people=people)
    assert found(tmp_path / "out") == ["Carla/b.jpg"]


def test_people_whose_names_look_the_same_to_a_disk_are_kept_apart(shelf, tmp_path):
    shelf.add("a.jpg")
    for place, name in enumerate(("Anna", "Anna:", "Anna (2)")):
        shelf.name("a.jpg", place, name.replace(":", "."))
    export(shelf, tmp_path / "out")
    assert found(tmp_path / "out") == ["Anna (2) (2)/a.jpg", "Anna (2)/a.jpg", "Anna/a.jpg"]


def test_where_links_are_refused_photos_are_copied_and_that_is_told(decided, tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    report = export(decided, tmp_path / "out", link=Link.HARD)
    assert report.made == 3
    assert "Copied instead of linked" in report.fell_back
    assert (tmp_path / "out/Berta/a.jpg").read_bytes() == (decided.folder / "a.jpg").read_bytes()


def test_what_is_cut_off_leaves_no_half_photo(decided, tmp_path):
    control = JobControl()
    control.cancel()
    work = names_out_folders._Sorting(Link.COPY, control)
    with pytest.raises(CancelledError):
        work.put(decided.folder / "a.jpg", tmp_path)
    assert not list(tmp_path.glob("*.jpg"))
    assert not list(tmp_path.glob(".*"))


def test_a_photo_that_is_away_is_told(decided, tmp_path):
    (decided.folder / "a.jpg").unlink()
    assert export(decided, tmp_path / "out").offline == 1


@given(st.text(max_size=300))
def test_names_are_safe_everywhere(name):
    safe = safe_name(name)
    assert safe
    assert len(safe.encode()) <= MAX_NAME_BYTES + 1
    assert not set(safe) & set('<>:"/\\|?*\0')
    assert safe.strip(" .") == safe
    assert safe not in {".", ".."}


@pytest.mark.parametrize("name", ["con", "NUL", "Lpt1.txt", "aux."])
def test_names_of_devices_are_none_of_folders(name):
    assert safe_name(name).startswith("_")
