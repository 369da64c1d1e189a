"""The faces of a run in its folder: as they were, or a plain refusal."""

import errno
import os
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest

from photoclust.core.errors import InternalError, UserError
from photoclust.training.faces import CROPS_FILE, FACES_FILE, CropFile, RunFaces


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize(
    "given", [{}, {"side": 8}, {"side": 8, "current": np.ones((3, 5), np.float32)}]
)
def test_faces_come_back_as_they_were(tmp_path, make_run_faces, given):
    faces = make_run_faces(side=given.get("side"))
    if "current" in given:
        faces = replace(faces, current=np.resize(given["current"], (len(faces.vectors), 5)))
    faces.save(tmp_path)
    found = RunFaces.load(tmp_path)
    for field in fields(faces):
        one, other = (getattr(each, field.name) for each in (faces, found))
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other, strict=True)
    assert (found.in_use is found.vectors) == ("current" not in given)
    if found.crops is not None:  # more of them than fit into memory are no trouble
        assert isinstance(found.crops, np.memmap)
        assert not found.crops.flags.writeable


def test_people_who_are_trained_are_numbered_without_a_gap(make_run_faces):
    faces = make_run_faces(people=4)
    faces = replace(faces, person=np.array([40, 3, 3, 11])[np.maximum(faces.person % 4, 0)])
    expected = [{3: 0, 11: 1, 40: 2}[who] for who in faces.person[faces.train].tolist()]
    assert faces.labels.tolist() == expected
    assert faces.labels.dtype == np.int64


def test_a_run_is_not_written_over(tmp_path, make_run_faces):
    make_run_faces().save(tmp_path)
    before = (tmp_path / FACES_FILE).read_bytes()
    with pytest.raises(FileExistsError):
        make_run_faces(seed=1).save(tmp_path)
    assert (tmp_path / FACES_FILE).read_bytes() == before


@pytest.mark.parametrize("name", ["person", "occasion", "duplicates", "crops"])
def test_columns_that_do_not_belong_together_are_a_bug(make_run_faces, name):
    faces = make_run_faces(side=8)
    with pytest.raises(InternalError):
        replace(faces, **{name: getattr(faces, name)[1:]})


def cut(path):
    path.write_bytes(path.read_bytes()[:-200])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)


def other_arrays(path):
    np.savez(path.with_suffix(""), vectors=np.zeros((2, 3)))


def shorter(path):
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    np.savez(path.with_suffix(""), **(arrays | {"person": arrays["person"][1:]}))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (FACES_FILE, cut),
        (FACES_FILE, flip),
        (FACES_FILE, lambda path: path.write_bytes(b"")),
        (FACES_FILE, lambda path: path.write_bytes(b"no archive")),
        (FACES_FILE, lambda path: path.unlink()),
        (FACES_FILE, other_arrays),
        (FACES_FILE, shorter),
        (CROPS_FILE, cut),
        (CROPS_FILE, lambda path: path.write_bytes(b"")),
    ],
)
def test_damaged_faces_are_told(tmp_path, make_run_faces, name, damage):
    make_run_faces(side=8).save(tmp_path)
    damage(tmp_path / name)
    with pytest.raises(UserError, match=rf"the faces of the run {tmp_path.name} cannot be read"):
        RunFaces.load(tmp_path)


def test_nothing_in_a_run_is_unpickled(tmp_path, make_run_faces):
    faces = make_run_faces(side=8)
    faces.save(tmp_path)
    made = tmp_path / "made"
    pickle.loads(pickle.dumps(Trap(made)))
    made.rmdir()
    trap = np.array([Trap(made)], object)
    with (tmp_path / CROPS_FILE).open("wb") as file:
        np.save(file, trap, allow_pickle=True)
    with pytest.raises(UserError, match="cannot be read"):
        RunFaces.load(tmp_path)
    (tmp_path / CROPS_FILE).unlink()
    with (tmp_path / FACES_FILE).open("wb") as file:
        np.savez(file, vectors=trap)
    with pytest.raises(UserError, match="cannot be read"):
        RunFaces.load(tmp_path)
    assert not made.exists()


def test_crops_written_in_any_order_are_those_of_the_run(tmp_path, make_run_faces):
    faces = make_run_faces(side=8)
    replace(faces, crops=None).save(tmp_path)
    order = np.random.default_rng(0).permutation(len(faces.vectors))
    with CropFile(tmp_path, len(order), 8) as file:
        file.write([], np.empty((0, 8, 8, 3), np.uint8))
        for rows in np.array_split(order[:-1], 5):
            file.write(rows.tolist(), faces.crops[rows])
    expected = faces.crops.copy()
    expected[order[-1]] = 0
    np.testing.assert_array_equal(RunFaces.load(tmp_path).crops, expected)
    if os.name == "posix":
        assert (tmp_path / CROPS_FILE).stat().st_mode & 0o077 == 0


def test_crops_of_another_side_are_refused(tmp_path):
    with CropFile(tmp_path, 3, 8) as file, pytest.raises(InternalError, match="crops"):
        file.write([0], np.zeros((1, 9, 9, 3), np.uint8))


def test_crops_on_a_full_disk_are_one_sentence(tmp_path):
    class Full:
        def seek(self, _):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = CropFile(tmp_path, 4, 8)
    with file:
        pass
    file._file = Full()
    with pytest.raises(UserError, match=r"No space left on device.*make room"):
        file.write(range(4), np.zeros((4, 8, 8, 3), np.uint8))
