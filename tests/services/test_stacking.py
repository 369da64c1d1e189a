"""Which photos are shown as one, and how names go over between the forms of a shot."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from photoclust.core.errors import CancelledError
from photoclust.core.progress import JobControl
from photoclust.core.regions import FoundNames, NamedRegion
from photoclust.core.types import Box, Detection, EntryId, FileStat, FoundFace, Metadata
from photoclust.services import browse, names_in, naming, stacking
from photoclust.services.history import undo
from photoclust.services.stacking import StackKind
from photoclust.services.timeline import timeline
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import journal
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store import stacks as stack_store
from photoclust.vision.models import DEFAULT_EMBEDDER

MORNING = datetime(2020, 5, 1, 9)  # noqa: DTZ001 - as EXIF tells it


def look(seed, flipped=0):
    """What a made-up picture looks like, and another form of it that differs in so many bits."""
    rng = np.random.default_rng(seed)
    bits = rng.permutation(np.arange(256) < 128)
    bits[rng.choice(256, flipped, replace=False)] ^= True
    return np.packbits(bits).tobytes()


def vector(seed, other=None, share=0.0):
    """A direction; with `other` one that far towards it."""
    mine = np.random.default_rng(seed).normal(size=512).astype(np.float32)
    mine /= np.linalg.norm(mine)
    mixed = mine if other is None else (1 - share) * mine + share * vector(other)
    return mixed / np.linalg.norm(mixed)


@pytest.fixture
def add(library, tmp_path):
    """`add(name, …)`: a photo with faces, as (box, vector); gives its id and theirs."""

    def add(name, seen=None, *, at=None, size=(400, 300), faces=(), run=None):
        points = ((1, 1),) * 5
        found = [FoundFace(Detection(Box(*box), points, 0.9), 0.8, each) for box, each in faces]
        stat = FileStat(tmp_path / name, 1, 1)
        with library.write() as tx:
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=size,
                turn=0,
                metadata=Metadata(taken_at=at),
                stat=stat,
                detector="made-up",
                run=run,
                look=seen,
            )
            file_store.write_file(tx, stat, photo, name.encode().hex().zfill(40)[-40:])
            ids = face_store.replace_faces(tx, photo, found, size, DEFAULT_EMBEDDER)
        return photo, ids

    return add


def stacked(library):
    """The names of the photos of each stack, the one shown first."""
    stacking.rebuild(library)
    return [[photo.paths[0].name for photo in stack.photos] for stack in stacking.stacks(library)]


# By name


def test_raw_and_jpeg_of_one_shot_are_shown_as_the_jpeg(library, add):
    for name in ("IMG_1.CR2", "IMG_1.JPG", "IMG_1.HEIC", "IMG_2.CR2", "other/IMG_1.JPG"):
        add(name)

    assert stacked(library) == [["IMG_1.JPG", "IMG_1.CR2", "IMG_1.HEIC"]]
    assert [stack.kind for stack in stacking.stacks(library)] == [StackKind.SHOT]


@pytest.mark.parametrize("name", ["IMG_E1234.JPG", "IMG_1234-bearbeitet.png", "IMG_1234~2.JPG"])
def test_an_edited_version_is_shown_however_it_was_cut(library, add, name):
    add("IMG_1234.JPG", look(1))
    add(name, look(2), size=(200, 100))

    assert stacked(library) == [[name, "IMG_1234.JPG"]]


def test_a_copy_is_one_only_if_it_looks_so(library, add):
    """Takeout calls a second photo of one name so, too."""
    add("IMG_1.JPG", look(1))
    add("IMG_1 (1).JPG", look(1, 60))
    add("IMG_1 (2).JPG", look(2))

    assert stacked(library) == [["IMG_1.JPG", "IMG_1 (1).JPG"]]


def test_a_number_that_a_camera_gave_twice_is_two_shots(library, add):
    add("IMG_1.CR2", look(1))
    add("IMG_1.JPG", look(2))
    add("IMG_2.CR2", look(3))
    add("IMG_2.JPG", look(3, 100))

    assert stacked(library) == [["IMG_2.JPG", "IMG_2.CR2"]]


def test_a_form_whose_file_is_gone_is_not_the_one_shown(library, add, tmp_path):
    add("IMG_1.JPG")
    add("IMG_1.CR2")
    with library.write() as tx:
        file_store.set_state(tx, [tmp_path / "IMG_1.JPG"], file_store.FileState.DELETED)

    assert stacked(library) == [["IMG_1.CR2", "IMG_1.JPG"]]


# By look


def test_a_copy_of_another_name_and_time_is_found(library, add):
    add("a.jpg", look(1), at=MORNING, size=(4000, 3000))
    add("b.jpg", look(1, 10), at=MORNING + timedelta(days=9), size=(1600, 1200))
    add("c.jpg", look(2), at=MORNING)

    assert stacked(library) == [["a.jpg", "b.jpg"]]
    assert stacking.stacks(library)[0].kind is StackKind.ALIKE


def test_a_burst_is_close_in_time_by_the_clock_of_a_camera(library, add):
    for number in range(3):
        add(f"IMG_{number}.jpg", look(1, 40 * number), at=MORNING + timedelta(seconds=number))
    add("IMG_9.jpg", look(1, 50), at=MORNING + timedelta(hours=1))
    add("scan 1.jpg", look(5))  # files that were copied have one time
    add("scan 2.jpg", look(5, 50))

    (burst,) = stacked(library)
    assert sorted(burst) == ["IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"]


def test_what_is_not_alike_any_more_is_alone_again(library, add):
    photo, _ = add("a.jpg", look(1))
    other, _ = add("b.jpg", look(1))
    assert stacking.rebuild(library) == {photo, other}
    assert stacking.rebuild(library) == set()
    with library.write() as tx:
        stack_store.write_looks(tx, {other: look(2)})

    assert stacking.rebuild(library) == {photo, other}
    assert stacking.stacks(library) == []


def test_cancelling_ends_it_with_nothing_written(library, add):
    add("a.jpg", look(1))
    add("b.jpg", look(1))
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        stacking.rebuild(library, control=control)

    assert stacking.stacks(library) == []


def test_an_empty_library_has_no_stacks(library):
    assert stacked(library) == []


# The timeline


def test_the_timeline_shows_one_photo_of_a_stack_and_all_when_it_is_opened(library, add):
    alone, _ = add("x.jpg", look(9), at=MORNING + timedelta(days=1))
    cover, _ = add("a.jpg", look(1), at=MORNING, size=(4000, 3000))
    older, _ = add("b.jpg", look(1), at=MORNING - timedelta(days=400))
    stacking.rebuild(library)

    shown = timeline(library)
    assert shown.photos.tolist() == [alone, cover]
    assert shown.stacks == {cover: 2}
    assert [(month.year, month.start, month.count) for month in shown.months] == [(2020, 0, 2)]

    opened = timeline(library, {older})
    assert opened.photos.tolist() == [alone, cover, older]
    assert sum(month.count for month in opened.months) == 3
    assert not opened.same_as(shown)


def test_of_photos_whose_cover_is_gone_the_first_is_shown(library, add):
    cover, _ = add("a.jpg", look(1), size=(4000, 3000))
    left, _ = add("b.jpg", look(1))
    also, _ = add("c.jpg", look(1))
    stacking.rebuild(library)
    with library.write() as tx:
        photo_store.delete_photos(tx, [cover])

    shown = timeline(library)
    assert shown.photos.tolist() == [left]
    assert shown.stacks == {left: 2}
    spread = timeline(library, [left])
    assert spread.photos.tolist() == [left, also]
    assert (spread.shown, spread.all_forms) == (shown.shown, shown.all_forms) == (1, 2)


def test_of_a_list_one_of_each_stack_is_left(library, add):
    cover, other = add("a.jpg", look(1), size=(4000, 3000))[0], add("b.jpg", look(1))[0]
    third, alone = add("c.jpg", look(1))[0], add("d.jpg", look(2))[0]
    stacking.rebuild(library)

    def left(*photos):
        return browse.as_shown(library, photos).shown

    assert left(alone, other, cover, third) == (alone, cover)
    assert left(third, alone, other) == (third, alone)


# Names

LEFT, RIGHT = (10, 10, 40, 40), (100, 10, 40, 40)


def people_of(library, faces):
    with library.read() as tx:
        found = people_store.confirmed_people(tx, faces)
    return [found.get(face) for face in faces]


def test_a_name_goes_over_to_the_same_face_of_the_raw_file_and_back_with_undo(library, add):
    _, jpeg = add("IMG_1.JPG", faces=[(LEFT, vector(1)), (RIGHT, vector(2))])
    half = [tuple(value / 2 for value in box) for box in (RIGHT, LEFT)]
    _, raw = add(
        "IMG_1.CR2", size=(200, 150), faces=list(zip(half, map(vector, (2, 1)), strict=True))
    )
    _, other = add("IMG_2.JPG", faces=[(LEFT, vector(1))])
    stacking.rebuild(library)

    named = naming.name(library, f"f{jpeg[0]}", "Anna")

    assert people_of(library, [*jpeg, *raw, *other]) == [
        named.person,
        None,
        None,
        named.person,
        None,
    ]
    undo(library)
    assert people_of(library, [*jpeg, *raw]) == [None] * 4


def test_in_a_version_that_was_cut_the_face_is_known_by_its_vector(library, add):
    _, original = add("IMG_1.JPG", faces=[(LEFT, vector(1)), (RIGHT, vector(2))])
    near = [((200, 200, 90, 90), vector(2, 1, 0.1)), ((10, 10, 40, 40), vector(2, 1, 0.4))]
    _, cut = add("IMG_1-edited.JPG", faces=near)
    stacking.rebuild(library)

    named = naming.name(library, f"f{original[1]}", "Ben")

    assert people_of(library, cut) == [named.person, None]


def test_a_copy_that_looks_so_gets_the_name_too(library, add):
    _, original = add("IMG_1.JPG", look(1), faces=[(LEFT, vector(1))])
    _, copy = add("IMG_1 (1).JPG", look(1, 60), faces=[(LEFT, vector(1))])
    _, other = add("IMG_1 (2).JPG", look(2), faces=[(LEFT, vector(1))])
    stacking.rebuild(library)
    anna = naming.name(library, f"f{original[0]}", "Anna").person

    assert people_of(library, [*copy, *other]) == [anna, None]


def test_a_name_that_another_program_wrote_into_the_jpeg_counts_for_the_raw_file(library, add):
    photo, jpeg = add("IMG_1.JPG", faces=[(LEFT, vector(1))])
    _, raw = add("IMG_1.CR2", faces=[(LEFT, vector(1))])
    stacking.rebuild(library)
    said = NamedRegion("Anna", Box(*LEFT).scaled(1 / 400, 1 / 300), "mwg")

    names_in.take_over(library, names_in.Told({photo: FoundNames((said,))}), "files")

    assert people_of(library, jpeg) == people_of(library, raw) != [None]


def test_two_people_in_one_place_stay_two(library, add):
    _, jpeg = add("IMG_1.JPG", faces=[(LEFT, vector(1))])
    _, raw = add("IMG_1.CR2", faces=[(LEFT, vector(2))])
    stacking.rebuild(library)
    naming.name(library, f"f{jpeg[0]}", "Anna")

    assert people_of(library, raw) == [None]


def test_photos_that_only_look_alike_carry_nothing(library, add):
    _, one = add("a.jpg", look(1), faces=[(LEFT, vector(1))])
    _, other = add("b.jpg", look(1), faces=[(LEFT, vector(1))])
    assert stacked(library) == [["a.jpg", "b.jpg"]]
    naming.name(library, f"f{one[0]}", "Anna")

    assert people_of(library, other) == [None]


def test_what_was_decided_about_a_form_stands(library, add):
    _, jpeg = add("IMG_1.JPG", faces=[(LEFT, vector(1))])
    _, raw = add("IMG_1.CR2", faces=[(LEFT, vector(1))])
    ben = naming.name(library, f"f{raw[0]}", "Ben").person
    stacking.rebuild(library)
    anna = naming.name(library, f"f{jpeg[0]}", "Anna").person

    assert people_of(library, [*jpeg, *raw]) == [anna, ben]


def test_a_form_that_a_later_scan_brings_gets_the_names_once(library, add):
    _, jpeg = add("IMG_1.JPG", faces=[(LEFT, vector(1))])
    anna = naming.name(library, f"f{jpeg[0]}", "Anna").person
    with library.write() as tx:
        run = journal.start_run(tx, "scan", {})
    _, raw = add("IMG_1.CR2", faces=[(LEFT, vector(1))], run=run)
    stacking.rebuild(library)

    assert stacking.carry_names_to_new(library, run).faces == set(raw)
    assert people_of(library, raw) == [anna]
    undo(library)
    assert people_of(library, [*jpeg, *raw]) == [anna, None]
    assert not stacking.carry_names_to_new(library, run).faces, "it does not come back"
    assert not stacking.carry_names_to_new(library, EntryId(run + 1)).faces
