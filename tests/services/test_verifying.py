"""Two photos of the demo album compared as a scan would see them."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from photoclust.core.errors import CancelledError, ModelError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.services.verifying import compare, is_unclear
from photoclust.vision import models

SETTINGS = Settings()
CLOSE_UP = "2012 Oval Office/close-up.webp"
PORTRAIT = "2012 Oval Office/portrait sitting.jpg"
SIDEWAYS = "2009 Capitol/address, stored sideways.jpg"
FADED = "2012 Oval Office/faded print.tif"
BOTH = "2010 Blue Room/side by side.jpg"
BROKEN = "2012 Oval Office/half copied.jpg"
ASTRONAUT = "Space/astronaut.png"

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.mark.parametrize("other", [PORTRAIT, SIDEWAYS, FADED])
def test_one_person_in_two_photos(demo_album, other):
    """Whatever the format, and whether the photo lies on its side or is faded."""
    found = compare(demo_album / CLOSE_UP, demo_album / other, SETTINGS)
    assert found.main.same
    assert found.main.probability > 0.99
    assert found.main.similarity > found.threshold
    assert not found.same_picture
    assert (found.a.path, found.b.path) == (demo_album / CLOSE_UP, demo_album / other)
    assert found.pairs == (found.main,)


def test_two_people_and_the_other_way_round(demo_album):
    found = compare(demo_album / CLOSE_UP, demo_album / ASTRONAUT, SETTINGS)
    assert not found.main.same
    assert found.main.probability < 0.1
    assert found.main.similarity < found.threshold
    again = compare(demo_album / ASTRONAUT, demo_album / CLOSE_UP, SETTINGS)
    assert again.main.similarity == pytest.approx(found.main.similarity, abs=1e-4)
    assert (again.main.a, again.main.b) == (found.main.b, found.main.a)


def test_at_the_threshold_both_are_equally_likely(demo_album):
    found = compare(demo_album / CLOSE_UP, demo_album / PORTRAIT, SETTINGS)
    slope, offset = models.model_spec(SETTINGS.embedder).calibration["pair"]
    assert slope * found.threshold + offset == pytest.approx(0, abs=1e-9)
    assert found.model == SETTINGS.embedder


def test_the_largest_face_speaks_for_a_photo_and_every_pair_is_told(demo_album):
    found = compare(demo_album / CLOSE_UP, demo_album / BOTH, SETTINGS)
    areas = [face.detection.box.area for face in found.b.faces]
    assert len(areas) == 2
    assert found.b.main.detection.box.area == max(areas)
    # The larger one is the vice president; the president stands beside him.
    assert not found.main.same
    assert [pair.same for pair in found.pairs] == [True, False]
    assert found.pairs[1] == found.main
    assert {id(pair.b) for pair in found.pairs} == {id(face) for face in found.b.faces}


def test_a_file_compared_with_itself_or_a_copy(demo_album, tmp_path):
    copy = tmp_path / "copy.webp"
    shutil.copyfile(demo_album / CLOSE_UP, copy)
    for other in (demo_album / CLOSE_UP, copy):
        found = compare(demo_album / CLOSE_UP, other, SETTINGS)
        assert found.same_picture
        assert found.main.same
        assert found.main.similarity == pytest.approx(1, abs=1e-5)
        assert found.main.similarity <= 1


def test_boxes_are_in_the_pixels_of_the_upright_picture(demo_album, tmp_path):
    """A picture that EXIF turns has its face where a viewer sees it."""
    with Image.open(demo_album / CLOSE_UP) as image:
        upright = image.convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    upright.save(tmp_path / "upright.png")
    with Image.open(tmp_path / "turned.png") as image:
        assert ImageOps.exif_transpose(image).size == upright.size
    found = compare(tmp_path / "turned.png", tmp_path / "upright.png", SETTINGS)
    assert found.main.a.detection.box.iou(found.main.b.detection.box) > 0.95


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("coffee break.webp", r"no face was found in .*coffee break\.webp; give a photo"),
        (BROKEN, r"no picture can be read from .*half copied\.jpg \(the file is truncated"),
        ("../CREDITS.md", r"no picture can be read from .*CREDITS\.md"),
        ("Space", r"Space is a folder; give a photo"),
        ("Space/gone.jpg", r"gone\.jpg \(there is no such file\); check the path"),
        (f"{ASTRONAUT}/inside.jpg", r"inside\.jpg \(.*\); check the path"),
    ],
)
def test_what_cannot_be_compared_is_named(demo_album, name, complaint):
    for photos in ((name, CLOSE_UP), (CLOSE_UP, name), (name, name)):
        with pytest.raises(UserError, match=complaint):
            compare(*(demo_album / photo for photo in photos), SETTINGS)


def test_the_first_of_two_faults_is_told(demo_album):
    with pytest.raises(UserError, match="coffee break"):
        compare(demo_album / "coffee break.webp", demo_album / BROKEN, SETTINGS)


def test_a_model_without_a_calibration_is_refused_before_anything_is_read(monkeypatch):
    bare = replace(models.model_spec(SETTINGS.embedder), calibration={})
    monkeypatch.setattr(models, "list_models", lambda: (bare,))
    with pytest.raises(ModelError, match="no calibration 'pair'"):
        compare(Path("none.jpg"), Path("none.jpg"), SETTINGS)


def test_a_small_face_is_unclear(demo_album, tmp_path):
    with Image.open(demo_album / ASTRONAUT) as image:
        small = image.convert("RGB")
        small.thumbnail((90, 90))
    canvas = Image.new("RGB", (400, 400), (90, 110, 130))
    canvas.paste(small, (150, 150))
    canvas.save(tmp_path / "small.png")
    found = compare(tmp_path / "small.png", demo_album / ASTRONAUT, SETTINGS)
    assert is_unclear(found.a.main)
    assert not is_unclear(found.b.main)


@pytest.mark.processes
def test_worker_processes_do_the_looking_and_cancel_ends_them(demo_album):
    photos = demo_album / CLOSE_UP, demo_album / ASTRONAUT
    told = []
    control = JobControl(lambda progress: told.append((progress.done, progress.total)))
    assert not compare(*photos, SETTINGS, control=control).main.same
    assert (told[0], told[-1]) == ((0, 2), (2, 2))
    # No process that has to load networks is done by then.
    control = JobControl()
    timer = threading.Timer(0.1, control.cancel)
    timer.start()
    with pytest.raises(CancelledError):
        compare(*photos, SETTINGS, control=control)
    timer.join()


def test_cancelled_at_the_last_moment_there_is_no_answer(demo_album):
    control = JobControl(lambda progress: control.cancel() if progress.done == 2 else None)
    with pytest.raises(CancelledError):
        compare(demo_album / CLOSE_UP, demo_album / ASTRONAUT, SETTINGS, control=control)
