"""Scans of videos: who is in them, each once."""

import os
import shutil

import pytest
from PIL import Image
from sqlalchemy import select

from photoclust.core.dates import parse_date
from photoclust.core.pages import file_of, moment_of
from photoclust.core.settings import Settings
from photoclust.media import video
from photoclust.media.xmp.editing import Packet
from photoclust.services import (
    browse,
    copying,
    deciding,
    ingest,
    naming,
    pictures,
    places,
    stacking,
)
from photoclust.services.names_in import take_over
from photoclust.services.names_in_sources import Source, find_names
from photoclust.services.names_out import Wanted
from photoclust.services.names_out_xmp import export_sidecars
from photoclust.store import schema

SETTINGS = Settings(workers=1)

pytestmark = pytest.mark.usefixtures("in_process")
SIZE = (640, 480)


@pytest.fixture(scope="module")
def faces(demo_album):
    """Pictures of two people, and one of nobody."""

    def shown(name, box):
        picture = Image.new("RGB", SIZE, (70, 90, 80))
        face = Image.open(demo_album / name).convert("RGB").crop(box).resize((400, 400))
        picture.paste(face, (100, 40))
        return picture

    return (
        shown("Space/astronaut.png", (126, 14, 336, 224)),
        shown("2012 Oval Office/portrait sitting.jpg", (250, 20, 740, 510)),
        Image.linear_gradient("L").convert("RGB").resize(SIZE),
    )


@pytest.fixture(scope="module")
def clips(tmp_path_factory, make_clip, faces):
    """`party.mp4` of both people one after the other, and `empty.mov` of nobody."""
    folder = tmp_path_factory.mktemp("clips")
    one, two, nobody = faces
    make_clip(folder / "party.mp4", [nobody, one, one, one, two, two, two, nobody])
    make_clip(folder / "empty.mov", [nobody] * 2)
    return folder


@pytest.fixture
def folder(tmp_path, clips):
    return shutil.copytree(clips, tmp_path / "videos")


def scan(library, folder):
    return ingest.ingest(library, [folder], SETTINGS)


def files(library):
    with library.read() as tx:
        return sorted(tx.execute(select(schema.file.c.path)).scalars())


def test_everybody_in_a_video_is_found_once(library, folder):
    report = scan(library, folder)

    assert (report.faces, report.failed) == (2, [])
    party = folder / "party.mp4"
    found = browse.faces(library)
    assert {file_of(face.path) for face in found} == {party}
    assert len({face.path for face in found}) == 2
    moments = [path for path in files(library) if moment_of(path) is not None]
    assert all(2 <= moment_of(path) / 1000 + 1 <= 8 for path in moments)
    assert {folder / "empty.mov", party} <= set(files(library))
    again = scan(library, folder)
    assert (again.photos, again.unchanged) == (0, 2)


def test_a_video_is_shown_as_one(library, folder):
    scan(library, folder)

    (stack,) = stacking.stacks(library)

    assert stack.kind is stacking.StackKind.VIDEO
    assert stack.photos[0].paths == (folder / "party.mp4",)
    assert len(stack.photos) == len(files(library)) - 1


def test_a_face_is_shown_and_embedded_from_its_moment(library, folder):
    scan(library, folder)
    face = next(face for face in browse.faces(library) if moment_of(face.path) is not None)
    (number,) = browse.photos_at(library, [face.path])
    photo = browse.existing_photo(library, number)

    assert pictures.upright_picture(photo, max_side=2000).shape == (SIZE[1], SIZE[0], 3)
    assert pictures.face_closeup(library, face.id).startswith(b"\xff\xd8")


def test_a_video_that_is_copied_or_moved_is_not_looked_at_again(library, folder, monkeypatch):
    scan(library, folder)
    before = files(library)
    (folder / "sub").mkdir()
    (folder / "party.mp4").rename(folder / "sub" / "fete.mp4")
    monkeypatch.setattr(video.VideoFile, "moments", None)

    report = scan(library, folder)

    assert (report.faces, report.failed, report.deleted) == (0, [], 0)
    assert len(files(library)) == len(before)
    assert {file_of(path).name for path in files(library)} == {"fete.mp4", "empty.mov"}
    shutil.copyfile(folder / "sub" / "fete.mp4", folder / "copy.mp4")
    scan(library, folder)
    assert sum(file_of(path).name == "copy.mp4" for path in files(library)) == len(before) - 1
    assert browse.counts(library)[0] == len(before)


def test_a_video_that_becomes_another_keeps_names_of_nobody_it_does_not_show(
    library, folder, make_clip, faces
):
    scan(library, folder)
    face = browse.faces(library)[0]
    naming.name(library, f"f{face.id}", "Eileen")
    make_clip(folder / "party.mp4", [faces[2]] * 3)

    scan(library, folder)

    assert files(library) == [folder / "empty.mov", folder / "party.mp4"]


def test_a_copy_of_a_moment_is_a_copy_of_its_video(library, folder, tmp_path):
    scan(library, folder)
    moments = [path for path in files(library) if file_of(path).name == "party.mp4"]
    target = tmp_path / "out"
    target.mkdir()

    copied = copying.copy_photos(
        library, browse.photos_at(library, moments), target, with_place=True
    )

    assert [path.name for path in copied.files] == ["party.mp4"]


def test_the_moving_part_of_a_photo_is_no_video(library, folder, faces):
    faces[2].save(folder / "IMG_1.JPG")
    shutil.copyfile(folder / "empty.mov", folder / "IMG_1.mov")

    scan(library, folder)

    assert folder / "IMG_1.mov" not in files(library)
    assert folder / "IMG_1.JPG" in files(library)


def test_without_the_extra_videos_are_counted(library, folder, monkeypatch):
    monkeypatch.setattr(video, "is_readable", lambda: False)

    report = scan(library, folder)

    assert (report.photos, report.videos, report.failed) == (0, 2, [])


@pytest.mark.processes
def test_a_worker_process_reads_videos(library, folder):
    assert scan(library, folder).faces == 2


def test_the_sidecar_of_a_video_names_everybody_in_it_and_nobody_new_on_the_way_back(
    library, folder
):
    scan(library, folder)
    one, two = browse.faces(library)
    naming.name(library, f"f{one.id}", "Anna")
    naming.name(library, f"f{two.id}", "Berta")
    report = export_sidecars(library, Wanted())
    assert report.failed == []
    packet = Packet((folder / "party.mp4.xmp").read_bytes())
    people = packet.texts(("http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "PersonInImage"))
    assert sorted(people) == ["Anna", "Berta"]
    assert not (folder / "empty.mov.xmp").exists()
    told = find_names(library, Source.FILES)
    assert told.problems == ()
    assert take_over(library, told, "files").tagged == 0
    before = browse.overview(library)
    scan(library, folder)
    assert browse.overview(library) == before


def test_a_folder_that_is_taken_out_and_added_again_has_the_names_of_its_videos(library, folder):
    """Of the video itself something is known, but not any more which moments it has."""
    scan(library, folder)
    before = files(library)
    moments = {face.path: face.id for face in browse.faces(library)}
    for number, face in enumerate(sorted(moments.values())):
        naming.name(library, f"f{face}", f"Person {number}")
    (party,) = browse.photos_at(library, [folder / "party.mp4"])
    deciding.set_date(library, [party], parse_date("2019"))
    places.remove_folder(library, folder, forget_people=False)
    assert files(library) == []

    scan(library, folder)

    found = browse.faces(library)
    assert {face.path: face.id for face in found} == moments
    assert all(face.confirmed for face in found)
    assert files(library) == before
    assert browse.photos_at(library, [folder / "party.mp4"]) == [party]


def test_a_video_whose_time_alone_changes_keeps_its_moments(library, folder, monkeypatch):
    scan(library, folder)
    before, faces = files(library), {face.id for face in browse.faces(library)}
    os.utime(folder / "party.mp4", (10**9, 10**9))
    monkeypatch.setattr(video.VideoFile, "moments", None)

    report = scan(library, folder)

    assert (report.faces, report.failed) == (0, [])
    assert files(library) == before
    assert {face.id for face in browse.faces(library)} == faces
    with library.read() as tx:
        times = set(tx.execute(select(schema.file.c.mtime_ns)).scalars())
    assert 10**18 in times


def test_two_copies_of_a_video_that_was_known_once_are_both_read(library, folder):
    scan(library, folder)
    before = files(library)
    (party,) = browse.photos_at(library, [folder / "party.mp4"])
    deciding.set_date(library, [party], parse_date("2019"))
    places.remove_folder(library, folder, forget_people=False)
    shutil.copyfile(folder / "party.mp4", folder / "party again.mp4")

    report = scan(library, folder)

    assert report.failed == []
    moments = sum(file_of(path).name == "party.mp4" for path in before)
    assert len(files(library)) == len(before) + moments


def test_a_video_that_cannot_be_read_keeps_what_is_known_of_it(library, folder):
    scan(library, folder)
    before = files(library)
    whole = (folder / "party.mp4").read_bytes()
    (folder / "party.mp4").write_bytes(whole[: len(whole) // 2])

    assert [failure.path for failure in scan(library, folder).failed] == [folder / "party.mp4"]
    assert files(library) == before
