"""What the names of files say of the shot that they are of."""

import pytest

from photoclust.core.shot_names import ShotName, shot_name


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("IMG_1234_edited.jpg", "IMG_1234.jpg"),
        ("IMG_1234-edited.jpg", "IMG_1234.jpg"),
        ("IMG_1234-bearbeitet.jpg", "IMG_1234.HEIC"),
        ("IMG_1234-modifie\u0301.jpg", "IMG_1234.jpg"),
        ("IMG_1234-編集済み.jpg", "IMG_1234.jpg"),
        ("IMG_E1234.JPG", "IMG_1234.HEIC"),
        ("DSC_0007-Edit.tif", "DSC_0007.NEF"),
        ("DSC_0007-Edit-2.tif", "DSC_0007.NEF"),
        ("DSC_0007-Bearbeitet.tif", "DSC_0007.NEF"),
        ("DSC_0007_v1.JPG", "DSC_0007.JPG"),
        ("20190704_121530~2.jpg", "20190704_121530.jpg"),
    ],
)
def test_edited_versions_go_with_their_original(name, original):
    said = shot_name(name)

    assert said == ShotName(shot_name(original).stem, edited=True)
    assert not shot_name(original).edited


@pytest.mark.parametrize(
    "name", ["IMG_1234 (1).jpg", "IMG_1234(1).jpg", "IMG_1234 - Copy.jpg", "IMG_1234 – Kopie.jpg"]
)
def test_copies_are_told(name):
    assert shot_name(name) == ShotName("img_1234", copied=True)


def test_a_copy_may_be_edited():
    assert shot_name("IMG_1234-edited(1).jpg") == ShotName("img_1234", edited=True, copied=True)


def test_the_forms_of_one_shot_of_googles_camera():
    forms = (
        "PXL_20230704_121530123.RAW-01.COVER.jpg",
        "PXL_20230704_121530123.RAW-02.ORIGINAL.dng",
    )

    assert len({shot_name(form).stem for form in forms}) == 1


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1234.jpg",
        "credited.jpg",
        "edited.jpg",
        "-edited.jpg",
        "IMG_1234_b.jpg",
        "(1).jpg",
        "IMG_EAST.jpg",
        "Anna, 1990 (Berlin).jpg",
        "holiday_v1_b.jpg",
        "caf\udce9.jpg",
    ],
)
def test_other_names_are_what_they_are(name):
    said = shot_name(name)

    assert (said.edited, said.copied) == (False, False)
    assert said.stem == name.rpartition(".")[0].casefold()
