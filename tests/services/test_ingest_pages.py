"""Scans of files with several pictures: pages of TIFF and PDF files."""

import shutil

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from photoclust.core.errors import CancelledError
from photoclust.core.pages import page_path
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services import (
    browse,
    deciding,
    ingest,
    names_out_xmp,
    naming,
    pictures,
    places,
)
from photoclust.services.names_out import Wanted
from photoclust.services.thumbnail_care import photo_thumbnail_key, thumbnails
from photoclust.store import schema
from photoclust.store.database import Library

SETTINGS = Settings(workers=1)

pytestmark = pytest.mark.usefixtures("in_process")


def grey(level, size=(320, 240)):
    return Image.new("RGB", size, (level, level, 255 - level))


def write(path, *images):
    images[0].save(path, "TIFF", save_all=True, append_images=images[1:])
    return path


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def astronaut(demo_album):
    return Image.open(demo_album / "Space" / "astronaut.png").convert("RGB")


def scan(library, folder, **options):
    return ingest.ingest(library, [folder], SETTINGS, **options)


def files(library):
    with library.read() as tx:
        rows = tx.execute(select(schema.file.c.path, schema.file.c.state))
        return {row.path: row.state for row in rows}


def test_every_page_is_a_photo(library, folder, astronaut):
    path = write(folder / "a.tif", grey(10), astronaut, grey(90))

    report = scan(library, folder)

    assert (report.photos, report.faces, report.failed) == (3, 1, [])
    pages = [path, page_path(path, 2), page_path(path, 3)]
    assert files(library) == dict.fromkeys(pages)
    (face,) = browse.faces(library)
    assert face.path == page_path(path, 2)
    assert scan(library, folder).photos == 0


def test_a_page_is_shown_as_itself(library, folder, astronaut):
    path = write(folder / "a.tif", grey(10), astronaut)
    scan(library, folder)
    (number,) = browse.photos_at(library, [page_path(path, 2)])
    photo = browse.existing_photo(library, number)

    whole = pictures.upright_picture(photo, max_side=10_000)

    assert np.array_equal(whole, np.asarray(astronaut))
    assert thumbnails(library).get(photo_thumbnail_key(number)) is not None
    (face,) = browse.faces_of_photo(library, number)
    thumbnails(library).remove([str(face.id)])
    assert pictures.face_picture(library, face.id).startswith(b"\xff\xd8")


def test_a_scan_that_is_cut_off_among_the_pages_goes_on(library, folder, monkeypatch):
    write(folder / "a.tif", *(grey(level) for level in range(0, 250, 50)))
    control = JobControl()
    seen = []

    def cut_off(writer, outcome):
        writer._batch.append(outcome)
        writer.commit()
        seen.append(outcome.path)
        if len(seen) == 2:
            control.cancel()
            control.checkpoint()

    monkeypatch.setattr(ingest.ScanWriter, "add", cut_off)
    with pytest.raises(CancelledError):
        scan(library, folder, control=control)
    assert len(files(library)) == 2
    monkeypatch.undo()

    scan(library, folder)

    assert len(files(library)) == 5
    assert browse.counts(library)[0] == 5


def test_pages_that_are_taken_out_are_forgotten_and_come_back(library, folder, astronaut):
    path = write(folder / "a.tif", grey(10), astronaut, grey(90))
    whole = shutil.copyfile(path, folder.parent / "kept")
    scan(library, folder)
    (face,) = browse.faces(library)
    eileen = naming.name(library, f"f{face.id}", "Eileen").person

    write(path, grey(10))
    scan(library, folder)
    assert set(files(library)) == {path}
    assert browse.counts(library)[0] == 2  # that with a name is kept for its content

    shutil.copyfile(whole, path)
    scan(library, folder)
    assert set(files(library)) == {path, page_path(path, 2), page_path(path, 3)}
    (face,) = browse.faces(library)
    assert (face.path, face.person, face.confirmed) == (page_path(path, 2), eileen, True)


def test_a_file_that_moves_takes_its_pages_along(library, folder, astronaut):
    path = write(folder / "a.tif", grey(10), astronaut)
    scan(library, folder)
    before = {face.id for face in browse.faces(library)}
    (folder / "sub").mkdir()
    moved = path.rename(folder / "sub" / "b.tif")

    report = scan(library, folder)

    assert (report.faces, report.deleted) == (0, 0)
    assert files(library) == {moved: None, page_path(moved, 2): None}
    assert {face.id for face in browse.faces(library)} == before


def test_pages_of_a_file_that_is_deleted_are_deleted(library, folder):
    path = write(folder / "a.tif", grey(10), grey(80))
    grey(200).save(folder / "b.png")
    scan(library, folder)
    kept = path.rename(folder.parent / "kept.tif")

    assert scan(library, folder).deleted == 2
    assert files(library) == {
        path: "deleted",
        page_path(path, 2): "deleted",
        folder / "b.png": None,
    }
    kept.rename(path)
    assert scan(library, folder).returned == 2
    assert set(files(library).values()) == {None}

    path.unlink()
    places.note_gone(library, [path], [])
    assert files(library)[page_path(path, 2)] == "deleted"
    assert places.purge(library).photos == 2


def test_a_page_that_cannot_be_read_is_a_failure_of_its_own(library, folder):
    path = write(folder / "a.tif", grey(10), grey(80), grey(150))
    data = bytearray(path.read_bytes())
    with Image.open(path) as image:
        image.seek(1)
        at = image.tag_v2._offset + 2
    for entry in range(at, at + 12 * 20, 12):
        if int.from_bytes(data[entry : entry + 2], "little") == 273:  # where its pixels are
            data[entry + 8 : entry + 12] = (2**31).to_bytes(4, "little")
            break
    path.write_bytes(data)

    report = scan(library, folder)

    assert report.photos == 2
    assert [failure.path for failure in report.failed] == [page_path(path, 2)]
    again = scan(library, folder)
    assert (again.photos, again.failed) == (0, report.failed)
    assert browse.failures(library) == report.failed
    path.unlink()
    scan(library, folder)
    assert browse.failures(library) == []


def test_documents_without_photos_are_counted_and_no_failures(library, folder):
    Image.new("RGB", (600, 800), "white").save(folder / "letter.pdf")
    grey(90).save(folder / "photo.pdf")

    for photos in (1, 0):
        report = scan(library, folder)
        assert (report.photos, report.documents, report.failed) == (photos, 1, [])
    assert browse.failures(library) == []
    assert browse.overview(library).failures == 0


def test_what_is_said_of_a_page_stays_when_its_file_is_copied(library, folder, astronaut):
    path = write(folder / "a.tif", grey(10), astronaut)
    scan(library, folder)
    (number,) = browse.photos_at(library, [page_path(path, 2)])
    deciding.set_date(library, [number], None)
    copy = shutil.copyfile(path, folder / "copy.tif")

    scan(library, folder)

    assert browse.photos_at(library, [page_path(copy, 2)]) == [number]
    assert browse.photos_at(library, [copy]) == browse.photos_at(library, [path])


def test_names_on_pages_leave_and_come_back_in_sidecars(library, folder, astronaut, tmp_path):
    path = write(folder / "a.tif", grey(10), astronaut)
    scan(library, folder)
    (face,) = browse.faces(library)
    naming.name(library, f"f{face.id}", "Eileen")

    report = names_out_xmp.export_sidecars(library, Wanted(None))

    assert (report.written, report.failed) == (2, [])  # that of the file names everybody in it
    assert {each.name for each in folder.glob("*.xmp")} == {"a.tif.xmp", "a.tif page 2.xmp"}
    with Library(tmp_path / "other") as other:
        scan(other, folder)
        (face,) = browse.faces(other)
        assert (face.path, face.confirmed) == (page_path(path, 2), True)


def test_a_sidecar_of_a_page_that_comes_later_is_read(library, folder, astronaut, tmp_path):
    write(folder / "a.tif", grey(10), astronaut)
    scan(library, folder)
    with Library(tmp_path / "other") as other:
        scan(other, folder)
        (face,) = browse.faces(other)
        naming.name(other, f"f{face.id}", "Eileen")
        names_out_xmp.export_sidecars(other, Wanted(None))

    scan(library, folder)

    (face,) = browse.faces(library)
    assert face.confirmed


def test_a_file_that_cannot_be_read_keeps_its_pages(library, folder, astronaut):
    path = write(folder / "a.tif", grey(10), astronaut)
    scan(library, folder)
    path.write_bytes(b"II*\0" + bytes(200))

    assert [failure.path for failure in scan(library, folder).failed] == [path]
    assert set(files(library)) == {path, page_path(path, 2)}
